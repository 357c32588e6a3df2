//! `/quiz-admin`: setting up the quiz from Discord alone, and looking after it.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _, Zoned};
use serde_json::{Value, json};

use super::asking::title;
use super::process::{Place, setup};
use crate::double::Double;
use crate::double::reply::Shown;
use crate::double::setup::{ADMIN, ALICE, APPLICATION, FOREIGN, GUILD, QUIZ, Setup, permission};
use crate::harness::run;

const SUBCOMMANDS: [&str; 9] = [
    "setup", "status", "preview", "replace", "restore", "post", "skip", "pause", "resume",
];

/// A place where it is about noon, so that today has hours before and after now.
struct Noon {
    zone: String,
    now: Zoned,
}

impl Noon {
    fn here() -> Self {
        let utc = Timestamp::now().to_zoned(TimeZone::UTC);
        // Etc/GMT+5 is five hours behind.
        let behind = utc.hour() - 12;
        let zone = match behind {
            0 => "UTC".to_owned(),
            _ => format!("Etc/GMT{behind:+}"),
        };
        let now = utc.with_time_zone(TimeZone::get(&zone).unwrap());
        Self { zone, now }
    }

    /// The time of the day so many hours from now, as people type it.
    fn in_hours(&self, hours: i64) -> String {
        let then = self.now.clone() + hours.hours();
        then.strftime("%H:%M").to_string()
    }

    /// The options of a set-up for a question every day.
    fn daily(&self, hours: i64) -> Value {
        json!({
            "channel": QUIZ.to_string(), "time": self.in_hours(hours), "timezone": self.zone,
            "days": "daily",
        })
    }

    /// A day in words, from today.
    fn day(&self, days: i64) -> String {
        let day = self.now.date() + days.days();
        day.strftime("%A %-d %B").to_string()
    }
}

/// Links to messages are shown in the status. Looking a year of rotation ahead
/// takes its time in a build without optimisation.
fn world() -> Setup {
    let setup = setup();
    let mut link_hosts = setup.link_hosts.clone();
    link_hosts.push("discord.com".into());
    Setup {
        link_hosts,
        patience: Duration::from_secs(25),
        ..setup
    }
}

async fn command(double: &Double, name: &str, options: Value) -> Shown {
    let name = format!("quiz-admin {name}");
    let shown = double.as_user(ADMIN).slash(&name, &options).shown().await;
    assert!(shown.is_ephemeral());
    shown
}

#[track_caller]
fn says(shown: &Shown, title_is: &str, parts: &[&str]) {
    let text = shown.text();
    assert_eq!(title(shown), title_is, "{text}");
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in: {text}");
    }
}

/// Messages that the bot wrote into the channel of the quiz.
fn posted(double: &Double) -> Vec<Value> {
    let me = APPLICATION.to_string();
    double.look(|world| {
        let all = world.messages.values();
        let there =
            all.filter(|stored| stored.channel == QUIZ && stored.json["author"]["id"] == *me);
        there
            .filter(|stored| stored.json["flags"].as_u64().unwrap_or(0) & 64 == 0)
            .map(|stored| stored.json.clone())
            .collect()
    })
}

/// Waits until there is a question in the channel.
async fn question(double: &Double) -> Value {
    let there = double
        .until("a question in the channel", |world| {
            let mut all = world.messages.values();
            let found = all.find(|stored| {
                stored.channel == QUIZ && stored.json["embeds"][0]["title"] == "Question of the day"
            });
            found.map(|stored| stored.json.clone())
        })
        .await;
    assert_eq!(posted(double).len(), 1);
    there
}

