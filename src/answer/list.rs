//! Answers that list: what the notes hold on one service, and every service
//! that has a control.

use rustc_hash::FxHashMap;

use crate::catalog::{EntityId, Role};
use crate::knowledge::{Knowledge, SectionAt};

use super::evidence::Evidence;
use super::policy::Policy;
use super::query::{Concept, Query};
use super::score::{self, Scored};
use super::{Answer, Kind, confidence, direct, names, quote};

/// A service belongs to the list when its best fact covers nearly as much of
/// the question as the best one of all.
const NEARLY: f32 = 0.2;
/// Readings of one mention that are as likely as the best one.
const SAME: f32 = 0.95;
/// A control that was read this surely makes a list by itself.
const NAMED: f32 = 0.7;
/// Confidence of such a list, at least.
const BY_CONTROL: f32 = 0.6;
/// Folders with more service sections than this are listed from search hits.
const SCAN: usize = 2_000;
/// Search hits read for a list.
const HITS: usize = 60;

/// "athena": the first snippet of every section, in the order of the note.
pub(super) fn overview(knowledge: &Knowledge, policy: &Policy, query: &Query) -> Answer {
    let services = query.services(knowledge);
    let mut sections: Vec<SectionAt> = services
        .iter()
        .flat_map(|id| knowledge.sections_of(*id))
        .collect();
    sections.sort_unstable();
    sections.dedup();
    let mut quotations = Vec::new();
    for at in sections {
        let mut scored = Vec::new();
        score::section(knowledge, query, at, &mut scored);
        if let Some(first) = scored.first() {
            quotations.extend(quote::quote(knowledge, first, &services));
        }
    }
    if quotations.is_empty() {
        return direct::answer(knowledge, policy, query);
    }
    quotations.truncate(policy.max_listed);
    let mut controls: Vec<String> = Vec::new();
    for quotation in &quotations {
        if !quotation.control.is_empty() && !controls.contains(&quotation.control) {
            controls.push(quotation.control.clone());
        }
    }
    Answer {
        kind: Kind::Overview,
        services: names(knowledge, &services),
        controls,
        confidence: strength(query),
        evidence: None,
        quotations,
        missing: Vec::new(),
        reading: query.reading(knowledge),
        abstention: None,
    }
}

/// "encryption at rest": every service that has it; one service is a direct answer.
pub(super) fn control(knowledge: &Knowledge, policy: &Policy, query: &Query) -> Answer {
    match matrix(knowledge, policy, query) {
        Some(answer) if answer.services.len() > 1 => answer,
        _ => direct::answer(knowledge, policy, query),
    }
}

/// A list is of services that have something: a name that is as likely a
/// control ("security groups") is read as the control.
pub(super) fn prefer_controls(knowledge: &Knowledge, query: &mut Query) {
    prefer(knowledge, query, |role| role == Role::Control);
}

/// Where a name is as likely something wanted, it is read as that.
pub(super) fn prefer(knowledge: &Knowledge, query: &mut Query, wanted: impl Fn(Role) -> bool) {
    for concept in &mut query.concepts {
        let Concept::Name(mention) = concept else {
            continue;
        };
        let best = mention
            .readings
            .first()
            .map_or(0.0, |(_, strength)| *strength);
        let is_wanted = |(id, strength): &(EntityId, f32)| {
            *strength >= best * SAME && wanted(knowledge.catalog.entity(*id).role)
        };
        if let Some(at) = mention.readings.iter().position(is_wanted) {
            let reading = mention.readings.remove(at);
            mention.readings.insert(0, reading);
        }
    }
}

