//! A `PostgreSQL` server: how it is reached, what each connection is set to, and
//! how long anything waits for it.
//!
//! Several processes may use one database. Every lease, and every comparison
//! with now, is in the server's time, so that their clocks do not matter.

mod inspect;
mod lease;
mod url;

use std::io;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::query::Query;
use sqlx::{Connection as _, PgTransaction};

pub(super) use self::inspect::inspect;
pub(super) use self::lease::Lease;
use super::StoreError;
use super::sql::Row;

/// Steps of the schema, in order; they are part of the program. They have the
/// numbers and names of those for `SQLite`.
static STEPS: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a statement may take on the server, milliseconds; waiting for others
/// is part of it. A click must be acknowledged within 3 s.
const STATEMENT_MS: &str = "1500";
/// How long a statement waits for a free connection, or for a new one.
const ACQUIRE: Duration = Duration::from_secs(1);
/// How long an answer is waited for: longer than [`STATEMENT_MS`], for a server
/// that is gone without a word.
const ANSWER: Duration = Duration::from_secs(2);
/// How long the server keeps a transaction of a process that has stopped in the
/// middle of one, milliseconds: its locks keep others waiting.
const UNFINISHED_MS: &str = "5000";
/// Connections of a process. Statements take a few milliseconds, so few serve
/// many; a server has 100 by default, for all of its users.
const CONNECTIONS: u32 = 8;
/// An unused connection is closed after this time.
const IDLE: Duration = Duration::from_mins(5);
/// How long a start waits for a server to answer.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a start waits for steps of the schema, those of another process that
/// starts at the same time too.
const MIGRATE: Duration = Duration::from_mins(2);

/// A database on a server.
#[derive(Clone, Debug)]
pub(super) struct Postgres {
    pool: PgPool,
}

impl Postgres {
    /// Opens the database at a URL and brings its schema up to date. Processes
    /// that do so at the same time wait for each other.
    pub(super) async fn open(url: &str) -> Result<Self, StoreError> {
        let options = url::parse(url)?;
        let mut connection = connect(&options).await?;
        // The schema takes its time, and says nothing of what is there already.
        let patient = "SET statement_timeout = 0; SET client_min_messages = warning";
        sqlx::raw_sql(patient).execute(&mut connection).await?;
        tokio::time::timeout(MIGRATE, STEPS.run(&mut connection))
            .await
            .map_err(|_| silent())??;
        connection.close().await?;
        Ok(Self::connected(options))
    }

    /// The database at a URL as it is.
    pub(super) fn open_to_read(url: &str) -> Result<Self, StoreError> {
        Ok(Self::connected(url::parse(url)?))
    }

    fn connected(options: PgConnectOptions) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE)
            .idle_timeout(IDLE)
            .connect_lazy_with(tuned(options));
        Self { pool }
    }

    /// Connections that are unused, and all.
    pub(super) fn connections(&self) -> (usize, u32) {
        (self.pool.num_idle(), self.pool.size())
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    /// The rows of a statement, once it is committed.
    pub(super) async fn fetch(
        &self,
        query: Query<'static, sqlx::Postgres, PgArguments>,
    ) -> Result<Vec<Row>, StoreError> {
        let mut connection = self.connection().await?;
        let rows = in_time(query.fetch_all(&mut *connection)).await?;
        Ok(rows.into_iter().map(Row::Postgres).collect())
    }

    /// How many rows a statement changed, once it is committed.
    pub(super) async fn execute(
        &self,
        query: Query<'static, sqlx::Postgres, PgArguments>,
    ) -> Result<u64, StoreError> {
        let mut connection = self.connection().await?;
        let done = in_time(query.execute(&mut *connection)).await?;
        Ok(done.rows_affected())
    }

    /// A transaction, begun by this statement.
    pub(super) async fn begin(
        &self,
        statement: &'static str,
    ) -> Result<PgTransaction<'static>, StoreError> {
        // Makes the connection, or says why there is none.
        drop(self.connection().await?);
        Ok(in_time(self.pool.begin_with(statement)).await?)
    }

    async fn connection(&self) -> Result<PoolConnection<sqlx::Postgres>, StoreError> {
        self.pool.acquire().await.map_err(|error| match error {
            // While a server refuses connections, the pool goes on trying. With
            // all of them in use it waits in vain as well.
            sqlx::Error::PoolTimedOut if self.pool.size() < CONNECTIONS => {
                StoreError::Unreachable(error)
            }
            error => error.into(),
        })
    }
}

/// What the server answers, or that it does not.
pub(super) async fn in_time<T>(
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    tokio::time::timeout(ANSWER, answer)
        .await
        .unwrap_or_else(|_| Err(silent()))
}

/// A connection of its own.
async fn connect(options: &PgConnectOptions) -> Result<PgConnection, StoreError> {
    let connecting = PgConnection::connect_with(options);
    Ok(tokio::time::timeout(CONNECT, connecting)
        .await
        .unwrap_or_else(|_| Err(silent()))?)
}

/// The server did not answer in time.
fn silent() -> sqlx::Error {
    sqlx::Error::Io(io::ErrorKind::TimedOut.into())
}

/// What every connection of the pool is set to.
fn tuned(options: PgConnectOptions) -> PgConnectOptions {
    options.options([
        ("statement_timeout", STATEMENT_MS),
        ("idle_in_transaction_session_timeout", UNFINISHED_MS),
        // Whatever the server's default is: what is reported as done is on disk.
        ("synchronous_commit", "on"),
    ])
}
