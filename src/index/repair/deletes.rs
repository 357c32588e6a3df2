//! A symmetric-delete index: from a misspelt word to all words within reach.
//!
//! `SymSpell` (Wolf Garbe, <https://github.com/wolfgarbe/SymSpell>): two words
//! within distance `d` share a string that both reach by deleting at most `d`
//! letters. Only the first letters are varied, which keeps the index small.

/// Letters of a word whose deletes are indexed.
const PREFIX: usize = 8;

/// Words of other lengths are not repaired: shorter ones are near everything,
/// longer ones are identifiers.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=24;

/// Bits of an entry that hold a word; the others check the key.
const WORD_BITS: u32 = 24;

/// A word of eight letters has 37 deletes, most have fewer and share them.
const LISTS_PER_WORD: usize = 8;

/// Lists of words by hashed delete.
#[derive(Clone, Debug, Default)]
pub(super) struct Deletes {
    /// Where each list starts; one more than a power of two.
    starts: Vec<u32>,
    entries: Vec<u32>,
}

impl Deletes {
    /// Indexes the words that [`is_repairable`] accepts.
    pub(super) fn new<'a>(words: &(impl Iterator<Item = &'a str> + Clone)) -> Self {
        let numbered = || {
            (0_u32..1 << WORD_BITS)
                .zip(words.clone())
                .filter(|(_, word)| is_repairable(word))
        };
        let mut keys = Vec::new();
        let lists = (numbered().count() * LISTS_PER_WORD).next_power_of_two();
        let mut index = Self {
            starts: vec![0; lists + 1],
            entries: Vec::new(),
        };
        for (_, word) in numbered() {
            deletes(word, &mut keys);
            for &key in &keys {
                index.starts[list(key, lists) + 1] += 1;
            }
        }
        for at in 1..index.starts.len() {
            index.starts[at] += index.starts[at - 1];
        }
        index.entries = vec![0; index.starts.last().map_or(0, |&end| end as usize)];
        let mut next = index.starts.clone();
        for (number, word) in numbered() {
            deletes(word, &mut keys);
            for &key in &keys {
                let at = &mut next[list(key, lists)];
                index.entries[*at as usize] = entry(key, number);
                *at += 1;
            }
        }
        index
    }

    /// Calls `found` with the words that may be near; some are not, and some
    /// come more than once.
    pub(super) fn for_each(&self, word: &str, keys: &mut Vec<u64>, mut found: impl FnMut(u32)) {
        if !is_repairable(word) || self.entries.is_empty() {
            return;
        }
        deletes(word, keys);
        for &key in &*keys {
            let at = list(key, self.starts.len() - 1);
            let bounds = self.starts.get(at..at + 2).unwrap_or_default();
            let [start, end] = *bounds else { continue };
            for &candidate in self
                .entries
                .get(start as usize..end as usize)
                .unwrap_or_default()
            {
                let number = candidate & ((1 << WORD_BITS) - 1);
                if candidate == entry(key, number) {
                    found(number);
                }
            }
        }
    }
}

/// Whether a word can be a misspelling or what one was meant to be.
pub(super) fn is_repairable(word: &str) -> bool {
    LENGTHS.contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Hashes of a word's prefix and of what remains after deleting one or two
/// letters of it (one in a word of three letters), each once.
fn deletes(word: &str, keys: &mut Vec<u64>) {
    let prefix = word.as_bytes().get(..PREFIX).unwrap_or(word.as_bytes());
    keys.clear();
    keys.push(hash(prefix.iter()));
    let kept = |skip: [usize; 2]| {
        let keep = move |at: &usize| *at != skip[0] && *at != skip[1];
        (0..prefix.len())
            .filter(keep)
            .filter_map(|at| prefix.get(at))
    };
    for first in 0..prefix.len() {
        keys.push(hash(kept([first, first])));
        if word.len() > 3 {
            for second in first + 1..prefix.len() {
                keys.push(hash(kept([first, second])));
            }
        }
    }
    keys.sort_unstable();
    keys.dedup();
}

/// FNV-1a with a final mix, since lists are chosen by the high bits.
fn hash<'a>(letters: impl Iterator<Item = &'a u8>) -> u64 {
    let hash = letters.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash ^ hash >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn list(key: u64, lists: usize) -> usize {
    (key >> 32) as usize & (lists - 1)
}

/// A word, and eight bits of the key so that most strangers in a list are seen.
#[expect(clippy::cast_possible_truncation, reason = "the low bits are meant")]
fn entry(key: u64, number: u32) -> u32 {
    number | (key as u32) << WORD_BITS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(words: &[&str], word: &str) -> Vec<u32> {
        let mut found = Vec::new();
        Deletes::new(&words.iter().copied()).for_each(word, &mut Vec::new(), |n| found.push(n));
        found.sort_unstable();
        found.dedup();
        found
    }

    #[test]
    fn near_words_are_found() {
        let words = ["bucket", "budget", "kms", "s3", "encryption", "gateway"];
        assert_eq!(near(&words, "bukcet"), [0, 1]);
        assert_eq!(near(&words, "kmss"), [2]);
        assert_eq!(near(&words, "encripton"), [4]);
        assert_eq!(near(&words, "s4"), Vec::<u32>::new());
        assert_eq!(near(&[], "kms"), Vec::<u32>::new());
    }

    proptest! {
        #[test]
        fn all_words_within_two_edits_are_found(a in "[a-c]{4,8}", b in "[a-c]{4,8}") {
            if strsim::osa_distance(&a, &b) <= 2 {
                prop_assert_eq!(near(&[&b], &a), [0]);
            }
        }
    }
}
