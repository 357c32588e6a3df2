//! Which process runs which shards: on a server, each shard has one, however its
//! connection ends.

use std::time::{Duration, Instant};

use footnote::config::Shards;
use footnote::store::{ShardLease, Store, Taken};
use tokio::time::{sleep, timeout};

use crate::postgres;

/// Nothing takes longer that goes well.
const PATIENCE: Duration = Duration::from_secs(15);

fn shards(text: &str) -> Shards {
    text.parse().unwrap()
}

async fn lease(store: &Store, text: &str) -> Result<ShardLease, Taken> {
    store.lease_shards(shards(text)).await.unwrap()
}

/// Takes shards that are about to be free.
async fn lease_soon(store: &Store, text: &str) -> ShardLease {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match lease(store, text).await {
            Ok(lease) => return lease,
            Err(taken) => assert!(Instant::now() < deadline, "{taken:?}"),
        }
        sleep(Duration::from_millis(10)).await;
    }
}

/// Ends the connection that keeps shards, as a server does that is restarted.
async fn cut(database: &postgres::Database) {
    let end = "SELECT COUNT(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity \
               WHERE datname = current_database() AND application_name LIKE 'footnote shards %'";
    let ended: i64 = sqlx::query_scalar(end)
        .fetch_one(&mut database.connect().await)
        .await
        .unwrap();
    assert_eq!(ended, 1);
}

#[tokio::test]
async fn two_processes_never_have_a_shard_at_once() {
    let Some(database) = postgres::Database::create().await else {
        return;
    };
    let (one, other) = (
        Store::open(&database.url).await.unwrap(),
        Store::open(&database.url).await.unwrap(),
    );
    let first = lease(&one, "0-1/4").await.unwrap();
    let second = lease(&other, "2/4").await.unwrap();
    let taken = lease(&other, "1-3/4").await.unwrap_err();
    assert_eq!(taken.shards, [shards("1/4"), shards("2/4")]);
    // Who it is, for a person who looks for it.
    let process = format!("footnote shards 2/4, process {}", std::process::id());
    assert_eq!(taken.by, process);
    // Of another total, the same servers are on other shards.
    let taken = lease(&other, "0/2").await.unwrap_err();
    assert_eq!(taken.shards, [shards("0/4"), shards("2/4")]);
    assert_eq!(
        lease(&other, "1/2").await.unwrap_err().shards,
        [shards("1/4")]
    );
    assert!(lease(&other, "0/1").await.is_err());
    // Nothing is kept of what was not given.
    drop(lease(&other, "3/4").await.unwrap());

    drop((first, second));
    drop(lease_soon(&other, "0/1").await);
    database.remove().await;
}

#[tokio::test]
async fn of_many_who_ask_at_once_one_gets_it() {
    let Some(database) = postgres::Database::create().await else {
        return;
    };
    let store = Store::open(&database.url).await.unwrap();
    let asking = (0..8).map(|_| lease(&store, "0-3/4"));
    let given = futures_util::future::join_all(asking).await;
    assert_eq!(given.iter().filter(|given| given.is_ok()).count(), 1);
    drop(given);
    database.remove().await;
}

#[tokio::test]
async fn after_a_lost_connection_the_shards_are_kept_again() {
    let Some(database) = postgres::Database::create().await else {
        return;
    };
    let store = Store::open(&database.url).await.unwrap();
    let mut held = lease(&store, "0-1/2").await.unwrap();
    cut(&database).await;
    // It goes on holding, and takes them up again in time.
    let deadline = Instant::now() + PATIENCE;
    let kept = async {
        loop {
            sleep(Duration::from_millis(50)).await;
            let locks: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 \
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            )
            .fetch_one(&mut database.connect().await)
            .await
            .unwrap();
            if locks == 2 {
                return;
            }
            assert!(Instant::now() < deadline, "{locks} locks");
        }
    };
    tokio::select! {
        taken = held.lost() => panic!("{taken:?}"),
        () = kept => {}
    }
    assert!(lease(&store, "0/2").await.is_err());
    drop(held);
    database.remove().await;
}

#[tokio::test]
async fn whoever_lost_the_connection_learns_that_another_was_faster() {
    let Some(database) = postgres::Database::create().await else {
        return;
    };
    let (one, other) = (
        Store::open(&database.url).await.unwrap(),
        Store::open(&database.url).await.unwrap(),
    );
    let mut first = lease(&one, "0/2").await.unwrap();
    cut(&database).await;
    let second = lease(&other, "0/4").await.unwrap();
    let taken = timeout(PATIENCE, first.lost()).await.unwrap();
    assert_eq!(taken.shards, [shards("0/4")]);
    drop(second);
    database.remove().await;
}

#[tokio::test]
async fn sessions_start_one_after_another_in_all_processes_together() {
    let Some(database) = postgres::Database::create().await else {
        return;
    };
    let distance = Duration::from_secs(5);
    let (one, other) = (
        Store::open(&database.url).await.unwrap(),
        Store::open(&database.url).await.unwrap(),
    );
    let turns = (0..6).map(|turn| [&one, &other][turn % 2].session_turn(0, distance));
    let mut turns: Vec<Duration> = futures_util::future::join_all(turns)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    turns.sort_unstable();
    assert_eq!(turns[0], Duration::ZERO);
    for (at, turn) in turns.iter().enumerate() {
        let latest = distance * u32::try_from(at).unwrap();
        // The clock goes on while they ask.
        assert!(*turn <= latest && *turn + distance > latest, "{turns:?}");
    }
    // Shards of another bucket have turns of their own.
    assert_eq!(one.session_turn(1, distance).await.unwrap(), Duration::ZERO);
    database.remove().await;
}

#[tokio::test]
async fn a_file_has_one_process_and_nothing_to_decide() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    let mut held = lease(&store, "0-3/4").await.unwrap();
    assert_eq!(held.shards(), Shards::all(4));
    let turn = store.session_turn(0, Duration::from_secs(5)).await.unwrap();
    assert_eq!(turn, Duration::ZERO);
    let lost = timeout(Duration::from_millis(50), held.lost()).await;
    assert!(lost.is_err());
}
