//! Repair of misspelt words against the words of the notes.
//!
//! Only a word whose stem is not in the index is repaired; a known word is
//! never corrected away. General spelling dictionaries play no part: a word
//! that the notes do not use cannot help to find a note.

mod deletes;
mod distance;

use crate::text::stop::{self, STOP_WORDS};

use super::vocabulary::Vocabulary;
use super::{Index, TermId};
use deletes::Deletes;
use distance::Pattern;

/// Candidates that are kept, best first. The sections decide among them: the
/// right one is usually the one that stands beside the other words.
const MAX_CANDIDATES: usize = 4;

/// What one edit costs, in the units of the other weights.
const EDIT: f32 = 2.5;
/// A word that the notes use often was more probably meant; times its logarithm.
const FREQUENCY: f32 = 0.5;
/// The first letter is rarely wrong.
const FIRST_LETTER: f32 = 1.5;
/// Nor is the last.
const LAST_LETTER: f32 = 0.4;
/// Share of all sections in which a stop word is taken to stand.
const STOP_WORD_SHARE: f32 = 0.05;
/// How fast trust falls behind the best candidate.
const DOUBT: f32 = 0.6;

/// A known word that an unknown one was probably meant to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Repair {
    /// The known word as the notes spell it, normalised.
    pub word: String,
    /// Its term; `None` for a stop word.
    pub term: Option<TermId>,
    /// Edits between the two: insert, delete, replace, swap neighbours.
    pub distance: u8,
    /// Jaro-Winkler similarity of the two, 0 to 1.
    pub similarity: f32,
    /// Trust in this candidate against the best one, which has 1.
    pub weight: f32,
}

/// Everything that repair needs beside the words themselves.
#[derive(Clone, Debug, Default)]
pub(super) struct Repairs {
    deletes: Deletes,
}

/// Reused between words.
#[derive(Debug, Default)]
pub(super) struct RepairScratch {
    keys: Vec<u64>,
    found: Vec<Candidate>,
}

/// A word within reach.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    /// Number in the vocabulary, or beyond it in the list of stop words.
    number: u32,
    distance: usize,
    score: f32,
}

impl Repairs {
    /// Indexes the words of the notes, and the stop words.
    pub(super) fn new(words: &Vocabulary) -> Self {
        let all =
            (0..words.len()).map(|number| words.word(u32::try_from(number).unwrap_or(u32::MAX)));
        Self {
            deletes: Deletes::new(&all.chain(STOP_WORDS.iter().copied())),
        }
    }

    /// Known words near an unknown one, best first, one for each term.
    pub(super) fn candidates(
        &self,
        index: &Index,
        word: &str,
        scratch: &mut RepairScratch,
    ) -> Vec<Repair> {
        let RepairScratch { keys, found } = scratch;
        found.clear();
        let Some(pattern) = Pattern::new(word) else {
            return Vec::new();
        };
        let most = most_edits(word.len());
        self.deletes.for_each(word, keys, |number| {
            let (known, term) = resolve(index, number);
            if let Some(distance) = pattern.distance(known, most)
                && !(term.is_some() && stop::is_stop_word(known))
            {
                found.push(Candidate {
                    number,
                    distance,
                    score: score(index, word, known, term, distance),
                });
            }
        });
        found.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.number.cmp(&b.number)));
        let mut repairs: Vec<Repair> = Vec::new();
        let best = found.first().map_or(0.0, |candidate| candidate.score);
        for candidate in &*found {
            if repairs.len() == MAX_CANDIDATES {
                break;
            }
            let (known, term) = resolve(index, candidate.number);
            if repairs.iter().all(|repair| repair.term != term) {
                repairs.push(Repair {
                    word: known.to_owned(),
                    term,
                    distance: u8::try_from(candidate.distance).unwrap_or(u8::MAX),
                    #[expect(clippy::cast_possible_truncation, reason = "0 to 1")]
                    similarity: strsim::jaro_winkler(word, known) as f32,
                    weight: ((candidate.score - best) * DOUBT).exp(),
                });
            }
        }
        repairs
    }
}

/// A word of the vocabulary with its term, or a stop word without.
fn resolve(index: &Index, number: u32) -> (&str, Option<TermId>) {
    if let Some(&term) = index.word_terms.get(number as usize) {
        return (index.words.word(number), Some(TermId(term)));
    }
    let stop_word = STOP_WORDS.get(number as usize - index.word_terms.len());
    (stop_word.copied().unwrap_or_default(), None)
}

/// How many edits a misspelling may be away: short words are near to many.
const fn most_edits(length: usize) -> usize {
    match length {
        0..=3 => 1,
        4..=8 => 2,
        _ => 3,
    }
}

/// How probable it is that a word was meant; only differences matter.
#[expect(clippy::cast_precision_loss, reason = "weights of a guess")]
fn score(index: &Index, word: &str, known: &str, term: Option<TermId>, distance: usize) -> f32 {
    let frequency = match term {
        Some(term) => index.document_frequency(term) as f32,
        None => index.len() as f32 * STOP_WORD_SHARE,
    };
    let same = |a: Option<u8>, b: Option<u8>, bonus: f32| if a == b { bonus } else { 0.0 };
    FREQUENCY * frequency.ln_1p() - EDIT * distance as f32
        + same(word.bytes().next(), known.bytes().next(), FIRST_LETTER)
        + same(word.bytes().last(), known.bytes().last(), LAST_LETTER)
}
