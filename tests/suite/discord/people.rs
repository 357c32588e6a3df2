//! What is kept about people, for how long, and how much each may ask.

use footnote::gap::{Gap, Kind};
use footnote::id::{GuildId, UserId};
use footnote::store::Store;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::asking::title;
use super::process::{Place, setup};
use crate::double::Double;
use crate::double::actor::Actor;
use crate::double::reply::Shown;
use crate::double::setup::{ADMIN, ALICE, BOB, GUILD};
use crate::double::world::World;

async fn privacy(actor: &Actor, subcommand: &str, options: Value) -> Shown {
    let name = format!("privacy {subcommand}");
    let shown = actor.slash(&name, &options).shown().await;
    assert!(shown.is_ephemeral());
    shown
}

async fn ask(actor: &Actor, question: &str) -> Shown {
    let question = json!({"question": question});
    actor.slash("ask", &question).shown().await
}

/// Says that an answer did not help, and why.
async fn complain(actor: &Actor, about: &Shown, why: &str) {
    let form = actor.click(about, "Not helpful").modal().await;
    let thanks = actor.submit_modal(&form, &json!({"reason": why}));
    assert_eq!(title(&thanks.shown().await), "Thank you");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_see_take_and_delete_what_is_kept_about_them() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let _bot = place.start(&double).await;
    let (alice, bob) = (double.as_user(ALICE), double.as_user(BOB));
    let nothing = privacy(&alice, "show", json!({})).await;
    let text = nothing.text();
    assert!(text.contains("Nothing is stored about you"), "{text}");

    let answer = ask(&alice, "sqs on the wire").await;
    alice.click(&answer, "Helpful").shown().await;
    let answer = ask(&alice, "sqs at rest").await;
    complain(&alice, &answer, "which key?").await;
    ask(&alice, "sqs price per million requests").await;
    ask(&bob, "dynamodb price").await;

    let shown = privacy(&alice, "show", json!({})).await.text();
    assert!(shown.contains("1 helpful, 1 not helpful"), "{shown}");
    assert!(shown.contains("did not answer well: 2"), "{shown}");
    let export = privacy(&alice.clone().in_dm(), "export", json!({})).await;
    let export = export.file("footnote-my-data.json");
    let data: Value = serde_json::from_slice(&export).unwrap();
    assert_eq!(data["votes"].as_array().unwrap().len(), 2);
    let text = data.to_string();
    assert!(
        text.contains("price per million") && text.contains("which key?"),
        "{text}"
    );
    assert!(!text.contains("dynamodb price"), "{text}");

    let hidden = privacy(&alice, "hide", json!({})).await;
    assert_eq!(title(&hidden), "Hidden");
    let shown = privacy(&alice, "show", json!({})).await.text();
    assert!(shown.contains("hidden"), "{shown}");
    let again = privacy(&alice, "hide", json!({"hidden": false})).await;
    assert_eq!(title(&again), "Shown");

    let deleted = privacy(&alice, "delete", json!({})).await;
    assert!(deleted.text().contains('4'), "{}", deleted.text());
    let rows = place.rows().await.join("\n");
    assert!(!rows.contains(&ALICE.to_string()), "{rows}");
    assert!(rows.contains("dynamodb price"), "Bob's own stay: {rows}");
    let again = privacy(&alice.user_install_elsewhere(), "delete", json!({})).await;
    assert!(again.text().contains("nothing stored"), "{}", again.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_texts_are_kept_where_gaps_are_not_recorded() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let settings = [("FOOTNOTE__GAPS__RECORD", "false")];
    let bot = place.start_with(&double, &settings).await;
    let alice = double.as_user(ALICE);
    ask(&alice, "sqs price per million requests").await;
    let answer = ask(&alice, "sqs at rest").await;
    complain(&alice, &answer, "which key?").await;

    let gaps = double.as_user(ADMIN).slash("notes gaps", &json!({}));
    let gaps = gaps.shown().await.text();
    for text in ["price per million", "sqs at rest", "which key?"] {
        assert!(!gaps.contains(text), "{text}: {gaps}");
    }
    assert_eq!(bot.stop().0, 0);
    let rows = place.rows().await.join("\n");
    assert!(rows.contains("vote:"), "{rows}");
    for text in ["price per million", "sqs at rest", "which key?"] {
        assert!(!rows.contains(text), "{text}: {rows}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_forgotten_when_their_days_are_over() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let days_ago = |days: i64| {
        let then = Timestamp::now() - SignedDuration::from_hours(24 * days);
        then.as_millisecond()
    };
    let gap = |question: &str, at_ms| Gap {
        kind: Kind::Abstention,
        user: UserId(ALICE),
        guild: Some(GuildId(GUILD)),
        channel: None,
        message: None,
        question: Some(question.to_owned()),
        services: vec!["Amazon SQS".into()],
        controls: Vec::new(),
        reason: None,
        at_ms,
    };
    let url = format!("sqlite:{}", place.path("footnote.db").display());
    let store = Store::open(&url).await.unwrap();
    store
        .record_gap(&gap("old question", days_ago(31)))
        .await
        .unwrap();
    store
        .record_gap(&gap("late question", days_ago(29)))
        .await
        .unwrap();
    store.close().await;
    drop(store);

    let settings = [("FOOTNOTE__GAPS__KEEP_DAYS", "30")];
    let bot = place.start_with(&double, &settings).await;
    bot.logged("question texts forgotten").await;
    let rows = place.rows().await.join("\n");
    assert!(rows.contains("late question"), "{rows}");
    assert!(!rows.contains("old question"), "{rows}");
    let gaps = double
        .as_user(ADMIN)
        .slash("notes gaps", &json!({"days": 60}));
    let gaps = gaps.shown().await.text();
    assert!(gaps.contains("2 questions"), "still counted: {gaps}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_told_once_when_to_come_back_and_others_are_answered() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let settings = [("FOOTNOTE__LIMITS__ASKS_PER_USER", "2")];
    let _bot = place.start_with(&double, &settings).await;
    let (alice, bob) = (double.as_user(ALICE), double.as_user(BOB));
    let at = Double::mention();

    let said = || alice.say(&format!("{at} sqs on the wire"));
    for _ in 0..2 {
        said().answer().await;
    }
    for _ in 0..6 {
        said();
    }
    let told = |world: &mut World| {
        let all = world.messages.values();
        let told = all.map(|message| &message.json["embeds"][0]["title"]);
        (told.filter(|title| *title == "One moment").count() > 0).then_some(())
    };
    double.until("a word to who asks too much", told).await;
    let refused = ask(&alice, "sqs at rest").await;
    assert!(refused.is_ephemeral(), "a command is always answered");
    assert_eq!(title(&refused), "One moment");
    assert!(refused.text().contains("<t:"), "{}", refused.text());
    let other = bob.say(&format!("{at} sqs at rest")).answer().await;
    assert_eq!(title(&other), "Amazon SQS · Encryption at rest");

    let titles: Vec<String> = double
        .requests("POST channels/*/messages")
        .iter()
        .map(|request| request.body["embeds"][0]["title"].to_string())
        .collect();
    let count = |title: &str| titles.iter().filter(|known| known.contains(title)).count();
    assert_eq!(count("Encryption in transit"), 2, "{titles:?}");
    assert_eq!(count("One moment"), 1, "{titles:?}");
    assert_eq!(titles.len(), 4, "{titles:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_has_a_limit_of_its_own() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let settings = [("FOOTNOTE__LIMITS__ASKS_PER_GUILD", "2")];
    let _bot = place.start_with(&double, &settings).await;
    let people = [ALICE, BOB, ADMIN].map(|user| double.as_user(user));
    let question = "sqs on the wire";
    assert_eq!(
        title(&ask(&people[0], question).await),
        "Amazon SQS · Encryption in transit"
    );
    assert_eq!(
        title(&ask(&people[1], question).await),
        "Amazon SQS · Encryption in transit"
    );
    assert_eq!(title(&ask(&people[2], question).await), "One moment");
    let direct = ask(&people[2].clone().in_dm(), question).await;
    assert_eq!(title(&direct), "Amazon SQS · Encryption in transit");
}
