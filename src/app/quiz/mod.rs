//! The daily quiz as the clock and people use it: `daily` brings rounds about,
//! what members and admins do stands beside it.

mod admin;
mod attempt;
mod boards;
mod daily;
mod letters;
mod planning;
mod practice;
mod results;
mod skew;

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use crate::config::{self, TimeZones};
use crate::id::GuildId;
use crate::quiz::bank::Bank;
use crate::quiz::round::Played;
use crate::quiz::zone::Zones;
use crate::store::StoreError;

use super::App;
use super::notes::Loaded;

pub use admin::{Changed, Overview, Report, Skip, Unusable, Wish};
pub use attempt::NotSaved;
pub use daily::Publication;
pub use results::{Closing, Shown};
use skew::Skew;
pub use skew::Soundness;

/// What the quiz keeps in memory. All of it can be made again.
#[derive(Debug)]
pub struct Quiz {
    zones: Zones,
    settings: config::Quiz,
    /// Names this process in claims; no other has the same.
    owner: String,
    /// Questions of the notes of the moment.
    stock: ArcSwapOption<Stock>,
    /// Something may be due earlier than it was.
    changed: Notify,
    skew: Mutex<Skew>,
}

#[derive(Debug)]
struct Stock {
    notes: Arc<Loaded>,
    today: Date,
    bank: Arc<Bank>,
}

impl Quiz {
    pub(super) fn new(settings: &config::Quiz) -> Self {
        Self {
            zones: match settings.time_zones {
                TimeZones::Bundled => Zones::bundled(),
                TimeZones::System => Zones::system().unwrap_or_else(|_| Zones::bundled()),
            },
            settings: settings.clone(),
            owner: format!(
                "{}-{:016x}",
                std::process::id(),
                RandomState::new().hash_one(())
            ),
            stock: ArcSwapOption::empty(),
            changed: Notify::new(),
            skew: Mutex::default(),
        }
    }

    /// The time zones that there are.
    pub fn zones(&self) -> &Zones {
        &self.zones
    }

    /// Questions a day that practice asks one person.
    pub fn practice_per_day(&self) -> u32 {
        self.settings.practice_per_day
    }

    /// Has the posting loop look at once.
    pub fn wake(&self) {
        self.changed.notify_one();
    }

    /// Returns when something may be due earlier than it was.
    pub async fn woken(&self) {
        self.changed.notified().await;
    }

    /// Takes what a reply of Discord says about the time: `date` is its clock,
    /// `wall` ours, `running` how long this process has been running.
    pub fn hear_time(&self, wall: Timestamp, running: Duration, date: Timestamp) {
        let mut skew = self.skew.lock().unwrap_or_else(PoisonError::into_inner);
        skew.hear(wall, running, date);
    }

    /// Whether our clock can be relied on for posting.
    pub fn soundness(&self, wall: Timestamp, running: Duration) -> Soundness {
        let skew = self.skew.lock().unwrap_or_else(PoisonError::into_inner);
        skew.judge(wall, running)
    }

    /// Whether our clock has jumped since Discord's was last heard. What was
    /// listed as due before that may not be.
    pub(super) fn clock_has_jumped(&self, wall: Timestamp, running: Duration) -> bool {
        let skew = self.skew.lock().unwrap_or_else(PoisonError::into_inner);
        skew.has_jumped(wall, running)
    }

    /// How far our clock was off when that was last seen, where it holds up
    /// posting.
    pub fn held_by_clock(&self) -> Option<SignedDuration> {
        let skew = self.skew.lock().unwrap_or_else(PoisonError::into_inner);
        skew.off()
    }
}

impl App {
    /// The questions of the notes of the moment.
    pub fn bank(&self) -> Arc<Bank> {
        let notes = self.notes.current();
        // What is due for review does not depend on where the server is.
        let today = TimeZone::UTC.to_datetime(self.now()).date();
        if let Some(stock) = self.quiz.stock.load_full()
            && Arc::ptr_eq(&stock.notes, &notes)
            && stock.today == today
        {
            return Arc::clone(&stock.bank);
        }
        let bank = Arc::new(Bank::of(&notes.knowledge, today));
        self.quiz.stock.store(Some(Arc::new(Stock {
            notes,
            today,
            bank: Arc::clone(&bank),
        })));
        bank
    }

    /// The rounds that a server has had, with answers, as far back as they are
    /// kept, oldest first.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn past(&self, guild: GuildId) -> Result<Vec<Played>, StoreError> {
        self.store
            .played_since(Some(guild), self.kept_since())
            .await
    }

    /// Drops rounds and answers that are older than they are to be kept.
    pub(super) async fn forget_rounds(&self) -> Result<(), StoreError> {
        let dropped = self.store.prune_quiz(self.kept_since()).await?;
        if dropped > 0 {
            tracing::info!(rows = dropped, "old rounds were dropped");
        }
        Ok(())
    }

    /// The first day whose rounds are kept.
    fn kept_since(&self) -> Date {
        let days = i64::from(self.quiz.settings.keep_days);
        let since = self.now() - SignedDuration::from_hours(24 * days);
        TimeZone::UTC.to_datetime(since).date()
    }
}
