//! When a server's rounds are due.
//!
//! A round belongs to a local day. It is due when the clocks of its zone first
//! read its time or later on their way through that day ([`due`]).

mod typed;

use std::fmt;
use std::ops::RangeInclusive;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::id::{ChannelId, GuildId, UserId};

pub use typed::{Unclear, parse_minutes, parse_time};

/// How long a round may be open, in minutes: long enough to be seen, and over
/// before the next one.
pub const OPEN_MINUTES: RangeInclusive<u32> = 10..=1380;

/// A server's quiz as its admins set it up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The server; it has one schedule.
    pub guild: GuildId,
    /// Where rounds appear.
    pub channel: ChannelId,
    /// Local time of the day, whole minutes.
    pub time: Time,
    /// IANA name of the time zone.
    pub zone: String,
    /// Days of the week with a round; at least one.
    pub days: Days,
    /// Minutes between a round and its results, within [`OPEN_MINUTES`].
    pub reveal_after: u32,
    /// When people learn whether they were right.
    pub feedback: Feedback,
    /// Stretches without rounds.
    pub pauses: Vec<Pause>,
    /// Who set it up, to be told when something is wrong; none after that
    /// person had their data deleted.
    pub set_by: Option<UserId>,
}

/// Days of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days(u8);

/// When people learn whether they were right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Feedback {
    /// With the results, so that nobody can pass the answer on.
    #[default]
    AtReveal,
    /// Right after their answer.
    Immediate,
}

/// Days without rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// First day.
    pub from: Date,
    /// Last day, included; until it is ended by hand when there is none.
    pub until: Option<Date>,
}

/// A round that is to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The local day that it belongs to.
    pub date: Date,
    /// When it is due.
    pub due: Timestamp,
    /// Whether it is left out because of a pause.
    pub paused: bool,
}

/// When the round of a day is due: the first instant at which the zone's clocks
/// read `time` of `date` or later. `None` when the zone left that day out, as
/// Samoa did with 30 December 2011.
///
/// So a time that is skipped when clocks go forward is due at the moment of the
/// change (after 23:00 that may be the first moment of the next day), and one
/// that comes twice when they go back is due the first time.
///
/// Asked only for offsets at instants, which are unambiguous: jiff 0.2 took one
/// hour of `America/Nuuk` in 2023 for ambiguous when it was not.
pub fn due(date: Date, time: Time, zone: &TimeZone) -> Option<Timestamp> {
    let read = first_reading(date, time, zone)?;
    // A skipped time of the late evening is due on the next day, and so would be
    // every time of a day that was left out.
    if local_date(zone, read) != date {
        let midnight = first_reading(date, Time::midnight(), zone)?;
        if local_date(zone, midnight) != date {
            return None;
        }
    }
    Some(read)
}

/// Which day it is.
pub fn local_date(zone: &TimeZone, now: Timestamp) -> Date {
    zone.to_datetime(now).date()
}

impl Schedule {
    /// The rounds of the chosen weekdays after one day until another, which is
    /// included; ascending, those of a pause marked. Without `after` only `until`
    /// itself is looked at. Days that the zone left out have none.
    pub fn planned(&self, zone: &TimeZone, after: Option<Date>, until: Date) -> Vec<Planned> {
        let start = after.map_or(Some(until), |after| after.tomorrow().ok());
        start
            .into_iter()
            .flat_map(|start| start.series(jiff::Span::new().days(1)))
            .take_while(|date| *date <= until)
            .filter(|date| self.days.has(date.weekday()))
            .filter_map(|date| {
                Some(Planned {
                    date,
                    due: due(date, self.time, zone)?,
                    paused: self.pauses.iter().any(|pause| pause.covers(date)),
                })
            })
            .collect()
    }
}

impl Pause {
    /// Whether a day has no round because of it.
    pub fn covers(&self, date: Date) -> bool {
        self.from <= date && self.until.is_none_or(|until| date <= until)
    }
}

