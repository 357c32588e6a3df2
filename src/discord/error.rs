//! What went wrong, seen from Discord; `render` chooses the words. People get a
//! short sentence and what to do; the log holds the whole chain.

use thiserror::Error;
use tracing::{error, warn};

use crate::app::Refused;
use crate::render::reply::Reply;
use crate::render::trouble::{self, Trouble};
use crate::store::StoreError;

use super::rest::RestError;

/// Why a turn did not end as wished.
#[derive(Debug, Error)]
pub(super) enum Failure {
    /// The store failed; nothing was kept.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// Discord could not be told.
    #[error(transparent)]
    Rest(#[from] RestError),
    /// Too much was asked.
    #[error("asked too much")]
    Refused(Refused),
    /// What is looked up is no longer in the notes.
    #[error("no longer in the notes")]
    Gone,
    /// A button that is not ours, of an older form, or made up.
    #[error("a button that means nothing")]
    Stale,
    /// A button for somebody else.
    #[error("a button for somebody else")]
    NotYours,
    /// A command for who manages the server.
    #[error("needs Manage Server")]
    NotAllowed,
    /// There is no text to look for.
    #[error("no text")]
    NoText,
    /// A defect of ours; it was logged where it happened.
    #[error("a defect")]
    Defect,
}

/// What a person is told. `now` is in seconds since 1970; `reference` leads to
/// the log.
pub(super) fn words(failure: &Failure, now: i64, reference: u64) -> Reply {
    let trouble = match failure {
        Failure::Store(_) => Trouble::NotSaved,
        Failure::Refused(refused) => Trouble::Wait(refused.wait),
        Failure::Gone => Trouble::Gone,
        Failure::Stale => Trouble::Stale,
        Failure::NotYours => Trouble::NotYours,
        Failure::NotAllowed => Trouble::NotAllowed,
        Failure::NoText => Trouble::NoText,
        Failure::Rest(_) | Failure::Defect => Trouble::Defect,
    };
    trouble::words(trouble, now, reference)
}

/// Logs what somebody has to look at; the rest is everyday life.
pub(super) fn log(failure: &Failure) {
    match failure {
        Failure::Store(error) => {
            error!(error = error as &dyn std::error::Error, "the store failed");
        }
        Failure::Rest(error) => warn!("Discord could not be told: {error}"),
        _ => {}
    }
}
