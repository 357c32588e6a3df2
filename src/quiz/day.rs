//! Days as people type them.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use thiserror::Error;

/// A text that names no day.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("“{0}” is no day that I understand. Write it like 2026-12-24, 24 Dec, tomorrow or friday.")]
pub struct UnknownDay(String);

/// Months by the first three letters of their names.
const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Days of the week by the same, Monday first.
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Reads a day: `2026-12-24`, `24.12.2026`, `24 Dec`, `December 24th`, `today`,
/// `tomorrow`, `friday`. Without a year, or by its weekday, the first such day
/// from today on. Two numbers with a slash between them are refused, since
/// people disagree on which is the month.
///
/// # Errors
/// The text names no day.
pub fn parse_day(text: &str, today: Date) -> Result<Date, UnknownDay> {
    let unknown = || UnknownDay(text.trim().chars().take(40).collect());
    let lower = text.trim().to_lowercase();
    match lower.as_str() {
        "today" => return Ok(today),
        "tomorrow" => return today.tomorrow().map_err(|_| unknown()),
        _ => {}
    }
    let words: Vec<&str> = lower
        .split(|c: char| c.is_whitespace() || ",.-".contains(c))
        .filter(|word| !word.is_empty())
        .collect();
    let found = match words.as_slice() {
        [year, month, day] if year.len() == 4 && lower.contains('-') => {
            dated(number(day), number(month), number(year), today)
        }
        [day, month] if lower.contains('.') && number(month).is_some() => {
            dated(number(day), number(month), None, today)
        }
        [day, month, year] if lower.contains('.') && number(month).is_some() => {
            number(year).and_then(|year| dated(number(day), number(month), Some(year), today))
        }
        [word] => named(&WEEKDAYS, word).and_then(|offset| next_weekday(offset, today)),
        [one, other, rest @ ..] if rest.len() < 2 => {
            let year = rest.first().map(|year| number(year));
            let (day, month) = match named(&MONTHS, one) {
                Some(month) => (number(other), Some(month)),
                None => (number(one), named(&MONTHS, other)),
            };
            let month = month.map(|at| i16::from(at) + 1);
            match year {
                Some(None) => None,
                year => dated(day, month, year.flatten(), today),
            }
        }
        _ => None,
    };
    found.ok_or_else(unknown)
}

/// A day of a month; without a year, the first from today on.
fn dated(day: Option<i16>, month: Option<i16>, year: Option<i16>, today: Date) -> Option<Date> {
    let (day, month) = (i8::try_from(day?).ok()?, i8::try_from(month?).ok()?);
    match year {
        Some(year) => Date::new(year, month, day).ok(),
        // The 29th of February may be eight years off.
        None => (today.year()..today.year().saturating_add(9))
            .filter_map(|year| Date::new(year, month, day).ok())
            .find(|date| *date >= today),
    }
}

fn next_weekday(offset: u8, today: Date) -> Option<Date> {
    let wanted = Weekday::from_monday_zero_offset(i8::try_from(offset).ok()?).ok()?;
    let days = i64::from(today.weekday().until(wanted));
    today.checked_add(days.days()).ok()
}

/// Which of some names a word is, or begins.
fn named(names: &[&str], word: &str) -> Option<u8> {
    let full = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "sept",
        "tues",
        "thur",
        "thurs",
        "weds",
    ];
    let start = word.get(..3)?;
    let at = names.iter().position(|name| *name == start)?;
    (word.len() == 3 || full.contains(&word)).then(|| u8::try_from(at).ok())?
}

/// A whole number, with an ordinal's ending or without.
fn number(word: &str) -> Option<i16> {
    let word = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|ending| word.strip_suffix(ending))
        .unwrap_or(word);
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| word.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn people_write_days_in_many_ways() {
        // A Sunday.
        let today = date(2026, 11, 22);
        for (text, expected) in [
            ("2026-12-24", date(2026, 12, 24)),
            ("24.12.", date(2026, 12, 24)),
            ("1.2.2027", date(2027, 2, 1)),
            (" 24 Dec ", date(2026, 12, 24)),
            ("December 24th, 2027", date(2027, 12, 24)),
            ("24. December", date(2026, 12, 24)),
            ("1st Sept", date(2027, 9, 1)),
            ("22 nov", today),
            ("21 Nov", date(2027, 11, 21)),
            ("Today", today),
            ("tomorrow", date(2026, 11, 23)),
            ("sunday", today),
            ("Thu", date(2026, 11, 26)),
            ("29 Feb", date(2028, 2, 29)),
        ] {
            assert_eq!(parse_day(text, today), Ok(expected), "{text}");
        }
        for text in [
            "",
            "soon",
            "12/24",
            "24/12/2026",
            "31 Nov",
            "2026-02-30",
            "24",
            "monkey",
            "marble 3",
            "24 Dec 2026 9",
            "24 Dec soon",
            "99999-1-1",
            "ÄÄ 3",
        ] {
            assert!(parse_day(text, today).is_err(), "{text}");
        }
        assert_eq!(
            parse_day("christmas", today).unwrap_err().to_string(),
            "“christmas” is no day that I understand. Write it like 2026-12-24, 24 Dec, tomorrow or friday."
        );
    }
}
