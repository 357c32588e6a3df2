//! Keeps the connection that events arrive on.
//!
//! serenity runs the connection; it reconnects at once and without end, and
//! drops in silence what it cannot decode. The supervisor here watches it by
//! the rules of `guard`, slows it down, replaces it when it hangs, and ends
//! with a clear reason when going on makes no sense.

mod lease;
mod session;
#[cfg(test)]
mod tests;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use serenity::all::ClientBuilder;
use serenity::http::Route;
use serenity::model::gateway::{BotGateway, Gateway};
use thiserror::Error;
use tokio::time::{Instant, sleep};
use tracing::{error, info, warn};

use self::lease::{hold, lost};
use self::session::{End, Session};
use super::guard::{Guard, wait_for_sessions};
use super::rest::{Rest, RestError};
use crate::config::Shards;
use crate::store::{ShardLease, Store};

/// While Discord's REST interface cannot be reached, the longest pause before
/// the next try; a bot should be back soon after an outage.
const REACH: Duration = Duration::from_secs(8);

/// The connection as seen from outside, for health checks. All counts are
/// since the start of the process.
#[derive(Debug, Default)]
pub struct GatewayState {
    connected: AtomicBool,
    waiting: AtomicBool,
    latency_us: AtomicU64,
    silence_ms: AtomicU64,
    shards: AtomicU32,
    /// Sessions started.
    pub identifies: AtomicU64,
    /// Sessions resumed.
    pub resumes: AtomicU64,
    /// Connections opened, failed ones too.
    pub connects: AtomicU64,
    /// Clients replaced after a fault.
    pub rebuilds: AtomicU64,
    /// Events that serenity could not decode and that somebody waited for.
    pub undecodable: AtomicU64,
}

impl GatewayState {
    /// Whether events arrive, on all shards of this process.
    pub fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    /// Whether another process runs the shards that this one is to run.
    pub fn is_waiting(&self) -> bool {
        self.waiting.load(Ordering::Relaxed)
    }

    /// How many shards this process runs, 0 before it knows.
    pub fn shards(&self) -> u32 {
        self.shards.load(Ordering::Relaxed)
    }

    /// The time since the last answer to a heartbeat, or the start of a session,
    /// the longest over all shards; none before all have started.
    pub fn heartbeat_age(&self) -> Option<Duration> {
        let silence = self.silence_ms.load(Ordering::Relaxed);
        (silence > 0).then(|| Duration::from_millis(silence))
    }

    /// The time between the last heartbeat and its answer, the longest over
    /// all shards; none before the first.
    pub fn latency(&self) -> Option<Duration> {
        let latency = self.latency_us.load(Ordering::Relaxed);
        (latency > 0).then(|| Duration::from_micros(latency))
    }
}

/// Why there is no point in going on. Each ends the process with code 2.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum GatewayExit {
    /// REST status 401 or close code 4004.
    #[error(
        "Discord refused the bot's token. Open the application at \
         https://discord.com/developers/applications, choose Bot, Reset Token, copy the new token \
         and set it again"
    )]
    WrongToken,
    /// Close code 4014.
    #[error(
        "Discord does not allow an intent that the bot asked for. It asks for Guilds, Guild \
         Messages and Direct Messages only, none of which needs a switch: look at Bot, Privileged \
         Gateway Intents, of the application, and whether Discord has restricted it"
    )]
    DisallowedIntents,
    /// Close code 4013.
    #[error(
        "Discord does not know an intent that the bot asked for; a newer version of the bot is needed"
    )]
    UnknownIntents,
}

