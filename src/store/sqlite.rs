//! SQL for `SQLite`, and rows to values; nothing else.
//!
//! One connection writes, so that writers of this process queue instead of
//! colliding; few others read. Every write takes the write lock at its beginning:
//! a transaction that reads first and writes later would fail at once when
//! another process wrote in between.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{FromRow, SqlitePool, SqliteTransaction};

use super::file::{Place, claim};
use super::{Asked, Person, StoreError, Verdict, Vote};
use crate::gap::{Gap, Kind};
use crate::id::{ChannelId, GuildId, MessageId, UserId};

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
const IDLE: Duration = Duration::from_secs(60);
/// Pages kept by a connection: 512 KiB (a negative number is in KiB). The
/// default, 2 MiB, holds more than the whole database of most teams.
const CACHE: &str = "-512";
/// Prepared statements kept by a connection: about as many as this file has.
const STATEMENTS: usize = 24;

/// A `SQLite` database.
#[derive(Clone, Debug)]
pub(super) struct Sqlite {
    writer: SqlitePool,
    readers: SqlitePool,
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
            .test_before_acquire(false);
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
        Ok(store)
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
        if let Some(lock) = &self.lock {
            // Where this fails, the end of the process frees it.
            drop(lock.unlock());
        }
    }

    /// A transaction that holds the write lock from its beginning.
    async fn write(&self) -> Result<SqliteTransaction<'static>, StoreError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    pub(super) async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(
            sqlx::query_scalar("SELECT value FROM setting WHERE name = ?")
                .bind(name)
                .fetch_optional(&self.readers)
                .await?,
        )
    }

    pub(super) async fn set_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO setting (name, value) VALUES (?, ?)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .bind(name)
        .bind(value)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    pub(super) async fn record_gap(&self, gap: &Gap) -> Result<(), StoreError> {
        insert_gap(gap, None).execute(&self.writer).await?;
        Ok(())
    }

    pub(super) async fn vote(
        &self,
        user: UserId,
        answer: MessageId,
        verdict: Verdict<'_>,
        at_ms: i64,
    ) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        sqlx::query(
            "INSERT INTO vote (user_id, message_id, helpful, at_ms) VALUES (?, ?, ?, ?)
             ON CONFLICT (user_id, message_id)
             DO UPDATE SET helpful = excluded.helpful, at_ms = excluded.at_ms",
        )
        .bind(user.0.cast_signed())
        .bind(answer.0.cast_signed())
        .bind(verdict == Verdict::Helpful)
        .bind(at_ms)
        .execute(&mut *transaction)
        .await?;
        match verdict {
            Verdict::Helpful => {
                sqlx::query("DELETE FROM gap WHERE user_id = ? AND answer_id = ?")
                    .bind(user.0.cast_signed())
                    .bind(answer.0.cast_signed())
                    .execute(&mut *transaction)
                    .await?;
            }
            Verdict::NotHelpful(gap) => {
                let gap = Gap {
                    kind: Kind::NotHelpful,
                    user,
                    at_ms,
                    ..gap.clone()
                };
                insert_gap(&gap, Some(answer))
                    .execute(&mut *transaction)
                    .await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    pub(super) async fn gaps_since(
        &self,
        guild: Option<GuildId>,
        since_ms: i64,
    ) -> Result<Vec<Gap>, StoreError> {
        let rows: Vec<GapRow> = sqlx::query_as(
            "SELECT * FROM gap WHERE at_ms >= ?1 AND (?2 IS NULL OR guild_id = ?2)
             ORDER BY at_ms, id",
        )
        .bind(since_ms)
        .bind(guild.map(|guild| guild.0.cast_signed()))
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(Gap::try_from).collect()
    }

    pub(super) async fn forget_texts_before(&self, before_ms: i64) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "UPDATE gap SET question = NULL, reason = NULL
             WHERE at_ms < ? AND (question IS NOT NULL OR reason IS NOT NULL)",
        )
        .bind(before_ms)
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected())
    }

    pub(super) async fn add_asked(&self, day: i32, counts: &[Asked]) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        for asked in counts {
            sqlx::query(
                "INSERT INTO asked (section, day, count) VALUES (?, ?, ?)
                 ON CONFLICT (section, day) DO UPDATE SET count = count + excluded.count",
            )
            .bind(&asked.section)
            .bind(day)
            .bind(i64::try_from(asked.count).unwrap_or(i64::MAX))
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    pub(super) async fn most_asked(
        &self,
        since_day: i32,
        limit: u32,
    ) -> Result<Vec<Asked>, StoreError> {
        let rows: Vec<(String, u64)> = sqlx::query_as(
            "SELECT section, SUM(count) AS total FROM asked WHERE day >= ?
             GROUP BY section ORDER BY total DESC, section LIMIT ?",
        )
        .bind(since_day)
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(section, count)| Asked { section, count })
            .collect())
    }

    pub(super) async fn prune_asked(&self, before_day: i32) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM asked WHERE day < ?")
            .bind(before_day)
            .execute(&self.writer)
            .await?;
        Ok(done.rows_affected())
    }

    pub(super) async fn hide(&self, user: UserId, hidden: bool) -> Result<(), StoreError> {
        let statement = if hidden {
            "INSERT INTO hidden (user_id) VALUES (?) ON CONFLICT (user_id) DO NOTHING"
        } else {
            "DELETE FROM hidden WHERE user_id = ?"
        };
        sqlx::query(statement)
            .bind(user.0.cast_signed())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    pub(super) async fn is_hidden(&self, user: UserId) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar(IS_HIDDEN)
            .bind(user.0.cast_signed())
            .fetch_one(&self.readers)
            .await?)
    }

    pub(super) async fn person(&self, user: UserId) -> Result<Person, StoreError> {
        let id = user.0.cast_signed();
        // One snapshot: what is shown was true at one moment.
        let mut snapshot = self.readers.begin().await?;
        let hidden = sqlx::query_scalar(IS_HIDDEN)
            .bind(id)
            .fetch_one(&mut *snapshot)
            .await?;
        let votes: Vec<(i64, bool, i64)> = sqlx::query_as(
            "SELECT message_id, helpful, at_ms FROM vote WHERE user_id = ?
             ORDER BY at_ms, message_id",
        )
        .bind(id)
        .fetch_all(&mut *snapshot)
        .await?;
        let gaps: Vec<GapRow> =
            sqlx::query_as("SELECT * FROM gap WHERE user_id = ? ORDER BY at_ms, id")
                .bind(id)
                .fetch_all(&mut *snapshot)
                .await?;
        snapshot.commit().await?;
        Ok(Person {
            user,
            hidden,
            votes: votes
                .into_iter()
                .map(|(answer, helpful, at_ms)| Vote {
                    answer: MessageId(answer.cast_unsigned()),
                    helpful,
                    at_ms,
                })
                .collect(),
            gaps: gaps
                .into_iter()
                .map(Gap::try_from)
                .collect::<Result<_, _>>()?,
        })
    }

    pub(super) async fn delete_person(&self, user: UserId) -> Result<u64, StoreError> {
        // Every table with a column `user_id`, those that refer to another first.
        let statements = [
            "DELETE FROM gap WHERE user_id = ?",
            "DELETE FROM vote WHERE user_id = ?",
            "DELETE FROM hidden WHERE user_id = ?",
        ];
        let mut transaction = self.write().await?;
        let mut rows = 0;
        for statement in statements {
            rows += sqlx::query(statement)
                .bind(user.0.cast_signed())
                .execute(&mut *transaction)
                .await?
                .rows_affected();
        }
        transaction.commit().await?;
        Ok(rows)
    }
}

