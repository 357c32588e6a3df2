//! What admins change: the schedule, its pauses, a single day.

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use thiserror::Error;

use crate::id::{ChannelId, GuildId, UserId};
use crate::quiz::change::{self, LeftOut, Surprise};
use crate::quiz::day::{UnknownDay, parse_day};
use crate::quiz::round::{Round, RoundId, State};
use crate::quiz::schedule::{
    Days, Feedback, Pause, Planned, Schedule, Unclear, local_date, parse_minutes, parse_time,
};
use crate::store::StoreError;

use super::super::super::App;
use super::super::planning::start_of;
use super::{BY_ADMIN, Overview};

/// Minutes until the results, when nothing else was asked for.
const REVEAL_AFTER: u32 = 8 * 60;
/// Names offered for a time zone that does not exist.
const NEAR: usize = 3;
/// Problems that a new schedule puts an end to.
const ENDED: [&str; 4] = ["refused", "no-question", "stopped", "zone"];

/// How a quiz is to be, as somebody typed it. What is left out stays as it was.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The server.
    pub guild: GuildId,
    /// Where rounds appear.
    pub channel: ChannelId,
    /// Local time of the day.
    pub time: String,
    /// IANA name of the time zone.
    pub zone: String,
    /// Days of the week; Monday to Friday at first.
    pub days: Option<String>,
    /// How long until the results; 8 hours at first.
    pub reveal_after: Option<String>,
    /// When people learn whether they were right; with the results at first.
    pub feedback: Option<Feedback>,
    /// Who wishes it.
    pub by: UserId,
}

