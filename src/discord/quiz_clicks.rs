//! Buttons of the quiz: answers to a round, flags, practice.

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
    use crate::render::quiz::results::Results;
    use crate::render::quiz::round::{Locked, closed, locked, not_saved};
    use crate::render::quiz::{results, round};
    use crate::render::reply::Reply;

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
                round: Some(&open),
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
                let told = Locked { attempt, is_new: true, round: Some(&open), kept_streak: Some(3) };
                message(&locked(&told, Some(BASE)), true).body
            };
            prop_assert_eq!(confirmed(&first, Feedback::AtReveal), confirmed(&second, Feedback::AtReveal));
        }
    }
}
