//! The schema, step by step: the same steps for every kind of database, each with
//! rows of the one before.

use std::fs;

use footnote::gap::Kind;
use footnote::id::{GuildId, UserId};
use footnote::quiz::round::{RoundId, State};
use footnote::store::Store;
use jiff::civil::date;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection as _};

use super::Database;
use crate::harness::root;

/// Numbers and names of the steps for a kind of database.
fn steps(backend: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root("migrations").join(backend))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn every_kind_of_database_has_the_same_steps() {
    assert_eq!(steps("sqlite"), steps("postgres"));
    assert!(steps("sqlite").len() > 1);
}

/// The steps for a kind of database, each with the rows that its version of the
/// program would have written: the next step must live with them.
async fn with_rows(backend: &str) -> (Migrator, Vec<(i64, String)>) {
    let steps = Migrator::new(root("migrations").join(backend).as_path())
        .await
        .unwrap();
    let rows = steps.iter().map(|step| {
        let file = format!(
            "tests/fixtures/migrations/{backend}/{:04}.sql",
            step.version
        );
        let rows = fs::read_to_string(root(&file));
        (
            step.version,
            rows.unwrap_or_else(|_| panic!("{file} is missing")),
        )
    });
    let rows = rows.collect();
    (steps, rows)
}

#[tokio::test]
async fn each_step_keeps_the_rows_of_the_one_before_in_a_file() {
    let database = Database::file();
    let mut outside = database.outside_connection().await;
    let (steps, rows) = with_rows("sqlite").await;
    for (step, rows) in rows {
        steps.run_to(step, &mut outside).await.unwrap();
        let rows = sqlx::raw_sql(AssertSqlSafe(rows));
        rows.execute(&mut outside).await.unwrap();
    }
    outside.close().await.unwrap();
    holds_the_rows(&database.store().await).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn each_step_keeps_the_rows_of_the_one_before_on_a_server() {
    let Some(database) = crate::postgres::Database::create().await else {
        return;
    };
    let mut outside = database.connect().await;
    let (steps, rows) = with_rows("postgres").await;
    for (step, rows) in rows {
        steps.run_to(step, &mut outside).await.unwrap();
        let rows = sqlx::raw_sql(AssertSqlSafe(rows));
        rows.execute(&mut outside).await.unwrap();
    }
    let store = footnote::store::Store::open(&database.url).await.unwrap();
    holds_the_rows(&store).await;
    database.remove().await;
}

/// What the fixtures wrote is there.
async fn holds_the_rows(store: &Store) {
    assert_eq!(
        store.setting("commands").await.unwrap().as_deref(),
        Some("5f2a")
    );
    let gaps = store.gaps_since(Some(GuildId(10)), 0).await.unwrap();
    let told: Vec<_> = gaps
        .iter()
        .map(|gap| (gap.kind, gap.services[0].as_str(), gap.reason.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            (Kind::Abstention, "Amazon SQS", None),
            (Kind::NotHelpful, "Amazon S3", Some("out of date")),
        ]
    );
    assert!(store.person(UserId(2)).await.unwrap().votes[0].helpful);
    assert!(store.is_hidden(UserId(2)).await.unwrap());
    assert_eq!(store.most_asked(20_778, 1).await.unwrap()[0].count, 3);

    let saved = store.schedule(GuildId(10)).await.unwrap().unwrap();
    assert_eq!((saved.rev, saved.schedule.pauses.len()), (2, 1));
    let since = date(2026, 11, 1);
    let rounds = store.rounds_since(GuildId(10), since).await.unwrap();
    let mut states: Vec<State> = rounds.iter().map(|round| round.state).collect();
    states.sort_unstable();
    assert_eq!(states, State::ALL);
    let id = RoundId {
        guild: GuildId(10),
        date: date(2026, 11, 12),
    };
    let played = store.played(&id).await.unwrap().unwrap();
    assert!(played.is_right(&played.attempts[0]));
    assert_eq!(store.flags(GuildId(10)).await.unwrap().len(), 1);
    let aside = store.aside(GuildId(10)).await.unwrap();
    let aside: Vec<&str> = aside.iter().map(|aside| aside.question.as_str()).collect();
    assert_eq!(aside, ["services/s3.md#old"]);
    assert_eq!(store.notices(GuildId(10)).await.unwrap().len(), 2);
    assert_eq!(store.reviews(UserId(1)).await.unwrap().len(), 1);
}
