//! Suggestions while a name or a question is typed: services, controls and
//! sections, tolerant of misspellings, from memory only.

use rustc_hash::FxHashSet;

use crate::catalog::{Entity, EntityId, Role, joined};
use crate::knowledge::{Knowledge, SectionAt};

use super::lookup::{Wanted, id_of, section_id};
use super::query::Query;

/// What is shown and what is sent when it is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// For people.
    pub label: String,
    /// An id that [`super::lookup`] resolves.
    pub id: String,
}

/// At least this similar, or it is another word.
const SIMILAR: f64 = 0.7;
/// The name begins with what is typed.
const BEGINS: f64 = 3.0;
/// One of its words does.
const WORD_BEGINS: f64 = 2.0;
/// An alias begins with it.
const ALIAS_BEGINS: f64 = 1.5;
/// Search hits looked at for suggested sections.
const HITS: usize = 12;

/// Names that begin with, contain or resemble what is typed, best first; all
/// names in their order when nothing is. Controls are narrowed to those that
/// `within` has, and services to those that have the control `within`.
pub fn names(
    knowledge: &Knowledge,
    typed: &str,
    wanted: Wanted,
    within: Option<EntityId>,
    limit: usize,
) -> Vec<Suggestion> {
    ranked_names(knowledge, typed, wanted, within)
        .into_iter()
        .take(limit)
        .map(|id| suggestion(knowledge, id))
        .collect()
}

/// Sections that what is typed may be about: those of the services and
/// controls that it names, those of names that it begins, then search hits.
pub fn sections(knowledge: &Knowledge, typed: &str, limit: usize) -> Vec<Suggestion> {
    let mut found = Sections {
        knowledge,
        limit,
        suggestions: Vec::new(),
        seen: FxHashSet::default(),
    };
    let query = Query::read(knowledge, typed);
    let services = query.services(knowledge);
    let controls = query.controls(knowledge);
    for service in &services {
        let mut sections = knowledge.sections_of(*service);
        sections.sort_by_key(|at| {
            let control = knowledge.subject(*at).and_then(|subject| subject.control);
            (!control.is_some_and(|id| controls.contains(&id)), *at)
        });
        found.add_all(&sections);
    }
    if services.is_empty() {
        for control in &controls {
            found.add_all(knowledge.sections_under(*control));
        }
    }
    let begun = ranked_names(knowledge, typed, Wanted::Service, None);
    for id in begun.into_iter().filter(|id| !services.contains(id)) {
        if found.is_full() {
            break;
        }
        found.add_all(&knowledge.sections_of(id));
    }
    if !found.is_full() {
        let hits: Vec<SectionAt> = knowledge
            .search(typed, HITS)
            .iter()
            .map(|hit| knowledge.locate(hit.section))
            .collect();
        found.add_all(&hits);
    }
    found.suggestions
}

/// A section as it is suggested; `None` for one that holds nothing to quote.
pub fn section(knowledge: &Knowledge, at: SectionAt) -> Option<Suggestion> {
    let subject = knowledge.subject(at)?;
    if subject.units.is_empty() {
        return None;
    }
    let (note, section) = knowledge.section(at)?;
    let name = |id: &EntityId| knowledge.catalog.entity(*id).name.clone();
    let service = subject
        .services
        .last()
        .map_or_else(|| note.name.clone(), name);
    let control = subject
        .control
        .as_ref()
        .map_or_else(|| section.label.clone(), name);
    let label = if control.is_empty() || control == service {
        service
    } else {
        format!("{service} · {control}")
    };
    Some(Suggestion {
        label,
        id: section_id(knowledge, at),
    })
}

/// An entity as it is suggested.
pub fn suggestion(knowledge: &Knowledge, id: EntityId) -> Suggestion {
    Suggestion {
        label: knowledge.catalog.entity(id).name.clone(),
        id: id_of(knowledge, id),
    }
}

struct Sections<'a> {
    knowledge: &'a Knowledge,
    limit: usize,
    suggestions: Vec<Suggestion>,
    seen: FxHashSet<String>,
}

impl Sections<'_> {
    fn is_full(&self) -> bool {
        self.suggestions.len() >= self.limit
    }

    fn add_all(&mut self, sections: &[SectionAt]) {
        for at in sections {
            if self.is_full() {
                return;
            }
            if let Some(suggestion) = section(self.knowledge, *at)
                && self.seen.insert(suggestion.id.clone())
            {
                self.suggestions.push(suggestion);
            }
        }
    }
}

fn ranked_names(
    knowledge: &Knowledge,
    typed: &str,
    wanted: Wanted,
    within: Option<EntityId>,
) -> Vec<EntityId> {
    let typed = typed.trim().to_lowercase();
    let tight = joined(&typed);
    let near: Vec<EntityId> = knowledge
        .catalog
        .similar(&tight)
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    let exact = knowledge.catalog.spelled(&tight);
    let mut ranked: Vec<(f64, EntityId)> = knowledge
        .catalog
        .entities()
        .filter(|(id, entity)| {
            wanted.admits(entity.role) && within.is_none_or(|within| has(knowledge, *id, within))
        })
        .filter_map(|(id, entity)| {
            let mut score = closeness(entity, &typed);
            if exact.contains(&id) {
                score = score.max(BEGINS);
            } else if near.contains(&id) {
                score = score.max(SIMILAR);
            }
            (typed.is_empty() || score > 0.0).then_some((score, id))
        })
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    ranked.into_iter().map(|(_, id)| id).collect()
}

/// Whether a service has a control, whichever of the two is given first.
fn has(knowledge: &Knowledge, id: EntityId, within: EntityId) -> bool {
    let role = |id: EntityId| knowledge.catalog.entity(id).role;
    match (role(id), role(within)) {
        (Role::Control, Role::Control) => true,
        (Role::Control, _) => knowledge.controls_of(within).contains(&id),
        (_, Role::Control) => knowledge.controls_of(id).contains(&within),
        _ => true,
    }
}

/// How near a name is to what is typed so far; 0 for another name.
fn closeness(entity: &Entity, typed: &str) -> f64 {
    if typed.is_empty() {
        return 0.0;
    }
    let name = entity.name.to_lowercase();
    if name.starts_with(typed) {
        return BEGINS;
    }
    if words_of(&name).any(|rest| rest.starts_with(typed)) {
        return WORD_BEGINS;
    }
    let begins = |alias: &String| {
        alias
            .get(..typed.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(typed))
    };
    if entity.aliases.iter().any(begins) {
        return ALIAS_BEGINS;
    }
    // What is typed is compared with as much of the name, from each of its words.
    let letters = typed.chars().count();
    let similar = words_of(&name)
        .map(|rest| {
            let start: String = rest.chars().take(letters).collect();
            strsim::normalized_damerau_levenshtein(&start, typed)
        })
        .fold(0.0, f64::max);
    if letters >= 3 && similar >= SIMILAR {
        similar
    } else {
        0.0
    }
}

/// The name from each of its words on.
fn words_of(name: &str) -> impl Iterator<Item = &str> {
    let starts = name
        .char_indices()
        .scan(true, |start, (at, c)| {
            let here = *start && c.is_alphanumeric();
            *start = !c.is_alphanumeric();
            Some((here, at))
        })
        .filter_map(|(here, at)| here.then_some(at));
    starts.filter_map(|at| name.get(at..))
}
