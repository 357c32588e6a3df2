//! Finds the names of services and controls in a question: exact, glued or
//! split ("dynamo db"), inflected ("encrypted at rest"), and misspelt.

use crate::catalog::{EntityId, Role, StemId};
use crate::knowledge::Knowledge;

use super::query::QueryWord;

/// Words of a question that name one entity, with other possible readings.
#[derive(Clone, Debug, Default)]
pub struct Mention {
    /// Indexes of the words, ascending.
    pub words: Vec<usize>,
    /// What they may name, most likely first, with a strength up to 1.
    pub readings: Vec<(EntityId, f32)>,
}

impl Mention {
    /// The most likely reading.
    pub fn best(&self) -> Option<EntityId> {
        self.readings.first().map(|(id, _)| *id)
    }
}

/// A name is at most this many words long.
const LONGEST: usize = 7;
/// At most this many words are glued when a misspelt name is looked up.
const GLUED: usize = 3;
/// Words of an alias that stand in the question, but not side by side.
const SCATTERED: f32 = 0.5;
/// The same, side by side but inflected.
const INFLECTED: f32 = 0.98;
/// How many other words may stand between the words of an alias.
const GAP: usize = 2;
/// A similar spelling counts a little less than its similarity.
const SIMILAR: f32 = 0.96;
/// The first letters of a name ("dynamo").
const BEGINNING: f32 = 0.9;
/// A reading that shares only some of its words with a stronger one.
const OVERLAPPING: f32 = 0.6;

struct Found {
    words: Vec<usize>,
    entity: EntityId,
    strength: f32,
    letters: usize,
}

/// Finds all mentions, best reading first in each, in the order of the question.
pub(super) fn find(knowledge: &Knowledge, words: &[QueryWord]) -> Vec<Mention> {
    let mut found = exact(knowledge, words);
    found.extend(by_stems(knowledge, words));
    found.extend(similar(knowledge, words, &found));
    choose(knowledge, found)
}

fn exact(knowledge: &Knowledge, words: &[QueryWord]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut joined = String::new();
    for start in 0..words.len() {
        joined.clear();
        for (end, word) in words.iter().enumerate().skip(start).take(LONGEST) {
            joined.push_str(&word.text);
            if joined.len() > knowledge.catalog.longest() {
                break;
            }
            if end == start && word.stop {
                continue;
            }
            for entity in knowledge.catalog.spelled(&joined) {
                found.push(Found {
                    words: (start..=end).collect(),
                    entity: *entity,
                    strength: 1.0,
                    letters: joined.chars().count(),
                });
            }
        }
    }
    found
}

fn by_stems(knowledge: &Knowledge, words: &[QueryWord]) -> Vec<Found> {
    let content: Vec<(usize, &QueryWord)> = words
        .iter()
        .enumerate()
        .filter(|(_, word)| !word.stop)
        .collect();
    // Where each stem stands among the content words, and how sure it is.
    let mut places: Vec<(StemId, usize, f32)> = Vec::new();
    for (place, (_, word)) in content.iter().enumerate() {
        let own = std::iter::once((word.stem.as_str(), 1.0));
        let repaired = word.repairs.iter().map(|repaired| (repaired.stem.as_str(), repaired.weight));
        for (stem, weight) in own.chain(repaired) {
            places.extend(knowledge.catalog.stem(stem).map(|stem| (stem, place, weight)));
        }
    }
    places.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut found = Vec::new();
    for same in places.chunk_by(|a, b| a.0 == b.0) {
        let Some((stem, ..)) = same.first() else { continue };
        for phrase in knowledge.catalog.phrases_from(*stem) {
            let mut at: Vec<(usize, f32)> = Vec::with_capacity(phrase.stems.len());
            for stem in &phrase.stems {
                let near = |place: usize| at.last().map_or(0, |(last, _)| place.abs_diff(last + 1));
                let first = places.partition_point(|(known, ..)| known < stem);
                let next = places
                    .iter()
                    .skip(first)
                    .take_while(|(known, ..)| known == stem)
                    .filter(|(_, place, _)| !at.iter().any(|(taken, _)| taken == place))
                    .min_by_key(|(_, place, _)| near(*place));
                match next {
                    Some((_, place, weight)) => at.push((*place, *weight)),
                    None => break,
                }
            }
            if at.len() < phrase.stems.len() {
                continue;
            }
            let side_by_side = at
                .windows(2)
                .all(|pair| matches!(pair, [a, b] if b.0 == a.0 + 1));
            let first = at.iter().map(|(place, _)| *place).min().unwrap_or(0);
            let last = at.iter().map(|(place, _)| *place).max().unwrap_or(0);
            if last - first + 1 > at.len() + GAP {
                continue;
            }
            // "rds and aurora" is not "RDS Aurora".
            let control = knowledge.catalog.entity(phrase.entity).role == Role::Control;
            let touching = at.windows(2).all(|pair| match pair {
                [a, b] => {
                    content.get(a.0).map(|(at, _)| at + 1) == content.get(b.0).map(|(at, _)| *at)
                }
                _ => true,
            });
            if !control && !touching {
                continue;
            }
            let sure: f32 = at.iter().map(|(_, weight)| *weight).product();
            let form = if side_by_side { INFLECTED } else { SCATTERED };
            let mut in_question: Vec<usize> = at
                .iter()
                .filter_map(|(place, _)| content.get(*place).map(|(at, _)| *at))
                .collect();
            in_question.sort_unstable();
            found.push(Found {
                words: in_question,
                entity: phrase.entity,
                strength: form * sure,
                letters: at
                    .iter()
                    .filter_map(|(place, _)| content.get(*place))
                    .map(|(_, word)| word.stem.chars().count())
                    .sum(),
            });
        }
    }
    found
}

