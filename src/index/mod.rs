//! The index: which sections hold which words, and which sections a question
//! is about.
//!
//! The unit is the section. Building keeps no text: each section becomes a list
//! of packed entries (term, fields, count), and each term a list of sections.
//! The index never decides whether a question *has* an answer; it ranks.

mod vocabulary;
mod fields;
mod plain;
mod build;
mod weights;
mod postings;
mod repair;
mod query;
mod clues;
mod retrieve;
mod closeness;
mod rank;
mod feedback;
mod scratch;

#[cfg(test)]
mod tests;

pub use build::Builder;
pub use fields::Fields;
pub use query::{Query, QueryWord, Reading};
pub use repair::Repair;
pub use scratch::Scratch;

use crate::text;
use fields::Token;
use postings::{Counter, Postings};
use repair::Repairs;
use vocabulary::Vocabulary;

/// Number of a section, in the order in which notes were added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SectionId(pub u32);

/// Number of a term, which is a stem that some section holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TermId(pub u32);

/// Where a section comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The number that the note was added with.
    pub note: u32,
    /// Index in [`crate::note::Note::sections`].
    pub section: u32,
}

/// A section and how well it fits a question.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The section.
    pub section: SectionId,
    /// Comparable between questions: 0 is nothing in common.
    pub score: f32,
}

/// An immutable index over the sections of many notes.
#[derive(Clone, Debug)]
pub struct Index {
    words: Vocabulary,
    word_terms: Vec<u32>,
    stems: Vocabulary,
    sections: Vec<Place>,
    ends: Vec<u32>,
    tokens: Vec<Token>,
    /// Words of each section's own text.
    lengths: Vec<u32>,
    average_length: f32,
    /// Square of the heading's length as a vector of idf weights.
    heading_norms: Vec<f32>,
    document_frequencies: Vec<u32>,
    idf: Vec<f32>,
    postings: Postings,
    repairs: Repairs,
}

impl Index {
    fn from_builder(builder: Builder) -> Self {
        let Builder {
            words,
            word_terms,
            stems,
            sections,
            ends,
            tokens,
            ..
        } = builder;
        let mut index = Self {
            words,
            word_terms,
            stems,
            sections,
            ends,
            tokens,
            lengths: Vec::new(),
            average_length: 0.0,
            heading_norms: Vec::new(),
            document_frequencies: Vec::new(),
            idf: Vec::new(),
            postings: Postings::default(),
            repairs: Repairs::default(),
        };
        index.measure_sections();
        index.measure_headings();
        index.repairs = Repairs::new(&index.words);
        index.postings = Postings::new(
            &index.document_frequencies,
            index.rows(),
            |section, term, fields| {
                let idf = index.idf[term as usize];
                rank::impact(
                    fields,
                    index.relative_length(section),
                    idf,
                    index.heading_norms[section],
                )
            },
        );
        index
    }

    /// Lengths and document frequencies.
    fn measure_sections(&mut self) {
        let mut document_frequencies = vec![0_u32; self.stems.len()];
        let mut lengths = Vec::with_capacity(self.len());
        let mut counter = Counter::new(self.stems.len());
        for tokens in self.rows() {
            counter.for_each(tokens, |term, _| document_frequencies[term as usize] += 1);
            let length = tokens.iter().filter(|token| token.is_body()).count();
            lengths.push(u32::try_from(length).unwrap_or(u32::MAX));
        }
        let total: u64 = lengths.iter().map(|&length| u64::from(length)).sum();
        #[expect(clippy::cast_precision_loss, reason = "an average needs no more")]
        let average = total as f32 / self.len().max(1) as f32;
        self.average_length = average.max(1.0);
        self.lengths = lengths;
        self.idf = document_frequencies
            .iter()
            .map(|&df| rank::idf(df, self.len()))
            .collect();
        self.document_frequencies = document_frequencies;
    }

    /// Lengths of the headings as vectors.
    fn measure_headings(&mut self) {
        let square = |token: &Token| {
            let square = self.idf[token.term() as usize].powi(2);
            let stop = text::is_stop_word(self.stems.word(token.term()));
            if stop {
                square * weights::STOP_WORD_IN_HEADING
            } else {
                square
            }
        };
        let norms = self.rows().map(|tokens| {
            tokens
                .iter()
                .filter(|token| token.is_in(Fields::HEADING))
                .map(square)
                .sum()
        });
        self.heading_norms = norms.collect();
    }

    /// How many sections there are.
    pub fn len(&self) -> usize {
        self.sections.len()
    }

    /// Whether there are no sections.
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// Where a section comes from.
    pub fn place(&self, section: SectionId) -> Option<Place> {
        self.sections.get(section.0 as usize).copied()
    }

    /// The term of a word, found by its stem; `None` when no section holds it.
    pub fn lookup(&self, word: &str) -> Option<TermId> {
        let word = text::normalise(word);
        // Most words stand in the notes in this very form: no need to stem.
        if let Some(term) = self
            .words
            .get(&word)
            .and_then(|known| self.word_terms.get(known as usize))
        {
            return Some(TermId(*term)).filter(|term| (term.0 as usize) < self.stems.len());
        }
        self.stems.get(&text::stem(&word)).map(TermId)
    }

    /// The stem that a term stands for.
    pub fn stem(&self, term: TermId) -> &str {
        self.stems.word(term.0)
    }

    /// How many sections hold a term, in any field.
    pub fn document_frequency(&self, term: TermId) -> u32 {
        self.document_frequencies
            .get(term.0 as usize)
            .copied()
            .unwrap_or_default()
    }

    /// How much a term tells: its inverse document frequency, 0 when unknown.
    pub fn idf(&self, term: TermId) -> f32 {
        self.idf.get(term.0 as usize).copied().unwrap_or_default()
    }

    /// Where and how often a section holds a term. Looks through the section's
    /// words once, usually some hundred.
    pub fn fields(&self, section: SectionId, term: TermId) -> Option<Fields> {
        let mut fields = None;
        for token in self.tokens_of(section.0 as usize) {
            if token.term() == term.0 {
                fields
                    .get_or_insert_with(Fields::default)
                    .count_token(*token);
            }
        }
        fields
    }

    /// Known words that a word was probably meant to be, best first; empty for
    /// a known word, which is never corrected away.
    pub fn repair(&self, scratch: &mut Scratch, word: &str) -> Vec<Repair> {
        let word = text::normalise(word);
        if self.lookup(&word).is_some() {
            return Vec::new();
        }
        self.repairs.candidates(self, &word, &mut scratch.repair)
    }

    /// The tokens of each section.
    fn rows(&self) -> impl Iterator<Item = &[Token]> {
        (0..self.len()).map(|section| self.tokens_of(section))
    }

    fn tokens_of(&self, section: usize) -> &[Token] {
        let start = match section.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or_default(),
            None => 0,
        };
        let end = self.ends.get(section).copied().unwrap_or(start);
        self.tokens
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }

    /// A section's length in average lengths.
    fn relative_length(&self, section: usize) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "a ratio needs no more")]
        let length = self.lengths.get(section).copied().unwrap_or_default() as f32;
        length / self.average_length
    }
}
