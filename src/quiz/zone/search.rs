//! Finds the zones that somebody means.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::{Offset, TimeZone};
use strsim::osa_distance;

use super::COMMON;
use super::names::{countries, places};
use crate::text::normalise;

/// More is not read of what was typed; the longest name has 32.
const MAX_CHARS: usize = 60;

/// They stand beside names and tell nothing.
const FILLERS: [&str; 10] = [
    "and", "the", "in", "of", "time", "timezone", "zone", "standard", "daylight", "local",
];

/// Where zones without an order of their own come.
const LAST: usize = 1_000;

/// All zones with everything that they are called.
#[derive(Debug)]
pub(super) struct Search {
    zones: Vec<TimeZone>,
    keys: Vec<Key>,
}

/// A name of a zone, normalised.
#[derive(Debug)]
struct Key {
    text: String,
    zone: usize,
    /// How near the name is to the zone: 0 for its own, 1 for that of its country.
    far: u32,
    /// The place among the zones of its country.
    rank: usize,
}

/// How well a zone fits: the smaller, the better.
type Fit = (u32, usize);

impl Search {
    /// From the zones under their present names, and other names of them.
    pub(super) fn of(zones: Vec<TimeZone>, others: &[(String, String)]) -> Self {
        let mut keys = Vec::new();
        let mut add = |text: &str, zone: usize, far: u32, rank: usize| {
            let text = words(text).join(" ");
            keys.push(Key {
                text,
                zone,
                far,
                rank,
            });
        };
        let at: BTreeMap<&str, usize> = zones
            .iter()
            .enumerate()
            .filter_map(|(at, zone)| Some((zone.iana_name()?, at)))
            .collect();
        let own = at.iter().map(|(name, zone)| (*name, *zone));
        let other = others
            .iter()
            // EST and such: people who type it mean the summer as well.
            .filter(|(name, _)| name.contains('/') || name.chars().any(char::is_lowercase))
            .filter_map(|(name, today)| Some((name.as_str(), *at.get(today.as_str())?)));
        for (name, zone) in own.chain(other) {
            add(name, zone, 0, 0);
            if let Some((_, city)) = name.rsplit_once('/') {
                add(city, zone, 0, 0);
            }
        }
        for (name, place) in places() {
            if let Some(zone) = at.get(name) {
                add(place, *zone, 0, 0);
            }
        }
        for country in countries() {
            for (zone, found) in zones.iter().enumerate() {
                if found
                    .location()
                    .is_none_or(|at| at.country() != country.code)
                {
                    continue;
                }
                let rank = country
                    .main
                    .iter()
                    .position(|main| found.iana_name() == Some(main));
                for name in &country.names {
                    add(name, zone, 1, rank.unwrap_or(LAST));
                }
            }
        }
        Self { zones, keys }
    }

    pub(super) fn zones(&self) -> impl Iterator<Item = &TimeZone> {
        self.zones.iter()
    }

    /// The zones that fit what was typed, best first.
    pub(super) fn find(&self, typed: &str, now: Timestamp) -> Vec<&TimeZone> {
        let typed: String = typed.chars().take(MAX_CHARS).collect();
        let fits = if typed.trim().is_empty() {
            self.common()
        } else if let Some(offset) = offset(&typed) {
            self.at_offset(offset, now)
        } else {
            self.named(&words(&typed), now)
        };
        let mut found: Vec<(Fit, usize, &str, &TimeZone)> = fits
            .into_iter()
            .filter_map(|(zone, fit)| {
                let zone = self.zones.get(zone)?;
                let name = zone.iana_name()?;
                Some((fit, usual(name), name, zone))
            })
            .collect();
        found.sort_by_key(|(fit, usual, name, _)| (*fit, *usual, *name));
        found.into_iter().map(|(.., zone)| zone).collect()
    }

    fn common(&self) -> BTreeMap<usize, Fit> {
        let common = |zone: &TimeZone| zone.iana_name().is_some_and(|name| COMMON.contains(&name));
        self.that(common)
    }

    fn at_offset(&self, offset: Offset, now: Timestamp) -> BTreeMap<usize, Fit> {
        self.that(|zone| zone.to_offset(now) == offset)
    }

    fn that(&self, fits: impl Fn(&TimeZone) -> bool) -> BTreeMap<usize, Fit> {
        let zones = self.zones.iter().enumerate();
        let fitting = zones.filter(|(_, zone)| fits(zone));
        fitting.map(|(zone, _)| (zone, (0, 0))).collect()
    }

