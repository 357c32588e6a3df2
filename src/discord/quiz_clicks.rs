//! Buttons of the quiz: answers to a round, flags, practice, shared boards.

use serenity::all::Message;
use tracing::error;

use crate::quiz::round::RoundId;
use crate::quiz::standing::Period;
use crate::render::quiz::boards::board;
use crate::render::quiz::practice::{changed, practice, tried};
use crate::render::quiz::round::{closed, flagged, locked, not_saved};
use crate::render::reply::{Exercise, Reply};

use super::bot::{Bot, Callback};
use super::clicks::{is_private, place_of};
use super::error::Failure;
use super::reply::message;
use super::turn::Turn;

impl Bot {
    /// Whether somebody may answer a round now. A flood is told once.
    pub(super) async fn may_attempt(&self, turn: &Turn<'_>) -> Result<bool, Failure> {
        match self.app.limits.attempt(turn.user) {
            Ok(()) => Ok(true),
            Err(refused) if refused.first => Err(Failure::Refused(refused)),
            Err(_) => self.acknowledge_only(turn).await.map(|_| false),
        }
    }

    /// Somebody answered a round.
    pub(super) async fn attempt(
        &self,
        turn: &Turn<'_>,
        on: &Message,
        round: RoundId,
        option: usize,
    ) -> Result<(), Failure> {
        if turn.guild != Some(round.guild) || is_private(on) {
            return Err(Failure::Stale);
        }
        let attempted = self
            .app
            .attempt(round, turn.user, option, place_of(on))
            .await;
        let reply = match attempted {
            Ok(Some(counted)) => locked(&counted, self.app.link_base()),
            Ok(None) => closed(),
            Err(error) => {
                error!(
                    round.id = %round,
                    error = &error as &dyn std::error::Error,
                    "an answer may not be stored"
                );
                not_saved()
            }
        };
        self.tell(turn, &reply).await
    }

    /// Somebody says that a question is wrong.
    pub(super) async fn flag(
        &self,
        turn: &Turn<'_>,
        on: &Message,
        round: RoundId,
    ) -> Result<(), Failure> {
        if turn.guild != Some(round.guild) || is_private(on) {
            return Err(Failure::Stale);
        }
        let is_new = self.app.flag(round, turn.user, place_of(on)).await?;
        let reply = flagged(is_new.ok_or(Failure::Stale)?);
        self.tell(turn, &reply).await
    }

    /// Shows a leaderboard to everybody.
    pub(super) async fn share_board(
        &self,
        turn: &Turn<'_>,
        on: &Message,
        period: Period,
    ) -> Result<(), Failure> {
        let guild = turn.guild.ok_or(Failure::Stale)?;
        let standings = self.app.leaderboard(guild, period, turn.user).await?;
        let (shared, kept) = (board(&standings, false), board(&standings, true));
        self.share_once(turn, on, shared, kept).await
    }

    /// Shows the next question to practise.
    pub(super) async fn practise(&self, turn: &Turn<'_>, kind: Callback) -> Result<(), Failure> {
        let next = self.app.practise(turn.user, turn.guild).await?;
        self.show_privately(turn, kind, &practice(&next)).await
    }

    /// Somebody answered a question of practice.
    pub(super) async fn try_exercise(
        &self,
        turn: &Turn<'_>,
        exercise: &Exercise,
        option: usize,
    ) -> Result<(), Failure> {
        let answered = self.app.try_exercise(turn.user, exercise, option).await?;
        let reply =
            answered.map_or_else(changed, |answered| tried(&answered, self.app.link_base()));
        self.show_privately(turn, Callback::Update, &reply).await
    }

