//! How sure an answer is: the number that abstention looks at.

use crate::knowledge::Knowledge;

use super::query::{Concept, Query};
use super::score::Scored;

/// Satisfied weight that an answer without any named service or control needs
/// before its coverage counts in full: one shared word is a coincidence.
const ENOUGH: f32 = 1.3;

/// Confidence of the best unit, 0 to 1.
pub(super) fn of(knowledge: &Knowledge, query: &Query, best: &Scored) -> f32 {
    let mut asked = 0.0;
    let mut named = false;
    for concept in &query.concepts {
        match concept {
            Concept::Word { weight, .. } => asked += weight,
            Concept::Name(_) => named = true,
        }
    }
    let evidence = if named { 1.0 } else { (best.coverage * asked / ENOUGH).min(1.0) };
    let _ = knowledge;
    (best.service * best.coverage * evidence).clamp(0.0, 1.0)
}
