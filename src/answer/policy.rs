//! Thresholds and limits of answering, as one plain struct.

/// What decides between answering and abstaining, and how much is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Abstain below this confidence (0 to 1).
    pub min_confidence: f32,
    /// Snippets in a direct answer.
    pub max_snippets: usize,
    /// A further snippet is shown when it scores at least this share of the best.
    pub further_share: f32,
    /// Snippets behind a direct answer, for who asks for more.
    pub max_further: usize,
    /// Snippets in an overview or a matrix.
    pub max_listed: usize,
    /// Search hits that are read for snippets.
    pub search_hits: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            // Fitted on the tuning questions: the value with the best balance
            // between wrong answers and needless abstentions.
            min_confidence: 0.45,
            // More than three quotations no longer read as an answer.
            max_snippets: 3,
            further_share: 0.86,
            max_further: 12,
            // All services of a pack fit; more than this is a search, not a list.
            max_listed: 60,
            // The right section is nearly always among the first ten.
            search_hits: 12,
        }
    }
}
