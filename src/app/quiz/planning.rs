//! Laying out rounds: those of today and tomorrow, and those of days that
//! passed while nothing ran. The far future is never stored, so that new rules
//! of a time zone cannot leave wrong times behind.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::quiz::schedule::{Planned, Schedule, local_date};
use crate::store::{Saved, StoreError};

use super::super::App;

/// Schedules that are planned with one query.
const BATCH: u32 = 256;
/// Nothing of the quiz waits longer than this for its turn: a round of tomorrow
/// at the other end of the world, or results after 23 hours.
const LONGEST: Duration = Duration::from_hours(72);
/// A round that is due waits no longer than this for its next try: 90 minutes
/// after a refusal, and some more.
const STEP: Duration = Duration::from_hours(2);
/// Days back that are made up for, one by one: a year off is a year of misses.
const BACK: i64 = 400;

/// Rounds laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) rounds: Vec<Planned>,
    /// The last day that was looked at.
    pub(super) through: Date,
    /// When the next day has to be looked at.
    pub(super) again: Timestamp,
}

impl App {
    /// Lays out the rounds of all servers that need it.
    ///
    /// # Errors
    /// The store failed; what was laid out until then stays.
    pub async fn plan_rounds(&self) -> Result<(), StoreError> {
        let now = self.store.clock(self.now()).await?;
        let mended = self.store.mend_times(now, LONGEST, STEP).await?;
        if mended > 0 {
            tracing::warn!(
                rows = mended,
                "times that a wrong clock had written were mended"
            );
        }
        loop {
            let now = self.store.clock(self.now()).await?;
            let waiting = self.store.schedules_to_plan(now, BATCH).await?;
            if waiting.is_empty() {
                return Ok(());
            }
            for saved in waiting {
                self.plan_server(&saved, now).await?;
            }
        }
    }

    async fn plan_server(&self, saved: &Saved, now: Timestamp) -> Result<(), StoreError> {
        let schedule = &saved.schedule;
        let Some(zone) = self.quiz.zones.get(&schedule.zone) else {
            let why = format!(
                "The time zone {} is not known any more. Choose another with /quiz-admin setup.",
                schedule.zone
            );
            self.store.stop_schedule(schedule.guild, &why).await?;
            return self.tell_admins(schedule.guild, "zone", &why).await;
        };
        let plan = plan(schedule, &zone, saved.planned_through, now);
        let (guild, rev) = (schedule.guild, saved.rev);
        // When somebody changed it meanwhile, it is planned again.
        self.store
            .plan(guild, rev, &plan.rounds, plan.through, plan.again)
            .await?;
        Ok(())
    }
}

/// The rounds from the day after `through` until tomorrow.
pub(super) fn plan(
    schedule: &Schedule,
    zone: &TimeZone,
    through: Option<Date>,
    now: Timestamp,
) -> Plan {
    let today = local_date(zone, now);
    let tomorrow = today.saturating_add(1.day());
    let earliest = today.saturating_sub(BACK.days());
    // Without a past, it begins with what is still to come today. A plan that
    // is ahead of today was made by a wrong clock; what it holds stays.
    let after = through.map(|through| through.clamp(earliest, today));
    let yesterday = today.saturating_sub(1.day());
    let mut rounds = schedule.planned(zone, Some(after.unwrap_or(yesterday)), tomorrow);
    if after.is_none() {
        rounds.retain(|round| round.due > now);
    }
    Plan {
        rounds,
        through: tomorrow,
        again: start_of(zone, tomorrow),
    }
}

/// When a local day begins.
pub(super) fn start_of(zone: &TimeZone, day: Date) -> Timestamp {
    let start = day.to_zoned(zone.clone());
    start.map_or(Timestamp::MAX, |start| start.timestamp())
}
