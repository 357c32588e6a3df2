//! Autocomplete: useful from the first letter on, from memory alone.

use serde_json::{Value, json};

use super::asking::title;
use super::process::{Place, setup};
use crate::double::Double;
use crate::double::setup::ALICE;

/// What is offered to Alice while she types.
async fn offered(
    double: &Double,
    command: &str,
    option: &str,
    typed: &str,
    others: Value,
) -> Vec<(String, String)> {
    let typing = double.as_user(ALICE);
    let choices = typing.autocomplete(command, option, typed, &others);
    let choices = choices.choices().await;
    assert!(choices.len() <= 25);
    let text = |value: Value| value.as_str().unwrap().to_owned();
    choices
        .into_iter()
        .map(|(label, value)| (label, text(value)))
        .collect()
}

fn labels(choices: &[(String, String)]) -> Vec<&str> {
    choices.iter().map(|(label, _)| label.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_found_by_beginnings_aliases_and_misspellings() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let _bot = place.start(&double).await;

    for (typed, best) in [
        ("Amazon Dy", "Amazon DynamoDB"),
        ("dyn", "Amazon DynamoDB"),
        ("dinamo", "Amazon DynamoDB"),
        ("simple queue", "Amazon SQS"),
        ("SQS", "Amazon SQS"),
    ] {
        for option in ["name", "first", "second"] {
            let command = if option == "name" {
                "service"
            } else {
                "compare"
            };
            let found = offered(&double, command, option, typed, json!({})).await;
            assert_eq!(found[0].0, best, "{command} {option} {typed}");
        }
    }
    for (typed, best) in [
        ("encryption in", "Encryption in transit"),
        ("tls", "Encryption in transit"),
        ("encription at", "Encryption at rest"),
    ] {
        let found = offered(&double, "control", "name", typed, json!({})).await;
        assert_eq!(found[0].0, best, "{typed}");
    }
    for (typed, best) in [
        ("sqs wire", "Amazon SQS · Encryption in transit"),
        (
            "dinamodb encripton at rest",
            "Amazon DynamoDB · Encryption at rest",
        ),
        ("amazon sq", "Amazon SQS · Encryption in transit"),
    ] {
        let found = offered(&double, "ask", "question", typed, json!({})).await;
        assert_eq!(found[0].0, best, "{typed}");
    }
    for nothing in ["zzzzqqqq", "🧑‍🚀", "\u{202e}\u{200b}"] {
        let found = offered(&double, "service", "name", nothing, json!({})).await;
        assert_eq!(labels(&found), Vec::<&str>::new(), "{nothing}");
    }
    let long = "sqs ".repeat(1_500);
    offered(&double, "ask", "question", &long, json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn controls_are_those_of_the_service_that_is_chosen() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let _bot = place.start(&double).await;

    for (command, chosen) in [("service", "name"), ("compare", "first")] {
        for service in ["services/sqs.md", "sqs"] {
            let others = json!({chosen: service});
            let found = offered(&double, command, "control", "", others.clone()).await;
            let found = labels(&found);
            assert!(found.contains(&"Encryption in transit"), "{found:?}");
            assert!(!found.contains(&"Multi-factor authentication"), "{found:?}");
            let found = offered(&double, command, "control", "encr", others).await;
            assert!(labels(&found)[..2].contains(&"Encryption in transit"));
        }
    }
    let all = offered(&double, "service", "control", "", json!({})).await;
    assert_eq!(all.len(), 25);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_typed_offers_the_most_asked_then_the_pinned_then_the_rest() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let settings = [
        ("FOOTNOTE__NOTES__PINNED", "AWS Lambda"),
        ("FOOTNOTE__LIMITS__ASKS_PER_USER", "1000"),
    ];
    let bot = place.start_with(&double, &settings).await;
    let ask = async |question: &str| {
        let alice = double.as_user(ALICE);
        let asked = alice.slash("ask", &json!({"question": question}));
        asked.shown().await
    };
    let empty = async || offered(&double, "ask", "question", "", json!({})).await;

    assert_eq!(empty().await[0].0, "AWS Lambda");
    ask("sqs on the wire").await;
    ask("dynamodb at rest").await;
    ask("dynamodb at rest").await;
    let most = [
        "Amazon DynamoDB · Encryption at rest",
        "Amazon SQS · Encryption in transit",
        "AWS Lambda",
    ];
    let found = empty().await;
    assert_eq!(labels(&found)[..3], most);
    assert_eq!(found.len(), 25);

    // Every value leads to what its label says.
    for (label, id) in &found {
        let shown = ask(id).await;
        assert!(id.len() <= 100);
        assert_eq!(title(&shown), label, "{id}: {}", shown.text());
    }

    // Counted on: those 25 were asked once more each.
    assert_eq!(bot.stop().0, 0);
    double.disconnected().await;
    let _bot = place.start_with(&double, &settings).await;
    assert_eq!(empty().await[0].0, most[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_database_stops_neither_suggestions_nor_answers() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let _bot = place.start(&double).await;
    let alice = double.as_user(ALICE);
    let mut other = place.database().await;
    let lock = async |statement: &'static str, other: &mut _| {
        sqlx::query(statement).execute(other).await.unwrap();
    };
    lock("BEGIN EXCLUSIVE", &mut other).await;

    let found = offered(&double, "ask", "question", "", json!({})).await;
    assert_eq!(found.len(), 25);
    let asked = alice.slash("ask", &json!({"question": "sqs on the wire"}));
    let shown = asked.shown().await;
    assert_eq!(title(&shown), "Amazon SQS · Encryption in transit");

    let vote = alice.click(&shown, "Helpful").shown().await;
    assert_eq!(title(&vote), "That was not saved");
    lock("ROLLBACK", &mut other).await;
    let vote = alice.click(&shown, "Helpful").shown().await;
    assert_eq!(title(&vote), "Thank you");
}
