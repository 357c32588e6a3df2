//! Knowledge gaps: questions the notes did not answer well, and what they have
//! in common, so that a team sees what to write next.
//!
//! Pure: times are arguments, and where gaps are kept is the business of `store`.
//! What admins see holds counts of people, never their ids.

mod group;
mod table;
mod wording;

use serde::Serialize;

use crate::id::{ChannelId, GuildId, MessageId, UserId};

pub use group::{Group, LINKS, group};
pub use table::{csv, inert};

/// Why something counts as a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The notes had no answer.
    Abstention,
    /// There was an answer, and the person said that it did not help.
    NotHelpful,
}

impl Kind {
    /// The name in the store and in exports.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Abstention => "abstention",
            Kind::NotHelpful => "not_helpful",
        }
    }
}

/// One question of one person that the notes did not answer well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// Why it counts.
    pub kind: Kind,
    /// Who asked.
    pub user: UserId,
    /// Where it was asked; none in a direct message.
    pub guild: Option<GuildId>,
    /// The channel, where the question can be read again.
    pub channel: Option<ChannelId>,
    /// The message, where the question can be read again.
    pub message: Option<MessageId>,
    /// The question as typed; none when texts are not kept, or no longer.
    pub question: Option<String>,
    /// Names of the services that the question was read as.
    pub services: Vec<String>,
    /// Names of the controls that the question was read as.
    pub controls: Vec<String>,
    /// What the person typed to say why an answer did not help.
    pub reason: Option<String>,
    /// When, in milliseconds since 1970 UTC; written as RFC 3339 in an export.
    #[serde(rename = "at", serialize_with = "as_rfc3339")]
    pub at_ms: i64,
}

impl Gap {
    /// Where the question can be read again by more people than the one who
    /// asked it: never a direct message.
    pub fn place(&self) -> Option<Place> {
        Some(Place {
            guild: self.guild?,
            channel: self.channel?,
            message: self.message?,
        })
    }
}

/// A message in a channel of a guild.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The guild.
    pub guild: GuildId,
    /// The channel.
    pub channel: ChannelId,
    /// The message.
    pub message: MessageId,
}

/// Milliseconds since 1970 UTC as RFC 3339, such as `2026-11-22T14:30:00Z`;
/// empty beyond the year 9999.
pub fn rfc3339(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms).map_or_else(|_| String::new(), |at| at.to_string())
}

/// For `serialize_with`: milliseconds since 1970 UTC as RFC 3339.
pub fn as_rfc3339<S: serde::Serializer>(at_ms: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(*at_ms))
}