fn similar(knowledge: &Knowledge, words: &[QueryWord], already: &[Found]) -> Vec<Found> {
    let mut found = Vec::new();
    for start in 0..words.len() {
        let mut joined = String::new();
        let mut unknown = false;
        for (end, word) in words.iter().enumerate().skip(start).take(GLUED) {
            joined.push_str(&word.text);
            unknown |= word.term.is_none();
            if end == start
                && word.term.is_none()
                && let Some(entity) = knowledge.catalog.beginning_with(&word.text)
            {
                found.push(Found {
                    words: vec![start],
                    entity,
                    strength: BEGINNING,
                    letters: word.text.chars().count(),
                });
            }
            let edge_stop = word.stop || words.get(start).is_some_and(|first| first.stop);
            let single_valid = end == start && word.valid;
            let mentioned = already.iter().any(|other| {
                other.strength > 0.9 && other.words.iter().any(|at| (start..=end).contains(at))
            });
            if !unknown || edge_stop || single_valid || mentioned {
                continue;
            }
            for (entity, similarity) in knowledge.catalog.similar(&joined) {
                found.push(Found {
                    words: (start..=end).collect(),
                    entity,
                    strength: similarity * SIMILAR,
                    letters: joined.chars().count(),
                });
            }
        }
    }
    found
}

/// Greedy: the longest and surest first; readings of the same words stay together.
fn choose(knowledge: &Knowledge, mut found: Vec<Found>) -> Vec<Mention> {
    #[expect(clippy::cast_precision_loss, reason = "lengths of names are small")]
    let rank = |f: &Found| {
        f.strength.powi(4) * (f.letters as f32).sqrt() * (1.0 + 0.3 * f.words.len() as f32)
    };
    found.sort_by(|a, b| {
        rank(b)
            .total_cmp(&rank(a))
            .then_with(|| a.words.cmp(&b.words))
            .then(a.entity.cmp(&b.entity))
    });
    let mut mentions: Vec<Mention> = Vec::new();
    for candidate in found {
        let overlapping = mentions
            .iter_mut()
            .find(|mention| mention.words.iter().any(|at| candidate.words.contains(at)));
        let Some(mention) = overlapping else {
            mentions.push(Mention {
                words: candidate.words,
                readings: vec![(candidate.entity, candidate.strength)],
            });
            continue;
        };
        if mention
            .readings
            .iter()
            .any(|(id, _)| *id == candidate.entity)
        {
            continue;
        }
        if mention.words == candidate.words {
            mention
                .readings
                .push((candidate.entity, candidate.strength));
        } else if knowledge.catalog.entity(candidate.entity).role == Role::Control
            && mention
                .best()
                .is_some_and(|id| knowledge.catalog.entity(id).role == Role::Control)
        {
            mention
                .readings
                .push((candidate.entity, candidate.strength * OVERLAPPING));
        }
    }
    for mention in &mut mentions {
        mention.readings.sort_by(|a, b| {
            let control = |id: EntityId| knowledge.catalog.entity(id).role == Role::Control;
            b.1.total_cmp(&a.1)
                .then(control(a.0).cmp(&control(b.0)))
                .then(a.0.cmp(&b.0))
        });
    }
    mentions.sort_by(|a, b| a.words.cmp(&b.words));
    mentions
}
