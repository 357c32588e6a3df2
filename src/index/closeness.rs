//! How close together a section's text has the words of a question.
//!
//! Positions count content words only, so "encryption at rest" in a question
//! and "encryption, at rest" in a text are both neighbours.

use super::clues::{Clues, MAX_CONTENT_WORDS};
use super::weights::{PAIR_REACH, PASSAGE_WORDS};

/// Looked at in one section: enough for any text that a person would read, and
/// a bound for one that is a word repeated a million times.
const MAX_SIGHTINGS: usize = 1_024;

/// A clue in the text of a section.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sighting {
    pub(super) position: u32,
    pub(super) word: u8,
    pub(super) weight: f32,
    pub(super) trust: f32,
}

/// Two shares of the question, each 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Closeness {
    /// The most of the question that stands in one passage.
    pub(super) passage: f32,
    /// Neighbours in the question that are neighbours in the text.
    pub(super) pairs: f32,
}

impl Closeness {
    /// Measures the sightings of one section, which are in order.
    pub(super) fn of(sightings: &[Sighting], clues: &Clues) -> Self {
        let sightings = sightings.get(..MAX_SIGHTINGS).unwrap_or(sightings);
        let mut passage = 0.0_f32;
        let mut pairs = [0.0_f32; MAX_CONTENT_WORDS];
        for (at, first) in sightings.iter().enumerate() {
            let mut seen = 0_u64;
            let mut sum = 0.0;
            for other in sightings.get(at..).unwrap_or_default() {
                let distance = other.position - first.position;
                if distance >= PASSAGE_WORDS {
                    break;
                }
                let bit = 1_u64 << (other.word & 63);
                if seen & bit == 0 {
                    seen |= bit;
                    sum += other.weight;
                }
                if other.word == first.word + 1 && (1..=PAIR_REACH).contains(&distance) {
                    let pair = pair(first, other, distance, clues);
                    let best = &mut pairs[usize::from(first.word) % MAX_CONTENT_WORDS];
                    *best = best.max(pair);
                }
            }
            passage = passage.max(sum);
        }
        Self {
            passage: passage / clues.total,
            pairs: pairs.iter().take(clues.words.len()).sum::<f32>() / clues.total,
        }
    }
}

/// The mean weight of two neighbours, halved by a word between them.
fn pair(first: &Sighting, second: &Sighting, distance: u32, clues: &Clues) -> f32 {
    let idf = |sighting: &Sighting| {
        clues
            .words
            .get(usize::from(sighting.word))
            .copied()
            .unwrap_or_default()
    };
    #[expect(clippy::cast_precision_loss, reason = "at most the reach of a pair")]
    let distance = distance as f32;
    first.trust * second.trust * (idf(first) + idf(second)) / (2.0 * distance)
}
