//! What answers tell about a question.

use jiff::Timestamp;

use crate::id::UserId;

/// Somebody says that a question is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The id of the question.
    pub question: String,
    /// The hash of the question as it was asked.
    pub hash: String,
    /// Who.
    pub user: UserId,
    /// When.
    pub at: Timestamp,
}

pub struct Item {
    pub question: String,
    pub hash: String,
    pub alarm: Option<String>,
}
pub fn items(_: &[super::round::Played], _: &[Flag]) -> Vec<Item> {
    Vec::new()
}
