//! A round: one question in one channel for one day, and its legal states.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use super::question::Question;
use super::schedule::Feedback;
use crate::id::{ChannelId, GuildId, MessageId, UserId};

/// Which round: a server has one for a local day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoundId {
    /// The server.
    pub guild: GuildId,
    /// The day that it was planned for, in the server's time zone.
    pub date: Date,
}

/// A round as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// Which.
    pub id: RoundId,
    /// Where it appears.
    pub channel: ChannelId,
    /// When it is due.
    pub due: Timestamp,
    /// How far it is.
    pub state: State,
    /// Minutes for answers.
    pub open_minutes: u32,
    /// When people learn whether they were right.
    pub feedback: Feedback,
    /// What is asked, options as shown; chosen with the first claim.
    pub question: Option<Question>,
    /// How often it was claimed; the number fences a claim.
    pub claims: u32,
    /// How often Discord refused its message so far.
    pub refusals: u32,
    /// When it was first claimed.
    pub first_try: Option<Timestamp>,
    /// When answers end; known with the first claim.
    pub close_at: Option<Timestamp>,
    /// The message, once it is known to be there.
    pub message: Option<MessageId>,
    /// When the message was recorded.
    pub posted_at: Option<Timestamp>,
    /// Why it is in this state, for admins.
    pub reason: Option<String>,
}

/// How far a round is. It only moves forward; see [`State::may_become`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Waiting for its time, or for another try that is surely the first to
    /// reach the channel.
    Scheduled,
    /// Claimed: a message may exist from now on.
    Posting,
    /// A message may exist, and the channel's history cannot be read to know.
    Held,
    /// The message is there and takes answers.
    Posted,
    /// No more answers; the results are about to be shown.
    Closed,
    /// The results are shown.
    Revealed,
    /// Its time passed while nothing could be posted.
    Missed,
    /// Discord refused it for good.
    Failed,
    /// Left out on purpose.
    Skipped,
}

/// Somebody's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Who.
    pub user: UserId,
    /// The option, an index as shown.
    pub choice: usize,
    /// When.
    pub at: Timestamp,
}

/// A round that was posted, with what people answered so far. Streaks,
/// standings and item statistics are reckoned from these, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// The round: posted, closed or revealed.
    pub round: Round,
    /// First attempts, in the order in which they came.
    pub attempts: Vec<Attempt>,
}

impl Played {
    /// Whether an attempt chose the key.
    pub fn is_right(&self, attempt: &Attempt) -> bool {
        let question = self.round.question.as_ref();
        question.is_some_and(|question| question.key == attempt.choice)
    }
}

impl RoundId {
    /// The nonce of its message: the same for every try of every process, at
    /// most 25 characters as Discord wants it, and unlike that of any other round.
    pub fn nonce(&self) -> String {
        let hash = Sha256::digest(format!("q1|{}|{}", self.guild, self.date));
        let mut nonce = BASE32_NOPAD.encode(&hash);
        nonce.truncate(24);
        nonce
    }
}

impl fmt::Display for RoundId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.guild, self.date)
    }
}

impl State {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Scheduled,
        Self::Posting,
        Self::Held,
        Self::Posted,
        Self::Closed,
        Self::Revealed,
        Self::Missed,
        Self::Failed,
        Self::Skipped,
    ];

    /// Its name, as stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Posting => "posting",
            Self::Held => "held",
            Self::Posted => "posted",
            Self::Closed => "closed",
            Self::Revealed => "revealed",
            Self::Missed => "missed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    /// The state with this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether nothing happens to the round any more.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Revealed | Self::Missed | Self::Failed | Self::Skipped
        )
    }

    /// Whether a round in this state may go on to another.
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Scheduled => matches!(
                next,
                Self::Posting | Self::Missed | Self::Failed | Self::Skipped
            ),
            // Back to scheduled only where the request surely had no effect.
            Self::Posting => matches!(
                next,
                Self::Scheduled
                    | Self::Held
                    | Self::Posted
                    | Self::Missed
                    | Self::Failed
                    | Self::Skipped
            ),
            Self::Held => matches!(next, Self::Posting | Self::Posted | Self::Missed),
            Self::Posted => matches!(next, Self::Closed),
            Self::Closed => matches!(next, Self::Revealed),
            Self::Revealed | Self::Missed | Self::Failed | Self::Skipped => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_nonce_is_short_and_belongs_to_one_round() {
        let of = |guild, day| {
            let date = date(2026, 11, day);
            RoundId {
                guild: GuildId(guild),
                date,
            }
            .nonce()
        };
        assert!(of(1, 2).len() <= 25);
        assert_eq!(of(1, 2), of(1, 2));
        assert_ne!(of(1, 2), of(2, 2));
        assert_ne!(of(1, 2), of(1, 3));
    }

    #[test]
    fn final_states_stay() {
        for state in State::ALL {
            let goes_on = State::ALL.iter().any(|next| state.may_become(*next));
            assert_eq!(goes_on, !state.is_final(), "{state:?}");
            assert_eq!(State::of_name(state.name()), Some(state));
        }
    }
}
