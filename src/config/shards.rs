//! Which part of the events of Discord a process takes: a range of shards.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

/// The most shards there can be. With 2,500 servers a shard, the most that
/// Discord allows, they would serve 40 million.
pub const MOST_SHARDS: u32 = 16_384;

/// Shards `first` to `last`, both included, of `total`. Discord gives the events
/// of a server to shard `(id >> 22) % total`, and direct messages to shard 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shards {
    first: u32,
    last: u32,
    total: u32,
}

impl Shards {
    /// All of this many; one at least, [`MOST_SHARDS`] at most.
    pub fn all(total: u32) -> Self {
        let total = total.clamp(1, MOST_SHARDS);
        Self {
            first: 0,
            last: total - 1,
            total,
        }
    }

    /// A range, if there is such a one.
    pub fn new(first: u32, last: u32, total: u32) -> Option<Self> {
        (first <= last && last < total && total <= MOST_SHARDS).then_some(Self {
            first,
            last,
            total,
        })
    }

    /// The first shard, counted from 0.
    pub fn first(self) -> u32 {
        self.first
    }

    /// The last shard, which is one of them.
    pub fn last(self) -> u32 {
        self.last
    }

    /// How many shards there are in all processes together.
    pub fn total(self) -> u32 {
        self.total
    }

    /// How many shards these are.
    pub fn count(self) -> u32 {
        self.last - self.first + 1
    }

    /// Whether these are all there are.
    pub fn is_all(self) -> bool {
        self.count() == self.total
    }

    /// How many processes there are, if each has as many shards as this one.
    pub fn processes(self) -> NonZeroU32 {
        NonZeroU32::new(self.total.div_ceil(self.count())).unwrap_or(NonZeroU32::MIN)
    }

    /// The shards, one by one.
    pub fn ids(self) -> impl Iterator<Item = u32> {
        self.first..=self.last
    }

    /// Whether some server would have its events on both sides. With different
    /// totals, shard `a` of `m` and `b` of `n` share servers when `a` and `b` are
    /// the same modulo the greatest divisor that `m` and `n` have in common.
    pub fn overlap(self, other: Self) -> bool {
        let common = greatest_common_divisor(self.total, other.total);
        self.ids().any(|id| {
            // The first of the other side with the same remainder.
            let ahead = (id % common + common - other.first % common) % common;
            other.first.saturating_add(ahead) <= other.last
        })
    }
}

impl FromStr for Shards {
    type Err = &'static str;

    /// Reads `0-1/4`, which is shards 0 and 1 of 4, or `2/4`, which is one.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "must be the shards of this process and how many there are in all, such as \"0-1/4\" for \
             the first two of four, or \"2/4\" for the third alone";
        let whole = |text: &str| {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse::<u32>().ok()).flatten()
        };
        let (range, total) = text.split_once('/').ok_or(FORM)?;
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let total = whole(total).ok_or(FORM)?;
        let (first, last) = (whole(first).ok_or(FORM)?, whole(last).ok_or(FORM)?);
        if total == 0 || total > MOST_SHARDS {
            return Err("must have from 1 to 16384 shards after the /");
        }
        if first > last {
            return Err(
                "must begin with the lower shard: \"0-1/4\" is shards 0 and 1, both included",
            );
        }
        Self::new(first, last, total).ok_or(
            "names a shard that is not there: they are counted from 0, so of 4 the last is 3",
        )
    }
}

impl fmt::Display for Shards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.count() == 1 {
            write!(f, "{}/{}", self.first, self.total)
        } else {
            write!(f, "{}-{}/{}", self.first, self.last, self.total)
        }
    }
}

fn greatest_common_divisor(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shards(text: &str) -> Shards {
        text.parse().unwrap()
    }

    #[test]
    fn a_range_has_both_ends() {
        let two = shards("0-1/4");
        assert_eq!(two.ids().collect::<Vec<_>>(), [0, 1]);
        assert_eq!((two.count(), two.total(), two.is_all()), (2, 4, false));
        assert_eq!(two.processes().get(), 2);
        assert_eq!(shards("0-2/4").processes().get(), 2);
        assert_eq!(shards("2/4").ids().collect::<Vec<_>>(), [2]);
        assert_eq!(shards("0-3/4"), Shards::all(4));
        assert!(shards("0/1").is_all());
    }

    #[test]
    fn what_is_wrong_is_said_with_what_is_right() {
        let cases = [
            ("", "such as \"0-1/4\""),
            ("all", "such as \"0-1/4\""),
            ("0-1", "such as \"0-1/4\""),
            ("0..1/4", "such as \"0-1/4\""),
            ("-1/4", "such as \"0-1/4\""),
            ("+1/4", "such as \"0-1/4\""),
            ("0,1/4", "such as \"0-1/4\""),
            ("0-1/4/8", "such as \"0-1/4\""),
            ("1-0/4", "begin with the lower shard"),
            ("0-4/4", "of 4 the last is 3"),
            ("4/4", "of 4 the last is 3"),
            ("0/0", "from 1 to 16384"),
            ("0/16385", "from 1 to 16384"),
        ];
        for (text, wanted) in cases {
            let error = text.parse::<Shards>().unwrap_err();
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }

    #[test]
    fn halves_of_another_number_are_seen_to_overlap() {
        assert!(!shards("0-1/4").overlap(shards("2-3/4")));
        assert!(shards("0-2/4").overlap(shards("2-3/4")));
        assert!(shards("0/2").overlap(shards("0/4")));
        assert!(shards("0/2").overlap(shards("1-2/4")));
        assert!(!shards("0/2").overlap(shards("1/4")));
        assert!(shards("0/3").overlap(shards("3/4")));
        assert!(shards("0/1").overlap(shards("7/8")));
    }

    fn any_shards() -> impl Strategy<Value = Shards> {
        (1_u32..40, any::<u32>(), any::<u32>()).prop_map(|(total, a, b)| {
            let (a, b) = (a % total, b % total);
            Shards::new(a.min(b), a.max(b), total).unwrap()
        })
    }

    proptest! {
        /// What is written is read again as the same.
        #[test]
        fn text_and_back(shards in any_shards()) {
            prop_assert_eq!(shards.to_string().parse(), Ok(shards));
        }

        /// No text is too odd to be refused in order.
        #[test]
        fn any_text_is_read_or_refused(text in "[0-9/-]{0,8}|\\PC{0,12}") {
            if let Ok(shards) = text.parse::<Shards>() {
                prop_assert!(shards.last() < shards.total());
            }
        }

        /// Two ranges overlap exactly when some server belongs to both.
        #[test]
        fn overlap_is_a_server_in_common(a in any_shards(), b in any_shards()) {
            let has = |shards: Shards, server: u32| shards.ids().any(|id| id == server % shards.total());
            let shared = (0..a.total() * b.total()).any(|server| has(a, server) && has(b, server));
            prop_assert_eq!(a.overlap(b), shared);
            prop_assert_eq!(b.overlap(a), shared);
        }
    }
}
