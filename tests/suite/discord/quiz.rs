//! The daily quiz as members see it: answers, results, boards, practice.

use footnote::id::{ChannelId, GuildId};
use footnote::quiz::question::Question;
use footnote::quiz::schedule::{Days, Feedback, Planned, Schedule};
use footnote::store::Store;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor as _};

use super::asking::title;
use super::process::{Bot, Place, setup};
use crate::double::Double;
use crate::double::actor::Actor;
use crate::double::reply::Shown;
use crate::double::setup::{ADMIN, ALICE, BOB, ELSEWHERE, GUILD, OUTSIDER, QUIZ};
use crate::double::world::World;

/// Two questions, far apart enough to be told from each other.
const BROKER: &str = "---\nkind: service\nname: Acme Broker\n---\n# Acme Broker\n\n\
    ## Encryption in transit\n\n- Clients speak TLS.[^guide]\n\n## Quiz\n\n\
    ### Where do the keys of the broker come from?\n\n\
    - [ ] From the sender\n- [x] From the vault\n- [ ] From the network\n\n\
    The broker takes its keys from the vault.[^guide]\n\n\
    ### Which protocol do clients of the broker speak?\n\n\
    - [x] TLS 1.3\n- [ ] TLS 1.0\n- [ ] SSH 2.0\n\n\
    Clients speak TLS 1.3.[^guide]\n\n\
    [^guide]: Broker guide, Keys\n";

/// A bot with a round in its channel.
struct Quiz {
    double: Double,
    place: Place,
    bot: Bot,
    round: Shown,
}

/// The day of the round that is open in these tests.
fn today() -> Date {
    due().to_zoned(TimeZone::UTC).date()
}

fn due() -> Timestamp {
    Timestamp::now() - SignedDuration::from_secs(60)
}

impl Quiz {
    /// Starts with a round that is due, and waits until it is in its channel.
    async fn open(feedback: Feedback) -> Self {
        let double = Double::start(setup()).await;
        let place = Place::bundled();
        let due = due();
        let schedule = Schedule {
            guild: GuildId(GUILD),
            channel: ChannelId(QUIZ),
            time: due.to_zoned(TimeZone::UTC).time(),
            zone: "UTC".into(),
            days: Days::ALL,
            reveal_after: 480,
            feedback,
            pauses: Vec::new(),
            set_by: None,
        };
        let planned = Planned {
            date: today(),
            due,
            paused: false,
        };
        let url = format!("sqlite:{}", place.path("footnote.db").display());
        let store = Store::open(&url).await.unwrap();
        let later = due + SignedDuration::from_hours(200);
        store
            .save_schedule(&schedule, &[planned], today() + 8.days(), later, due)
            .await
            .unwrap();
        store.close().await;
        let bot = place.start(&double).await;
        let round = double.until("the round", round_in_channel).await;
        let round = double.message(round);
        let quiz = Self {
            double,
            place,
            bot,
            round,
        };
        // The message is there before it is recorded.
        quiz.bot.logged("a round is posted").await;
        quiz
    }

    fn member(&self, user: u64) -> Actor {
        self.double.as_user(user).in_channel(QUIZ)
    }

    /// Changes the database behind the back of the bot.
    async fn change(&self, statement: &str) {
        let mut database = self.place.database().await;
        database
            .execute(AssertSqlSafe(statement.to_owned()))
            .await
            .unwrap();
    }

    /// Person and option of each stored answer.
    async fn attempts(&self) -> Vec<(i64, i64)> {
        let mut database = self.place.database().await;
        sqlx::query_as("SELECT user_id, choice FROM attempt ORDER BY user_id")
            .fetch_all(&mut database)
            .await
            .unwrap()
    }

    /// What the round asks, as shown.
    async fn question(&self) -> Question {
        let mut database = self.place.database().await;
        let json: String =
            sqlx::query_scalar("SELECT question FROM round WHERE claims > 0 ORDER BY date DESC")
                .fetch_one(&mut database)
                .await
                .unwrap();
        serde_json::from_str(&json).unwrap()
    }

    /// Ends the time for answers; the bot shows the results when it is started again.
    async fn end_answers(&self) {
        let past = Timestamp::now().as_millisecond() - 1_000;
        let statement =
            format!("UPDATE round SET close_at = {past}, wake_at = {past} WHERE state = 'posted'");
        self.change(&statement).await;
    }

