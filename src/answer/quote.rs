//! Quotations: exact ranges of a note, and where each one stands.

use crate::catalog::{EntityId, Role};
use crate::knowledge::{Knowledge, SectionAt, Subject};
use crate::note::footnotes::footnotes_of;
use crate::note::{Footnote, Note, Section, Span};

use super::score::Scored;

/// A quoted snippet.
#[derive(Clone, Debug)]
pub struct Quotation {
    /// The service it is about.
    pub service: String,
    /// The control it is filed under; empty when there is none.
    pub control: String,
    /// The exact text: of the correction where there is one, else of the
    /// snippet, beginning at its parent.
    pub text: String,
    /// Where the text stands.
    pub citation: Citation,
    /// The older statement that the text corrects.
    pub corrects: Option<(String, Citation)>,
    /// Headings from the outermost to the section's own.
    pub heading: Vec<String>,
    /// Footnotes of the text, then of what it corrects.
    pub sources: Vec<Footnote>,
    /// For ordering, 0 to about 1.
    pub score: f32,
    /// The section it stands in.
    pub at: SectionAt,
}

/// Where a snippet stands: file and lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// Path relative to the folder of notes.
    pub path: String,
    /// Anchor of the nearest heading, may be empty.
    pub anchor: String,
    /// First line, from 1.
    pub line_start: u32,
    /// Last line, included.
    pub line_end: u32,
}

impl std::fmt::Display for Citation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#L{}-L{}", self.path, self.line_start, self.line_end)
    }
}

/// Quotes a scored unit. `asked` are the services that the question names: in
/// a plain note the innermost of them that is above the text is its service.
pub(super) fn quote(
    knowledge: &Knowledge,
    scored: &Scored,
    asked: &[EntityId],
) -> Option<Quotation> {
    let (note, section) = knowledge.section(scored.at)?;
    let subject = knowledge.subject(scored.at)?;
    let unit = subject.units.get(scored.unit)?;
    let snippet = section.snippets.get(unit.snippet as usize)?;
    let own = Span {
        end: section
            .snippets
            .get(unit.last as usize)
            .unwrap_or(snippet)
            .span
            .end,
        line_end: section
            .snippets
            .get(unit.last as usize)
            .unwrap_or(snippet)
            .span
            .line_end,
        ..snippet.span
    };
    let corrections: Vec<Span> = unit
        .corrections
        .iter()
        .filter_map(|at| section.snippets.get(*at as usize))
        .map(|correction| correction.span)
        .collect();
    let citation = |span: Span| Citation {
        path: note.path.clone(),
        anchor: note.anchor_of(scored.at.section as usize).to_owned(),
        line_start: span.line_start,
        line_end: span.line_end,
    };
    let (shown, corrects) = match corrections.as_slice() {
        [] => (from_parent(section, own, snippet.parent), None),
        [first, .., last] => (
            Span {
                end: last.end,
                line_end: last.line_end,
                ..*first
            },
            Some(own),
        ),
        [only] => (*only, Some(own)),
    };
    let mut sources: Vec<Footnote> = Vec::new();
    for span in std::iter::once(shown).chain(corrects) {
        for at in footnotes_of(note, span) {
            if let Some(footnote) = note.footnotes.get(at)
                && !sources.contains(footnote)
            {
                sources.push(footnote.clone());
            }
        }
    }
    let (service, control) = filed(knowledge, note, section, &subject, asked);
    Some(Quotation {
        service,
        control,
        text: note.text(shown).to_owned(),
        citation: citation(shown),
        corrects: corrects.map(|span| (note.text(span).to_owned(), citation(span))),
        heading: headings(note, section),
        sources,
        score: scored.score,
        at: scored.at,
    })
}

/// A nested snippet is quoted from the beginning of its outermost parent.
fn from_parent(section: &Section, own: Span, parent: Option<u32>) -> Span {
    let mut from = own;
    let mut above = parent;
    while let Some(at) = above {
        let Some(parent) = section.snippets.get(at as usize) else {
            break;
        };
        from.start = parent.span.start;
        from.line_start = parent.span.line_start;
        above = parent.parent.filter(|next| *next < at);
    }
    Span {
        start: from.start,
        line_start: from.line_start,
        ..own
    }
}

fn filed(
    knowledge: &Knowledge,
    note: &Note,
    section: &Section,
    subject: &Subject,
    asked: &[EntityId],
) -> (String, String) {
    let name = |id: EntityId| knowledge.catalog.entity(id).name.clone();
    let control = subject.control.map(name).unwrap_or_default();
    let topics = subject
        .services
        .iter()
        .all(|id| knowledge.catalog.entity(*id).role == Role::Topic);
    if !topics {
        return (
            subject
                .services
                .first()
                .map_or_else(|| note.name.clone(), |id| name(*id)),
            control,
        );
    }
    if note.kind.is_some() {
        return (String::new(), control);
    }
    let service = subject
        .services
        .iter()
        .rev()
        .find(|id| asked.contains(id))
        .or_else(|| subject.services.last())
        .map_or_else(|| note.name.clone(), |id| name(*id));
    let control = if control.is_empty() && section.label != service && section.level > 1 {
        section.label.clone()
    } else {
        control
    };
    (service, control)
}

fn headings(note: &Note, section: &Section) -> Vec<String> {
    let mut path = vec![section.heading.clone()];
    let mut above = section.parent;
    while let Some(parent) = above.and_then(|at| note.sections.get(at as usize)) {
        path.push(parent.heading.clone());
        above = parent.parent.filter(|next| Some(*next) < above);
    }
    path.retain(|heading| !heading.is_empty());
    path.reverse();
    path
}

impl Citation {
    /// File and lines for people: `services/sqs.md:12` or `services/sqs.md:12-14`.
    pub fn place(&self) -> String {
        if self.line_start == self.line_end {
            format!("{}:{}", self.path, self.line_start)
        } else {
            format!("{}:{}-{}", self.path, self.line_start, self.line_end)
        }
    }

    /// A permalink below `base`. `?plain=1` makes GitHub show line numbers of
    /// Markdown instead of rendering it.
    pub fn link(&self, base: &str) -> String {
        let mut link = base.trim_end_matches('/').to_owned();
        for part in self.path.split('/') {
            link.push('/');
            for byte in part.bytes() {
                if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    link.push(char::from(byte));
                } else {
                    use std::fmt::Write as _;
                    // Writing to a string cannot fail.
                    let _ = write!(link, "%{byte:02X}");
                }
            }
        }
        format!("{link}?plain=1#L{}-L{}", self.line_start, self.line_end)
    }
}
