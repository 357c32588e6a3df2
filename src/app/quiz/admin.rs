//! What admins do with the quiz of their server: set it up, look after it.
//!
//! A change is in the store before it is confirmed, and what is confirmed is
//! read from there. Doing the same twice leaves the same.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use thiserror::Error;

use crate::id::{ChannelId, GuildId, UserId};
use crate::quiz::change::{self, Coming, LeftOut, Surprise};
use crate::quiz::day::{UnknownDay, parse_day};
use crate::quiz::item::{Item, items};
use crate::quiz::question::Question;
use crate::quiz::round::{Played, Round, RoundId, State};
use crate::quiz::schedule::{
    Days, Feedback, Pause, Planned, Schedule, Unclear, local_date, parse_minutes, parse_time,
};
use crate::quiz::zone::Suggestion;
use crate::store::{Aside, Notice, Saved, StoreError};

use super::super::App;
use super::planning::start_of;

/// Days of rounds that the status can show.
const SHOWN_DAYS: i64 = 60;
/// Minutes until the results, when nothing else was asked for.
const REVEAL_AFTER: u32 = 8 * 60;
/// Names offered for a time zone that does not exist.
const NEAR: usize = 3;
/// Problems that a new schedule puts an end to.
const ENDED: [&str; 4] = ["refused", "no-question", "stopped", "zone"];
/// Why a question is set aside, or a round skipped, when nothing else is known.
const BY_ADMIN: &str = "by an admin";

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

/// The quiz of a server.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The schedule.
    pub saved: Saved,
    /// Today, where the schedule is at home.
    pub today: Date,
    /// Rounds to come within a year, soonest first.
    pub coming: Vec<Coming>,
    /// Rounds of the last weeks and those planned, oldest first.
    pub rounds: Vec<Round>,
    zone: TimeZone,
    now: Timestamp,
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

/// How a quiz goes, for those who look after it.
#[derive(Clone, Debug)]
pub struct Report {
    /// The quiz.
    pub overview: Overview,
    /// Rounds of the last weeks with their answers.
    pub played: Vec<Played>,
    /// Problems, oldest first.
    pub notices: Vec<Notice>,
    /// Questions that are not asked, with their text where it is known.
    pub aside: Vec<(Aside, Option<Question>)>,
    /// Statistics of the questions.
    pub items: Vec<Item>,
    /// Questions in the notes.
    pub questions: usize,
    /// Days of questions left.
    pub stock: usize,
}

impl Overview {
    /// The next round that is not left out.
    pub fn next(&self) -> Option<Coming> {
        self.coming.iter().find(|round| !round.skipped).copied()
    }

    /// Which round something is reckoned for: the next, or today's.
    fn next_id(&self) -> RoundId {
        RoundId {
            guild: self.saved.schedule.guild,
            date: self.next().map_or(self.today, |next| next.date),
        }
    }

    fn round_on(&self, date: Date) -> Option<&Round> {
        self.rounds.iter().find(|round| round.id.date == date)
    }
}

impl App {
    /// The quiz of a server; none where it was never set up.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn quiz_of(&self, guild: GuildId) -> Result<Option<Overview>, StoreError> {
        let Some(saved) = self.store.schedule(guild).await? else {
            return Ok(None);
        };
        let now = self.store.clock(self.now()).await?;
        // A zone that is gone has stopped the schedule.
        let zone = self.quiz.zones.get(&saved.schedule.zone);
        let zone = zone.unwrap_or(TimeZone::UTC);
        let today = local_date(&zone, now);
        let since = today.saturating_sub(SHOWN_DAYS.days());
        let rounds = self.store.rounds_since(guild, since).await?;
        let coming = match saved.stopped {
            None => change::coming(&saved.schedule, saved.planned_through, &zone, &rounds, now),
            Some(_) => Vec::new(),
        };
        Ok(Some(Overview {
            saved,
            today,
            coming,
            rounds,
            zone,
            now,
        }))
    }

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

    /// Time zones for what somebody typed so far.
    pub fn suggest_zones(&self, typed: &str, limit: usize) -> Vec<Suggestion> {
        self.quiz.zones.suggest(typed, limit, self.now())
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

    /// The next round as it would be posted, and its question.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn preview(
        &self,
        overview: &Overview,
    ) -> Result<Option<(Round, Question)>, StoreError> {
        let Some(next) = overview.next() else {
            return Ok(None);
        };
        let schedule = &overview.saved.schedule;
        let round = overview.round_on(next.date).cloned().unwrap_or(Round {
            id: overview.next_id(),
            channel: schedule.channel,
            due: next.due,
            state: State::Scheduled,
            open_minutes: schedule.reveal_after,
            feedback: schedule.feedback,
            question: None,
            claims: 0,
            refusals: 0,
            first_try: None,
            close_at: None,
            message: None,
            posted_at: None,
            reason: None,
        });
        let question = match &round.question {
            Some(chosen) => Some(chosen.clone()),
            None => self.choose(&round.id).await?,
        };
        Ok(question.map(|question| (round, question)))
    }

    /// Keeps a question out of a server's rounds.
    ///
    /// # Errors
    /// It was not saved.
    pub async fn put_aside(&self, guild: GuildId, question: &Question) -> Result<(), StoreError> {
        let why = format!("set aside {BY_ADMIN}");
        let now = self.now();
        self.store
            .set_aside(guild, &question.id, &question.hash, &why, now)
            .await?;
        Ok(())
    }

    /// Questions that a server does not want to be asked, with their text where
    /// it is known.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn put_aside_before(
        &self,
        guild: GuildId,
    ) -> Result<Vec<(Aside, Option<Question>)>, StoreError> {
        let bank = self.bank();
        let aside = self.store.aside(guild).await?;
        let with_text = aside.into_iter().map(|aside| {
            let question = bank.question(&aside.question).cloned();
            (aside, question)
        });
        Ok(with_text.collect())
    }

    /// Lets a question be asked again.
    ///
    /// # Errors
    /// It was not saved.
    pub async fn restore(&self, guild: GuildId, aside: &Aside) -> Result<(), StoreError> {
        self.store.take_back(guild, &aside.question).await?;
        let alarm = format!("key-alarm:{}", aside.question);
        self.store.clear_notice(guild, &alarm).await?;
        Ok(())
    }

    /// How the quiz of a server goes.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn quiz_report(&self, overview: Overview) -> Result<Report, StoreError> {
        let guild = overview.saved.schedule.guild;
        let played = self.past(guild).await?;
        let flags = self.store.flags(guild).await?;
        Ok(Report {
            notices: self.store.notices(guild).await?,
            aside: self.put_aside_before(guild).await?,
            items: items(&played, &flags),
            questions: self.bank().questions.len(),
            stock: self.stock(&overview.next_id()).await?,
            played,
            overview,
        })
    }
}
