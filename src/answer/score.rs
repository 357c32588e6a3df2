//! How well a unit of a note satisfies what a question asks for.
//!
//! A question is a list of concepts with weights; a unit satisfies each of
//! them wholly, partly or not at all. The share that is satisfied, apart from
//! the mere name of the service, is the *coverage* that abstention looks at.

use crate::catalog::{EntityId, Role};
use crate::index::TermId;
use crate::knowledge::{Knowledge, SectionAt, Subject, Unit};
use crate::text;

use super::evidence::Evidence;
use super::mention::Mention;
use super::query::{Concept, Query, QueryWord};
use super::words;

/// A unit with its score.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scored {
    /// The section.
    pub(super) at: SectionAt,
    /// Index of the unit in [`Subject::units`].
    pub(super) unit: usize,
    /// For ordering: what is satisfied, weighted, over everything asked.
    pub(super) score: f32,
    /// What the score rests on.
    pub(super) evidence: Evidence,
}

/// A named service outweighs any single word: the right fact about another
/// service is a wrong answer.
const SERVICE_WEIGHT: f32 = 3.5;
/// A named control outweighs single words too.
pub(super) const CONTROL_WEIGHT: f32 = 1.8;
/// Further services and controls of a question count like rare words.
const FURTHER_SERVICE: f32 = 0.8;
/// See [`FURTHER_SERVICE`].
const FURTHER_CONTROL: f32 = 0.5;
/// A service that is only mentioned in a fact of another one's note.
const SERVICE_IN_TEXT: f32 = 0.65;
/// Words of a control's alias that stand in the fact itself.
const CONTROL_IN_TEXT: f32 = 0.5;
/// A word in the heading or name above a fact.
const WORD_ABOVE: f32 = 0.8;
/// A word in another fact of the same section.
const WORD_BESIDE: f32 = 0.35;
/// A word that stands for the section's control elsewhere.
const WORD_SUGGESTS: f32 = 1.2;
/// However strongly a word suggests the control, it does not stand in the fact.
const SUGGESTS_MOST: f32 = 0.95;
/// A fact with the very words of the question before one filed under the same control.
const VERBATIM: f32 = 0.3;
/// A control that is satisfied less than this is another one.
const DENIED: f32 = 0.3;
/// A facet matters however common its word is in the notes.
const FACET_WEIGHT: f32 = 0.6;
/// A word of an alias that is more than the name ("streams", "DAX") and stands in the fact.
const ALIAS_VERBATIM: f32 = 0.5;
/// A word that one other service's notes use, and these do not, is a
/// difference ("kerberos"); one that many use is another word for the same.
const USED_ELSEWHERE: [f32; 3] = [0.3, 0.75, 0.95];

