//! What a question looks for: terms, each with the word it stands for.

use super::fields::Token;
use super::weights::REPAIRED;
use super::{Index, Query, Reading};

/// Different content words of a question that count; a bit set holds them.
pub(super) const MAX_CONTENT_WORDS: usize = 64;

/// A term that a word of the question may mean.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clue {
    pub(super) term: u32,
    /// Which content word it stands for; neighbours have neighbouring numbers.
    pub(super) word: u8,
    /// How sure it is that the word means the term, times the word's idf.
    pub(super) weight: f32,
    /// How sure it is that the word means the term.
    pub(super) trust: f32,
}

/// All clues of a question.
#[derive(Debug, Default)]
pub(super) struct Clues {
    /// Ordered by term.
    pub(super) all: Vec<Clue>,
    /// The idf of each content word: of a repaired one, the mean.
    pub(super) words: Vec<f32>,
    /// Sum of `words`.
    pub(super) total: f32,
    /// Length of the question as a vector of idf weights.
    pub(super) norm: f32,
    terms: TermSet,
}

impl Clues {
    /// Reads the clues off a question.
    pub(super) fn read(&mut self, index: &Index, query: &Query) {
        self.all.clear();
        self.words.clear();
        for word in &query.words {
            if self.words.len() == MAX_CONTENT_WORDS {
                break;
            }
            let first = self.all.len();
            match &word.reading {
                Reading::Known(term) => self.add(term.0, 1.0),
                Reading::Repaired(repairs) => {
                    for repair in repairs {
                        if let Some(term) = repair.term {
                            self.add(term.0, repair.weight * REPAIRED);
                        }
                    }
                }
                Reading::Unknown | Reading::Stop => {}
            }
            let Some(new) = self.all.get_mut(first..).filter(|new| !new.is_empty()) else {
                continue;
            };
            let idf = |clue: &Clue| {
                index
                    .idf
                    .get(clue.term as usize)
                    .copied()
                    .unwrap_or_default()
            };
            let trust: f32 = new.iter().map(|clue| clue.trust).sum();
            let mean = new.iter().map(|clue| clue.trust * idf(clue)).sum::<f32>() / trust;
            for clue in new {
                clue.weight = clue.trust * mean;
            }
            self.words.push(mean);
        }
        self.total = self.words.iter().sum();
        self.norm = self.words.iter().map(|idf| idf * idf).sum::<f32>().sqrt();
        self.all.sort_unstable_by_key(|clue| clue.term);
        self.terms.fill(self.all.iter().map(|clue| clue.term));
    }

    /// A term belongs to the first word that means it.
    fn add(&mut self, term: u32, trust: f32) {
        if self.all.iter().all(|clue| clue.term != term) {
            let word = u8::try_from(self.words.len()).unwrap_or(u8::MAX);
            self.all.push(Clue {
                term,
                word,
                weight: 0.0,
                trust,
            });
        }
    }

    /// The number of the clue that a token is, if it is one.
    pub(super) fn find(&self, token: Token) -> Option<usize> {
        self.terms.find(token.term())
    }
}

/// A few terms that are looked for in rows of many tokens.
#[derive(Debug, Default)]
pub(super) struct TermSet {
    /// Nearly all tokens are none of the terms; one bit says so.
    filter: [u64; FILTER_WORDS],
    terms: Vec<u32>,
}

/// 1,024 bits: full to a twentieth by fifty terms.
const FILTER_WORDS: usize = 16;

impl TermSet {
    /// Takes terms in ascending order.
    pub(super) fn fill(&mut self, terms: impl Iterator<Item = u32>) {
        self.filter = [0; FILTER_WORDS];
        self.terms.clear();
        self.terms.extend(terms);
        for &term in &self.terms {
            let (word, bit) = Self::place(term);
            self.filter[word] |= bit;
        }
    }

    /// The position of a term in the order it was given.
    pub(super) fn find(&self, term: u32) -> Option<usize> {
        let (word, bit) = Self::place(term);
        if self.filter[word] & bit == 0 {
            return None;
        }
        self.terms.binary_search(&term).ok()
    }

    const fn place(term: u32) -> (usize, u64) {
        ((term >> 6) as usize % FILTER_WORDS, 1 << (term & 63))
    }
}
