//! A `SQLite` database: what its connections are set to, and who has how many.
//!
//! One connection writes, so that writers of this process queue instead of
//! colliding; few others read.

mod backup;
mod file;
mod inspect;

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, SqliteConnection, SqlitePool};

pub(super) use self::backup::backup;
pub(super) use self::file::room;
use self::file::{Place, claim, find};
pub(super) use self::inspect::inspect;
use self::inspect::to_read;
use super::StoreError;

/// Steps of the schema, in order; they are part of the program.
static STEPS: Migrator = sqlx::migrate!("migrations/sqlite");

/// How long a statement waits for another process. A click must be acknowledged
/// within 3 s, so a locked database has to be known before that.
const BUSY: Duration = Duration::from_millis(1_500);
/// How long a statement waits for a free connection; with [`BUSY`] below 3 s.
const ACQUIRE: Duration = Duration::from_secs(1);
/// Connections that read. Reads are short and rare.
const READERS: u32 = 2;
/// An unused reader is closed after this time, for the memory it holds.
const IDLE: Duration = Duration::from_mins(1);
/// Pages kept by a connection: 512 KiB (a negative number is in KiB). The
/// default, 2 MiB, holds more than the whole database of most teams.
const CACHE: &str = "-512";
/// Prepared statements kept by a connection: about as many as there are.
const STATEMENTS: usize = 64;

/// A `SQLite` database.
#[derive(Clone, Debug)]
pub(super) struct Sqlite {
    /// For statements that change something.
    pub(super) writer: SqlitePool,
    /// For those that do not.
    pub(super) readers: SqlitePool,
    /// Keeps other processes out while it is open.
    lock: Option<Arc<File>>,
}

impl Sqlite {
    pub(super) async fn open(url: &str) -> Result<Self, StoreError> {
        let one = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .after_release(|connection, _| Box::pin(is_free(connection)));
        let store = match Place::of_url(url)? {
            Place::Memory => {
                // Each connection to memory would be a database of its own.
                let options = tuned(SqliteConnectOptions::new().in_memory(true));
                let only = one.connect_with(options).await?;
                Self {
                    writer: only.clone(),
                    readers: only,
                    lock: None,
                }
            }
            Place::File(path) => {
                let (path, lock) = claim(&path)?;
                let options = tuned(SqliteConnectOptions::new().filename(&path));
                let writer = one
                    .connect_with(options.clone())
                    .await
                    .map_err(|error| StoreError::opening(error, &path))?;
                let readers = SqlitePoolOptions::new()
                    .max_connections(READERS)
                    .acquire_timeout(ACQUIRE)
                    .idle_timeout(IDLE)
                    .max_lifetime(None)
                    .test_before_acquire(false)
                    .connect_lazy_with(options.pragma("query_only", "on"));
                Self {
                    writer,
                    readers,
                    lock: Some(Arc::new(lock)),
                }
            }
        };
        STEPS.run(&store.writer).await?;
        // Nobody else has the file, so whoever holds a claim is gone.
        sqlx::query("UPDATE round SET wake_at = 0, owner = NULL WHERE owner IS NOT NULL")
            .execute(&store.writer)
            .await?;
        Ok(store)
    }

    /// Opens the database at a URL beside whoever uses it, and changes nothing.
    pub(super) fn open_to_read(url: &str) -> Result<Self, StoreError> {
        let path = match Place::of_url(url)? {
            Place::File(path) => path,
            // Of what is in memory, nobody else can read anything.
            Place::Memory => return Err(StoreError::Url),
        };
        let options = to_read(&path, find(&path)?).busy_timeout(BUSY);
        let readers = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE)
            .connect_lazy_with(options);
        Ok(Self {
            writer: readers.clone(),
            readers,
            lock: None,
        })
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
        if let Some(lock) = &self.lock {
            // Where this fails, the end of the process frees it.
            drop(lock.unlock());
        }
    }
}

/// What every connection is set to.
fn tuned(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .journal_mode(SqliteJournalMode::Wal)
        // With WAL, anything less may lose the last commits when power fails.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .statement_cache_capacity(STATEMENTS)
        .pragma("cache_size", CACHE)
        // What people delete is overwritten, not only unlinked.
        .pragma("secure_delete", "on")
}

