//! What went wrong, in words for people: the only place that chooses them.
//! People get a short sentence and what to do; the log holds the whole chain.

use thiserror::Error;
use tracing::{error, warn};

use crate::app::Refused;
use crate::render::reply::{Part, Reply};
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
    match failure {
        Failure::Store(_) => Reply::problem(
            "That was not saved",
            "The bot cannot reach its database right now. Please try again in a minute.",
        )
        .and([
            "If it goes on, tell whoever runs the bot: reference ".into(),
            Part::Code(reference.to_string()),
        ]),
        Failure::Refused(refused) => {
            let wait = i64::try_from(refused.wait.as_secs()).unwrap_or(60) + 1;
            Reply::notice("One moment", "That was a lot at once.").and([
                "Please try again ".into(),
                Part::Ago(now + wait),
                ".".into(),
            ])
        }
        Failure::Gone => Reply::notice(
            "No longer in the notes",
            "The notes have changed since then, and this part is gone. Try /ask with your question.",
        ),
        Failure::Stale => Reply::notice(
            "This button no longer works",
            "It comes from an older message. Ask again with /ask, and you get fresh ones.",
        ),
        Failure::NotYours => Reply::notice(
            "This one is not yours to dismiss",
            "Only the person who asked, or somebody who may manage messages, can take it away.",
        ),
        Failure::NotAllowed => Reply::notice(
            "For server managers",
            "This command works on a server, for people with the permission Manage Server.",
        ),
        Failure::NoText => Reply::notice(
            "There is no text in that message",
            "Find in notes reads the words of a message. Try it on one that has some.",
        ),
        Failure::Rest(_) | Failure::Defect => Reply::problem(
            "Something went wrong",
            "That is not your fault. Please try again.",
        )
        .and([
            "If it happens again, tell whoever runs the bot: reference ".into(),
            Part::Code(reference.to_string()),
        ]),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::reply::Tone;
    use std::time::Duration;

    fn is_problem(failure: &Failure) -> bool {
        words(failure, 0, 1).tone == Tone::Problem
    }

    #[test]
    fn only_what_is_our_fault_is_called_a_problem() {
        assert!(is_problem(&Failure::Defect));
        assert!(is_problem(&Failure::Store(StoreError::Url)));
        let refused = Refused {
            wait: Duration::from_secs(3),
            first: true,
        };
        for failure in [
            Failure::Refused(refused),
            Failure::Gone,
            Failure::Stale,
            Failure::NotYours,
            Failure::NotAllowed,
            Failure::NoText,
        ] {
            assert!(!is_problem(&failure), "{failure}");
        }
    }
}
