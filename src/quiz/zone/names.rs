//! What places are called beyond their names in the tz database.

const COUNTRIES: &str = include_str!("../../../assets/zones/countries.tsv");
const PLACES: &str = include_str!("../../../assets/zones/places.tsv");

/// A country with the names that people use for it.
#[derive(Debug)]
pub(super) struct Country {
    /// ISO 3166.
    pub(super) code: &'static str,
    pub(super) names: Vec<&'static str>,
    /// The zones that most people there mean, most first; none where there is
    /// just one.
    pub(super) main: Vec<&'static str>,
}

/// Every country.
pub(super) fn countries() -> impl Iterator<Item = Country> {
    rows(COUNTRIES).filter_map(|row| {
        let mut columns = row.split('\t');
        Some(Country {
            code: columns.next()?,
            names: columns.next()?.split('|').collect(),
            main: columns
                .next()
                .map_or(Vec::new(), |zones| zones.split(',').collect()),
        })
    })
}

/// Zones and what else people type for them.
pub(super) fn places() -> impl Iterator<Item = (&'static str, &'static str)> {
    rows(PLACES)
        .filter_map(|row| row.split_once('\t'))
        .flat_map(|(zone, names)| names.split('|').map(move |name| (zone, name)))
}

fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#'))
}
