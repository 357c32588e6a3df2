//! What admins do with the quiz of their server: set it up, look after it.
//!
//! A change is in the store before it is confirmed, and what is confirmed is
//! read from there. Doing the same twice leaves the same.

mod changes;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::id::GuildId;
use crate::quiz::change::{self, Coming};
use crate::quiz::item::{Item, items};
use crate::quiz::question::Question;
use crate::quiz::round::{Played, Round, RoundId, State};
use crate::quiz::schedule::local_date;
use crate::quiz::zone::Suggestion;
use crate::store::{Aside, Notice, Saved, StoreError};

use super::super::App;

pub use changes::{Changed, Skip, Unusable, Wish};

/// Days of rounds that the status can show.
const SHOWN_DAYS: i64 = 60;
/// Why a question is set aside, or a round skipped, when nothing else is known.
const BY_ADMIN: &str = "by an admin";

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

    /// Time zones for what somebody typed so far.
    pub fn suggest_zones(&self, typed: &str, limit: usize) -> Vec<Suggestion> {
        self.quiz.zones.suggest(typed, limit, self.now())
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

    /// Lets a question be asked again. It is set aside anew only for what members
    /// say and answer after this.
    ///
    /// # Errors
    /// It was not saved.
    pub async fn restore(&self, guild: GuildId, aside: &Aside) -> Result<(), StoreError> {
        let now = self.now();
        self.store.take_back(guild, &aside.question, now).await?;
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
