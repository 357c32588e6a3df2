//! Looks at a database without changing it.

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};

use super::STEPS;
use super::file::{Found, Place, find};
use crate::store::{Condition, StoreError};

/// What a URL leads to.
pub(in crate::store) async fn inspect(url: &str) -> Result<Condition, StoreError> {
    let path = match Place::of_url(url)? {
        Place::Memory => return Ok(Condition::Memory),
        Place::File(path) => path,
    };
    match find(&path)? {
        Found::Absent => Ok(Condition::Absent),
        Found::InUse => Ok(Condition::InUse),
        Found::Free => {
            let applied = applied(&path)
                .await
                .map_err(|error| StoreError::opening(error, &path))?;
            Condition::of_steps(&STEPS, &applied)
        }
    }
}

/// The steps of the schema that a database has.
async fn applied(path: &Path) -> Result<Vec<i64>, sqlx::Error> {
    let options = to_read(path, Found::Free);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let known: Option<i64> =
        sqlx::query_scalar("SELECT 1 FROM sqlite_schema WHERE name = '_sqlx_migrations'")
            .fetch_optional(&mut connection)
            .await?;
    let applied = match known {
        None => Vec::new(),
        Some(_) => {
            sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success")
                .fetch_all(&mut connection)
                .await?
        }
    };
    connection.close().await?;
    Ok(applied)
}

/// A connection that changes nothing, neither the database nor the files beside
/// it.
pub(super) fn to_read(path: &Path, found: Found) -> SqliteConnectOptions {
    let mut beside = path.as_os_str().to_owned();
    beside.push("-wal");
    // SQLite makes files beside a database that it reads, unless it is told
    // that nobody writes. After a crash they are there, and have to be read.
    let is_settled = Path::new(&beside)
        .metadata()
        .map_or(true, |file| file.len() == 0);
    SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .immutable(is_settled && found != Found::InUse)
}
