//! Checks of the notes: what each says alone and what they say to each other.
//!
//! Pure: it takes parsed notes and today's month and returns findings, each with
//! its place and a remedy. Notes with a `kind` are held to the whole format.
//! Plain Markdown was not written for Footnote: there only what is broken for
//! any reader is told (footnotes, links, quiz questions, an empty note), and
//! footnotes and links only as warnings.

mod facts;
mod links;
mod names;
pub mod questions;
mod wording;

use crate::note::diagnostic::{Diagnostic, Severity};
use crate::note::lines::Lines;
use crate::note::{Kind, Note, front};

/// Months after which a review is out of date: vendors change such facts about
/// once a year, and a shorter time would make the warning a habit.
pub const REVIEW_MONTHS: i32 = 12;

/// Checks all notes of a folder. `parsed` are the findings of loading and
/// parsing; `today` is the year and month. Sorted by path and line.
pub fn lint(notes: &[Note], parsed: Vec<Diagnostic>, today: (i16, u8)) -> Vec<Diagnostic> {
    let mut findings = Findings {
        list: parsed,
        suggestions: SUGGESTIONS,
    };
    let names = names::Names::new(notes);
    names.check(notes, &mut findings);
    let targets = links::Targets::new(notes, &findings.list);
    let mut stems = questions::Stems::default();
    for note in notes {
        let page = Page {
            note,
            lines: Lines::new(&note.source),
        };
        review(&page, today, &mut findings);
        empty(&page, &mut findings);
        names.check_headings(&page, &mut findings);
        facts::check(&page, &mut findings);
        links::check(&page, &targets, &mut findings);
        questions::check(&page, &mut stems, &mut findings);
    }
    let mut list = findings.list;
    list.sort_by(|a, b| {
        (&a.path, a.line, a.column, a.rule).cmp(&(&b.path, b.line, b.column, b.rule))
    });
    list
}

/// The findings so far.
struct Findings {
    list: Vec<Diagnostic>,
    /// Suggestions that may still be looked for.
    suggestions: u32,
}

/// Looking for the closest name takes time in proportion to the names. After
/// this many nobody reads them, and something larger is wrong.
const SUGGESTIONS: u32 = 500;

/// A note with what is needed to name places in it.
struct Page<'a> {
    note: &'a Note,
    lines: Lines,
}

impl Page<'_> {
    /// An error in a note that was written for Footnote; elsewhere `[^a-z]` may
    /// be a pattern, and a link may lead to a page that was left out.
    fn strict(&self) -> Severity {
        if self.note.kind.is_some() {
            Severity::Error
        } else {
            Severity::Warning
        }
    }

    /// Line and column of a byte of the source.
    fn at(&self, byte: usize) -> (u32, u32) {
        self.lines
            .position(&self.note.source, crate::note::lines::offset(byte))
    }

    /// Where a value stands in the front matter, after its key; else line 1.
    fn front(&self, key: &str, value: &str) -> (u32, u32) {
        front::find(&self.note.source)
            .and_then(|block| {
                let yaml = self.note.source.get(block.yaml.clone())?;
                let key = yaml.find(key)?;
                let value = yaml.get(key..)?.find(value)?;
                Some(self.at(block.yaml.start + key + value))
            })
            .unwrap_or((1, 1))
    }
}

impl Findings {
    /// "did you mean" with the closest of the known names, else the other remedy.
    fn suggest<'a>(
        &mut self,
        name: &str,
        known: impl Iterator<Item = &'a str>,
        otherwise: &str,
    ) -> String {
        /// Below this similarity a suggestion puzzles more than it helps.
        const SIMILAR: f64 = 0.85;
        if self.suggestions == 0 {
            return otherwise.to_owned();
        }
        self.suggestions -= 1;
        let lower = name.to_lowercase();
        known
            .map(|known| (strsim::jaro_winkler(&lower, &known.to_lowercase()), known))
            .filter(|(score, _)| *score >= SIMILAR)
            .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
            .map_or_else(
                || otherwise.to_owned(),
                |(_, known)| format!("did you mean `{known}`?"),
            )
    }

    fn add(
        &mut self,
        path: &str,
        (line, column): (u32, u32),
        severity: Severity,
        rule: &'static str,
        message: String,
        remedy: impl Into<String>,
    ) {
        let (path, remedy) = (path.to_owned(), remedy.into());
        self.list.push(Diagnostic {
            path,
            line,
            column,
            severity,
            rule,
            message,
            remedy,
        });
    }
}

fn review(page: &Page<'_>, today: (i16, u8), findings: &mut Findings) {
    let months = |(year, month): (i16, u8)| i32::from(year) * 12 + i32::from(month);
    let Some(reviewed) = page.note.reviewed else {
        return;
    };
    let age = months(today) - months(reviewed);
    let date = format!("{}-{:02}", reviewed.0, reviewed.1);
    if age > REVIEW_MONTHS {
        findings.add(
            &page.note.path,
            page.front("reviewed", &date),
            Severity::Warning,
            "past-review",
            format!("the last review was {age} months ago"),
            format!(
                "check the facts and set `reviewed: {}-{:02}`",
                today.0, today.1
            ),
        );
    } else if age < 0 {
        findings.add(
            &page.note.path,
            page.front("reviewed", &date),
            Severity::Warning,
            "review-in-future",
            format!("`{date}` has not come yet"),
            "write the month of the last review",
        );
    }
}

fn empty(page: &Page<'_>, findings: &mut Findings) {
    let note = page.note;
    let says_something = note
        .sections
        .iter()
        .any(|section| !section.snippets.is_empty());
    let members = note.kind == Some(Kind::Family) && !note.members.is_empty();
    let left_out = findings.list.iter().any(|finding| {
        finding.path == note.path && matches!(finding.rule, "nested-too-deep" | "too-large")
    });
    if says_something || members || left_out || !note.questions.is_empty() {
        return;
    }
    findings.add(
        &note.path,
        (0, 0),
        Severity::Warning,
        "empty-note",
        "the note says nothing".to_owned(),
        "write something under its headings, or remove the file",
    );
}
