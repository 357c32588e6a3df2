//! What a page sends and gets.

use serde_json::{Value, json};

use super::town::{JONAS, MIRA, Notes, QUESTIONS, QUIZ, Town};

const HERE: (&str, &str) = (MIRA, QUESTIONS);

#[tokio::test]
async fn an_answer_is_private_until_it_is_shared() {
    let town = Town::start();
    let asked = json!({ "question": "is sqs encrypted on the wire?" });
    town.command(HERE, "ask", asked).await;
    let answer = town.last(HERE).await;
    assert_eq!(answer["private"], true);
    assert_eq!(
        answer["used"],
        json!({ "member": "Mira", "command": "/ask" })
    );
    assert_eq!(
        answer["reply"]["title"],
        "Amazon SQS · Encryption in transit"
    );
    assert_eq!(answer["reply"]["blocks"][0]["kind"], "quote");
    assert!(
        answer["reply"]["sources"][0]["place"]
            .as_str()
            .unwrap()
            .starts_with("services/sqs.md:")
    );
    let seen_by_jonas = town.last((JONAS, QUESTIONS)).await;
    assert_ne!(seen_by_jonas["id"], answer["id"]);

    town.press(HERE, "Share").await;
    let shared = town.last((JONAS, QUESTIONS)).await;
    assert_eq!(shared["private"], false);
    assert_eq!(
        shared["reply"]["title"],
        "Amazon SQS · Encryption in transit"
    );
    assert!(shared.to_string().contains("@Mira"), "{shared}");
}

#[tokio::test]
async fn a_mention_a_reply_and_a_direct_message_are_questions() {
    let town = Town::start();
    let before = town.messages(HERE).await.len();
    town.act(HERE, "message", json!({ "text": "good morning" }))
        .await;
    assert_eq!(town.messages(HERE).await.len(), before + 1);

    let text = "@Footnote is athena encrypted at rest?";
    town.act(HERE, "message", json!({ "text": text })).await;
    let answer = town.last((JONAS, QUESTIONS)).await;
    assert_eq!(
        answer["reply"]["title"],
        "Amazon Athena · Encryption at rest"
    );
    assert_eq!(answer["before"]["text"], text);

    // A reply keeps the service of the question before.
    let follow_up = json!({ "text": "and on the wire?", "to": answer["id"] });
    town.act(HERE, "message", follow_up).await;
    let answer = town.last(HERE).await;
    assert_eq!(
        answer["reply"]["title"],
        "Amazon Athena · Encryption in transit"
    );

    let alone = (JONAS, "1102");
    town.act(alone, "message", json!({ "text": "what is redshift?" }))
        .await;
    assert_eq!(town.last(alone).await["reply"]["title"], "Amazon Redshift");
    town.command(alone, "quiz leaderboard", json!({})).await;
    assert_eq!(town.last(alone).await["reply"]["title"], "On a server");
    let others = town.get("api/state?member=101&channel=1102", &[]).await;
    assert_eq!(others.0, 404);
}

#[tokio::test]
async fn what_the_notes_do_not_hold_becomes_a_gap_with_a_reason() {
    let town = Town::start();
    let asked = json!({ "question": "sqs price per million requests" });
    town.command(HERE, "ask", asked).await;
    assert_eq!(town.last(HERE).await["reply"]["tone"], "abstention");

    town.command(
        HERE,
        "ask",
        json!({ "question": "is sqs encrypted at rest?" }),
    )
    .await;
    let button = town.button(HERE, "Not helpful").await;
    let answer = town.act(HERE, "click", button.clone()).await;
    assert_eq!(answer["form"], true);
    let mut reason = button;
    reason["reason"] = "which key?".into();
    town.act(HERE, "reason", reason).await;
    assert_eq!(town.last(HERE).await["reply"]["title"], "Thank you");

    town.command(HERE, "notes gaps", json!({})).await;
    let gaps = town.last(HERE).await;
    let file = gaps["reply"]["file"]["path"].as_str().unwrap();
    let mine = town
        .get(&format!("{}?member={MIRA}", &file[1..]), &[])
        .await;
    assert!(mine.1.contains("which key?"), "{}", mine.1);
    let theirs = town
        .get(&format!("{}?member={JONAS}", &file[1..]), &[])
        .await;
    assert_eq!(theirs.0, 404);
}

