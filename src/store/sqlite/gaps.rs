//! Gaps, and the votes that some of them come from.

use serde_json::Value;
use sqlx::FromRow;

use super::Sqlite;
use crate::gap::{Gap, Kind};
use crate::id::{ChannelId, GuildId, MessageId, UserId};
use crate::store::{StoreError, Verdict};

impl Sqlite {
    pub(in crate::store) async fn record_gap(&self, gap: &Gap) -> Result<(), StoreError> {
        insert_gap(gap, None).execute(&self.writer).await?;
        Ok(())
    }

    pub(in crate::store) async fn vote(
        &self,
        user: UserId,
        answer: MessageId,
        verdict: Verdict<'_>,
        at_ms: i64,
    ) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        sqlx::query(
            "INSERT INTO vote (user_id, message_id, helpful, at_ms) VALUES (?, ?, ?, ?)
             ON CONFLICT (user_id, message_id)
             DO UPDATE SET helpful = excluded.helpful, at_ms = excluded.at_ms",
        )
        .bind(user.0.cast_signed())
        .bind(answer.0.cast_signed())
        .bind(verdict == Verdict::Helpful)
        .bind(at_ms)
        .execute(&mut *transaction)
        .await?;
        match verdict {
            Verdict::Helpful => {
                sqlx::query("DELETE FROM gap WHERE user_id = ? AND answer_id = ?")
                    .bind(user.0.cast_signed())
                    .bind(answer.0.cast_signed())
                    .execute(&mut *transaction)
                    .await?;
            }
            Verdict::NotHelpful(gap) => {
                let gap = Gap {
                    kind: Kind::NotHelpful,
                    user,
                    at_ms,
                    ..gap.clone()
                };
                insert_gap(&gap, Some(answer))
                    .execute(&mut *transaction)
                    .await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    pub(in crate::store) async fn gaps_since(
        &self,
        guild: Option<GuildId>,
        since_ms: i64,
    ) -> Result<Vec<Gap>, StoreError> {
        let rows: Vec<GapRow> = sqlx::query_as(
            "SELECT * FROM gap WHERE at_ms >= ?1 AND (?2 IS NULL OR guild_id = ?2)
             ORDER BY at_ms, id",
        )
        .bind(since_ms)
        .bind(guild.map(|guild| guild.0.cast_signed()))
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(Gap::try_from).collect()
    }

    pub(in crate::store) async fn forget_texts_before(
        &self,
        before_ms: i64,
    ) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "UPDATE gap SET question = NULL, reason = NULL
             WHERE at_ms < ? AND (question IS NOT NULL OR reason IS NOT NULL)",
        )
        .bind(before_ms)
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected())
    }
}

/// Inserts a gap. A second one of the same person about the same answer replaces
/// the first, and keeps the texts that it has none of itself.
fn insert_gap(
    gap: &Gap,
    answer: Option<MessageId>,
) -> sqlx::query::Query<'static, sqlx::Sqlite, sqlx::sqlite::SqliteArguments> {
    let names = |names: &[String]| Value::from(names).to_string();
    sqlx::query(
        "INSERT INTO gap (kind, user_id, guild_id, channel_id, message_id, question, services,
                          controls, reason, at_ms, answer_id)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (user_id, answer_id) DO UPDATE SET
             guild_id = excluded.guild_id, channel_id = excluded.channel_id,
             message_id = excluded.message_id, services = excluded.services,
             controls = excluded.controls, at_ms = excluded.at_ms,
             question = COALESCE(excluded.question, question),
             reason = COALESCE(excluded.reason, reason)",
    )
    .bind(gap.kind.as_str())
    .bind(gap.user.0.cast_signed())
    .bind(gap.guild.map(|guild| guild.0.cast_signed()))
    .bind(gap.channel.map(|channel| channel.0.cast_signed()))
    .bind(gap.message.map(|message| message.0.cast_signed()))
    .bind(gap.question.clone())
    .bind(names(&gap.services))
    .bind(names(&gap.controls))
    .bind(gap.reason.clone())
    .bind(gap.at_ms)
    .bind(answer.map(|answer| answer.0.cast_signed()))
}

/// A row of `gap`. Ids are kept as signed numbers of the same bits.
#[derive(FromRow)]
pub(super) struct GapRow {
    kind: String,
    user_id: i64,
    guild_id: Option<i64>,
    channel_id: Option<i64>,
    message_id: Option<i64>,
    question: Option<String>,
    services: String,
    controls: String,
    reason: Option<String>,
    at_ms: i64,
}

impl TryFrom<GapRow> for Gap {
    type Error = StoreError;

    fn try_from(row: GapRow) -> Result<Self, StoreError> {
        let names = |json: &str| {
            serde_json::from_str(json).map_err(|error| StoreError::Row(Box::new(error)))
        };
        Ok(Gap {
            kind: match row.kind.as_str() {
                "abstention" => Kind::Abstention,
                "not_helpful" => Kind::NotHelpful,
                other => return Err(StoreError::Row(format!("gap of kind {other:?}").into())),
            },
            user: UserId(row.user_id.cast_unsigned()),
            guild: row.guild_id.map(|id| GuildId(id.cast_unsigned())),
            channel: row.channel_id.map(|id| ChannelId(id.cast_unsigned())),
            message: row.message_id.map(|id| MessageId(id.cast_unsigned())),
            question: row.question,
            services: names(&row.services)?,
            controls: names(&row.controls)?,
            reason: row.reason,
            at_ms: row.at_ms,
        })
    }
}
