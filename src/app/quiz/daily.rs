//! Bringing a round into its channel: claim, step after step, record.
//!
//! Nothing is sent that was not claimed on disk before, and only the process
//! that holds the claim records what came of it. The rules themselves stand in
//! [`crate::quiz::publication`].

use std::collections::HashSet;
use std::time::Duration;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use tokio::time::{Instant, sleep};

use crate::id::{GuildId, MessageId};
use crate::quiz::order::shuffled;
use crate::quiz::publication::{
    Claim, LAST_SEND, LEASE, Outcome, Step, Verdict, deadline, is_late,
};
use crate::quiz::question::Question;
use crate::quiz::rotation::{pick, stock_days};
use crate::quiz::round::{Round, RoundId, State};
use crate::store::{Saved, StoreError};
use crate::telemetry::metrics::MISSES;

use super::super::App;

/// Rounds that are listed with one query.
const BATCH: u32 = 256;
/// The store is asked again after these waits when it cannot record a message
/// that is there. What is left to do after that, the next claim finds.
const RECORD: [Duration; 3] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(4),
];
/// Failed rounds in a row after which no more are planned.
const GIVE_UP: usize = 3;
/// With fewer days of questions left, admins are told.
const LOW_STOCK: usize = 14;
/// Problems that are over when a round could be posted.
const OVER: [&str; 3] = ["refused", "unreadable-history", "no-question"];

/// A claimed round on its way.
#[derive(Clone, Debug)]
pub struct Publication {
    /// The round as claimed.
    pub round: Round,
    /// What is asked, options as shown.
    pub question: Question,
    /// Whether the message should say that it comes late.
    pub late: bool,
    claim: Claim,
    /// When it was claimed, by our clock and by the time that this process has
    /// been running: only one of them goes on while a machine sleeps.
    claimed: (Timestamp, Instant),
}

impl Publication {
    /// What to do first.
    pub fn first_step(&self) -> Step {
        self.claim.first_step()
    }

    /// Whether there is no time left in the claim for another request.
    pub fn is_over(&self, now: Timestamp) -> bool {
        let (at, since) = self.claimed;
        since.elapsed() > LAST_SEND || now.duration_since(at).unsigned_abs() > LAST_SEND
    }
}

