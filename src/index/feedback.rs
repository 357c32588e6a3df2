//! Widening a long question by the words of the sections that fit it best.
//!
//! Pseudo-relevance feedback after the relevance model (Lavrenko and Croft,
//! SIGIR 2001), applied to the sections that have been scored in full: it
//! reorders them and finds no new ones, which keeps it cheap.

use rustc_hash::FxHashMap;

use super::clues::TermSet;
use super::fields::Fields;
use super::rank::frequency;
use super::weights::{FEEDBACK, FEEDBACK_SECTIONS, FEEDBACK_TERMS};
use super::{Hit, Index, SectionId};

/// A term of one section only cannot tell anything about another.
const MIN_DOCUMENT_FREQUENCY: u32 = 2;

/// Reused between questions.
#[derive(Debug, Default)]
pub(super) struct Feedback {
    held: FxHashMap<u32, Fields>,
    weights: FxHashMap<u32, f32>,
    /// The chosen terms in order, and what each is worth; the sum is 1.
    terms: TermSet,
    shares: Vec<f32>,
    counts: Vec<Fields>,
}

impl Feedback {
    /// Adds to each hit what it has in common with the best ones. The hits are
    /// in order, and are out of order afterwards.
    pub(super) fn widen(&mut self, index: &Index, hits: &mut [Hit]) {
        if hits.len() <= FEEDBACK_SECTIONS {
            return;
        }
        self.choose(index, hits.get(..FEEDBACK_SECTIONS).unwrap_or_default());
        for hit in hits {
            hit.score += FEEDBACK * self.in_common(index, hit.section);
        }
    }

    /// Chooses terms by how often the best sections have them, weighted by the
    /// sections' scores and the terms' idf.
    fn choose(&mut self, index: &Index, best: &[Hit]) {
        let top = best
            .first()
            .map_or(1.0, |hit| hit.score.max(f32::MIN_POSITIVE));
        self.weights.clear();
        for hit in best {
            self.held.clear();
            let number = hit.section.0 as usize;
            for token in index.tokens_of(number) {
                self.held
                    .entry(token.term())
                    .or_default()
                    .count_token(*token);
            }
            let length = index.relative_length(number);
            for (&term, &held) in &self.held {
                *self.weights.entry(term).or_default() +=
                    hit.score / top * frequency(held, length) * index.idf[term as usize];
            }
        }
        let telling =
            |term: u32| index.document_frequencies[term as usize] >= MIN_DOCUMENT_FREQUENCY;
        let mut chosen: Vec<(f32, u32)> = self
            .weights
            .iter()
            .map(|(&term, &weight)| (weight, term))
            .filter(|(_, term)| telling(*term))
            .collect();
        chosen.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        chosen.truncate(FEEDBACK_TERMS);
        let sum: f32 = chosen.iter().map(|(weight, _)| weight).sum();
        chosen.sort_unstable_by_key(|(_, term)| *term);
        self.terms.fill(chosen.iter().map(|(_, term)| *term));
        self.shares.clear();
        self.shares.extend(
            chosen
                .iter()
                .map(|(weight, _)| weight / sum.max(f32::MIN_POSITIVE)),
        );
    }

    /// How much of the chosen terms a section has, 0 to 1.
    fn in_common(&mut self, index: &Index, section: SectionId) -> f32 {
        let number = section.0 as usize;
        self.counts.clear();
        self.counts.resize(self.shares.len(), Fields::default());
        for &token in index.tokens_of(number) {
            if let Some(at) = self.terms.find(token.term()) {
                self.counts[at].count_token(token);
            }
        }
        let length = index.relative_length(number);
        let share = |(share, &held): (&f32, &Fields)| share * frequency(held, length);
        self.shares.iter().zip(&self.counts).map(share).sum()
    }
}
