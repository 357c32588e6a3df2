//! How well a unit of a note satisfies what a question asks for.
//!
//! A question is a list of concepts with weights; a unit satisfies each of
//! them wholly, partly or not at all. The share that is satisfied, apart from
//! the mere name of the service, is the *coverage* that abstention looks at.

use crate::catalog::{EntityId, Role};
use crate::index::TermId;
use crate::knowledge::{Knowledge, SectionAt, Subject, Unit};

use super::mention::Mention;
use super::query::{Concept, Query, QueryWord};

/// A unit with its score.
#[derive(Clone, Copy, Debug)]
pub struct Scored {
    /// The section.
    pub at: SectionAt,
    /// Index of the unit in [`Subject::units`].
    pub unit: usize,
    /// For ordering: what is satisfied, weighted, over everything asked.
    pub score: f32,
    /// Share of what is asked, apart from services, that is satisfied (0 to 1).
    pub coverage: f32,
    /// How far the named services are satisfied; 1 when none is named.
    pub service: f32,
}

/// A named service outweighs any single word: the right fact about another
/// service is a wrong answer.
const SERVICE_WEIGHT: f32 = 2.5;
/// A named control outweighs single words too.
const CONTROL_WEIGHT: f32 = 1.8;
/// A service that is only mentioned in a fact of another one's note.
const SERVICE_IN_TEXT: f32 = 0.75;
/// Words of a control's alias that stand in the fact itself.
const CONTROL_IN_TEXT: f32 = 0.8;
/// A word in the heading or name above a fact.
const WORD_ABOVE: f32 = 0.9;
/// A word in another fact of the same section.
const WORD_BESIDE: f32 = 0.35;
/// A word that stands for the section's control elsewhere.
const WORD_SUGGESTS: f32 = 0.75;
/// A fact with the very words of the question before one filed under the same control.
const VERBATIM: f32 = 0.12;
/// A word that one other service's notes use, and these do not, is a
/// difference ("kerberos"); one that many use is another word for the same.
const USED_ELSEWHERE: [f32; 3] = [0.25, 0.6, 0.9];

/// Scores all units of a section.
pub(super) fn section(knowledge: &Knowledge, query: &Query, at: SectionAt, into: &mut Vec<Scored>) {
    let Some(subject) = knowledge.subject(at) else { return };
    let beside: Vec<&[TermId]> = subject.units.iter().map(|unit| unit.terms.as_ref()).collect();
    for (index, unit) in subject.units.iter().enumerate() {
        let view = View { knowledge, query, subject: &subject, unit, beside: &beside };
        into.push(view.score(at, index));
    }
}

struct View<'a> {
    knowledge: &'a Knowledge,
    query: &'a Query,
    subject: &'a Subject,
    unit: &'a Unit,
    beside: &'a [&'a [TermId]],
}