/// Whether a connection that was given back can be used again. When the disk is
/// full or fails, `SQLite` ends a transaction by itself and sqlx goes on counting
/// it, so that no other could begin; such a connection is closed and made anew.
async fn is_free(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // Waits for the rollback that a dropped transaction has asked for.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::{Date, Time};

    use super::*;
    use crate::id::{ChannelId, GuildId, UserId};
    use crate::quiz::schedule::{Days, Feedback, Schedule};
    use crate::store::backend::Backend;
    use crate::store::{Asked, Store};

    async fn pragma(store: &Sqlite, statement: &'static str) -> i64 {
        sqlx::query_scalar(statement)
            .fetch_one(&store.writer)
            .await
            .unwrap()
    }

    async fn in_file() -> (tempfile::TempDir, Sqlite) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/a.db", folder.path().display());
        (folder, Sqlite::open(&url).await.unwrap())
    }

    #[tokio::test]
    async fn connections_are_set_to_survive_a_power_cut() {
        let (_folder, store) = in_file().await;
        // 2 is FULL, <https://www.sqlite.org/pragma.html#pragma_synchronous>.
        assert_eq!(pragma(&store, "PRAGMA synchronous").await, 2);
        assert_eq!(pragma(&store, "PRAGMA foreign_keys").await, 1);
        assert_eq!(pragma(&store, "PRAGMA busy_timeout").await, 1_500);
    }

    fn over(sqlite: &Sqlite) -> Store {
        let backend = Backend::Sqlite(sqlite.clone());
        Store { backend }
    }

    #[tokio::test]
    async fn a_full_disk_is_said_and_writing_goes_on_when_there_is_room() {
        let (_folder, sqlite) = in_file().await;
        let store = over(&sqlite);
        // More than there is now, less than what is to be written.
        assert_eq!(pragma(&sqlite, "PRAGMA max_page_count = 60").await, 60);
        let long = |section: usize| Asked {
            section: section.to_string().repeat(500),
            count: 1,
        };
        let many: Vec<Asked> = (1_000..2_000).map(long).collect();
        let error = store.add_asked(1, &many).await.unwrap_err();
        assert!(matches!(error, StoreError::Full(_)), "{error:?}");
        assert_eq!(store.most_asked(0, 10).await.unwrap(), []);

        pragma(&sqlite, "PRAGMA max_page_count = 4000").await;
        store.add_asked(1, &many).await.unwrap();
        assert_eq!(store.most_asked(0, 2_000).await.unwrap().len(), many.len());
    }

    #[tokio::test]
    async fn the_quiz_says_that_there_is_no_room_and_goes_on_when_there_is() {
        let (_folder, sqlite) = in_file().await;
        let store = over(&sqlite);
        let (guild, now) = (GuildId(1), Timestamp::UNIX_EPOCH);
        let long = "long".repeat(20_000);
        assert_eq!(pragma(&sqlite, "PRAGMA max_page_count = 40").await, 40);
        // A statement alone, and one in a transaction after another.
        let error = store.notice(guild, "a", &long, now).await.unwrap_err();
        assert!(matches!(error, StoreError::Full(_)), "{error:?}");
        let schedule = Schedule {
            guild,
            channel: ChannelId(2),
            time: Time::midnight(),
            zone: long.clone(),
            days: Days::ALL,
            reveal_after: 60,
            feedback: Feedback::AtReveal,
            pauses: Vec::new(),
            set_by: None,
        };
        let save = async || {
            let through = Date::constant(2026, 11, 21);
            store.save_schedule(&schedule, &[], through, now, now).await
        };
        let error = save().await.unwrap_err();
        assert!(matches!(error, StoreError::Full(_)), "{error:?}");
        assert_eq!(store.schedule(guild).await.unwrap(), None);
        assert_eq!(store.notices(guild).await.unwrap(), []);

        pragma(&sqlite, "PRAGMA max_page_count = 4000").await;
        assert!(store.notice(guild, "a", &long, now).await.unwrap());
        assert_eq!(save().await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_database_that_may_only_be_read_is_said() {
        let sqlite = Sqlite::open("sqlite::memory:").await.unwrap();
        let store = over(&sqlite);
        sqlx::query("PRAGMA query_only = on")
            .execute(&sqlite.writer)
            .await
            .unwrap();
        let error = store.hide(UserId(1), true).await.unwrap_err();
        assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");
        assert!(!store.is_hidden(UserId(1)).await.unwrap());
    }
}