    /// A new message is private; one that changes stays as private as it is.
    async fn show_privately(
        &self,
        turn: &Turn<'_>,
        kind: Callback,
        reply: &Reply,
    ) -> Result<(), Failure> {
        let payload = message(reply, kind == Callback::Message);
        self.respond(turn, kind, &payload).await
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use jiff::civil::date;
    use jiff::{SignedDuration, Timestamp};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::components::decode;
    use super::super::markup::length;
    use super::super::reply::message;
    use crate::id::{ChannelId, GuildId, MessageId, UserId};
    use crate::quiz::question::{Footnote, Origin, Place, Question};
    use crate::quiz::round::{Attempt, Played, Round, RoundId, State};
    use crate::quiz::schedule::Feedback;
    use crate::quiz::standing::{Period, Row};
    use crate::quiz::streak::Streak;
    use crate::render::quiz::boards::{self, Board, Control, Stats};
    use crate::render::quiz::practice::{Practice, Tried, practice, tried};
    use crate::render::quiz::results::Results;
    use crate::render::quiz::round::{Locked, closed, locked, not_saved};
    use crate::render::quiz::{results, round};
    use crate::render::reply::{Exercise, Reply};

    const BASE: &str = "https://notes.example/main/notes";

    fn question() -> Question {
        Question {
            id: "services/sqs.md#how-are-messages-protected-on-the-wire".into(),
            hash: "0123456789abcdef".into(),
            origin: Origin::Written,
            stem: "How are messages to *Amazon SQS* protected on the wire?".into(),
            options: ["By client-side keys", "By HTTPS endpoints", "Not at all"]
                .map(str::to_owned)
                .into(),
            key: 1,
            explanation: "SQS endpoints take HTTPS; a policy can refuse plain HTTP.".into(),
            place: Place {
                path: "services/sqs.md".into(),
                line_start: 60,
                line_end: 66,
            },
            sources: vec![Footnote {
                text: "Amazon SQS Developer Guide, Encryption in transit".into(),
                url: Some("https://docs.example/sqs".into()),
            }],
            service: Some("Amazon SQS".into()),
            controls: vec!["Encryption in transit".into()],
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + seconds).unwrap()
    }

    fn open(question: &Question, feedback: Feedback) -> Round {
        Round {
            id: RoundId {
                guild: GuildId(7),
                date: date(2026, 11, 18),
            },
            channel: ChannelId(4),
            due: at(0),
            state: State::Posted,
            open_minutes: 480,
            feedback,
            question: Some(question.clone()),
            claims: 1,
            refusals: 0,
            first_try: Some(at(1)),
            close_at: Some(at(28_800)),
            message: Some(MessageId(9)),
            posted_at: Some(at(2)),
            reason: None,
        }
    }

    fn played(question: &Question, choices: &[usize]) -> Played {
        let attempts = (1..).zip(choices).map(|(user, choice)| Attempt {
            user: UserId(user),
            choice: *choice,
            at: at(60),
        });
        Played {
            round: open(question, Feedback::AtReveal),
            attempts: attempts.collect(),
        }
    }

    /// Title, text and buttons as they are sent.
    fn sent(reply: &Reply) -> String {
        let body = message(reply, false).body;
        let embed = &body["embeds"][0];
        let buttons = body["components"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|row| {
                let buttons = row["components"].as_array().unwrap().iter();
                buttons.map(|button| format!("[{}]", button["label"].as_str().unwrap()))
            });
        let buttons: Vec<String> = buttons.collect();
        format!(
            "# {}\n{}\n{}",
            embed["title"].as_str().unwrap(),
            embed["description"].as_str().unwrap(),
            buttons.join(" ")
        )
        .trim_end()
        .to_owned()
    }

    #[test]
    fn a_round_asks_and_says_when_it_ends() {
        let question = question();
        let open = open(&question, Feedback::AtReveal);
        assert_eq!(
            sent(&round(&open, &question, false)),
            "# Question of the day\n\
             **How are messages to \\*Amazon SQS\\* protected on the wire?**\n\n\
             **A** By client-side keys\n\
             **B** By HTTPS endpoints\n\
             **C** Not at all\n\n\
             Your first answer counts. Results <t:1795028800:R>\n\
             [A] [B] [C]"
        );
        assert!(sent(&round(&open, &question, true)).contains("\n\nThis one comes late. Your"));
    }

    #[test]
    fn results_tell_the_key_who_chose_what_and_who_was_right() {
        let question = question();
        let more = Results {
            hidden: HashSet::from([UserId(2)]),
            streaks: vec![(UserId(1), 12), (UserId(3), 4)],
            next: Some(at(86_400)),
        };
        assert_eq!(
            sent(&results(
                &played(&question, &[1, 1, 0, 1]),
                &more,
                Some(BASE)
            )),
            "# Question of the day: results\n\
             **How are messages to \\*Amazon SQS\\* protected on the wire?**\n\n\
             **A** By client-side keys\n\
             ▇▇▇▇ 1 (25 %)\n\
             ✅ **B** By HTTPS endpoints · **right**\n\
             ▇▇▇▇▇▇▇▇▇▇▇▇ 3 (75 %)\n\
             **C** Not at all\n\
             0 (0 %)\n\n\
             > SQS endpoints take HTTPS; a policy can refuse plain HTTP. [1]\n\n\
             3 of 4 had it right: <@1>, <@4> and 1 more\n\
             Longest streaks: <@1> 12 · <@3> 4\n\
             Next question <t:1795086400:F>\n\n\
             -# [1] [services/sqs.md:60-66](<https://notes.example/main/notes/services/sqs.md?plain=1#L60-L66>) · \
             [Amazon SQS Developer Guide, Encryption in transit](<https://docs.example/sqs>)\n\
             [Flag this question]"
        );
    }

    #[test]
    fn results_without_answers_or_without_right_ones_are_friendly() {
        let question = question();
        let none = Results::default();
        let text = |choices: &[usize]| sent(&results(&played(&question, choices), &none, None));
        let nobody = text(&[]);
        assert!(nobody.contains("\n\nNobody answered this time. The next one is a new chance.\n"));
        assert!(!nobody.contains('%'), "{nobody}");
        assert!(text(&[0, 2]).contains("Nobody of 2 had it right. Now everybody knows."));
        let many = text(&[1; 32]);
        assert!(
            many.contains("32 of 32 had it right: <@1>, <@2>, "),
            "{many}"
        );
        assert!(many.contains("<@20> and 12 more"), "{many}");
    }

    #[test]
    fn a_confirmation_names_the_answer_that_counts() {
        let question = question();
        let attempt = Attempt {
            user: UserId(1),
            choice: 0,
            at: at(60),
        };
        let told = |feedback, is_new, kept_streak| {
            let open = open(&question, feedback);
            let told = Locked {
                attempt,
                is_new,
                round: Some(open),
                kept_streak,
            };
            sent(&locked(&told, None))
        };
        assert_eq!(
            told(Feedback::AtReveal, true, Some(12)),
            "# Locked in\nLocked in: **A** By client-side keys\nResults <t:1795028800:R>\n\
             A freeze kept your streak of 12."
        );
        assert_eq!(
            told(Feedback::AtReveal, false, None),
            "# Already answered\nYou had answered **A** already; the first answer counts.\n\
             Results <t:1795028800:R>"
        );
        assert_eq!(
            told(Feedback::Immediate, true, None),
            "# Locked in\nLocked in: **A** By client-side keys\n\
             **Not this one.** Right is **B** By HTTPS endpoints\n\n\
             > SQS endpoints take HTTPS; a policy can refuse plain HTTP. [1]\n\n\
             -# [1] services/sqs.md:60-66 · [Amazon SQS Developer Guide, Encryption in transit](<https://docs.example/sqs>)"
        );
        let bare = Locked {
            attempt,
            is_new: true,
            round: None,
            kept_streak: None,
        };
        assert_eq!(sent(&locked(&bare, None)), "# Locked in\nLocked in: **A**");
        assert_eq!(
            sent(&not_saved()),
            "# Not saved\nYour answer was **not** saved. Please press again."
        );
        assert_eq!(
            sent(&closed()),
            "# Closed\nThis question is closed.\n`/quiz practice` has more."
        );
    }

    fn row(rank: usize, user: u64, right: u32, answered: u32) -> Row {
        Row {
            rank,
            user: UserId(user),
            right,
            answered,
        }
    }

    #[test]
    fn a_leaderboard_shows_ten_and_where_the_reader_stands() {
        let mut rows = vec![row(1, 1, 5, 6), row(2, 2, 3, 4), row(2, 3, 3, 4)];
        let board = |rows: &[Row], viewer, is_hidden, private| {
            let board = Board {
                period: Period::Week,
                rows: rows.to_vec(),
                viewer: UserId(viewer),
                is_hidden,
            };
            sent(&boards::board(&board, private))
        };
        let top = "# Leaderboard: this week\n\
                   **1** <@1> · 5 right of 6 (83 %)\n\
                   **2** <@2> · 3 right\n\
                   **2** <@3> · 3 right";
        assert_eq!(board(&rows, 1, false, true), format!("{top}\n[Share]"));
        assert_eq!(board(&rows, 1, false, false), top);
        assert!(board(&rows, 9, true, true).contains(
            "\n\nYou are hidden, so you are not listed. `/privacy hide hidden:False` changes that."
        ));
        assert_eq!(
            board(&[], 1, false, true),
            "# Leaderboard: this week\nNobody has answered a question this week whose results are out."
        );
        rows.extend((4..=13).map(|rank| row(rank, rank as u64, 2, 2)));
        let long = board(&rows, 12, false, true);
        assert!(long.contains("<@10>") && !long.contains("<@11>"), "{long}");
        assert!(
            long.ends_with("\n\nYou are 12th: 2 right\n[Share]"),
            "{long}"
        );
        assert!(!board(&rows, 12, false, false).contains("You are"));
    }

    #[test]
    fn people_see_more_of_themselves_than_others_do() {
        let control = |name: &str, right| Control {
            name: name.to_owned(),
            right,
            answered: 4,
        };
        let reached = Stats {
            answered: 12,
            right: 9,
            streak: Streak {
                current: 7,
                best: 8,
                right_in_a_row: 2,
                freezes: 1,
                just_frozen: false,
            },
            strongest: Some(control("Backups", 4)),
            weakest: Some(control("Access control", 1)),
        };
        let shared = "• Answered: 12\n• Right: 9 of 12 (75 %)\n• Streak: 7 in a row, at best 8\n\
                      • Right in a row: 2";
        assert_eq!(
            sent(&boards::stats(UserId(5), false, Some(&reached))),
            format!("# Quiz so far\nOf <@5>\n\n{shared}")
        );
        assert_eq!(
            sent(&boards::stats(UserId(5), true, Some(&reached))),
            format!(
                "# Quiz so far\n{shared}\n\
                 • Freezes: 1. You get one for every five answers, two at most, and a question that \
                 you miss spends one instead of your streak.\n\
                 • Strongest: Backups (4 of 4)\n• Weakest: Access control (1 of 4)"
            )
        );
        assert_eq!(
            sent(&boards::stats(UserId(5), false, None)),
            "# Quiz so far\nThere is nothing to show of <@5>."
        );
    }

    #[test]
    fn practice_asks_explains_and_ends() {
        let question = question();
        let exercise = Exercise {
            tag: "0123456789abcdef".into(),
            shown_at: 1_795_000_000,
        };
        let ask = Practice::Ask {
            question: Box::new(question.clone()),
            exercise,
            is_new: true,
        };
        assert_eq!(
            sent(&practice(&ask)),
            "# Practice\n\
             **How are messages to \\*Amazon SQS\\* protected on the wire?**\n\n\
             **A** By client-side keys\n\
             **B** By HTTPS endpoints\n\
             **C** Not at all\n\n\
             New to you. Only you see this, and it does not score.\n\
             [A] [B] [C]"
        );
        let answered = |choice| {
            let tried_now = Tried {
                question: question.clone(),
                choice,
            };
            sent(&tried(&tried_now, None))
        };
        assert!(
            answered(1).contains("\n\n**Right.**\n\n> SQS endpoints"),
            "{}",
            answered(1)
        );
        let wrong = "\n\n**Not this one.** Right is **B** By HTTPS endpoints\n\n> SQS endpoints";
        assert!(answered(0).contains(wrong), "{}", answered(0));
        assert!(answered(0).ends_with("\n[Next]"));
        assert_eq!(
            sent(&practice(&Practice::Done(Some(at(0))))),
            "# Practice\nDone for today.\nThe next question is due <t:1795000000:R>."
        );
        assert_eq!(
            sent(&practice(&Practice::Done(None))),
            "# Practice\nThe notes have no question to practise."
        );
    }

    /// What people and attackers write.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            3 => prop::sample::select(vec![
                "SSE-S3", "<@1>", "@everyone @here <@&2>", "[x](https://evil.example)", "`code` **b** _i_ ||s||", "# h\n> q\n- i",
                "\u{202e}abc\u{202c}", "\u{200b}", "👩\u{200d}👩\u{200d}👧", "\\", "",
            ]).prop_map(str::to_owned),
            2 => any::<String>(),
            1 => "[a-z. ]{500,3000}",
        ]
    }

    fn any_question() -> impl Strategy<Value = Question> {
        let sources = prop::collection::vec((text(), prop::option::of(text())), 0..9);
        (
            text(),
            prop::collection::vec(text(), 2..=5),
            text(),
            text(),
            sources,
        )
            .prop_map(|(stem, options, explanation, path, sources)| Question {
                stem,
                options,
                explanation,
                place: Place {
                    path,
                    line_start: 1,
                    line_end: u32::MAX,
                },
                sources: sources
                    .into_iter()
                    .map(|(text, url)| Footnote { text, url })
                    .collect(),
                ..question()
            })
    }

    fn check_limits(body: &Value) -> Result<(), TestCaseError> {
        let embed = &body["embeds"][0];
        let text = |name: &str| length(embed[name].as_str().unwrap_or(""));
        prop_assert!((1..=256).contains(&text("title")));
        prop_assert!((1..=4096).contains(&text("description")));
        prop_assert_eq!(&body["allowed_mentions"], &json!({ "parse": [] }));
        for button in body["components"][0]["components"].as_array().unwrap() {
            let id = button["custom_id"].as_str().unwrap();
            prop_assert!((1..=100).contains(&length(id)) && decode(id, None).is_some());
            prop_assert_eq!(&button["style"], &json!(2), "all alike");
        }
        let shown = embed["description"].as_str().unwrap();
        // Of a mention or a link, nothing but its look may come from a note.
        prop_assert!(!shown.replace("\\@", "").contains("@everyone"), "{}", shown);
        prop_assert!(!shown.replace("\\<", "").contains("<@&2>"), "{}", shown);
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn any_question_fits_and_never_shows_its_key(
            question in any_question(),
            keys in (0_usize..5, 0_usize..5),
            choices in prop::collection::vec(0_usize..5, 0..40),
            late: bool,
        ) {
            let with_key = |key: usize| Question { key: key % question.options.len(), ..question.clone() };
            let (first, second) = (with_key(keys.0), with_key(keys.1));
            let asked = |question| message(&round(&open(question, Feedback::AtReveal), question, late), false).body;
            prop_assert_eq!(asked(&first), asked(&second));
            check_limits(&asked(&first))?;
            prop_assert_eq!(asked(&first)["components"][0]["components"].as_array().unwrap().len(), question.options.len());
            let streaks = (1..4).map(|user| (UserId(u64::MAX - user), u32::MAX)).collect();
            let more = Results { hidden: HashSet::new(), streaks, next: Some(at(SignedDuration::from_hours(24).as_secs())) };
            check_limits(&message(&results(&played(&first, &choices), &more, Some(BASE)), false).body)?;
            let attempt = Attempt { user: UserId(1), choice: keys.1, at: at(0) };
            let confirmed = |question, feedback| {
                let open = open(question, feedback);
                let told = Locked { attempt, is_new: true, round: Some(open), kept_streak: Some(3) };
                message(&locked(&told, Some(BASE)), true).body
            };
            prop_assert_eq!(confirmed(&first, Feedback::AtReveal), confirmed(&second, Feedback::AtReveal));
        }
    }
}
