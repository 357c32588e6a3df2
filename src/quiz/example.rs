//! Rounds as the tests of this folder need them.

use jiff::Timestamp;
use jiff::civil::Date;

use super::question::{Origin, Place, Question};
use super::round::{Attempt, Played, Round, RoundId, State};
use super::schedule::Feedback;
use crate::id::{ChannelId, GuildId, UserId};

/// A question with a key and three distractors, in this order.
pub(super) fn question(id: &str) -> Question {
    Question {
        id: id.to_owned(),
        hash: "0123456789abcdef".to_owned(),
        origin: Origin::Written,
        stem: "Which one?".to_owned(),
        options: ["key", "first", "second", "third"]
            .map(str::to_owned)
            .into(),
        key: 0,
        explanation: "Because.".to_owned(),
        place: Place {
            path: "note.md".to_owned(),
            line_start: 1,
            line_end: 2,
        },
        sources: vec![],
        service: None,
        controls: vec![],
    }
}

/// A round of a day with attempts: who chose which option.
pub(super) fn played(
    date: Date,
    state: State,
    question: Question,
    attempts: &[(u64, usize)],
) -> Played {
    let at = Timestamp::UNIX_EPOCH;
    Played {
        round: Round {
            id: RoundId {
                guild: GuildId(1),
                date,
            },
            channel: ChannelId(1),
            due: at,
            state,
            open_minutes: 480,
            feedback: Feedback::AtReveal,
            question: Some(question),
            claims: 1,
            refusals: 0,
            first_try: Some(at),
            close_at: Some(at),
            message: None,
            posted_at: Some(at),
            reason: None,
        },
        attempts: attempts
            .iter()
            .map(|(user, choice)| Attempt {
                user: UserId(*user),
                choice: *choice,
                at,
            })
            .collect(),
    }
}
