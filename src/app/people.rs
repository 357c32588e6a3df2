//! What is stored about a person, under their own control.

use crate::id::UserId;
use crate::store::{Person, StoreError};

use super::App;

impl App {
    /// Everything stored about a person.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn person(&self, user: UserId) -> Result<Person, StoreError> {
        self.settle().await;
        self.store.person(user).await
    }

    /// Deletes everything stored about a person; says how many rows.
    ///
    /// # Errors
    /// Nothing was deleted.
    pub async fn forget_person(&self, user: UserId) -> Result<u64, StoreError> {
        self.settle().await;
        self.store.delete_person(user).await
    }

    /// Keeps a person's name out of lists that others see, or lets it in.
    ///
    /// # Errors
    /// It was not kept.
    pub async fn hide_person(&self, user: UserId, hidden: bool) -> Result<(), StoreError> {
        self.store.hide(user, hidden).await
    }
}
