//! Markdown text to a [`Note`] and what is wrong with it.

use super::Note;
use super::diagnostic::Diagnostic;

/// Parses one file. Never fails: what cannot be understood becomes a diagnostic.
pub fn parse(path: &str, source: String) -> (Note, Vec<Diagnostic>) {
    let note = Note { path: path.to_owned(), source, ..Note::default() };
    (note, Vec::new())
}

/// Indexes in [`Note::footnotes`] of the footnotes referenced in a span.
pub fn footnotes_of(_note: &Note, _span: super::Span) -> Vec<usize> {
    Vec::new()
}
