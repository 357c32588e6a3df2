//! Every kind of message, end to end: the double refuses what Discord would,
//! pings and strange links, and holds each request against the API description
//! where there is a copy of it.

use serde_json::{Value, json};

use super::process::{Place, setup};
use crate::double::Double;
use crate::double::reply::Shown;
use crate::double::setup::{ADMIN, ALICE, Setup};

/// Notes as nobody should write them.
fn hostile_notes() -> Vec<(String, String)> {
    let join = |write: fn(u32) -> String| (1..=300).map(write).collect::<Vec<_>>().concat();
    let many = join(|n| format!("[^{n}]"));
    let footnotes =
        join(|n| format!("[^{n}]: [Guide _{n}_ @everyone ||x||](https://docs.example/{n})\n"));
    let evil = "<@1> <@&2> <#3> @everyone [x](https://evil.example) \\[y](https://evil.example) \
                ||spoiler|| `code` \u{202e}abc\u{202c} \u{200b} 👩\u{200d}👩\u{200d}👧 e\u{301}\u{302} ";
    let long = "Encryption is a long story that goes on and on. ".repeat(200);
    let code = "aws s3api put-object ``` [x](y) <@1>\n".repeat(200);
    let alpha = format!(
        "---\nkind: service\nname: Alpha {evil}\naliases: [alpha]\n---\n# Alpha\n\n\
         ## Encryption\n\n- Encryption once had to be asked for. {evil}{many}\n  - **Today:** {evil} it is on.{many}\n\
         - {long}[^1]\n- {evil}{evil}{evil}[^2]\n\n````sh\n{code}````\n\n\
         | Encryption | {evil} |\n|---|---|\n| a | b |\n\n# h\n\n## Access {evil}\n\n- Access: {long}\n\n{footnotes}"
    );
    let beta = format!(
        "# Beta {evil}\n\n## Encryption\n\n- Encryption in beta. {evil}\n\n## {evil}{evil}{evil}{evil}\n\n- {evil}\n"
    );
    let deep = format!("{}/{}.md", "folder ".repeat(20).trim(), "note".repeat(50));
    vec![
        ("alpha.md".to_owned(), alpha),
        ("[beta](x) _b_ <@1>.md".to_owned(), beta.clone()),
        (deep, beta.replace("Beta", "Gamma")),
    ]
}

/// Presses everything that shows more; the messages that come of it.
async fn press_all(double: &Double, shown: &Shown) {
    let person = double.as_user(ALICE);
    for label in shown.now().labels().iter().map(ToString::to_string) {
        let is_there = shown.now().labels().contains(&label.as_str());
        if is_there && label != "Dismiss" {
            person.click(shown, &label).callback().await;
        }
    }
    let shown = shown.now();
    if shown.labels().contains(&"Dismiss") {
        person.click(&shown, "Dismiss").callback().await;
        shown.deleted().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_notes_and_questions_make_sound_messages() {
    let double = Double::start(Setup {
        link_hosts: vec!["docs.example".into(), "notes.example".into()],
        ..setup()
    })
    .await;
    let notes = hostile_notes();
    let files: Vec<(&str, &str)> = notes
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let place = Place::with_notes(&files);
    let mut command = place.command(&double, &["run"]);
    command
        .env("FOOTNOTE__NOTES__LINK_BASE", "https://notes.example/main")
        .env("FOOTNOTE__LIMITS__ASKS_PER_USER", "10000");
    let bot = super::process::Bot::spawn(command);
    double.ready().await;
    let person = double.as_user(ALICE);

    let questions = [
        "alpha encryption".to_owned(),
        "alpha".to_owned(),
        "which of them have encryption?".to_owned(),
        "alpha vs beta encryption".to_owned(),
        "[x](https://evil.example) <@1> @everyone ||a|| `b` price".to_owned(),
        "\u{202e}\u{200b}\u{feff}".to_owned(),
        "👩\u{200d}👩\u{200d}👧".repeat(120),
        "zalgo e\u{301}\u{302}\u{303} ".repeat(60),
        "x".repeat(1000),
    ];
    for question in &questions {
        let asked = person.slash("ask", &json!({ "question": question }));
        press_all(&double, &asked.shown().await).await;
        let shared = person.slash("ask", &json!({ "question": question, "share": true }));
        press_all(&double, &shared.shown().await).await;
        let typed: String = question.chars().take(100).collect();
        let choices = person.autocomplete("ask", "question", &typed, &json!({}));
        for (_, value) in choices.choices().await.iter().take(2) {
            let asked = person.slash("ask", &json!({ "question": value }));
            press_all(&double, &asked.shown().await).await;
        }
        let menu = person.message_menu("Find in notes", &person.say(question).shown());
        press_all(&double, &menu.shown().await).await;
        let dm = person.clone().in_dm().say(question);
        assert!(!dm.answer().await.is_ephemeral());
    }
    assert_eq!(bot.stop().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_answers_with_a_valid_message() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let bot = place.start(&double).await;
    let person = double.as_user(ALICE);

    let commands: [(&str, Value); 12] = [
        ("help", json!({})),
        ("quiz leaderboard", json!({})),
        ("quiz stats", json!({})),
        ("quiz practice", json!({})),
        ("privacy show", json!({})),
        ("privacy hide", json!({ "hidden": true })),
        ("privacy export", json!({})),
        ("privacy delete", json!({})),
        ("service", json!({ "name": "S3" })),
        (
            "service",
            json!({ "name": "Kinesis", "control": "logging" }),
        ),
        ("control", json!({ "name": "encryption at rest" })),
        (
            "compare",
            json!({ "first": "rds", "second": "Artifact", "control": "hsm" }),
        ),
    ];
    for (name, options) in commands {
        let shown = person.slash(name, &options).shown().await;
        assert!(shown.is_ephemeral(), "{name}");
        assert!(!shown.text().is_empty(), "{name}");
        press_all(&double, &shown).await;
    }
    for name in ["notes status", "notes gaps", "notes reload"] {
        let shown = double.as_user(ADMIN).slash(name, &json!({})).shown().await;
        assert!(shown.is_ephemeral(), "{name}");
    }
    assert_eq!(bot.stop().0, 0);
}
