//! Markdown text to a [`Note`] and what is wrong with it.
//!
//! Never fails and takes time in proportion to the text: what cannot be
//! understood becomes a diagnostic, and the rest of the note is there.
//! What notes say to each other is checked in [`crate::lint`], not here.

use super::diagnostic::{Diagnostic, Severity};
use super::lines::Lines;
use super::{Note, blocks, front, nesting, sections};

/// Longest text in bytes that is parsed. Files are refused far below this; it
/// keeps byte offsets in four bytes.
pub const MAX_BYTES: usize = 1 << 31;

/// Parses one file. Never fails: what cannot be understood becomes a diagnostic.
pub fn parse(path: &str, source: String) -> (Note, Vec<Diagnostic>) {
    let mut note = Note {
        path: path.to_owned(),
        source,
        ..Note::default()
    };
    let mut diagnostics = Vec::new();
    if note.source.len() > MAX_BYTES {
        note.source = String::new();
        diagnostics.push(Diagnostic {
            path: path.to_owned(),
            line: 0,
            column: 0,
            severity: Severity::Error,
            rule: "too-large",
            message: "the text is larger than 2 GiB".to_owned(),
            remedy: "split it into several notes".to_owned(),
        });
        return (note, diagnostics);
    }
    let body = front::read(&mut note, &mut diagnostics);
    let body = if body == 0 && note.source.starts_with('\u{feff}') {
        3
    } else {
        body
    };
    let lines = Lines::new(&note.source);
    if let Some(at) = nesting::too_deep(&note.source, &lines) {
        let (line, column) = lines.position(&note.source, at);
        diagnostics.push(Diagnostic {
            path: path.to_owned(),
            line,
            column,
            severity: Severity::Error,
            rule: "nested-too-deep",
            message: "lists or quotes are nested too deep; the text of this note is left out"
                .to_owned(),
            remedy: "take out markers at the beginning of this line".to_owned(),
        });
    } else {
        let mut blocks = blocks::read(&note.source, body, &lines);
        note.footnotes = std::mem::take(&mut blocks.footnotes);
        sections::fill(&mut note, &blocks, &lines);
    }
    if note.name.is_empty() {
        note.name = subject(&note);
    }
    (note, diagnostics)
}

/// The subject of a note that does not name it: the first H1, else the file name.
fn subject(note: &Note) -> String {
    let title = note
        .sections
        .iter()
        .find(|section| section.level == 1 && !section.anchor.is_empty());
    if let Some(title) = title.filter(|title| !title.label.is_empty()) {
        return title.label.clone();
    }
    let mut parts = note.path.rsplit('/');
    let file = parts.next().unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    // The index of a folder is about what the folder is called.
    let index = ["readme", "index"]
        .iter()
        .any(|name| stem.eq_ignore_ascii_case(name));
    let stem = if index {
        parts.next().unwrap_or(stem)
    } else {
        stem
    };
    let words: Vec<&str> = stem
        .split(['-', '_', ' ', '.'])
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}
