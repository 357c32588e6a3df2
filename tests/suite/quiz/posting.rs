//! What keeps a round from being posted, one thing at a time: it waits for its
//! turn or ends with a reason, admins are told once, and other servers do not
//! notice.

use jiff::{SignedDuration, Timestamp};

use super::trial::{Kind, Trial};
use crate::double::hooks::Moment;
use crate::double::setup::{ADMIN, DM, Id, permission};
use crate::double::town;

const POST: &str = "POST channels/*/messages";

async fn begin(guilds: u64) -> Trial {
    Trial::begin(Kind::Sqlite, guilds, 0).await.unwrap()
}

/// What the admin was told about a guild of the town, oldest first.
fn letters(trial: &Trial, at: u64) -> Vec<String> {
    let all = trial.made();
    let all = all.get(&(DM + ADMIN)).into_iter().flatten();
    let texts = all.map(|id| trial.double.message(*id).text());
    texts
        .filter(|text| text.contains(&town::guild(at).to_string()))
        .collect()
}

async fn until_told(trial: &Trial, letters: usize) {
    trial
        .double
        .until("the admin to be told", |world| {
            let told = world.messages.values();
            let told = told.filter(|stored| stored.channel == DM + ADMIN);
            (told.count() == letters).then_some(())
        })
        .await;
}

/// Runs a bot until it has brought the round of the first guild into this state.
async fn run_until(trial: &Trial, state: &str) {
    trial.let_time_pass().await;
    let before = trial.row(0).await.claims;
    let bot = trial.spawn();
    trial
        .until(state, |rows| {
            let row = &rows[&town::guild(0)];
            row.state == state && row.claims > before
        })
        .await;
    let (code, log) = bot.stop();
    assert_eq!(code, 0, "{log}");
}

