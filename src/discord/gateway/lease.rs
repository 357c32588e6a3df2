//! Taking and keeping the shards of this process.
//!
//! What would be answered twice if two processes ran a shard, Discord itself
//! keeps single: an interaction takes one response, and the answer to a message
//! has a nonce. So a database that is away for a while costs no answers; the
//! lease decides as soon as it is back.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tracing::{error, info, warn};

use super::GatewayState;
use crate::config::Shards;
use crate::store::{ShardLease, Store, Taken};

/// Whether other processes have ended is looked at this often.
const LOOK: Duration = Duration::from_secs(1);
/// While they have not, the log says so this often.
const REMIND: Duration = Duration::from_mins(1);

/// Waits until this process may run the shards.
pub(super) async fn hold(
    lease: &mut Option<ShardLease>,
    shards: Shards,
    store: &Store,
    state: &GatewayState,
) {
    if lease.as_ref().is_some_and(|held| held.shards() == shards) {
        return;
    }
    // Others, since Discord recommends another number.
    *lease = None;
    let mut said: Option<Instant> = None;
    let mut is_due = || {
        let due = said.is_none_or(|at| at.elapsed() >= REMIND);
        if due {
            said = Some(Instant::now());
        }
        due
    };
    loop {
        match store.lease_shards(shards).await {
            Ok(Ok(held)) => {
                *lease = Some(held);
                if state.waiting.swap(false, Ordering::Relaxed) {
                    info!(%shards, "the other process has ended; taking over its shards");
                }
                return;
            }
            Ok(Err(taken)) => {
                state.waiting.store(true, Ordering::Relaxed);
                if is_due() {
                    warn!(
                        %shards,
                        gateway.taken = named(&taken),
                        gateway.holder = taken.by,
                        "another process runs some of these shards; waiting for its end. If both \
                         are to run, give each its own `shards` in [discord], of the same total"
                    );
                }
            }
            Err(error) => {
                if is_due() {
                    error!(
                        error = &error as &dyn std::error::Error,
                        "the database cannot be asked who runs which shards; it is tried again"
                    );
                }
            }
        }
        sleep(LOOK).await;
    }
}

/// Completes when another process has taken what is held.
pub(super) async fn lost(lease: &mut Option<ShardLease>) -> Taken {
    match lease {
        Some(lease) => lease.lost().await,
        None => std::future::pending().await,
    }
}

fn named(taken: &Taken) -> String {
    let names: Vec<String> = taken.shards.iter().map(ToString::to_string).collect();
    names.join(", ")
}
