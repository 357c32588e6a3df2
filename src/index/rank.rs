//! The ranking formula.
//!
//! A section's score is a weighted mean over the question, so that scores of
//! different questions can be compared:
//!
//! ```text
//! score = (BM25F + HEADING_MATCH·cos(question, heading)² + PASSAGE·passage² + PAIRS·pairs)
//!         · (floor + (1 − floor)·coverage)
//! ```
//!
//! BM25F is Robertson, Zaragoza and Taylor, "Simple BM25 extension to multiple
//! weighted fields" (CIKM 2004). Of the terms that a misspelt word may mean,
//! the best counts, not the sum: a section that holds three words like it is
//! not three times as good.

use super::closeness::{Closeness, Sighting};
use super::clues::Clues;
use super::fields::{Fields, Token};
use super::weights as w;
use super::{Hit, Index, Query, Scratch, SectionId};

impl Index {
    /// The sections that fit a question best, best first. The order is total:
    /// equal scores are ordered by note, then by place in the note.
    pub fn search(&self, scratch: &mut Scratch, question: &str, limit: usize) -> Vec<Hit> {
        let query = self.read(scratch, question);
        self.rank(scratch, &query, limit)
    }

    /// [`Index::search`] for a question that has been read already.
    pub fn rank(&self, scratch: &mut Scratch, query: &Query, limit: usize) -> Vec<Hit> {
        let Scratch {
            clues,
            accumulators,
            candidates,
            section,
            feedback,
            ..
        } = scratch;
        clues.read(self, query);
        if clues.all.is_empty() || limit == 0 {
            return Vec::new();
        }
        candidates.clear();
        let wanted = limit.max(w::SCORED_IN_FULL);
        accumulators.retrieve(&self.postings, self.len(), clues, wanted, candidates);
        let mut hits: Vec<Hit> = candidates
            .iter()
            .map(|&number| Hit {
                section: SectionId(number),
                score: score(self, clues, number as usize, section),
            })
            .collect();
        order(&mut hits);
        if clues.words.len() >= w::FEEDBACK_WORDS {
            feedback.widen(self, &mut hits);
            order(&mut hits);
        }
        hits.truncate(limit);
        hits
    }
}

/// Inverse document frequency as in BM25, never negative.
#[expect(clippy::cast_precision_loss, reason = "a logarithm follows")]
pub(super) fn idf(document_frequency: u32, sections: usize) -> f32 {
    let (df, n) = (document_frequency as f32, sections as f32);
    ((n - df + 0.5).max(0.0) / (df + 0.5)).ln_1p()
}

/// Saturated frequency of a term in a section, 0 to 1. `length` is the
/// section's length in average lengths.
pub(super) fn frequency(fields: Fields, length: f32) -> f32 {
    let mut frequency = f32::from(fields.count()) / (1.0 - w::B + w::B * length);
    for (place, weight) in [
        (Fields::HEADING, w::IN_HEADING),
        (Fields::CONTEXT, w::IN_CONTEXT),
        (Fields::FILE, w::IN_FILE),
        (Fields::FOLDER, w::IN_FOLDER),
    ] {
        if fields.has(place) {
            frequency += weight;
        }
    }
    frequency / (frequency + w::K1)
}

/// What one term adds to a section in the first pass, 0 to 1.
pub(super) fn impact(fields: Fields, length: f32, idf: f32, heading_norm: f32) -> f32 {
    let heading = if fields.has(Fields::HEADING) {
        idf / heading_norm.sqrt().max(idf)
    } else {
        0.0
    };
    (frequency(fields, length) + w::FIRST_PASS_HEADING * heading) / (1.0 + w::FIRST_PASS_HEADING)
}

/// Best first; the number of a section is its place among all notes.
fn order(hits: &mut [Hit]) {
    hits.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.section.cmp(&b.section)));
}

/// Reused between sections.
#[derive(Debug, Default)]
pub(super) struct SectionScratch {
    /// For each clue, where the section holds it.
    held: Vec<Fields>,
    sightings: Vec<Sighting>,
    /// For each word, the best of its clues.
    best: Vec<Best>,
}

/// What a section has of one word of the question.
#[derive(Clone, Copy, Debug, Default)]
struct Best {
    text: f32,
    heading: f32,
    covered: f32,
}

/// The formula above, for one section.
fn score(index: &Index, clues: &Clues, number: usize, scratch: &mut SectionScratch) -> f32 {
    find(index.tokens_of(number), clues, scratch);
    let SectionScratch {
        held,
        sightings,
        best,
    } = scratch;
    let length = index.relative_length(number);
    best.clear();
    best.resize(clues.words.len(), Best::default());
    for (clue, &held) in clues.all.iter().zip(&*held) {
        if held == Fields::default() {
            continue;
        }
        let Some(best) = best.get_mut(usize::from(clue.word)) else {
            continue;
        };
        best.text = best.text.max(clue.weight * frequency(held, length));
        best.covered = best.covered.max(clue.weight);
        if held.has(Fields::HEADING) {
            best.heading = best.heading.max(clue.weight);
        }
    }
    let norm = (index.heading_norms[number].sqrt() * clues.norm).max(f32::MIN_POSITIVE);
    let (mut text, mut coverage, mut cosine) = (0.0, 0.0, 0.0);
    for (best, idf) in best.iter().zip(&clues.words) {
        text += best.text;
        coverage += best.covered;
        cosine += best.heading * idf;
    }
    let (text, coverage, cosine) = (text / clues.total, coverage / clues.total, cosine / norm);
    let Closeness { passage, pairs } = Closeness::of(sightings, clues);
    let sum = text
        + w::HEADING_MATCH * cosine * cosine
        + w::PASSAGE * passage * passage
        + w::PAIRS * pairs;
    sum * (w::COVERAGE_FLOOR + (1.0 - w::COVERAGE_FLOOR) * coverage)
}

/// Finds the clues among the tokens of a section.
fn find(tokens: &[Token], clues: &Clues, scratch: &mut SectionScratch) {
    let SectionScratch {
        held, sightings, ..
    } = scratch;
    held.clear();
    held.resize(clues.all.len(), Fields::default());
    sightings.clear();
    for (position, &token) in (0_u32..).zip(tokens) {
        if let Some(number) = clues.find(token) {
            held[number].count_token(token);
            if token.is_body() {
                let Some(clue) = clues.all.get(number) else {
                    continue;
                };
                sightings.push(Sighting {
                    position,
                    word: clue.word,
                    weight: clue.weight,
                    trust: clue.trust,
                });
            }
        }
    }
}
