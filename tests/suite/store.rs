//! What the store keeps, what it forgets, and what it says when it cannot.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use footnote::gap::{Gap, Kind};
use footnote::id::{ChannelId, GuildId, MessageId, UserId};
use footnote::store::{Asked, Store, StoreError, Verdict};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};
use tempfile::TempDir;

use crate::harness::root;

const ANNA: UserId = UserId(1_100_000_000_000_000_001);
const BEN: UserId = UserId(1_100_000_000_000_000_002);
const GUILD: GuildId = GuildId(7);
const ANSWER: MessageId = MessageId(900);

/// A database file in a folder of its own.
struct Database {
    folder: TempDir,
}

impl Database {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("footnote.db")
    }

    async fn open(&self) -> Result<Store, StoreError> {
        Store::open(&url(&self.path())).await
    }

    /// A connection of somebody else: a backup, a tool.
    async fn outside_connection(&self) -> SqliteConnection {
        connect(&self.path()).await
    }
}

fn url(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

async fn connect(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path);
    options.create_if_missing(true).connect().await.unwrap()
}

async fn in_memory() -> Store {
    Store::open("sqlite::memory:").await.unwrap()
}

/// A question of Anna in the guild, at this time, without an answer.
fn gap(question: &str, at_ms: i64) -> Gap {
    Gap {
        kind: Kind::Abstention,
        user: ANNA,
        guild: Some(GUILD),
        channel: Some(ChannelId(8)),
        message: Some(MessageId(9)),
        question: Some(question.to_owned()),
        services: vec!["Amazon SQS".to_owned()],
        controls: vec!["Encryption at rest".to_owned(), "Logging".to_owned()],
        reason: None,
        at_ms,
    }
}

fn because(reason: Option<&str>) -> Gap {
    Gap {
        kind: Kind::NotHelpful,
        reason: reason.map(str::to_owned),
        ..gap("is it encrypted?", 5)
    }
}

fn asked(section: &str, count: u64) -> Asked {
    Asked {
        section: section.to_owned(),
        count,
    }
}

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let database = Database::new();
    let store = database.open().await.unwrap();
    store.set_setting("commands", "old").await.unwrap();
    store.set_setting("commands", "5f2a").await.unwrap();
    store.record_gap(&gap("price", 5)).await.unwrap();
    store.hide(ANNA, true).await.unwrap();
    store.close().await;
    drop(store);

    let store = database.open().await.unwrap();
    assert_eq!(
        store.setting("commands").await.unwrap().as_deref(),
        Some("5f2a")
    );
    assert_eq!(store.setting("other").await.unwrap(), None);
    assert_eq!(store.gaps_since(None, 0).await.unwrap(), [gap("price", 5)]);
    assert!(store.is_hidden(ANNA).await.unwrap());
}

#[tokio::test]
async fn gaps_are_those_of_the_guild_since_the_time() {
    let store = in_memory().await;
    let direct = Gap {
        guild: None,
        channel: None,
        message: None,
        question: None,
        ..gap("", 30)
    };
    for gap in [&gap("late", 20), &gap("early", 10), &direct] {
        store.record_gap(gap).await.unwrap();
    }
    let all = store.gaps_since(None, 10).await.unwrap();
    assert_eq!(all, [gap("early", 10), gap("late", 20), direct.clone()]);
    assert_eq!(
        store.gaps_since(Some(GUILD), 11).await.unwrap(),
        [gap("late", 20)]
    );
    assert_eq!(store.gaps_since(Some(GuildId(8)), 0).await.unwrap(), []);
}

#[tokio::test]
async fn any_text_and_any_id_come_back_as_they_were() {
    let store = in_memory().await;
    let texts = [
        "'; DROP TABLE gap; -- \" ` %_?1 :a $b @c",
        "before\0after",
        "\u{202e}txet \u{200b}🧑‍🧑‍🧒 e\u{301} \r\n\t",
        "",
    ];
    for (text, at_ms) in texts.into_iter().zip(1..) {
        let gap = Gap {
            user: UserId(u64::MAX),
            guild: Some(GuildId(u64::MAX)),
            message: Some(MessageId(1 << 63)),
            services: vec![text.to_owned()],
            reason: Some(text.to_owned()),
            ..gap(text, at_ms)
        };
        store.record_gap(&gap).await.unwrap();
        let found = store
            .gaps_since(Some(GuildId(u64::MAX)), at_ms)
            .await
            .unwrap();
        assert_eq!(found, [gap]);
        store.set_setting(text, text).await.unwrap();
        assert_eq!(store.setting(text).await.unwrap().as_deref(), Some(text));
    }
}

