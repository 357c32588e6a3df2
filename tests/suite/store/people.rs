//! What is stored about one person: all of it is shown, and all of it goes.

use std::collections::HashSet;

use footnote::gap::Gap;
use footnote::id::{GuildId, UserId};
use footnote::quiz::practice::Review;
use footnote::quiz::schedule::Schedule;
use footnote::store::{Store, Verdict};
use sqlx::{AssertSqlSafe, Row as _};

use super::{
    ANNA, ANSWER, BEN, CHANNEL, Database, GUILD, MESSAGE, NOW, ROUND, TODAY, because, gap,
    on_each_database, schedule, with_an_open_round,
};

on_each_database! {
    hidden_people_are_listed;
    a_person_sees_everything_and_can_delete_it,
}

async fn hidden_people_are_listed(database: &Database) {
    let store = database.store().await;
    assert_eq!(store.hidden().await.unwrap(), HashSet::new());
    for user in [ANNA, BEN, UserId(u64::MAX)] {
        store.hide(user, true).await.unwrap();
    }
    store.hide(BEN, false).await.unwrap();
    assert_eq!(
        store.hidden().await.unwrap(),
        HashSet::from([ANNA, UserId(u64::MAX)])
    );
}

/// Leaves a row of a person in every table that can have one.
async fn leave_traces(store: &Store, user: UserId) {
    let now = store.clock(NOW).await.unwrap();
    let asked = Gap {
        user,
        ..gap("price", 1_795_300_000_000)
    };
    store.record_gap(&asked).await.unwrap();
    let not_helpful = because(Some("old"));
    let verdict = Verdict::NotHelpful(&not_helpful);
    let at_ms = 1_795_300_000_001;
    store.vote(user, ANSWER, verdict, at_ms).await.unwrap();
    store
        .vote(user, MESSAGE, Verdict::Helpful, at_ms + 1)
        .await
        .unwrap();
    store.hide(user, true).await.unwrap();
    store
        .attempt(&ROUND, user, 2, MESSAGE, CHANNEL, now)
        .await
        .unwrap();
    store.flag(&ROUND, user, "a", "1", now).await.unwrap();
    let review = Review {
        question: "a".to_owned(),
        hash: "1".to_owned(),
        right: true,
        at: NOW,
    };
    store.review(user, &review).await.unwrap();
    let own = Schedule {
        set_by: Some(user),
        ..schedule(GuildId(user.0))
    };
    store
        .save_schedule(&own, &[], TODAY, now, now)
        .await
        .unwrap();
}

async fn a_person_sees_everything_and_can_delete_it(database: &Database) {
    let (store, _) = with_an_open_round(database, 28_800).await;
    // It was Anna who set up that quiz.
    leave_traces(&store, ANNA).await;
    leave_traces(&store, BEN).await;

    let anna = store.person(ANNA).await.unwrap();
    assert_eq!((anna.user, anna.hidden), (ANNA, true));
    assert_eq!((anna.votes.len(), anna.gaps.len()), (2, 2));
    assert_eq!(anna.set_up, [GUILD, GuildId(ANNA.0)]);
    let export = serde_json::to_value(&anna).unwrap();
    assert_eq!(export["gaps"][0]["at"], "2026-11-21T22:26:40Z");
    assert_eq!(export["gaps"][1]["reason"], "old");
    assert_eq!(export["attempts"][0]["date"], "2026-11-21");
    assert_eq!(export["attempts"][0]["choice"], "C");
    assert_eq!(export["practice"][0]["right"], true);
    assert_eq!(export["flags"][0]["question"], "a");

    let of_ben = store.person(BEN).await.unwrap();
    assert_eq!(store.delete_person(ANNA).await.unwrap(), 10);
    assert_eq!(store.delete_person(ANNA).await.unwrap(), 0);
    let nothing = store.person(UserId(5)).await.unwrap();
    let anna = store.person(ANNA).await.unwrap();
    assert_eq!(
        serde_json::to_value(&anna).unwrap()["attempts"],
        serde_json::json!([])
    );
    assert_eq!(
        footnote::store::Person {
            user: ANNA,
            ..nothing
        },
        anna
    );
    assert_eq!(store.person(BEN).await.unwrap(), of_ben);
    // The quiz that she set up goes on, without her name.
    let saved = store.schedule(GUILD).await.unwrap().unwrap();
    assert_eq!((saved.schedule.set_by, saved.stopped), (None, None));

    // Every column that could name a person was in play above, and names her no
    // more.
    let columns = columns(database).await;
    assert!(columns.len() > 6, "{columns:?}");
    for (table, column) in columns {
        let of_anna = count(database, &table, &column, ANNA).await;
        assert_eq!(of_anna, 0, "{table}.{column}");
        let of_ben = count(database, &table, &column, BEN).await;
        assert!(
            of_ben > 0,
            "{table}.{column}: let this test write a row, then delete it"
        );
    }
}

/// The columns of the schema that hold people, with their tables.
async fn columns(database: &Database) -> Vec<(String, String)> {
    match database {
        #[cfg(feature = "postgres")]
        Database::Server(database) => sqlx::query_as(
            "SELECT table_name::TEXT, column_name::TEXT FROM information_schema.columns
             WHERE table_schema = 'public' AND column_name IN ('user_id', 'set_by')",
        )
        .fetch_all(&mut database.connect().await)
        .await
        .unwrap(),
        _ => sqlx::query_as(
            "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND c.name IN ('user_id', 'set_by')",
        )
        .fetch_all(&mut database.outside_connection().await)
        .await
        .unwrap(),
    }
}

async fn count(database: &Database, table: &str, column: &str, user: UserId) -> i64 {
    let statement = AssertSqlSafe(format!(
        "SELECT COUNT(*) FROM {table} WHERE {column} = {user}"
    ));
    match database {
        #[cfg(feature = "postgres")]
        Database::Server(database) => sqlx::query(statement)
            .fetch_one(&mut database.connect().await)
            .await
            .unwrap()
            .get(0),
        _ => sqlx::query(statement)
            .fetch_one(&mut database.outside_connection().await)
            .await
            .unwrap()
            .get(0),
    }
}
