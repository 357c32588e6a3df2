//! Notes in, index out. One note at a time: nothing of its text is kept, so the
//! caller may drop each note before it reads the next.

use crate::note::{Note, Section};
use crate::text;

use super::fields::{self, Fields};
use super::plain;
use super::vocabulary::Vocabulary;
use super::{Index, Place};

/// The highest number of a term that a forward entry can hold; words beyond
/// sixteen million are not indexed.
const MAX_TERMS: usize = 1 << fields::TERM_BITS;

/// Longer runs of letters and digits are hashes and encoded files, not words.
const MAX_WORD_BYTES: usize = 64;

/// Collects notes; [`Builder::finish`] makes the [`Index`].
#[derive(Debug, Default)]
pub struct Builder {
    pub(super) words: Vocabulary,
    /// The term of each word of `words`.
    pub(super) word_terms: Vec<u32>,
    pub(super) stems: Vocabulary,
    pub(super) sections: Vec<Place>,
    /// Where the entries of each section end in `entries`.
    pub(super) ends: Vec<u32>,
    /// Term and [`Fields`] of each section, packed.
    pub(super) entries: Vec<u32>,
    /// Words of each section's own text.
    pub(super) lengths: Vec<u32>,
    scratch: Scratch,
}

/// Reused between sections.
#[derive(Debug, Default)]
struct Scratch {
    word: String,
    /// For each term, how often the section holds it and where.
    seen: Vec<(u32, Fields)>,
    touched: Vec<u32>,
}

impl Builder {
    /// An empty builder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds all sections of a note. `note` is its number in the caller's list,
    /// which must grow from call to call for ties to be ordered by note.
    pub fn add(&mut self, note: u32, content: &Note) {
        let subject = self.terms(&content.name);
        let aliases: Vec<u32> = content
            .aliases
            .iter()
            .flat_map(|alias| self.terms(alias))
            .collect();
        let (folder, file) = content.path.rsplit_once('/').unwrap_or(("", &content.path));
        let folder = self.terms(folder);
        let file = self.terms(file.rsplit_once('.').map_or(file, |(stem, _)| stem));
        let headings: Vec<Vec<u32>> = content
            .sections
            .iter()
            .map(|section| self.terms(&section.heading))
            .collect();
        for (number, section) in (0_u32..).zip(&content.sections) {
            self.mark(&folder, Fields::FOLDER);
            self.mark(&file, Fields::FILE);
            self.mark(&subject, Fields::CONTEXT);
            self.mark(&aliases, Fields::CONTEXT);
            for ancestor in ancestors(content, section) {
                if let Some(heading) = headings.get(ancestor as usize) {
                    self.mark(heading, Fields::CONTEXT);
                }
            }
            if let Some(heading) = headings.get(number as usize) {
                self.mark(heading, Fields::HEADING);
            }
            let length = self.body(content.text(body(section)));
            self.close(
                Place {
                    note,
                    section: number,
                },
                length,
            );
        }
    }

    /// Computes the statistics and turns the entries into an [`Index`].
    pub fn finish(self) -> Index {
        Index::from_builder(self)
    }

    /// Counts the words of a section's own text; returns how many there are.
    fn body(&mut self, markdown: &str) -> u32 {
        let mut length = 0;
        plain::for_each_part(markdown, |part| {
            for range in text::spans(part) {
                if let Some(term) = part.get(range).and_then(|word| self.term(word)) {
                    length += 1;
                    let (count, _) = self.seen(term);
                    *count += 1;
                }
            }
        });
        length
    }

    /// Writes the section's entries and clears the scratch for the next one.
    fn close(&mut self, place: Place, length: u32) {
        for term in self.scratch.touched.drain(..) {
            if let Some(seen) = self.scratch.seen.get_mut(term as usize) {
                let (count, fields) = std::mem::take(seen);
                self.entries
                    .push(fields::pack(term, fields.with_count(count)));
            }
        }
        self.sections.push(place);
        self.ends
            .push(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
        self.lengths.push(length);
    }

    fn mark(&mut self, terms: &[u32], field: Fields) {
        for &term in terms {
            let (_, fields) = self.seen(term);
            *fields = fields.with(field);
        }
    }

    fn seen(&mut self, term: u32) -> &mut (u32, Fields) {
        let at = term as usize;
        if self.scratch.seen.len() <= at {
            self.scratch.seen.resize(at + 1, Default::default());
        }
        let seen = &mut self.scratch.seen[at];
        if *seen == Default::default() {
            self.scratch.touched.push(term);
        }
        seen
    }

    /// The terms of a short text, in order.
    fn terms(&mut self, text: &str) -> Vec<u32> {
        text::spans(text)
            .filter_map(|range| self.term(text.get(range)?))
            .collect()
    }

    /// The term of a word as it stands in the text; a new word becomes known.
    fn term(&mut self, word: &str) -> Option<u32> {
        if word.len() > MAX_WORD_BYTES || self.stems.len() >= MAX_TERMS {
            return None;
        }
        let mut buffer = std::mem::take(&mut self.scratch.word);
        text::normalise_into(word, &mut buffer);
        let (number, new) = self.words.insert(&buffer);
        if new {
            let (term, _) = self.stems.insert(&text::stem(&buffer));
            self.word_terms.push(term);
        }
        self.scratch.word = buffer;
        self.word_terms.get(number as usize).copied()
    }
}

/// The sections that enclose this one, nearest first.
fn ancestors<'a>(note: &'a Note, section: &Section) -> impl Iterator<Item = u32> + use<'a> {
    let parent = |at: u32| {
        note.sections
            .get(at as usize)
            .and_then(|section| section.parent)
    };
    std::iter::successors(section.parent, move |&at| {
        parent(at).filter(|&next| next < at)
    })
}

/// A section's text without its heading.
fn body(section: &Section) -> crate::note::Span {
    crate::note::Span {
        start: section.heading_span.end.max(section.span.start),
        ..section.span
    }
}