#[tokio::test]
async fn the_later_vote_replaces_the_earlier() {
    let store = in_memory().await;
    let not_helpful = because(None);
    let vote = async |verdict: Verdict<'_>, at_ms: i64| {
        store.vote(ANNA, ANSWER, verdict, at_ms).await.unwrap();
        store.gaps_since(None, 0).await.unwrap()
    };
    assert_eq!(vote(Verdict::Helpful, 4).await, []);
    let as_voted = because(None);
    assert_eq!(vote(Verdict::NotHelpful(&not_helpful), 5).await, [as_voted]);
    assert_eq!(vote(Verdict::Helpful, 6).await, []);
    let votes = store.person(ANNA).await.unwrap().votes;
    assert_eq!(votes.len(), 1);
    assert!(votes[0].helpful && votes[0].at_ms == 6 && votes[0].answer == ANSWER);
}

#[tokio::test]
async fn a_reason_added_later_joins_the_vote_and_stays() {
    let store = in_memory().await;
    let vote = async |user: UserId, gap: &Gap, at_ms: i64| {
        let verdict = Verdict::NotHelpful(gap);
        store.vote(user, ANSWER, verdict, at_ms).await.unwrap();
    };
    vote(ANNA, &because(None), 5).await;
    let without_question = Gap {
        question: None,
        ..because(Some("out of date"))
    };
    vote(ANNA, &without_question, 6).await;
    vote(ANNA, &because(None), 7).await;
    vote(BEN, &because(None), 8).await;
    let expected = [
        Gap {
            at_ms: 7,
            ..because(Some("out of date"))
        },
        Gap {
            user: BEN,
            at_ms: 8,
            ..because(None)
        },
    ];
    assert_eq!(store.gaps_since(None, 0).await.unwrap(), expected);
}

#[tokio::test]
async fn old_texts_are_forgotten_and_still_counted() {
    let store = in_memory().await;
    store.record_gap(&gap("old", 10)).await.unwrap();
    store.record_gap(&gap("new", 20)).await.unwrap();
    let old = because(Some("wrong"));
    store
        .vote(BEN, ANSWER, Verdict::NotHelpful(&old), 11)
        .await
        .unwrap();

    assert_eq!(store.forget_texts_before(20).await.unwrap(), 2);
    assert_eq!(store.forget_texts_before(20).await.unwrap(), 0);
    let gaps = store.gaps_since(None, 0).await.unwrap();
    let texts: Vec<_> = gaps
        .iter()
        .map(|gap| (gap.question.as_deref(), gap.reason.as_deref()))
        .collect();
    assert_eq!(texts, [(None, None), (None, None), (Some("new"), None)]);
    assert_eq!(gaps[0].services, ["Amazon SQS"]);
}

#[tokio::test]
async fn sections_are_counted_by_day() {
    let store = in_memory().await;
    store
        .add_asked(1, &[asked("a", 5), asked("b", 2)])
        .await
        .unwrap();
    store
        .add_asked(2, &[asked("b", 2), asked("c", 4), asked("b", 1)])
        .await
        .unwrap();
    store.add_asked(3, &[]).await.unwrap();

    let all = [asked("a", 5), asked("b", 5), asked("c", 4)];
    assert_eq!(store.most_asked(0, 10).await.unwrap(), all);
    assert_eq!(store.most_asked(2, 1).await.unwrap(), [asked("c", 4)]);
    assert_eq!(store.prune_asked(2).await.unwrap(), 2);
    assert_eq!(
        store.most_asked(0, 10).await.unwrap(),
        [asked("c", 4), asked("b", 3)]
    );
}

#[tokio::test]
async fn hiding_can_be_taken_back() {
    let store = in_memory().await;
    for hidden in [true, true, false, false] {
        store.hide(ANNA, hidden).await.unwrap();
        assert_eq!(store.is_hidden(ANNA).await.unwrap(), hidden);
        assert!(!store.is_hidden(BEN).await.unwrap());
    }
}