    /// Starts the bot again after a crash and waits for the results.
    async fn results(mut self) -> Self {
        self.end_answers().await;
        self.bot = self.place.restart(&self.double, self.bot).await;
        self.round = self.round.edited().await;
        self
    }

    /// Inserts a round of some days ago whose results are out, with answers: who
    /// was right, or not.
    async fn played(&self, days_ago: i64, answers: &[(u64, bool)]) {
        let question = self.question().await;
        let date = today() - days_ago.days();
        let at = Timestamp::now().as_millisecond() - days_ago * 86_400_000;
        let json = serde_json::to_string(&question)
            .unwrap()
            .replace('\'', "''");
        self.change(&format!(
            "INSERT INTO round (guild_id, date, channel_id, due_at, state, open_minutes, feedback, question, options,
                                claims, close_at, message_id, posted_at)
             VALUES ({GUILD}, '{date}', {QUIZ}, {at}, 'revealed', 480, 'at_reveal', '{json}', {}, 1, {at}, {at}, {at})",
            question.options.len()
        ))
        .await;
        for (user, is_right) in answers {
            let wrong = usize::from(question.key == 0);
            let choice = if *is_right { question.key } else { wrong };
            self.change(&format!(
                "INSERT INTO attempt (guild_id, date, user_id, choice, at_ms)
                 VALUES ({GUILD}, '{date}', {user}, {choice}, {at})"
            ))
            .await;
        }
    }
}

/// The message of the round, once it is there.
fn round_in_channel(world: &mut World) -> Option<u64> {
    let all = world.messages.iter();
    let mut rounds = all.filter(|(_, message)| {
        message.channel == QUIZ && message.json["embeds"][0]["title"] == "Question of the day"
    });
    rounds.next().map(|(id, _)| *id)
}

