//! When rounds are due, in every time zone, over thirty years, against a second
//! library.
//!
//! chrono-tz carries another release of the tz database than jiff, so that the
//! two may differ in data or in rules. When a round differs, their offsets from
//! UTC in the two days before and after it are compared: if those are the same,
//! it is no matter of data, and the test fails. Zones where it is are listed
//! below; none of them is left out of the other checks.
//!
//! Normally the days around each change of clocks are checked, and one day in 397
//! else, once for zones with the same changes. `FOOTNOTE_FULL_CALENDAR=1` checks
//! every day under every name; it wants a release build
//! (`cargo test --release --test suite calendar`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use chrono::{NaiveDate, NaiveDateTime, Offset as _, TimeZone as _};
use chrono_tz::{GapInfo, Tz};
use footnote::quiz::schedule::due;
use footnote::quiz::zone::Zones;
use jiff::civil::{Date, Time, date, time};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Span, Timestamp};

const FIRST: Date = date(2000, 1, 1);
const LAST: Date = date(2029, 12, 31);

/// Minutes between the times of a day: 96 of them.
const STEP: i64 = 15;

/// Days that a zone left out.
const LEFT_OUT: [(&str, Date); 2] = [
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Fakaofo", date(2011, 12, 30)),
];

/// A station whose clocks were moved by three hours: there, and only there, two
/// rounds in a row may be 21 or 27 hours apart.
const WIDE: [&str; 1] = ["Antarctica/Casey"];

/// Zones that changed between 2025b, which chrono-tz 0.10.4 has, and 2026f.
/// After an update of either: look up what changed, and write the list anew.
const OTHER_DATA: [&str; 8] = [
    "Africa/Casablanca",
    "Africa/El_Aaiun",
    "America/Edmonton",
    "America/Havana",
    "America/Inuvik",
    "America/Vancouver",
    "America/Winnipeg",
    "Europe/Chisinau",
];

/// What was found, summed up.
#[derive(Debug, Default)]
struct Findings {
    zones: usize,
    instants: u64,
    /// Rounds whose time is skipped, and those of them that fall on the next day.
    gaps: u64,
    next_day: u64,
    left_out: BTreeSet<(String, Date)>,
    wide: BTreeSet<String>,
    /// Zones with other data, and the rounds that differ because of them.
    other_data: BTreeMap<String, u64>,
    /// Zones that only one of the libraries has.
    alone: BTreeSet<String>,
    shortest: Option<SignedDuration>,
    longest: Option<SignedDuration>,
    wrong: Vec<String>,
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures are to be reported")]
fn every_day_has_one_round_in_every_zone() {
    let full = std::env::var_os("FOOTNOTE_FULL_CALENDAR").is_some();
    let found = examine(&zones(full), full);
    println!(
        "{} zones, {} instants, {} in gaps, {} of them on the next day, apart {:?} to {:?}\n\
         other data: {:?}",
        found.zones,
        found.instants,
        found.gaps,
        found.next_day,
        found.shortest,
        found.longest,
        found.other_data,
    );
    assert_eq!(found.wrong, [""; 0]);
    let primary = |name: &str| {
        let zone = Zones::bundled().get(name);
        zone.and_then(|zone| zone.iana_name().map(str::to_owned))
    };
    let left_out: BTreeSet<_> = found
        .left_out
        .iter()
        .map(|(name, day)| (primary(name).unwrap(), *day))
        .collect();
    assert_eq!(
        left_out,
        BTreeSet::from(LEFT_OUT.map(|(name, day)| (name.to_owned(), day)))
    );
    assert_eq!(found.wide, BTreeSet::from(WIDE.map(str::to_owned)));
    let others: BTreeSet<_> = found
        .other_data
        .keys()
        .filter_map(|name| primary(name))
        .collect();
    assert_eq!(others, BTreeSet::from(OTHER_DATA.map(str::to_owned)));
    assert_eq!(found.alone, BTreeSet::new());
    assert!(found.zones > 150 && found.gaps > 10_000, "{found:?}");
}

/// The zones in use today that are not alike; with `all` those under every name.
fn zones(all: bool) -> Vec<(String, TimeZone)> {
    let (database, zones) = (TimeZoneDatabase::bundled(), Zones::bundled());
    let mut named = Vec::new();
    let mut seen = BTreeSet::new();
    for name in database.available() {
        let name = name.as_str();
        // Those that nobody can choose.
        let Some(zone) = zones.get(name) else {
            continue;
        };
        if !all && (zone.iana_name() != Some(name) || !seen.insert(history(name, &zone))) {
            continue;
        }
        named.push((name.to_owned(), database.get(name).unwrap()));
    }
    named
}

/// The changes of a zone with the offsets before and after, from which all else
/// follows; and its name, when chrono-tz does not have the same.
fn history(name: &str, zone: &TimeZone) -> (Vec<(Timestamp, i32)>, Option<String>) {
    let start = FIRST.to_zoned(TimeZone::UTC).unwrap().timestamp();
    let samples = (0..30 * 6).map(|at| start + SignedDuration::from_hours(at * 61 * 24));
    let mut at: Vec<Timestamp> = samples.collect();
    for change in changes(zone) {
        at.extend([change - SignedDuration::from_secs(1), change]);
    }
    let other: Option<Tz> = name.parse().ok();
    let same = other.is_some_and(|other| at.iter().all(|at| agree(zone, other, *at)));
    at.sort();
    let mut offsets: Vec<(Timestamp, i32)> = at
        .into_iter()
        .map(|at| (at, zone.to_offset(at).seconds()))
        .collect();
    offsets.dedup_by_key(|(_, offset)| *offset);
    (offsets, (!same).then(|| name.to_owned()))
}

/// Each zone by itself, on all cores.
fn examine(zones: &[(String, TimeZone)], full: bool) -> Findings {
    let found = Mutex::new(Findings::default());
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((name, zone)) = zones.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let one = examine_zone(name, zone, full);
                    found.lock().unwrap().add(one);
                }
            });
        }
    });
    found.into_inner().unwrap()
}

