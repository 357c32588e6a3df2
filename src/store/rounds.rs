//! Rounds on their way to a message: due, claimed, posted, or given up.
//!
//! Each step is one statement that checks what it relies on and changes it, so
//! that of several processes one succeeds. `wake_at` says when somebody has to
//! look at a round again: when it is due, when a claim ends, when it closes.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use super::schedules::feedback_of_name;
use super::sql::{Row, json, sql, values};
use super::{Store, StoreError};
use crate::id::{ChannelId, GuildId, MessageId};
use crate::quiz::question::Question;
use crate::quiz::round::{Round, RoundId, State};
use crate::quiz::schedule::Planned;
use crate::telemetry::metrics::ROUND_CHANGES;

impl Store {
    /// Rounds to be claimed: due, or with a claim that has ended; at most `limit`,
    /// earliest due first.
    pub async fn rounds_to_post(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Round>, StoreError> {
        let statement = sql!(
            "SELECT * FROM round
             WHERE wake_at <= " now " AND state IN ('scheduled', 'posting', 'held')
             ORDER BY due_at, guild_id LIMIT $2"
        );
        let rows = self.backend.read(statement, values![now, limit]).await?;
        rows.iter().map(round_of).collect()
    }

    /// Claims a round for as long as the lease lasts, if it is among
    /// [`Store::rounds_to_post`] and nobody was quicker. The first claim decides
    /// the question and when the round closes. The round comes back as it is now:
    /// its `claims` is the number of this claim.
    pub async fn claim_round(
        &self,
        id: &RoundId,
        owner: &str,
        now: Timestamp,
        lease: Duration,
        question: &Question,
        close_at: Timestamp,
    ) -> Result<Option<Round>, StoreError> {
        let statement = sql!(
            "UPDATE round SET state = 'posting', claims = claims + 1, owner = $4,
                 wake_at = " now " + $5, first_try = COALESCE(first_try, " now "),
                 question = COALESCE(question, $6), options = COALESCE(options, $7),
                 close_at = COALESCE(close_at, $8)
             WHERE guild_id = $2 AND date = $3
               AND wake_at <= " now " AND state IN ('scheduled', 'posting', 'held')
             RETURNING *"
        );
        let values = values![
            now,
            id.guild,
            id.date,
            owner,
            lease,
            json(question)?,
            question.options.len(),
            close_at,
        ];
        let row = self.backend.change_one(statement, values).await?;
        count(State::Posting, row.is_some());
        row.as_ref().map(round_of).transpose()
    }

    /// Records the message of a claimed round, which takes answers from then on.
    /// Says no when the claim is not the current one.
    pub async fn record_posted(
        &self,
        id: &RoundId,
        owner: &str,
        claims: u32,
        message: MessageId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let statement = sql!(
            "UPDATE round SET state = 'posted', message_id = $6, posted_at = " now ",
                 wake_at = close_at, owner = NULL, reason = NULL
             WHERE guild_id = $2 AND date = $3
               AND state = 'posting' AND owner = $4 AND claims = $5"
        );
        let values = values![now, id.guild, id.date, owner, claims, message];
        let done = self.backend.change(statement, values).await? > 0;
        Ok(count(State::Posted, done))
    }

    /// Ends a claim: the round waits as scheduled (nothing was sent, surely), as
    /// posting (something may have been sent) or as held (and nobody can tell)
    /// until `not_before`. `refused` counts a refusal of Discord. Says no when the
    /// claim is not the current one.
    #[expect(
        clippy::too_many_arguments,
        reason = "the claim, and what becomes of it"
    )]
    pub async fn give_back(
        &self,
        id: &RoundId,
        owner: &str,
        claims: u32,
        to: State,
        not_before: Timestamp,
        reason: &str,
        refused: bool,
    ) -> Result<bool, StoreError> {
        debug_assert!(matches!(
            to,
            State::Scheduled | State::Posting | State::Held
        ));
        let statement = sql!(
            "UPDATE round SET state = $5, wake_at = $6, reason = $7, owner = NULL,
                 refusals = refusals + $8,
                 close_at = CASE WHEN $5 = 'scheduled' THEN NULL ELSE close_at END,
                 first_try = CASE WHEN $5 = 'scheduled' THEN NULL ELSE first_try END
             WHERE guild_id = $1 AND date = $2
               AND state = 'posting' AND owner = $3 AND claims = $4"
        );
        let values = values![
            id.guild,
            id.date,
            owner,
            claims,
            to.name(),
            not_before,
            reason,
            u32::from(refused),
        ];
        let done = self.backend.change(statement, values).await? > 0;
        Ok(count(to, done))
    }

    /// Records the message of a round whose sender does not know of it, because
    /// somebody has clicked on it. Says no when the round is not being posted in
    /// this channel.
    pub async fn adopt(
        &self,
        id: &RoundId,
        message: MessageId,
        channel: ChannelId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let statement = sql!(
            "UPDATE round SET state = 'posted', message_id = $4, posted_at = " now ",
                 wake_at = close_at, owner = NULL, reason = NULL
             WHERE guild_id = $2 AND date = $3
               AND state IN ('posting', 'held') AND channel_id = $5"
        );
        let values = values![now, id.guild, id.date, message, channel];
        let done = self.backend.change(statement, values).await? > 0;
        Ok(count(State::Posted, done))
    }

    /// Ends a round without a message: missed, failed or skipped. One that is
    /// claimed is left to its claim (owner and number) until that has ended. Says
    /// whether it did.
    pub async fn finish_round(
        &self,
        id: &RoundId,
        to: State,
        reason: &str,
        now: Timestamp,
        claim: Option<(&str, u32)>,
    ) -> Result<bool, StoreError> {
        debug_assert!(matches!(to, State::Missed | State::Failed | State::Skipped));
        // The same as in `State::may_become`.
        let statement = sql!(
            "UPDATE round SET state = $4, reason = $5, wake_at = NULL, owner = NULL
             WHERE guild_id = $2 AND date = $3
               AND (state = 'scheduled'
                    OR (state = 'posting' AND wake_at <= " now " AND $4 <> 'skipped')
                    OR (state = 'posting' AND owner = $6 AND claims = $7)
                    OR (state = 'held' AND wake_at <= " now " AND $4 = 'missed'))"
        );
        let (owner, claims) = claim.unwrap_or_default();
        let values = values![now, id.guild, id.date, to.name(), reason, owner, claims];
        let done = self.backend.change(statement, values).await? > 0;
        Ok(count(to, done))
    }

    /// Makes a round due now because an admin wants it: a new one for this day of
    /// the schedule, or one that has not begun or ended without a message. Where a
    /// message may exist after all, channel and question stay as they were, and
    /// so does the time of the first try. Says whether there is a round due now.
    pub async fn put_round(
        &self,
        guild: GuildId,
        planned: &Planned,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let statement = sql!(
            "INSERT INTO round (guild_id, date, channel_id, due_at, wake_at, state, open_minutes,
                                feedback, claims)
             SELECT guild_id, $3, channel_id, " now ", " now ", 'scheduled', reveal_after,
                    feedback, 0
             FROM schedule WHERE guild_id = $2
             ON CONFLICT (guild_id, date) DO UPDATE SET
                 state = 'scheduled', due_at = excluded.due_at, wake_at = excluded.wake_at,
                 channel_id = CASE WHEN round.first_try IS NULL
                              THEN excluded.channel_id ELSE round.channel_id END,
                 open_minutes = excluded.open_minutes, feedback = excluded.feedback,
                 close_at = NULL, reason = NULL, refusals = 0
             WHERE round.state IN ('scheduled', 'skipped', 'missed', 'failed')
               AND round.message_id IS NULL"
        );
        let values = values![now, guild, planned.date];
        let done = self.backend.change(statement, values).await? > 0;
        Ok(count(State::Scheduled, done))
    }

    /// How many rounds are in each state that is not the last, with the time when
    /// the first of them is due.
    pub async fn open_rounds(&self) -> Result<Vec<(State, u32, Timestamp)>, StoreError> {
        let statement = sql!(
            "SELECT state, COUNT(*) AS rounds, MIN(due_at) AS due FROM round
             WHERE wake_at IS NOT NULL GROUP BY state"
        );
        let rows = self.backend.read(statement, values![]).await?;
        let read = |row: &Row| {
            let state = row.name("state", State::of_name)?;
            Ok((state, row.number("rounds")?, row.time("due")?))
        };
        rows.iter().map(read).collect()
    }

    /// A round.
    pub async fn round(&self, id: &RoundId) -> Result<Option<Round>, StoreError> {
        let statement = sql!("SELECT * FROM round WHERE guild_id = $1 AND date = $2");
        let row = self
            .backend
            .read_one(statement, values![id.guild, id.date])
            .await?;
        row.as_ref().map(round_of).transpose()
    }

    /// Rounds of a server since a day (inclusive), in whatever state, oldest first.
    pub async fn rounds_since(
        &self,
        guild: GuildId,
        since: Date,
    ) -> Result<Vec<Round>, StoreError> {
        let statement =
            sql!("SELECT * FROM round WHERE guild_id = $1 AND date >= $2 ORDER BY date");
        let rows = self.backend.read(statement, values![guild, since]).await?;
        rows.iter().map(round_of).collect()
    }

    /// Brings back what would wait for days because a clock was wrong when it was
    /// written: answers are taken for less than `longest`, and no other step of a
    /// round that is due waits longer than `step`. What is due in the future stays.
    /// Says how much there was.
    pub async fn mend_times(
        &self,
        now: Timestamp,
        longest: Duration,
        step: Duration,
    ) -> Result<u64, StoreError> {
        let rounds = sql!(
            "UPDATE round SET wake_at = " now ",
                 close_at = CASE WHEN close_at > " now " + $2 THEN " now " ELSE close_at END
             WHERE (wake_at > " now " + $2 OR (state <> 'posted' AND wake_at > " now " + $3))
               AND (state <> 'scheduled' OR due_at <= " now ")"
        );
        let schedules = sql!(
            "UPDATE schedule SET plan_at = " now " WHERE plan_at > " now " + $2"
        );
        let mended = self.backend.change(rounds, values![now, longest, step]);
        Ok(mended.await?
            + self
                .backend
                .change(schedules, values![now, longest])
                .await?)
    }

    /// Posted rounds whose time is over, and closed ones whose results wait to be
    /// shown; at most `limit`, the longest waiting first.
    pub async fn rounds_to_close(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Round>, StoreError> {
        let statement = sql!(
            "SELECT * FROM round WHERE wake_at <= " now " AND state IN ('posted', 'closed')
             ORDER BY wake_at, guild_id LIMIT $2"
        );
        let rows = self.backend.read(statement, values![now, limit]).await?;
        rows.iter().map(round_of).collect()
    }

    /// Closes a round that is among [`Store::rounds_to_close`], and claims it to
    /// show its results for as long as the lease lasts, if nobody was quicker.
    /// When this returns, every answer that anybody was told is stored can be read.
    pub async fn close_round(
        &self,
        id: &RoundId,
        owner: &str,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Round>, StoreError> {
        let statement = sql!(
            "UPDATE round SET state = 'closed', claims = claims + 1, owner = $4,
                 wake_at = " now " + $5
             WHERE guild_id = $2 AND date = $3
               AND wake_at <= " now " AND state IN ('posted', 'closed')
             RETURNING *"
        );
        let values = values![now, id.guild, id.date, owner, lease];
        let row = self.backend.change_one(statement, values).await?;
        count(State::Closed, row.is_some());
        row.as_ref().map(round_of).transpose()
    }

    /// Records that the results are shown, or why they never can be. Says no when
    /// the claim is not the current one.
    pub async fn record_revealed(
        &self,
        id: &RoundId,
        owner: &str,
        claims: u32,
        reason: Option<&str>,
    ) -> Result<bool, StoreError> {
        let statement = sql!(
            "UPDATE round SET state = 'revealed', wake_at = NULL, owner = NULL, reason = $5
             WHERE guild_id = $1 AND date = $2
               AND state = 'closed' AND owner = $3 AND claims = $4"
        );
        let values = values![id.guild, id.date, owner, claims, reason];
        let done = self.backend.change(statement, values).await? > 0;
        Ok(count(State::Revealed, done))
    }

    /// Leaves the results to be shown later. Says no when the claim is not the
    /// current one.
    pub async fn retry_reveal(
        &self,
        id: &RoundId,
        owner: &str,
        claims: u32,
        not_before: Timestamp,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let statement = sql!(
            "UPDATE round SET wake_at = $5, owner = NULL, reason = $6
             WHERE guild_id = $1 AND date = $2
               AND state = 'closed' AND owner = $3 AND claims = $4"
        );
        let values = values![id.guild, id.date, owner, claims, not_before, reason];
        Ok(self.backend.change(statement, values).await? > 0)
    }
}

/// Counts a round that has come to a state; gives back whether it has.
pub(super) fn count(to: State, done: bool) -> bool {
    if done {
        ROUND_CHANGES.count(&[to.name()]);
    }
    done
}

/// Which round a row belongs to.
pub(super) fn id_of(row: &Row) -> Result<RoundId, StoreError> {
    Ok(RoundId {
        guild: row.id("guild_id", GuildId)?,
        date: row.date("date")?,
    })
}

/// A row of `round`.
pub(super) fn round_of(row: &Row) -> Result<Round, StoreError> {
    Ok(Round {
        id: id_of(row)?,
        channel: row.id("channel_id", ChannelId)?,
        due: row.time("due_at")?,
        state: row.name("state", State::of_name)?,
        open_minutes: row.number("open_minutes")?,
        feedback: row.name("feedback", feedback_of_name)?,
        question: row.some_json("question")?,
        claims: row.number("claims")?,
        refusals: row.number("refusals")?,
        first_try: row.some_time("first_try")?,
        close_at: row.some_time("close_at")?,
        message: row.some_id("message_id", MessageId)?,
        posted_at: row.some_time("posted_at")?,
        reason: row.get("reason")?,
    })
}
