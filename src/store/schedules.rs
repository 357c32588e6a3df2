//! Schedules, and the rounds that they lead to.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, Time};

use super::backend::Transaction;
use super::quiz::{PAUSED, Saved};
use super::sql::{Row, json, sql, values};
use super::{Store, StoreError};
use crate::id::{ChannelId, GuildId, UserId};
use crate::quiz::round::State;
use crate::quiz::schedule::{Days, Feedback, Planned, Schedule};

impl Store {
    /// The time that rounds go by: the server's on `PostgreSQL`, where several
    /// processes must agree, else the caller's.
    pub async fn clock(&self, now: Timestamp) -> Result<Timestamp, StoreError> {
        let row = self
            .backend
            .read_one(sql!("SELECT " now " AS at"), values![now])
            .await?;
        row.map_or(Ok(now), |row| row.time("at"))
    }

    /// The schedule of a server.
    pub async fn schedule(&self, guild: GuildId) -> Result<Option<Saved>, StoreError> {
        let row = self
            .backend
            .read_one(
                sql!("SELECT * FROM schedule WHERE guild_id = $1"),
                values![guild],
            )
            .await?;
        row.as_ref().map(saved_of).transpose()
    }

    /// Schedules of all servers, running or not, at most `limit`.
    pub async fn schedules(&self, limit: u32) -> Result<Vec<Saved>, StoreError> {
        let statement = sql!("SELECT * FROM schedule ORDER BY guild_id LIMIT $1");
        let rows = self.backend.read(statement, values![limit]).await?;
        rows.iter().map(saved_of).collect()
    }

    /// Saves a schedule, which runs from then on, and plans its rounds anew: those
    /// of before that have not begun, or are left out because of a pause that is
    /// to come, make way for `planned`. A day that has a round keeps it. Days up
    /// to `planned_through` are done with; the next ones are planned at `plan_at`.
    /// Gives the schedule's new revision.
    pub async fn save_schedule(
        &self,
        schedule: &Schedule,
        planned: &[Planned],
        planned_through: Date,
        plan_at: Timestamp,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let mut transaction = self.backend.begin().await?;
        let statement = sql!(
            "INSERT INTO schedule (guild_id, channel_id, minute, zone, days, reveal_after, feedback,
                                   pauses, set_by, rev, planned_through, plan_at, stopped)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11, NULL)
             ON CONFLICT (guild_id) DO UPDATE SET
                 channel_id = excluded.channel_id, minute = excluded.minute, zone = excluded.zone,
                 days = excluded.days, reveal_after = excluded.reveal_after,
                 feedback = excluded.feedback, pauses = excluded.pauses, set_by = excluded.set_by,
                 rev = schedule.rev + 1, planned_through = excluded.planned_through,
                 plan_at = excluded.plan_at, stopped = NULL
             RETURNING rev"
        );
        let minute = i32::from(schedule.time.hour()) * 60 + i32::from(schedule.time.minute());
        let values = values![
            schedule.guild,
            schedule.channel,
            minute,
            schedule.zone.as_str(),
            u32::from(schedule.days.bits()),
            schedule.reveal_after,
            feedback_name(schedule.feedback),
            json(&schedule.pauses)?,
            schedule.set_by,
            planned_through,
            plan_at,
        ];
        let rows = transaction.read(statement, values).await?;
        let rev = rows.first().map_or(Ok(0), |row| row.get("rev"))?;
        let statement = sql!(
            "DELETE FROM round WHERE guild_id = $2
             AND (state = 'scheduled' OR (state = 'skipped' AND reason = $3 AND due_at > " now "))"
        );
        let values = values![now, schedule.guild, PAUSED];
        transaction.change(statement, values).await?;
        insert_planned(&mut transaction, schedule.guild, planned).await?;
        transaction.commit().await?;
        Ok(rev)
    }

    /// Stops a schedule and keeps it; rounds that have not begun are removed. Says
    /// whether it was running.
    pub async fn stop_schedule(&self, guild: GuildId, why: &str) -> Result<bool, StoreError> {
        let mut transaction = self.backend.begin().await?;
        let statement =
            sql!("UPDATE schedule SET stopped = $2 WHERE guild_id = $1 AND stopped IS NULL");
        let stopped = transaction.change(statement, values![guild, why]).await?;
        if stopped > 0 {
            let statement = sql!("DELETE FROM round WHERE guild_id = $1 AND state = 'scheduled'");
            transaction.change(statement, values![guild]).await?;
        }
        transaction.commit().await?;
        Ok(stopped > 0)
    }

    /// Running schedules whose next days are to be planned, at most `limit`, the
    /// longest waiting first.
    pub async fn schedules_to_plan(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Saved>, StoreError> {
        let statement = sql!(
            "SELECT * FROM schedule WHERE stopped IS NULL AND plan_at <= " now "
             ORDER BY plan_at, guild_id LIMIT $2"
        );
        let rows = self.backend.read(statement, values![now, limit]).await?;
        rows.iter().map(saved_of).collect()
    }

    /// Plans the next rounds of a schedule, as [`Store::save_schedule`] does. Does
    /// nothing and says no when the schedule has another revision or was stopped.
    pub async fn plan(
        &self,
        guild: GuildId,
        rev: i64,
        planned: &[Planned],
        planned_through: Date,
        plan_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.backend.begin().await?;
        let statement = sql!(
            "UPDATE schedule SET planned_through = $3, plan_at = $4
             WHERE guild_id = $1 AND rev = $2 AND stopped IS NULL"
        );
        let values = values![guild, rev, planned_through, plan_at];
        if transaction.change(statement, values).await? == 0 {
            return Ok(false);
        }
        insert_planned(&mut transaction, guild, planned).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// When there is something to do next, in the time of `now`: a schedule to
    /// plan, a round to post, to take over, to close or to try again.
    pub async fn next_wake(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let statement = sql!(
            "SELECT MIN(next_at) - " now " AS wait_ms FROM (
                 SELECT MIN(plan_at) AS next_at FROM schedule WHERE stopped IS NULL
                 UNION ALL
                 SELECT MIN(wake_at) AS next_at FROM round WHERE wake_at IS NOT NULL
             ) AS next"
        );
        let Some(row) = self.backend.read_one(statement, values![now]).await? else {
            return Ok(None);
        };
        let wait_ms: Option<i64> = row.get("wait_ms")?;
        Ok(wait_ms.map(|ms| {
            let wait = Duration::from_millis(ms.unsigned_abs());
            let at = if ms < 0 {
                now.checked_sub(wait)
            } else {
                now.checked_add(wait)
            };
            at.unwrap_or(now)
        }))
    }
}

