//! Footnote answers questions from a folder of Markdown notes, with citations.
//!
//! Notes become an index, a question becomes an answer, an answer becomes a
//! reply. The modules below stand in reading order, and each may use only the
//! ones declared above it.

pub mod id;
pub mod text;
pub mod note;
pub mod catalog;
pub mod lint;
pub mod index;
pub mod knowledge;
pub mod answer;
pub mod eval;
pub mod gap;
pub mod quiz;
pub mod matrix;
pub mod render;
pub mod picture;
pub mod config;
pub mod telemetry;
pub mod load;
pub mod store;
pub mod app;
pub mod commands;
pub mod playground;
#[cfg(feature = "discord")]
pub mod listen;
#[cfg(feature = "discord")]
pub mod discord;
pub mod cli;
