//! Facts and their sources: footnotes that lead nowhere, facts without one,
//! corrections that correct nothing.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Findings, Page};
use crate::note::blocks::{self, BlockKind};
use crate::note::diagnostic::Severity;
use crate::note::footnotes::references;
use crate::note::{Form, Kind, Note, Section, Snippet, Span};

pub(super) fn check(page: &Page<'_>, findings: &mut Findings) {
    let defined = definitions(page, findings);
    undefined_and_unused(page, &defined, findings);
    corrections(page, findings);
    if matches!(page.note.kind, Some(Kind::Service | Kind::Control)) {
        sources(page, findings);
    }
}

/// Labels are compared without regard to case, as Markdown does.
fn definitions(page: &Page<'_>, findings: &mut Findings) -> FxHashMap<String, u32> {
    let mut defined = FxHashMap::default();
    for footnote in &page.note.footnotes {
        let first = *defined
            .entry(footnote.label.to_lowercase())
            .or_insert(footnote.line);
        if first != footnote.line {
            findings.add(
                &page.note.path,
                (footnote.line, 1),
                page.strict(),
                "duplicate-footnote",
                format!("`[^{}]` is already defined in line {first}", footnote.label),
                "give one of the two another label",
            );
        }
    }
    defined
}

fn undefined_and_unused(
    page: &Page<'_>,
    defined: &FxHashMap<String, u32>,
    findings: &mut Findings,
) {
    let note = page.note;
    let read = blocks::read(
        &note.source,
        crate::note::parse::body(&note.source),
        &page.lines,
    );
    let mut used: FxHashSet<String> = read
        .referred
        .iter()
        .map(|label| label.to_lowercase())
        .collect();
    for block in &read.list {
        if matches!(block.kind, BlockKind::Code | BlockKind::Rule) {
            continue;
        }
        let text = note.source.get(block.range.clone()).unwrap_or_default();
        for reference in references(text) {
            let label = reference.label.to_lowercase();
            if !defined.contains_key(&label) {
                findings.add(
                    &note.path,
                    page.at(block.range.start + reference.at),
                    page.strict(),
                    "undefined-footnote",
                    format!("`[^{}]` is not defined", reference.label),
                    format!(
                        "add `[^{}]: source` at the end of the note",
                        reference.label
                    ),
                );
            }
            used.insert(label);
        }
    }
    for footnote in &note.footnotes {
        if !used.contains(&footnote.label.to_lowercase()) {
            findings.add(
                &note.path,
                (footnote.line, 1),
                Severity::Warning,
                "unused-footnote",
                format!("nothing refers to `[^{}]`", footnote.label),
                "put it behind the fact that it is the source of, or take it out",
            );
        }
    }
}

/// In plain notes "Today:" is about the day of writing.
fn corrections(page: &Page<'_>, findings: &mut Findings) {
    let note = page.note;
    if note.kind.is_none() {
        return;
    }
    for snippet in note.sections.iter().flat_map(|section| &section.snippets) {
        let stands_alone = snippet.parent.is_none() && snippet.today;
        let no_item =
            snippet.form != Form::Item && note.text(snippet.span).starts_with("**Today:**");
        if stands_alone || no_item {
            findings.add(
                &note.path,
                page.at(snippet.span.start as usize),
                Severity::Error,
                "today-without-parent",
                "this correction stands under no item that it corrects".to_owned(),
                "indent it as a list item under the item it corrects",
            );
        }
    }
}

fn sources(page: &Page<'_>, findings: &mut Findings) {
    let note = page.note;
    let mut report = |span: Span, what: &str| {
        findings.add(
            &note.path,
            page.at(span.start as usize),
            Severity::Warning,
            "fact-without-source",
            format!("{what} has no source"),
            "add a footnote `[^label]` behind it",
        );
    };
    for section in &note.sections {
        for (index, snippet) in section.snippets.iter().enumerate() {
            if !has_source(note, section, index, snippet) {
                report(
                    snippet.span,
                    if snippet.today {
                        "this correction"
                    } else {
                        "this fact"
                    },
                );
            }
        }
    }
}

/// A fact has a source itself, from what it is nested in, or, when it only
/// announces a list, from every item of it. Code cannot hold a footnote.
fn has_source(note: &Note, section: &Section, index: usize, snippet: &Snippet) -> bool {
    if snippet.form == Form::Code || refers(note, snippet.span) {
        return true;
    }
    // A correction must name its own source: its parent's says the opposite.
    if snippet.today {
        return false;
    }
    let mut around = snippet.parent;
    while let Some(parent) = around.and_then(|at| section.snippets.get(at as usize)) {
        if refers(note, parent.span) {
            return true;
        }
        around = parent.parent;
    }
    let mut children = section
        .snippets
        .iter()
        .skip(index + 1)
        .filter(|child| child.parent.is_some_and(|parent| parent as usize == index) && !child.today)
        .peekable();
    children.peek().is_some() && children.all(|child| refers(note, child.span))
}

fn refers(note: &Note, span: Span) -> bool {
    references(note.text(span)).next().is_some()
}