fn examine_zone(name: &str, zone: &TimeZone, full: bool) -> Findings {
    let mut found = Findings {
        zones: 1,
        ..Findings::default()
    };
    let other: Option<Tz> = name.parse().ok();
    if other.is_none() {
        found.alone.insert(name.to_owned());
    }
    let times = times();
    // The day before, and when the rounds of each time were due.
    let mut before: Option<(Date, Vec<Timestamp>)> = None;
    for day in if full {
        every_day()
    } else {
        telling_days(zone)
    } {
        let rounds: Vec<Option<Timestamp>> =
            times.iter().map(|time| due(day, *time, zone)).collect();
        if rounds.iter().all(Option::is_none) {
            found.left_out.insert((name.to_owned(), day));
            // The next day follows the one before this.
            before = before
                .filter(|(last, _)| last.tomorrow().ok() == Some(day))
                .map(|(_, rounds)| (day, rounds));
            continue;
        }
        let here: Vec<Timestamp> = rounds.into_iter().flatten().collect();
        let mut wrong = |what: &str, time: Time| {
            found.wrong.push(format!("{name} {day} {time}: {what}"));
        };
        if here.len() != times.len() {
            wrong(
                "some times of the day have a round and others have none",
                Time::midnight(),
            );
            continue;
        }
        for (at, (time, round)) in times.iter().copied().zip(&here).enumerate() {
            found.instants += 1;
            let asked = day.to_datetime(time);
            let read = zone.to_datetime(*round);
            if read != asked {
                found.gaps += 1;
                found.next_day += u64::from(read.date() != day);
                // Skipped: it must be a change of the clocks, and pass over it.
                let earlier = zone.to_datetime(*round - SignedDuration::from_secs(1));
                if read < asked || earlier >= asked {
                    wrong("is not due at the change", time);
                }
            }
            if at > 0 && *round < here[at - 1] {
                wrong("is due before an earlier time of the same day", time);
            }
            if let Some(other) = other
                && Some(*round) != due_by_chrono(other, day, time)
            {
                if has_other_data(zone, other, *round) {
                    *found.other_data.entry(name.to_owned()).or_default() += 1;
                } else {
                    wrong("is due at another instant by chrono-tz", time);
                }
            }
        }
        if let Some((yesterday, rounds)) = &before
            && yesterday.tomorrow().ok() == Some(day)
        {
            for (time, (earlier, later)) in times.iter().copied().zip(rounds.iter().zip(&here)) {
                let apart = later.duration_since(*earlier);
                let hours = |hours| SignedDuration::from_hours(hours);
                if apart < hours(22) || apart > hours(26) {
                    found.wide.insert(name.to_owned());
                }
                if apart < hours(21) || apart > hours(27) {
                    wrong("is not about a day after the one before", time);
                }
                found.shortest = Some(found.shortest.map_or(apart, |least| least.min(apart)));
                found.longest = Some(found.longest.map_or(apart, |most| most.max(apart)));
            }
        }
        before = Some((day, here));
    }
    found
}

