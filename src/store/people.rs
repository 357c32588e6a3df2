//! Everything stored about one person: shown, exported, deleted.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::attempts::attempt_of;
use super::gaps::gap_of;
use super::questions::{flag_of, review_of};
use super::rounds::id_of;
use super::sql::{Row, Sql, sql, values};
use super::{Store, StoreError};
use crate::gap::{Gap, as_rfc3339};
use crate::id::{GuildId, MessageId, UserId};
use crate::quiz::question::Question;

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
    /// Their answers in the daily quiz, oldest first.
    pub attempts: Vec<Answered>,
    /// Their answers in practice, oldest first.
    pub practice: Vec<Practised>,
    /// Quiz questions that they said are wrong, oldest first.
    pub flags: Vec<Flagged>,
    /// Servers whose quiz they set up.
    pub set_up: Vec<GuildId>,
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

/// An answer in the daily quiz.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// The server.
    pub guild: GuildId,
    /// The day of the round.
    pub date: Date,
    /// The letter that was chosen.
    pub choice: char,
    /// When.
    pub at: Timestamp,
}

/// An answer in practice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Practised {
    /// The id of the question.
    pub question: String,
    /// Whether the answer was right.
    pub right: bool,
    /// When.
    pub at: Timestamp,
}

/// A question that was said to be wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flagged {
    /// The id of the question.
    pub question: String,
    /// When.
    pub at: Timestamp,
}

/// Every table with a person in it, those that refer to another first.
const DELETIONS: [Sql; 7] = [
    sql!("DELETE FROM gap WHERE user_id = $1"),
    sql!("DELETE FROM vote WHERE user_id = $1"),
    sql!("DELETE FROM hidden WHERE user_id = $1"),
    sql!("DELETE FROM attempt WHERE user_id = $1"),
    sql!("DELETE FROM review WHERE user_id = $1"),
    sql!("DELETE FROM flag WHERE user_id = $1"),
    // The quiz of the server goes on.
    sql!("UPDATE schedule SET set_by = NULL WHERE set_by = $1"),
];

const HIDDEN: Sql = sql!("SELECT user_id FROM hidden WHERE user_id = $1");

impl Store {
    /// Keeps a person out of lists that others see, or lets them in again.
    pub async fn hide(&self, user: UserId, hidden: bool) -> Result<(), StoreError> {
        let statement = if hidden {
            sql!("INSERT INTO hidden (user_id) VALUES ($1) ON CONFLICT (user_id) DO NOTHING")
        } else {
            sql!("DELETE FROM hidden WHERE user_id = $1")
        };
        self.backend.change(statement, values![user]).await?;
        Ok(())
    }

    /// Whether a person asked to stay out of lists that others see.
    pub async fn is_hidden(&self, user: UserId) -> Result<bool, StoreError> {
        Ok(self
            .backend
            .read_one(HIDDEN, values![user])
            .await?
            .is_some())
    }

    /// Everybody who asked to stay out of lists that others see.
    pub async fn hidden(&self) -> Result<HashSet<UserId>, StoreError> {
        let rows = self
            .backend
            .read(sql!("SELECT user_id FROM hidden"), values![])
            .await?;
        rows.iter().map(|row| row.id("user_id", UserId)).collect()
    }

    /// Everything stored about a person.
    pub async fn person(&self, user: UserId) -> Result<Person, StoreError> {
        // One snapshot: what is shown was true at one moment.
        let mut snapshot = self.backend.snapshot().await?;
        let mut rows = async |statement| snapshot.read(statement, values![user]).await;
        let hidden = rows(HIDDEN).await?;
        let votes = rows(sql!(
            "SELECT * FROM vote WHERE user_id = $1 ORDER BY at_ms, message_id"
        ))
        .await?;
        let gaps = rows(sql!(
            "SELECT * FROM gap WHERE user_id = $1 ORDER BY at_ms, id"
        ))
        .await?;
        let attempts = rows(sql!(
            "SELECT * FROM attempt WHERE user_id = $1 ORDER BY at_ms, guild_id, date"
        ))
        .await?;
        let reviews = rows(sql!(
            "SELECT * FROM review WHERE user_id = $1 ORDER BY at_ms, question"
        ))
        .await?;
        let flags = rows(sql!(
            "SELECT * FROM flag WHERE user_id = $1 ORDER BY at_ms, question"
        ))
        .await?;
        let set_up = rows(sql!(
            "SELECT guild_id FROM schedule WHERE set_by = $1 ORDER BY guild_id"
        ))
        .await?;
        snapshot.commit().await?;
        Ok(Person {
            user,
            hidden: !hidden.is_empty(),
            votes: votes.iter().map(vote_of).collect::<Result<_, _>>()?,
            gaps: gaps.iter().map(gap_of).collect::<Result<_, _>>()?,
            attempts: attempts.iter().map(answered_of).collect::<Result<_, _>>()?,
            practice: reviews.iter().map(practised_of).collect::<Result<_, _>>()?,
            flags: flags.iter().map(flagged_of).collect::<Result<_, _>>()?,
            set_up: set_up
                .iter()
                .map(|row| row.id("guild_id", GuildId))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Deletes everything stored about a person, the wish to be hidden as well,
    /// all or nothing. Says how many rows there were.
    pub async fn delete_person(&self, user: UserId) -> Result<u64, StoreError> {
        let mut transaction = self.backend.begin().await?;
        let mut rows = 0;
        for statement in DELETIONS {
            rows += transaction.change(statement, values![user]).await?;
        }
        transaction.commit().await?;
        Ok(rows)
    }
}

fn vote_of(row: &Row) -> Result<Vote, StoreError> {
    Ok(Vote {
        answer: row.id("message_id", MessageId)?,
        helpful: row.flag("helpful")?,
        at_ms: row.get("at_ms")?,
    })
}

fn answered_of(row: &Row) -> Result<Answered, StoreError> {
    let (id, attempt) = (id_of(row)?, attempt_of(row)?);
    Ok(Answered {
        guild: id.guild,
        date: id.date,
        choice: Question::letter(attempt.choice),
        at: attempt.at,
    })
}

fn practised_of(row: &Row) -> Result<Practised, StoreError> {
    let review = review_of(row)?;
    Ok(Practised {
        question: review.question,
        right: review.right,
        at: review.at,
    })
}

fn flagged_of(row: &Row) -> Result<Flagged, StoreError> {
    let flag = flag_of(row)?;
    Ok(Flagged {
        question: flag.question,
        at: flag.at,
    })
}
