//! The connection on which events arrive: lost, refused, silent, full of junk.

use std::time::{Duration, Instant};

use serde_json::json;

use super::process::{Bot, Place, setup};
use crate::double::Double;
use crate::double::gateway::Welcome;
use crate::double::setup::{ALICE, BOB, Setup};
use crate::double::world::World;

/// A Discord that waits for what takes its time: a lost session costs 5 s.
async fn patient(heartbeat: Duration) -> Double {
    Double::start(Setup {
        patience: Duration::from_secs(20),
        heartbeat,
        ..setup()
    })
    .await
}

const HEARTBEAT: Duration = Duration::from_millis(41_250);

/// Waits for a connection after this many.
async fn connected_after(double: &Double, connections: usize) {
    double
        .until("a new connection", |world| {
            let gateway = &world.gateway;
            (gateway.connections > connections && gateway.is_connected()).then_some(())
        })
        .await;
}

/// Somebody asks and gets an answer.
async fn asks(double: &Double) {
    let asked = double.as_user(ALICE).slash("help", &json!({}));
    asked.shown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_while_the_connection_is_away_is_answered_once() {
    let double = patient(HEARTBEAT).await;
    let place = Place::bundled();
    let bot = place.start(&double).await;

    double.drop_connection();
    let question = json!({"question": "is sqs encrypted on the wire?"});
    let asked = double.as_user(ALICE).slash("ask", &question);
    let said = double
        .as_user(BOB)
        .say(&format!("{} athena", Double::mention()));
    assert!(asked.shown().await.text().contains("Encryption in transit"));
    let answer = said.answer().await;
    assert!(answer.text().contains("Athena"), "{}", answer.text());
    assert_eq!(double.connections(), (2, 1, 1));

    // Discord asks to come again (op 7), then says that the session can be
    // taken up again (op 9).
    for (resumes, ask) in [(2, 7), (3, 9)] {
        double.send_raw(&json!({"op": ask, "d": true}).to_string());
        let resumed = |world: &mut World| (world.gateway.resumes == resumes).then_some(());
        double
            .until("the session to be taken up again", resumed)
            .await;
    }
    assert_eq!(double.connections(), (4, 1, 3));
    asks(&double).await;

    assert_eq!(double.requests("POST interactions/*/*/callback").len(), 2);
    assert_eq!(double.requests("POST channels/*/messages").len(), 1);
    assert_eq!(bot.stop().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_discord_has_forgotten_is_replaced() {
    let double = patient(HEARTBEAT).await;
    let place = Place::bundled();
    let bot = place.start(&double).await;
    double.invalidate_session(false);
    double
        .until("a second session", |world| {
            (world.gateway.identifies == 2 && world.gateway.is_connected()).then_some(())
        })
        .await;
    asks(&double).await;
    // Registered before, and not again.
    assert_eq!(double.requests("PUT applications/*/commands").len(), 1);
    assert_eq!(bot.stop().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_close_that_can_be_survived_is() {
    let double = patient(HEARTBEAT).await;
    let place = Place::bundled();
    let bot = place.start(&double).await;
    for code in [1000, 1001, 4000, 4001, 4002, 4005, 4007, 4008, 4009] {
        let (connections, ..) = double.connections();
        double.close(code);
        connected_after(&double, connections).await;
        asks(&double).await;
    }
    let (_, identifies, _) = double.connections();
    assert!(identifies <= 3, "{identifies}");
    let (code, log) = bot.stop();
    assert_eq!(code, 0);
    assert!(!log.contains("set up anew"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_closes_at_once_sees_one_connection_a_second() {
    let double = patient(HEARTBEAT).await;
    let place = Place::bundled();
    let bot = place.start(&double).await;
    double.welcome(Welcome::Close(4000));
    double.close(4000);
    let connections = async |count| {
        let reached = |world: &mut World| (world.gateway.connections == count).then_some(());
        double.until("further connections", reached).await;
    };
    // The first few need not wait for each other.
    connections(4).await;
    let begin = Instant::now();
    connections(8).await;
    let elapsed = begin.elapsed();
    assert!(elapsed > Duration::from_millis(3_500), "{elapsed:?}");
    double.welcome(Welcome::Hello);
    let mended = Instant::now();
    connected_after(&double, 8).await;
    asks(&double).await;
    assert!(mended.elapsed() < Duration::from_secs(10));
    let (_, identifies, _) = double.connections();
    assert!(identifies <= 2, "{identifies}");
    assert_eq!(bot.stop().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_outage_the_bot_is_back_within_ten_seconds() {
    let double = patient(HEARTBEAT).await;
    let place = Place::bundled();
    let bot = place.start(&double).await;
    double.welcome(Welcome::Refuse);
    double.drop_connection();
    double
        .until("three refused connections", |world| {
            (world.gateway.connections >= 4).then_some(())
        })
        .await;
    let (connections, ..) = double.connections();
    double.welcome(Welcome::Hello);
    let mended = Instant::now();
    connected_after(&double, connections).await;
    asks(&double).await;
    assert!(mended.elapsed() < Duration::from_secs(10));
    assert_eq!(bot.stop().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_without_heartbeats_is_replaced() {
    let double = patient(Duration::from_secs(1)).await;
    let place = Place::bundled();
    let bot = place.start(&double).await;
    double.ignore_heartbeats(true);
    double
        .until("a new connection", |world| {
            (world.gateway.connections >= 2).then_some(())
        })
        .await;
    double.ignore_heartbeats(false);
    connected_after(&double, 1).await;
    asks(&double).await;
    assert_eq!(bot.stop().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn junk_is_passed_over_and_what_somebody_waits_for_is_named() {
    let double = patient(HEARTBEAT).await;
    let place = Place::bundled();
    let bot = place.start(&double).await;
    for junk in [
        "",
        "{",
        "[]",
        "null",
        "{\"op\": 99}",
        "{\"op\": 0}",
        "{\"op\": 0, \"t\": 7}",
    ] {
        double.send_raw(junk);
    }
    double.dispatch("SOMETHING_NEW", &json!({"id": "1"}));
    double.dispatch("MESSAGE_CREATE", &json!({"content": 7}));
    double.dispatch(
        "INTERACTION_CREATE",
        &json!({"id": "1", "type": 2, "data": "odd"}),
    );
    bot.logged("an event from Discord could not be decoded")
        .await;
    bot.logged("gateway.event=\"INTERACTION_CREATE\"").await;
    double.dispatch("READY", &json!({"v": "ten"}));
    bot.logged("gateway.event=\"READY\"").await;
    asks(&double).await;
    let (code, log) = bot.stop();
    assert_eq!(code, 0);
    assert_eq!(log.matches("could not be decoded").count(), 2, "{log}");
    assert!(!log.contains("panic"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_a_person_can_mend_ends_with_2_and_the_remedy() {
    for (welcome, remedy) in [
        (4004, "choose Bot, Reset Token"),
        (4013, "a newer version of the bot is needed"),
        (4014, "Privileged Gateway Intents"),
    ] {
        let double = Double::start(setup()).await;
        double.welcome(Welcome::Close(welcome));
        let place = Place::bundled();
        let (code, log) = Bot::spawn(place.command(&double, &["run"])).ended();
        assert_eq!(code, 2, "{log}");
        let last = log.lines().last().unwrap();
        assert!(
            last.starts_with("footnote: ") && last.contains(remedy),
            "{log}"
        );
        assert_eq!(double.connections().0, 1);
    }
    // Taken away while the bot runs.
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let bot = place.start(&double).await;
    double.close(4004);
    let (code, log) = bot.ended();
    assert_eq!(code, 2, "{log}");
    assert!(log.contains("Reset Token"), "{log}");
}
