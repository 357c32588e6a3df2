//! What admins have to know: kept for `/quiz-admin status`, and told once.

use std::sync::PoisonError;

use crate::id::{GuildId, UserId};
use crate::store::StoreError;

use super::super::App;

/// Something that an admin has to know, to be brought to that person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The server that it is about.
    pub guild: GuildId,
    /// Who set the quiz up there.
    pub to: UserId,
    /// What kind of problem it is.
    pub kind: String,
    /// What is wrong.
    pub text: String,
}

impl App {
    /// Keeps a problem until it is over; a new one is told to whoever set the
    /// quiz up, once.
    pub(super) async fn tell_admins(
        &self,
        guild: GuildId,
        kind: &str,
        text: &str,
    ) -> Result<(), StoreError> {
        if !self.store.notice(guild, kind, text, self.now()).await? {
            return Ok(());
        }
        tracing::warn!(guild.id = guild.0, problem = kind, "{text}");
        let saved = self.store.schedule(guild).await?;
        if let Some(to) = saved.and_then(|saved| saved.schedule.set_by) {
            let mut letters = self
                .quiz
                .letters
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            letters.push(Letter {
                guild,
                to,
                kind: kind.to_owned(),
                text: text.to_owned(),
            });
        }
        Ok(())
    }

    /// Letters that are to be brought. Each is given once; where that fails, the
    /// problem still stands in the status.
    pub fn take_letters(&self) -> Vec<Letter> {
        let mut letters = self
            .quiz
            .letters
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut letters)
    }
}
