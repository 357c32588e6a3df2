//! Spaced repetition with FSRS.

use jiff::Timestamp;

/// An answer given in practice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// The id of the question.
    pub question: String,
    /// The hash of the question as it was asked.
    pub hash: String,
    /// Whether the answer was right.
    pub right: bool,
    /// When.
    pub at: Timestamp,
}
