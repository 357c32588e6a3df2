//! Gates: why a candidate does not become a question.

/// What refused a candidate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// Name of the gate; that of the lint rule where they are the same.
    pub gate: &'static str,
    /// Why, in a sentence without its full stop.
    pub reason: String,
}
