//! Days, times and durations as people type them.
//!
//! Forgiving about spelling, never about meaning: what could be read in two
//! ways is refused with words that say what to type.

use jiff::civil::{Time, Weekday};
use strsim::osa_distance;
use thiserror::Error;

use super::{Days, OPEN_MINUTES};
use crate::text::normalise;

/// What somebody typed is not clear. The text says what to type instead.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unclear {
    /// No days at all.
    #[error("Please name at least one day, such as `mon-fri`, `daily` or `mon, wed, fri`.")]
    NoDays,
    /// A word that is no day.
    #[error("`{word}` is not a day{}. Type days such as `mon-fri`, `daily`, `weekends` or `mon, wed, fri`.", meant(*.near))]
    Day {
        /// The word.
        word: String,
        /// The day that it resembles.
        near: Option<&'static str>,
    },
    /// Not a time of the day.
    #[error("`{0}` is not a time of the day. Type it as `09:30`, `9:30am` or `17:00`.")]
    Time(String),
    /// Not a length of time.
    #[error("`{0}` is not a length of time. Type it as `8h`, `90m` or `1h30`.")]
    Length(String),
    /// A number that may mean hours or minutes.
    #[error("Is `{0}` hours or minutes? Type `{0}h` or `{0}m`.")]
    Unit(String),
    /// A length of time that no round may have.
    #[error("Results can come {} minutes to {} hours after the question, not {}.", OPEN_MINUTES.start(), OPEN_MINUTES.end() / 60, spoken(*.0))]
    Range(u64),
}

/// From Monday on.
const NAMES: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// The English name of a day.
pub(super) fn name(day: Weekday) -> &'static str {
    usize::try_from(day.to_monday_zero_offset())
        .ok()
        .and_then(|at| NAMES.get(at))
        .copied()
        .unwrap_or_default()
}

impl Days {
    /// Reads days: `daily`, `weekdays`, `weekends`, names or their beginnings,
    /// and ranges, also over the weekend (`fri-mon`).
    ///
    /// # Errors
    /// With what to type instead, when a word is no day.
    pub fn parse(text: &str) -> Result<Self, Unclear> {
        // A range is one word from here on; other signs only separate.
        let text = normalise(text)
            .replace(['\u{2013}', '\u{2014}', '\u{2212}'], "-")
            .replace(" to ", "-")
            .replace(" through ", "-")
            .replace(" until ", "-")
            .replace("every day", "daily")
            .replace("all days", "daily")
            .replace("working day", "workday")
            .replace("week day", "weekday");
        let text = without_blanks_around_hyphens(&text);
        let mut bits = 0;
        for word in text.split(|c: char| !c.is_alphanumeric() && c != '-') {
            bits |= match word {
                "" | "and" | "on" | "every" | "each" | "only" => 0,
                "daily" | "all" | "always" | "everyday" | "any" => Self::ALL.0,
                "weekday" | "weekdays" | "workday" | "workdays" | "working" => Self::WORKDAYS.0,
                "weekend" | "weekends" => Self::WEEKEND.0,
                _ => match word.split_once('-') {
                    Some((from, to)) => range(day(from)?, day(to)?),
                    None => 1 << day(word)?,
                },
            };
        }
        Self::from_bits(bits).ok_or(Unclear::NoDays)
    }
}

/// Reads a time of the day: `9:00`, `09.30`, `9am`, `5:15 p.m.`, `14h`, `14h30`,
/// `1730`, `9`, `noon`. Without am or pm it is of the 24-hour clock.
///
/// # Errors
/// With what to type instead.
pub fn parse_time(text: &str) -> Result<Time, Unclear> {
    let unclear = || Unclear::Time(shown(text));
    let typed: String = normalise(text)
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let typed = typed.replace("a.m", "am").replace("p.m", "pm");
    let typed = typed.trim_end_matches('.');
    match typed {
        "noon" | "midday" => return Ok(Time::constant(12, 0, 0, 0)),
        "midnight" => return Ok(Time::midnight()),
        _ => {}
    }
    let (clock, half) = if let Some(clock) = typed.strip_suffix("am") {
        (clock, Some(0))
    } else if let Some(clock) = typed.strip_suffix("pm") {
        (clock, Some(12))
    } else {
        let endings = ["oclock", "uhr", "hrs", "h"];
        let ending = endings.iter().find_map(|end| typed.strip_suffix(end));
        (ending.unwrap_or(typed), None)
    };
    let (hour, minute) = match clock.split_once([':', '.', 'h', ',']) {
        Some((hour, minute)) => (hour, minute.strip_suffix(":00").unwrap_or(minute)),
        // 930 and 1730 are read from the right.
        None if matches!(clock.len(), 3 | 4) => clock
            .split_at_checked(clock.len() - 2)
            .ok_or_else(unclear)?,
        None => (clock, "00"),
    };
    if !matches!(hour.len(), 1 | 2) || minute.len() != 2 {
        return Err(unclear());
    }
    let mut hour: i8 = digits(hour).ok_or_else(unclear)?;
    let minute: i8 = digits(minute).ok_or_else(unclear)?;
    if let Some(half) = half {
        if !(1..=12).contains(&hour) {
            return Err(unclear());
        }
        hour = hour % 12 + half;
    }
    Time::new(hour, minute, 0, 0).map_err(|_| unclear())
}

