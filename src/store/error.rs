//! What can go wrong with the store, in sentences that say what to do.

use std::path::{Path, PathBuf};

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;
use sqlx::sqlite::SqliteError;

/// The store did not do what was asked. Nothing was written, except where a
/// variant says otherwise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The URL is of no kind that we know. It is not repeated: it may hold a password.
    #[error(
        "The store URL is not one that Footnote knows. Use sqlite:PATH for a file (such as sqlite:footnote.db), \
         sqlite::memory: to keep nothing, or postgres://USER:PASSWORD@HOST/DATABASE, in which %40 stands for @ in \
         a password, %2F for / and so on."
    )]
    Url,
    /// A URL of `PostgreSQL`, which this program was built without.
    #[error(
        "This build of Footnote has no PostgreSQL. Use sqlite:PATH in the store URL, or a build with the feature \
         \"postgres\"."
    )]
    NoPostgres,
    /// The folder of the database file does not exist.
    #[error("The folder {} for the database does not exist. Create it, or name another in the store URL.", .0.display())]
    FolderMissing(PathBuf),
    /// The file, or its folder, cannot be written.
    #[error(
        "The database {} cannot be written. Give the user that runs Footnote write permission on the file and its folder.",
        .path.display()
    )]
    NotWritable {
        /// The database file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error("{} is not a database of Footnote. Move it away, or name another file in the store URL.", .0.display())]
    NotADatabase(PathBuf),
    /// Another process has the database open.
    #[error("Another process uses the database {}. Stop it first: one file serves one Footnote.", .0.display())]
    InUse(PathBuf),
    /// A newer version of the program wrote the database.
    #[error(
        "The database was written by a newer Footnote (its schema has step {0}). Run that version or a later one, \
         or go back to a backup from before the update."
    )]
    Newer(i64),
    /// A step of the schema failed.
    #[error(
        "The schema of the database could not be brought up to date. Restore a backup, or report this."
    )]
    Schema(#[source] MigrateError),
    /// The server of the database cannot be reached, or the connection was lost.
    /// In the second case whether something was written is not known.
    #[error(
        "The database server cannot be reached. Check that it runs, and the host, the port and sslmode in the \
         store URL."
    )]
    Unreachable(#[source] sqlx::Error),
    /// The server does not know the user, or not with this password.
    #[error(
        "The database server refused the login. Check the user and the password in the store URL."
    )]
    Login(#[source] sqlx::Error),
    /// The server has no database of this name.
    #[error(
        "The database server has no database of the name in the store URL. Create it with createdb, or name another."
    )]
    NoDatabase(#[source] sqlx::Error),
    /// The user may not do what the program does.
    #[error(
        "The user in the store URL may not use the database. Make that user the owner of the database."
    )]
    NotAllowed(#[source] sqlx::Error),
    /// The disk, or the quota, is full.
    #[error("There is no room left for the database. Free some space on its disk.")]
    Full(#[source] sqlx::Error),
    /// The database may only be read, now.
    #[error(
        "The database may only be read. Check its permissions and whether its disk is mounted read-only."
    )]
    ReadOnly(#[source] sqlx::Error),
    /// Something else keeps the database locked.
    #[error("The database is locked by something else, a backup or a tool perhaps. Try again.")]
    Busy(#[source] sqlx::Error),
    /// The file is damaged.
    #[error("The database is damaged. Stop Footnote and restore a backup.")]
    Damaged(#[source] sqlx::Error),
    /// A row does not read as what was written.
    #[error("The database holds a row that this version of Footnote cannot read.")]
    Row(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Anything else. After a failed commit, whether it was written is not known.
    #[error("The database reported an error.")]
    Database(#[source] sqlx::Error),
}

/// Primary result codes of `SQLite`, <https://www.sqlite.org/rescode.html>.
mod code {
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const READ_ONLY: i32 = 8;
    pub(super) const CORRUPT: i32 = 11;
    pub(super) const FULL: i32 = 13;
    pub(super) const NOT_A_DATABASE: i32 = 26;
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if let Some(code) = primary_code(&error) {
            return match code {
                code::BUSY | code::LOCKED => StoreError::Busy(error),
                code::READ_ONLY => StoreError::ReadOnly(error),
                code::CORRUPT | code::NOT_A_DATABASE => StoreError::Damaged(error),
                code::FULL => StoreError::Full(error),
                _ => StoreError::Database(error),
            };
        }
        match error {
            sqlx::Error::PoolTimedOut => StoreError::Busy(error),
            sqlx::Error::ColumnDecode { source, .. } => StoreError::Row(source),
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => {
                StoreError::Unreachable(error)
            }
            sqlx::Error::Database(_) => of_server(error),
            _ => StoreError::Database(error),
        }
    }
}

/// What an error of a server means,
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn of_server(error: sqlx::Error) -> StoreError {
    let code = error.as_database_error().and_then(DatabaseError::code);
    match code.as_deref() {
        // The lock was not free in time, the statement took too long, or one of
        // two transactions had to give way; or all connections are taken.
        Some("55P03" | "57014" | "40001" | "40P01" | "53300") => StoreError::Busy(error),
        Some("53100") => StoreError::Full(error),
        Some("25006") => StoreError::ReadOnly(error),
        Some("28P01" | "28000") => StoreError::Login(error),
        Some("3D000") => StoreError::NoDatabase(error),
        Some("42501" | "3F000") => StoreError::NotAllowed(error),
        Some("XX001" | "XX002") => StoreError::Damaged(error),
        // The server is starting or stopping, or the connection is lost.
        Some("57P01" | "57P02" | "57P03" | "57P05" | "25P03") => StoreError::Unreachable(error),
        Some(code) if code.starts_with("08") => StoreError::Unreachable(error),
        _ => StoreError::Database(error),
    }
}

impl StoreError {
    /// What kind it is, for counting.
    pub(super) fn class(&self) -> &'static str {
        match self {
            StoreError::Busy(_) => "busy",
            StoreError::Full(_) => "full",
            StoreError::ReadOnly(_) => "read_only",
            StoreError::Unreachable(_) => "unreachable",
            StoreError::Damaged(_) => "damaged",
            _ => "other",
        }
    }

    /// An error while opening a file: one that is no database at all is not damaged.
    pub(super) fn opening(error: sqlx::Error, path: &Path) -> Self {
        if primary_code(&error) == Some(code::NOT_A_DATABASE) {
            StoreError::NotADatabase(path.to_owned())
        } else {
            error.into()
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(step) => StoreError::Newer(step),
            MigrateError::Execute(error) => error.into(),
            MigrateError::ExecuteMigration(error, step) => match error.into() {
                StoreError::Database(error) => {
                    StoreError::Schema(MigrateError::ExecuteMigration(error, step))
                }
                known => known,
            },
            other => StoreError::Schema(other),
        }
    }
}

/// The result code of `SQLite` without its extension.
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let error = error.as_database_error()?;
    let code = error.try_downcast_ref::<SqliteError>()?.code()?;
    Some(code.parse::<i32>().ok()? & 0xff)
}
