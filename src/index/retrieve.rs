//! The first pass: which sections are worth scoring in full.
//!
//! Each run of postings adds its impact to its sections; the runs of all clues
//! are read from the most to the least telling. Reading stops taking in new
//! sections once none of them could still be among the best, and stops for
//! good when the question has cost its share of postings. Both stops depend on
//! the index and the question only, so the result is the same every time.

use super::clues::Clues;
use super::postings::{LEVEL_BITS, Postings, Run};
use super::weights::POSTINGS_PER_QUESTION;

/// Sums are scaled so that no section can reach the end of 16 bits.
const FULL_SCALE: f32 = 60_000.0;

/// Sums are counted in buckets of this many steps (a power of two).
const BUCKET_SHIFT: u32 = 6;
const BUCKETS: usize = (u16::MAX as usize >> BUCKET_SHIFT) + 1;

/// Reused between questions.
#[derive(Debug)]
pub(super) struct Accumulators {
    sums: Vec<u16>,
    touched: Vec<u32>,
    /// How many sections have a sum in each bucket.
    buckets: [u32; BUCKETS],
}

impl Default for Accumulators {
    fn default() -> Self {
        Self { sums: Vec::new(), touched: Vec::new(), buckets: [0; BUCKETS] }
    }
}

/// A run, what it adds to its sections, and whose it is.
struct Step<'a> {
    run: Run<'a>,
    gain: u16,
    word: u8,
}

impl Accumulators {
    /// Appends the sections that are most likely the best to `found`: `wanted`
    /// of them, plus those that tie within a bucket.
    pub(super) fn retrieve(
        &mut self,
        postings: &Postings,
        sections: usize,
        clues: &Clues,
        wanted: usize,
        found: &mut Vec<u32>,
    ) {
        self.sums.resize(sections, 0);
        let steps = steps(postings, clues);
        let mut budget = POSTINGS_PER_QUESTION;
        let mut threshold = 0;
        let mut open = true;
        for (number, step) in steps.iter().enumerate() {
            if budget == 0 {
                break;
            }
            budget = budget.saturating_sub(step.run.len());
            if open && step.run.len() > wanted {
                threshold = self.threshold(wanted);
                open = remaining(steps.get(number..).unwrap_or_default()) >= threshold;
            }
            if open {
                self.add(step);
            } else {
                self.add_to_known(step);
            }
        }
        let lowest = self.threshold(wanted).max(threshold);
        let lowest = u16::try_from(lowest).unwrap_or(u16::MAX);
        for section in self.touched.drain(..) {
            let sum = std::mem::take(&mut self.sums[section as usize]);
            if sum >= lowest {
                found.push(section);
            }
        }
        self.buckets.fill(0);
    }

    fn add(&mut self, step: &Step<'_>) {
        for section in step.run.sections() {
            let sum = &mut self.sums[section];
            if *sum == 0 {
                self.touched.push(u32::try_from(section).unwrap_or(u32::MAX));
            } else {
                self.buckets[usize::from(*sum >> BUCKET_SHIFT)] -= 1;
            }
            *sum = sum.saturating_add(step.gain);
            self.buckets[usize::from(*sum >> BUCKET_SHIFT)] += 1;
        }
    }

    fn add_to_known(&mut self, step: &Step<'_>) {
        for section in step.run.sections() {
            let sum = &mut self.sums[section];
            if *sum != 0 {
                self.buckets[usize::from(*sum >> BUCKET_SHIFT)] -= 1;
                *sum = sum.saturating_add(step.gain);
                self.buckets[usize::from(*sum >> BUCKET_SHIFT)] += 1;
            }
        }
    }

    /// A sum that at least `wanted` sections reach; 0 while there are fewer.
    fn threshold(&self, wanted: usize) -> u32 {
        let mut above = 0;
        for (bucket, count) in self.buckets.iter().enumerate().rev() {
            above += *count as usize;
            if above >= wanted {
                return u32::try_from(bucket << BUCKET_SHIFT).unwrap_or(u32::MAX);
            }
        }
        0
    }
}

/// The runs of all clues, the most telling first.
fn steps<'a>(postings: &'a Postings, clues: &Clues) -> Vec<Step<'a>> {
    #[expect(clippy::cast_precision_loss, reason = "sixteen levels")]
    let scale = FULL_SCALE / (clues.total.max(f32::MIN_POSITIVE) * (1 << LEVEL_BITS) as f32);
    let mut steps = Vec::new();
    for clue in &clues.clues {
        for run in postings.runs(clue.term) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a share of the full scale, rounded"
            )]
            let gain = (clue.weight * scale * (run.level as f32 + 0.5)).max(1.0) as u16;
            steps.push(Step { run, gain, word: clue.word });
        }
    }
    // The sort is stable, so equal gains keep the order of the terms.
    steps.sort_by_key(|step| std::cmp::Reverse(step.gain));
    steps
}

/// The most that a section can still gain: the best step of each word.
fn remaining(steps: &[Step<'_>]) -> u32 {
    let mut seen = 0_u64;
    let mut sum = 0;
    for step in steps {
        let bit = 1_u64.checked_shl(u32::from(step.word)).unwrap_or_default();
        if seen & bit == 0 {
            seen |= bit;
            sum += u32::from(step.gain);
        }
    }
    sum
}
