//! Answers to a round, and what members say about its question.

use std::time::Duration;

use jiff::ToSpan as _;
use thiserror::Error;
use tokio::time::{Instant, timeout_at};

use crate::id::UserId;
use crate::quiz::round::{Round, RoundId, State};
use crate::quiz::streak::streak;
use crate::render::quiz::round::Locked;
use crate::store::{Attempted, StoreError};
use crate::telemetry::metrics::ATTEMPTS;

use super::super::App;
use super::super::ask::Place;

/// Discord waits three seconds for an answer; some of that is for bringing it.
const PATIENCE: Duration = Duration::from_secs(2);
/// The round before stands within this many days, unless there was a break that
/// no freeze is spent on.
const DAYS_BACK: i32 = 14;

/// Why an answer may not be stored. It may be all the same; pressing again
/// tells.
#[derive(Debug, Error)]
pub enum NotSaved {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store took too long.
    #[error("the store took more than {} s", PATIENCE.as_secs())]
    TooSlow,
}

impl App {
    /// Stores somebody's answer to the round of a message. What comes back is on
    /// disk; `None` when the round takes no answers.
    ///
    /// # Errors
    /// It is not known to be stored.
    pub async fn attempt(
        &self,
        id: RoundId,
        user: UserId,
        choice: usize,
        on: Place,
    ) -> Result<Option<Locked>, NotSaved> {
        let deadline = Instant::now() + PATIENCE;
        let storing = self.store_attempt(id, user, choice, on);
        let stored = timeout_at(deadline, storing).await;
        let stored = stored.map_err(|_| NotSaved::TooSlow);
        let stored = stored.and_then(|stored| Ok(stored?));
        ATTEMPTS.count(&[match &stored {
            Ok(Attempted::Stored(_)) => "saved",
            Ok(Attempted::Kept(_)) => "repeated",
            Ok(Attempted::Closed | Attempted::Unknown) => "late",
            Err(_) => "not_saved",
        }]);
        let (attempt, is_new) = match stored? {
            Attempted::Stored(attempt) => (attempt, true),
            Attempted::Kept(attempt) => (attempt, false),
            Attempted::Closed | Attempted::Unknown => return Ok(None),
        };
        let mut locked = Locked {
            attempt,
            is_new,
            round: None,
            kept_streak: None,
        };
        // It is stored, and that is said even when nothing more can be read.
        let adding = timeout_at(deadline, self.add_round(id, &mut locked)).await;
        if let Ok(Err(error)) = adding {
            tracing::warn!(
                round.id = %id, error = &error as &dyn std::error::Error,
                "an answer was confirmed without its round"
            );
        }
        Ok(Some(locked))
    }

    async fn store_attempt(
        &self,
        id: RoundId,
        user: UserId,
        choice: usize,
        on: Place,
    ) -> Result<Attempted, StoreError> {
        let attempt = || {
            let now = self.now();
            self.store
                .attempt(&id, user, choice, on.message, on.channel, now)
        };
        let attempted = attempt().await?;
        if attempted != Attempted::Unknown {
            return Ok(attempted);
        }
        // The message is there, or nobody could have clicked on it; perhaps that
        // is just not recorded yet.
        let now = self.now();
        if self.store.adopt(&id, on.message, on.channel, now).await? {
            tracing::info!(round.id = %id, "a click told that a round is posted");
            return attempt().await;
        }
        Ok(attempted)
    }

    async fn add_round(&self, id: RoundId, locked: &mut Locked) -> Result<(), StoreError> {
        locked.round = self.store.round(&id).await?;
        if locked.is_new {
            locked.kept_streak = self.kept_streak(id, locked.attempt.user).await?;
        }
        Ok(())
    }

    /// The streak that a freeze has kept over the round before this one.
    async fn kept_streak(&self, id: RoundId, user: UserId) -> Result<Option<u32>, StoreError> {
        // Who answered the round before has spent none; that is seen quickly.
        let since = id.date.saturating_sub(DAYS_BACK.days());
        let rounds = self.store.rounds_since(id.guild, since).await?;
        let before = rounds
            .iter()
            .rev()
            .find(|round| round.id.date < id.date && is_over(round));
        let Some(before) = before else {
            return Ok(None);
        };
        let before = self.store.played(&before.id).await?;
        if before.is_none_or(|played| played.attempts.iter().any(|one| one.user == user)) {
            return Ok(None);
        }
        let streak = streak(user, &self.past(id.guild).await?);
        Ok(streak.just_frozen.then_some(streak.current))
    }

    /// Records that somebody says that the question of a round is wrong. `None`
    /// when there is no such round with results in this message; else whether
    /// they say so for the first time.
    ///
    /// # Errors
    /// It was not recorded.
    pub async fn flag(
        &self,
        id: RoundId,
        user: UserId,
        on: Place,
    ) -> Result<Option<bool>, StoreError> {
        let round = self.store.round(&id).await?;
        let question = round
            .filter(|round| {
                round.message == Some(on.message) && round.channel == on.channel && is_over(round)
            })
            .and_then(|round| round.question);
        let Some(question) = question else {
            return Ok(None);
        };
        let (name, hash) = (&question.id, &question.hash);
        let is_new = self.store.flag(&id, user, name, hash, self.now()).await?;
        let check = async || {
            let past = self.past(id.guild).await?;
            self.check_question(id.guild, &question, &past).await
        };
        if is_new && let Err(error) = check().await {
            tracing::error!(
                round.id = %id, error = &error as &dyn std::error::Error,
                "a flagged question was not checked; the next flag or answer does"
            );
        }
        Ok(Some(is_new))
    }
}

/// Whether everybody may know the key.
pub(super) fn is_over(round: &Round) -> bool {
    matches!(round.state, State::Closed | State::Revealed)
}
