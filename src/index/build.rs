//! Notes in, index out. One note at a time: nothing of its text is kept, so the
//! caller may drop each note before it reads the next.

use crate::note::{Note, Section, Span};
use crate::text;

use super::fields::{Fields, MAX_TERMS, Token};
use super::plain;
use super::vocabulary::Vocabulary;
use super::{Index, Place};

/// Longer runs of letters and digits are hashes and encoded files, not words.
const MAX_WORD_BYTES: usize = 64;

/// Words of a heading, a path or the names around a section that count. More
/// are a text in the wrong place, and telling them apart would take its toll.
const MAX_FIELD_WORDS: usize = 64;

/// Enclosing headings that count; Markdown has six levels.
const MAX_ANCESTORS: usize = 8;

/// Collects notes; [`Builder::finish`] makes the [`Index`].
#[derive(Debug, Default)]
pub struct Builder {
    pub(super) words: Vocabulary,
    /// The term of each word of `words`.
    pub(super) word_terms: Vec<u32>,
    pub(super) stems: Vocabulary,
    pub(super) sections: Vec<Place>,
    /// Where the tokens of each section end in `tokens`.
    pub(super) ends: Vec<u32>,
    pub(super) tokens: Vec<Token>,
    /// Which of `words` are stop words.
    stop_words: Vec<bool>,
    /// Reused for the normalised form of a word.
    buffer: String,
}

impl Builder {
    /// An empty builder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds all sections of a note. `note` is its number in the caller's list,
    /// which must grow from call to call for ties to be ordered by note.
    pub fn add(&mut self, note: u32, source: &Note) {
        let (folder, file) = source.path.rsplit_once('/').unwrap_or(("", &source.path));
        let folder = self.terms([folder]);
        let file = self.terms([file.rsplit_once('.').map_or(file, |(stem, _)| stem)]);
        let names = self.terms(std::iter::once(&source.name).chain(&source.aliases));
        for (number, section) in (0_u32..).zip(&source.sections) {
            let headings = ancestors(source, section)
                .take(MAX_ANCESTORS)
                .map(|section| &section.heading);
            let mut context = self.terms(headings);
            context.extend(&names);
            let heading = self.terms([&section.heading]);
            for (terms, field) in [
                (folder.clone(), Fields::FOLDER),
                (file.clone(), Fields::FILE),
                (context, Fields::CONTEXT),
                (heading, Fields::HEADING),
            ] {
                self.push(terms, field);
            }
            self.push_body(source.text(body(section)));
            if !section.anchor.is_empty() {
                let parts = source.sections.iter().skip(number as usize + 1);
                for part in parts.take_while(|part| part.anchor.is_empty()) {
                    self.push_body(source.text(part.span));
                }
            }
            self.sections.push(Place {
                note,
                section: number,
            });
            self.ends
                .push(u32::try_from(self.tokens.len()).unwrap_or(u32::MAX));
        }
    }

    /// Computes the statistics and turns the tokens into an [`Index`].
    pub fn finish(self) -> Index {
        Index::from_builder(self)
    }

    /// Each term once, in order: only the body has counts.
    fn push(&mut self, terms: Vec<u32>, field: Fields) {
        let start = self.tokens.len();
        for term in terms.into_iter().take(MAX_FIELD_WORDS) {
            let token = Token::new(term, field);
            if self
                .tokens
                .get(start..)
                .is_some_and(|pushed| !pushed.contains(&token))
            {
                self.tokens.push(token);
            }
        }
    }

    /// The section's own words in order, without stop words.
    fn push_body(&mut self, markdown: &str) {
        plain::for_each_part(markdown, |part| {
            for range in text::spans(part) {
                let number = part.get(range).and_then(|word| self.word(word));
                if let Some(number) = number.filter(|&number| !self.stop_words[number]) {
                    self.tokens
                        .push(Token::new(self.word_terms[number], Fields::default()));
                }
            }
        });
    }

    /// The terms of short texts, in order.
    fn terms<T: AsRef<str>>(&mut self, texts: impl IntoIterator<Item = T>) -> Vec<u32> {
        let mut terms = Vec::new();
        for text in texts {
            let text = text.as_ref();
            for range in text::spans(text).take(MAX_FIELD_WORDS) {
                if let Some(number) = text.get(range).and_then(|word| self.word(word)) {
                    terms.push(self.word_terms[number]);
                }
            }
        }
        terms
    }

    /// The number of a word as it stands in the text; a new word becomes known.
    fn word(&mut self, word: &str) -> Option<usize> {
        if word.len() > MAX_WORD_BYTES || self.words.len() >= MAX_TERMS {
            return None;
        }
        let normal = if text::is_normal(word) {
            word
        } else {
            text::normalise_into(word, &mut self.buffer);
            &self.buffer
        };
        let (number, new) = self.words.insert(normal);
        if new {
            let (term, _) = self.stems.insert(&text::stem(normal));
            self.word_terms.push(term);
            self.stop_words.push(text::is_stop_word(normal));
        }
        Some(number as usize)
    }
}

/// The sections that enclose this one, nearest first.
fn ancestors<'a>(note: &'a Note, section: &Section) -> impl Iterator<Item = &'a Section> + use<'a> {
    // A parent stands before its children, so the walk ends.
    let parent = |child: Option<u32>, before: u32| {
        let at = child.filter(|&at| at < before)?;
        Some((at, note.sections.get(at as usize)?))
    };
    std::iter::successors(parent(section.parent, u32::MAX), move |(at, section)| {
        parent(section.parent, *at)
    })
    .map(|(_, section)| section)
}

/// A section's text without its heading.
fn body(section: &Section) -> Span {
    Span {
        start: section.heading_span.end.max(section.span.start),
        ..section.span
    }
}
