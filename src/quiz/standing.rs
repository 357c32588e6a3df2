//! The leaderboard.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasher;

use jiff::civil::{Date, Weekday};

use super::round::{Played, State};
use crate::id::UserId;

/// Below so many answers a share of right ones says more about luck.
const ANSWERS_FOR_ACCURACY: u32 = 5;

/// Which rounds a leaderboard counts, by their own local days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Period {
    /// From Monday on.
    #[default]
    Week,
    /// From the first of the month on.
    Month,
    /// Since the beginning.
    All,
}

/// Somebody's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// From 1; the same for equals, after whom places are left out: 1, 2, 2, 4.
    pub rank: usize,
    /// Who.
    pub user: UserId,
    /// Right answers.
    pub right: u32,
    /// All answers; at least one.
    pub answered: u32,
}

/// Everybody who answered in the period, most right answers first. Those who
/// hide take no place. Nobody gets points for a round before it is closed.
pub fn standings(
    played: &[Played],
    period: Period,
    today: Date,
    hidden: &HashSet<UserId, impl BuildHasher>,
) -> Vec<Row> {
    let mut scores: BTreeMap<UserId, (u32, u32)> = BTreeMap::new();
    for played in played {
        let closed = matches!(played.round.state, State::Closed | State::Revealed);
        if !closed || !period.covers(played.round.id.date, today) {
            continue;
        }
        for attempt in &played.attempts {
            if !hidden.contains(&attempt.user) {
                let (right, answered) = scores.entry(attempt.user).or_default();
                *right += u32::from(played.is_right(attempt));
                *answered += 1;
            }
        }
    }
    let mut scores: Vec<_> = scores.into_iter().collect();
    // Equals stay in the order of their ids, so that a list can be shown again.
    scores.sort_by_key(|(_, (right, _))| Reverse(*right));
    let mut rows: Vec<Row> = Vec::with_capacity(scores.len());
    for (at, (user, (right, answered))) in scores.into_iter().enumerate() {
        let rank = match rows.last() {
            Some(before) if before.right == right => before.rank,
            _ => at + 1,
        };
        rows.push(Row {
            rank,
            user,
            right,
            answered,
        });
    }
    rows
}

/// Where somebody stands, for "you are 14th".
pub fn place_of(user: UserId, rows: &[Row]) -> Option<&Row> {
    rows.iter().find(|row| row.user == user)
}

impl Row {
    /// The share of right answers, 0 to 1; not for fewer than 5 answers.
    pub fn accuracy(&self) -> Option<f64> {
        let enough = self.answered >= ANSWERS_FOR_ACCURACY;
        enough.then(|| f64::from(self.right) / f64::from(self.answered))
    }
}

impl Period {
    /// All of them, the usual one first.
    pub const ALL: [Self; 3] = [Self::Week, Self::Month, Self::All];

    /// Its name, as people choose it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Week => "week",
            Self::Month => "month",
            Self::All => "all",
        }
    }

    /// The period with this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.name() == name)
    }

    /// Whether a round of a day counts on another.
    fn covers(self, day: Date, today: Date) -> bool {
        match self {
            Self::Week => monday(day) == monday(today),
            Self::Month => (day.year(), day.month()) == (today.year(), today.month()),
            Self::All => true,
        }
    }
}

/// The Monday on or before a day.
fn monday(day: Date) -> Option<Date> {
    // Counted from the next day, it is the one strictly before.
    day.tomorrow().ok()?.nth_weekday(-1, Weekday::Monday).ok()
}

#[cfg(test)]
mod tests {
    use super::super::example::{played, question};
    use super::*;
    use jiff::civil::date;

    /// A closed round of a day of November 2026: who chose which option.
    fn round(day: i8, attempts: &[(u64, usize)]) -> Played {
        played(
            date(2026, 11, day),
            State::Revealed,
            question("q"),
            attempts,
        )
    }

    /// Rank, person, right and all answers on Sunday, 22 November.
    fn board(played: &[Played], period: Period, hidden: &[u64]) -> Vec<(usize, u64, u32, u32)> {
        let hidden: HashSet<UserId> = hidden.iter().copied().map(UserId).collect();
        standings(played, period, date(2026, 11, 22), &hidden)
            .iter()
            .map(|row| (row.rank, row.user.0, row.right, row.answered))
            .collect()
    }

    #[test]
    fn equals_share_a_place() {
        let rounds = [
            round(16, &[(4, 0), (3, 0), (2, 0), (1, 1)]),
            round(17, &[(3, 0), (2, 1), (1, 3)]),
        ];
        assert_eq!(
            board(&rounds, Period::Week, &[]),
            [(1, 3, 2, 2), (2, 2, 1, 2), (2, 4, 1, 1), (4, 1, 0, 2)]
        );
    }

    #[test]
    fn who_hides_takes_no_place() {
        let rounds = [round(16, &[(1, 0), (2, 0), (3, 1)])];
        assert_eq!(
            board(&rounds, Period::Week, &[1]),
            [(1, 2, 1, 1), (2, 3, 0, 1)]
        );
    }

    #[test]
    fn a_week_begins_on_monday_and_a_month_on_its_first() {
        let mut rounds = [15, 16, 22].map(|day| round(day, &[(1, 0)])).to_vec();
        rounds.insert(
            0,
            played(
                date(2026, 10, 31),
                State::Revealed,
                question("q"),
                &[(1, 0)],
            ),
        );
        assert_eq!(board(&rounds, Period::Week, &[]), [(1, 1, 2, 2)]);
        assert_eq!(board(&rounds, Period::Month, &[]), [(1, 1, 3, 3)]);
        assert_eq!(board(&rounds, Period::All, &[]), [(1, 1, 4, 4)]);
        let mondays = (16..=22).map(|day| monday(date(2026, 11, day)));
        assert!(
            mondays
                .into_iter()
                .all(|day| day == Some(date(2026, 11, 16)))
        );
    }

    #[test]
    fn open_rounds_give_nothing_away() {
        let open = played(date(2026, 11, 22), State::Posted, question("q"), &[(1, 0)]);
        assert_eq!(board(&[open], Period::All, &[]), []);
    }

    #[test]
    fn somebody_beyond_the_first_rows_is_found() {
        let rounds = [round(16, &[(1, 0), (2, 1), (3, 1)])];
        let rows = standings(
            &rounds,
            Period::All,
            date(2026, 11, 22),
            &HashSet::<UserId>::new(),
        );
        assert_eq!(place_of(UserId(3), &rows).map(|row| row.rank), Some(2));
        assert_eq!(place_of(UserId(9), &rows), None);
    }

    #[test]
    fn accuracy_is_shown_from_five_answers() {
        let row = |answered| Row {
            rank: 1,
            user: UserId(1),
            right: 3,
            answered,
        };
        assert_eq!(row(4).accuracy(), None);
        assert_eq!(row(5).accuracy(), Some(0.6));
    }

    #[test]
    fn a_period_is_found_by_its_name() {
        for period in Period::ALL {
            assert_eq!(Period::of_name(period.name()), Some(period));
        }
    }
}
