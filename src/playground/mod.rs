//! A local page that behaves like a chat with the bot in it: a small town of
//! sample people and channels, in memory. No token, no network beyond this
//! machine, no build step.
//!
//! It is a platform as Discord is: what somebody does becomes a call of
//! [`crate::app`], what comes back is shown. `town` is who and what is there,
//! `acts` what people do, `quiz` brings rounds about, `view` turns replies into
//! JSON, `web` serves it. `page/` is plain HTML, CSS and JavaScript.

mod acts;
mod clicks;
mod quiz;
mod table;
mod time;
mod town;
mod view;
mod web;

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;

use crate::app::{App, Clock, StartError};
use crate::config::{Config, Store};
use crate::render::trouble::Trouble;
use crate::store::StoreError;

pub use table::{COMMANDS, Command, Kind, Parameter};
use town::Town;

/// Why the playground cannot start.
#[derive(Debug, Error)]
pub enum PlaygroundError {
    /// The port cannot be used.
    #[error(
        "cannot listen on 127.0.0.1:{port}: {source}; choose another one with --port, or 0 for any"
    )]
    Port {
        /// Which one was asked for.
        port: u16,
        /// Why.
        source: io::Error,
    },
    /// The notes or the store cannot be used.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// A playground that listens already.
#[derive(Debug)]
pub struct Playground {
    listener: TcpListener,
    inner: Arc<Inner>,
    watch: bool,
}

/// What everything in the playground shares.
#[derive(Debug)]
struct Inner {
    app: Arc<App>,
    town: std::sync::Mutex<Town>,
    /// Counts changes, so that pages know when to look again.
    version: watch::Sender<u64>,
    /// One act at a time: the next one sees all of what the one before did.
    turn: Mutex<()>,
    /// Where a database of its own was configured, its URL without secrets. Its
    /// time is then the real one.
    store: Option<String>,
}

impl Playground {
    /// Takes a port of this machine (0 for any), loads the notes and opens the
    /// store: one in memory, unless the configuration names another than the
    /// default.
    ///
    /// # Errors
    /// The port is taken, or notes or store cannot be used.
    pub async fn open(config: &Config, port: u16) -> Result<Self, PlaygroundError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(|source| PlaygroundError::Port { port, source })?;
        let mut config = config.clone();
        let own = config.store == Store::default();
        if own {
            "sqlite::memory:".clone_into(&mut config.store.url);
        }
        let clock = if own { time::CLOCK } else { Clock::default() };
        let app = App::start(&config, clock).await?;
        let town = Town::new(&app);
        let inner = Arc::new(Inner {
            app,
            town: std::sync::Mutex::new(town),
            version: watch::Sender::new(1),
            turn: Mutex::default(),
            store: (!own).then(|| crate::store::shown(&config.store.url)),
        });
        if own {
            inner.set_up_quiz().await.map_err(StartError::from)?;
        }
        Ok(Self {
            listener,
            inner,
            watch: config.notes.watch,
        })
    }

    /// Where the page is.
    pub fn url(&self) -> String {
        let port = self.listener.local_addr().map_or(0, |at| at.port());
        format!("http://127.0.0.1:{port}/")
    }

    /// The database that was configured, without secrets; none where everything
    /// is kept in memory.
    pub fn store(&self) -> Option<&str> {
        self.inner.store.as_deref()
    }

    /// How many notes are in use, and where they are.
    pub fn notes(&self) -> (usize, std::path::PathBuf) {
        let status = self.inner.app.notes.status();
        (status.notes, status.folder)
    }

    /// Serves the page until `stop`.
    pub async fn serve(self, stop: CancellationToken) {
        let Self {
            listener,
            inner,
            watch,
        } = self;
        let app = Arc::clone(&inner.app);
        let work = tokio::spawn(Arc::clone(&app).work(watch, stop.clone()));
        let serving = web::serve(listener, Arc::clone(&inner));
        // Without the orderly kind of shutdown: pages listen for ever.
        tokio::select! {
            () = stop.cancelled() => {}
            ended = serving => if let Err(error) = ended {
                tracing::error!("the playground has ended: {error}");
            },
            () = inner.keep_quiz() => {}
            () = inner.watch_notes() => {}
        }
        stop.cancel();
        // It ends with the token; a panic in it was logged when it happened.
        let _ = work.await;
        app.close().await;
    }
}

impl Inner {
    /// The town, and a sign for pages that something may have changed.
    fn change<T>(&self, work: impl FnOnce(&mut Town) -> T) -> T {
        let done = work(&mut self.town());
        self.version.send_modify(|version| *version += 1);
        done
    }

    fn town(&self) -> std::sync::MutexGuard<'_, Town> {
        self.town
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Tells pages when notes were loaded, or refused.
    async fn watch_notes(&self) {
        loop {
            self.app.notes.changed().await;
            self.change(|_| ());
        }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "the store failed");
        Self::NotSaved
    }
}
