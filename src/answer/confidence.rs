//! How sure an answer is: the number that abstention looks at.
//!
//! A logistic regression over what the best unit satisfies of the question
//! ([`Evidence`]), so the confidence is the estimated chance that the first
//! snippet is right. The weights are fitted on the tuning half of the labelled
//! questions by `examples/calibrate.rs`, which prints this table.

use crate::knowledge::Knowledge;

use super::evidence::Evidence;
use super::score::{CONTROL_WEIGHT, Scored};

/// Confidence of the best unit, 0 to 1.
pub(super) fn of(knowledge: &Knowledge, best: &Scored) -> f32 {
    // The right fact about another service is a wrong answer.
    // So is one about another control than the one asked for by name.
    if best.evidence.service <= 0.0 || best.evidence.denied {
        return 0.0;
    }
    if knowledge
        .note(best.at.note)
        .is_some_and(|note| note.kind.is_none())
    {
        return plain(&best.evidence);
    }
    let sum: f32 = best
        .evidence
        .features()
        .iter()
        .zip(WEIGHTS)
        .map(|(value, weight)| value * weight)
        .sum();
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
        words * words * (evidence.met / ENOUGH).min(1.0)
    };
    (evidence.service * sure * spoken_of).clamp(0.0, 1.0)
}

/// A named topic alone does not answer a question about it.
const PLAIN_NAMED: f32 = 0.25;
/// Satisfied weight that counts in full without a named topic: one shared word
/// is a coincidence.
const ENOUGH: f32 = 1.3;

/// Fitted weights, in the order of [`Evidence::features`].
const WEIGHTS: [f32; Evidence::FEATURES] = [
    -4.48, 0.30, 2.35, 2.84, -0.02, 0.62, 1.13, -0.28, 0.07, 2.35, -0.60, -2.58, 0.00, -0.50,
];

impl Evidence {
    /// Number of [`Self::features`].
    pub const FEATURES: usize = 14;

    /// What the regression sees. Sums are capped: beyond that more changes nothing.
    pub fn features(&self) -> [f32; Self::FEATURES] {
        let yes = |condition: bool| f32::from(u8::from(condition));
        let suggested = self.met - self.verbatim - CONTROL_WEIGHT * self.control;
        [
            1.0,
            self.service,
            yes(self.service_named),
            self.control,
            yes(self.control_named && self.control < UNMET),
            self.verbatim.min(2.0),
            suggested.clamp(0.0, 2.0),
            self.unknown.min(3.0),
            self.elsewhere.min(3.0),
            self.coverage(),
            if self.asked > 0.0 {
                self.unknown / self.asked
            } else {
                0.0
            },
            self.facets.min(2.0),
            if self.service_named {
                0.0
            } else {
                self.foreign.min(2.0)
            },
            yes(self.unknown_subject),
        ]
    }
}

/// A control satisfied less than this is not satisfied.
const UNMET: f32 = 0.3;
