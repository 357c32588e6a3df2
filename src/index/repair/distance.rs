//! Edit distance between short words, fast enough for hundreds of candidates.
//!
//! Optimal string alignment (insert, delete, replace, swap neighbours) with one
//! bit for each letter: Hyyrö, "A bit-vector algorithm for computing
//! Levenshtein and Damerau edit distances", Nordic Journal of Computing 2003.
//! `strsim` computes the same one cell at a time, and the tests compare both.

/// Longest pattern, in bytes: one bit each.
pub(super) const MAX_PATTERN: usize = 63;

/// A word that many others are compared with.
#[derive(Debug)]
pub(super) struct Pattern {
    /// For each ASCII letter, the positions where the word has it.
    positions: [u64; 128],
    length: usize,
}

impl Pattern {
    /// A pattern for an ASCII word of at most [`MAX_PATTERN`] letters.
    pub(super) fn new(word: &str) -> Option<Self> {
        if word.is_empty() || word.len() > MAX_PATTERN || !word.is_ascii() {
            return None;
        }
        let mut positions = [0; 128];
        for (at, byte) in word.bytes().enumerate() {
            positions[usize::from(byte & 127)] |= 1 << at;
        }
        Some(Self {
            positions,
            length: word.len(),
        })
    }

    /// The distance to an ASCII word; `None` when it is more than `most`.
    pub(super) fn distance(&self, other: &str, most: usize) -> Option<usize> {
        if other.len().abs_diff(self.length) > most {
            return None;
        }
        let last = 1_u64 << (self.length - 1);
        let (mut vertical_plus, mut vertical_minus) = (u64::MAX, 0_u64);
        let (mut diagonal, mut before) = (0_u64, 0_u64);
        let mut distance = self.length;
        for byte in other.bytes() {
            let here = self.positions[usize::from(byte & 127)];
            let swapped = ((!diagonal & here) << 1) & before;
            diagonal = (((here & vertical_plus).wrapping_add(vertical_plus)) ^ vertical_plus)
                | here
                | vertical_minus
                | swapped;
            let plus = vertical_minus | !(diagonal | vertical_plus);
            let minus = diagonal & vertical_plus;
            distance += usize::from(plus & last != 0);
            distance -= usize::from(minus & last != 0);
            let plus = plus << 1 | 1;
            vertical_plus = (minus << 1) | !(diagonal | plus);
            vertical_minus = plus & diagonal;
            before = here;
        }
        (distance <= most).then_some(distance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn swaps_are_one_edit() {
        for (a, b, expected) in [
            ("kms", "kms", Some(0)),
            ("bukcet", "bucket", Some(1)),
            ("encripton", "encryption", Some(2)),
            ("abc", "xyz", None),
            ("ca", "abc", None),
        ] {
            assert_eq!(Pattern::new(a).unwrap().distance(b, 2), expected, "{a} {b}");
        }
        assert!(Pattern::new("").is_none() && Pattern::new("größe").is_none());
    }

    proptest! {
        #[test]
        fn agrees_with_strsim(a in "[a-d]{1,12}", b in "[a-d]{0,12}") {
            let distance = Pattern::new(&a).unwrap().distance(&b, 99);
            prop_assert_eq!(distance, Some(strsim::osa_distance(&a, &b)));
        }
    }
}
