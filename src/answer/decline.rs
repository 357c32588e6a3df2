//! Abstentions: what the notes do not say, what they do hold, the nearest names.

use crate::catalog::Role;
use crate::knowledge::Knowledge;

use super::evidence::Evidence;
use super::query::{Concept, Query};
use super::reading::Reading;
use super::score::Scored;
use super::{Answer, Kind, names};

/// Why there is no answer, and where to go from here.
#[derive(Clone, Debug)]
pub struct Abstention {
    /// What kind of gap it is.
    pub reason: Reason,
    /// The words of the question that the notes do not cover.
    pub uncovered: Vec<String>,
    /// Controls that the notes do hold on the service asked about.
    pub holds: Vec<String>,
    /// Names that may have been meant, best first.
    pub nearest: Vec<String>,
}

/// The kinds of gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The question asks for nothing that notes could hold: a greeting, noise.
    NoQuestion,
    /// It names nothing that the notes know.
    UnknownSubject,
    /// The subject is known, but the notes do not say this about it.
    NotCovered,
}

/// Nearest names offered.
const NEAREST: usize = 5;

/// For a question without any content.
pub(super) fn nothing_asked(knowledge: &Knowledge, query: &Query) -> Answer {
    let nearest = knowledge
        .catalog
        .entities()
        .filter(|(_, entity)| entity.role == Role::Service)
        .take(NEAREST)
        .map(|(_, entity)| entity.name.clone())
        .collect();
    abstain(
        knowledge,
        query,
        0.0,
        None,
        Abstention {
            reason: Reason::NoQuestion,
            uncovered: Vec::new(),
            holds: Vec::new(),
            nearest,
        },
    )
}

/// For a question whose best snippets do not answer it.
pub(super) fn not_covered(
    knowledge: &Knowledge,
    query: &Query,
    ranked: &[Scored],
    confidence: f32,
) -> Answer {
    let services = query.services(knowledge);
    let mut holds: Vec<String> = Vec::new();
    for at in services.iter().flat_map(|id| knowledge.sections_of(*id)) {
        let Some((_, section)) = knowledge.section(at) else {
            continue;
        };
        let control = knowledge
            .subject(at)
            .and_then(|subject| subject.control)
            .map_or_else(
                || section.label.clone(),
                |id| knowledge.catalog.entity(id).name.clone(),
            );
        if section.level > 1 && !control.is_empty() && !holds.contains(&control) {
            holds.push(control);
        }
    }
    let uncovered = query
        .concepts
        .iter()
        .filter_map(|concept| match concept {
            Concept::Word { word, weight } if *weight > 0.3 => query.words.get(*word),
            _ => None,
        })
        .filter(|word| !services.is_empty() || word.term.is_none())
        .map(|word| word.text.clone())
        .collect();
    let mut nearest: Vec<String> = Vec::new();
    for word in query
        .words
        .iter()
        .filter(|word| word.term.is_none() && !word.stop)
    {
        for (id, _) in knowledge.catalog.similar(&word.text) {
            push_new(&mut nearest, &knowledge.catalog.entity(id).name);
        }
    }
    for scored in ranked.iter().take(NEAREST) {
        if let Some(subject) = knowledge.subject(scored.at) {
            for id in subject.services.iter().chain(subject.control.as_ref()) {
                push_new(&mut nearest, &knowledge.catalog.entity(*id).name);
            }
        }
    }
    // What the service holds is said already.
    nearest.retain(|name| !names(knowledge, &services).contains(name) && !holds.contains(name));
    nearest.truncate(NEAREST);
    let reason = if services.is_empty() && query.mentions().next().is_none() {
        Reason::UnknownSubject
    } else {
        Reason::NotCovered
    };
    let evidence = ranked.first().map(|best| best.evidence);
    abstain(
        knowledge,
        query,
        confidence,
        evidence,
        Abstention {
            reason,
            uncovered,
            holds,
            nearest,
        },
    )
}

fn push_new(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|known| known == name) {
        names.push(name.to_owned());
    }
}

fn abstain(
    knowledge: &Knowledge,
    query: &Query,
    confidence: f32,
    evidence: Option<Evidence>,
    abstention: Abstention,
) -> Answer {
    let reading: Reading = query.reading(knowledge);
    Answer {
        kind: Kind::Abstention,
        services: names(knowledge, &query.services(knowledge)),
        controls: names(knowledge, &query.controls(knowledge)),
        confidence,
        evidence,
        quotations: Vec::new(),
        missing: Vec::new(),
        reading,
        abstention: Some(abstention),
    }
}
