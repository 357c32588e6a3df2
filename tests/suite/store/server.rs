//! A database on a server: several processes, lost connections, and what is said
//! when it cannot be used, always without the password.

use std::time::{Duration, Instant};

use footnote::store::{Condition, Store, StoreError, shown};
use sqlx::AssertSqlSafe;

use super::{ANNA, Database, NOW};
use crate::postgres::{self, PASSWORD, server};

/// Everything an error says, its causes as well, and how it looks in a log.
fn all_of(error: &StoreError) -> String {
    let mut texts = vec![format!("{error} {error:?}")];
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        texts.push(format!("{error} {error:?}"));
        cause = error.source();
    }
    texts.join(" ")
}

#[tokio::test]
async fn several_processes_start_at_once() {
    let Some(database) = Database::on_server().await else {
        return;
    };
    let url = database.url();
    let starts = (0..6).map(|_| Store::open(&url));
    for store in futures_util::future::join_all(starts).await {
        store.unwrap().set_setting("a", "b").await.unwrap();
    }
    assert!(matches!(
        Store::inspect(&url).await.unwrap(),
        Condition::Ready { behind: 0 }
    ));
    database.remove().await;
}

#[tokio::test]
async fn looking_changes_nothing() {
    let Some(database) = Database::on_server().await else {
        return;
    };
    for _ in 0..2 {
        let condition = Store::inspect(&database.url()).await.unwrap();
        assert!(matches!(condition, Condition::Ready { behind } if behind > 1));
    }
    database.remove().await;
}

#[tokio::test]
async fn a_schema_of_a_newer_version_is_left_alone() {
    let Some(database) = postgres::Database::create().await else {
        return;
    };
    Store::open(&database.url).await.unwrap().close().await;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'later', TRUE, '\\x00', 1)",
    )
    .execute(&mut database.connect().await)
    .await
    .unwrap();
    for error in [
        Store::open(&database.url).await.unwrap_err(),
        Store::inspect(&database.url).await.unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Newer(9999)), "{error:?}");
    }
    database.remove().await;
}

#[tokio::test]
async fn connections_are_set_to_survive_a_power_cut_and_to_give_up() {
    let Some(database) = postgres::Database::create().await else {
        return;
    };
    let mut outside = database.connect().await;
    // A server that was made quick and careless.
    let careless: String = sqlx::query_scalar(
        "SELECT format('ALTER DATABASE %I SET synchronous_commit = off', current_database())",
    )
    .fetch_one(&mut outside)
    .await
    .unwrap();
    sqlx::raw_sql(AssertSqlSafe(careless))
        .execute(&mut outside)
        .await
        .unwrap();
    let store = Store::open(&database.url).await.unwrap();
    // Only a session itself knows what it is set to: a trigger asks it.
    sqlx::raw_sql(
        "CREATE TABLE seen (name text, value text);
         CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             INSERT INTO seen SELECT name, current_setting(name) FROM unnest(
                 ARRAY['synchronous_commit', 'statement_timeout', 'application_name']) name;
             RETURN NEW;
         END $$;
         CREATE TRIGGER note AFTER INSERT ON hidden FOR EACH ROW EXECUTE FUNCTION note();",
    )
    .execute(&mut outside)
    .await
    .unwrap();
    store.hide(ANNA, true).await.unwrap();
    let seen: Vec<(String, String)> = sqlx::query_as("SELECT name, value FROM seen ORDER BY name")
        .fetch_all(&mut outside)
        .await
        .unwrap();
    let seen: Vec<(&str, &str)> = seen.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(
        seen,
        [
            ("application_name", "footnote"),
            ("statement_timeout", "1500ms"),
            ("synchronous_commit", "on"),
        ]
    );
    database.remove().await;
}

