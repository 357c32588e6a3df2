//! A database in a file: whose it is, and what is said when it cannot be used.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use footnote::store::{Store, StoreError, Verdict};
use sqlx::Connection as _;

use super::{ANNA, ANSWER, Database, url};

#[tokio::test]
async fn the_file_is_for_its_owner_alone_and_power_cuts_are_survived() {
    let database = Database::file();
    let store = database.open().await.unwrap();
    store.hide(ANNA, true).await.unwrap();
    for entry in fs::read_dir(database.path().parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.file_name());
    }
    let mut outside = database.outside_connection().await;
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(&mut outside)
        .await
        .unwrap();
    assert_eq!(mode, "wal");
}

#[tokio::test]
async fn a_second_process_is_refused() {
    let database = Database::file();
    let store = database.open().await.unwrap();
    // By another name as well.
    let link = database.path().parent().unwrap().join("link.db");
    std::os::unix::fs::symlink(database.path(), &link).unwrap();
    for path in [database.path(), link] {
        let error = Store::open(&url(&path)).await.unwrap_err();
        assert!(matches!(error, StoreError::InUse(_)), "{error:?}");
        assert!(
            error.to_string().contains("Another process uses"),
            "{error}"
        );
    }
    store.close().await;
    database.open().await.unwrap();
}

#[tokio::test]
async fn a_locked_database_is_known_within_two_seconds() {
    let database = Database::file();
    let store = database.open().await.unwrap();
    let mut outside = database.outside_connection().await;
    let locked = outside.begin_with("BEGIN IMMEDIATE").await.unwrap();

    let start = Instant::now();
    let writes = tokio::join!(
        store.hide(ANNA, true),
        store.vote(ANNA, ANSWER, Verdict::Helpful, 1),
    );
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
    for write in [writes.0, writes.1] {
        let error = write.unwrap_err();
        assert!(matches!(error, StoreError::Busy(_)), "{error:?}");
    }
    // Reading goes on.
    assert!(!store.is_hidden(ANNA).await.unwrap());

    locked.rollback().await.unwrap();
    store.hide(ANNA, true).await.unwrap();
    assert!(store.is_hidden(ANNA).await.unwrap());
    assert_eq!(store.person(ANNA).await.unwrap().votes, []);
}

#[tokio::test]
async fn what_cannot_be_opened_is_said_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("notes.md"), "# Notes\n".repeat(1_000)).unwrap();
    fs::create_dir(path("folder.db")).unwrap();
    let cases = [
        (path("missing/footnote.db"), "does not exist. Create it"),
        (path("notes.md"), "is not a database of Footnote"),
        (path("folder.db"), "cannot be written. Give the user"),
    ];
    for (path, expected) in cases {
        let error = Store::open(&url(&path)).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(error.contains(folder.path().to_str().unwrap()), "{error}");
    }
    assert!(!path("missing").exists());
    let notes = fs::read_to_string(path("notes.md")).unwrap();
    assert_eq!(notes, "# Notes\n".repeat(1_000));
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let database = Database::file();
    database.open().await.unwrap().close().await;
    let mut outside = database.outside_connection().await;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'later', TRUE, x'00', 1)",
    )
    .execute(&mut outside)
    .await
    .unwrap();
    let error = database.open().await.unwrap_err();
    assert!(matches!(error, StoreError::Newer(9999)), "{error:?}");
}
