//! What is wrong in a note: where, what, and what to do about it.

use std::fmt;

/// How bad a finding is. Errors make `footnote lint` fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something is wrong; the part concerned is left out or may mislead.
    Error,
    /// Something should be better; everything still works.
    Warning,
}

/// One finding in the notes.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Diagnostic {
    /// Path relative to the folder of notes.
    pub path: String,
    /// Line, counted from 1; 0 when the finding is about the whole file or folder.
    pub line: u32,
    /// Column in characters, counted from 1; 0 when it is about the whole line.
    pub column: u32,
    /// How bad it is.
    pub severity: Severity,
    /// Stable name of the rule, such as `undefined-footnote`.
    pub rule: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
            if self.column > 0 {
                write!(f, ":{}", self.column)?;
            }
        }
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(
            f,
            ": {severity}: {} ({}) → {}",
            self.message, self.rule, self.remedy
        )
    }
}