fn letter(option: usize) -> String {
    Question::letter(option).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_answer_of_each_person_counts_until_the_results() {
    let quiz = Quiz::open(Feedback::AtReveal).await;
    let (alice, bob) = (quiz.member(ALICE), quiz.member(BOB));
    let key = quiz.question().await.key;
    let labels = quiz.round.labels().join("");
    assert!(
        "ABCDE".starts_with(&labels) && labels.len() >= 2,
        "{labels}"
    );

    let told = alice.click(&quiz.round, &letter(key)).shown().await;
    assert!(told.is_ephemeral());
    let text = told.text();
    assert!(
        text.contains(&format!("Locked in: **{}** ", letter(key))),
        "{text}"
    );
    assert!(text.contains("Results <t:"), "{text}");
    let wrong = usize::from(key == 0);
    let told = alice
        .click(&quiz.round, &letter(wrong))
        .shown()
        .await
        .text();
    let kept = format!(
        "You had answered **{}** already; the first answer counts.",
        letter(key)
    );
    assert!(told.contains(&kept), "{told}");
    bob.click(&quiz.round, &letter(wrong)).shown().await;
    assert_eq!(quiz.round.now().edits, 0, "nobody sees who answers");

    // A crash forgets nothing.
    let bot = quiz.place.restart(&quiz.double, quiz.bot).await;
    let quiz = Quiz { bot, ..quiz };
    let told = alice
        .click(&quiz.round, &letter(wrong))
        .shown()
        .await
        .text();
    assert!(told.contains(&kept), "{told}");
    let stored = [(ALICE, key), (BOB, wrong)];
    let stored = stored.map(|(user, choice)| (user.cast_signed(), i64::try_from(choice).unwrap()));
    assert_eq!(quiz.attempts().await, stored);

    quiz.end_answers().await;
    let late = quiz.member(ADMIN).click(&quiz.round, "A").shown().await;
    assert_eq!(title(&late), "Closed");
    assert!(late.text().contains("/quiz practice"), "{}", late.text());
    let quiz = quiz.results().await;
    let text = quiz.round.text();
    assert_eq!(title(&quiz.round), "Question of the day: results");
    assert!(text.contains(&format!("✅ **{}** ", letter(key))), "{text}");
    assert!(
        text.contains(&format!("1 of 2 had it right: <@{ALICE}>")),
        "{text}"
    );
    assert_eq!(
        quiz.round.json["mentions"],
        json!([]),
        "by name, without a ping"
    );
    assert_eq!(quiz.round.labels(), ["Flag this question"]);
    assert_eq!(quiz.attempts().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_database_nothing_is_called_saved() {
    let quiz = Quiz::open(Feedback::AtReveal).await;
    let alice = quiz.member(ALICE);
    let mut other = quiz.place.database().await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let click = alice.click(&quiz.round, "B");
    let told = click.shown().await;
    assert!(told.is_ephemeral());
    assert!(
        told.text()
            .contains("Your answer was **not** saved. Please press again."),
        "{}",
        told.text()
    );
    other.execute("ROLLBACK").await.unwrap();
    let told = alice.click(&quiz.round, "B").shown().await;
    let confirmed = ["Locked in", "Already answered"];
    assert!(confirmed.contains(&title(&told)), "{}", told.text());
    assert_eq!(quiz.attempts().await, [(ALICE.cast_signed(), 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn feedback_may_come_at_once() {
    let quiz = Quiz::open(Feedback::Immediate).await;
    let key = quiz.question().await.key;
    let right = quiz
        .member(ALICE)
        .click(&quiz.round, &letter(key))
        .shown()
        .await
        .text();
    assert!(
        right.contains("**Right.**") && right.contains("-# [1] "),
        "{right}"
    );
    let wrong = letter(usize::from(key == 0));
    let wrong = quiz
        .member(BOB)
        .click(&quiz.round, &wrong)
        .shown()
        .await
        .text();
    let told = format!("**Not this one.** Right is **{}** ", letter(key));
    assert!(
        wrong.contains(&told) && wrong.contains("-# [1] "),
        "{wrong}"
    );
    let again = quiz
        .member(BOB)
        .click(&quiz.round, &letter(key))
        .shown()
        .await
        .text();
    assert!(again.contains("the first answer counts"), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_answers_write_nothing() {
    let quiz = Quiz::open(Feedback::AtReveal).await;
    let alice = quiz.member(ALICE);
    let day = today();
    let before = today() - 1.days();
    let asked = alice
        .slash("ask", &json!({"question": "sqs", "share": true}))
        .shown()
        .await;
    let own = |option: usize| format!("v1:a:{GUILD}:{day}:{option}");
    for id in [
        format!("v1:a:{ELSEWHERE}:{day}:0"),
        format!("v1:a:{GUILD}:{before}:0"),
        own(9),
        format!("v1:a:{GUILD}:{day}:-1"),
        format!("v1:f:{GUILD}:{day}"),
        "v1:t:0123456789abcdef:1795000000:0".to_owned(),
    ] {
        let told = alice.click_forged(&quiz.round, &id).shown().await;
        assert_eq!(title(&told), "This button no longer works", "{id}");
    }
    let told = alice.click_forged(&asked, &own(0)).shown().await;
    assert_eq!(title(&told), "This button no longer works");
    let said = quiz.double.as_user(OUTSIDER).user_install_elsewhere();
    let elsewhere = said.slash("ask", &json!({"question": "sqs"})).shown().await;
    let told = said.click_forged(&elsewhere, &own(0)).shown().await;
    assert_eq!(title(&told), "This button no longer works");
    assert_eq!(quiz.attempts().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_proves_that_a_round_is_posted() {
    let quiz = Quiz::open(Feedback::AtReveal).await;
    let later = Timestamp::now().as_millisecond() + 3_600_000;
    quiz.change(&format!(
        "UPDATE round SET state = 'held', message_id = NULL, posted_at = NULL, wake_at = {later}
         WHERE state = 'posted'"
    ))
    .await;
    let told = quiz.member(ALICE).click(&quiz.round, "A").shown().await;
    assert_eq!(title(&told), "Locked in", "{}", told.text());
    let mut database = quiz.place.database().await;
    let state: (String, i64) =
        sqlx::query_as("SELECT state, message_id FROM round WHERE claims > 0")
            .fetch_one(&mut database)
            .await
            .unwrap();
    assert_eq!(state, ("posted".to_owned(), quiz.round.id.cast_signed()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_two_people_flag_is_set_aside() {
    let quiz = Quiz::open(Feedback::AtReveal).await.results().await;
    let aside = async || {
        let mut database = quiz.place.database().await;
        let aside: Vec<String> =
            sqlx::query_scalar("SELECT question FROM aside WHERE checked_ms IS NULL")
                .fetch_all(&mut database)
                .await
                .unwrap();
        aside
    };
    let flag = async |user| {
        let told = quiz.member(user).click(&quiz.round, "Flag this question");
        let told = told.shown().await;
        assert!(told.is_ephemeral());
        told.text()
    };
    assert!(flag(ALICE).await.contains("It is noted."));
    assert!(flag(ALICE).await.contains("already"));
    assert_eq!(aside().await, [""; 0]);
    assert!(flag(BOB).await.contains("It is noted."));
    let id = quiz.question().await.id;
    assert_eq!(aside().await, [id.as_str()]);

    // An admin finds nothing wrong; what was said before is no reason any more.
    let options = json!({ "question": id });
    let restored = quiz.member(ADMIN).slash("quiz-admin restore", &options);
    let restored = restored.shown().await.text();
    assert!(restored.contains("Brought back"), "{restored}");
    assert!(flag(ADMIN).await.contains("It is noted."));
    assert_eq!(aside().await, [""; 0]);
    // One more is.
    let later = Timestamp::now().as_millisecond() + 1_000;
    quiz.change(&format!(
        "UPDATE flag SET at_ms = {later} WHERE user_id = {ALICE}"
    ))
    .await;
    quiz.change(&format!("DELETE FROM flag WHERE user_id = {ADMIN}"))
        .await;
    assert!(flag(ADMIN).await.contains("It is noted."));
    assert_eq!(aside().await, [id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn boards_count_results_share_ranks_and_leave_out_who_hides() {
    let quiz = Quiz::open(Feedback::AtReveal).await;
    quiz.played(1, &[(ALICE, true), (BOB, true), (ADMIN, false)])
        .await;
    let board = async |user, options: Value| {
        let sent = quiz.member(user).slash("quiz leaderboard", &options);
        let shown = sent.shown().await;
        assert!(shown.is_ephemeral());
        shown
    };
    // The third choice: all time.
    let all = || json!({"period": 2});
    // The open round would tell who is right.
    let key = letter(quiz.question().await.key);
    quiz.member(ADMIN).click(&quiz.round, &key).shown().await;
    let shown = board(ALICE, all()).await;
    let text = shown.text();
    let places = [(1, ALICE, 1), (1, BOB, 1), (3, ADMIN, 0)];
    for (rank, user, right) in places {
        let row = format!("**{rank}** <@{user}> · {right} right");
        assert!(text.contains(&row), "{text}");
    }
    let shared = quiz.member(ALICE).click(&shown, "Share").followup(0).await;
    assert!(!shared.is_ephemeral());
    assert!(shared.text().contains(&format!("Shared by <@{ALICE}>")));
    assert!(shared.text().contains(&format!("**1** <@{BOB}> · 1 right")));

    let stats = async |user, options: Value| {
        quiz.member(user)
            .slash("quiz stats", &options)
            .shown()
            .await
            .text()
    };
    let of_bob = || json!({"member": BOB.to_string()});
    assert!(stats(BOB, json!({})).await.contains("• Right: 1"));
    assert!(stats(ALICE, of_bob()).await.contains("• Answered: 1"));
    quiz.member(BOB)
        .slash("privacy hide", &json!({}))
        .shown()
        .await;
    let text = board(ALICE, all()).await.text();
    assert!(!text.contains(&BOB.to_string()), "{text}");
    assert!(text.contains(&format!("**2** <@{ADMIN}>")), "{text}");
    assert!(board(BOB, all()).await.text().contains("You are hidden"));
    assert!(
        stats(ALICE, of_bob())
            .await
            .contains("There is nothing to show of")
    );
    assert!(stats(BOB, json!({})).await.contains("• Right: 1"));

    let dm = quiz.double.as_user(ALICE).in_dm();
    let there = dm.slash("quiz leaderboard", &json!({})).shown().await;
    assert_eq!(title(&there), "On a server");
}

#[tokio::test(flavor = "multi_thread")]
async fn practice_goes_on_until_it_is_done_for_today() {
    let double = Double::start(setup()).await;
    let place = Place::with_notes(&[("broker.md", BROKER)]);
    let bot = place.start(&double).await;
    let alice = double.as_user(ALICE).in_dm();
    let first = alice.slash("quiz practice", &json!({})).shown().await;
    assert!(first.text().contains("New to you."), "{}", first.text());

    // Wrong, and pressed twice.
    let wrong = first.labels().into_iter().find(|letter| {
        let line = first.text();
        let line = line
            .lines()
            .find(|line| line.starts_with(&format!("**{letter}** ")));
        line.is_some_and(|line| !line.contains("vault") && !line.contains("TLS 1.3"))
    });
    let wrong = wrong.unwrap().to_owned();
    let (click, again) = (alice.click(&first, &wrong), alice.click(&first, &wrong));
    again.callback().await;
    let answered = click.shown().await;
    assert_eq!(answered.id, first.id, "it changes in place");
    let mut database = place.database().await;
    let reviews: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM review")
        .fetch_one(&mut database)
        .await
        .unwrap();
    assert_eq!(reviews, 1);
    let text = answered.text();
    assert!(text.contains("**Not this one.** Right is **"), "{text}");
    assert!(text.contains("-# [1] broker.md:"), "{text}");

    // A crash in between is no end.
    let bot = place.restart(&double, bot).await;
    let second = alice.click(&answered, "Next").shown().await;
    let stem = |shown: &Shown| {
        shown
            .text()
            .lines()
            .find(|line| line.ends_with("?**"))
            .map(str::to_owned)
    };
    assert_ne!(stem(&second), stem(&first));
    let right = second.labels().into_iter().find(|letter| {
        let text = second.text();
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("**{letter}** ")));
        line.is_some_and(|line| line.contains("vault") || line.contains("TLS 1.3"))
    });
    let right = right.unwrap().to_owned();
    let answered = alice.click(&second, &right).shown().await;
    assert!(
        answered.text().contains("**Right.**"),
        "{}",
        answered.text()
    );
    let done = alice.click(&answered, "Next").shown().await;
    assert!(done.text().contains("Done for today."), "{}", done.text());
    assert!(done.text().contains("<t:"), "{}", done.text());

    // For another person everything is new; a question that changes meanwhile says so.
    let bob = double.as_user(BOB).in_dm();
    let asked = bob.slash("quiz practice", &json!({})).shown().await;
    place.write_note(
        "broker.md",
        &BROKER
            .replace("The broker takes", "It takes")
            .replace("Clients speak TLS 1.3", "They speak TLS 1.3"),
    );
    let admin = double.as_user(ADMIN);
    admin.slash("notes reload", &json!({})).shown().await;
    let told = bob.click(&asked, "A").shown().await;
    assert!(
        told.text().contains("The notes have changed since"),
        "{}",
        told.text()
    );
    let fresh = bob.click(&told, "Next").shown().await;
    assert!(fresh.text().contains("New to you."), "{}", fresh.text());
    drop(bot);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_see_take_and_delete_their_answers() {
    let quiz = Quiz::open(Feedback::AtReveal).await;
    let alice = quiz.member(ALICE);
    alice.click(&quiz.round, "A").shown().await;
    quiz.member(BOB).click(&quiz.round, "B").shown().await;
    let practice = alice.slash("quiz practice", &json!({})).shown().await;
    alice.click(&practice, "A").shown().await;
    let quiz = quiz.results().await;
    alice.click(&quiz.round, "Flag this question").shown().await;

    let shown = alice.slash("privacy show", &json!({})).shown().await.text();
    assert!(
        shown.contains("• Answers in the daily quiz: 1, in practice: 1"),
        "{shown}"
    );
    assert!(
        shown.contains("• Quiz questions that you flagged: 1"),
        "{shown}"
    );
    let export = alice.slash("privacy export", &json!({})).shown().await;
    let export: Value = serde_json::from_slice(&export.file("footnote-my-data.json")).unwrap();
    assert_eq!(export["attempts"][0]["choice"], "A", "{export}");
    assert_eq!(export["practice"].as_array().unwrap().len(), 1);
    assert_eq!(export["flags"].as_array().unwrap().len(), 1);

    alice.slash("privacy delete", &json!({})).shown().await;
    assert_eq!(quiz.attempts().await, [(BOB.cast_signed(), 1)]);
    let gone = alice.slash("privacy show", &json!({})).shown().await.text();
    assert!(gone.contains("Nothing is stored about you"), "{gone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_that_kept_a_streak_is_told_with_the_next_answer() {
    let quiz = Quiz::open(Feedback::AtReveal).await;
    for days_ago in (2..=8).rev() {
        quiz.played(days_ago, &[(ALICE, true), (BOB, true)]).await;
    }
    quiz.played(1, &[(BOB, true)]).await;
    let told = quiz
        .member(ALICE)
        .click(&quiz.round, "A")
        .shown()
        .await
        .text();
    assert!(told.contains("A freeze kept your streak of 8."), "{told}");
    let told = quiz
        .member(BOB)
        .click(&quiz.round, "A")
        .shown()
        .await
        .text();
    assert!(!told.contains("freeze"), "{told}");
}
