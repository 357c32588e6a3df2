//! Every number of the ranking, each with its reason.
//!
//! They were chosen on one half of labelled questions over two unlike
//! collections (technical manuals in thousands of short sections, abstracts of
//! papers with sentence-long questions) and confirmed on the other half. Most
//! of them are flat around the value; where a neighbour is clearly worse, the
//! comment says so. `examples/ndcg.rs` measures a change.

/// Saturation of a term's frequency (k₁ of BM25). Sections are short, so the
/// second occurrence says little; at 2.5 boilerplate wins.
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

/// Weight of the cosine of question and heading. Without it, sections that
/// repeat a word beat the one that is named by the question.
pub(super) const HEADING_MATCH: f32 = 1.0;
/// The same for a long question, which describes rather than names.
pub(super) const HEADING_MATCH_LONG: f32 = 1.0;
/// Weight of the best passage: how much of the question stands close together.
pub(super) const PASSAGE: f32 = 0.2;
/// The same for a long question, whose words never stand in one passage.
pub(super) const PASSAGE_LONG: f32 = 0.2;
/// Words of a passage, about one sentence.
pub(super) const PASSAGE_WORDS: u32 = 12;
/// Weight of neighbours in the question that are neighbours in the text.
pub(super) const PAIRS: f32 = 0.5;
/// The same for a long question.
pub(super) const PAIRS_LONG: f32 = 0.2;
/// Neighbours may be this far apart; one word between them halves the bonus.
pub(super) const PAIR_REACH: u32 = 2;

/// What remains of a score when hardly any of the question is covered.
pub(super) const COVERAGE_FLOOR: f32 = 0.4;
/// The same for a long question, of which no section covers all.
pub(super) const COVERAGE_FLOOR_LONG: f32 = 0.4;

/// Content words up to which a question counts as short.
pub(super) const SHORT_WORDS: f32 = 5.0;
/// Content words from there to a fully long question.
pub(super) const LONG_SPAN: f32 = 5.0;

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

/// Sections that are scored in full. The first pass is good enough for the
/// tenth best to be among them.
pub(super) const SCORED_IN_FULL: usize = 64;
/// Postings that one question may cost; the least telling ones are left.
pub(super) const POSTINGS_PER_QUESTION: usize = 16_000;
/// Heading cosine in the first pass, where it is one term's share.
pub(super) const FIRST_PASS_HEADING: f32 = 1.0;
