//! Buffers that searches reuse, so that a question allocates next to nothing.

use super::clues::Clues;
use super::feedback::Feedback;
use super::rank::SectionScratch;
use super::repair::RepairScratch;
use super::retrieve::Accumulators;

/// Buffers for one search at a time. Keep one for each thread, or a pool; any
/// scratch serves any index, and none changes a result.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) repair: RepairScratch,
    pub(super) clues: Clues,
    pub(super) accumulators: Accumulators,
    pub(super) candidates: Vec<u32>,
    pub(super) section: SectionScratch,
    pub(super) feedback: Feedback,
}
