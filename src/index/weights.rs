//! Every number of the ranking, each with its reason.
//!
//! One setting serves all notes. It was chosen on labelled questions over two
//! unlike collections (technical manuals in thousands of short sections, and
//! abstracts of papers with questions as long as sentences), on one part of the
//! questions, and checked on the rest. Most numbers are flat around the value;
//! where a neighbour is clearly worse, the comment says so.
//! `benches/ranking/ndcg.rs` measures a change.

/// Saturation of a term's frequency (k₁ of BM25), at the usual upper end: long
/// questions want to tell two occurrences from four, short ones do not mind.
pub(super) const K1: f32 = 1.8;
/// How much a long section is held back (b of BM25). Below the textbook's 0.75
/// because the words in headings and path are not diluted by a long text.
pub(super) const B: f32 = 0.4;

/// What one place is worth in occurrences in the text, as in BM25F (Zaragoza
/// and others, TREC 2004). A word in the heading is what the section is about.
pub(super) const IN_HEADING: f32 = 2.0;
/// An enclosing heading or the subject's name: true of every section below it.
pub(super) const IN_CONTEXT: f32 = 0.5;
/// The name of the file usually repeats the subject.
pub(super) const IN_FILE: f32 = 0.7;
/// A folder is how people name the area they ask about ("… in rds").
pub(super) const IN_FOLDER: f32 = 1.5;

/// Weight of the square of the cosine of question and heading. Without it,
/// sections that repeat a word beat the one that the question names; at 2.5, a
/// short heading that happens to have a word beats the text that answers.
pub(super) const HEADING_MATCH: f32 = 1.0;
/// Weight of the best passage: how much of the question stands close together,
/// squared, so that half of it in one sentence is worth a quarter.
pub(super) const PASSAGE: f32 = 0.2;
/// Words of a passage, about one sentence.
pub(super) const PASSAGE_WORDS: u32 = 12;
/// Weight of neighbours in the question that are neighbours in the text. Worth
/// more to short questions, where it finds the quoted phrase; at 0.8 long ones
/// suffer.
pub(super) const PAIRS: f32 = 0.5;
/// Neighbours may be this far apart; one word between them halves the bonus.
pub(super) const PAIR_REACH: u32 = 2;

/// What remains of a score when hardly any of the question is covered.
pub(super) const COVERAGE_FLOOR: f32 = 0.4;

/// Content words from which the best sections may widen the question
/// (pseudo-relevance feedback); a short question would drift away.
pub(super) const FEEDBACK_WORDS: usize = 7;
/// Sections that widen the question.
pub(super) const FEEDBACK_SECTIONS: usize = 5;
/// Terms that are taken from them.
pub(super) const FEEDBACK_TERMS: usize = 25;
/// Weight of the widened part against the question itself.
pub(super) const FEEDBACK: f32 = 1.0;

/// A stop word in a heading counts this much in the heading's length: "What is
/// IAM?" is nearly "IAM".
pub(super) const STOP_WORD_IN_HEADING: f32 = 0.1;

/// A repaired word is worth this much of a known one: it may be wrong.
pub(super) const REPAIRED: f32 = 0.9;

/// Sections that are scored in full, or as many as are asked for: the first pass
/// has nearly always the ten best among 48, at 32 it sometimes misses one.
pub(super) const SCORED_IN_FULL: usize = 48;
/// Postings that one question may read, the most telling first. This bounds the
/// time of a question in any number of sections. Against reading everything,
/// 20,000 keep 96 % of the first places among 100,000 sections, 5,000 keep 86 %.
pub(super) const POSTINGS_PER_QUESTION: usize = 16_000;
/// Heading cosine in the first pass, where it is one term's share.
pub(super) const FIRST_PASS_HEADING: f32 = 1.0;
