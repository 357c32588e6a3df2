//! When a server's rounds are due.

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use serde::{Deserialize, Serialize};

use crate::id::{ChannelId, GuildId, UserId};

/// A server's quiz as its admins set it up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The server; it has one schedule.
    pub guild: GuildId,
    /// Where rounds appear.
    pub channel: ChannelId,
    /// Local time of the day, whole minutes.
    pub time: Time,
    /// IANA name of the time zone.
    pub zone: String,
    /// Days of the week with a round; at least one.
    pub days: Days,
    /// Minutes between a round and its results, 10 to 1,380 (23 hours).
    pub reveal_after: u32,
    /// When people learn whether they were right.
    pub feedback: Feedback,
    /// Stretches without rounds.
    pub pauses: Vec<Pause>,
    /// Who set it up, to be told when something is wrong; none after that
    /// person had their data deleted.
    pub set_by: Option<UserId>,
}

/// Days of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days(u8);

/// When people learn whether they were right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Feedback {
    /// With the results, so that nobody can pass the answer on.
    #[default]
    AtReveal,
    /// Right after their answer.
    Immediate,
}

/// Days without rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// First day.
    pub from: Date,
    /// Last day, included; until it is ended by hand when there is none.
    pub until: Option<Date>,
}

/// A round that is to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The local day that it belongs to.
    pub date: Date,
    /// When it is due.
    pub due: Timestamp,
    /// Whether it is left out because of a pause.
    pub paused: bool,
}

impl Days {
    /// Monday to Friday.
    pub const WORKDAYS: Self = Self(0b001_1111);
    /// All seven.
    pub const ALL: Self = Self(0b111_1111);

    /// From bits, Monday the lowest. `None` for no day or bits beyond Sunday.
    pub const fn from_bits(bits: u8) -> Option<Self> {
        if bits == 0 || bits > Self::ALL.0 {
            None
        } else {
            Some(Self(bits))
        }
    }

    /// As bits, Monday the lowest.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether a day is among them.
    pub fn has(self, day: Weekday) -> bool {
        self.0 & (1 << day.to_monday_zero_offset()) != 0
    }
}