/// Scores all units of a section.
pub(super) fn section(knowledge: &Knowledge, query: &Query, at: SectionAt, into: &mut Vec<Scored>) {
    let Some(subject) = knowledge.subject(at) else {
        return;
    };
    let beside: Vec<&[TermId]> = subject
        .units
        .iter()
        .map(|unit| unit.terms.as_ref())
        .collect();
    for (index, unit) in subject.units.iter().enumerate() {
        let view = View {
            knowledge,
            query,
            subject: &subject,
            unit,
            beside: &beside,
        };
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
        let mut evidence = Evidence {
            unknown_subject: self.query.unknown_subject,
            ..Evidence::default()
        };
        let mut services: Vec<f32> = Vec::new();
        let mut controls: Vec<f32> = Vec::new();
        let mut bonus = 0.0;
        for concept in &self.query.concepts {
            match concept {
                Concept::Word { word, weight } => {
                    let Some(word) = self.query.words.get(*word) else {
                        continue;
                    };
                    self.add_word(word, *weight, &mut evidence);
                }
                Concept::Name(mention) if self.is_service(mention) => {
                    services.push(self.service(mention));
                    bonus += ALIAS_VERBATIM * self.beyond_name(mention);
                }
                Concept::Name(mention) => {
                    let satisfied = self.control(mention);
                    controls.push(satisfied);
                    evidence.denied |= satisfied < DENIED && self.is_own_name(mention);
                    bonus += VERBATIM * self.verbatim(mention);
                }
            }
        }
        for mention in self.query.mentions() {
            for word in self.words_of(mention) {
                if words::is_facet(&word.text) && self.in_unit(word) < WORD_ABOVE {
                    evidence.facets += FACET_WEIGHT;
                }
            }
        }
        if self.query.quantity {
            evidence.facets += FACET_WEIGHT;
        }
        let primary = take_best(&mut services);
        evidence.service_named = primary.is_some();
        evidence.service = primary.unwrap_or(1.0);
        for further in services {
            evidence.asked += FURTHER_SERVICE;
            evidence.met += FURTHER_SERVICE * if further > 0.0 { 1.0 } else { 0.0 };
        }
        if let Some(control) = take_best(&mut controls) {
            evidence.control_named = true;
            evidence.control = control;
            evidence.asked += CONTROL_WEIGHT;
            evidence.met += CONTROL_WEIGHT * control;
        }
        for further in controls {
            evidence.asked += FURTHER_CONTROL;
            evidence.met += FURTHER_CONTROL * further;
        }
        let service = if primary.is_some() {
            SERVICE_WEIGHT
        } else {
            0.0
        };
        let total = (evidence.asked + service).max(f32::EPSILON);
        let score = (evidence.met + service * evidence.service + bonus) / total;
        Scored {
            at,
            unit,
            score,
            evidence,
        }
    }

    fn add_word(&self, word: &QueryWord, weight: f32, evidence: &mut Evidence) {
        let satisfied = self.word(word);
        evidence.asked += weight;
        evidence.met += weight * satisfied;
        if satisfied < WORD_ABOVE && words::is_facet(&word.text) {
            evidence.facets += weight.max(FACET_WEIGHT);
        }
        if satisfied >= WORD_ABOVE * 0.9 {
            evidence.verbatim += weight;
        } else if word.term.is_none() && word.repairs.is_empty() && !text::is_english(&word.text) {
            evidence.foreign += weight;
        } else if word.term.is_none() && word.repairs.is_empty() {
            evidence.unknown += weight;
        } else if satisfied < WORD_BESIDE {
            evidence.elsewhere += weight;
        }
    }

    fn is_service(&self, mention: &Mention) -> bool {
        mention
            .best()
            .is_some_and(|id| self.knowledge.catalog.entity(id).role != Role::Control)
    }

    fn service(&self, mention: &Mention) -> f32 {
        let mut best: f32 = 0.0;
        for (id, strength) in &mention.readings {
            let entity = self.knowledge.catalog.entity(*id);
            let here = match entity.role {
                Role::Control => self.subject.control == Some(*id),
                _ => self
                    .subject
                    .services
                    .iter()
                    .any(|s| s == id || entity.members.contains(s)),
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
            terms.iter().all(|term| {
                contains(&self.unit.terms, *term) || contains(&self.unit.parent_terms, *term)
            })
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

    /// Whether a control is named as its note is, not by an alias.
    fn is_own_name(&self, mention: &Mention) -> bool {
        let Some(name) = mention
            .best()
            .and_then(|id| self.knowledge.name_terms(id).first())
        else {
            return false;
        };
        let mut words = 0;
        let all = self
            .words_of(mention)
            .filter(|word| !word.stop)
            .all(|word| {
                words += 1;
                word.term.is_some_and(|term| name.contains(&term))
            });
        all && words == name.len()
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

    /// Share of the words that are not in the name itself and stand in the unit.
    fn beyond_name(&self, mention: &Mention) -> f32 {
        let name = mention
            .best()
            .and_then(|id| self.knowledge.name_terms(id).first());
        let mut beyond = 0.0;
        let mut here = 0.0;
        for word in self.words_of(mention).filter(|word| !word.stop) {
            if word
                .term
                .is_some_and(|term| name.is_none_or(|name| !name.contains(&term)))
            {
                beyond += 1.0;
                here += self.in_unit(word);
            }
        }
        if beyond > 0.0 { here / beyond } else { 0.0 }
    }

    /// Below 1 when the words that named the control are used in other
    /// services' facts, but not here.
    fn specific(&self, mention: &Mention, control: EntityId) -> f32 {
        let name = self.knowledge.name_terms(control);
        // One word that does not set services apart is enough: "front" in
        // "front door" names nothing, "kerberos" alone does.
        let mut factor: Option<f32> = None;
        for word in self.words_of(mention).filter(|word| !word.stop) {
            let Some(term) = word
                .term
                .or(word.repairs.first().map(|repaired| repaired.term))
            else {
                return 1.0;
            };
            if name.first().is_some_and(|name| name.contains(&term))
                || self.beside.iter().any(|terms| contains(terms, term))
                || self.subject.services.is_empty()
            {
                return 1.0;
            }
            let elsewhere = self.knowledge.services_using(term) as usize;
            match elsewhere
                .checked_sub(1)
                .and_then(|at| USED_ELSEWHERE.get(at))
            {
                Some(share) => factor = Some(factor.map_or(*share, |factor| factor.max(*share))),
                None => return 1.0,
            }
        }
        factor.unwrap_or(1.0)
    }

    fn words_of(&self, mention: &Mention) -> impl Iterator<Item = &QueryWord> {
        mention
            .words
            .iter()
            .filter_map(|at| self.query.words.get(*at))
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
            let beside = if self.beside.iter().any(|terms| contains(terms, term)) {
                WORD_BESIDE
            } else {
                0.0
            };
            let suggests = self.subject.control.map_or(0.0, |control| {
                WORD_SUGGESTS * self.knowledge.suggests(term, control, &self.query.among)
            });
            beside.max(suggests.min(SUGGESTS_MOST))
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

fn take_best(values: &mut Vec<f32>) -> Option<f32> {
    let best = (0..values.len()).max_by(|a, b| {
        values
            .get(*a)
            .unwrap_or(&0.0)
            .total_cmp(values.get(*b).unwrap_or(&0.0))
    })?;
    Some(values.swap_remove(best))
}

fn contains(sorted: &[TermId], term: TermId) -> bool {
    sorted.binary_search(&term).is_ok()
}
