//! The configuration: a TOML file and the environment, checked.
//!
//! The only place that reads the environment, and it does so once.

use std::path::{Path, PathBuf};

use crate::answer::policy::Policy;

/// Checked configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Where the notes are.
    pub notes: Notes,
    /// How questions are answered.
    pub answer: Policy,
}

/// The `[notes]` table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notes {
    /// Folder of notes.
    pub path: PathBuf,
    /// Where the folder can be read on the web; makes citations permalinks.
    pub link_base: Option<String>,
}

impl Config {
    /// Reads the file (if any) and the environment; `notes` goes before both.
    pub fn read(_file: Option<&Path>, notes: Option<&Path>) -> anyhow::Result<Self> {
        Ok(Self {
            notes: Notes { path: notes.unwrap_or(Path::new("knowledge")).to_owned(), link_base: None },
            answer: Policy::default(),
        })
    }
}