#[tokio::test]
async fn commands_of_managers_are_refused_to_others() {
    let town = Town::start();
    town.command((JONAS, QUESTIONS), "notes status", json!({}))
        .await;
    let told = town.last((JONAS, QUESTIONS)).await;
    assert_eq!(told["reply"]["title"], "For server managers");
    town.command(HERE, "notes status", json!({})).await;
    assert_eq!(town.last(HERE).await["reply"]["title"], "Notes");
}

#[tokio::test]
async fn names_are_offered_while_they_are_typed() {
    let town = Town::start();
    let labels = async |what: Value| -> Vec<String> {
        let offered = town.act(HERE, "suggest", what).await;
        let offered = offered.as_array().unwrap().iter();
        offered
            .map(|one| one["label"].as_str().unwrap().to_owned())
            .collect()
    };
    let typed = json!({ "command": "service", "option": "name", "typed": "dyn" });
    assert_eq!(labels(typed).await[0], "Amazon DynamoDB");
    let all = json!({ "command": "service", "option": "control", "typed": "" });
    let narrowed = json!({
        "command": "service", "option": "control", "typed": "", "arguments": { "name": "athena" },
    });
    assert!(labels(narrowed).await.len() < labels(all).await.len());
    let zone = json!({ "command": "quiz-admin setup", "option": "timezone", "typed": "berlin" });
    assert!(labels(zone).await[0].contains("Berlin"));
    let section = json!({ "command": "ask", "option": "question", "typed": "" });
    assert_eq!(labels(section).await.len(), 25);
}

#[tokio::test]
async fn a_round_is_posted_answered_and_revealed_within_a_minute() {
    let town = Town::start();
    let (mira, jonas) = ((MIRA, QUIZ), (JONAS, QUIZ));
    town.send("quiz", json!({ "cue": "post" })).await;
    let round = town.last(mira).await;
    assert_eq!(round["reply"]["title"], "Question of the day");
    town.press(mira, "A").await;
    let told = town.last(mira).await;
    assert_eq!(
        (&told["private"], &told["reply"]["title"]),
        (&json!(true), &json!("Locked in"))
    );
    town.press(mira, "B").await;
    assert_eq!(town.last(mira).await["reply"]["title"], "Already answered");
    town.press(jonas, "B").await;
    let old_button = town.button(jonas, "A").await;

    let (_, answer) = town.send("quiz", json!({ "cue": "results" })).await;
    assert_eq!(answer["said"], "It is later now: the results are out.");
    let messages = town.messages(mira).await;
    let results = messages
        .iter()
        .find(|one| one["id"] == round["id"])
        .unwrap();
    assert_eq!(results["reply"]["title"], "Question of the day: results");
    assert!(results.to_string().contains("of 2"), "{results}");
    // The button of before is where another one is now.
    town.act(jonas, "click", old_button).await;
    let told = town.last(jonas).await;
    assert_eq!(told["reply"]["title"], "This button no longer works");

    town.send("quiz", json!({ "cue": "next" })).await;
    let messages = town.messages(mira).await;
    let open = messages
        .iter()
        .filter(|one| one["reply"]["title"] == "Question of the day");
    assert_eq!(open.count(), 1);
    town.command(mira, "quiz leaderboard", json!({})).await;
    let board = town.last(mira).await;
    assert!(
        board["reply"]["title"]
            .as_str()
            .unwrap()
            .starts_with("Leaderboard"),
        "{board}"
    );
}

#[tokio::test]
async fn the_quiz_can_be_set_up_anew() {
    let town = Town::start();
    let wish = json!({ "channel": QUESTIONS, "time": "7:30", "timezone": "Europe/Berlin" });
    town.command(HERE, "quiz-admin setup", wish).await;
    let told = town.last(HERE).await;
    assert!(told.to_string().contains("Europe/Berlin"), "{told}");
    town.send("quiz", json!({ "cue": "next" })).await;
    assert_eq!(
        town.last(HERE).await["reply"]["title"],
        "Question of the day"
    );
}