impl Days {
    /// Monday to Friday.
    pub const WORKDAYS: Self = Self(0b001_1111);
    /// Saturday and Sunday.
    pub const WEEKEND: Self = Self(0b110_0000);
    /// All seven.
    pub const ALL: Self = Self(0b111_1111);

    /// From bits, Monday the lowest. `None` for no day or bits beyond Sunday.
    pub const fn from_bits(bits: u8) -> Option<Self> {
        if bits == 0 || bits > Self::ALL.0 {
            None
        } else {
            Some(Self(bits))
        }
    }

    /// As bits, Monday the lowest.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether a day is among them.
    pub fn has(self, day: Weekday) -> bool {
        self.0 & (1 << day.to_monday_zero_offset()) != 0
    }
}

/// As people say it: "every day", "Monday to Friday", "Monday, Wednesday and Friday".
impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ALL {
            return f.write_str("every day");
        }
        let days: Vec<Weekday> = Weekday::Monday
            .cycle_forward()
            .take(7)
            .filter(|day| self.has(*day))
            .collect();
        let (Some(first), Some(last)) = (days.first(), days.last()) else {
            return f.write_str("no day");
        };
        let span = last.to_monday_zero_offset() - first.to_monday_zero_offset();
        if days.len() > 2 && usize::try_from(span) == Ok(days.len() - 1) {
            return write!(f, "{} to {}", typed::name(*first), typed::name(*last));
        }
        for (at, day) in days.iter().enumerate() {
            let before = match days.len() - at {
                _ if at == 0 => "",
                1 => " and ",
                _ => ", ",
            };
            write!(f, "{before}{}", typed::name(*day))?;
        }
        Ok(())
    }
}

