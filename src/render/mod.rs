//! Answers as text that people or programs read. No input or output here.

pub mod json;
pub mod plain;
pub mod terminal;