const IS_HIDDEN: &str = "SELECT EXISTS (SELECT 1 FROM hidden WHERE user_id = ?)";

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

/// Inserts a gap. A second one of the same person about the same answer replaces
/// the first, and keeps the texts that it has none of itself.
fn insert_gap(
    gap: &Gap,
    answer: Option<MessageId>,
) -> sqlx::query::Query<'static, sqlx::Sqlite, sqlx::sqlite::SqliteArguments> {
    let names = |names: &[String]| Value::from(names).to_string();
    sqlx::query(
        "INSERT INTO gap (kind, user_id, guild_id, channel_id, message_id, question, services,
                          controls, reason, at_ms, answer_id)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (user_id, answer_id) DO UPDATE SET
             guild_id = excluded.guild_id, channel_id = excluded.channel_id,
             message_id = excluded.message_id, services = excluded.services,
             controls = excluded.controls, at_ms = excluded.at_ms,
             question = COALESCE(excluded.question, question),
             reason = COALESCE(excluded.reason, reason)",
    )
    .bind(gap.kind.as_str())
    .bind(gap.user.0.cast_signed())
    .bind(gap.guild.map(|guild| guild.0.cast_signed()))
    .bind(gap.channel.map(|channel| channel.0.cast_signed()))
    .bind(gap.message.map(|message| message.0.cast_signed()))
    .bind(gap.question.clone())
    .bind(names(&gap.services))
    .bind(names(&gap.controls))
    .bind(gap.reason.clone())
    .bind(gap.at_ms)
    .bind(answer.map(|answer| answer.0.cast_signed()))
}

