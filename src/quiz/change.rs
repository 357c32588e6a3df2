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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{ChannelId, GuildId, MessageId};
    use crate::quiz::round::RoundId;
    use crate::quiz::schedule::{Days, Feedback};
    use jiff::civil::{Time, date, time};

    fn zone() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    fn at(time: Time) -> Schedule {
        Schedule {
            guild: GuildId(1),
            channel: ChannelId(2),
            time,
            zone: "Europe/Berlin".into(),
            days: Days::WORKDAYS,
            reveal_after: 480,
            feedback: Feedback::AtReveal,
            pauses: Vec::new(),
            set_by: None,
        }
    }

    /// A moment of a day in Berlin in November 2026; the 23rd is a Monday.
    fn berlin(day: i8, hour: i8) -> Timestamp {
        let local = date(2026, 11, day).at(hour, 0, 0, 0);
        local.to_zoned(zone()).unwrap().timestamp()
    }

    fn round(day: i8, hour: i8, state: State) -> Round {
        let seen = may_be_seen(state);
        Round {
            id: RoundId {
                guild: GuildId(1),
                date: date(2026, 11, day),
            },
            channel: ChannelId(2),
            due: berlin(day, hour),
            state,
            open_minutes: 480,
            feedback: Feedback::AtReveal,
            question: None,
            claims: 0,
            refusals: 0,
            first_try: None,
            close_at: None,
            message: seen.then_some(MessageId(3)),
            posted_at: seen.then(|| berlin(day, hour)),
            reason: None,
        }
    }

    fn days(start: &Start) -> Vec<i8> {
        start.planned.iter().map(|round| round.date.day()).collect()
    }

    #[test]
    fn the_first_round_is_the_next_whose_time_has_not_passed() {
        let nine = at(time(9, 0, 0, 0));
        let early = start(&nine, None, &zone(), &[], berlin(23, 8));
        assert_eq!((days(&early), early.left_out.len()), (vec![23, 24], 0));
        let late = start(&nine, None, &zone(), &[], berlin(23, 10));
        assert_eq!(days(&late), [24]);
        assert_eq!(late.left_out, [LeftOut::Passed(date(2026, 11, 23))]);
        assert_eq!(late.through, date(2026, 11, 24));
        let weekend = start(&nine, None, &zone(), &[], berlin(21, 8));
        assert_eq!((days(&weekend), weekend.left_out.len()), (vec![], 0));
    }

    #[test]
    fn a_change_counts_from_the_next_day_once_today_was_asked() {
        let (nine, noon) = (at(time(9, 0, 0, 0)), at(time(12, 0, 0, 0)));
        let change =
            |rounds: &[Round], hour| start(&noon, Some(&nine), &zone(), rounds, berlin(23, hour));
        let waiting = change(&[round(23, 9, State::Scheduled)], 8);
        assert_eq!(days(&waiting), [23, 24]);
        assert_eq!(waiting.planned[0].due, berlin(23, 12));
        for state in [State::Posting, State::Held, State::Posted, State::Revealed] {
            let asked = change(&[round(23, 9, state)], 10);
            assert_eq!(days(&asked), [24], "{state:?}");
            assert_eq!(asked.left_out, [LeftOut::Asked(date(2026, 11, 23))]);
        }
        // Still tried again: it is not lost, whatever the new time.
        let overdue = start(
            &at(time(8, 0, 0, 0)),
            Some(&nine),
            &zone(),
            &[round(23, 9, State::Scheduled)],
            berlin(23, 10),
        );
        assert_eq!(days(&overdue), [23, 24]);
    }

    #[test]
    fn questions_do_not_follow_each_other_closely_after_a_change() {
        let (evening, one) = (at(time(23, 0, 0, 0)), at(time(1, 0, 0, 0)));
        let rounds = [round(23, 23, State::Posted)];
        let now = berlin(24, 0);
        let sooner = start(&one, Some(&evening), &zone(), &rounds, now);
        assert_eq!(days(&sooner), [25]);
        assert_eq!(sooner.left_out, [LeftOut::TooSoon(date(2026, 11, 24))]);
        // Nothing but a pause was changed: the times stay as they are.
        let same = start(&one, Some(&one), &zone(), &rounds, now);
        assert_eq!(days(&same), [24, 25]);
        // Another zone may be a day behind.
        let honolulu = Schedule {
            zone: "Pacific/Honolulu".into(),
            ..evening.clone()
        };
        let there = TimeZone::get("Pacific/Honolulu").unwrap();
        let behind = start(&honolulu, Some(&evening), &there, &rounds, now);
        assert_eq!(days(&behind), [24]);
    }

    #[test]
    fn what_comes_next_is_planned_or_will_be() {
        let nine = at(time(9, 0, 0, 0));
        let through = Some(date(2026, 11, 24));
        let first = |rounds: &[Round]| {
            let coming = coming(&nine, through, &zone(), rounds, berlin(23, 10));
            (coming[0].date.day(), coming[0].skipped)
        };
        let tomorrow = |state| round(24, 9, state);
        assert_eq!(first(&[tomorrow(State::Scheduled)]), (24, false));
        assert_eq!(first(&[tomorrow(State::Skipped)]), (24, true));
        // Tomorrow was left out, or is paused.
        assert_eq!(first(&[]), (25, false));
        let mut paused = tomorrow(State::Skipped);
        paused.reason = Some(PAUSED.into());
        assert_eq!(first(&[paused]), (25, false));
        // Tried again.
        assert_eq!(first(&[round(23, 9, State::Scheduled)]), (23, false));

        let mut away = nine.clone();
        away.pauses = vec![Pause {
            from: date(2026, 11, 1),
            until: None,
        }];
        assert_eq!(coming(&away, through, &zone(), &[], berlin(23, 10)), []);
    }

    #[test]
    fn clock_changes_are_told_where_they_matter() {
        let now = berlin(23, 10);
        let told = |hour, days| {
            let mut schedule = at(time(hour, 30, 0, 0));
            schedule.days = days;
            surprises(&schedule, &zone(), now)
        };
        assert_eq!(
            told(2, Days::ALL),
            [
                Surprise::Missing(date(2027, 3, 28).at(3, 0, 0, 0)),
                Surprise::Twice(date(2027, 10, 31).at(2, 30, 0, 0)),
            ]
        );
        // Clocks change on Sundays.
        assert_eq!(told(2, Days::WORKDAYS), []);
        assert_eq!(told(9, Days::ALL), []);
    }

    #[test]
    fn pauses_that_touch_become_one_and_old_ones_go() {
        let pause = |from: i8, until: Option<i8>| Pause {
            from: date(2026, 12, from),
            until: until.map(|day| date(2026, 12, day)),
        };
        let today = date(2026, 12, 5);
        let with = |pauses: &[Pause], more| with_pause(pauses, more, today);
        assert_eq!(
            with(&[pause(1, Some(4))], pause(6, Some(7))),
            [pause(6, Some(7))]
        );
        let twice = with(&[pause(6, Some(7))], pause(6, Some(7)));
        assert_eq!(twice, [pause(6, Some(7))]);
        assert_eq!(
            with(
                &[pause(20, Some(22)), pause(6, Some(9))],
                pause(10, Some(12))
            ),
            [pause(6, Some(12)), pause(20, Some(22))]
        );
        assert_eq!(
            with(&[pause(20, Some(22))], pause(6, None)),
            [pause(6, None)]
        );
        assert_eq!(
            with(&[pause(6, None)], pause(20, Some(22))),
            [pause(6, None)]
        );
    }
}