/// Why a wish cannot be fulfilled.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unusable {
    /// A day, a time or a length of time cannot be read.
    #[error(transparent)]
    Unclear(#[from] Unclear),
    /// A date cannot be read.
    #[error(transparent)]
    Day(#[from] UnknownDay),
    /// A pause would end before it begins, or has ended.
    #[error("A pause cannot end before it begins, nor in the past.")]
    Backwards,
    /// There is no such time zone.
    #[error("There is no time zone “{typed}”.")]
    Zone {
        /// What was typed.
        typed: String,
        /// Names that look like it.
        near: Vec<String>,
    },
    /// The notes have no question.
    #[error("The notes hold no quiz question yet.")]
    NoQuestions,
}

/// A schedule that was saved.
#[derive(Clone, Debug)]
pub struct Changed {
    /// The quiz as it is now.
    pub overview: Overview,
    /// Whether there was none before.
    pub is_new: bool,
    /// Chosen days that get no round, or not a new one.
    pub left_out: Vec<LeftOut>,
    /// Clock changes that touch the chosen time.
    pub surprises: Vec<Surprise>,
    /// Days of questions left.
    pub stock: usize,
}

/// What became of skipping.
#[derive(Clone, Debug)]
pub enum Skip {
    /// The round of this day is left out; or was so before.
    Skipped(Date, bool),
    /// It is being posted.
    TooLate(Box<Round>),
    /// There is none to leave out.
    Nothing,
}

impl App {
    /// The schedule that a wish comes to; nothing is changed yet.
    ///
    /// # Errors
    /// The schedule until now cannot be read.
    pub async fn read_wish(&self, wish: &Wish) -> Result<Result<Schedule, Unusable>, StoreError> {
        let before = self.store.schedule(wish.guild).await?;
        let before = before.map(|saved| saved.schedule);
        let read = || {
            let typed = wish.zone.trim();
            let found = self.quiz.zones.get(typed);
            let zone = found.as_ref().and_then(|zone| zone.iana_name());
            let zone = zone.ok_or_else(|| Unusable::Zone {
                typed: typed.chars().take(60).collect(),
                near: self.names_like(typed),
            })?;
            let days = match &wish.days {
                Some(days) => Days::parse(days)?,
                None => before.as_ref().map_or(Days::WORKDAYS, |before| before.days),
            };
            let reveal_after = match &wish.reveal_after {
                Some(typed) => parse_minutes(typed)?,
                None => before
                    .as_ref()
                    .map_or(REVEAL_AFTER, |before| before.reveal_after),
            };
            let kept = before.as_ref().map(|before| before.feedback);
            let schedule = Schedule {
                guild: wish.guild,
                channel: wish.channel,
                time: parse_time(&wish.time)?,
                zone: zone.to_owned(),
                days,
                reveal_after,
                feedback: wish.feedback.or(kept).unwrap_or_default(),
                pauses: before
                    .as_ref()
                    .map(|before| before.pauses.clone())
                    .unwrap_or_default(),
                set_by: Some(wish.by),
            };
            if self.bank().questions.is_empty() {
                return Err(Unusable::NoQuestions);
            }
            Ok(schedule)
        };
        Ok(read())
    }

    fn names_like(&self, typed: &str) -> Vec<String> {
        let near = self.suggest_zones(typed, NEAR);
        near.into_iter().map(|zone| zone.name).collect()
    }

    /// Saves a schedule, which runs from then on. Rounds that have not begun are
    /// planned anew.
    ///
    /// # Errors
    /// It was not saved.
    pub async fn set_up(&self, schedule: &Schedule) -> Result<Option<Changed>, StoreError> {
        let guild = schedule.guild;
        let before = self
            .store
            .schedule(guild)
            .await?
            .map(|saved| saved.schedule);
        let now = self.store.clock(self.now()).await?;
        let zone = self.quiz.zones.get(&schedule.zone).unwrap_or(TimeZone::UTC);
        // Where the zone changes, days do not begin together.
        let since = local_date(&zone, now).saturating_sub(2.days());
        let rounds = self.store.rounds_since(guild, since).await?;
        let start = change::start(schedule, before.as_ref(), &zone, &rounds, now);
        let again = start_of(&zone, start.through);
        self.store
            .save_schedule(schedule, &start.planned, start.through, again, now)
            .await?;
        self.quiz.wake();
        for problem in ENDED {
            self.store.clear_notice(guild, problem).await?;
        }
        let Some(overview) = self.quiz_of(guild).await? else {
            return Ok(None);
        };
        Ok(Some(Changed {
            is_new: before.is_none(),
            left_out: start.left_out,
            surprises: change::surprises(schedule, &zone, now),
            stock: self.stock(&overview.next_id()).await?,
            overview,
        }))
    }

    /// Leaves out the days from one to another, or until [`App::resume`].
    /// Days are as somebody typed them; from today on when nothing is said.
    ///
    /// # Errors
    /// It was not saved.
    pub async fn pause(
        &self,
        overview: &Overview,
        from: Option<&str>,
        until: Option<&str>,
    ) -> Result<Result<Option<Changed>, Unusable>, StoreError> {
        let today = overview.today;
        let read = || {
            let day = |typed| parse_day(typed, today).map_err(Unusable::from);
            let from = from.map(day).transpose()?.unwrap_or(today);
            let until = until.map(day).transpose()?;
            match until {
                Some(until) if until < from || until < today => Err(Unusable::Backwards),
                _ => Ok(Pause { from, until }),
            }
        };
        let pause = match read() {
            Ok(pause) => pause,
            Err(unusable) => return Ok(Err(unusable)),
        };
        let mut schedule = overview.saved.schedule.clone();
        schedule.pauses = change::with_pause(&schedule.pauses, pause, today);
        Ok(Ok(self.set_up(&schedule).await?))
    }

    /// Ends all pauses, and starts a quiz again that had stopped by itself.
    /// Changes nothing where there is nothing to end.
    ///
    /// # Errors
    /// It was not saved.
    pub async fn resume(&self, overview: &Overview) -> Result<Option<Changed>, StoreError> {
        let saved = &overview.saved;
        if saved.schedule.pauses.is_empty() && saved.stopped.is_none() {
            return Ok(None);
        }
        let schedule = Schedule {
            pauses: Vec::new(),
            ..saved.schedule.clone()
        };
        self.set_up(&schedule).await
    }

    /// Leaves out the next chosen day. Once it is left out, it stays the one
    /// that is meant.
    ///
    /// # Errors
    /// It was not saved, or is not known to be.
    pub async fn skip_next(&self, overview: &Overview) -> Result<Skip, StoreError> {
        let schedule = &overview.saved.schedule;
        let Some(next) = overview.coming.first().copied() else {
            return Ok(Skip::Nothing);
        };
        if next.skipped {
            return Ok(Skip::Skipped(next.date, true));
        }
        if overview.round_on(next.date).is_none() {
            let planned =
                schedule.planned(&overview.zone, overview.saved.planned_through, next.date);
            let again = start_of(&overview.zone, next.date);
            let (guild, rev) = (schedule.guild, overview.saved.rev);
            self.store
                .plan(guild, rev, &planned, next.date, again)
                .await?;
        }
        let id = RoundId {
            guild: schedule.guild,
            date: next.date,
        };
        let reason = format!("left out {BY_ADMIN}");
        let now = self.now();
        if self
            .store
            .finish_round(&id, State::Skipped, &reason, now, None)
            .await?
        {
            return Ok(Skip::Skipped(next.date, false));
        }
        // Somebody was quicker: another admin, or its time.
        Ok(match self.store.round(&id).await? {
            Some(round) if round.state == State::Skipped => Skip::Skipped(next.date, true),
            Some(round) => Skip::TooLate(Box::new(round)),
            None => Skip::Nothing,
        })
    }

    /// Makes today's round due now. Gives the round that is there already, or
    /// may be.
    ///
    /// # Errors
    /// It was not saved, or is not known to be.
    pub async fn post_now(&self, overview: &Overview) -> Result<Option<Round>, StoreError> {
        let planned = Planned {
            date: overview.today,
            due: overview.now,
            paused: false,
        };
        let guild = overview.saved.schedule.guild;
        if self.store.put_round(guild, &planned, self.now()).await? {
            self.quiz.wake();
            return Ok(None);
        }
        let id = RoundId {
            guild,
            date: planned.date,
        };
        self.store.round(&id).await
    }
}