impl View<'_> {
    fn score(&self, at: SectionAt, unit: usize) -> Scored {
        let mut asked = 0.0;
        let mut met = 0.0;
        let mut services = 0.0;
        let mut services_met = 0.0;
        let mut bonus = 0.0;
        for concept in &self.query.concepts {
            match concept {
                Concept::Word { word, weight } => {
                    let Some(word) = self.query.words.get(*word) else { continue };
                    asked += weight;
                    met += weight * self.word(word);
                }
                Concept::Name(mention) if self.is_service(mention) => {
                    services += SERVICE_WEIGHT;
                    services_met += SERVICE_WEIGHT * self.service(mention);
                }
                Concept::Name(mention) => {
                    asked += CONTROL_WEIGHT;
                    met += CONTROL_WEIGHT * self.control(mention);
                    bonus += VERBATIM * self.verbatim(mention);
                }
            }
        }
        let total = (asked + services).max(f32::EPSILON);
        Scored {
            at,
            unit,
            score: (met + services_met + bonus) / total,
            coverage: if asked > 0.0 { met / asked } else { 0.0 },
            service: if services > 0.0 { services_met / services } else { 1.0 },
        }
    }

    fn is_service(&self, mention: &Mention) -> bool {
        mention.best().is_some_and(|id| self.knowledge.catalog.entity(id).role != Role::Control)
    }

    fn service(&self, mention: &Mention) -> f32 {
        let mut best: f32 = 0.0;
        for (id, strength) in &mention.readings {
            let entity = self.knowledge.catalog.entity(*id);
            let here = match entity.role {
                Role::Control => self.subject.control == Some(*id),
                _ => self.subject.services.iter().any(|s| s == id || entity.members.contains(s)),
            };
            if here {
                best = best.max(*strength);
            } else if self.names_in_text(*id) {
                best = best.max(strength * SERVICE_IN_TEXT);
            }
        }
        best
    }

    fn names_in_text(&self, id: EntityId) -> bool {
        self.knowledge.name_terms(id).iter().any(|terms| {
            terms.iter().all(|term| contains(&self.unit.terms, *term) || contains(&self.unit.parent_terms, *term))
        })
    }

    fn control(&self, mention: &Mention) -> f32 {
        let mut best: f32 = 0.0;
        for (id, strength) in &mention.readings {
            if self.subject.control == Some(*id) {
                best = best.max(strength * self.specific(mention, *id));
            }
        }
        best.max(CONTROL_IN_TEXT * self.verbatim(mention))
    }

    /// Share of the mention's words that stand in the unit.
    fn verbatim(&self, mention: &Mention) -> f32 {
        let mut terms = 0.0;
        let mut here = 0.0;
        for word in self.words_of(mention).filter(|word| !word.stop) {
            terms += 1.0;
            here += self.in_unit(word);
        }
        if terms > 0.0 { here / terms } else { 0.0 }
    }

    /// Below 1 when the words that named the control are used in other
    /// services' facts, but not here.
    fn specific(&self, mention: &Mention, control: EntityId) -> f32 {
        let name = self.knowledge.name_terms(control);
        let mut factor: f32 = 1.0;
        for word in self.words_of(mention).filter(|word| !word.stop) {
            let Some(term) = word.term.or(word.repairs.first().map(|repaired| repaired.term)) else { continue };
            if name.first().is_some_and(|name| name.contains(&term))
                || self.beside.iter().any(|terms| contains(terms, term))
                || self.subject.services.is_empty()
            {
                continue;
            }
            let elsewhere = self.knowledge.services_using(term) as usize;
            if let Some(share) = elsewhere.checked_sub(1).and_then(|at| USED_ELSEWHERE.get(at)) {
                factor = factor.min(*share);
            }
        }
        factor
    }

    fn words_of(&self, mention: &Mention) -> impl Iterator<Item = &QueryWord> {
        mention.words.iter().filter_map(|at| self.query.words.get(*at))
    }

    fn in_unit(&self, word: &QueryWord) -> f32 {
        best(word, |term| {
            if contains(&self.unit.terms, term) {
                1.0
            } else if contains(&self.unit.parent_terms, term) {
                WORD_ABOVE
            } else {
                0.0
            }
        })
    }

    fn word(&self, word: &QueryWord) -> f32 {
        best(word, |term| {
            if contains(&self.unit.terms, term) {
                return 1.0;
            }
            if contains(&self.unit.parent_terms, term) || contains(&self.subject.context, term) {
                return WORD_ABOVE;
            }
            let beside =
                if self.beside.iter().any(|terms| contains(terms, term)) { WORD_BESIDE } else { 0.0 };
            let suggests = self
                .knowledge
                .controls_suggested_by(term)
                .iter()
                .find(|(control, _)| Some(*control) == self.subject.control)
                .map_or(0.0, |(_, weight)| WORD_SUGGESTS * weight);
            beside.max(suggests)
        })
    }
}

fn best(word: &QueryWord, satisfied: impl Fn(TermId) -> f32) -> f32 {
    let own = word.term.map_or(0.0, &satisfied);
    word.repairs
        .iter()
        .map(|repaired| repaired.weight * satisfied(repaired.term))
        .fold(own, f32::max)
}

fn contains(sorted: &[TermId], term: TermId) -> bool {
    sorted.binary_search(&term).is_ok()
}
