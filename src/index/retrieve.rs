//! The first pass: which sections are worth scoring in full.
//!
//! Each run of postings adds its impact to its sections. The runs of all clues
//! are read from the most to the least telling, and reading stops when the
//! question has cost its share of postings, so the cost of a question is bound
//! however many sections there are. The stop depends on the index and the
//! question only: the result is the same every time.

use super::clues::Clues;
use super::postings::{LEVEL_BITS, Postings, Run};
use super::weights::POSTINGS_PER_QUESTION;

/// Sums are scaled so that a question's total stays within 16 bits, which keeps
/// the sums of 100,000 sections in the processor's cache.
const FULL_SCALE: f32 = 60_000.0;

/// Sums are told apart in steps of this many (a power of two) when the best are
/// chosen; sections in the last step are all taken.
const BUCKET_SHIFT: u32 = 7;
const BUCKETS: usize = (u16::MAX as usize >> BUCKET_SHIFT) + 1;

/// Reused between questions.
#[derive(Debug, Default)]
pub(super) struct Accumulators {
    /// For each section; all zero between questions.
    sums: Vec<u16>,
    /// The sections with a sum, in the order of first sight.
    touched: Vec<u32>,
}

/// A run and what it adds to its sections.
struct Step<'a> {
    run: Run<'a>,
    gain: u16,
}

impl Accumulators {
    /// Appends the sections that are most likely the best to `found`: `wanted`
    /// of them, and those that tie with the last.
    pub(super) fn retrieve(
        &mut self,
        postings: &Postings,
        sections: usize,
        clues: &Clues,
        wanted: usize,
        found: &mut Vec<u32>,
    ) {
        self.sums.resize(sections, 0);
        self.touched.resize(POSTINGS_PER_QUESTION, 0);
        let mut touched = 0;
        let mut budget = POSTINGS_PER_QUESTION;
        for step in steps(postings, clues) {
            for section in step.run.sections().take(budget) {
                let sum = &mut self.sums[section as usize];
                // Without a branch, which would be taken at random.
                self.touched[touched] = section;
                touched += usize::from(*sum == 0);
                *sum = sum.saturating_add(step.gain);
            }
            budget = budget.saturating_sub(step.run.len());
            if budget == 0 {
                break;
            }
        }
        let touched = self.touched.get(..touched).unwrap_or_default();
        let lowest = lowest_bucket(&self.sums, touched, wanted);
        for &section in touched {
            let sum = std::mem::take(&mut self.sums[section as usize]);
            if bucket(sum) >= lowest {
                found.push(section);
            }
        }
        // In order, neighbours share cache lines when they are scored.
        found.sort_unstable();
    }
}

/// The bucket that holds the last of the `wanted` best sums.
fn lowest_bucket(sums: &[u16], touched: &[u32], wanted: usize) -> usize {
    let mut counts = [0_usize; BUCKETS];
    for &section in touched {
        counts[bucket(sums[section as usize])] += 1;
    }
    let mut above = 0;
    for (bucket, count) in counts.iter().enumerate().rev() {
        above += count;
        if above >= wanted {
            return bucket;
        }
    }
    0
}

fn bucket(sum: u16) -> usize {
    usize::from(sum >> BUCKET_SHIFT)
}

/// The runs of all clues, the most telling first.
fn steps<'a>(postings: &'a Postings, clues: &Clues) -> Vec<Step<'a>> {
    #[expect(clippy::cast_precision_loss, reason = "sixteen levels")]
    let scale = FULL_SCALE / (clues.total.max(f32::MIN_POSITIVE) * (1 << LEVEL_BITS) as f32);
    let mut steps = Vec::new();
    for clue in &clues.all {
        for run in postings.runs(clue.term) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a share of the full scale, rounded"
            )]
            let gain = (clue.weight * scale * (run.level as f32 + 0.5)).max(1.0) as u16;
            steps.push(Step { run, gain });
        }
    }
    // The sort is stable, so equal gains keep the order of the terms.
    steps.sort_by_key(|step| std::cmp::Reverse(step.gain));
    steps
}