#[tokio::test]
async fn a_locked_table_is_known_within_two_seconds() {
    let Some(database) = postgres::Database::create().await else {
        return;
    };
    let store = Store::open(&database.url).await.unwrap();
    store.hide(ANNA, false).await.unwrap();
    let mut outside = database.connect().await;
    sqlx::raw_sql("BEGIN; LOCK TABLE hidden")
        .execute(&mut outside)
        .await
        .unwrap();
    let start = Instant::now();
    let error = store.hide(ANNA, true).await.unwrap_err();
    assert!(start.elapsed() < Duration::from_millis(2_500));
    assert!(matches!(error, StoreError::Busy(_)), "{error:?}");
    sqlx::raw_sql("ROLLBACK")
        .execute(&mut outside)
        .await
        .unwrap();
    store.hide(ANNA, true).await.unwrap();
    assert!(store.is_hidden(ANNA).await.unwrap());
    database.remove().await;
}

#[tokio::test]
async fn lost_connections_heal_by_themselves() {
    let Some(database) = postgres::Database::create().await else {
        return;
    };
    let store = Store::open(&database.url).await.unwrap();
    let mut outside = database.connect().await;
    for round in 0..3 {
        // Several connections, all of them lost.
        let (one, two) = tokio::join!(store.clock(NOW), store.hide(ANNA, true));
        one.unwrap();
        two.unwrap();
        sqlx::query(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
             WHERE application_name = 'footnote' AND datname = current_database()",
        )
        .execute(&mut outside)
        .await
        .unwrap();
        assert!(store.is_hidden(ANNA).await.unwrap(), "round {round}");
    }
    database.remove().await;
}

#[tokio::test]
async fn a_database_that_may_only_be_read_is_said() {
    let Some(database) = postgres::Database::create().await else {
        return;
    };
    Store::open(&database.url).await.unwrap().close().await;
    let name = database.url.rsplit('/').next().unwrap();
    let statement = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut database.connect().await)
        .await
        .unwrap();
    let error = match Store::open(&database.url).await {
        Ok(store) => store.hide(ANNA, true).await.unwrap_err(),
        Err(error) => error,
    };
    assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");
    database.remove().await;
}

#[tokio::test]
async fn what_cannot_be_reached_is_said_without_the_password() {
    // A port that nobody listens on: it was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut cases = vec![
        (
            format!("postgres://me:{PASSWORD}@127.0.0.1:{port}/footnote"),
            "cannot be reached. Check that it runs",
        ),
        (
            format!("postgresql:///footnote?host=/nowhere&user=me&password={PASSWORD}"),
            "cannot be reached. Check that it runs",
        ),
        (
            format!("postgres://me:{PASSWORD}@host:notaport/footnote"),
            "is not one that Footnote knows",
        ),
        (
            format!("postgres://me@host/footnote?pasword={PASSWORD}"),
            "is not one that Footnote knows",
        ),
        (
            format!("postgres://me:{PASSWORD}@host/footnote?sslmode={PASSWORD}"),
            "is not one that Footnote knows",
        ),
    ];
    if let Some(server) = server()
        && server.contains(PASSWORD)
    {
        cases.push((
            format!("{server}_nowhere"),
            "has no database of the name in the store URL",
        ));
        cases.push((
            server.replace(PASSWORD, &format!("{PASSWORD}x")),
            "refused the login. Check the user and the password",
        ));
    }
    for (url, expected) in cases {
        for error in [
            Store::open(&url).await.unwrap_err(),
            Store::inspect(&url).await.unwrap_err(),
        ] {
            let text = error.to_string();
            assert!(text.contains(expected), "{text}");
            let text = all_of(&error);
            assert!(!text.contains(PASSWORD), "{text}");
        }
        assert!(!shown(&url).contains(PASSWORD), "{}", shown(&url));
        let config = footnote::config::Store { url };
        assert!(!format!("{config:?}").contains(PASSWORD));
    }
}

#[tokio::test]
async fn a_store_shows_no_password() {
    let Some(database) = Database::on_server().await else {
        return;
    };
    let store = database.store().await;
    assert!(!format!("{store:?}").contains(PASSWORD));
    database.remove().await;
}