    /// By name; then by each word, as in "Berlin, Germany"; then misspelt.
    fn named(&self, typed: &[String], now: Timestamp) -> BTreeMap<usize, Fit> {
        let whole = typed.join(" ");
        let mut fits = self.called(&whole, now);
        if fits.is_empty() && typed.len() > 1 {
            fits = typed
                .iter()
                .map(|word| self.called(word, now))
                .reduce(|all, word| {
                    all.into_iter()
                        .filter_map(|(zone, (fit, rank))| {
                            let (more, other) = word.get(&zone)?;
                            Some((zone, (fit + more, rank.min(*other))))
                        })
                        .collect()
                })
                .unwrap_or_default();
        }
        if fits.is_empty() {
            fits = self.nearly_called(&whole);
        }
        fits
    }

    /// The whole name, then how it begins, then how one of its words begins.
    fn called(&self, typed: &str, now: Timestamp) -> BTreeMap<usize, Fit> {
        if typed.is_empty() {
            return BTreeMap::new();
        }
        let inner = format!(" {typed}");
        let named = self.keys.iter().filter_map(|key| {
            let fit = match &key.text {
                text if text == typed => 0,
                text if text.starts_with(typed) => 2,
                text if text.contains(&inner) => 4,
                _ => return None,
            };
            Some((key.zone, (fit + key.far, key.rank)))
        });
        let abbreviated = self
            .zones
            .iter()
            .enumerate()
            .filter(|(_, zone)| is_abbreviated(zone, typed, now))
            .map(|(zone, _)| (zone, (0, 0)));
        best(named.chain(abbreviated))
    }

    fn nearly_called(&self, typed: &str) -> BTreeMap<usize, Fit> {
        let length = typed.chars().count();
        // Short names resemble too many others.
        let most = match length {
            0..=3 => return BTreeMap::new(),
            4..=5 => 1,
            6..=8 => 2,
            _ => 3,
        };
        best(self.keys.iter().filter_map(|key| {
            let begin: String = key.text.chars().take(length).collect();
            // The beginning alone says less than the whole name.
            let distance = osa_distance(typed, &key.text).min(osa_distance(typed, &begin) + 1);
            let fit = u32::try_from(distance).ok()? * 2 + key.far;
            (distance <= most).then_some((key.zone, (fit, key.rank)))
        }))
    }
}

/// Words of a name without fillers, unless it has only these.
fn words(text: &str) -> Vec<String> {
    let normal = normalise(text);
    let all: Vec<&str> = normal
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let telling: Vec<&str> = all
        .iter()
        .copied()
        .filter(|word| !FILLERS.contains(word))
        .collect();
    let kept = if telling.is_empty() { all } else { telling };
    kept.into_iter().map(str::to_owned).collect()
}

/// Keeps the best fit of each zone.
fn best(fits: impl Iterator<Item = (usize, Fit)>) -> BTreeMap<usize, Fit> {
    let mut best = BTreeMap::new();
    for (zone, fit) in fits {
        let kept = best.entry(zone).or_insert(fit);
        *kept = fit.min(*kept);
    }
    best
}

/// Where a zone stands among the usual ones.
fn usual(name: &str) -> usize {
    let place = COMMON.iter().position(|common| *common == name);
    place.unwrap_or(LAST)
}

/// Whether the zone's time is abbreviated so in winter or summer of this year.
fn is_abbreviated(zone: &TimeZone, typed: &str, now: Timestamp) -> bool {
    let year = TimeZone::UTC.to_datetime(now).year();
    [1, 7].into_iter().any(|month| {
        let day = date(year, month, 1).to_zoned(TimeZone::UTC);
        day.is_ok_and(|day| {
            let info = zone.to_offset_info(day.timestamp());
            info.abbreviation().eq_ignore_ascii_case(typed)
        })
    })
}

/// Reads `+2`, `UTC+2`, `gmt-03:30` or `+0530`.
fn offset(typed: &str) -> Option<Offset> {
    let typed: String = typed
        .to_lowercase()
        .replace('\u{2212}', "-")
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let number = typed
        .strip_prefix("utc")
        .or_else(|| typed.strip_prefix("gmt"))
        .unwrap_or(&typed);
    let (sign, number) = match number.split_at_checked(1)? {
        ("+", number) => (1, number),
        ("-", number) => (-1, number),
        _ => return None,
    };
    let (hours, minutes) = match number.split_once(':') {
        Some(parts) => parts,
        None if number.len() == 4 => number.split_at_checked(2)?,
        None => (number, "0"),
    };
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !plain(hours) || !plain(minutes) {
        return None;
    }
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let valid = hours <= 14 && minutes < 60;
    let seconds = sign * (hours * 60 + minutes) * 60;
    valid.then(|| Offset::from_seconds(seconds).ok()).flatten()
}
