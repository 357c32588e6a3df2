//! The order in which options are shown.
//!
//! Nothing is drawn: the order follows from a seed and the question, so that
//! every process and every day later shows the same. Over many rounds the key
//! stands in each place equally often. Numbers are shown ascending instead,
//! since shuffled numbers are hard to read.

use std::cmp::Ordering;
use std::fmt::Display;

use sha2::{Digest as _, Sha256};

use super::question::Question;

/// The question with its options as they are shown. The seed is a round
/// ([`RoundId`](super::round::RoundId)) or any text.
pub fn shuffled(question: &Question, seed: impl Display) -> Question {
    let order = ascending(&question.options).unwrap_or_else(|| {
        permutation(
            question.options.len(),
            &format!("order|{seed}|{}", question.id),
        )
    });
    let mut shown = question.clone();
    shown.options = order
        .iter()
        .filter_map(|at| question.options.get(*at).cloned())
        .collect();
    let key = order.iter().position(|at| *at == question.key);
    shown.key = key.unwrap_or(question.key);
    shown
}

/// All permutations are equally likely: Fisher and Yates, from the end.
fn permutation(count: usize, seed: &str) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut draws = Draws::new(seed);
    for last in (1..count).rev() {
        order.swap(last, draws.below(last + 1));
    }
    order
}

/// Numbers that follow from a seed and look like chance: SHA-256 over the seed
/// and a counter.
struct Draws<'a> {
    seed: &'a str,
    count: u32,
}

impl<'a> Draws<'a> {
    fn new(seed: &'a str) -> Self {
        Self { seed, count: 0 }
    }

    /// A number below `bound`, each equally likely. Those at the end of the
    /// range that would make small results more likely are drawn again.
    fn below(&mut self, bound: usize) -> usize {
        let bound = bound.max(1) as u64;
        let fair = u64::MAX - u64::MAX % bound;
        loop {
            self.count += 1;
            let number = hashed(&format!("{}|{}", self.seed, self.count));
            if number < fair {
                // A position in a list of a few.
                return usize::try_from(number % bound).unwrap_or(0);
            }
        }
    }
}

/// The first eight bytes of a text's SHA-256.
pub(super) fn hashed(text: &str) -> u64 {
    let hash = Sha256::digest(text);
    hash.first_chunk()
        .map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// The order by number, when all options are numbers with the same unit.
fn ascending(options: &[String]) -> Option<Vec<usize>> {
    let numbers: Vec<(f64, &str)> = options
        .iter()
        .map(|option| number(option))
        .collect::<Option<_>>()?;
    let (_, unit) = numbers.first()?;
    // "1 day" and "7 days".
    let singular = |unit: &str| unit.strip_suffix('s').unwrap_or(unit).to_lowercase();
    if numbers
        .iter()
        .any(|(_, other)| singular(other) != singular(unit))
    {
        return None;
    }
    let mut order: Vec<usize> = (0..options.len()).collect();
    order.sort_by(|a, b| match (numbers.get(*a), numbers.get(*b)) {
        (Some((a, _)), Some((b, _))) => a.total_cmp(b),
        _ => Ordering::Equal,
    });
    Some(order)
}

/// The number that an option begins with, and what follows it.
fn number(option: &str) -> Option<(f64, &str)> {
    let option = option.trim();
    let end = option
        .find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',')
        .unwrap_or(option.len());
    let (digits, unit) = option.split_at_checked(end)?;
    let value = digits.replace(',', "").parse().ok()?;
    Some((value, unit.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::GuildId;
    use crate::quiz::question::samples::{chi_square, question};
    use crate::quiz::round::RoundId;
    use jiff::civil::date;

    #[test]
    fn a_round_shows_the_same_order_each_time_and_another_round_another() {
        let asked = question("a.md#q", &["one", "two", "three", "four", "five"]);
        let shown = shuffled(&asked, "1/2026-11-22");
        assert_eq!(shown, shuffled(&asked, "1/2026-11-22"));
        let others = (0..20).filter(|round| shuffled(&asked, round) != shown);
        assert!(others.count() > 10);
    }

    #[test]
    fn the_key_goes_where_its_text_goes() {
        let asked = question("a.md#q", &["key", "b", "c", "d"]);
        for round in 0..200 {
            let shown = shuffled(&asked, round);
            assert_eq!(shown.options[shown.key], "key");
            let mut options = shown.options;
            options.sort();
            assert_eq!(options, ["b", "c", "d", "key"]);
        }
    }

    #[test]
    fn numbers_stand_in_ascending_order() {
        for (options, shown) in [
            (
                &["90 days", "7 days", "1 day"][..],
                &["1 day", "7 days", "90 days"][..],
            ),
            (&["1,024", "256", "2.5"], &["2.5", "256", "1,024"]),
            (&["10 MB", "9 MB"], &["9 MB", "10 MB"]),
        ] {
            for round in 0..20 {
                let asked = question("a.md#q", options);
                let ordered = shuffled(&asked, round);
                assert_eq!(ordered.options, shown);
                assert_eq!(ordered.options[ordered.key], options[0]);
            }
        }
    }

    #[test]
    fn options_that_only_hold_numbers_are_shuffled() {
        for options in [
            &["7 days", "7 hours"][..],
            &["1", "two"],
            &["S3", "2 GB"],
            &[".", "1"],
        ] {
            let asked = question("a.md#q", options);
            let first = |round| shuffled(&asked, round).options[0].clone();
            assert!((0..50).any(|round| first(round) != first(0)), "{options:?}");
        }
    }

    #[test]
    fn the_key_is_in_every_place_equally_often() {
        // The 99.9 % points of chi-square for 1 to 4 degrees of freedom.
        const LIMITS: [f64; 4] = [10.83, 13.82, 16.27, 18.47];
        let options = ["a", "b", "c", "d", "e"];
        for (count, limit) in (2..=5).zip(LIMITS) {
            let asked = question("services/sqs.md#which-keys", &options[..count]);
            let mut places = vec![0; count];
            for round in 0..10_000 {
                let id = RoundId {
                    guild: GuildId(round / 1_000),
                    date: date(2026, 1, 1).saturating_add(
                        jiff::Span::new().days(i64::try_from(round % 1_000).unwrap()),
                    ),
                };
                places[shuffled(&asked, id).key] += 1;
            }
            let statistic = chi_square(&places);
            assert!(statistic < limit, "{places:?}: {statistic}");
        }
    }

    #[test]
    fn every_order_is_equally_likely() {
        let asked = question("a.md#q", &["a", "b", "c"]);
        let mut orders = std::collections::BTreeMap::new();
        for round in 0..6_000 {
            *orders.entry(shuffled(&asked, round).options).or_insert(0) += 1;
        }
        let counts: Vec<u32> = orders.into_values().collect();
        assert_eq!(counts.len(), 6);
        // 99.9 % point for 5 degrees of freedom.
        assert!(chi_square(&counts) < 20.52, "{counts:?}");
    }
}
