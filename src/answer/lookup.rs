//! Looking up by name or id instead of asking: a note, one of its sections, a
//! control.
//!
//! Ids are what autocomplete hands out and buttons carry: the path of a note,
//! or `path#anchor` for a section. They stay valid while the note keeps its
//! place; a text that is no id is read as a name.

use crate::catalog::{EntityId, Role, joined};
use crate::knowledge::{Knowledge, SectionAt};

use super::policy::Policy;
use super::query::Query;
use super::reading::Reading;
use super::{Answer, Kind, Quotation, answer, decline, list, names, quote, score};

/// Quotations of a control's own note that are shown above the services.
const DEFINITION: usize = 2;
/// Quotations of each side when two services are compared on one control.
const EACH: usize = 2;

/// What a typed name may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A service, a family or a topic of a plain note.
    Service,
    /// A control.
    Control,
}

impl Wanted {
    /// Whether an entity of this role is wanted.
    pub fn admits(self, role: Role) -> bool {
        (role == Role::Control) == (self == Self::Control)
    }
}

/// The id of an entity.
pub fn id_of(knowledge: &Knowledge, entity: EntityId) -> String {
    let entity = knowledge.catalog.entity(entity);
    match entity.section {
        Some(section) => section_id(
            knowledge,
            SectionAt {
                note: entity.note,
                section,
            },
        ),
        None => knowledge
            .note(entity.note)
            .map_or_else(String::new, |note| note.path.clone()),
    }
}

/// The id of a section. Sections without a heading of their own share the id
/// of the one around them.
pub fn section_id(knowledge: &Knowledge, at: SectionAt) -> String {
    knowledge.note(at.note).map_or_else(String::new, |note| {
        format!("{}#{}", note.path, note.anchor_of(at.section as usize))
    })
}

/// The section with this id.
pub fn section_with_id(knowledge: &Knowledge, id: &str) -> Option<SectionAt> {
    let (path, anchor) = id.rsplit_once('#')?;
    let note = knowledge.notes.iter().position(|note| note.path == path)?;
    let sections = &knowledge.notes.get(note)?.sections;
    let section = sections
        .iter()
        .position(|section| section.anchor == anchor)?;
    Some(SectionAt {
        note: u32::try_from(note).ok()?,
        section: u32::try_from(section).ok()?,
    })
}

/// The entities with this id: one, or none when it is no id.
pub fn with_id<'a>(knowledge: &'a Knowledge, id: &'a str) -> impl Iterator<Item = EntityId> + 'a {
    // Most texts are none, and making all ids takes a while.
    let may_be_one = id.contains(['/', '#', '.']);
    let entities = knowledge.catalog.entities().map(|(entity, _)| entity);
    entities.filter(move |entity| may_be_one && id_of(knowledge, *entity) == id)
}

/// The entity that a text stands for: its id, its name or an alias, else the
/// one that a question with these words would be read as naming.
pub fn find(knowledge: &Knowledge, text: &str, wanted: Wanted) -> Option<EntityId> {
    let admitted = |id: &EntityId| wanted.admits(knowledge.catalog.entity(*id).role);
    if let Some(id) = with_id(knowledge, text).find(admitted) {
        return Some(id);
    }
    let spelled = knowledge.catalog.spelled(&joined(text));
    if let Some(id) = spelled.iter().find(|id| admitted(id)) {
        return Some(*id);
    }
    let query = Query::read(knowledge, text);
    query
        .mentions()
        .flat_map(|mention| mention.readings.iter().map(|(id, _)| *id))
        .find(|id| admitted(id))
}

/// What the notes hold on a service: the first fact of each of its sections.
pub fn service(knowledge: &Knowledge, policy: &Policy, id: EntityId) -> Answer {
    let mut sections = knowledge.sections_of(id);
    sections.sort_unstable();
    sections.dedup();
    let quotations: Vec<Quotation> = sections
        .into_iter()
        .filter_map(|at| quotations(knowledge, at, &[id]).into_iter().next())
        .take(policy.max_listed)
        .collect();
    listed(knowledge, Kind::Overview, &[id], &[], quotations)
        .unwrap_or_else(|| answer(knowledge, policy, name(knowledge, id), None))
}

/// All facts of a service that are filed under a control, else what it says on
/// it elsewhere, else the abstention that says what is held instead.
pub fn service_and_control(
    knowledge: &Knowledge,
    policy: &Policy,
    service: EntityId,
    control: EntityId,
) -> Answer {
    let mut sections = knowledge.sections_of(service);
    sections.sort_unstable();
    sections.dedup();
    let filed = sections.iter().filter(|at| {
        knowledge
            .subject(**at)
            .is_some_and(|subject| subject.control == Some(control))
    });
    let quotations: Vec<Quotation> = filed
        .flat_map(|at| quotations(knowledge, *at, &[service]))
        .take(policy.max_listed)
        .collect();
    listed(knowledge, Kind::Direct, &[service], &[control], quotations).unwrap_or_else(|| {
        let question = format!("{} {}", name(knowledge, service), name(knowledge, control));
        let elsewhere = answer(knowledge, policy, &question, None);
        let is_own = |quoted: &Quotation| sections.contains(&quoted.at);
        // What another service has is no answer to a look-up of this one.
        if elsewhere.kind == Kind::Direct && elsewhere.quotations.iter().all(is_own) {
            elsewhere
        } else {
            lacking(knowledge, service, control)
        }
    })
}

