//! Everything stored about one person: shown, exported, deleted.

use super::Sqlite;
use super::gaps::GapRow;
use crate::gap::Gap;
use crate::id::{MessageId, UserId};
use crate::store::{Person, StoreError, Vote};

const IS_HIDDEN: &str = "SELECT EXISTS (SELECT 1 FROM hidden WHERE user_id = ?)";

impl Sqlite {
    pub(in crate::store) async fn hide(
        &self,
        user: UserId,
        hidden: bool,
    ) -> Result<(), StoreError> {
        let statement = if hidden {
            "INSERT INTO hidden (user_id) VALUES (?) ON CONFLICT (user_id) DO NOTHING"
        } else {
            "DELETE FROM hidden WHERE user_id = ?"
        };
        sqlx::query(statement)
            .bind(user.0.cast_signed())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    pub(in crate::store) async fn is_hidden(&self, user: UserId) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar(IS_HIDDEN)
            .bind(user.0.cast_signed())
            .fetch_one(&self.readers)
            .await?)
    }

    pub(in crate::store) async fn person(&self, user: UserId) -> Result<Person, StoreError> {
        let id = user.0.cast_signed();
        // One snapshot: what is shown was true at one moment.
        let mut snapshot = self.readers.begin().await?;
        let hidden = sqlx::query_scalar(IS_HIDDEN)
            .bind(id)
            .fetch_one(&mut *snapshot)
            .await?;
        let votes: Vec<(i64, bool, i64)> = sqlx::query_as(
            "SELECT message_id, helpful, at_ms FROM vote WHERE user_id = ?
             ORDER BY at_ms, message_id",
        )
        .bind(id)
        .fetch_all(&mut *snapshot)
        .await?;
        let gaps: Vec<GapRow> =
            sqlx::query_as("SELECT * FROM gap WHERE user_id = ? ORDER BY at_ms, id")
                .bind(id)
                .fetch_all(&mut *snapshot)
                .await?;
        snapshot.commit().await?;
        Ok(Person {
            user,
            hidden,
            votes: votes
                .into_iter()
                .map(|(answer, helpful, at_ms)| Vote {
                    answer: MessageId(answer.cast_unsigned()),
                    helpful,
                    at_ms,
                })
                .collect(),
            gaps: gaps
                .into_iter()
                .map(Gap::try_from)
                .collect::<Result<_, _>>()?,
        })
    }

    pub(in crate::store) async fn delete_person(&self, user: UserId) -> Result<u64, StoreError> {
        // Every table with a column `user_id`, those that refer to another first.
        let statements = [
            "DELETE FROM gap WHERE user_id = ?",
            "DELETE FROM vote WHERE user_id = ?",
            "DELETE FROM hidden WHERE user_id = ?",
        ];
        let mut transaction = self.write().await?;
        let mut rows = 0;
        for statement in statements {
            rows += sqlx::query(statement)
                .bind(user.0.cast_signed())
                .execute(&mut *transaction)
                .await?
                .rows_affected();
        }
        transaction.commit().await?;
        Ok(rows)
    }
}
