//! Notes from the disk to sections, snippets and findings.
//!
//! Every folder under `tests/fixtures/notes` is a case: its `notes` are loaded,
//! and what comes out is compared with `outline.txt` (sections and snippets)
//! and `lint.txt` (findings). To add a case, write the notes and run
//! `UPDATE_FIXTURES=1 cargo test --test suite notes`, then read the new files:
//! they are the test.

mod bad_input;
mod properties;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use footnote::lint::lint;
use footnote::load::{Limits, Loaded, load};
use footnote::note::footnotes::footnotes_of;
use footnote::note::{Note, Snippet};

/// The month in which all fixtures are linted.
const TODAY: (i16, u8) = (2026, 11);

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/notes")
}

fn loaded(dir: &Path) -> Loaded {
    load(dir, &Limits::default()).unwrap()
}

/// Compares with a file of the case, or writes it when asked to.
fn expect(case: &str, file: &str, found: &str) {
    let path = cases().join(case).join(file);
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == found,
        "{} differs. Found:\n{found}",
        path.display()
    );
}

/// A note in words: one line a section, one a snippet, so that a change is easy to see.
fn outline(note: &Note) -> String {
    let mut out = format!("{} is about {:?}", note.path, note.name);
    if let Some(kind) = note.kind {
        let _ = write!(out, ", a {kind:?}");
    }
    for (what, words) in [
        ("aliases", &note.aliases),
        ("members", &note.members),
        ("tags", &note.tags),
    ] {
        if !words.is_empty() {
            let _ = write!(out, ", {what} {words:?}");
        }
    }
    out.push('\n');
    for section in &note.sections {
        let _ = writeln!(
            out,
            "  {} {:?} as {:?} #{}",
            "#".repeat(section.level.into()),
            section.heading,
            section.label,
            section.anchor
        );
        for (index, snippet) in section.snippets.iter().enumerate() {
            let _ = writeln!(out, "    {}", snippet_line(note, index, snippet));
        }
    }
    for footnote in &note.footnotes {
        let _ = writeln!(
            out,
            "  [^{}] line {}: {:?} {:?}",
            footnote.label, footnote.line, footnote.text, footnote.url
        );
    }
    for question in &note.questions {
        let _ = writeln!(out, "  ? {:?} line {}", question.stem, question.line);
        for option in &question.options {
            let _ = writeln!(
                out,
                "    {} {:?} line {}",
                if option.key { "x" } else { "-" },
                option.text,
                option.line
            );
        }
        let explanation = question.explanation.map(|span| note.text(span));
        let _ = writeln!(out, "    because {explanation:?}");
    }
    out
}

fn snippet_line(note: &Note, index: usize, snippet: &Snippet) -> String {
    let span = snippet.span;
    let mut line = format!("{index} {:?} {}", snippet.form, span.line_start);
    if span.line_end != span.line_start {
        let _ = write!(line, "-{}", span.line_end);
    }
    if let Some(parent) = snippet.parent {
        let _ = write!(line, " under {parent}");
    }
    if snippet.today {
        line.push_str(" today");
    }
    let sources = footnotes_of(note, span);
    if !sources.is_empty() {
        let _ = write!(line, " sources {sources:?}");
    }
    let _ = write!(line, " {:?}", note.text(span));
    line
}

fn check(case: &str) {
    let loaded = loaded(&cases().join(case).join("notes"));
    let outlines: Vec<String> = loaded.notes.iter().map(outline).collect();
    expect(case, "outline.txt", &outlines.join("\n"));
    let findings: Vec<String> = lint(&loaded.notes, loaded.diagnostics, TODAY)
        .iter()
        .map(|found| format!("{found}\n"))
        .collect();
    expect(case, "lint.txt", &findings.concat());
}

/// Bold and bare lines as headings, numbering, a word in every heading, broken
/// bold, brackets, cut lists, empty items, stubs.
#[test]
fn messy_markdown_gives_named_sections_and_exact_snippets() {
    check("messy");
}

/// Wiki links, callouts, tags, hidden folders, a byte order mark and CRLF.
#[test]
fn an_obsidian_vault_loads() {
    check("obsidian");
}

/// No front matter: subjects from headings, folder and file names.
#[test]
fn a_docs_folder_loads() {
    check("docs");
}

/// Services, controls and a family as they should be: nothing to find.
#[test]
fn clean_notes_have_no_findings() {
    check("clean");
    assert_eq!(
        std::fs::read_to_string(cases().join("clean/lint.txt")).unwrap(),
        ""
    );
}

/// Every rule of lint finds something here.
#[test]
fn faulty_notes_are_told_with_place_and_remedy() {
    check("faulty");
}

/// A plain note is not held to the format of notes with a kind.
#[test]
fn plain_notes_are_not_drowned_in_findings() {
    let loaded = loaded(&cases().join("messy/notes"));
    assert_eq!(lint(&loaded.notes, loaded.diagnostics, TODAY), []);
}
