//! What people and admins say about questions, answers in practice, and what
//! admins are told.

use jiff::Timestamp;

use super::quiz::{Aside, Letter, Notice};
use super::sql::{Row, sql, values};
use super::{Store, StoreError};
use crate::id::{GuildId, UserId};
use crate::quiz::item::Flag;
use crate::quiz::practice::Review;
use crate::quiz::round::RoundId;

impl Store {
    /// Records that somebody in the round's server says that a question is wrong.
    /// Says no when they have said so before.
    pub async fn flag(
        &self,
        id: &RoundId,
        user: UserId,
        question: &str,
        hash: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let statement = sql!(
            "INSERT INTO flag (guild_id, question, hash, user_id, at_ms)
             VALUES ($2, $3, $4, $5, " now ")
             ON CONFLICT (guild_id, question, hash, user_id) DO NOTHING"
        );
        let values = values![now, id.guild, question, hash, user];
        Ok(self.backend.change(statement, values).await? > 0)
    }

    /// What people in a server say is wrong, oldest first.
    pub async fn flags(&self, guild: GuildId) -> Result<Vec<Flag>, StoreError> {
        let statement =
            sql!("SELECT * FROM flag WHERE guild_id = $1 ORDER BY at_ms, question, user_id");
        let rows = self.backend.read(statement, values![guild]).await?;
        rows.iter().map(flag_of).collect()
    }

    /// Keeps a question out of a server's rounds. Says no when it is out already
    /// with this hash.
    pub async fn set_aside(
        &self,
        guild: GuildId,
        question: &str,
        hash: &str,
        why: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let statement = sql!(
            "INSERT INTO aside (guild_id, question, hash, why, at_ms)
             VALUES ($2, $3, $4, $5, " now ")
             ON CONFLICT (guild_id, question) DO UPDATE SET
                 hash = excluded.hash, why = excluded.why, at_ms = excluded.at_ms,
                 checked_ms = NULL
             WHERE aside.hash <> excluded.hash OR aside.checked_ms IS NOT NULL"
        );
        let values = values![now, guild, question, hash, why];
        Ok(self.backend.change(statement, values).await? > 0)
    }

    /// Lets a question into a server's rounds again, after somebody has checked it.
    /// Says whether it was out.
    pub async fn take_back(
        &self,
        guild: GuildId,
        question: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let statement = sql!(
            "UPDATE aside SET checked_ms = " now "
             WHERE guild_id = $2 AND question = $3 AND checked_ms IS NULL"
        );
        let values = values![now, guild, question];
        Ok(self.backend.change(statement, values).await? > 0)
    }

    /// When a question with this hash was last taken back into a server's rounds.
    pub async fn checked(
        &self,
        guild: GuildId,
        question: &str,
        hash: &str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let statement = sql!(
            "SELECT checked_ms FROM aside
             WHERE guild_id = $1 AND question = $2 AND hash = $3 AND checked_ms IS NOT NULL"
        );
        let values = values![guild, question, hash];
        let rows = self.backend.read(statement, values).await?;
        rows.first().map(|row| row.time("checked_ms")).transpose()
    }

    /// Questions that are kept out of a server's rounds, oldest first.
    pub async fn aside(&self, guild: GuildId) -> Result<Vec<Aside>, StoreError> {
        let statement = sql!(
            "SELECT * FROM aside WHERE guild_id = $1 AND checked_ms IS NULL
             ORDER BY at_ms, question"
        );
        let rows = self.backend.read(statement, values![guild]).await?;
        rows.iter()
            .map(|row| {
                Ok(Aside {
                    question: row.get("question")?,
                    hash: row.get("hash")?,
                    why: row.get("why")?,
                    at: row.time("at_ms")?,
                })
            })
            .collect()
    }

    /// Records an answer in practice; the same one twice counts once.
    pub async fn review(&self, user: UserId, review: &Review) -> Result<(), StoreError> {
        let statement = sql!(
            "INSERT INTO review (user_id, at_ms, question, hash, is_right)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (user_id, at_ms, question) DO NOTHING"
        );
        let values = values![
            user,
            review.at,
            review.question.as_str(),
            review.hash.as_str(),
            review.right,
        ];
        self.backend.change(statement, values).await?;
        Ok(())
    }

