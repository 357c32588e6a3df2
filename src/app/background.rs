//! What goes on while nobody asks: watching the notes, writing counts,
//! forgetting what is old.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use notify::{EventKind, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::store::StoreError;

use super::App;

/// Counts are written this often.
const WRITE: Duration = Duration::from_mins(1);
/// Old texts and counts go this often.
const FORGET: Duration = Duration::from_hours(6);
/// Notes are read when nothing has changed for this long: `git pull` touches
/// many files.
const QUIET: Duration = Duration::from_millis(200);
/// Changes without end are read at least this often.
const PATIENCE: Duration = Duration::from_secs(2);
/// A folder that is gone is looked for this often.
const AGAIN: Duration = Duration::from_secs(2);

impl App {
    /// Works until `stop`. With `watch`, changed notes are loaded.
    pub async fn work(self: Arc<Self>, watch: bool, stop: CancellationToken) {
        let watching = async {
            if watch {
                self.watch(&stop).await;
            }
        };
        tokio::join!(self.keep_house(&stop), self.warm_up(&stop), watching);
    }

    async fn keep_house(&self, stop: &CancellationToken) {
        let mut write = interval(WRITE);
        let mut forget = interval(FORGET);
        write.set_missed_tick_behavior(MissedTickBehavior::Delay);
        forget.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let done = tokio::select! {
                () = stop.cancelled() => return,
                _ = write.tick() => {
                    self.limits.forget_idle();
                    self.write_asked().await
                }
                _ = forget.tick() => self.forget().await,
            };
            if let Err(error) = done {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the store cannot be tidied; it is tried again"
                );
            }
        }
    }

    /// Makes the questions of new notes before somebody waits for them. Nobody
    /// will after `stop`.
    async fn warm_up(self: &Arc<Self>, stop: &CancellationToken) {
        let app = Arc::clone(self);
        tokio::select! {
            () = stop.cancelled() => {}
            // A panic was logged where it happened.
            _ = tokio::task::spawn_blocking(move || app.bank()) => {}
        }
    }

    /// Drops what is older than it is to be kept.
    async fn forget(&self) -> Result<(), StoreError> {
        self.forget_texts().await?;
        self.forget_asked().await?;
        self.forget_rounds().await
    }

    async fn watch(self: &Arc<Self>, stop: &CancellationToken) {
        let (notify, mut changes) = mpsc::channel(1);
        let folder = self.notes.folder();
        let mut watching = match watcher(folder, notify.clone()) {
            Ok(watcher) => Some(watcher),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "changes of the notes are not seen; use /notes reload"
                );
                return;
            }
        };
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = changes.recv() => {}
                // Nothing else tells that a folder which was gone is back.
                () = sleep(AGAIN), if watching.is_none() => {
                    watching = watcher(folder, notify.clone()).ok();
                    if watching.is_none() {
                        continue;
                    }
                }
            }
            let latest = Instant::now() + PATIENCE;
            while let Ok(Some(())) =
                timeout_at(latest.min(Instant::now() + QUIET), changes.recv()).await
            {}
            // The folder may be a new one of that name.
            watching = watcher(folder, notify.clone()).ok();
            let app = Arc::clone(self);
            // What became of it is logged and kept for `/notes status`.
            let _ = tokio::task::spawn_blocking(move || app.notes.reload()).await;
            self.warm_up(stop).await;
        }
    }
}

fn watcher(folder: &Path, changed: mpsc::Sender<()>) -> notify::Result<notify::RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Reading a note is an event too, and loading reads all of them.
        let reading = matches!(&event, Ok(event) if matches!(event.kind, EventKind::Access(_)));
        if !reading {
            // A full channel says already that something changed.
            let _ = changed.try_send(());
        }
    })?;
    watcher.watch(folder, RecursiveMode::Recursive)?;
    Ok(watcher)
}