/// "which services …": the best snippet of every service that satisfies the
/// rest of the question. `None` when that is no list.
pub(super) fn matrix(knowledge: &Knowledge, policy: &Policy, query: &Query) -> Option<Answer> {
    let under_control = sections_under(knowledge, query);
    let by_control = !under_control.is_empty();
    let sections = if by_control {
        under_control
    } else {
        candidates(knowledge, query)
    };
    let named = query.services(knowledge);
    let best = best_of_each(
        knowledge,
        query,
        &sections,
        if by_control { &[] } else { &named },
    );

    // Without a control and with nothing but names, facts that name them count.
    let names_alone = query.is_bare() && !by_control;
    let worth = |scored: &Scored| {
        let Evidence { service, .. } = scored.evidence;
        if names_alone {
            service
        } else {
            service * scored.evidence.coverage()
        }
    };
    let top = best.values().max_by(|a, b| worth(a).total_cmp(&worth(b)))?;
    let mut sure = if names_alone {
        top.evidence.service
    } else {
        confidence::of(knowledge, top)
    };
    if by_control && top.evidence.control >= NAMED {
        sure = sure.max(BY_CONTROL);
    }
    if sure < policy.min_confidence {
        return None;
    }
    let least = worth(top) - NEARLY;
    let mut kept: Vec<Scored> = best
        .values()
        .copied()
        .filter(|scored| worth(scored) >= least)
        .collect();
    kept.sort_by_key(|scored| scored.at);
    let quotations: Vec<_> = kept
        .iter()
        .filter_map(|scored| quote::quote(knowledge, scored, &named))
        .take(policy.max_listed)
        .collect();
    let mut services: Vec<String> = Vec::new();
    for quotation in &quotations {
        if !services.contains(&quotation.service) {
            services.push(quotation.service.clone());
        }
    }
    Some(Answer {
        kind: Kind::Matrix,
        services,
        controls: names(knowledge, &query.controls(knowledge)),
        confidence: sure,
        evidence: Some(top.evidence),
        quotations,
        missing: Vec::new(),
        reading: query.reading(knowledge),
        abstention: None,
    })
}

/// Sections filed under the controls that the question names.
fn sections_under(knowledge: &Knowledge, query: &Query) -> Vec<SectionAt> {
    let mut sections: Vec<SectionAt> = Vec::new();
    for mention in query.mentions() {
        let best = mention
            .readings
            .first()
            .map_or(0.0, |(_, strength)| *strength);
        for (id, _) in mention
            .readings
            .iter()
            .take_while(|(_, strength)| *strength >= best * SAME)
        {
            sections.extend(knowledge.sections_under(*id));
        }
    }
    sections.sort_unstable();
    sections.dedup();
    sections
}

/// The best unit of each service, apart from some; of a family, its members only.
fn best_of_each(
    knowledge: &Knowledge,
    query: &Query,
    sections: &[SectionAt],
    without: &[EntityId],
) -> FxHashMap<EntityId, Scored> {
    let family: Vec<EntityId> = query
        .services(knowledge)
        .into_iter()
        .filter(|id| knowledge.catalog.entity(*id).role == Role::Family)
        .flat_map(|id| knowledge.catalog.entity(id).members.clone())
        .collect();
    let mut best: FxHashMap<EntityId, Scored> = FxHashMap::default();
    for at in sections {
        let Some(service) = knowledge
            .subject(*at)
            .and_then(|subject| subject.services.last().copied())
        else {
            continue;
        };
        if without.contains(&service) || (!family.is_empty() && !family.contains(&service)) {
            continue;
        }
        let mut scored = Vec::new();
        score::section(knowledge, query, *at, &mut scored);
        for scored in scored {
            let kept = best.entry(service).or_insert(scored);
            if scored.score > kept.score {
                *kept = scored;
            }
        }
    }
    best
}

fn candidates(knowledge: &Knowledge, query: &Query) -> Vec<SectionAt> {
    let all: Vec<SectionAt> = knowledge
        .catalog
        .entities()
        .filter(|(_, entity)| matches!(entity.role, Role::Service | Role::Topic))
        .flat_map(|(id, _)| knowledge.sections_of(id))
        .take(SCAN + 1)
        .collect();
    if all.len() <= SCAN {
        return all;
    }
    knowledge
        .search(&query.text, HITS)
        .iter()
        .map(|hit| knowledge.locate(hit.section))
        .collect()
}

/// How surely the names of a question were read.
pub(super) fn strength(query: &Query) -> f32 {
    query
        .mentions()
        .filter_map(|mention| mention.readings.first().map(|(_, strength)| *strength))
        .fold(1.0, f32::min)
}