/// Reads how long a round stays open, in minutes: `8h`, `90m`, `1h30`,
/// `1:30`, `1.5 hours`, `8 hours and 15 minutes`.
///
/// # Errors
/// With what to type instead; also when it is outside [`OPEN_MINUTES`].
pub fn parse_minutes(text: &str) -> Result<u32, Unclear> {
    let unclear = || Unclear::Length(shown(text));
    let typed: String = normalise(text)
        .replace("and", " ")
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    if !typed.is_empty() && typed.bytes().all(|b| b.is_ascii_digit()) {
        return Err(match digits::<u64>(&typed) {
            Some(_) if typed.len() <= 4 => Unclear::Unit(typed),
            _ => unclear(),
        });
    }
    let mut minutes = 0;
    let mut rest = typed.as_str();
    // Hours come first, and minutes may do without their unit after them.
    let mut hours_before = false;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ','))
            .unwrap_or(rest.len());
        let (number, tail) = rest.split_at_checked(end).ok_or_else(unclear)?;
        let end = tail
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at_checked(end).ok_or_else(unclear)?;
        minutes += match unit.trim_end_matches('.') {
            "h" | "hr" | "hrs" | "hour" | "hours" | ":" if !hours_before => {
                hours_before = true;
                hours_in_minutes(number)
            }
            "m" | "min" | "mins" | "minute" | "minutes" if tail.is_empty() => digits(number),
            "" if hours_before && number.len() == 2 => digits(number),
            _ => None,
        }
        .ok_or_else(unclear)?;
        rest = tail;
    }
    match u32::try_from(minutes) {
        _ if typed.is_empty() => Err(unclear()),
        Ok(minutes) if OPEN_MINUTES.contains(&minutes) => Ok(minutes),
        _ => Err(Unclear::Range(minutes)),
    }
}

/// A day as an offset from Monday: a name or a beginning of just one.
fn day(word: &str) -> Result<usize, Unclear> {
    let word = word.trim_end_matches('.');
    // "Tues" and "mondays" too.
    let singular = word.strip_suffix('s').filter(|word| word.ends_with("day"));
    let typed = singular.unwrap_or(word);
    let names = NAMES.map(str::to_lowercase);
    let mut begun = (0..7).filter(|at| !typed.is_empty() && names[*at].starts_with(typed));
    if let (Some(at), None) = (begun.next(), begun.next()) {
        return Ok(at);
    }
    let near = (0..7)
        .map(|at| (osa_distance(typed, &names[at]), NAMES[at]))
        .filter(|(distance, _)| *distance <= 2)
        .min()
        .map(|(_, name)| name);
    Err(Unclear::Day {
        word: shown(word),
        near,
    })
}

/// Bits of the days from one to another, over the weekend if need be.
fn range(from: usize, to: usize) -> u8 {
    let length = (to + 7 - from) % 7;
    (0..=length).fold(0, |bits, step| bits | 1 << ((from + step) % 7))
}

fn without_blanks_around_hyphens(text: &str) -> String {
    let parts: Vec<&str> = text.split('-').map(str::trim).collect();
    parts.join("-")
}

