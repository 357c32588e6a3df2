//! What must survive a restart: settings, knowledge gaps, votes, how often
//! sections were asked for, and who wants to stay hidden.
//!
//! [`Store`] is one concrete type around a private backend. A method returns
//! after its COMMIT: what it reports as done is on disk. It never decides what
//! to keep or for how long; times, days and limits are arguments.
//!
//! Text is kept as it was typed. Whoever shows it escapes it.

mod error;
mod file;
mod sqlite;

use serde::Serialize;

use crate::gap::{Gap, as_rfc3339};
use crate::id::{GuildId, MessageId, UserId};

pub use error::StoreError;
use sqlite::Sqlite;

/// The store. Cheap to clone; all clones are one store.
#[derive(Clone, Debug)]
pub struct Store {
    backend: Backend,
}

/// Each backend has the methods of [`Store`], and the same suite tests them.
#[derive(Clone, Debug)]
enum Backend {
    Sqlite(Sqlite),
}

/// What a person says about an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// It helped.
    Helpful,
    /// It did not, which makes it a gap. A question or reason that is none here
    /// but came with an earlier vote of the same person is kept.
    NotHelpful(&'a Gap),
}

/// A vote as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Vote {
    /// The answer it is about.
    pub answer: MessageId,
    /// Whether the answer helped.
    pub helpful: bool,
    /// When, in milliseconds since 1970 UTC; written as RFC 3339 in an export.
    #[serde(rename = "at", serialize_with = "as_rfc3339")]
    pub at_ms: i64,
}

/// Everything stored about one person.
///
/// Whatever else is stored about people belongs here and in
/// [`Store::delete_person`]; a test holds both against the schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Person {
    /// Who.
    pub user: UserId,
    /// Whether they asked to stay out of lists that others see.
    pub hidden: bool,
    /// Their votes on answers, oldest first.
    pub votes: Vec<Vote>,
    /// Their questions that the notes did not answer well, oldest first.
    pub gaps: Vec<Gap>,
}

/// A store as it is found, without opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It is kept in memory and ends with the process.
    Memory,
    /// It is not there yet; opening it makes it.
    Absent,
    /// Another process has it open.
    InUse,
    /// It can be opened.
    Ready {
        /// Steps of the schema that opening it would take.
        behind: usize,
    },
}

/// How often a section was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The key of the section, as it was counted.
    pub section: String,
    /// How many times.
    pub count: u64,
}

impl Store {
    /// Opens the store at a URL, creates what is missing and brings the schema
    /// up to date. `sqlite:PATH` and `sqlite://PATH` name a file, in a folder
    /// that exists; `sqlite::memory:` keeps nothing after the last clone.
    ///
    /// # Errors
    /// Another kind of URL; a file that cannot be written, is no database, is of
    /// a newer version or in use by another process.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let backend = Backend::Sqlite(Sqlite::open(url).await?);
        Ok(Self { backend })
    }

    /// Looks at the store at a URL without changing anything.
    ///
    /// # Errors
    /// What would keep [`Store::open`] from opening it, as far as that can be
    /// seen; that another process uses it is no error here.
    pub async fn inspect(url: &str) -> Result<Condition, StoreError> {
        sqlite::inspect(url).await
    }

    /// Waits for what is under way and closes the store, all clones with it.
    pub async fn close(&self) {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.close().await,
        }
    }

    /// A setting that the program keeps for itself.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.setting(name).await,
        }
    }

    /// Keeps a setting; it replaces an earlier value.
    pub async fn set_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.set_setting(name, value).await,
        }
    }

    /// Records a gap.
    pub async fn record_gap(&self, gap: &Gap) -> Result<(), StoreError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.record_gap(gap).await,
        }
    }

    /// Records what a person says about an answer, at this time (milliseconds
    /// since 1970 UTC). One vote counts for each person and answer, the latest;
    /// "not helpful" stands among the gaps for as long as it is the latest. Of the
    /// gap, person, kind and time are those of the vote.
    pub async fn vote(
        &self,
        user: UserId,
        answer: MessageId,
        verdict: Verdict<'_>,
        at_ms: i64,
    ) -> Result<(), StoreError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.vote(user, answer, verdict, at_ms).await,
        }
    }

    /// Gaps of a guild, or of all and of direct messages, since a time
    /// (milliseconds since 1970 UTC, inclusive), oldest first.
    pub async fn gaps_since(
        &self,
        guild: Option<GuildId>,
        since_ms: i64,
    ) -> Result<Vec<Gap>, StoreError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.gaps_since(guild, since_ms).await,
        }
    }

    /// Forgets questions and reasons typed before a time (milliseconds since
    /// 1970 UTC); the gaps stay counted. Says how many had a text.
    pub async fn forget_texts_before(&self, before_ms: i64) -> Result<u64, StoreError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.forget_texts_before(before_ms).await,
        }
    }

    /// Adds to how often sections were asked for on a day (days since 1970 UTC).
    pub async fn add_asked(&self, day: i32, counts: &[Asked]) -> Result<(), StoreError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.add_asked(day, counts).await,
        }
    }

    /// The sections most asked for since a day (inclusive), at most `limit`,
    /// most asked first.
    pub async fn most_asked(&self, since_day: i32, limit: u32) -> Result<Vec<Asked>, StoreError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.most_asked(since_day, limit).await,
        }
    }

    /// Drops counts of days before this one. Says how many.
    pub async fn prune_asked(&self, before_day: i32) -> Result<u64, StoreError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.prune_asked(before_day).await,
        }
    }

    /// Keeps a person out of lists that others see, or lets them in again.
    pub async fn hide(&self, user: UserId, hidden: bool) -> Result<(), StoreError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.hide(user, hidden).await,
        }
    }

    /// Whether a person asked to stay out of lists that others see.
    pub async fn is_hidden(&self, user: UserId) -> Result<bool, StoreError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.is_hidden(user).await,
        }
    }

    /// Everything stored about a person.
    pub async fn person(&self, user: UserId) -> Result<Person, StoreError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.person(user).await,
        }
    }

    /// Deletes everything stored about a person, the wish to be hidden as well,
    /// all or nothing. Says how many rows there were.
    pub async fn delete_person(&self, user: UserId) -> Result<u64, StoreError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.delete_person(user).await,
        }
    }
}
