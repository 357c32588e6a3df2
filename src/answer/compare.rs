//! Services side by side; a side that the notes say nothing on is named.

use crate::catalog::EntityId;
use crate::knowledge::Knowledge;

use super::policy::Policy;
use super::query::{Concept, Query};
use super::score::{self, Scored};
use super::{Answer, Kind, confidence, decline, direct, list, names, quote};

/// Snippets shown for each side.
const EACH: usize = 2;

/// Compares the services that the question names.
pub(super) fn answer(
    knowledge: &Knowledge,
    policy: &Policy,
    query: &Query,
    services: &[EntityId],
) -> Answer {
    let mut sides: Vec<Vec<Scored>> = Vec::new();
    let mut missing = Vec::new();
    let mut least: f32 = 1.0;
    let mut nearest = Vec::new();
    for service in services {
        let side = only(knowledge, query, *service);
        let bare = side.is_bare() && side.controls(knowledge).is_empty();
        let mut ranked = Vec::new();
        for at in knowledge.sections_of(*service) {
            let mut scored = Vec::new();
            score::section(knowledge, &side, at, &mut scored);
            if bare {
                scored.truncate(1);
            }
            ranked.extend(scored);
        }
        if !bare {
            direct::sort(&mut ranked);
        }
        let sure = match ranked.first() {
            Some(_) if bare => list::strength(query),
            Some(best) => confidence::of(knowledge, best),
            None => 0.0,
        };
        if sure < policy.min_confidence {
            missing.push(*service);
            nearest.extend(ranked.into_iter().take(1));
            sides.push(Vec::new());
            continue;
        }
        least = least.min(sure);
        if !bare {
            let best = ranked.first().map_or(0.0, |best| best.score);
            ranked.retain(|scored| scored.score >= best * policy.further_share);
            ranked.truncate(EACH);
        }
        sides.push(ranked);
    }
    if missing.len() == services.len() {
        return decline::not_covered(knowledge, query, &nearest, 0.0);
    }
    let rows = sides.iter().map(Vec::len).max().unwrap_or(0);
    let quotations: Vec<_> = (0..rows)
        .flat_map(|row| sides.iter().filter_map(move |side| side.get(row)))
        .filter_map(|scored| quote::quote(knowledge, scored, services))
        .take(policy.max_listed)
        .collect();
    let mut controls = names(knowledge, &query.controls(knowledge));
    if let Some(first) = quotations.first()
        && controls.is_empty()
        && !first.control.is_empty()
    {
        controls.push(first.control.clone());
    }
    Answer {
        kind: Kind::Compare,
        services: names(knowledge, services),
        controls,
        confidence: least,
        evidence: None,
        quotations,
        missing: names(knowledge, &missing),
        reading: query.reading(knowledge),
        abstention: None,
    }
}

/// The question as if it named only this service.
fn only(knowledge: &Knowledge, query: &Query, service: EntityId) -> Query {
    let mut side = query.clone();
    let services = query.services(knowledge);
    side.concepts.retain(|concept| match concept {
        Concept::Name(mention) => mention
            .best()
            .is_none_or(|best| best == service || !services.contains(&best)),
        Concept::Word { .. } => true,
    });
    side
}