/// Asks for the status until it says this.
async fn status_says(double: &Double, part: &str) -> Shown {
    let asking = async {
        loop {
            let shown = command(double, "status", json!({})).await;
            if shown.text().contains(part) {
                return shown;
            }
        }
    };
    let patience = double.look(|world| world.setup.patience);
    let found = tokio::time::timeout(patience, asking).await;
    found.unwrap_or_else(|_| panic!("the status never says {part:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_quiz_is_set_up_by_who_manages_the_server() {
    let double = Double::start(world()).await;
    let place = Place::bundled();
    let _bot = place.start(&double).await;
    // Requests that Discord's clients do not offer.
    let alice = double.as_user(ALICE);
    alice.shared.change(|world| {
        let all = world.commands.values_mut().flatten();
        for admin in all.filter(|command| command["name"] == "quiz-admin") {
            admin["contexts"] = json!([0, 1, 2]);
            admin["integration_types"] = json!([0, 1]);
        }
    });
    for subcommand in SUBCOMMANDS {
        let options = match subcommand {
            "setup" => Noon::here().daily(2),
            "restore" => json!({"question": "x"}),
            _ => json!({}),
        };
        let name = format!("quiz-admin {subcommand}");
        for actor in [
            alice.clone(),
            alice.clone().in_dm(),
            double.as_user(ADMIN).in_dm(),
            alice.clone().user_install_elsewhere(),
        ] {
            let shown = actor.slash(&name, &options).shown().await;
            assert!(shown.is_ephemeral());
            assert_eq!(title(&shown), "For server managers", "{}", shown.text());
        }
    }
    let own = command(&double, "status", json!({})).await;
    says(&own, "The daily quiz", &["no quiz on this server yet"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_used_is_explained_and_changes_nothing() {
    let double = Double::start(world()).await;
    let place = Place::bundled();
    let _bot = place.start(&double).await;
    let with = |option: &str, value: &str| {
        let mut options = json!({
            "channel": QUIZ.to_string(), "time": "9am", "timezone": "Europe/Berlin",
        });
        options[option] = json!(value);
        command(&double, "setup", options)
    };
    for (option, value, part) in [
        ("timezone", "Europe/Berln", "`Europe/Berlin`"),
        ("timezone", "zzzzqqqq", "named after a city"),
        ("time", "25:00", "09:30"),
        ("days", "someday", "mon-fri"),
        ("reveal_after", "soon", "8h"),
        ("reveal_after", "72h", "23 hours"),
    ] {
        let shown = with(option, value).await;
        says(&shown, "Nothing was changed", &[part]);
    }
    let foreign = with("channel", &FOREIGN.to_string()).await;
    says(
        &foreign,
        "Nothing was changed",
        &["no channel of this server"],
    );
    for (denied, parts) in [
        (
            permission::EMBED_LINKS | permission::READ_MESSAGE_HISTORY,
            "**Embed Links, Read Message History**. Allow it to the role Footnote in Edit Channel",
        ),
        (permission::VIEW_CHANNEL, "**View Channels**"),
        (permission::SEND_MESSAGES, "**Send Messages**"),
    ] {
        double.change_setup(|setup| setup.guilds[0].channels[1].denied_to_bot = denied);
        let shown = with("time", "9am").await;
        says(
            &shown,
            "Nothing was changed",
            &[parts, "<#", "run the command again"],
        );
    }
    double.change_setup(|setup| setup.guilds[0].channels[1].denied_to_bot = 0);
    double.fail("GET channels/*", 9, crate::double::faults::Fault::Html(502));
    let unknown = with("time", "9am").await;
    says(
        &unknown,
        "Nothing was changed",
        &["Please try again in a minute"],
    );
    double.mend();
    for subcommand in [
        "status", "preview", "replace", "post", "skip", "pause", "resume",
    ] {
        let shown = command(&double, subcommand, json!({})).await;
        says(
            &shown,
            "The daily quiz",
            &["`/quiz-admin setup` starts one"],
        );
    }
    let shown = with("time", "9am").await;
    says(
        &shown,
        "The quiz is set up",
        &["Monday to Friday at 09:00 (Europe/Berlin)"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_questions_there_is_no_quiz() {
    let double = Double::start(world()).await;
    let place = Place::with_notes(&[("soup.md", "# Soup\n\nLeek soup needs potatoes.\n")]);
    let _bot = place.start(&double).await;
    let shown = command(&double, "setup", Noon::here().daily(2)).await;
    says(
        &shown,
        "Nothing was changed",
        &["no quiz question yet", "`## Quiz`"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn from_set_up_to_the_first_question() {
    let double = Double::start(world()).await;
    let place = Place::bundled();
    let bot = place.start(&double).await;
    let noon = Noon::here();

    let zone = double.as_user(ADMIN).autocomplete(
        "quiz-admin setup",
        "timezone",
        "berln",
        &json!({"channel": QUIZ.to_string(), "time": "9"}),
    );
    let offered = zone.choices().await;
    assert_eq!(offered[0].1, "Europe/Berlin", "{offered:?}");

    let when = format!("every day at {} ({})", noon.in_hours(2), noon.zone);
    let next = format!("{} at {} there", noon.day(0), noon.in_hours(2));
    for made in ["set up", "changed"] {
        let shown = command(&double, "setup", noon.daily(2)).await;
        let parts = [when.as_str(), &next, "8 hours later", "<t:"];
        says(&shown, &format!("The quiz is {made}"), &parts);
        assert!(shown.text().contains(&format!("<#{QUIZ}>")));
    }
    let status = command(&double, "status", json!({})).await;
    says(
        &status,
        "The daily quiz",
        &[&next, "to come", "in the notes"],
    );
    assert!(!status.text().contains("Problems"), "{}", status.text());

    let preview = command(&double, "preview", json!({})).await;
    says(
        &preview,
        &format!("Preview: {}", noon.day(0)),
        &["Right is ||", "In the notes"],
    );
    assert_eq!(preview.labels(), [""; 0]);
    let stem = |text: &str| {
        text.lines()
            .find(|line| line.starts_with("**"))
            .unwrap()
            .to_owned()
    };
    let foreseen = stem(&preview.text());

    let post = command(&double, "post", json!({})).await;
    says(&post, "On its way", &[&format!("<#{QUIZ}>")]);
    let there = question(&double).await;
    let description = there["embeds"][0]["description"].as_str().unwrap();
    assert_eq!(stem(description), foreseen);
    let link = format!(
        "https://discord.com/channels/{GUILD}/{QUIZ}/{}",
        there["id"].as_str().unwrap()
    );
    status_says(&double, "open, 0 answers").await;

    let again = command(&double, "post", json!({})).await;
    says(&again, "Already there", &[&link]);
    let status = command(&double, "status", json!({})).await;
    says(&status, "The daily quiz", &[&link, &noon.day(1)]);
    // A change of the time counts from tomorrow.
    let shown = command(&double, "setup", noon.daily(3)).await;
    let next = format!("{} at {} there", noon.day(1), noon.in_hours(3));
    says(
        &shown,
        "The quiz is changed",
        &[&next, "Today's question was asked already"],
    );
    // Unless that would be soon.
    let early = command(&double, "setup", noon.daily(-2 - 24 + 12 + 1)).await;
    let text = early.text();
    let tomorrow_early = format!("{} is left out", noon.day(1));
    assert_eq!(
        text.contains(&tomorrow_early),
        text.contains(&noon.day(2)),
        "{text}"
    );
    assert_eq!(posted(&double).len(), 1);
    assert_eq!(bot.stop().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_left_out_and_asked_after_all() {
    let double = Double::start(world()).await;
    let place = Place::bundled();
    let _bot = place.start(&double).await;
    let noon = Noon::here();
    command(&double, "setup", noon.daily(2)).await;
    let today = format!("{} is left out", noon.day(0));
    for already in [".", " already."] {
        let skipped = command(&double, "skip", json!({})).await;
        let told = format!("{today}{already}");
        says(
            &skipped,
            "Left out",
            &[&told, &format!("{} at", noon.day(1))],
        );
    }
    status_says(&double, "left out by an admin").await;
    command(&double, "post", json!({})).await;
    question(&double).await;

    // A day that is not planned yet.
    let week = json!({
        "channel": QUIZ.to_string(), "time": noon.in_hours(2), "timezone": noon.zone,
        "days": (noon.now.date() + 3.days()).strftime("%A").to_string(),
    });
    command(&double, "setup", week).await;
    let skipped = command(&double, "skip", json!({})).await;
    let told = format!("{} is left out.", noon.day(3));
    says(&skipped, "Left out", &[&told, &noon.day(10)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_begins_and_ends() {
    let double = Double::start(world()).await;
    let place = Place::bundled();
    let _bot = place.start(&double).await;
    let noon = Noon::here();
    command(&double, "setup", noon.daily(2)).await;

    let backwards = json!({"from": "tomorrow", "until": "today"});
    let backwards = command(&double, "pause", backwards).await;
    says(
        &backwards,
        "Nothing was changed",
        &["cannot end before it begins"],
    );
    let unclear = command(&double, "pause", json!({"until": "12/24"})).await;
    says(&unclear, "Nothing was changed", &["2026-12-24"]);

    let until = (noon.now.date() + 4.days()).to_string();
    for _ in 0..2 {
        let paused = command(&double, "pause", json!({"until": until})).await;
        let told = format!("Paused until {}", noon.day(4));
        says(
            &paused,
            "The quiz is paused",
            &[&told, &format!("{} at", noon.day(5))],
        );
    }
    let status = command(&double, "status", json!({})).await;
    says(&status, "The daily quiz", &["Paused until", "paused"]);
    let endless = command(&double, "pause", json!({})).await;
    let parts = ["until `/quiz-admin resume`", "none within a year"];
    says(&endless, "The quiz is paused", &parts);
    let preview = command(&double, "preview", json!({})).await;
    says(&preview, "Nothing to come", &["until `/quiz-admin resume`"]);

    let next = format!("{} at {} there", noon.day(0), noon.in_hours(2));
    let resumed = command(&double, "resume", json!({})).await;
    says(&resumed, "The quiz goes on", &[&next]);
    let again = command(&double, "resume", json!({})).await;
    says(&again, "The quiz was not paused", &[&next]);
    assert_eq!(posted(&double), [Value::Null; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_set_aside_and_brought_back() {
    let double = Double::start(world()).await;
    let place = Place::bundled();
    let _bot = place.start(&double).await;
    command(&double, "setup", Noon::here().daily(2)).await;
    let stem = |shown: &Shown| {
        let text = shown.text();
        text.lines()
            .find(|line| line.starts_with("**"))
            .unwrap()
            .to_owned()
    };
    let first = stem(&command(&double, "preview", json!({})).await);
    let replaced = command(&double, "replace", json!({})).await;
    assert!(
        replaced.text().contains("Set aside: “"),
        "{}",
        replaced.text()
    );
    assert_ne!(stem(&replaced), first);
    let second = stem(&command(&double, "preview", json!({})).await);
    assert_eq!(second, stem(&replaced));
    let status = command(&double, "status", json!({})).await;
    says(&status, "The daily quiz", &["Set aside by an admin."]);
    // Somebody says that a question is wrong.
    let flag =
        format!("INSERT INTO flag VALUES ({GUILD}, 'a.md#b', '0123456789abcdef', {ALICE}, 1)");
    let mut database = place.database().await;
    sqlx::query(sqlx::AssertSqlSafe(flag))
        .execute(&mut database)
        .await
        .unwrap();
    let status = command(&double, "status", json!({})).await;
    let table = String::from_utf8(status.file("quiz-questions.csv").to_vec()).unwrap();
    assert!(table.contains("\r\n,a.md#b,0,0,"), "{table}");
    assert!(!table.contains(&ALICE.to_string()), "{table}");

    let other = command(&double, "restore", json!({"question": "nothing"})).await;
    says(&other, "Nothing was changed", &["These are:"]);
    let typed = double.as_user(ADMIN);
    let typed = typed.autocomplete("quiz-admin restore", "question", "", &json!({}));
    let offered = typed.choices().await;
    assert_eq!(offered.len(), 1);
    let restored = command(&double, "restore", json!({"question": offered[0].1})).await;
    says(&restored, "Brought back", &["It may be asked again"]);
    assert_eq!(stem(&command(&double, "preview", json!({})).await), first);
    // Others see nothing while they type.
    let alice = double.as_user(ALICE);
    let typed = alice.autocomplete("quiz-admin restore", "question", "", &json!({}));
    assert_eq!(typed.choices().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_questions_away_stands_in_the_status() {
    let double = Double::start(world()).await;
    let place = Place::bundled();
    let _bot = place.start(&double).await;
    command(&double, "setup", Noon::here().daily(2)).await;
    double.change_setup(|setup| {
        setup.guilds[0].channels[1].denied_to_bot = permission::SEND_MESSAGES;
    });
    for subcommand in ["post", "resume"] {
        let shown = command(&double, subcommand, json!({})).await;
        says(&shown, "Nothing was changed", &["**Send Messages**"]);
    }
    let status = command(&double, "status", json!({})).await;
    let parts = [
        "**Problems**",
        "**Send Messages**",
        "role Footnote in Edit Channel",
    ];
    says(&status, "The daily quiz", &parts);
    double.change_setup(|setup| setup.guilds[0].channels.truncate(1));
    let status = command(&double, "status", json!({})).await;
    says(
        &status,
        "The daily quiz",
        &["The channel is gone", "`/quiz-admin setup`"],
    );
    assert_eq!(posted(&double), [Value::Null; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_looks_at_each_quiz() {
    let double = Double::start(world()).await;
    let place = Place::bundled();
    let bot = place.start(&double).await;
    let doctor = async || {
        let mut command = place.command(&double, &["doctor"]);
        tokio::task::spawn_blocking(move || run(&mut command, "").stdout)
            .await
            .unwrap()
    };
    assert!(!doctor().await.contains(" quiz: "));

    let noon = Noon::here();
    command(&double, "setup", noon.daily(2)).await;
    let fine = format!(
        "ok     quiz: on Platform team: every day at {}",
        noon.in_hours(2)
    );
    let running = doctor().await;
    assert!(running.contains(&fine), "{running}");
    assert_eq!(bot.stop().0, 0);

    double.change_setup(|setup| {
        setup.guilds[0].channels[1].denied_to_bot = permission::READ_MESSAGE_HISTORY;
    });
    let lacking = doctor().await;
    let wrong = "wrong  quiz: on Platform team, its channel takes away from the bot: Read Message History — \
                 allow it to the role Footnote in Edit Channel, Permissions";
    assert!(lacking.contains(wrong), "{lacking}");
}
