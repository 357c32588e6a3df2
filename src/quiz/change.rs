//! What setting up, changing or pausing a schedule means for the rounds to
//! come. No round is planned here that a person would not expect.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::round::{Round, State};
use super::schedule::{Pause, Planned, Schedule, local_date};

/// Two rounds are not closer than this after a change of time or zone: people
/// would see it as the same question twice.
pub const APART: SignedDuration = SignedDuration::from_hours(12);

/// How far ahead the next round is looked for, and clock changes are told.
const DAYS_AHEAD: i64 = 366;

/// Why a round is skipped, as stored, when a pause is the reason.
pub const PAUSED: &str = "paused";

/// What a schedule plans at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The rounds of today and tomorrow.
    pub planned: Vec<Planned>,
    /// Days up to this one are decided.
    pub through: Date,
    /// Chosen days among them that get no round, or not a new one.
    pub left_out: Vec<LeftOut>,
}

/// A chosen day without a round of its own after a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// Its time has passed.
    Passed(Date),
    /// Its question was asked before the change.
    Asked(Date),
    /// It would follow the last question too closely.
    TooSoon(Date),
}

/// A round to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coming {
    /// Its day.
    pub date: Date,
    /// When it is due; in the past while it is tried again.
    pub due: Timestamp,
    /// Whether somebody left it out.
    pub skipped: bool,
}

/// A day on which clocks change so that the chosen time is special.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surprise {
    /// The time does not exist; the question comes at this one.
    Missing(DateTime),
    /// The time comes twice; the question comes the first time.
    Twice(DateTime),
}

/// What a schedule that takes effect now plans for today and tomorrow.
/// `before` is the schedule until now; `rounds` are those of the server, from
/// the day before yesterday on.
pub fn start(
    schedule: &Schedule,
    before: Option<&Schedule>,
    zone: &TimeZone,
    rounds: &[Round],
    now: Timestamp,
) -> Start {
    let today = local_date(zone, now);
    let last = rounds
        .iter()
        .filter(|round| may_be_seen(round.state))
        .max_by_key(|round| round.id.date);
    let last_date = last.map_or(Date::MIN, |round| round.id.date);
    let after = day_before(today).max(last_date);
    let through = day_after(today).max(last_date);
    let moved =
        before.is_some_and(|before| (before.time, &before.zone) != (schedule.time, &schedule.zone));
    let earliest = last
        .filter(|_| moved)
        .and_then(|round| round.posted_at.or(round.first_try)?.checked_add(APART).ok());
    let is_overdue = |date| {
        rounds.iter().any(|round| {
            round.id.date == date && round.state == State::Scheduled && round.due <= now
        })
    };
    let mut left_out = Vec::new();
    if last_date >= today && schedule.days.has(today.weekday()) {
        left_out.push(LeftOut::Asked(today));
    }
    let mut planned = schedule.planned(zone, Some(after), through);
    planned.retain(|round| {
        if round.paused {
            return true;
        }
        if round.due <= now && !is_overdue(round.date) {
            left_out.push(LeftOut::Passed(round.date));
            return false;
        }
        let too_soon = earliest.is_some_and(|earliest| round.due < earliest);
        if too_soon {
            left_out.push(LeftOut::TooSoon(round.date));
        }
        !too_soon
    });
    Start {
        planned,
        through,
        left_out,
    }
}

/// Rounds to come within a year, soonest first: those that are planned, then
/// those that will be. `through` says up to which day they are planned.
pub fn coming(
    schedule: &Schedule,
    through: Option<Date>,
    zone: &TimeZone,
    rounds: &[Round],
    now: Timestamp,
) -> Vec<Coming> {
    let today = local_date(zone, now);
    let planned = rounds.iter().filter_map(|round| {
        let skipped = round.state == State::Skipped
            && round.due > now
            && round.reason.as_deref() != Some(PAUSED);
        (skipped || round.state == State::Scheduled).then_some(Coming {
            date: round.id.date,
            due: round.due,
            skipped,
        })
    });
    let after = day_before(today).max(through.unwrap_or(Date::MIN));
    let later = schedule.planned(zone, Some(after), ahead(today));
    let later = later.into_iter().filter(|later| {
        let is_planned = rounds.iter().any(|round| round.id.date == later.date);
        !later.paused && later.due > now && !is_planned
    });
    let mut coming: Vec<Coming> = planned
        .chain(later.map(|later| Coming {
            date: later.date,
            due: later.due,
            skipped: false,
        }))
        .collect();
    coming.sort_by_key(|round| round.due);
    coming
}

/// Clock changes within a year that touch the chosen time, soonest first.
pub fn surprises(schedule: &Schedule, zone: &TimeZone, now: Timestamp) -> Vec<Surprise> {
    let today = local_date(zone, now);
    let days = schedule.planned(zone, Some(day_before(today)), ahead(today));
    let ahead = days.iter().filter(|day| !day.paused && day.due > now);
    ahead
        .filter_map(|day| {
            let wanted = day.date.to_datetime(schedule.time);
            let shown = zone.to_datetime(day.due);
            if shown != wanted {
                return Some(Surprise::Missing(shown));
            }
            // Believed only where the second time shows the same on the clock.
            match zone.to_ambiguous_timestamp(wanted).offset() {
                AmbiguousOffset::Fold { after, .. } => {
                    let second = after.to_timestamp(wanted).ok()?;
                    let again = second > day.due && zone.to_datetime(second) == wanted;
                    again.then_some(Surprise::Twice(wanted))
                }
                _ => None,
            }
        })
        .collect()
}

/// Pauses with one more: those that have ended go, those that touch become one.
pub fn with_pause(pauses: &[Pause], more: Pause, today: Date) -> Vec<Pause> {
    let mut all: Vec<Pause> = pauses
        .iter()
        .chain([&more])
        .copied()
        .filter(|pause| pause.until.is_none_or(|until| until >= today))
        .collect();
    all.sort_by_key(|pause| pause.from);
    let mut merged: Vec<Pause> = Vec::new();
    for pause in all {
        match merged.last_mut() {
            Some(last)
                if last
                    .until
                    .is_none_or(|until| day_after(until) >= pause.from) =>
            {
                // None is later than any day.
                last.until = match (last.until, pause.until) {
                    (Some(one), Some(other)) => Some(one.max(other)),
                    _ => None,
                };
            }
            _ => merged.push(pause),
        }
    }
    merged
}

/// Whether people may have seen a question of this round.
fn may_be_seen(state: State) -> bool {
    matches!(
        state,
        State::Posting | State::Held | State::Posted | State::Closed | State::Revealed
    )
}

fn ahead(today: Date) -> Date {
    today.checked_add(DAYS_AHEAD.days()).unwrap_or(Date::MAX)
}

fn day_before(date: Date) -> Date {
    date.yesterday().unwrap_or(Date::MIN)
}

fn day_after(date: Date) -> Date {
    date.tomorrow().unwrap_or(Date::MAX)
}
