//! Profiles: which controls a word speaks for, learnt from the notes alone.
//!
//! A paraphrase shares no word with a fact, but with the aliases, the
//! definition and the other facts of the fact's control.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::{EntityId, Role};
use crate::index::TermId;
use crate::note::Kind;
use crate::text;

use super::{Knowledge, narrow};

/// How much a word of a control's definition says, beside a word of its aliases.
const DEFINITION_WORD: f32 = 0.5;
/// How much a word says that stands in facts filed under the control.
const FACT_WORD: f32 = 0.3;

impl Knowledge {
    /// How much a term says for a control (0 to 1): more when it stands in an
    /// alias than in the definition or in facts, and less when it says the same
    /// for many of the controls in question. Those are `among`, or all.
    pub fn suggests(&self, term: TermId, control: EntityId, among: &[EntityId]) -> f32 {
        let Some(list) = self.profiles.get(&term) else {
            return 0.0;
        };
        let Some((_, weight)) = list.iter().find(|(id, _)| *id == control) else {
            return 0.0;
        };
        let (all, with) = if among.is_empty() {
            (self.controls as usize, list.len())
        } else {
            (
                among.len(),
                list.iter().filter(|(id, _)| among.contains(id)).count(),
            )
        };
        #[expect(clippy::cast_precision_loss, reason = "a handful of controls")]
        let (all, with) = (all.max(2) as f32, with.max(1) as f32);
        weight * (1.0 + all / with).ln() / (1.0 + all).ln()
    }

    /// In how many services' notes a term is used in a fact.
    pub fn services_using(&self, term: TermId) -> u32 {
        self.facts.get(&term).copied().unwrap_or(0)
    }

    pub(super) fn count_facts(&mut self) {
        let mut using: FxHashMap<TermId, FxHashSet<u32>> = FxHashMap::default();
        for ((note, _), subject) in &self.subjects {
            if self
                .note(*note)
                .is_some_and(|note| note.kind == Some(Kind::Service))
            {
                for term in subject.units.iter().flat_map(|unit| &unit.terms) {
                    using.entry(*term).or_default().insert(*note);
                }
            }
        }
        self.facts = using
            .into_iter()
            .map(|(term, notes)| (term, narrow(notes.len())))
            .collect();
    }

    pub(super) fn profile_controls(&mut self) {
        let mut weights: FxHashMap<TermId, FxHashMap<EntityId, f32>> = FxHashMap::default();
        let mut give = |term: TermId, control: EntityId, weight: f32| {
            let best = weights.entry(term).or_default().entry(control).or_default();
            *best = best.max(weight);
        };
        let mut controls = 0_u32;
        for (id, entity) in self.catalog.entities() {
            if entity.role != Role::Control {
                continue;
            }
            controls += 1;
            let mut terms = Vec::new();
            for name in std::iter::once(&entity.name).chain(&entity.aliases) {
                self.terms_of(name, &mut terms);
                // A word of a long alias says less than an alias of one word.
                #[expect(clippy::cast_precision_loss, reason = "a handful of words")]
                let share = 1.0 / (text::words(name).len().max(1) as f32).sqrt();
                terms.drain(..).for_each(|term| give(term, id, share));
            }
            if let Some(note) = self.note(entity.note) {
                for snippet in note.sections.iter().flat_map(|section| &section.snippets) {
                    self.terms_of(note.text(snippet.span), &mut terms);
                }
            }
            terms
                .drain(..)
                .for_each(|term| give(term, id, DEFINITION_WORD));
            for at in self.sections_under(id) {
                if let Some(subject) = self.subjects.get(&(at.note, at.section)) {
                    for term in subject.units.iter().flat_map(|unit| &unit.terms) {
                        give(*term, id, FACT_WORD);
                    }
                }
            }
        }
        self.controls = controls;
        self.profiles = weights
            .into_iter()
            .map(|(term, by_control)| {
                let mut list: Vec<_> = by_control.into_iter().collect();
                list.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
                (term, list)
            })
            .collect();
    }
}