/// Keeps a client connected until `shutdown` completes.
///
/// `equip` adds framework and event handlers to a new client; it is called
/// again for each client that replaces a faulty one. Without `shards`, all are
/// run that Discord recommends. While another process on the same database runs
/// one of them, this one waits for its end.
///
/// That more shards are needed (close codes 4010 and 4011) is not an end:
/// serenity hides these codes, the session budget stops the client, and the
/// next one runs with the number that Discord recommends by then.
///
/// # Errors
///
/// A [`GatewayExit`] that only a person can mend. All other faults are
/// retried for ever, ever more slowly.
pub async fn run(
    rest: &Rest,
    state: &Arc<GatewayState>,
    store: &Store,
    shards: Option<Shards>,
    equip: impl Fn(ClientBuilder) -> ClientBuilder,
    shutdown: impl Future<Output = ()>,
) -> Result<(), GatewayExit> {
    let mut shutdown = pin!(shutdown);
    let epoch = Instant::now();
    let mut guard = Guard::default();
    // Held beyond the end of each client.
    let mut lease: Option<ShardLease> = None;
    loop {
        let gateway = tokio::select! {
            () = &mut shutdown => return Ok(()),
            gateway = find_gateway(rest, shards) => gateway?,
        };
        tokio::select! {
            () = &mut shutdown => return Ok(()),
            () = hold(&mut lease, gateway.shards, store, state) => {}
        }
        let (mut session, mut client) = tokio::select! {
            () = &mut shutdown => return Ok(()),
            built = Session::build(rest, state, &equip, &gateway, epoch) => match built {
                Some(built) => built,
                None => continue,
            },
        };
        let end = tokio::select! {
            () = &mut shutdown => None,
            end = session.watch(&mut client, &mut guard, store) => Some(end),
            taken = lost(&mut lease) => {
                error!(
                    gateway.holder = taken.by,
                    "another process took over the shards of this one, which answers no more; it \
                     goes on when that process ends"
                );
                state.connected.store(false, Ordering::Relaxed);
                session.stop().await;
                lease = None;
                continue;
            }
        };
        state.connected.store(false, Ordering::Relaxed);
        if let Some(End::Exit(exit)) = end {
            return Err(exit);
        }
        session.stop().await;
        let Some(End::Fault(fault)) = end else {
            return Ok(());
        };
        let pause = guard.pause_after(fault, session.connected());
        state.rebuilds.fetch_add(1, Ordering::Relaxed);
        error!(
            gateway.pause_s = pause.as_secs(),
            "the connection to Discord is set up anew after a pause: {}",
            fault.describe()
        );
        tokio::select! {
            () = &mut shutdown => return Ok(()),
            () = sleep(pause) => {}
            // Whoever has them now is waited for.
            _ = lost(&mut lease) => lease = None,
        }
    }
}

/// Where connections go, and how many are needed.
#[derive(Debug)]
struct Address {
    url: String,
    shards: Shards,
    /// Sessions are started in so many buckets: shards of the same remainder.
    buckets: u32,
}

/// Asks Discord where the gateway is, until it answers, and waits where too
/// few sessions are left today.
async fn find_gateway(rest: &Rest, wanted: Option<Shards>) -> Result<Address, GatewayExit> {
    let mut pause = Duration::from_secs(1);
    loop {
        let found = match rest.get::<BotGateway>(Route::GatewayBot).await {
            // Some stand-ins for Discord know only the public way to ask, which
            // tells neither shards nor sessions.
            Err(RestError::Refused { status: 404, .. }) => match rest.get(Route::Gateway).await {
                Ok(reply) => {
                    let Gateway { url, .. } = reply.body;
                    return Ok(Address {
                        url,
                        shards: wanted.unwrap_or(Shards::all(1)),
                        buckets: 1,
                    });
                }
                Err(error) => Err(error),
            },
            found => found,
        };
        match found {
            Ok(reply) => {
                let BotGateway { url, shards, .. } = reply.body;
                let limit = &reply.body.session_start_limit;
                let wait =
                    wait_for_sessions(limit.remaining, Duration::from_millis(limit.reset_after));
                if wait.is_zero() {
                    if wanted.is_some_and(|wanted| wanted.total() < shards) {
                        warn!(
                            gateway.recommended = shards,
                            "Discord recommends more shards than `shards` in [discord] says there \
                             are; see docs/scaling.md"
                        );
                    }
                    let shards = wanted.unwrap_or(Shards::all(shards));
                    info!(%shards, "connecting to Discord");
                    return Ok(Address {
                        url,
                        shards,
                        buckets: u32::try_from(limit.max_concurrency).unwrap_or(1).max(1),
                    });
                }
                error!(
                    gateway.sessions_left = limit.remaining,
                    gateway.pause_s = wait.as_secs(),
                    "too few sessions are left today; waiting for Discord to allow more"
                );
                sleep(wait).await;
            }
            Err(RestError::Unauthorized) => return Err(GatewayExit::WrongToken),
            Err(error) => {
                let wait = error.retry_after().unwrap_or(pause);
                warn!(
                    gateway.pause_s = wait.as_secs(),
                    "cannot ask Discord for its gateway: {error}"
                );
                sleep(wait).await;
                pause = (pause * 2).min(REACH);
            }
        }
    }
}
