//! Words to numbers: all words in one string, found through an open table.
//!
//! A map of owned strings would cost an allocation and three words of memory
//! for each entry; an index of 100,000 sections has some 100,000 words.

use std::hash::Hasher;

use rustc_hash::FxHasher;

/// A set of words, numbered in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(super) struct Vocabulary {
    letters: String,
    /// Where each word ends in `letters`.
    ends: Vec<u32>,
    /// Open addressing with linear probing.
    slots: Vec<Slot>,
}

/// A number of a word and its hash, which tells most other words apart without
/// looking at their letters.
#[derive(Clone, Copy, Debug)]
struct Slot {
    number: u32,
    hash: u32,
}

/// The number in a free slot.
const EMPTY: u32 = u32::MAX;

/// Slots for each word, at least: short probes at half full.
const SLOTS_PER_WORD: usize = 2;

impl Vocabulary {
    /// How many words there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The word with this number; empty when there is none.
    pub(super) fn word(&self, number: u32) -> &str {
        let number = number as usize;
        let start = match number.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or_default(),
            None => 0,
        };
        let end = self.ends.get(number).copied().unwrap_or_default();
        self.letters
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }

    /// The number of a word.
    pub(super) fn get(&self, word: &str) -> Option<u32> {
        let slot = self.slots.get(self.slot(word, hash(word))?)?;
        (slot.number != EMPTY).then_some(slot.number)
    }

    /// The number of a word, which is added when it is new; the flag says so.
    pub(super) fn insert(&mut self, word: &str) -> (u32, bool) {
        if (self.len() + 1) * SLOTS_PER_WORD > self.slots.len() {
            self.grow();
        }
        let new = u32::try_from(self.len()).unwrap_or(EMPTY);
        let hash = hash(word);
        let Some(slot) = self.slot(word, hash).and_then(|at| self.slots.get_mut(at)) else {
            return (new, false);
        };
        if slot.number != EMPTY {
            return (slot.number, false);
        }
        *slot = Slot { number: new, hash };
        self.letters.push_str(word);
        self.ends
            .push(u32::try_from(self.letters.len()).unwrap_or(u32::MAX));
        (new, true)
    }

    /// The slot that holds the word, or the free one where it belongs.
    fn slot(&self, word: &str, hash: u32) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots.get(at)?;
            if slot.number == EMPTY || slot.hash == hash && self.word(slot.number) == word {
                return Some(at);
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(1 << 10);
        let free = Slot {
            number: EMPTY,
            hash: 0,
        };
        self.slots = vec![free; size];
        for number in 0..u32::try_from(self.len()).unwrap_or(EMPTY) {
            let hash = hash(self.word(number));
            if let Some(at) = self.slot(self.word(number), hash)
                && let Some(slot) = self.slots.get_mut(at)
            {
                *slot = Slot { number, hash };
            }
        }
    }
}

fn hash(word: &str) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write(word.as_bytes());
    // The table is a power of two: take the well-mixed high half as well.
    let hash = hasher.finish();
    u32::try_from((hash ^ (hash >> 32)) & u64::from(u32::MAX)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_their_numbers_while_the_table_grows() {
        let mut vocabulary = Vocabulary::default();
        assert_eq!(vocabulary.get("kms"), None);
        for n in 0..5_000_u32 {
            assert_eq!(vocabulary.insert(&format!("word{n}")), (n, true));
        }
        for n in 0..5_000_u32 {
            let word = format!("word{n}");
            assert_eq!(vocabulary.insert(&word), (n, false));
            assert_eq!(vocabulary.get(&word), Some(n));
            assert_eq!(vocabulary.word(n), word);
        }
        assert_eq!(vocabulary.len(), 5_000);
        assert_eq!(vocabulary.get("word5000"), None);
        assert_eq!(vocabulary.word(9_999), "");
    }
}
