//! Looks at a database without changing it.

use sqlx::Connection as _;

use super::{STEPS, connect, in_time, url};
use crate::store::{Condition, StoreError};

/// What a URL leads to.
pub(in crate::store) async fn inspect(url: &str) -> Result<Condition, StoreError> {
    let mut connection = connect(&url::parse(url)?).await?;
    let known: Option<String> = in_time(
        sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations')::TEXT")
            .fetch_one(&mut connection),
    )
    .await?;
    let applied: Vec<i64> = if known.is_some() {
        let steps = sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success");
        in_time(steps.fetch_all(&mut connection)).await?
    } else {
        Vec::new()
    };
    in_time(connection.close()).await?;
    Condition::of_steps(&STEPS, &applied)
}