impl Findings {
    fn add(&mut self, other: Self) {
        self.zones += other.zones;
        self.instants += other.instants;
        self.gaps += other.gaps;
        self.next_day += other.next_day;
        self.left_out.extend(other.left_out);
        self.wide.extend(other.wide);
        self.other_data.extend(other.other_data);
        self.alone.extend(other.alone);
        self.shortest = [self.shortest, other.shortest].into_iter().flatten().min();
        self.longest = self.longest.max(other.longest);
        self.wrong.extend(other.wrong.into_iter().take(5));
    }
}

fn times() -> Vec<Time> {
    let steps = 0..24 * 60 / STEP;
    let times = steps.map(|step| time(0, 0, 0, 0) + SignedDuration::from_mins(step * STEP));
    times.collect()
}

fn every_day() -> Vec<Date> {
    FIRST
        .series(Span::new().days(1))
        .take_while(|day| *day <= LAST)
        .collect()
}

/// Two days around every change of the clocks, and a sample of the others.
fn telling_days(zone: &TimeZone) -> Vec<Date> {
    let mut days: BTreeSet<Date> = every_day().into_iter().step_by(397).collect();
    for change in changes(zone) {
        let day = zone.to_datetime(change).date();
        days.extend((-2..=2).map(|away| day + Span::new().days(away)));
    }
    days.into_iter()
        .filter(|day| (FIRST..=LAST).contains(day))
        .collect()
}

fn changes(zone: &TimeZone) -> Vec<Timestamp> {
    let start = FIRST.to_zoned(TimeZone::UTC).unwrap().timestamp();
    let end = LAST.to_zoned(TimeZone::UTC).unwrap().timestamp();
    let changes = zone.following(start).map(|change| change.timestamp());
    changes.take_while(|change| *change <= end).collect()
}

/// Whether the two libraries have other offsets within two days, hour by hour.
fn has_other_data(zone: &TimeZone, other: Tz, around: Timestamp) -> bool {
    let hours = (-48..=48).map(|hours| around + SignedDuration::from_hours(hours));
    hours.into_iter().any(|at| !agree(zone, other, at))
}

fn agree(zone: &TimeZone, other: Tz, at: Timestamp) -> bool {
    let utc = chrono::DateTime::from_timestamp(at.as_second(), 0).unwrap();
    let theirs = other.offset_from_utc_datetime(&utc.naive_utc()).fix();
    theirs.local_minus_utc() == zone.to_offset(at).seconds()
}

/// The same rule on top of the other library: the first of two, the end of a gap.
fn due_by_chrono(zone: Tz, day: Date, time: Time) -> Option<Timestamp> {
    let first = |local: NaiveDateTime| match zone.from_local_datetime(&local).earliest() {
        Some(found) => found,
        None => GapInfo::new(&local, &zone).unwrap().end.unwrap(),
    };
    let [year, month, date] = [
        i32::from(day.year()),
        i32::from(day.month()),
        i32::from(day.day()),
    ];
    let [month, date] = [month, date].map(|number| u32::try_from(number).unwrap());
    let midnight = NaiveDate::from_ymd_opt(year, month, date)
        .unwrap()
        .and_hms_opt(0, 0, 0)
        .unwrap();
    let minutes = i64::from(time.hour()) * 60 + i64::from(time.minute());
    let found = first(midnight + chrono::TimeDelta::minutes(minutes));
    let exists =
        found.date_naive() == midnight.date() || first(midnight).date_naive() == midnight.date();
    exists.then(|| Timestamp::from_second(found.timestamp()).unwrap())
}
