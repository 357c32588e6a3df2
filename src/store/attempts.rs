//! Answers in rounds.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::quiz::Attempted;
use super::rounds::{id_of, round_of};
use super::sql::{Row, sql, values};
use super::{Store, StoreError};
use crate::id::{ChannelId, GuildId, MessageId, UserId};
use crate::quiz::round::{Attempt, Played, Round, RoundId};

impl Store {
    /// Stores somebody's answer, if it is their first, the round takes answers, and
    /// the click was on its message. Whatever comes back is durable.
    pub async fn attempt(
        &self,
        id: &RoundId,
        user: UserId,
        choice: usize,
        message: MessageId,
        channel: ChannelId,
        now: Timestamp,
    ) -> Result<Attempted, StoreError> {
        // Closing waits for answers that are being stored, and ends all others.
        let statement = sql!(
            "INSERT INTO attempt (guild_id, date, user_id, choice, at_ms)
             SELECT guild_id, date, $4, $5, " now " FROM round
             WHERE guild_id = $2 AND date = $3 AND message_id = $6 AND channel_id = $7
               AND state = 'posted' AND close_at > " now " AND options > $5
             " share "
             ON CONFLICT (guild_id, date, user_id) DO NOTHING
             RETURNING user_id, choice, at_ms"
        );
        let values = values![now, id.guild, id.date, user, choice, message, channel];
        if let Some(row) = self.backend.change_one(statement, values).await? {
            return Ok(Attempted::Stored(attempt_of(&row)?));
        }
        let statement = sql!(
            "SELECT r.options, a.user_id, a.choice, a.at_ms FROM round r
             LEFT JOIN attempt a
                 ON a.guild_id = r.guild_id AND a.date = r.date AND a.user_id = $3
             WHERE r.guild_id = $1 AND r.date = $2 AND r.message_id = $4 AND r.channel_id = $5"
        );
        let values = values![id.guild, id.date, user, message, channel];
        let Some(row) = self.backend.read_one(statement, values).await? else {
            return Ok(Attempted::Unknown);
        };
        if row.some_id("user_id", UserId)?.is_some() {
            return Ok(Attempted::Kept(attempt_of(&row)?));
        }
        let options: usize = row.number("options")?;
        Ok(if choice < options {
            Attempted::Closed
        } else {
            Attempted::Unknown
        })
    }

    /// Rounds of a server, or of all, that were posted since a day (inclusive),
    /// with what was answered, oldest first.
    pub async fn played_since(
        &self,
        guild: Option<GuildId>,
        since: Date,
    ) -> Result<Vec<Played>, StoreError> {
        let (rounds, attempts, values) = match guild {
            Some(guild) => (
                sql!(
                    "SELECT * FROM round
                     WHERE guild_id = $2 AND date >= $1 AND message_id IS NOT NULL
                     ORDER BY date"
                ),
                sql!(
                    "SELECT * FROM attempt WHERE guild_id = $2 AND date >= $1
                     ORDER BY at_ms, user_id"
                ),
                values![since, guild],
            ),
            None => (
                sql!(
                    "SELECT * FROM round WHERE date >= $1 AND message_id IS NOT NULL
                     ORDER BY date, guild_id"
                ),
                sql!("SELECT * FROM attempt WHERE date >= $1 ORDER BY at_ms, user_id"),
                values![since],
            ),
        };
        let mut snapshot = self.backend.snapshot().await?;
        let rounds = snapshot.read(rounds, values.clone()).await?;
        let attempts = snapshot.read(attempts, values).await?;
        snapshot.commit().await?;
        played_of(&rounds, &attempts)
    }

    /// A round that was posted, with what was answered.
    pub async fn played(&self, id: &RoundId) -> Result<Option<Played>, StoreError> {
        let values = values![id.guild, id.date];
        let mut snapshot = self.backend.snapshot().await?;
        let statement = sql!(
            "SELECT * FROM round WHERE guild_id = $1 AND date = $2 AND message_id IS NOT NULL"
        );
        let rounds = snapshot.read(statement, values.clone()).await?;
        let statement =
            sql!("SELECT * FROM attempt WHERE guild_id = $1 AND date = $2 ORDER BY at_ms, user_id");
        let attempts = snapshot.read(statement, values).await?;
        snapshot.commit().await?;
        Ok(played_of(&rounds, &attempts)?.pop())
    }

    /// Everything that a person answered in rounds, oldest first.
    pub async fn attempts_of(&self, user: UserId) -> Result<Vec<(Round, Attempt)>, StoreError> {
        let statement = sql!(
            "SELECT r.*, a.user_id, a.choice, a.at_ms FROM attempt a
             JOIN round r ON r.guild_id = a.guild_id AND r.date = a.date
             WHERE a.user_id = $1 ORDER BY a.at_ms, a.guild_id, a.date"
        );
        let rows = self.backend.read(statement, values![user]).await?;
        rows.iter()
            .map(|row| Ok((round_of(row)?, attempt_of(row)?)))
            .collect()
    }

    /// Deletes rounds before a day that are over, with what was answered and what
    /// was said about questions before. Says how many rounds.
    pub async fn prune_quiz(&self, before: Date) -> Result<u64, StoreError> {
        let midnight = before
            .to_zoned(TimeZone::UTC)
            .map_or(Timestamp::MIN, |zoned| zoned.timestamp());
        let mut transaction = self.backend.begin().await?;
        let statement = sql!("DELETE FROM round WHERE date < $1 AND wake_at IS NULL");
        let rounds = transaction.change(statement, values![before]).await?;
        let statement = sql!("DELETE FROM flag WHERE at_ms < $1");
        transaction.change(statement, values![midnight]).await?;
        transaction.commit().await?;
        Ok(rounds)
    }
}

/// Rounds with their attempts, in the order of both.
fn played_of(rounds: &[Row], attempts: &[Row]) -> Result<Vec<Played>, StoreError> {
    let mut of_round: HashMap<RoundId, Vec<Attempt>> = HashMap::new();
    for row in attempts {
        let attempts = of_round.entry(id_of(row)?).or_default();
        attempts.push(attempt_of(row)?);
    }
    rounds
        .iter()
        .map(|row| {
            let round = round_of(row)?;
            let attempts = of_round.remove(&round.id).unwrap_or_default();
            Ok(Played { round, attempts })
        })
        .collect()
}

/// A row of `attempt`.
pub(super) fn attempt_of(row: &Row) -> Result<Attempt, StoreError> {
    Ok(Attempt {
        user: row.id("user_id", UserId)?,
        choice: row.number("choice")?,
        at: row.time("at_ms")?,
    })
}
