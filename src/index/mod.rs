//! The index: which sections hold which words, and which sections a question
//! is about.
//!
//! The unit is the section. Building keeps no text: each section becomes a list
//! of packed entries (term, fields, count), and each term a list of sections.
//! The index never decides whether a question *has* an answer; it ranks.

mod build;
mod fields;
mod plain;
mod query;
mod rank;
mod repair;
mod search;
mod vocabulary;

pub use build::Builder;
pub use fields::Fields;
pub use query::{Query, QueryWord, Reading};
pub use repair::Repair;
pub use search::Scratch;

use crate::text;
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
    entries: Vec<u32>,
    lengths: Vec<u32>,
    average_length: f32,
    /// Square of the heading's length as a vector of idf weights.
    heading_norms: Vec<f32>,
    document_frequencies: Vec<u32>,
    idf: Vec<f32>,
    postings: search::Postings,
    repairs: repair::Repairs,
}

impl Index {
    fn from_builder(builder: Builder) -> Self {
        let Builder {
            words,
            word_terms,
            stems,
            sections,
            ends,
            entries,
            lengths,
            ..
        } = builder;
        let mut document_frequencies = vec![0_u32; stems.len()];
        for &entry in &entries {
            let (term, _) = fields::unpack(entry);
            document_frequencies[term as usize] += 1;
        }
        let idf: Vec<f32> = document_frequencies
            .iter()
            .map(|&df| rank::idf(df, sections.len()))
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "an average needs no more")]
        let average_length = lengths.iter().map(|&length| u64::from(length)).sum::<u64>() as f32
            / sections.len().max(1) as f32;
        let repairs = repair::Repairs::new(&words, &word_terms, &document_frequencies);
        let mut index = Self {
            words,
            word_terms,
            stems,
            sections,
            ends,
            entries,
            lengths,
            average_length,
            heading_norms: Vec::new(),
            document_frequencies,
            idf,
            postings: search::Postings::default(),
            repairs,
        };
        index.heading_norms = (0..index.sections.len())
            .map(|at| {
                index
                    .entries_of(at)
                    .iter()
                    .map(|&entry| fields::unpack(entry))
                    .filter(|(_, fields)| fields.has(Fields::HEADING))
                    .map(|(term, _)| index.idf[term as usize].powi(2))
                    .sum()
            })
            .collect();
        index.postings = search::Postings::new(&index);
        index
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
    /// distinct terms, usually fewer than a hundred.
    pub fn fields(&self, section: SectionId, term: TermId) -> Option<Fields> {
        self.entries_of(section.0 as usize)
            .iter()
            .map(|&entry| fields::unpack(entry))
            .find_map(|(held, fields)| (held == term.0).then_some(fields))
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

    fn entries_of(&self, section: usize) -> &[u32] {
        let start = match section.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or_default(),
            None => 0,
        };
        let end = self.ends.get(section).copied().unwrap_or(start);
        self.entries
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }
}
