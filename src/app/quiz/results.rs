//! Ending a round: no more answers, then the results in the same message.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::time::Duration;

use jiff::SignedDuration;

use crate::id::{GuildId, UserId};
use crate::quiz::item::items;
use crate::quiz::publication::{LEASE, backoff};
use crate::quiz::question::Question;
use crate::quiz::round::{Played, Round};
use crate::quiz::streak::streak;
use crate::render::quiz::results::Results;
use crate::store::StoreError;

use super::super::App;

/// Rounds that are listed with one query.
const BATCH: u32 = 256;
/// The wait after a refusal: somebody has to give a permission back.
const REFUSED: Duration = Duration::from_hours(1);
/// Results that cannot be shown for this long are given up.
const GIVE_UP: SignedDuration = SignedDuration::from_hours(24);

/// Streaks that the results name.
const STREAKS: usize = 3;
/// Shorter streaks are no news.
const WORTH_TELLING: u32 = 3;

/// A round whose results are to be shown.
#[derive(Clone, Debug)]
pub struct Closing {
    /// The round, closed, with all answers.
    pub played: Played,
    /// All rounds of its server, this one too, oldest first.
    past: Vec<Played>,
}

/// What came of showing results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The message shows them.
    Done,
    /// The message or its channel is gone.
    Gone,
    /// Discord refuses it until somebody changes something.
    Refused(String),
    /// It may work later; perhaps it has.
    Later(Option<Duration>, String),
}

impl App {
    /// Rounds whose time for answers is over and whose results are not shown.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn rounds_to_close(&self) -> Result<Vec<Round>, StoreError> {
        self.store.rounds_to_close(self.now(), BATCH).await
    }

    /// Ends a listed round; no answer is taken after this. `None` when somebody
    /// else does it, or our clock has jumped: see [`Self::claim_round`].
    ///
    /// # Errors
    /// The store failed; it is tried again.
    pub async fn close_round(
        &self,
        listed: &Round,
        running: Duration,
    ) -> Result<Option<Closing>, StoreError> {
        if self.quiz.clock_has_jumped(self.now(), running) {
            return Ok(None);
        }
        let now = self.store.clock(self.now()).await?;
        let closed = self
            .store
            .close_round(&listed.id, &self.quiz.owner, now, LEASE)
            .await?;
        let Some(round) = closed else {
            return Ok(None);
        };
        let past = self.past(round.id.guild).await?;
        let played = past.iter().find(|played| played.round.id == round.id);
        let attempts = played.map(|played| played.attempts.clone());
        let attempts = attempts.unwrap_or_default();
        Ok(Some(Closing {
            played: Played { round, attempts },
            past,
        }))
    }

    /// What the results show beside the answers themselves.
    ///
    /// # Errors
    /// The store failed.
    pub async fn results_of(&self, closing: &Closing) -> Result<Results, StoreError> {
        let Closing { played, past } = closing;
        let id = &played.round.id;
        let hidden = self.store.hidden().await?;
        let mut streaks: Vec<(UserId, u32)> = played
            .attempts
            .iter()
            .map(|attempt| attempt.user)
            .filter(|user| !hidden.contains(user))
            .map(|user| (user, streak(user, past).current))
            .filter(|(_, days)| *days >= WORTH_TELLING)
            .collect();
        streaks.sort_by_key(|(user, days)| (Reverse(*days), *user));
        streaks.truncate(STREAKS);
        let saved = self.store.schedule(id.guild).await?;
        let next = saved.and_then(|saved| self.next_after(&saved, id.date));
        Ok(Results {
            hidden,
            streaks,
            next: next.filter(|next| *next > self.now()),
        })
    }

    /// Takes what came of showing the results.
    ///
    /// # Errors
    /// The store failed. Showing them again does no harm.
    pub async fn settle_results(&self, closing: &Closing, shown: Shown) -> Result<(), StoreError> {
        let round = &closing.played.round;
        let (id, owner, claims) = (&round.id, &self.quiz.owner, round.claims);
        let now = self.store.clock(self.now()).await?;
        let closed_for = round.close_at.map(|close_at| now.duration_since(close_at));
        let too_late = closed_for.is_some_and(|passed| passed > GIVE_UP);
        let (wait, why) = match shown {
            Shown::Done => {
                if self.store.record_revealed(id, owner, claims, None).await? {
                    tracing::info!(round.id = %id, "the results of a round are shown");
                }
                return self.check_key(closing).await;
            }
            Shown::Gone => (None, "its message was removed".to_owned()),
            Shown::Refused(why) => ((!too_late).then_some(REFUSED), why),
            Shown::Later(wait, why) => {
                let wait = wait.unwrap_or_default().max(backoff(round.claims));
                ((!too_late).then_some(wait), why)
            }
        };
        tracing::warn!(round.id = %id, again = wait.is_some(), "results were not shown: {why}");
        match wait {
            Some(wait) => {
                let not_before = now + SignedDuration::try_from(wait).unwrap_or_default();
                self.store
                    .retry_reveal(id, owner, claims, not_before, &why)
                    .await?;
            }
            None => {
                self.store
                    .record_revealed(id, owner, claims, Some(&why))
                    .await?;
            }
        }
        Ok(())
    }
}

impl App {
    async fn check_key(&self, closing: &Closing) -> Result<(), StoreError> {
        let round = &closing.played.round;
        match &round.question {
            Some(question) => {
                self.check_question(round.id.guild, question, &closing.past)
                    .await
            }
            None => Ok(()),
        }
    }

    /// Sets a question aside on a server where its answers or members say that
    /// its key may be wrong, and tells the admins.
    pub(super) async fn check_question(
        &self,
        guild: GuildId,
        question: &Question,
        past: &[Played],
    ) -> Result<(), StoreError> {
        let (id, hash) = (&question.id, &question.hash);
        let mut flags = self.store.flags(guild).await?;
        let mut past = Cow::Borrowed(past);
        // An admin who took it back knows what was said and answered until then.
        if let Some(checked) = self.store.checked(guild, id, hash).await? {
            flags.retain(|flag| flag.question != *id || flag.at > checked);
            past.to_mut().retain(|played| {
                let asked = played.round.question.as_ref();
                asked.is_none_or(|asked| asked.id != *id) || played.round.due > checked
            });
        }
        let items = items(&past, &flags);
        let item = items
            .iter()
            .find(|item| item.question == *id && item.hash == *hash);
        let Some(alarm) = item.and_then(|item| item.alarm.as_ref()) else {
            return Ok(());
        };
        let why = alarm.to_string();
        if !self
            .store
            .set_aside(guild, id, hash, &why, self.now())
            .await?
        {
            return Ok(());
        }
        let text = format!(
            "\"{}\" is not asked any more until somebody has checked it. {why} It stands in {}, \
             line {}.",
            question.stem, question.place.path, question.place.line_start
        );
        self.tell_admins(guild, &format!("key-alarm:{id}"), &text)
            .await
    }
}
