//! The two kinds of database behind one face: run a statement, begin a
//! transaction. Nothing above this file asks which kind it is.
//!
//! What the drivers wait with is large, and boxed so that callers stay small.

use std::time::Instant;

#[cfg(feature = "postgres")]
use sqlx::PgTransaction;
use sqlx::SqliteTransaction;

use super::StoreError;
#[cfg(feature = "postgres")]
use super::postgres::{Postgres, in_time};
#[cfg(feature = "postgres")]
use super::sql::for_postgres;
use super::sql::{Row, Sql, Value, for_sqlite};
use super::sqlite::Sqlite;
use crate::telemetry::metrics::{DATABASE_ERRORS, DATABASE_TIME};

/// A database.
#[derive(Clone, Debug)]
pub(super) enum Backend {
    Sqlite(Sqlite),
    #[cfg(feature = "postgres")]
    Postgres(Postgres),
}

/// Statements that happen together or not at all. Dropped without a commit,
/// they have not happened.
pub(super) enum Transaction {
    Sqlite(SqliteTransaction<'static>),
    #[cfg(feature = "postgres")]
    Postgres(PgTransaction<'static>),
}

impl Backend {
    /// The rows of a statement that changes nothing.
    pub(super) async fn read(&self, sql: Sql, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        measured("read", async {
            match self {
                Backend::Sqlite(sqlite) => {
                    let query = for_sqlite(sql, values);
                    let rows = Box::pin(query.fetch_all(&sqlite.readers)).await?;
                    Ok(rows.into_iter().map(Row::Sqlite).collect())
                }
                #[cfg(feature = "postgres")]
                Backend::Postgres(postgres) => {
                    Box::pin(postgres.fetch(for_postgres(sql, values))).await
                }
            }
        })
        .await
    }

    /// The row of a statement that changes nothing.
    pub(super) async fn read_one(
        &self,
        sql: Sql,
        values: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.read(sql, values).await?.into_iter().next())
    }

    /// Runs a statement that changes something, and commits. Says how many rows
    /// it changed.
    pub(super) async fn change(&self, sql: Sql, values: Vec<Value>) -> Result<u64, StoreError> {
        measured("change", async {
            match self {
                Backend::Sqlite(sqlite) => {
                    let query = for_sqlite(sql, values);
                    let done = Box::pin(query.execute(&sqlite.writer)).await?;
                    Ok(done.rows_affected())
                }
                #[cfg(feature = "postgres")]
                Backend::Postgres(postgres) => {
                    Box::pin(postgres.execute(for_postgres(sql, values))).await
                }
            }
        })
        .await
    }

    /// Runs a statement that changes at most one row, and commits. Gives what it
    /// returns of that row.
    pub(super) async fn change_one(
        &self,
        sql: Sql,
        values: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        measured("change", async {
            match self {
                Backend::Sqlite(sqlite) => {
                    // To the end, not to the first row: it commits at its end.
                    let query = for_sqlite(sql, values);
                    let rows = Box::pin(query.fetch_all(&sqlite.writer)).await?;
                    Ok(rows.into_iter().next().map(Row::Sqlite))
                }
                #[cfg(feature = "postgres")]
                Backend::Postgres(postgres) => {
                    let rows = Box::pin(postgres.fetch(for_postgres(sql, values))).await?;
                    Ok(rows.into_iter().next())
                }
            }
        })
        .await
    }

    /// A transaction for changes. On `SQLite` it holds the write lock from its
    /// beginning: one that reads first and writes later would fail at once when
    /// another process wrote in between.
    pub(super) async fn begin(&self) -> Result<Transaction, StoreError> {
        measured("begin", async {
            Ok(match self {
                Backend::Sqlite(sqlite) => {
                    let begun = sqlite.writer.begin_with("BEGIN IMMEDIATE");
                    Transaction::Sqlite(begun.await?)
                }
                #[cfg(feature = "postgres")]
                Backend::Postgres(postgres) => {
                    Transaction::Postgres(Box::pin(postgres.begin("BEGIN")).await?)
                }
            })
        })
        .await
    }

    /// A transaction for reading, in which everything is as it was at one moment.
    pub(super) async fn snapshot(&self) -> Result<Transaction, StoreError> {
        measured("begin", async {
            Ok(match self {
                Backend::Sqlite(sqlite) => Transaction::Sqlite(sqlite.readers.begin().await?),
                #[cfg(feature = "postgres")]
                Backend::Postgres(postgres) => {
                    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                    Transaction::Postgres(Box::pin(postgres.begin(begin)).await?)
                }
            })
        })
        .await
    }

    /// Connections that are unused, and those at work.
    pub(super) fn connections(&self) -> (usize, usize) {
        let pools = match self {
            Backend::Sqlite(sqlite) => vec![
                (sqlite.writer.num_idle(), sqlite.writer.size()),
                (sqlite.readers.num_idle(), sqlite.readers.size()),
            ],
            #[cfg(feature = "postgres")]
            Backend::Postgres(postgres) => vec![postgres.connections()],
        };
        pools
            .iter()
            .fold((0, 0), |(all_idle, at_work), (idle, size)| {
                let size = usize::try_from(*size).unwrap_or(usize::MAX);
                (all_idle + idle, at_work + size.saturating_sub(*idle))
            })
    }
}

impl Transaction {
    /// The rows of a statement.
    pub(super) async fn read(
        &mut self,
        sql: Sql,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        measured("step", async {
            match self {
                Transaction::Sqlite(transaction) => {
                    let query = for_sqlite(sql, values);
                    let rows = Box::pin(query.fetch_all(&mut **transaction)).await?;
                    Ok(rows.into_iter().map(Row::Sqlite).collect())
                }
                #[cfg(feature = "postgres")]
                Transaction::Postgres(transaction) => {
                    let query = for_postgres(sql, values);
                    let rows = in_time(Box::pin(query.fetch_all(&mut **transaction))).await?;
                    Ok(rows.into_iter().map(Row::Postgres).collect())
                }
            }
        })
        .await
    }

    /// Runs a statement. Says how many rows it changed.
    pub(super) async fn change(&mut self, sql: Sql, values: Vec<Value>) -> Result<u64, StoreError> {
        measured("step", async {
            match self {
                Transaction::Sqlite(transaction) => {
                    let query = for_sqlite(sql, values);
                    let done = Box::pin(query.execute(&mut **transaction)).await?;
                    Ok(done.rows_affected())
                }
                #[cfg(feature = "postgres")]
                Transaction::Postgres(transaction) => {
                    let query = for_postgres(sql, values);
                    let done = in_time(Box::pin(query.execute(&mut **transaction))).await?;
                    Ok(done.rows_affected())
                }
            }
        })
        .await
    }

    /// Makes it durable.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        measured("commit", async {
            match self {
                Transaction::Sqlite(transaction) => Ok(transaction.commit().await?),
                #[cfg(feature = "postgres")]
                Transaction::Postgres(transaction) => Ok(in_time(transaction.commit()).await?),
            }
        })
        .await
    }
}

/// Measures an operation, and counts it when it fails.
async fn measured<T>(
    operation: &'static str,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let since = Instant::now();
    let done = work.await;
    DATABASE_TIME.time(&[operation], since.elapsed());
    if let Err(error) = &done {
        DATABASE_ERRORS.count(&[operation, error.class()]);
    }
    done
}