#[tokio::test]
async fn changed_notes_are_taken_over_and_wrong_ones_explained() {
    let notes = Notes::of_soup();
    let town = Town::with(&notes.path(), &[]);
    assert_eq!(town.state(HERE).await["notes"]["count"], 1);
    notes.write(
        "bread.md",
        "# Bread\n\n## Rye\n\nRye bread keeps for a week.\n",
    );
    town.until(HERE, |state| state["notes"]["count"] == 2).await;
    town.command(HERE, "ask", json!({ "question": "rye bread" }))
        .await;
    assert!(
        town.last(HERE)
            .await
            .to_string()
            .contains("keeps for a week")
    );

    notes.write(
        "bread.md",
        "---\nkind: nonsense\n---\n\n# Bread\n\n## Rye\n\nGone.\n",
    );
    let state = town
        .until(HERE, |state| !state["notes"]["refused"].is_null())
        .await;
    let finding = &state["notes"]["refused"]["findings"][0];
    assert!(
        finding["place"].as_str().unwrap().starts_with("bread.md:2"),
        "{finding}"
    );
    assert_eq!(finding["severity"], "error");
    assert_eq!(state["notes"]["count"], 2);
}

#[tokio::test]
async fn limits_are_those_of_the_configuration() {
    let notes = Notes::of_soup();
    let town = Town::with(&notes.path(), &[("FOOTNOTE__LIMITS__ASKS_PER_USER", "2")]);
    for _ in 0..2 {
        town.command(HERE, "ask", json!({ "question": "leeks" }))
            .await;
        assert_eq!(town.last(HERE).await["reply"]["tone"], "answer");
    }
    town.command(HERE, "ask", json!({ "question": "leeks" }))
        .await;
    assert_eq!(town.last(HERE).await["reply"]["title"], "One moment");
    town.command((JONAS, QUESTIONS), "ask", json!({ "question": "leeks" }))
        .await;
    let other = town.last((JONAS, QUESTIONS)).await;
    assert_eq!(other["reply"]["tone"], "answer");
}

#[tokio::test]
async fn a_message_is_looked_up_and_private_ones_are_dismissed() {
    let town = Town::start();
    let messages = town.messages(HERE).await;
    let words = messages
        .iter()
        .find(|one| one["member"] == "Jonas")
        .unwrap();
    town.act(HERE, "find", json!({ "message": words["id"] }))
        .await;
    let found = town.last(HERE).await;
    assert_eq!(found["used"]["command"], "Find in notes");
    assert_eq!(found["reply"]["tone"], "answer");
    // Nobody takes away what others see, or what they do not see.
    for (who, message) in [(HERE, words), ((JONAS, QUESTIONS), &found)] {
        town.act(who, "dismiss", json!({ "message": message["id"] }))
            .await;
    }
    assert_eq!(town.messages(HERE).await.len(), messages.len() + 1);
    town.act(HERE, "dismiss", json!({ "message": found["id"] }))
        .await;
    assert_eq!(town.messages(HERE).await.len(), messages.len());
}

#[tokio::test]
async fn only_pages_of_this_address_are_served() {
    let town = Town::start();
    let host = town.host().to_owned();
    let localhost = host.replace("127.0.0.1", "localhost");
    let own = format!("http://{host}");
    for headers in [
        vec![],
        vec![("host", localhost.as_str())],
        vec![("origin", own.as_str())],
    ] {
        assert_eq!(town.get("", &headers).await.0, 200, "{headers:?}");
    }
    for headers in [
        [("host", "evil.example")],
        [("host", "127.0.0.1:1")],
        [("origin", "https://evil.example")],
        [("origin", "null")],
    ] {
        let (status, body) = town.get("api/commands", &headers).await;
        assert_eq!(status, 403, "{headers:?}");
        assert!(body.contains("for this machine only"), "{body}");
    }
}

#[tokio::test]
async fn requests_that_make_no_sense_are_refused() {
    let town = Town::start();
    let who = json!({ "member": MIRA, "channel": QUESTIONS });
    let with = |more: Value| {
        let mut all = who.clone();
        all.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        all
    };
    for (path, what, status) in [
        ("command", with(json!({ "command": "nonsense" })), 404),
        ("command", with(json!({ "command": "ask" })), 400),
        (
            "message",
            json!({ "member": "7", "channel": QUESTIONS, "text": "hi" }),
            404,
        ),
        (
            "message",
            json!({ "member": MIRA, "channel": "7", "text": "hi" }),
            404,
        ),
        ("message", json!({}), 422),
        ("quiz", json!({ "cue": "sing" }), 422),
        ("nothing", json!({}), 404),
    ] {
        assert_eq!(
            town.send(path, what.clone()).await.0,
            status,
            "{path} {what}"
        );
    }
    // A button that is not there.
    let press = with(json!({ "message": "1", "edits": 0, "row": 0, "column": 0 }));
    assert_eq!(town.send("click", press).await.0, 200);
    assert_eq!(
        town.last(HERE).await["reply"]["title"],
        "This button no longer works"
    );
}
