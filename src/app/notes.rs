//! The notes in memory: loaded at start, swapped whole when they change.
//!
//! Readers take the notes of the moment and never wait. Notes with an error in
//! them, or no notes at all, do not replace good ones.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use thiserror::Error;
use tokio::sync::Notify;

use crate::knowledge::Knowledge;
use crate::lint;
use crate::load::{self, Limits, LoadError};
use crate::note::diagnostic::{Diagnostic, Severity};
use crate::telemetry::metrics::RELOADS;

use super::Clock;
use super::matrix::Drawn;

/// Folders with more sections than this are asked on a thread of their own.
const LARGE: usize = 20_000;

/// Notes that are in use.
#[derive(Debug)]
pub struct Loaded {
    /// What questions are answered from.
    pub knowledge: Knowledge,
    /// When they were loaded.
    pub at: Timestamp,
    /// What is wrong with them, without stopping them.
    pub findings: Vec<Diagnostic>,
    /// Drawn when it is first asked for.
    pub(super) drawn: Drawn,
}

/// The notes of the moment.
#[derive(Debug)]
pub struct Notes {
    folder: PathBuf,
    clock: Clock,
    current: ArcSwap<Loaded>,
    refused: Mutex<Option<Refusal>>,
    /// One reload at a time, so that the last change wins.
    reloading: Mutex<()>,
    changed: Notify,
}

/// Why the latest change was not taken over.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// When it was tried.
    pub at: Timestamp,
    /// What is wrong.
    pub error: Arc<NotesError>,
}

/// What became of a reload.
#[derive(Clone, Debug)]
pub struct Reloaded {
    /// Notes in use now.
    pub notes: usize,
    /// Warnings about them.
    pub warnings: usize,
}

/// How the notes are, for people who look after them.
#[derive(Clone, Debug)]
pub struct Status {
    /// Where they are.
    pub folder: PathBuf,
    /// Notes in use.
    pub notes: usize,
    /// Their sections.
    pub sections: usize,
    /// When they were loaded.
    pub at: Timestamp,
    /// What is wrong with them.
    pub findings: Vec<Diagnostic>,
    /// Why a later change was not taken over.
    pub refused: Option<Refusal>,
}

/// Notes that cannot be used.
#[derive(Debug, Error)]
pub enum NotesError {
    /// The folder cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// There is nothing in it.
    #[error("there are no notes in {}; put Markdown files there, or name another folder with --notes DIR", .0.display())]
    Empty(PathBuf),
    /// There are errors in them.
    #[error("the changed notes have {} {}; the notes from before stay in use", .0.len(), if .0.len() == 1 { "error" } else { "errors" })]
    Broken(Vec<Diagnostic>),
}

impl Notes {
    /// Loads a folder. A broken note does not keep the others from being used.
    ///
    /// # Errors
    /// The folder cannot be read or holds no notes.
    pub fn load(folder: &Path, clock: Clock) -> Result<Self, NotesError> {
        let loaded = read(folder, (clock.0)())?;
        for finding in loaded.findings.iter().filter(|finding| is_error(finding)) {
            tracing::warn!("{finding}");
        }
        Ok(Self {
            folder: folder.to_owned(),
            clock,
            current: ArcSwap::from_pointee(loaded),
            refused: Mutex::new(None),
            reloading: Mutex::new(()),
            changed: Notify::new(),
        })
    }

    /// The notes of the moment.
    pub fn current(&self) -> Arc<Loaded> {
        self.current.load_full()
    }

    /// Whether an answer may take longer than an async thread should be kept.
    pub fn are_large(&self) -> bool {
        self.current.load().knowledge.index.len() > LARGE
    }

    /// Where the notes are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Reads the folder again and swaps the notes, if they are good. Blocks;
    /// readers do not notice.
    ///
    /// # Errors
    /// The folder cannot be read, is empty, or a note has an error: the notes
    /// from before stay.
    pub fn reload(&self) -> Result<Reloaded, Arc<NotesError>> {
        let _one_at_a_time = self
            .reloading
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let at = (self.clock.0)();
        let outcome = read(&self.folder, at).and_then(|loaded| {
            let errors: Vec<Diagnostic> = loaded
                .findings
                .iter()
                .filter(|finding| is_error(finding))
                .cloned()
                .collect();
            if errors.is_empty() {
                Ok(loaded)
            } else {
                Err(NotesError::Broken(errors))
            }
        });
        match outcome {
            Ok(loaded) => {
                let reloaded = Reloaded {
                    notes: loaded.knowledge.notes.len(),
                    warnings: loaded.findings.len(),
                };
                self.current.store(Arc::new(loaded));
                self.refuse(None);
                RELOADS.count(&["ok"]);
                tracing::info!(
                    notes = reloaded.notes,
                    warnings = reloaded.warnings,
                    "notes loaded"
                );
                Ok(reloaded)
            }
            Err(error) => {
                RELOADS.count(&["refused"]);
                let error = Arc::new(error);
                tracing::error!("{error}");
                if let NotesError::Broken(errors) = &*error {
                    for finding in errors {
                        tracing::error!("{finding}");
                    }
                }
                self.refuse(Some(Refusal {
                    at,
                    error: Arc::clone(&error),
                }));
                Err(error)
            }
        }
    }

    /// How the notes are.
    pub fn status(&self) -> Status {
        let loaded = self.current();
        Status {
            folder: self.folder.clone(),
            notes: loaded.knowledge.notes.len(),
            sections: loaded.knowledge.index.len(),
            at: loaded.at,
            findings: loaded.findings.clone(),
            refused: self
                .refused
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
        }
    }

    /// Returns when notes were read again, whatever came of it.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Whether the latest change was not taken over.
    pub fn are_refused(&self) -> bool {
        let refused = self.refused.lock();
        refused.unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn refuse(&self, refusal: Option<Refusal>) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = refusal;
        self.changed.notify_waiters();
    }
}

fn read(folder: &Path, at: Timestamp) -> Result<Loaded, NotesError> {
    let loaded = load::load(folder, &Limits::default())?;
    if loaded.notes.is_empty() && loaded.diagnostics.is_empty() {
        return Err(NotesError::Empty(folder.to_owned()));
    }
    let today = at.to_zoned(TimeZone::UTC).date();
    let month = u8::try_from(today.month()).unwrap_or(1);
    let findings = lint::lint(&loaded.notes, loaded.diagnostics, (today.year(), month));
    Ok(Loaded {
        knowledge: Knowledge::build(loaded.notes),
        at,
        findings,
        drawn: Drawn::default(),
    })
}

fn is_error(finding: &Diagnostic) -> bool {
    finding.severity == Severity::Error
}
