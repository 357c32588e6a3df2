//! Several at once: each race has one winner, and nothing that was told is lost.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use footnote::gap::Gap;
use footnote::id::{GuildId, UserId};
use footnote::quiz::round::{Attempt, RoundId, State};
use footnote::store::{Asked, Attempted, Store};
use jiff::Timestamp;

use super::{
    CHANNEL, Database, GUILD, LEASE, MESSAGE, NOW, ROUND, TODAY, claim, due, gap, on_each_database,
    question, schedule, seconds, with_a_round, with_an_open_round,
};

on_each_database! {
    many_writers_at_once_lose_nothing,
    every_round_is_claimed_by_one_of_many,
    of_many_clicks_the_first_counts,
    nothing_is_stored_after_the_round_is_closed,
    one_of_many_plans_a_day;
}

/// Stores for this many workers: on a server each has its own, as processes do.
async fn stores(database: &Database, store: &Store, workers: usize) -> Vec<Store> {
    let mut stores = Vec::new();
    for _ in 0..workers {
        stores.push(match database {
            Database::File(_) | Database::Memory => store.clone(),
            #[cfg(feature = "postgres")]
            Database::Server(_) => database.store().await,
        });
    }
    stores
}

async fn many_writers_at_once_lose_nothing(database: &Database) {
    let store = database.store().await;
    let mut writers = Vec::new();
    for (writer, store) in (0..).zip(stores(database, &store, 8).await) {
        writers.push(tokio::spawn(async move {
            for at_ms in 0..10 {
                let gap: Gap = gap("price", writer * 100 + at_ms);
                store.record_gap(&gap).await.unwrap();
                let section = "a".to_owned();
                let asked = Asked { section, count: 1 };
                store.add_asked(1, &[asked]).await.unwrap();
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(store.gaps_since(None, 0).await.unwrap().len(), 80);
    assert_eq!(store.most_asked(0, 1).await.unwrap()[0].count, 80);
}

async fn every_round_is_claimed_by_one_of_many(database: &Database) {
    const ROUNDS: u64 = 50;
    let store = database.store().await;
    let now = store.clock(NOW).await.unwrap();
    for guild in 0..ROUNDS {
        let planned = [due(TODAY, now - seconds(1))];
        store
            .save_schedule(&schedule(GuildId(guild)), &planned, TODAY, now, now)
            .await
            .unwrap();
    }
    let mut workers = Vec::new();
    for (worker, store) in stores(database, &store, 8).await.into_iter().enumerate() {
        workers.push(tokio::spawn(async move {
            let owner = format!("worker {worker}");
            let mut mine = Vec::new();
            for round in store.rounds_to_post(now, 100).await.unwrap() {
                let question = question("a");
                let close_at = now + LEASE;
                let claimed = store
                    .claim_round(&round.id, &owner, now, LEASE, &question, close_at)
                    .await
                    .unwrap();
                if let Some(round) = claimed {
                    assert_eq!(round.claims, 1);
                    mine.push(round.id);
                }
            }
            mine
        }));
    }
    let mut claimed: Vec<RoundId> = Vec::new();
    for worker in workers {
        claimed.extend(worker.await.unwrap());
    }
    claimed.sort_unstable();
    let all: Vec<RoundId> = (0..ROUNDS)
        .map(|guild| RoundId {
            guild: GuildId(guild),
            date: TODAY,
        })
        .collect();
    assert_eq!(claimed, all);
}

async fn of_many_clicks_the_first_counts(database: &Database) {
    let (store, now) = with_an_open_round(database, 28_800).await;
    let two = stores(database, &store, 2).await;
    let mut clicks = Vec::new();
    for user in 1..=20 {
        for choice in 0..4 {
            let store = two[choice % 2].clone();
            clicks.push(tokio::spawn(async move {
                store
                    .attempt(&ROUND, UserId(user), choice, MESSAGE, CHANNEL, now)
                    .await
                    .unwrap()
            }));
        }
    }
    let mut stored: BTreeMap<UserId, Attempt> = BTreeMap::new();
    let mut told = Vec::new();
    for click in clicks {
        match click.await.unwrap() {
            Attempted::Stored(attempt) => {
                assert_eq!(stored.insert(attempt.user, attempt), None);
                told.push(attempt);
            }
            Attempted::Kept(attempt) => told.push(attempt),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((stored.len(), told.len()), (20, 80));
    for attempt in told {
        assert_eq!(stored[&attempt.user], attempt);
    }
    let mut kept = store.played(&ROUND).await.unwrap().unwrap().attempts;
    kept.sort_unstable_by_key(|attempt| attempt.user);
    assert_eq!(kept, stored.into_values().collect::<Vec<_>>());
}

async fn nothing_is_stored_after_the_round_is_closed(database: &Database) {
    let (store, start) = with_a_round(database).await;
    // Real time goes on here, whoever keeps it.
    let began = Instant::now();
    let time = move || start + began.elapsed();
    let close_at = store.clock(time()).await.unwrap() + seconds(1);
    claim(&store, &ROUND, time(), LEASE, close_at)
        .await
        .unwrap();
    store
        .record_posted(&ROUND, "me", 1, MESSAGE, time())
        .await
        .unwrap();
    let mut clicking = Vec::new();
    for (first, store) in (0..).zip(stores(database, &store, 6).await) {
        clicking.push(tokio::spawn(async move {
            let mut stored = Vec::new();
            for number in 0.. {
                let user = UserId(first * 1_000_000 + number);
                let answered = store.attempt(&ROUND, user, 0, MESSAGE, CHANNEL, time());
                match answered.await.unwrap() {
                    Attempted::Stored(attempt) => stored.push(attempt),
                    Attempted::Closed => break,
                    other => panic!("{other:?}"),
                }
            }
            stored
        }));
    }
    let closing = stores(database, &store, 1).await.remove(0);
    let deadline = Instant::now() + Duration::from_secs(20);
    let at_close = loop {
        assert!(Instant::now() < deadline, "never closed");
        if let Some(round) = closing
            .close_round(&ROUND, "me", time(), LEASE)
            .await
            .unwrap()
        {
            assert_eq!(round.state, State::Closed);
            break closing.played(&ROUND).await.unwrap().unwrap().attempts;
        }
        tokio::task::yield_now().await;
    };
    let mut told = Vec::new();
    for clicks in clicking {
        told.extend(clicks.await.unwrap());
    }
    let sorted = |mut attempts: Vec<Attempt>| {
        attempts.sort_unstable_by_key(|attempt| attempt.user);
        attempts
    };
    assert!(!told.is_empty());
    let after = store.played(&ROUND).await.unwrap().unwrap().attempts;
    assert_eq!(sorted(at_close.clone()), sorted(told));
    assert_eq!(at_close, after);
    assert!(after.iter().all(|attempt| attempt.at < close_at));
}

async fn one_of_many_plans_a_day(database: &Database) {
    let (store, now) = with_a_round(database).await;
    let tomorrow = TODAY.tomorrow().unwrap();
    let mut planning = Vec::new();
    for (number, store) in (0..).zip(stores(database, &store, 6).await) {
        planning.push(tokio::spawn(async move {
            if number == 3 {
                // An admin changes it meanwhile.
                let planned = [due(tomorrow, now + seconds(999))];
                store
                    .save_schedule(&schedule(GUILD), &planned, tomorrow, now, now)
                    .await
                    .unwrap();
                return;
            }
            let planned = [due(tomorrow, now + seconds(number))];
            let done: bool = store
                .plan(GUILD, 1, &planned, tomorrow, Timestamp::MAX)
                .await
                .unwrap();
            // True before the change, false after it.
            let _ = done;
        }));
    }
    for plan in planning {
        plan.await.unwrap();
    }
    let rounds = store.rounds_since(GUILD, tomorrow).await.unwrap();
    assert_eq!(rounds.len(), 1);
    assert_eq!(rounds[0].due, now + seconds(999));
    let saved = store.schedule(GUILD).await.unwrap().unwrap();
    assert_eq!(saved.rev, 2);
}
