//! How sure an answer is: the number that abstention looks at.
//!
//! A logistic regression over what the best unit satisfies of the question
//! ([`Evidence`]), so the confidence is the estimated chance that the first
//! snippet is right. The weights are fitted on the tuning half of the labelled
//! questions by `cargo run --example calibrate`, which prints this table.

use super::query::Query;
use super::score::{Evidence, Scored};

/// Confidence of the best unit, 0 to 1.
pub(super) fn of(_query: &Query, best: &Scored) -> f32 {
    // The right fact about another service is a wrong answer.
    if best.evidence.service <= 0.0 {
        return 0.0;
    }
    let sum: f32 = features(&best.evidence).iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    1.0 / (1.0 + (-sum).exp())
}

/// Number of features.
pub const FEATURES: usize = 13;

/// Fitted weights, in the order of [`features`].
const WEIGHTS: [f32; FEATURES] = [
    -5.17, 0.81, 2.05, 3.10, 0.20, 0.88, 1.71, -0.67, -0.11, 2.49, -0.64, -2.11, -0.18,
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