    /// A person's answers in practice, oldest first; those in rounds are not
    /// among them.
    pub async fn reviews(&self, user: UserId) -> Result<Vec<Review>, StoreError> {
        let statement = sql!("SELECT * FROM review WHERE user_id = $1 ORDER BY at_ms, question");
        let rows = self.backend.read(statement, values![user]).await?;
        rows.iter().map(review_of).collect()
    }

    /// Deletes answers in practice before a time. Says how many.
    pub async fn prune_reviews(&self, before: Timestamp) -> Result<u64, StoreError> {
        let statement = sql!("DELETE FROM review WHERE at_ms < $1");
        self.backend.change(statement, values![before]).await
    }

    /// Keeps what a server's admins have to know; one text for each kind. Says
    /// whether it is new or has changed: then they are to be told.
    pub async fn notice(
        &self,
        guild: GuildId,
        kind: &str,
        text: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let statement = sql!(
            "INSERT INTO notice (guild_id, kind, text, at_ms) VALUES ($2, $3, $4, " now ")
             ON CONFLICT (guild_id, kind) DO UPDATE SET
                 text = excluded.text, at_ms = excluded.at_ms, told_ms = NULL
             WHERE notice.text <> excluded.text"
        );
        let values = values![now, guild, kind, text];
        Ok(self.backend.change(statement, values).await? > 0)
    }

    /// Notices of the last day that nobody was told of, with whom to tell, oldest
    /// first.
    pub async fn letters(&self, now: Timestamp) -> Result<Vec<Letter>, StoreError> {
        let statement = sql!(
            "SELECT notice.guild_id, kind, text, at_ms, set_by
             FROM notice JOIN schedule ON schedule.guild_id = notice.guild_id
             WHERE told_ms IS NULL AND set_by IS NOT NULL AND at_ms > " now " - 86400000
             ORDER BY at_ms, notice.guild_id, kind"
        );
        let rows = self.backend.read(statement, values![now]).await?;
        rows.iter()
            .map(|row| {
                Ok(Letter {
                    guild: row.id("guild_id", GuildId)?,
                    to: row.id("set_by", UserId)?,
                    notice: notice_of(row)?,
                })
            })
            .collect()
    }

    /// Records that a letter was brought, or never can be. A notice that has
    /// changed since is still to be told.
    pub async fn told(&self, letter: &Letter, now: Timestamp) -> Result<(), StoreError> {
        let statement = sql!(
            "UPDATE notice SET told_ms = " now "
             WHERE guild_id = $2 AND kind = $3 AND at_ms = $4"
        );
        let Letter { guild, notice, .. } = letter;
        let values = values![now, *guild, notice.kind.as_str(), notice.at];
        self.backend.change(statement, values).await?;
        Ok(())
    }

    /// Drops a notice that is no longer true. Says whether there was one.
    pub async fn clear_notice(&self, guild: GuildId, kind: &str) -> Result<bool, StoreError> {
        let statement = sql!("DELETE FROM notice WHERE guild_id = $1 AND kind = $2");
        Ok(self.backend.change(statement, values![guild, kind]).await? > 0)
    }

    /// What a server's admins have to know, oldest first.
    pub async fn notices(&self, guild: GuildId) -> Result<Vec<Notice>, StoreError> {
        let statement = sql!("SELECT * FROM notice WHERE guild_id = $1 ORDER BY at_ms, kind");
        let rows = self.backend.read(statement, values![guild]).await?;
        rows.iter().map(notice_of).collect()
    }
}

/// A row of `notice`.
fn notice_of(row: &Row) -> Result<Notice, StoreError> {
    Ok(Notice {
        kind: row.get("kind")?,
        text: row.get("text")?,
        at: row.time("at_ms")?,
    })
}

/// A row of `flag`.
pub(super) fn flag_of(row: &Row) -> Result<Flag, StoreError> {
    Ok(Flag {
        question: row.get("question")?,
        hash: row.get("hash")?,
        user: row.id("user_id", UserId)?,
        at: row.time("at_ms")?,
    })
}

/// A row of `review`.
pub(super) fn review_of(row: &Row) -> Result<Review, StoreError> {
    Ok(Review {
        question: row.get("question")?,
        hash: row.get("hash")?,
        right: row.flag("is_right")?,
        at: row.time("at_ms")?,
    })
}
