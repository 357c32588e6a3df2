//! How sure an answer is: the number that abstention looks at.

use crate::knowledge::Knowledge;

use super::query::{Concept, Query};
use super::score::Scored;

/// Satisfied weight that an answer without any named service or control needs
/// before its coverage counts in full: one shared word is a coincidence.
const ENOUGH: f32 = 1.3;

/// Confidence of the best unit, 0 to 1.
pub(super) fn of(knowledge: &Knowledge, query: &Query, best: &Scored) -> f32 {
    let _ = knowledge;
    let evidence = &best.evidence;
    let named = query
        .concepts
        .iter()
        .any(|concept| matches!(concept, Concept::Name(_)));
    let enough = if named {
        1.0
    } else {
        (evidence.met / ENOUGH).min(1.0)
    };
    (evidence.service * evidence.coverage() * enough).clamp(0.0, 1.0)
}