impl App {
    /// Rounds that wait to be posted, the earliest first.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn rounds_to_post(&self) -> Result<Vec<Round>, StoreError> {
        self.store.rounds_to_post(self.now(), BATCH).await
    }

    /// When something is next to be done, if nobody changes anything.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn next_wake(&self) -> Result<Option<Timestamp>, StoreError> {
        self.store.next_wake(self.now()).await
    }

    /// Claims a listed round. `None` when there is nothing to do for it now:
    /// somebody else has it, or its time is over, which is recorded. Nor when our
    /// clock has jumped since it was listed, by which a round may look missed that
    /// is not; the next list comes after Discord's clock was heard. `running` is
    /// how long this process has been running.
    ///
    /// # Errors
    /// The store failed. If it had claimed the round, the claim ends by itself.
    pub async fn claim_round(
        &self,
        listed: &Round,
        running: Duration,
    ) -> Result<Option<Publication>, StoreError> {
        if self.quiz.clock_has_jumped(self.now(), running) {
            return Ok(None);
        }
        let guild = listed.id.guild;
        let claimed_at = (self.now(), Instant::now());
        let now = self.store.clock(self.now()).await?;
        let saved = self.store.schedule(guild).await?;
        let deadline = self.deadline(listed, saved.as_ref());
        // Nothing was ever sent: no need to look.
        if listed.state == State::Scheduled && listed.first_try.is_none() && now > deadline {
            self.end_late(listed).await?;
            return Ok(None);
        }
        let chosen = match &listed.question {
            Some(question) => Some(question.clone()),
            None => self.choose(&listed.id).await?,
        };
        let Some(question) = chosen else {
            self.end_without_question(listed).await?;
            return Ok(None);
        };
        let open = SignedDuration::from_mins(i64::from(listed.open_minutes));
        let close_at = now.max(listed.due) + open;
        let claimed = self
            .store
            .claim_round(
                &listed.id,
                &self.quiz.owner,
                now,
                LEASE,
                &question,
                close_at,
            )
            .await?;
        let Some(round) = claimed else {
            return Ok(None);
        };
        // Another process may have chosen first.
        let question = round.question.clone().unwrap_or(question);
        Ok(Some(Publication {
            claim: Claim::of(listed, &round, now, deadline),
            late: is_late(round.due, now),
            question,
            round,
            claimed: claimed_at,
        }))
    }

    /// Takes what came of a step; says what to do next, if anything.
    ///
    /// # Errors
    /// The store failed. What was not recorded is found by the next claim.
    pub async fn settle_step(
        &self,
        publication: &Publication,
        step: Step,
        outcome: Outcome,
    ) -> Result<Option<Step>, StoreError> {
        let round = &publication.round;
        let refused = matches!(outcome, Outcome::Refused { .. });
        match publication.claim.after(step, outcome) {
            Verdict::Do(step) => return Ok(Some(step)),
            Verdict::Posted(message) => self.record(round, message).await?,
            Verdict::GiveBack {
                to,
                wait,
                why,
                tell,
            } => {
                tracing::info!(
                    round.id = %round.id, state = to.name(), wait_s = wait.as_secs(),
                    "a round is tried again: {why}"
                );
                let now = self.store.clock(self.now()).await?;
                let not_before = now + SignedDuration::try_from(wait).unwrap_or_default();
                self.store
                    .give_back(
                        &round.id,
                        &self.quiz.owner,
                        round.claims,
                        to,
                        not_before,
                        &why,
                        refused,
                    )
                    .await?;
                if tell {
                    let kind = if refused {
                        "refused"
                    } else {
                        "unreadable-history"
                    };
                    self.tell_admins(round.id.guild, kind, &why).await?;
                }
            }
            Verdict::Finish { to, why, tell } => {
                let claim = Some((self.quiz.owner.as_str(), round.claims));
                if self
                    .store
                    .finish_round(&round.id, to, &why, self.now(), claim)
                    .await?
                {
                    let reason = if to == State::Failed {
                        "refused"
                    } else {
                        "too_late"
                    };
                    self.ended(&round.id, to, reason, &why, tell).await?;
                }
            }
        }
        Ok(None)
    }

    /// The question that a round would ask now, options as shown. `None` when
    /// the notes have none.
    ///
    /// # Errors
    /// The past cannot be read.
    pub async fn choose(&self, id: &RoundId) -> Result<Option<Question>, StoreError> {
        let past = self.past(id.guild).await?;
        let aside = self.set_aside(id.guild).await?;
        let bank = self.bank();
        let picked = pick(&bank.questions, &past, &aside, id);
        Ok(picked.map(|picked| shuffled(picked.question, id)))
    }

    /// Rounds that a server can still have before a question has to come again
    /// within 60 days; 60 when there is no end.
    ///
    /// # Errors
    /// The past cannot be read.
    pub async fn stock(&self, id: &RoundId) -> Result<usize, StoreError> {
        let past = self.past(id.guild).await?;
        let aside = self.set_aside(id.guild).await?;
        Ok(stock_days(&self.bank().questions, &past, &aside, id))
    }

    async fn set_aside(&self, guild: GuildId) -> Result<HashSet<(String, String)>, StoreError> {
        let aside = self.store.aside(guild).await?;
        let pairs = aside.into_iter().map(|aside| (aside.question, aside.hash));
        Ok(pairs.collect())
    }

    /// Until when a round may be posted.
    fn deadline(&self, round: &Round, saved: Option<&Saved>) -> Timestamp {
        let catch_up = SignedDuration::from_hours(self.quiz.settings.catch_up_hours.into());
        let next = saved.and_then(|saved| self.next_after(saved, round.id.date));
        deadline(round.due, catch_up, next.filter(|next| *next > round.due))
    }

    /// When the first round after a day is due, as far as the schedule says.
    pub(super) fn next_after(&self, saved: &Saved, date: Date) -> Option<Timestamp> {
        let schedule = &saved.schedule;
        let zone = self.quiz.zones.get(&schedule.zone)?;
        // Every week has a chosen day; the eighth is for a date that a zone skips.
        let planned = schedule.planned(&zone, Some(date), date.saturating_add(8.days()));
        let next = planned.into_iter().find(|round| !round.paused);
        next.map(|round| round.due)
    }

    async fn record(&self, round: &Round, message: MessageId) -> Result<(), StoreError> {
        let (id, owner) = (&round.id, &self.quiz.owner);
        let mut waits = RECORD.iter();
        let recorded = loop {
            let now = self.now();
            match (
                self.store
                    .record_posted(id, owner, round.claims, message, now)
                    .await,
                waits.next(),
            ) {
                (Ok(recorded), _) => break recorded,
                (Err(error), None) => return Err(error),
                (Err(error), Some(wait)) => {
                    tracing::warn!(
                        round.id = %id, error = &error as &dyn std::error::Error,
                        "a message that is there is not recorded yet"
                    );
                    sleep(*wait).await;
                }
            }
        };
        if !recorded {
            // Somebody took over, or a click told of the message before.
            tracing::info!(round.id = %id, "a round was recorded by somebody else");
            return Ok(());
        }
        tracing::info!(round.id = %id, message.id = message.0, "a round is posted");
        for problem in OVER {
            self.store.clear_notice(id.guild, problem).await?;
        }
        self.check_stock(id).await
    }

    async fn check_stock(&self, id: &RoundId) -> Result<(), StoreError> {
        let left = self.stock(id).await?;
        if left >= LOW_STOCK {
            self.store.clear_notice(id.guild, "low-stock").await?;
            return Ok(());
        }
        let text = format!(
            "Fewer than {LOW_STOCK} days of questions are left before they come again within 60 \
             days. Write more under \"## Quiz\" in the notes."
        );
        self.tell_admins(id.guild, "low-stock", &text).await
    }

    /// Ends a round that was never tried, or only refused, until it was too late.
    async fn end_late(&self, round: &Round) -> Result<(), StoreError> {
        let (to, reason, why) = match &round.reason {
            Some(why) if round.refusals > 0 => (State::Failed, "refused", why.clone()),
            Some(why) => (
                State::Missed,
                "too_late",
                format!("it could not be posted in time: {why}"),
            ),
            None => (
                State::Missed,
                "not_running",
                "the bot was not running at its time".to_owned(),
            ),
        };
        let now = self.now();
        if self
            .store
            .finish_round(&round.id, to, &why, now, None)
            .await?
        {
            self.ended(&round.id, to, reason, &why, true).await?;
        }
        Ok(())
    }

    async fn end_without_question(&self, round: &Round) -> Result<(), StoreError> {
        let why = "the notes have no quiz question that can be asked";
        let (to, now) = (State::Failed, self.now());
        if self
            .store
            .finish_round(&round.id, to, why, now, None)
            .await?
        {
            self.tell_admins(round.id.guild, "no-question", why).await?;
            self.ended(&round.id, to, "no_question", why, false).await?;
        }
        Ok(())
    }

    /// What follows from a round that ended without a message.
    async fn ended(
        &self,
        id: &RoundId,
        state: State,
        reason: &'static str,
        why: &str,
        tell: bool,
    ) -> Result<(), StoreError> {
        if state != State::Skipped {
            MISSES.count(&[reason]);
        }
        tracing::error!(round.id = %id, state = state.name(), "a round was not posted: {why}");
        if tell {
            let text = format!("The question of {} was not posted: {why}.", id.date);
            self.tell_admins(id.guild, "missed", &text).await?;
        }
        if state != State::Failed {
            return Ok(());
        }
        let since = id.date.saturating_sub(30.days());
        let rounds = self.store.rounds_since(id.guild, since).await?;
        let latest = rounds
            .iter()
            .rev()
            .filter(|round| round.id.date <= id.date && round.state != State::Skipped)
            .take(GIVE_UP);
        let failed = latest.filter(|round| round.state == State::Failed).count();
        if failed == GIVE_UP {
            let text = format!(
                "The quiz has stopped after {GIVE_UP} questions in a row that Discord refused: \
                 {why}. Mend that, then use /quiz-admin resume."
            );
            self.store.stop_schedule(id.guild, &text).await?;
            self.tell_admins(id.guild, "stopped", &text).await?;
        }
        Ok(())
    }
}
