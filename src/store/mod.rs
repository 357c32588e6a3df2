//! What must survive a restart: settings, knowledge gaps, votes, how often
//! sections were asked for, who wants to stay hidden, and the daily quiz.
//!
//! [`Store`] is one concrete type around a private backend, a `SQLite` file or a
//! `PostgreSQL` server. A method returns after its COMMIT: what it reports as done
//! is on disk. It never decides what to keep or for how long; times, days and
//! limits are arguments. `now` is the caller's time; on `PostgreSQL` the server's
//! time, which is that of [`Store::clock`], takes its place.
//!
//! Text is kept as it was typed. Whoever shows it escapes it.

mod asking;
mod attempts;
mod backend;
mod backup;
mod error;
mod gaps;
mod people;
#[cfg(feature = "postgres")]
mod postgres;
mod questions;
mod quiz;
mod rounds;
mod schedules;
mod shards;
mod sql;
mod sqlite;

use sqlx::migrate::Migrator;

use crate::gap::Gap;
use backend::Backend;
pub use backup::{Backup, BackupError};
use backup::{COPIED_AT, DOUBT_UNTIL};
pub use error::StoreError;
pub use people::{Answered, Flagged, Person, Practised, Vote};
#[cfg(feature = "postgres")]
use postgres::Postgres;
pub use quiz::{Aside, Attempted, Letter, Notice, PAUSED, Saved};
pub use shards::{ShardLease, Taken};
use sqlite::Sqlite;

/// The store. Cheap to clone; all clones are one store.
#[derive(Clone, Debug)]
pub struct Store {
    backend: Backend,
}

/// What a person says about an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// It helped.
    Helpful,
    /// It did not, which makes it a gap. A question or reason that is none here
    /// but came with an earlier vote of the same person is kept.
    NotHelpful(&'a Gap),
}

/// A store as it is found, without opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It is kept in memory and ends with the process.
    Memory,
    /// It is not there yet; opening it makes it.
    Absent,
    /// Another process has it open.
    InUse,
    /// It can be opened.
    Ready {
        /// Steps of the schema that opening it would take.
        behind: usize,
    },
}

/// How often a section was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The key of the section, as it was counted.
    pub section: String,
    /// How many times.
    pub count: u64,
}

impl Store {
    /// Opens the store at a URL, creates what is missing and brings the schema
    /// up to date. `sqlite:PATH` and `sqlite://PATH` name a file, in a folder
    /// that exists; `sqlite::memory:` keeps nothing after the last clone.
    /// `postgres://…` and `postgresql://…` name a database on a server, which
    /// several processes may use at once.
    ///
    /// # Errors
    /// Another kind of URL; a file that cannot be written, is no database, is of
    /// a newer version or in use by another process; a server that cannot be
    /// reached or refuses the user.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let backend = if is_postgres(url) {
            #[cfg(feature = "postgres")]
            let backend = Backend::Postgres(Postgres::open(url).await?);
            #[cfg(not(feature = "postgres"))]
            return Err(StoreError::NoPostgres);
            #[cfg(feature = "postgres")]
            backend
        } else {
            Backend::Sqlite(Sqlite::open(url).await?)
        };
        Ok(Self { backend })
    }

    /// Looks at the store at a URL without changing anything.
    ///
    /// # Errors
    /// What would keep [`Store::open`] from opening it, as far as that can be
    /// seen; that another process uses it is no error here.
    pub async fn inspect(url: &str) -> Result<Condition, StoreError> {
        if is_postgres(url) {
            #[cfg(feature = "postgres")]
            return postgres::inspect(url).await;
            #[cfg(not(feature = "postgres"))]
            return Err(StoreError::NoPostgres);
        }
        sqlite::inspect(url).await
    }

    /// Opens the store at a URL to read from it, beside whoever uses it; nothing
    /// is made or changed. `None` where there is nothing to read: no database
    /// yet, one in memory, or one that an earlier version wrote.
    ///
    /// # Errors
    /// As for [`Store::inspect`].
    pub async fn open_to_read(url: &str) -> Result<Option<Self>, StoreError> {
        match Self::inspect(url).await? {
            Condition::InUse | Condition::Ready { behind: 0 } => {}
            _ => return Ok(None),
        }
        let backend = if is_postgres(url) {
            #[cfg(feature = "postgres")]
            let backend = Backend::Postgres(Postgres::open_to_read(url)?);
            #[cfg(not(feature = "postgres"))]
            return Err(StoreError::NoPostgres);
            #[cfg(feature = "postgres")]
            backend
        } else {
            Backend::Sqlite(Sqlite::open_to_read(url)?)
        };
        Ok(Some(Self { backend }))
    }

    /// Connections that are unused, and those at work.
    pub fn connections(&self) -> (usize, usize) {
        self.backend.connections()
    }

    /// Bytes that are free on the disk of the database at a URL, where that is a
    /// file in a folder that is there.
    pub fn room(url: &str) -> Option<u64> {
        if is_postgres(url) {
            return None;
        }
        sqlite::room(url)
    }

    /// Waits for what is under way and closes the store, all clones with it.
    pub async fn close(&self) {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.close().await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(postgres) => postgres.close().await,
        }
    }
}

impl Condition {
    /// A database that can be opened and has these steps of the schema.
    fn of_steps(steps: &Migrator, applied: &[i64]) -> Result<Self, StoreError> {
        let newest = steps.iter().map(|step| step.version).max();
        match applied.iter().max() {
            Some(step) if Some(*step) > newest => Err(StoreError::Newer(*step)),
            _ => Ok(Self::Ready {
                behind: steps.iter().count().saturating_sub(applied.len()),
            }),
        }
    }
}

/// A URL as it may be shown: without a password and parameters.
pub fn shown(url: &str) -> String {
    if url.starts_with("sqlite:") {
        return url.to_owned();
    }
    let Ok(url) = url::Url::parse(url) else {
        return "the database".to_owned();
    };
    let host = url.host_str().filter(|host| !host.is_empty());
    let port = url
        .port()
        .map_or_else(String::new, |port| format!(":{port}"));
    let host = host.unwrap_or("localhost");
    format!("{}://{host}{port}{}", url.scheme(), url.path())
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres:") || url.starts_with("postgresql:")
}
