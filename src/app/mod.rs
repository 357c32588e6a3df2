//! What Footnote does, one method for each thing that people can do, whatever
//! the platform. It holds the loaded notes and the store, and knows the time.
//!
//! A platform turns what somebody did into a call, and what comes back into a
//! message. Nothing here knows Discord.

mod ask;
mod background;
mod gaps;
mod limits;
mod matrix;
mod notes;
mod observe;
mod people;
mod popular;
mod quiz;

use std::sync::Arc;

use jiff::Timestamp;
use thiserror::Error;
use tokio::sync::RwLock;

use crate::answer::policy::Policy;
use crate::config::{self, Config};
use crate::store::{Store, StoreError};

pub use ask::{Asker, Place};
pub use gaps::{GapReport, Opinion};
pub use limits::{Limits, Refused};
pub use matrix::MatrixPicture;
pub use notes::{Loaded, Notes, NotesError, Reloaded, Status};
use popular::Popular;
pub use quiz::{
    Changed, Closing, NotSaved, Overview, Publication, Quiz, Report, Shown, Skip, Soundness,
    Unusable, Wish,
};

/// Tells the time; a test tells it itself.
#[derive(Clone, Copy, Debug)]
pub struct Clock(pub fn() -> Timestamp);

impl Default for Clock {
    fn default() -> Self {
        Self(Timestamp::now)
    }
}

/// The application.
#[derive(Debug)]
pub struct App {
    /// The loaded notes.
    pub notes: Notes,
    /// Who may ask how often.
    pub limits: Limits,
    /// What the daily quiz keeps in memory.
    pub quiz: Quiz,
    store: Store,
    policy: Policy,
    link_base: Option<String>,
    gaps: config::Gaps,
    popular: Popular,
    clock: Clock,
    /// Held for reading by writes that nobody waits for, and for writing by
    /// whoever must see all of them done.
    writing: Arc<RwLock<()>>,
}

/// Why the application cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The notes cannot be used.
    #[error(transparent)]
    Notes(#[from] NotesError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl App {
    /// Loads the notes and opens the store.
    ///
    /// # Errors
    /// There are no notes, or the store cannot be opened.
    pub async fn start(config: &Config, clock: Clock) -> Result<Arc<Self>, StartError> {
        let notes = Notes::load(&config.notes.path, clock)?;
        let store = Store::open(&config.store.url).await?;
        Self::with_store(config, clock, notes, store).await
    }

    /// With notes and a store that are there already.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn with_store(
        config: &Config,
        clock: Clock,
        notes: Notes,
        store: Store,
    ) -> Result<Arc<Self>, StartError> {
        let popular = Popular::default();
        let app = Self {
            notes,
            limits: Limits::new(&config.limits),
            quiz: Quiz::new(&config.quiz),
            store,
            policy: config.answer.clone(),
            link_base: config.notes.link_base.clone(),
            gaps: config.gaps.clone(),
            popular,
            clock,
            writing: Arc::default(),
        };
        app.popular.pin(&config.notes.pinned);
        app.read_most_asked().await?;
        if let Some(copied) = app.store.take_up_copy(app.now()).await? {
            tracing::info!(
                "the database is a copy of {copied}; rounds that may have been posted since are \
                 looked for first"
            );
        }
        Ok(Arc::new(app))
    }

    /// Where the notes can be read on the web.
    pub fn link_base(&self) -> Option<&str> {
        self.link_base.as_deref()
    }

    /// The store, for what a platform keeps for itself.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        (self.clock.0)()
    }

    /// Finishes what is under way and closes the store.
    pub async fn close(&self) {
        self.settle().await;
        if let Err(error) = self.write_asked().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "how often sections were asked for was not written"
            );
        }
        self.store.close().await;
    }

    /// Waits for writes that are under way.
    async fn settle(&self) {
        drop(self.writing.write().await);
    }
}
