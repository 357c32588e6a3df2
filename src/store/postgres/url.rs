//! URLs of `PostgreSQL` databases.

use std::str::FromStr as _;

use sqlx::postgres::PgConnectOptions;
use url::Url;

use crate::store::StoreError;

/// Parameters that a URL may have. Others would be logged with their values,
/// which may be a password that was put in the wrong place.
const PARAMETERS: [&str; 13] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

/// Reads `postgres://…` or `postgresql://…`. Nothing of it is ever in an error.
pub(super) fn parse(text: &str) -> Result<PgConnectOptions, StoreError> {
    let url = Url::parse(text).map_err(|_| StoreError::Url)?;
    if !url
        .query_pairs()
        .all(|(name, _)| PARAMETERS.contains(&&*name))
    {
        return Err(StoreError::Url);
    }
    let options = PgConnectOptions::from_str(text).map_err(|_| StoreError::Url)?;
    Ok(options.application_name("footnote"))
}