/// Two services side by side, all they have or one control of them; a side
/// that the notes say nothing on is named.
pub fn compare(
    knowledge: &Knowledge,
    policy: &Policy,
    services: [EntityId; 2],
    control: Option<EntityId>,
) -> Answer {
    let sides = services.map(|id| {
        let (answer, most) = match control {
            Some(control) => (service_and_control(knowledge, policy, id, control), EACH),
            None => (service(knowledge, policy, id), usize::MAX),
        };
        let own = knowledge.sections_of(id);
        let mut quotations = answer.quotations;
        // What is held instead, or by others, is no side of a comparison.
        quotations.retain(|quoted| answer.abstention.is_none() && own.contains(&quoted.at));
        quotations.truncate(most);
        quotations
    });
    let missing: Vec<EntityId> = services
        .into_iter()
        .zip(&sides)
        .filter(|(_, side)| side.is_empty())
        .map(|(id, _)| id)
        .collect();
    let rows = sides.iter().map(Vec::len).max().unwrap_or(0);
    let quotations: Vec<Quotation> = (0..rows)
        .flat_map(|row| sides.iter().filter_map(move |side| side.get(row)))
        .take(policy.max_listed)
        .cloned()
        .collect();
    let controls: Vec<EntityId> = control.into_iter().collect();
    if let Some(answer) = listed(knowledge, Kind::Compare, &services, &controls, quotations) {
        return Answer {
            missing: names(knowledge, &missing),
            ..answer
        };
    }
    let question = services.map(|id| name(knowledge, id)).join(" vs ");
    let mut query = Query::read(knowledge, &question);
    list::prefer(knowledge, &mut query, |role| role != Role::Control);
    Answer {
        controls: names(knowledge, &controls),
        ..decline::not_covered(knowledge, &query, &[], 0.0)
    }
}

/// The abstention for a service that has nothing of a control.
fn lacking(knowledge: &Knowledge, service: EntityId, control: EntityId) -> Answer {
    let mut query = Query::read(knowledge, name(knowledge, service));
    list::prefer(knowledge, &mut query, |role| role != Role::Control);
    Answer {
        controls: names(knowledge, &[control]),
        ..decline::not_covered(knowledge, &query, &[], 0.0)
    }
}

/// All facts of one section; `None` when it holds none.
pub fn section(knowledge: &Knowledge, policy: &Policy, at: SectionAt) -> Option<Answer> {
    let subject = knowledge.subject(at)?;
    let mut found = quotations(knowledge, at, &subject.services);
    found.truncate(policy.max_listed);
    let services: Vec<EntityId> = subject.services.last().copied().into_iter().collect();
    let controls: Vec<EntityId> = subject.control.into_iter().collect();
    listed(knowledge, Kind::Direct, &services, &controls, found)
}

/// What a control is and every service that has it.
pub fn control(knowledge: &Knowledge, policy: &Policy, id: EntityId) -> Answer {
    let mut found: Vec<Quotation> = knowledge
        .definition(id)
        .into_iter()
        .flat_map(|at| quotations(knowledge, at, &[]))
        .take(DEFINITION)
        .collect();
    let mut services: Vec<EntityId> = Vec::new();
    for at in knowledge.sections_under(id) {
        let Some(service) = knowledge
            .subject(*at)
            .and_then(|subject| subject.services.last().copied())
        else {
            continue;
        };
        if !services.contains(&service) && services.len() < policy.max_listed {
            services.push(service);
            found.extend(quotations(knowledge, *at, &[service]).into_iter().next());
        }
    }
    listed(knowledge, Kind::Matrix, &services, &[id], found)
        .unwrap_or_else(|| answer(knowledge, policy, name(knowledge, id), None))
}

fn name(knowledge: &Knowledge, id: EntityId) -> &str {
    &knowledge.catalog.entity(id).name
}

/// Everything in a section that is quoted, in its order.
fn quotations(knowledge: &Knowledge, at: SectionAt, asked: &[EntityId]) -> Vec<Quotation> {
    let mut scored = Vec::new();
    score::section(knowledge, &Query::default(), at, &mut scored);
    scored
        .iter()
        .filter_map(|scored| quote::quote(knowledge, scored, asked))
        .collect()
}

fn listed(
    knowledge: &Knowledge,
    kind: Kind,
    services: &[EntityId],
    controls: &[EntityId],
    quotations: Vec<Quotation>,
) -> Option<Answer> {
    (!quotations.is_empty()).then(|| Answer {
        kind,
        services: names(knowledge, services),
        controls: names(knowledge, controls),
        confidence: 1.0,
        evidence: None,
        quotations,
        missing: Vec::new(),
        reading: Reading::default(),
        abstention: None,
    })
}
