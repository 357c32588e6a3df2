//! What the store keeps of the quiz, beyond the types of the rules themselves.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::id::{GuildId, UserId};
use crate::quiz::round::Attempt;
use crate::quiz::schedule::Schedule;

pub use crate::quiz::change::PAUSED;

/// A schedule as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// What the admins set up.
    pub schedule: Schedule,
    /// How often it was saved; another number means that somebody changed it.
    pub rev: i64,
    /// The last day whose round is planned, or left out.
    pub planned_through: Option<Date>,
    /// Why no rounds are planned any more; none while it runs.
    pub stopped: Option<String>,
}

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempted {
    /// It is stored.
    Stored(Attempt),
    /// An earlier one of this person is stored, and stays.
    Kept(Attempt),
    /// The round takes no answers any more, and has none of this person.
    Closed,
    /// There is no such round with this message, or no such option.
    Unknown,
}

/// A question that is not asked in a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// The id of the question.
    pub question: String,
    /// The hash that it had then.
    pub hash: String,
    /// Why.
    pub why: String,
    /// Since when.
    pub at: Timestamp,
}

/// A notice that is to be brought to an admin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The server that it is about.
    pub guild: GuildId,
    /// Who set the quiz up there.
    pub to: UserId,
    /// What is wrong.
    pub notice: Notice,
}

/// Something that the admins of a server were told, or have to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it is about; a server has one notice of each kind.
    pub kind: String,
    /// What is wrong, and what to do.
    pub text: String,
    /// Since when.
    pub at: Timestamp,
}
