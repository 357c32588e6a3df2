//! Several programs, each with some of the shards, on one `PostgreSQL` database:
//! each question is answered once, rounds are posted whoever is there to do it,
//! and a shard has one process at a time.

use std::process::Command;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::trial::{Kind, Trial};
use crate::discord::process::Bot;
use crate::double::setup::{ADMIN, Id, Setup};
use crate::double::{Double, town};

/// Shards, and guilds that take turns on them: two rounds for each shard.
const SHARDS: u64 = 4;
const GUILDS: u64 = 2 * SHARDS;
/// Long enough for a bot to start; serenity starts a shard every 5 s.
const LATER: SignedDuration = SignedDuration::from_secs(12);

const CALLBACK: &str = "POST interactions/*/*/callback";

/// A town on several shards.
async fn begin(shards: u32) -> Option<Trial> {
    let setup = Setup {
        shards,
        // Several may start at once, which makes this quick.
        concurrency: 16,
        patience: Duration::from_secs(25),
        ..Setup::town(GUILDS, 1)
    };
    Trial::with(Kind::Postgres, setup).await
}

/// Starts a bot with these shards, or with all that are recommended.
fn spawn(trial: &Trial, shards: Option<&str>) -> Bot {
    let mut command: Command = trial.place.command(&trial.double, &["run"]);
    command.env("FOOTNOTE__STORE__URL", trial.url());
    if let Some(shards) = shards {
        command.env("FOOTNOTE__DISCORD__SHARDS", shards);
    }
    Bot::spawn(command)
}

/// Waits until exactly these shards are connected, each once.
async fn connected(double: &Double, shards: &[u64]) {
    let what = format!("shards {shards:?}");
    double
        .until(&what, |world| {
            (world.gateway.shards() == shards).then_some(())
        })
        .await;
}

/// Somebody asks in a guild, by a command and by a message: each is answered once.
async fn asks(double: &Double, at: u64) {
    let ada = double.as_user(ADMIN).in_channel(town::channel(at));
    let before = double.requests(CALLBACK).len();
    let messages = messages_in(double, town::channel(at));
    let said = ada.say(&format!("{} soup", Double::mention()));
    ada.slash("help", &json!({})).shown().await;
    said.answer().await;
    // What comes later is answered later: whoever else had them is through.
    ada.slash("help", &json!({})).shown().await;
    assert_eq!(double.requests(CALLBACK).len(), before + 2);
    assert_eq!(messages_in(double, town::channel(at)), messages + 1);
}

/// Messages of the bot in a channel, other than those to one person.
fn messages_in(double: &Double, channel: Id) -> usize {
    let path = format!("channels/{channel}/messages");
    let sent = double.requests("POST channels/*/messages");
    sent.iter().filter(|sent| sent.path == path).count()
}

/// Each of these guilds has its round in this state, in one message that was
/// changed so many times.
async fn assert_once(trial: &Trial, guilds: std::ops::Range<u64>, state: &str, edits: usize) {
    let rows = trial.rows().await;
    for at in guilds {
        let row = &rows[&town::guild(at)];
        assert_eq!(row.state, state, "round {at}: {row:?}");
        let made: Vec<(Id, usize)> = trial.double.look(|world| {
            let all = world.messages.iter();
            // An answer to somebody refers to what they said.
            let rounds = all.filter(|(_, stored)| {
                stored.channel == town::channel(at)
                    && stored.json["author"]["bot"] == true
                    && !stored.is_ephemeral()
                    && stored.json["webhook_id"].is_null()
                    && stored.json["message_reference"].is_null()
            });
            rounds.map(|(id, stored)| (*id, stored.edits)).collect()
        });
        assert_eq!(made, [(row.message.unwrap(), edits)], "round {at}");
    }
}