/// A row of `gap`. Ids are kept as signed numbers of the same bits.
#[derive(FromRow)]
struct GapRow {
    kind: String,
    user_id: i64,
    guild_id: Option<i64>,
    channel_id: Option<i64>,
    message_id: Option<i64>,
    question: Option<String>,
    services: String,
    controls: String,
    reason: Option<String>,
    at_ms: i64,
}

impl TryFrom<GapRow> for Gap {
    type Error = StoreError;

    fn try_from(row: GapRow) -> Result<Self, StoreError> {
        let names = |json: &str| {
            serde_json::from_str(json).map_err(|error| StoreError::Row(Box::new(error)))
        };
        Ok(Gap {
            kind: match row.kind.as_str() {
                "abstention" => Kind::Abstention,
                "not_helpful" => Kind::NotHelpful,
                other => return Err(StoreError::Row(format!("gap of kind {other:?}").into())),
            },
            user: UserId(row.user_id.cast_unsigned()),
            guild: row.guild_id.map(|id| GuildId(id.cast_unsigned())),
            channel: row.channel_id.map(|id| ChannelId(id.cast_unsigned())),
            message: row.message_id.map(|id| MessageId(id.cast_unsigned())),
            question: row.question,
            services: names(&row.services)?,
            controls: names(&row.controls)?,
            reason: row.reason,
            at_ms: row.at_ms,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn pragma(store: &Sqlite, statement: &'static str) -> i64 {
        sqlx::query_scalar(statement)
            .fetch_one(&store.writer)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn connections_are_set_to_survive_a_power_cut() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/a.db", folder.path().display());
        let store = Sqlite::open(&url).await.unwrap();
        // 2 is FULL, <https://www.sqlite.org/pragma.html#pragma_synchronous>.
        assert_eq!(pragma(&store, "PRAGMA synchronous").await, 2);
        assert_eq!(pragma(&store, "PRAGMA foreign_keys").await, 1);
        assert_eq!(pragma(&store, "PRAGMA busy_timeout").await, 1_500);
    }

    #[tokio::test]
    async fn a_full_disk_is_said_and_nothing_is_half_written() {
        let store = Sqlite::open("sqlite::memory:").await.unwrap();
        let pages = pragma(&store, "PRAGMA page_count").await;
        // A pragma takes no bound parameter; this many pages are in use.
        assert!(pages < 40);
        assert_eq!(pragma(&store, "PRAGMA max_page_count = 40").await, 40);
        let long = |section: usize| Asked {
            section: section.to_string().repeat(500),
            count: 1,
        };
        let many: Vec<Asked> = (1_000..2_000).map(long).collect();
        let error = store.add_asked(1, &many).await.unwrap_err();
        assert!(matches!(error, StoreError::Full(_)), "{error:?}");
        assert_eq!(store.most_asked(0, 10).await.unwrap(), []);

        // Room again, and it goes on.
        pragma(&store, "PRAGMA max_page_count = 4000").await;
        store.add_asked(1, &many).await.unwrap();
        assert_eq!(store.most_asked(0, 1).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_database_that_may_only_be_read_is_said() {
        let store = Sqlite::open("sqlite::memory:").await.unwrap();
        sqlx::query("PRAGMA query_only = on")
            .execute(&store.writer)
            .await
            .unwrap();
        let error = store.hide(UserId(1), true).await.unwrap_err();
        assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");
        assert!(!store.is_hidden(UserId(1)).await.unwrap());
    }
}
