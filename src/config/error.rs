//! What can be wrong with the configuration, each with its place and remedy.

use std::path::PathBuf;

use thiserror::Error;

use super::values;

/// What is wrong with the configuration and what to do.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}; check the path after --config")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{place}: {message}")]
    Syntax {
        /// File, line and column.
        place: String,
        /// What the TOML parser says.
        message: String,
    },
    /// A key that does not exist.
    #[error("{place}: there is no key `{key}`{}", values::did_you_mean(key))]
    UnknownKey {
        /// File, line and column, or the environment variable.
        place: String,
        /// The key with its table.
        key: String,
    },
    /// A value of the wrong type or out of range.
    #[error("{place}: `{key}` {problem}")]
    BadValue {
        /// File, line and column, or the environment variable.
        place: String,
        /// The key with its table.
        key: String,
        /// What is wrong and what is right.
        problem: String,
    },
}