#[tokio::test]
async fn a_person_sees_everything_and_can_delete_it() {
    let database = Database::new();
    let store = database.open().await.unwrap();
    for user in [ANNA, BEN] {
        store
            .record_gap(&Gap {
                user,
                ..gap("price", 1_795_300_000_000)
            })
            .await
            .unwrap();
        let not_helpful = because(Some("old"));
        let verdict = Verdict::NotHelpful(&not_helpful);
        store
            .vote(user, ANSWER, verdict, 1_795_300_000_001)
            .await
            .unwrap();
        store
            .vote(user, MessageId(901), Verdict::Helpful, 1_795_300_000_002)
            .await
            .unwrap();
        store.hide(user, true).await.unwrap();
    }
    let anna = store.person(ANNA).await.unwrap();
    assert_eq!((anna.user, anna.hidden), (ANNA, true));
    assert_eq!((anna.votes.len(), anna.gaps.len()), (2, 2));
    let export = serde_json::to_value(&anna).unwrap();
    assert_eq!(export["gaps"][0]["at"], "2026-11-21T22:26:40Z");
    assert_eq!(export["gaps"][1]["reason"], "old");

    let of_ben = store.person(BEN).await.unwrap();
    assert_eq!(store.delete_person(ANNA).await.unwrap(), 5);
    assert_eq!(store.delete_person(ANNA).await.unwrap(), 0);
    let nothing = store.person(ANNA).await.unwrap();
    assert_eq!(
        (nothing.hidden, nothing.votes.len(), nothing.gaps.len()),
        (false, 0, 0)
    );
    assert_eq!(store.person(BEN).await.unwrap(), of_ben);

    // Every table that could hold something about a person was in play above,
    // and holds nothing of hers now.
    let mut outside = database.outside_connection().await;
    let tables = sqlx::query(
        "SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
         WHERE m.type = 'table' AND c.name = 'user_id' ORDER BY m.name",
    )
    .fetch_all(&mut outside)
    .await
    .unwrap();
    assert!(!tables.is_empty());
    for table in tables {
        let table: String = table.get(0);
        let count = format!(
            "SELECT (SELECT COUNT(*) FROM {table} WHERE user_id = {ANNA}), \
             (SELECT COUNT(*) FROM {table} WHERE user_id = {BEN})"
        );
        let (of_anna, of_ben): (i64, i64) = sqlx::query_as(AssertSqlSafe(count))
            .fetch_one(&mut outside)
            .await
            .unwrap();
        assert_eq!(of_anna, 0, "{table}");
        assert!(
            of_ben > 0,
            "{table}: let this test write a row, then delete it"
        );
    }
}

#[tokio::test]
async fn many_writers_at_once_lose_nothing() {
    let database = Database::new();
    let store = database.open().await.unwrap();
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for at_ms in 0..10 {
                    let gap = gap("price", writer * 100 + at_ms);
                    store.record_gap(&gap).await.unwrap();
                    store.add_asked(1, &[asked("a", 1)]).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(store.gaps_since(None, 0).await.unwrap().len(), 80);
    assert_eq!(store.most_asked(0, 1).await.unwrap(), [asked("a", 80)]);
}

#[tokio::test]
async fn the_file_is_for_its_owner_alone_and_power_cuts_are_survived() {
    let database = Database::new();
    let store = database.open().await.unwrap();
    store.hide(ANNA, true).await.unwrap();
    for entry in fs::read_dir(database.folder.path()).unwrap() {
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
    let database = Database::new();
    let store = database.open().await.unwrap();
    // By another name as well.
    let link = database.folder.path().join("link.db");
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
    let database = Database::new();
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
    let database = Database::new();
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

/// Applies each step of the schema and loads the rows that its version of the
/// program would have written: the next step must live with them.
#[tokio::test]
async fn each_step_of_the_schema_keeps_the_rows_of_the_one_before() {
    let database = Database::new();
    let steps = Migrator::new(root("migrations/sqlite").as_path())
        .await
        .unwrap();
    let mut outside = database.outside_connection().await;
    for step in steps.iter() {
        steps.run_to(step.version, &mut outside).await.unwrap();
        let rows =
            root("tests/fixtures/migrations/sqlite").join(format!("{:04}.sql", step.version));
        let rows =
            fs::read_to_string(&rows).unwrap_or_else(|_| panic!("{} is missing", rows.display()));
        sqlx::raw_sql(AssertSqlSafe(rows))
            .execute(&mut outside)
            .await
            .unwrap();
    }
    outside.close().await.unwrap();

    let store = database.open().await.unwrap();
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
}
