//! Answers as text that people or programs read. No input or output here.
//!
//! [`reply`] is what a chat platform shows, without saying which platform.

pub mod answer;
pub mod citations;
pub mod json;
pub mod matrix;
pub mod quiz;
pub mod reply;
pub mod terminal;
pub mod trouble;
pub mod wording;
