//! Gaps, and the votes that some of them come from.

use super::sql::{Row, Sql, Value, json, sql, values};
use super::{Store, StoreError, Verdict};
use crate::gap::{Gap, Kind};
use crate::id::{ChannelId, GuildId, MessageId, UserId};

/// A second gap of the same person about the same answer replaces the first, and
/// keeps the texts that it has none of itself.
const INSERT: Sql = sql!(
    "INSERT INTO gap (kind, user_id, guild_id, channel_id, message_id, question, services,
                      controls, reason, at_ms, answer_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT (user_id, answer_id) DO UPDATE SET
         guild_id = excluded.guild_id, channel_id = excluded.channel_id,
         message_id = excluded.message_id, services = excluded.services,
         controls = excluded.controls, at_ms = excluded.at_ms,
         question = COALESCE(excluded.question, gap.question),
         reason = COALESCE(excluded.reason, gap.reason)"
);

impl Store {
    /// Records a gap.
    pub async fn record_gap(&self, gap: &Gap) -> Result<(), StoreError> {
        self.backend.change(INSERT, values_of(gap, None)?).await?;
        Ok(())
    }

    /// Records what a person says about an answer, at this time (milliseconds
    /// since 1970 UTC). One vote counts for each person and answer, the latest;
    /// "not helpful" stands among the gaps for as long as it is the latest. Of the
    /// gap, person, kind and time are those of the vote.
    pub async fn vote(
        &self,
        user: UserId,
        answer: MessageId,
        verdict: Verdict<'_>,
        at_ms: i64,
    ) -> Result<(), StoreError> {
        let mut transaction = self.backend.begin().await?;
        let statement = sql!(
            "INSERT INTO vote (user_id, message_id, helpful, at_ms) VALUES ($1, $2, $3, $4)
             ON CONFLICT (user_id, message_id)
             DO UPDATE SET helpful = excluded.helpful, at_ms = excluded.at_ms"
        );
        let helpful = verdict == Verdict::Helpful;
        let values = values![user, answer, helpful, at_ms];
        transaction.change(statement, values).await?;
        match verdict {
            Verdict::Helpful => {
                let statement = sql!("DELETE FROM gap WHERE user_id = $1 AND answer_id = $2");
                transaction.change(statement, values![user, answer]).await?;
            }
            Verdict::NotHelpful(gap) => {
                let gap = Gap {
                    kind: Kind::NotHelpful,
                    user,
                    at_ms,
                    ..gap.clone()
                };
                let values = values_of(&gap, Some(answer))?;
                transaction.change(INSERT, values).await?;
            }
        }
        transaction.commit().await
    }

    /// Gaps of a guild, or of all and of direct messages, since a time
    /// (milliseconds since 1970 UTC, inclusive), oldest first.
    pub async fn gaps_since(
        &self,
        guild: Option<GuildId>,
        since_ms: i64,
    ) -> Result<Vec<Gap>, StoreError> {
        let statement = sql!(
            "SELECT * FROM gap WHERE at_ms >= $1 AND ($2 IS NULL OR guild_id = $2)
             ORDER BY at_ms, id"
        );
        let rows = self
            .backend
            .read(statement, values![since_ms, guild])
            .await?;
        rows.iter().map(gap_of).collect()
    }

    /// Forgets questions and reasons typed before a time (milliseconds since
    /// 1970 UTC); the gaps stay counted. Says how many had a text.
    pub async fn forget_texts_before(&self, before_ms: i64) -> Result<u64, StoreError> {
        let statement = sql!(
            "UPDATE gap SET question = NULL, reason = NULL
             WHERE at_ms < $1 AND (question IS NOT NULL OR reason IS NOT NULL)"
        );
        self.backend.change(statement, values![before_ms]).await
    }
}

/// A row of `gap` as a gap.
pub(super) fn gap_of(row: &Row) -> Result<Gap, StoreError> {
    Ok(Gap {
        kind: row.name("kind", kind_of_name)?,
        user: row.id("user_id", UserId)?,
        guild: row.some_id("guild_id", GuildId)?,
        channel: row.some_id("channel_id", ChannelId)?,
        message: row.some_id("message_id", MessageId)?,
        question: row.get("question")?,
        services: row.json("services")?,
        controls: row.json("controls")?,
        reason: row.get("reason")?,
        at_ms: row.get("at_ms")?,
    })
}

fn kind_of_name(name: &str) -> Option<Kind> {
    [Kind::Abstention, Kind::NotHelpful]
        .into_iter()
        .find(|kind| kind.as_str() == name)
}

/// The parameters of [`INSERT`].
fn values_of(gap: &Gap, answer: Option<MessageId>) -> Result<Vec<Value>, StoreError> {
    Ok(values![
        gap.kind.as_str(),
        gap.user,
        gap.guild,
        gap.channel,
        gap.message,
        gap.question.clone(),
        json(&gap.services)?,
        json(&gap.controls)?,
        gap.reason.clone(),
        gap.at_ms,
        answer,
    ])
}