/// The shards that sessions were started for, since so many.
fn started(double: &Double, since: usize) -> Vec<u64> {
    let all = double.look(|world| world.gateway.started.clone());
    let mut shards: Vec<u64> = all[since..].iter().map(|(_, shard)| *shard).collect();
    shards.sort_unstable();
    shards
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_share_the_shards_and_each_does_the_rounds_of_one_that_was_killed() {
    let Some(trial) = begin(4).await else { return };
    let double = &trial.double;
    trial.schedule(0..SHARDS).await;
    let due = Timestamp::now() + LATER;
    trial.schedule_at(SHARDS..GUILDS, due).await;

    let first = spawn(&trial, Some("0-1/4"));
    let second = spawn(&trial, Some("2-3/4"));
    connected(double, &[0, 1, 2, 3]).await;
    // The end of the range is one of them, and nothing beyond it.
    assert_eq!(started(double, 0), [0, 1, 2, 3]);
    for at in 0..SHARDS {
        asks(double, at).await;
    }
    let said = double.as_user(ADMIN).in_dm().say("soup");
    said.answer().await;
    trial
        .until("the rounds that are due", |rows| {
            rows.values().filter(|row| row.state == "posted").count() >= 4
        })
        .await;

    second.kill();
    connected(double, &[0, 1]).await;
    asks(double, 0).await;
    // Rounds of all guilds come from the one that is left: those that are due now
    // are posted, those whose time is over are revealed.
    trial.end_answers().await;
    trial
        .until("all rounds", |rows| {
            rows.values().filter(|row| row.state == "posted").count() >= 4
                && rows.values().filter(|row| row.state == "revealed").count() >= 4
        })
        .await;
    assert_once(&trial, 0..SHARDS, "revealed", 1).await;
    assert_once(&trial, SHARDS..GUILDS, "posted", 0).await;
    // Its shards are left alone until somebody is told to take them.
    assert_eq!(started(double, 4), [0; 0]);
    let replacement = spawn(&trial, Some("2-3/4"));
    connected(double, &[0, 1, 2, 3]).await;
    assert_eq!(started(double, 4), [2, 3]);
    asks(double, 3).await;

    assert_eq!(first.stop().0, 0);
    assert_eq!(replacement.stop().0, 0);
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_waits_for_the_end_of_the_old_process_and_loses_no_round() {
    let Some(trial) = begin(2).await else { return };
    let double = &trial.double;
    trial
        .schedule_at(0..GUILDS, Timestamp::now() + SignedDuration::from_secs(6))
        .await;
    let old = spawn(&trial, Some("0/2"));
    connected(double, &[0]).await;
    let new = spawn(&trial, Some("0/2"));
    new.logged("another process runs some of these shards")
        .await;
    // One that counts otherwise would have some of the same servers.
    let odd = spawn(&trial, Some("2-3/4"));
    odd.logged("another process runs some of these shards")
        .await;
    asks(double, 0).await;
    odd.kill();

    let since = std::time::Instant::now();
    assert_eq!(old.stop().0, 0);
    assert!(since.elapsed() < Duration::from_secs(5));
    new.logged("taking over its shards").await;
    connected(double, &[0]).await;
    assert_eq!(started(double, 0), [0, 0]);
    asks(double, 0).await;
    trial
        .until("all rounds", |rows| {
            rows.values().all(|row| row.state == "posted")
        })
        .await;
    assert_once(&trial, 0..GUILDS, "posted", 0).await;
    assert_eq!(new.stop().0, 0);
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_shards_a_second_process_stands_by() {
    let Some(trial) = begin(1).await else { return };
    let double = &trial.double;
    let first = spawn(&trial, None);
    connected(double, &[0]).await;
    let second = spawn(&trial, None);
    second
        .logged("another process runs some of these shards")
        .await;
    asks(double, 0).await;
    first.kill();
    second.logged("taking over its shards").await;
    connected(double, &[0]).await;
    asks(double, 0).await;
    second.kill();
    trial.end().await;
}
