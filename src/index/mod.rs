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
use fields::Token;
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
    postings: search::Postings,
    repairs: repair::Repairs,
}

impl Index {
    fn from_builder(builder: Builder) -> Self {
        let Builder { words, word_terms, stems, sections, ends, tokens, .. } = builder;
        let mut index = Self {
            words, word_terms, stems, sections, ends, tokens,
            lengths: Vec::new(),
            average_length: 0.0,
            heading_norms: Vec::new(), document_frequencies: Vec::new(), idf: Vec::new(),
            postings: search::Postings::default(), repairs: repair::Repairs::default(),
        };
        let n = index.sections.len();
        let mut df = vec![0_u32; index.stems.len()];
        let mut seen = vec![u32::MAX; index.stems.len()];
        let mut lengths = Vec::with_capacity(n);
        for s in 0..n {
            let mut len = 0;
            for t in index.tokens_of(s) {
                if seen[t.term() as usize] != s as u32 { seen[t.term() as usize] = s as u32; df[t.term() as usize] += 1; }
                len += u32::from(t.is_body());
            }
            lengths.push(len);
        }
        index.average_length = lengths.iter().map(|&l| u64::from(l)).sum::<u64>() as f32 / n.max(1) as f32;
        index.lengths = lengths;
        index.idf = df.iter().map(|&df| rank::idf(df, n)).collect();
        index.document_frequencies = df;
        let stops: Vec<bool> = (0..index.stems.len()).map(|t| text::is_stop_word(index.stems.word(t as u32))).collect();
        index.heading_norms = (0..n)
            .map(|at| {
                index.tokens_of(at).iter()
                    .filter(|t| t.flags() == 1)
                    .map(|t| if stops[t.term() as usize] { repair::tune!(STOP_N, 0.3) * index.idf[t.term() as usize].powi(2) } else { index.idf[t.term() as usize].powi(2) })
                    .sum()
            })
            .collect();
        index.repairs = repair::Repairs::new(&index.words, &index.word_terms, &index.document_frequencies);
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
        self.document_frequencies.get(term.0 as usize).copied().unwrap_or_default()
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
                fields.get_or_insert_with(Fields::default).count_token(*token);
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

    fn tokens_of(&self, section: usize) -> &[Token] {
        let start = match section.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or_default(),
            None => 0,
        };
        let end = self.ends.get(section).copied().unwrap_or(start);
        self.tokens.get(start as usize..end as usize).unwrap_or_default()
    }
}
