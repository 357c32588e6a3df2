//! What people are told when something did not work: a short sentence and what
//! to do, never what is behind it.

use std::time::Duration;

use super::reply::{Part, Reply};

/// Why something was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The store failed; nothing was kept.
    NotSaved,
    /// Too much was asked; when to come back.
    Wait(Duration),
    /// What is looked up is no longer in the notes.
    Gone,
    /// A button that is not ours, of an older form, or made up.
    Stale,
    /// A button for somebody else.
    NotYours,
    /// A command for who manages the server.
    NotAllowed,
    /// There is no text to look for.
    NoText,
    /// A fault of ours.
    Defect,
}

/// What a person is told. `now` is in seconds since 1970; `reference` leads to
/// the log.
pub fn words(trouble: Trouble, now: i64, reference: u64) -> Reply {
    match trouble {
        Trouble::NotSaved => Reply::problem(
            "That was not saved",
            "The bot cannot reach its database right now. Please try again in a minute.",
        )
        .and([
            "If it goes on, tell whoever runs the bot: reference ".into(),
            Part::Code(reference.to_string()),
        ]),
        Trouble::Wait(wait) => {
            let wait = i64::try_from(wait.as_secs()).unwrap_or(60) + 1;
            Reply::notice("One moment", "That was a lot at once.").and([
                "Please try again ".into(),
                Part::Ago(now + wait),
                ".".into(),
            ])
        }
        Trouble::Gone => Reply::notice(
            "No longer in the notes",
            "The notes have changed since then, and this part is gone. Try /ask with your question.",
        ),
        Trouble::Stale => Reply::notice(
            "This button no longer works",
            "It comes from an older message. Ask again with /ask, and you get fresh ones.",
        ),
        Trouble::NotYours => Reply::notice(
            "This one is not yours to dismiss",
            "Only the person who asked, or somebody who may manage messages, can take it away.",
        ),
        Trouble::NotAllowed => Reply::notice(
            "For server managers",
            "This command works on a server, for people with the permission Manage Server.",
        ),
        Trouble::NoText => Reply::notice(
            "There is no text in that message",
            "Find in notes reads the words of a message. Try it on one that has some.",
        ),
        Trouble::Defect => Reply::problem(
            "Something went wrong",
            "That is not your fault. Please try again.",
        )
        .and([
            "If it happens again, tell whoever runs the bot: reference ".into(),
            Part::Code(reference.to_string()),
        ]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::reply::Tone;

    #[test]
    fn only_what_is_our_fault_is_called_a_problem() {
        let is_problem = |trouble| words(trouble, 0, 1).tone == Tone::Problem;
        assert!(is_problem(Trouble::Defect));
        assert!(is_problem(Trouble::NotSaved));
        for trouble in [
            Trouble::Wait(Duration::from_secs(3)),
            Trouble::Gone,
            Trouble::Stale,
            Trouble::NotYours,
            Trouble::NotAllowed,
            Trouble::NoText,
        ] {
            assert!(!is_problem(trouble), "{trouble:?}");
        }
    }
}
