//! What asking leaves behind: settings, and how often sections were asked for.

use super::sql::{sql, values};
use super::{Asked, Store, StoreError};

impl Store {
    /// A setting that the program keeps for itself.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let row = self
            .backend
            .read_one(
                sql!("SELECT value FROM setting WHERE name = $1"),
                values![name],
            )
            .await?;
        row.map(|row| row.get("value")).transpose()
    }

    /// Keeps a setting; it replaces an earlier value.
    pub async fn set_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let statement = sql!(
            "INSERT INTO setting (name, value) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        );
        self.backend.change(statement, values![name, value]).await?;
        Ok(())
    }

    /// Adds to how often sections were asked for on a day (days since 1970 UTC).
    pub async fn add_asked(&self, day: i32, counts: &[Asked]) -> Result<(), StoreError> {
        // In one order: two processes that add to the same sections wait for each
        // other, and never in a circle.
        let mut counts: Vec<&Asked> = counts.iter().collect();
        counts.sort_unstable_by_key(|asked| &asked.section);
        let mut transaction = self.backend.begin().await?;
        for asked in counts {
            let statement = sql!(
                "INSERT INTO asked (section, day, count) VALUES ($1, $2, $3)
                 ON CONFLICT (section, day) DO UPDATE SET count = asked.count + excluded.count"
            );
            let values = values![asked.section.as_str(), day, asked.count];
            transaction.change(statement, values).await?;
        }
        transaction.commit().await
    }

    /// The sections most asked for since a day (inclusive), at most `limit`,
    /// most asked first.
    pub async fn most_asked(&self, since_day: i32, limit: u32) -> Result<Vec<Asked>, StoreError> {
        let statement = sql!(
            "SELECT section, CAST(SUM(count) AS BIGINT) AS total FROM asked WHERE day >= $1
             GROUP BY section ORDER BY total DESC, section LIMIT $2"
        );
        let rows = self
            .backend
            .read(statement, values![since_day, limit])
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Asked {
                    section: row.get("section")?,
                    count: row.number("total")?,
                })
            })
            .collect()
    }

    /// Drops counts of days before this one. Says how many.
    pub async fn prune_asked(&self, before_day: i32) -> Result<u64, StoreError> {
        self.backend
            .change(
                sql!("DELETE FROM asked WHERE day < $1"),
                values![before_day],
            )
            .await
    }
}
