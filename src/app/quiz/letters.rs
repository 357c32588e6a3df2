//! What admins have to know: kept for `/quiz-admin status`, and told once.

use crate::id::GuildId;
use crate::store::{Letter, StoreError};

use super::super::App;

impl App {
    /// Keeps a problem until it is over; whoever set the quiz up is told of a new
    /// one.
    pub(super) async fn tell_admins(
        &self,
        guild: GuildId,
        kind: &str,
        text: &str,
    ) -> Result<(), StoreError> {
        if self.store.notice(guild, kind, text, self.now()).await? {
            tracing::warn!(guild.id = guild.0, problem = kind, "{text}");
        }
        Ok(())
    }

    /// Letters that are to be brought: again and again, until [`Self::told`] says
    /// that there is no more to do for one, but not after a day. Several processes
    /// may have the same one.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn letters(&self) -> Result<Vec<Letter>, StoreError> {
        self.store.letters(self.now()).await
    }

    /// A letter was brought, or is not accepted; then the problem still stands in
    /// the status.
    ///
    /// # Errors
    /// It was not recorded.
    pub async fn told(&self, letter: &Letter) -> Result<(), StoreError> {
        self.store.told(letter, self.now()).await
    }
}
