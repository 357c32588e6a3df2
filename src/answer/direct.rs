//! The best one to three snippets for a question.

use rustc_hash::FxHashSet;

use crate::catalog::{EntityId, Role};
use crate::knowledge::{Knowledge, SectionAt, word_key};

use super::policy::Policy;
use super::query::{Cue, Query, QueryWord};
use super::score::{self, Scored};
use super::{Answer, Kind, Quotation, compare, confidence, decline, names, quote};

/// A definition is what a question wants only when it asks for one.
const DEFINITION: f32 = 0.3;
/// Names that are all satisfied, allowing for a misspelling.
const SURE: f32 = 0.8;
/// How much the order of the search index counts beside the concepts.
const SEARCH_SHARE: f32 = 0.06;

/// Who asks for more is shown what satisfies at least this share of the best.
const FURTHER: f32 = 0.4;

/// The best units are read once more, word by word.
const CLOSE_LOOK: usize = 16;
/// Two words of the question side by side in a unit.
const PAIR: f32 = 0.05;
/// More pairs than this say no more.
const PAIRS: f32 = 3.0;

/// Answers directly, or abstains.
pub(super) fn answer(knowledge: &Knowledge, policy: &Policy, query: &Query) -> Answer {
    from_ranked(knowledge, policy, query, &rank(knowledge, policy, query))
}

fn from_ranked(knowledge: &Knowledge, policy: &Policy, query: &Query, ranked: &[Scored]) -> Answer {
    let Some(best) = ranked.first() else {
        return decline::not_covered(knowledge, query, ranked, 0.0);
    };
    let confidence = confidence::of(knowledge, best);
    if confidence < policy.min_confidence {
        return decline::not_covered(knowledge, query, ranked, confidence);
    }
    let asked = query.services(knowledge);
    let quotations: Vec<_> = ranked
        .iter()
        .take_while(|scored| scored.score >= best.score * policy.further_share)
        .filter(|scored| scored.evidence.service >= best.evidence.service * policy.further_share)
        .filter_map(|scored| quote::quote(knowledge, scored, &asked))
        .take(policy.max_snippets)
        .collect();
    let mut services = names(knowledge, &asked);
    let mut controls = names(knowledge, &query.controls(knowledge));
    if let Some(first) = quotations.first() {
        if services.is_empty() && !first.service.is_empty() {
            services.push(first.service.clone());
        }
        if !first.control.is_empty() && !controls.contains(&first.control) {
            controls.insert(0, first.control.clone());
        }
    }
    Answer {
        kind: Kind::Direct,
        services,
        controls,
        confidence,
        evidence: Some(best.evidence),
        quotations,
        missing: Vec::new(),
        reading: query.reading(knowledge),
        abstention: None,
    }
}

/// What a direct answer leaves out, best first: facts on the same subject that
/// satisfy a fair part of the question.
pub(super) fn further(knowledge: &Knowledge, policy: &Policy, query: &Query) -> Vec<Quotation> {
    let ranked = rank(knowledge, policy, query);
    let Some(best) = ranked.first() else {
        return Vec::new();
    };
    let asked = query.services(knowledge);
    ranked
        .iter()
        .take_while(|scored| scored.score >= best.score * FURTHER)
        .filter(|scored| scored.evidence.service >= best.evidence.service * policy.further_share)
        .filter_map(|scored| quote::quote(knowledge, scored, &asked))
        .skip(policy.max_snippets.min(shown(policy, &ranked)))
        .take(policy.max_further)
        .collect()
}

/// How many of the ranked units the answer itself quotes.
fn shown(policy: &Policy, ranked: &[Scored]) -> usize {
    let Some(best) = ranked.first() else { return 0 };
    ranked
        .iter()
        .take_while(|scored| scored.score >= best.score * policy.further_share)
        .filter(|scored| scored.evidence.service >= best.evidence.service * policy.further_share)
        .count()
}

/// Two names and nothing else ("lambda cloudwatch"): a fact on one that names
/// the other, else both side by side.
pub(super) fn or_compare(
    knowledge: &Knowledge,
    policy: &Policy,
    query: &Query,
    services: &[EntityId],
) -> Answer {
    let ranked = rank(knowledge, policy, query);
    let joined = ranked
        .first()
        .is_some_and(|best| best.evidence.service > SURE && best.evidence.coverage() > SURE);
    if joined {
        from_ranked(knowledge, policy, query, &ranked)
    } else {
        compare::answer(knowledge, policy, query, services)
    }
}

/// All units worth considering, best first; ties in the order of the notes.
fn rank(knowledge: &Knowledge, policy: &Policy, query: &Query) -> Vec<Scored> {
    let hits = knowledge.search(&query.text, policy.search_hits);
    let top = hits.first().map_or(1.0, |hit| hit.score.max(f32::EPSILON));
    let mut sections: FxHashSet<SectionAt> = FxHashSet::default();
    for mention in query.mentions() {
        for (id, _) in &mention.readings {
            sections.extend(knowledge.sections_of(*id));
            if knowledge.catalog.entity(*id).role == Role::Control {
                sections.extend(knowledge.sections_under(*id));
                sections.extend(knowledge.definition(*id));
            }
        }
    }
    let mut scored = Vec::new();
    let mut of_search = rustc_hash::FxHashMap::default();
    for hit in &hits {
        let at = knowledge.locate(hit.section);
        of_search.insert(at, hit.score / top);
        sections.insert(at);
    }
    for at in sections {
        score::section(knowledge, query, at, &mut scored);
    }
    for scored in &mut scored {
        if knowledge.is_definition(scored.at) && query.cue != Cue::Definition {
            scored.score *= DEFINITION;
        }
        scored.score += SEARCH_SHARE * of_search.get(&scored.at).copied().unwrap_or(0.0);
    }
    sort(&mut scored);
    let pairs = pairs(knowledge, query);
    for scored in scored.iter_mut().take(CLOSE_LOOK) {
        scored.score += PAIR * shared_pairs(knowledge, scored, &pairs);
    }
    sort(&mut scored);
    scored
}

/// Best first, then in the order of the notes.
pub(super) fn sort(scored: &mut [Scored]) {
    scored.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then(a.at.cmp(&b.at))
            .then(a.unit.cmp(&b.unit))
    });
}

/// Neighbouring words of the question, stop words included ("one time"), but
/// not two of them together.
fn pairs(knowledge: &Knowledge, query: &Query) -> Vec<(u32, u32)> {
    let key = |word: &QueryWord| word_key(&knowledge.index, &word.text);
    query
        .words
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] if !(a.stop && b.stop) => Some((key(a), key(b))),
            _ => None,
        })
        .collect()
}

/// How many of the pairs stand side by side in a unit, at most [`PAIRS`].
fn shared_pairs(knowledge: &Knowledge, scored: &Scored, pairs: &[(u32, u32)]) -> f32 {
    let Some(subject) = knowledge.subject(scored.at) else {
        return 0.0;
    };
    let Some(unit) = subject.units.get(scored.unit) else {
        return 0.0;
    };
    let shared = pairs
        .iter()
        .filter(|pair| unit.pairs.binary_search(pair).is_ok())
        .count();
    f32::from(u8::try_from(shared).unwrap_or(u8::MAX)).min(PAIRS)
}
