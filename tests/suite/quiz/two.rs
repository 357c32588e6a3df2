//! Two programs at once: on one `PostgreSQL` database they share the work and
//! survive each other; on one `SQLite` file the second is refused.

use std::time::Duration;

use tokio::time::timeout;

use super::dice::Dice;
use super::trial::{Kind, Trial, count, report};
use crate::discord::process::Bot;
use crate::double::faults::Chance;
use crate::double::hooks::Moment;
use crate::double::town;

/// Rounds that are due at once, for the two to compete for.
const TOGETHER: u64 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_on_one_database_post_each_round_once_whichever_is_killed() {
    let times = count(10, 300);
    let rounds = times * TOGETHER;
    let Some(trial) = Trial::begin(Kind::Postgres, rounds, 0).await else {
        return;
    };
    let mut dice = Dice::new(3);
    trial.double.fail_by_chance(Chance::hard(3));
    let mut running: Vec<Bot> = Vec::new();
    for time in 0..times {
        let first = time * TOGETHER;
        trial.schedule(first..first + TOGETHER).await;
        // Claims of the one that is still there may end under its hands, too.
        trial.let_time_pass().await;
        let moments = [Moment::Arrived, Moment::Processed, Moment::Answered];
        let post = format!("POST channels/{}/messages", town::channel(first));
        let caught = trial.double.catch(&post, moments[dice.below(3)]);
        while running.len() < 2 {
            running.push(trial.spawn());
        }
        // A fault may be in its way; then somebody is killed at some moment.
        let _ = timeout(Duration::from_secs(3), caught.reached()).await;
        let victim = running.remove(dice.below(2));
        if dice.one_in(2) {
            caught.lose();
            victim.kill();
        } else {
            victim.kill();
            caught.release();
        }
    }
    drop(running);
    trial.run_until_all_are("posted").await;
    trial.assert_posted_once(0..rounds, "posted").await;

    // Results are shown once, however many there are to do it.
    trial.double.mend();
    trial.end_answers().await;
    let both = [trial.spawn(), trial.spawn()];
    trial
        .until("all results", |rows| {
            rows.values().all(|row| row.state == "revealed")
        })
        .await;
    drop(both);
    trial.assert_posted_once(0..rounds, "revealed").await;
    for at in 0..rounds {
        let message = trial.made()[&town::channel(at)][0];
        assert_eq!(trial.double.message(message).edits, 1, "round {at}");
    }
    report(&format!("{rounds} rounds of two programs, {times} kills"));
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_program_on_one_file_is_refused_and_the_first_goes_on() {
    let trial = Trial::begin(Kind::Sqlite, 1, 0).await.unwrap();
    trial.schedule(0..1).await;
    let asked = trial.double.catch("GET gateway", Moment::Arrived);
    let first = trial.spawn();
    asked.reached().await;
    let (code, log) = trial.spawn().ended();
    assert_eq!(code, 2, "{log}");
    assert!(log.contains("Another process uses the database"), "{log}");
    asked.release();
    trial
        .until("the round", |rows| {
            rows.values().all(|row| row.state == "posted")
        })
        .await;
    assert_eq!(first.stop().0, 0);
    trial.assert_posted_once(0..1, "posted").await;
    trial.end().await;
}
