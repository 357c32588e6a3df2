//! Questions that stand in the notes, and what they are about.

use sha2::{Digest as _, Sha256};

use crate::catalog::{EntityId, Role};
use crate::knowledge::Knowledge;
use crate::lint::questions::{Draft, flaws};
use crate::note::anchor::Anchors;
use crate::note::diagnostic::Severity;
use crate::note::footnotes::footnotes_of;
use crate::note::plain::plain;
use crate::note::{self, Kind, Note, Span};

use super::bank::{Candidate, Gathered};
use super::gate::Refusal;
use super::naming::{Naming, Said};
use super::question::{Footnote, Origin, Place, Question};

/// The written questions of all notes. Those with errors are refused; style is
/// the matter of lint alone.
pub(super) fn gather(knowledge: &Knowledge, naming: &Naming, gathered: &mut Gathered) {
    for (at, note) in knowledge.notes.iter().enumerate() {
        let mut anchors = Anchors::default();
        for written in &note.questions {
            let id = format!("{}#{}", note.path, anchors.next(&written.stem));
            match read((knowledge, naming), at, note, written) {
                Ok(question) => gathered.admit(hashed(Question { id, ..question }, "")),
                Err(gate) => gathered.refuse(
                    Candidate {
                        id,
                        origin: Origin::Written,
                        stem: written.stem.clone(),
                        place: place(note, written),
                    },
                    gate,
                ),
            }
        }
    }
}

/// The question, without id and hash.
fn read(
    (knowledge, naming): (&Knowledge, &Naming),
    at: usize,
    note: &Note,
    written: &note::Question,
) -> Result<Question, Refusal> {
    let flaws = flaws(&Draft::of(note, written));
    let error = flaws
        .into_iter()
        .find(|flaw| flaw.severity == Severity::Error);
    if let Some(flaw) = error {
        return Err(Refusal {
            gate: flaw.rule,
            reason: flaw.message,
        });
    }
    // What is missing here is one of the errors above.
    let key = written.options.iter().position(|option| option.key);
    let explanation = written.explanation.unwrap_or_default();
    let (service, controls) = subjects((knowledge, naming), at, note, written, explanation);
    let options = written.options.iter().map(|option| option.text.clone());
    Ok(Question {
        id: String::new(),
        hash: String::new(),
        origin: Origin::Written,
        stem: written.stem.clone(),
        options: options.collect(),
        key: key.unwrap_or_default(),
        explanation: plain(note.text(explanation)),
        place: place(note, written),
        sources: sources(note, explanation),
        service,
        controls,
    })
}

/// From the heading to the end of the explanation.
fn place(note: &Note, written: &note::Question) -> Place {
    let last_option = written.options.last().map(|last| last.line);
    let end = written.explanation.map(|span| span.line_end);
    Place {
        path: note.path.clone(),
        line_start: written.line,
        line_end: end.or(last_option).unwrap_or(written.line),
    }
}

/// The question with the hash of its text and of what else it rests on.
pub(super) fn hashed(mut question: Question, basis: &str) -> Question {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        // With its length, so that no text can pass for another cut elsewhere.
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    };
    add(&question.stem);
    question.options.iter().for_each(|option| add(option));
    add(&question.key.to_string());
    add(&question.explanation);
    for source in &question.sources {
        add(&source.text);
        add(source.url.as_deref().unwrap_or_default());
    }
    add(basis);
    question.hash = data_encoding::HEXLOWER.encode(&hash.finalize());
    question.hash.truncate(16);
    question
}

/// The footnotes of a span.
pub(super) fn sources(note: &Note, span: Span) -> Vec<Footnote> {
    let cited = footnotes_of(note, span);
    cited
        .into_iter()
        .filter_map(|at| note.footnotes.get(at))
        .map(|footnote| Footnote {
            text: footnote.text.clone(),
            url: footnote.url.clone(),
        })
        .collect()
}

/// The service and the controls that a question is about.
fn subjects(
    (knowledge, naming): (&Knowledge, &Naming),
    at: usize,
    note: &Note,
    question: &note::Question,
    explanation: Span,
) -> (Option<String>, Vec<String>) {
    let name = note.name.clone();
    match note.kind {
        Some(Kind::Control) => (None, vec![name]),
        Some(Kind::Family) | None => (Some(name), Vec::new()),
        Some(Kind::Service) => {
            let control = control((knowledge, naming), at, note, question, explanation);
            let control = control.map(|id| knowledge.catalog.entity(id).name.clone());
            (Some(name), control.into_iter().collect())
        }
    }
}

/// The control of a service's question: the one under whose heading the same
/// footnotes stand, and whose name or aliases the question uses. A footnote that
/// all headings share says nothing. `None` when two are as likely.
fn control(
    (knowledge, naming): (&Knowledge, &Naming),
    at: usize,
    note: &Note,
    question: &note::Question,
    explanation: Span,
) -> Option<EntityId> {
    /// A name in the text says more than a footnote that two headings share,
    /// and less than one that is found under a single heading.
    const NAMED: f32 = 0.75;
    let (service, _) = knowledge.catalog.entities().find(|(_, entity)| {
        entity.role == Role::Service && usize::try_from(entity.note) == Ok(at)
    })?;
    let cited = footnotes_of(note, explanation);
    let asked = format!("{} {}", question.stem, note.text(explanation));
    let asked = Said::of(&asked);
    let mut headings: Vec<(EntityId, Vec<usize>)> = Vec::new();
    for section in knowledge.sections_of(service) {
        let Some(control) = knowledge
            .subject(section)
            .and_then(|subject| subject.control)
        else {
            continue;
        };
        let Some((_, section)) = knowledge.section(section) else {
            continue;
        };
        headings.push((control, footnotes_of(note, section.span)));
    }
    let mut scored: Vec<(f32, EntityId)> = Vec::new();
    for (control, footnotes) in &headings {
        let mut score = 0.0;
        for footnote in cited.iter().filter(|cited| footnotes.contains(cited)) {
            let sharing = headings.iter().filter(|(_, list)| list.contains(footnote));
            #[expect(clippy::cast_precision_loss, reason = "headings of a note")]
            let sharing = sharing.count() as f32;
            score += 1.0 / sharing;
        }
        if naming.is_in(&asked, *control) {
            score += NAMED;
        }
        scored.push((score, *control));
    }
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    match scored.as_slice() {
        [(best, control), rest @ ..] if *best > 0.0 => {
            let tie = rest
                .iter()
                .any(|(score, other)| score.total_cmp(best).is_eq() && other != control);
            (!tie).then_some(*control)
        }
        _ => None,
    }
}