/// The first instant at which the clocks of a zone read this or later; `None`
/// at the ends of what jiff can tell, thousands of years away.
fn first_reading(date: Date, time: Time, zone: &TimeZone) -> Option<Timestamp> {
    let reading = date.to_datetime(time);
    let as_utc = TimeZone::UTC.to_timestamp(reading).ok()?;
    // No zone is 26 hours away from UTC, so that here it is surely earlier.
    let mut start = as_utc.checked_sub(SignedDuration::from_hours(26)).ok()?;
    let mut changes = zone.following(start);
    loop {
        let offset = SignedDuration::from_secs(zone.to_offset(start).seconds().into());
        let read = as_utc.checked_sub(offset).ok()?.max(start);
        match changes.next() {
            // The clocks are changed before they read it, and go on from there.
            Some(change) if change.timestamp() <= read => start = change.timestamp(),
            _ => return Some(read),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    fn zone(name: &str) -> TimeZone {
        jiff::tz::TimeZoneDatabase::bundled().get(name).unwrap()
    }

    fn due_in(name: &str, date: Date, hour: i8, minute: i8) -> String {
        let zone = zone(name);
        due(date, time(hour, minute, 0, 0), &zone).map_or("no round".to_owned(), |due| {
            format!("{due} {}", zone.to_datetime(due))
        })
    }

    #[test]
    fn a_round_is_due_at_its_local_time() {
        assert_eq!(
            due_in("Europe/Berlin", date(2026, 11, 23), 9, 30),
            "2026-11-23T08:30:00Z 2026-11-23T09:30:00"
        );
    }

    #[test]
    fn a_time_that_is_skipped_is_due_at_the_change() {
        for (hour, minute) in [(2, 0), (2, 30), (2, 59), (3, 0)] {
            assert_eq!(
                due_in("Europe/Berlin", date(2026, 3, 29), hour, minute),
                "2026-03-29T01:00:00Z 2026-03-29T03:00:00"
            );
        }
        // Midnight itself.
        assert_eq!(
            due_in("Africa/Cairo", date(2026, 4, 24), 0, 0),
            "2026-04-23T22:00:00Z 2026-04-24T01:00:00"
        );
        // Before midnight the change is already the next day.
        assert_eq!(
            due_in("America/Nuuk", date(2024, 3, 30), 23, 30),
            "2024-03-31T01:00:00Z 2024-03-31T00:00:00"
        );
    }

    #[test]
    fn a_time_that_comes_twice_is_due_the_first_time() {
        assert_eq!(
            due_in("Europe/Berlin", date(2026, 10, 25), 2, 30),
            "2026-10-25T00:30:00Z 2026-10-25T02:30:00"
        );
        // Half an hour only.
        assert_eq!(
            due_in("Australia/Lord_Howe", date(2026, 4, 5), 1, 45),
            "2026-04-04T14:45:00Z 2026-04-05T01:45:00"
        );
    }

    #[test]
    fn a_day_that_was_left_out_has_no_round() {
        for name in ["Pacific/Apia", "Pacific/Fakaofo"] {
            assert_eq!(due_in(name, date(2011, 12, 30), 9, 0), "no round");
        }
        assert_eq!(
            due_in("Pacific/Apia", date(2011, 12, 29), 23, 59),
            "2011-12-30T09:59:00Z 2011-12-29T23:59:00"
        );
        assert_eq!(
            due_in("Pacific/Apia", date(2011, 12, 31), 0, 0),
            "2011-12-30T10:00:00Z 2011-12-31T00:00:00"
        );
    }

    #[test]
    fn an_hour_is_not_ambiguous_because_the_name_of_the_offset_changes() {
        assert_eq!(
            due_in("America/Nuuk", date(2023, 10, 28), 23, 30),
            "2023-10-29T01:30:00Z 2023-10-28T23:30:00"
        );
    }

    fn schedule(days: Days, pauses: Vec<Pause>) -> Schedule {
        Schedule {
            guild: GuildId(1),
            channel: ChannelId(2),
            time: time(9, 0, 0, 0),
            zone: "Europe/Berlin".to_owned(),
            days,
            reveal_after: 480,
            feedback: Feedback::AtReveal,
            pauses,
            set_by: None,
        }
    }

    #[test]
    fn rounds_are_planned_for_the_chosen_weekdays() {
        let berlin = zone("Europe/Berlin");
        let friday = date(2026, 11, 20);
        let planned = schedule(Days::WORKDAYS, vec![]).planned(
            &berlin,
            Some(friday),
            friday.saturating_add(jiff::Span::new().days(5)),
        );
        let planned: Vec<String> = planned
            .iter()
            .map(|planned| format!("{} {}", planned.date, planned.due))
            .collect();
        assert_eq!(
            planned,
            [
                "2026-11-23 2026-11-23T08:00:00Z",
                "2026-11-24 2026-11-24T08:00:00Z",
                "2026-11-25 2026-11-25T08:00:00Z"
            ]
        );
        let all = schedule(Days::ALL, vec![]);
        assert_eq!(all.planned(&berlin, Some(friday), friday), []);
        assert_eq!(all.planned(&berlin, None, friday).len(), 1);
    }

    #[test]
    fn rounds_of_a_pause_are_marked() {
        let pauses = vec![
            Pause {
                from: date(2026, 12, 2),
                until: Some(date(2026, 12, 3)),
            },
            Pause {
                from: date(2026, 12, 5),
                until: None,
            },
        ];
        let planned = schedule(Days::ALL, pauses).planned(
            &zone("Europe/Berlin"),
            Some(date(2026, 11, 30)),
            date(2026, 12, 7),
        );
        let marks: Vec<bool> = planned.iter().map(|planned| planned.paused).collect();
        assert_eq!(marks, [false, true, true, false, true, true, true]);
    }

    #[test]
    fn days_are_named_as_people_name_them() {
        let named = |text| Days::parse(text).unwrap().to_string();
        assert_eq!(named("daily"), "every day");
        assert_eq!(named("weekdays"), "Monday to Friday");
        assert_eq!(named("weekend"), "Saturday and Sunday");
        assert_eq!(named("mo,we,fr"), "Monday, Wednesday and Friday");
        assert_eq!(named("tue"), "Tuesday");
    }
}
