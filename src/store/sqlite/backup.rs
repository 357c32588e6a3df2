//! A copy of a database while a bot may be using it.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use super::BUSY;
use super::file::Place;
use crate::store::{Backup, BackupError, COPIED_AT, DOUBT_UNTIL, StoreError};

/// Copies the database at a URL into a new file. Whoever uses it goes on: this
/// only reads, as of one moment. `now` is in milliseconds since 1970.
pub(in crate::store) async fn backup(
    url: &str,
    to: &Path,
    now: i64,
) -> Result<Backup, BackupError> {
    let from = match Place::of_url(url)? {
        Place::File(path) if path.exists() => path,
        Place::File(path) => return Err(BackupError::Nothing(path)),
        Place::Memory => return Err(BackupError::Memory),
    };
    let wrong = |source| BackupError::File {
        path: to.to_owned(),
        source,
    };
    if to.symlink_metadata().is_ok() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let partial = Partial::beside(to).map_err(wrong)?;
    read_into(&from, &partial.0).await?;
    let (tables, rows) = finish(&partial.0, &from, now).await?;
    let file = File::open(&partial.0).map_err(wrong)?;
    file.sync_all().map_err(wrong)?;
    let bytes = file.metadata().map_err(wrong)?.len();
    partial
        .become_file(to)
        .map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Exists(to.to_owned()),
            _ => wrong(error),
        })?;
    Ok(Backup {
        tables,
        rows,
        bytes,
    })
}

async fn read_into(from: &Path, to: &Path) -> Result<(), BackupError> {
    // Never as settled: a bot may start meanwhile.
    let options = SqliteConnectOptions::new()
        .filename(from)
        .read_only(true)
        .busy_timeout(BUSY);
    let failed = |error| BackupError::Store(StoreError::opening(error, from));
    let mut connection = options.connect().await.map_err(failed)?;
    let known: Option<i64> =
        sqlx::query_scalar("SELECT 1 FROM sqlite_schema WHERE name = '_sqlx_migrations'")
            .fetch_optional(&mut connection)
            .await
            .map_err(failed)?;
    if known.is_none() {
        return Err(StoreError::NotADatabase(from.to_owned()).into());
    }
    // Whole, as of one moment, and without what was deleted.
    sqlx::query("VACUUM INTO ?1")
        .bind(to.to_string_lossy().into_owned())
        .execute(&mut connection)
        .await
        .map_err(StoreError::from)?;
    connection.close().await.map_err(StoreError::from)?;
    Ok(())
}

/// Marks the copy as one, and checks it. Says how many tables and rows it has.
async fn finish(copy: &Path, from: &Path, now: i64) -> Result<(usize, i64), StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(copy)
        .journal_mode(SqliteJournalMode::Delete);
    let mut connection = options.connect().await?;
    sqlx::query("DELETE FROM setting WHERE name IN (?1, ?2)")
        .bind(COPIED_AT)
        .bind(DOUBT_UNTIL)
        .execute(&mut connection)
        .await?;
    sqlx::query("INSERT INTO setting (name, value) VALUES (?1, ?2)")
        .bind(COPIED_AT)
        .bind(now.to_string())
        .execute(&mut connection)
        .await?;
    let sound: String = sqlx::query_scalar("PRAGMA integrity_check(1)")
        .fetch_one(&mut connection)
        .await?;
    let lost = sqlx::query("PRAGMA foreign_key_check")
        .fetch_optional(&mut connection)
        .await?;
    if sound != "ok" || lost.is_some() {
        let what = format!("{} does not pass its own check: {sound}", from.display());
        return Err(StoreError::Damaged(sqlx::Error::Protocol(what)));
    }
    let counted = count(&mut connection).await?;
    connection.close().await?;
    Ok(counted)
}

async fn count(connection: &mut SqliteConnection) -> Result<(usize, i64), sqlx::Error> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type = 'table'
         AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\'",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut rows = 0;
    for table in &tables {
        // The names are those of our own schema.
        let count = format!("SELECT COUNT(*) FROM \"{table}\"");
        rows += sqlx::query_scalar::<_, i64>(AssertSqlSafe(count))
            .fetch_one(&mut *connection)
            .await?;
    }
    Ok((tables.len(), rows))
}

/// A file that is being written; it goes if it is not finished.
struct Partial(PathBuf);

impl Partial {
    /// Empty, readable by its owner only, in the folder of the finished file.
    fn beside(path: &Path) -> io::Result<Self> {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}.partial", std::process::id()));
        let partial = PathBuf::from(name);
        new_file(&partial)?;
        Ok(Self(partial))
    }

    /// Takes the finished name, unless somebody else has.
    fn become_file(self, path: &Path) -> io::Result<()> {
        // Takes the name as nothing can be put in the place of.
        new_file(path)?;
        std::fs::rename(&self.0, path)?;
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        File::open(folder)?.sync_all()
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // It is gone already when it was finished.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