/// Digits and nothing else.
fn digits<N: std::str::FromStr>(text: &str) -> Option<N> {
    text.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

/// Hours, perhaps with tenths or quarters.
fn hours_in_minutes(number: &str) -> Option<u64> {
    let (whole, part) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    if part.len() > 2 || whole.len() > 4 {
        return None;
    }
    let scale = 10_u64.pow(u32::try_from(part.len()).ok()?);
    Some(digits::<u64>(whole)? * 60 + digits::<u64>(part)? * 60 / scale)
}

/// At most 40 characters of what was typed, for a message.
fn shown(text: &str) -> String {
    text.trim().replace('`', "'").chars().take(40).collect()
}

fn meant(near: Option<&str>) -> String {
    near.map_or(String::new(), |near| format!(" (perhaps {near}?)"))
}

fn spoken(minutes: u64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} minutes"),
        (hours, 0) => format!("{hours} hours"),
        (hours, minutes) => format!("{hours} hours and {minutes} minutes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_as_people_type_them() {
        for (typed, bits) in [
            ("mon-fri", 0b001_1111),
            ("Mon - Fri", 0b001_1111),
            ("Monday to Friday", 0b001_1111),
            ("mo–fr", 0b001_1111),
            ("weekdays", 0b001_1111),
            ("working days", 0b001_1111),
            ("Daily", 0b111_1111),
            ("every day", 0b111_1111),
            ("mo,we,fr", 0b001_0101),
            ("Mon, Wed and Fri", 0b001_0101),
            ("mon wed fri", 0b001_0101),
            ("tues/thurs", 0b000_1010),
            ("every Monday", 0b000_0001),
            ("mondays & thursdays", 0b000_1001),
            ("weekends", 0b110_0000),
            ("fri-mon", 0b111_0001),
            ("weekdays, sat", 0b011_1111),
            ("sun", 0b100_0000),
        ] {
            assert_eq!(Days::parse(typed).map(Days::bits), Ok(bits), "{typed}");
        }
    }

    #[test]
    fn what_is_no_day_is_refused_with_a_remedy() {
        let said = |typed| Days::parse(typed).unwrap_err().to_string();
        assert_eq!(
            said("wendesday"),
            "`wendesday` is not a day (perhaps Wednesday?). Type days such as `mon-fri`, `daily`, `weekends` or `mon, wed, fri`."
        );
        assert_eq!(
            said("t"),
            "`t` is not a day. Type days such as `mon-fri`, `daily`, `weekends` or `mon, wed, fri`."
        );
        for typed in ["", " , ", "never", "mon-", "1-5", "s", "mon-wed-fri"] {
            assert!(Days::parse(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn times_as_people_type_them() {
        for (typed, read) in [
            ("9:00", "09:00:00"),
            ("09:30", "09:30:00"),
            ("9", "09:00:00"),
            ("9am", "09:00:00"),
            ("9 AM", "09:00:00"),
            ("9:30 p.m.", "21:30:00"),
            ("12am", "00:00:00"),
            ("12:15pm", "12:15:00"),
            ("14h", "14:00:00"),
            ("14h30", "14:30:00"),
            ("17.45", "17:45:00"),
            ("9 o'clock", "09:00:00"),
            ("9 Uhr", "09:00:00"),
            ("0900", "09:00:00"),
            ("930", "09:30:00"),
            ("09：15", "09:15:00"),
            ("09:15:00", "09:15:00"),
            ("noon", "12:00:00"),
            ("midnight", "00:00:00"),
            ("0:00", "00:00:00"),
            ("23:59", "23:59:00"),
        ] {
            let time = parse_time(typed).map(|time| time.to_string());
            assert_eq!(time.as_deref(), Ok(read), "{typed}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_with_a_remedy() {
        assert_eq!(
            parse_time("half past nine").unwrap_err().to_string(),
            "`half past nine` is not a time of the day. Type it as `09:30`, `9:30am` or `17:00`."
        );
        for typed in [
            "",
            "24:00",
            "9:60",
            "9:5",
            "13pm",
            "0am",
            "-9",
            "9:00 CET",
            "99",
            "09:15:30",
            "am",
            "12345",
            "9:+5",
            "١٢:٠٠x",
        ] {
            assert!(parse_time(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn lengths_as_people_type_them() {
        for (typed, minutes) in [
            ("8h", 480),
            ("8 hours", 480),
            ("90m", 90),
            ("90 min", 90),
            ("1h30", 90),
            ("1 h 30 min", 90),
            ("1:30", 90),
            ("1.5h", 90),
            ("1,5 hrs", 90),
            ("0.25h", 15),
            ("8 hours and 15 minutes", 495),
            ("1 hour", 60),
            ("10m", 10),
            ("23h", 1380),
        ] {
            assert_eq!(parse_minutes(typed), Ok(minutes), "{typed}");
        }
    }

    #[test]
    fn what_is_no_length_is_refused_with_a_remedy() {
        let said = |typed| parse_minutes(typed).unwrap_err().to_string();
        assert_eq!(said("8"), "Is `8` hours or minutes? Type `8h` or `8m`.");
        assert_eq!(
            said("24h"),
            "Results can come 10 minutes to 23 hours after the question, not 24 hours."
        );
        assert_eq!(
            said("soon"),
            "`soon` is not a length of time. Type it as `8h`, `90m` or `1h30`."
        );
        for typed in [
            "",
            "9m",
            "h",
            "m",
            "1h30m15",
            "30m1h",
            "1h2h",
            "-1h",
            "1h5",
            "1.555h",
            "99999999999m",
        ] {
            assert!(parse_minutes(typed).is_err(), "{typed}");
        }
    }
}
