//! Copies of the database, and what has to be known of a database that was one.
//!
//! A copy does not know what happened after it was made: a round that it takes
//! for not posted may have its message. So a copy says that it is one, and the
//! first start on it has every round looked for in its channel before it is
//! posted.

use std::io;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::sql::{sql, values};
use super::{Store, StoreError, is_postgres, sqlite};

/// The setting of a copy that says when it was made, milliseconds since 1970.
pub(super) const COPIED_AT: &str = "copied_at";
/// The setting that says until when rounds due by then may have a message that
/// the database does not know.
pub(super) const DOUBT_UNTIL: &str = "doubt_until";

/// Whatever was posted before a start was planned before it; plans end with
/// the next day, which is over everywhere after two days.
const DOUBT: SignedDuration = SignedDuration::from_hours(48);

/// What a copy holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Tables.
    pub tables: usize,
    /// Rows of all tables.
    pub rows: i64,
    /// Its size.
    pub bytes: u64,
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// `PostgreSQL` has its own tool.
    #[error(
        "{0} is copied with PostgreSQL's own tool: pg_dump --format=custom --file=FILE --dbname={0}"
    )]
    Postgres(String),
    /// What is in memory cannot be read by others.
    #[error("the database is kept in memory, so there is nothing to copy")]
    Memory,
    /// There is no database.
    #[error("there is no database {} yet; name it as url under [store] in the configuration", .0.display())]
    Nothing(PathBuf),
    /// The copy would replace something.
    #[error("{} is there already; choose another name, since nothing is ever overwritten", .0.display())]
    Exists(PathBuf),
    /// The file cannot be written.
    #[error("{} cannot be written: {source}", .path.display())]
    File {
        /// The copy.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The database cannot be read, or the copy is not as it should be.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Copies the database at a URL into a new file, beside whoever uses it:
    /// whole, checked, and readable by its owner only.
    ///
    /// # Errors
    /// It is no `SQLite` file, it cannot be read, or the file is there already or
    /// cannot be written. Then there is no file.
    pub async fn backup(url: &str, to: &Path, now: Timestamp) -> Result<Backup, BackupError> {
        if is_postgres(url) {
            return Err(BackupError::Postgres(login_of(url)));
        }
        sqlite::backup(url, to, now.as_millisecond()).await
    }

    /// Where the database is a copy that nobody has started on yet: from now on,
    /// rounds that may have been posted since are looked for before they are.
    /// Says when the copy was made.
    ///
    /// # Errors
    /// It cannot be read or written.
    pub async fn take_up_copy(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let Some(copied) = self.setting(COPIED_AT).await? else {
            return Ok(None);
        };
        let copied = copied.parse().ok();
        let Some(copied) = copied.and_then(|ms| Timestamp::from_millisecond(ms).ok()) else {
            return Ok(None);
        };
        if self.setting(DOUBT_UNTIL).await?.is_some() {
            return Ok(None);
        }
        let mut transaction = self.backend.begin().await?;
        let statement =
            sql!("UPDATE round SET first_try = $1 WHERE state = 'scheduled' AND first_try IS NULL");
        transaction.change(statement, values![copied]).await?;
        let statement =
            sql!("INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING");
        let until = now.saturating_add(DOUBT).unwrap_or(Timestamp::MAX);
        let until = until.as_millisecond().to_string();
        transaction
            .change(statement, values![DOUBT_UNTIL, until])
            .await?;
        transaction.commit().await?;
        Ok(Some(copied))
    }
}

/// The URL with the user and without the password, which the tool asks for.
fn login_of(url: &str) -> String {
    let Ok(mut url) = url::Url::parse(url) else {
        return "the database".to_owned();
    };
    // A URL that has a host can be without a password.
    let _ = url.set_password(None);
    url.set_query(None);
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn of_postgres_the_tool_is_named_without_the_password() {
        for url in [
            "postgres://bot:hunter2@db.example:5433/footnote",
            "postgres://bot@db.example:5433/footnote?password=hunter2",
        ] {
            let error = Store::backup(url, Path::new("x"), Timestamp::UNIX_EPOCH).await;
            let text = error.unwrap_err().to_string();
            assert!(!text.contains("hunter2"), "{text}");
            assert!(
                text.ends_with("--dbname=postgres://bot@db.example:5433/footnote"),
                "{text}"
            );
        }
    }
}