/// Adds rounds as the stored schedule wants them; a day that has one keeps it.
/// In a database that was a copy, one may have been posted before; see `backup`.
async fn insert_planned(
    transaction: &mut Transaction,
    guild: GuildId,
    planned: &[Planned],
) -> Result<(), StoreError> {
    for round in planned {
        let statement = sql!(
            "INSERT INTO round (guild_id, date, channel_id, due_at, wake_at, state, open_minutes,
                                feedback, claims, reason, first_try)
             SELECT guild_id, $2, channel_id, $3, $4, $5, reveal_after, feedback, 0, $6,
                    (SELECT CAST(copied.value AS BIGINT) FROM setting copied, setting doubt
                     WHERE copied.name = 'copied_at' AND doubt.name = 'doubt_until'
                       AND $3 <= CAST(doubt.value AS BIGINT))
             FROM schedule WHERE guild_id = $1
             ON CONFLICT (guild_id, date) DO NOTHING"
        );
        let (wake_at, state, reason) = if round.paused {
            (None, State::Skipped, Some(PAUSED))
        } else {
            (Some(round.due), State::Scheduled, None)
        };
        let values = values![guild, round.date, round.due, wake_at, state.name(), reason];
        let added = transaction.change(statement, values).await?;
        super::rounds::count(state, added > 0);
    }
    Ok(())
}

fn saved_of(row: &Row) -> Result<Saved, StoreError> {
    let minute: i32 = row.number("minute")?;
    let time = i8::try_from(minute / 60)
        .ok()
        .zip(i8::try_from(minute % 60).ok())
        .and_then(|(hour, minute)| Time::new(hour, minute, 0, 0).ok());
    let days = Days::from_bits(row.number("days")?);
    let wrong = |what: &str| StoreError::Row(format!("the {what} of a schedule").into());
    Ok(Saved {
        schedule: Schedule {
            guild: row.id("guild_id", GuildId)?,
            channel: row.id("channel_id", ChannelId)?,
            time: time.ok_or_else(|| wrong("time"))?,
            zone: row.get("zone")?,
            days: days.ok_or_else(|| wrong("days"))?,
            reveal_after: row.number("reveal_after")?,
            feedback: row.name("feedback", feedback_of_name)?,
            pauses: row.json("pauses")?,
            set_by: row.some_id("set_by", UserId)?,
        },
        rev: row.get("rev")?,
        planned_through: row.some_date("planned_through")?,
        stopped: row.get("stopped")?,
    })
}

const fn feedback_name(feedback: Feedback) -> &'static str {
    match feedback {
        Feedback::AtReveal => "at_reveal",
        Feedback::Immediate => "immediate",
    }
}

/// The feedback with this name.
pub(super) fn feedback_of_name(name: &str) -> Option<Feedback> {
    [Feedback::AtReveal, Feedback::Immediate]
        .into_iter()
        .find(|feedback| feedback_name(*feedback) == name)
}