/// Kills a bot when the message of the first guild is there and it does not know.
async fn kill_in_doubt(trial: &Trial) -> Id {
    let caught = trial.double.catch(POST, Moment::Processed);
    let bot = trial.spawn();
    caught.reached().await;
    bot.kill();
    caught.lose();
    trial.made()[&town::channel(0)][0]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_where_the_bot_may_not_post_tells_its_admin_once_and_others_go_on() {
    let trial = begin(6).await;
    let double = &trial.double;
    double.delete_channel(town::channel(0));
    double.deny(town::channel(1), permission::VIEW_CHANNEL);
    double.deny(town::channel(2), permission::SEND_MESSAGES);
    double.deny(town::channel(3), permission::EMBED_LINKS);
    double.throw_out(town::guild(4));
    trial.schedule(0..6).await;
    for tries in 1..=2 {
        trial.let_time_pass().await;
        let bot = trial.spawn();
        trial
            .until("all to be tried", |rows| {
                let refused = |at| rows[&town::guild(at)].claims >= tries;
                (0..5).all(refused) && rows[&town::guild(5)].state == "posted"
            })
            .await;
        until_told(&trial, 5).await;
        assert_eq!(bot.stop().0, 0);
    }
    for (at, why) in [
        (0, "channel is gone"),
        (1, "bot may not see the channel"),
        (2, "bot may not write in the channel"),
        (3, "bot may not write in the channel"),
        (4, "bot may not see the channel"),
    ] {
        let told = letters(&trial, at);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(why), "{told:?}");
        assert_eq!(trial.row(at).await.state, "scheduled");
    }
    // What is mended is posted; what is not is given up, with a word about it.
    double.deny(town::channel(2), 0);
    trial.let_time_pass().await;
    let bot = trial.spawn();
    trial
        .until("the last try", |rows| {
            let ended = |at| rows[&town::guild(at)].state == "failed";
            [0, 1, 3, 4].into_iter().all(ended) && rows[&town::guild(2)].state == "posted"
        })
        .await;
    until_told(&trial, 9).await;
    bot.stop();
    assert_eq!(letters(&trial, 2).len(), 1);
    assert!(letters(&trial, 0)[1].contains("was not posted: the channel is gone"));
    assert_eq!(trial.made()[&town::channel(2)].len(), 1);
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_is_told_once_though_the_program_is_killed_before_or_after() {
    for (moment, is_there) in [(Moment::Arrived, false), (Moment::Processed, true)] {
        let trial = begin(1).await;
        trial
            .double
            .deny(town::channel(0), permission::SEND_MESSAGES);
        trial.schedule(0..1).await;
        let letter = format!("POST channels/{}/messages", DM + ADMIN);
        let caught = trial.double.catch(&letter, moment);
        let bot = trial.spawn();
        caught.reached().await;
        bot.kill();
        caught.lose();
        assert_eq!(letters(&trial, 0).len(), usize::from(is_there));
        // After the third try the round is given up, which is another letter.
        for (tries, told) in [(2, 1), (3, 2)] {
            trial.let_time_pass().await;
            let bot = trial.spawn();
            trial
                .until("another try", |rows| rows[&town::guild(0)].claims >= tries)
                .await;
            until_told(&trial, told).await;
            assert_eq!(bot.stop().0, 0);
        }
        let told = letters(&trial, 0);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("may not write"), "{told:?}");
        assert!(told[1].contains("was not posted"), "{told:?}");
        trial.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_who_takes_no_direct_messages_stops_nothing() {
    let trial = begin(2).await;
    trial.double.close_dms(ADMIN);
    trial
        .double
        .deny(town::channel(1), permission::SEND_MESSAGES);
    trial.schedule(0..2).await;
    trial.let_time_pass().await;
    let bot = trial.spawn();
    bot.logged("an admin was not told of a problem").await;
    trial
        .until("the other round", |rows| {
            rows[&town::guild(0)].state == "posted"
        })
        .await;
    assert_eq!(bot.stop().0, 0);
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_in_doubt_is_held_while_the_history_cannot_be_read() {
    let trial = begin(1).await;
    trial.schedule(0..1).await;
    let message = kill_in_doubt(&trial).await;
    trial.double.forget_nonces();
    let history = permission::READ_MESSAGE_HISTORY;
    trial.double.deny(town::channel(0), history);
    for _ in 0..2 {
        run_until(&trial, "held").await;
        until_told(&trial, 1).await;
        assert!(letters(&trial, 0)[0].contains("history cannot be read"));
    }
    trial.double.deny(town::channel(0), 0);
    run_until(&trial, "posted").await;
    trial.assert_posted_once(0..1, "posted").await;
    assert_eq!(trial.row(0).await.message, Some(message));
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_somebody_removed_is_not_posted_again() {
    let trial = begin(1).await;
    trial.schedule(0..1).await;
    let message = kill_in_doubt(&trial).await;
    trial.double.delete_message(message);
    run_until(&trial, "skipped").await;
    assert_eq!(trial.made()[&town::channel(0)], [message]);
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn results_of_a_message_that_is_gone_make_no_other_one() {
    let trial = begin(2).await;
    trial.schedule(0..2).await;
    trial.run_until_all_are("posted").await;
    let gone = trial.made()[&town::channel(0)][0];
    trial.double.delete_message(gone);
    trial.double.delete_channel(town::channel(1));
    trial.end_answers().await;
    trial.run_until_all_are("revealed").await;
    assert_eq!(trial.made()[&town::channel(0)], [gone]);
    assert_eq!(
        trial.double.requests("PATCH channels/*/messages/*").len(),
        2
    );
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_comes_late_or_is_missed_with_a_reason() {
    let trial = begin(2).await;
    let ago = |hours| Timestamp::now() - SignedDuration::from_hours(hours);
    trial.schedule_at(0..1, ago(5)).await;
    trial.schedule_at(1..2, ago(7)).await;
    let bot = trial.spawn();
    trial
        .until("both", |rows| {
            rows[&town::guild(0)].state == "posted" && rows[&town::guild(1)].state == "missed"
        })
        .await;
    until_told(&trial, 1).await;
    assert_eq!(bot.stop().0, 0);
    let late = trial.made()[&town::channel(0)][0];
    let late = trial.double.message(late).text();
    assert!(late.contains("This one comes late."), "{late}");
    assert!(!trial.made().contains_key(&town::channel(1)));
    assert!(letters(&trial, 1)[0].contains("the bot was not running at its time"));
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_posted_by_a_wrong_clock() {
    for hours in [-3, 3] {
        let trial = begin(1).await;
        trial.double.set_ahead(SignedDuration::from_hours(hours));
        trial.schedule(0..1).await;
        let bot = trial.spawn();
        bot.logged("nothing is posted until it is right").await;
        trial.double.ready().await;
        assert_eq!(trial.row(0).await.state, "scheduled");
        assert_eq!(bot.stop().0, 0);
        assert!(trial.double.requests(POST).is_empty());
        trial.double.set_ahead(SignedDuration::ZERO);
        run_until(&trial, "posted").await;
        trial.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_locked_for_a_while_costs_no_second_message() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let Some(trial) = Trial::begin(kind, 1, 0).await else {
            continue;
        };
        trial.schedule(0..1).await;
        let processed = trial.double.catch(POST, Moment::Processed);
        let bot = trial.spawn();
        processed.reached().await;
        let lock = trial.lock().await;
        processed.release();
        bot.logged("a message that is there is not recorded yet")
            .await;
        drop(lock);
        trial
            .until("the record", |rows| rows[&town::guild(0)].state == "posted")
            .await;
        assert_eq!(bot.stop().0, 0);
        assert_eq!(trial.double.requests(POST).len(), 1);
        trial.assert_posted_once(0..1, "posted").await;
        trial.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_all_connections_costs_no_second_message() {
    let Some(trial) = Trial::begin(Kind::Postgres, 1, 0).await else {
        return;
    };
    trial.schedule(0..1).await;
    let processed = trial.double.catch(POST, Moment::Processed);
    let bot = trial.spawn();
    processed.reached().await;
    trial
        .run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await;
    processed.release();
    trial
        .until("the record", |rows| rows[&town::guild(0)].state == "posted")
        .await;
    assert_eq!(bot.stop().0, 0);
    assert_eq!(trial.double.requests(POST).len(), 1);
    trial.assert_posted_once(0..1, "posted").await;
    trial.end().await;
}
