//! How sure an answer is: the number that abstention looks at.
//!
//! A logistic regression over what the best unit satisfies of the question
//! ([`Evidence`]), so the confidence is the estimated chance that the first
//! snippet is right. The weights are fitted on the tuning half of the labelled
//! questions by `cargo run --example calibrate`, which prints this table.

use crate::knowledge::Knowledge;

use super::score::{Evidence, Scored};

/// Confidence of the best unit, 0 to 1.
pub(super) fn of(knowledge: &Knowledge, best: &Scored) -> f32 {
    // The right fact about another service is a wrong answer.
    if best.evidence.service <= 0.0 {
        return 0.0;
    }
    if knowledge.note(best.at.note).is_some_and(|note| note.kind.is_none()) {
        return plain(&best.evidence);
    }
    let sum: f32 = features(&best.evidence).iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    1.0 / (1.0 + (-sum).exp())
}

/// In plain notes there are no controls with their aliases to be sure by, only
/// the headings and the words, so these count for more.
fn plain(evidence: &Evidence) -> f32 {
    let spoken_of = if evidence.facets > 0.0 { 0.5 } else { 1.0 };
    let words = evidence.coverage();
    let sure = if evidence.service_named {
        PLAIN_NAMED + (1.0 - PLAIN_NAMED) * words
    } else {
        words * (evidence.met / ENOUGH).min(1.0)
    };
    (evidence.service * sure * spoken_of).clamp(0.0, 1.0)
}

/// A named topic alone does not answer a question about it.
const PLAIN_NAMED: f32 = 0.25;
/// Satisfied weight that counts in full without a named topic: one shared word
/// is a coincidence.
const ENOUGH: f32 = 1.3;

/// Number of features.
pub const FEATURES: usize = 13;

/// Fitted weights, in the order of [`features`].
const WEIGHTS: [f32; FEATURES] = [
    -4.62, 0.33, 2.14, 3.23, 0.22, 0.77, 1.06, -0.41, -0.08, 2.57, -0.83, -2.39, -0.11,
];

/// What the regression sees. Sums are capped: beyond that more changes nothing.
pub fn features(evidence: &Evidence) -> [f32; FEATURES] {
    let yes = |condition: bool| f32::from(u8::from(condition));
    let suggested = evidence.met - evidence.verbatim - 1.8 * evidence.control;
    [
        1.0,
        evidence.service,
        yes(evidence.service_named),
        evidence.control,
        yes(evidence.control_named && evidence.control < 0.3),
        evidence.verbatim.min(2.0),
        suggested.clamp(0.0, 2.0),
        evidence.unknown.min(3.0),
        evidence.elsewhere.min(3.0),
        evidence.coverage(),
        if evidence.asked > 0.0 { evidence.unknown / evidence.asked } else { 0.0 },
        evidence.facets.min(2.0),
        if evidence.service_named { 0.0 } else { evidence.foreign.min(2.0) },
    ]
}
