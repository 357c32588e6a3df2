//! One client under supervision.
//!
//! How connections are seen and slowed: before each one, serenity takes the
//! address of the gateway from behind a lock. The supervisor holds that lock
//! and lets it go for a moment now and then. serenity itself tells of neither
//! failed connections nor refused resumes.

use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::task::{self, Poll, Wake, Waker};
use std::thread::{self, ThreadId};
use std::time::Duration;

use serenity::all::{
    Client, ClientBuilder, Context, Event, EventHandler, GatewayIntents, RawEventHandler, Ready,
    ResumedEvent, ShardId,
};
use serenity::gateway::{GatewayError, ShardManager};
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc};
use tokio::task::unconstrained;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tracing::{error, info, warn};

use super::{Address, GatewayExit, GatewayState, REACH};
use crate::discord::guard::{Fault, Guard, Watchdog};
use crate::discord::rest::Rest;

/// Everything the bot listens to; none of it needs Discord's approval.
const INTENTS: GatewayIntents = GatewayIntents::GUILDS
    .union(GatewayIntents::GUILD_MESSAGES)
    .union(GatewayIntents::DIRECT_MESSAGES);

/// How often the supervisor looks, and so the longest delay it adds to a resume.
const TICK: Duration = Duration::from_millis(100);

/// The same before the first connection, which people wait for.
const FIRST_TICK: Duration = Duration::from_millis(5);

/// An orderly stop takes this long at most: a gateway that does not say goodbye
/// is not waited for while answers to people are.
const STOP: Duration = Duration::from_secs(1);

/// Why a client ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    Exit(GatewayExit),
    Fault(Fault),
}

/// One client under supervision.
pub(super) struct Session {
    state: Arc<GatewayState>,
    manager: Arc<ShardManager>,
    shards: u32,
    /// Without it, serenity opens no connection.
    address: Arc<Mutex<String>>,
    held: Option<OwnedMutexGuard<String>>,
    signals: mpsc::UnboundedReceiver<Up>,
    watchdog: Watchdog,
    epoch: Instant,
    /// Shards that run, as last seen.
    running: HashSet<ShardId>,
    /// Shards that started a session and are not ready yet.
    starting: HashSet<ShardId>,
    /// The last heartbeat of each shard: how long its answer took, and since
    /// when that is known.
    beats: HashMap<ShardId, (Option<Duration>, Duration)>,
}

impl Session {
    /// A client that has not opened a connection yet; none when serenity could
    /// not make one.
    pub(super) async fn build(
        rest: &Rest,
        state: &Arc<GatewayState>,
        equip: impl Fn(ClientBuilder) -> ClientBuilder,
        gateway: &Address,
        epoch: Instant,
    ) -> Option<(Self, Client)> {
        let (sender, signals) = mpsc::unbounded_channel();
        let observer = Arc::new(Observer {
            state: Arc::clone(state),
            sender,
        });
        let builder = ClientBuilder::new_with_http(rest.serenity_http(), INTENTS);
        let builder = equip(builder)
            .event_handler_arc(Arc::clone(&observer))
            .raw_event_handler(Undecodable(Arc::clone(state)));
        let client = match builder.await {
            Ok(client) => client,
            Err(error) => {
                error!("the client for Discord cannot be made: {error}");
                sleep(REACH).await;
                return None;
            }
        };
        let address = Arc::clone(&client.ws_url);
        let mut held = Arc::clone(&address).lock_owned().await;
        // serenity falls back to the public gateway when it cannot ask.
        held.clone_from(&gateway.url);
        let session = Self {
            state: Arc::clone(state),
            manager: Arc::clone(&client.shard_manager),
            shards: gateway.shards.max(1),
            address,
            held: Some(held),
            signals,
            watchdog: Watchdog::new(epoch.elapsed()),
            epoch,
            running: HashSet::new(),
            starting: HashSet::new(),
            beats: HashMap::new(),
        };
        Some((session, client))
    }

    /// Runs the client until something ends it.
    pub(super) async fn watch(&mut self, client: &mut Client, guard: &mut Guard) -> End {
        let mut running = pin!(client.start_shards(self.shards));
        let mut next = Instant::now() + FIRST_TICK;
        loop {
            tokio::select! {
                ended = &mut running => return end_of(ended),
                Some(up) = self.signals.recv() => {
                    if self.note(up, guard) {
                        return End::Fault(Fault::Sessions);
                    }
                }
                () = sleep_until(next) => {
                    match self.look(guard).await {
                        Ok(wait) => next = Instant::now() + wait,
                        Err(fault) => return End::Fault(fault),
                    }
                }
            }
        }
    }

    /// Takes note of a session that is ready or resumed; true when it was a
    /// session too many.
    fn note(&mut self, up: Up, guard: &mut Guard) -> bool {
        let now = self.now();
        self.watchdog.up(now);
        self.state.connected.store(true, Ordering::Relaxed);
        match up {
            Up::Resumed => false,
            Up::Ready(shard) if self.starting.remove(&shard) => false,
            // Started and ready between two looks.
            Up::Ready(shard) => {
                self.running.insert(shard);
                self.identified(guard)
            }
        }
    }

    /// Looks at the client once; returns when to look again.
    async fn look(&mut self, guard: &mut Guard) -> Result<Duration, Fault> {
        let mut wait = TICK;
        if self.let_connect().await {
            let now = self.now();
            self.state.connects.fetch_add(1, Ordering::Relaxed);
            self.state.connected.store(false, Ordering::Relaxed);
            self.watchdog.down(now);
            wait = guard.connected(now, self.shards)?.max(TICK);
        } else if !self.watchdog.was_up() && self.running.is_empty() {
            wait = FIRST_TICK;
        }
        let now = self.now();
        let (mut latency, mut silence) = (Duration::ZERO, Duration::ZERO);
        let mut running = HashSet::new();
        for (id, runner) in self.manager.runners.lock().await.iter() {
            running.insert(*id);
            latency = latency.max(runner.latency.unwrap_or_default());
            // serenity tells of no answer but by the time that it took, which
            // is never twice the same to the nanosecond.
            let beat = self.beats.entry(*id).or_insert((None, now));
            if runner.latency.is_some() && runner.latency != beat.0 {
                *beat = (runner.latency, now);
            }
            silence = silence.max(now.saturating_sub(beat.1));
        }
        self.beats.retain(|id, _| running.contains(id));
        let silence = u64::try_from(silence.as_millis()).unwrap_or(u64::MAX);
        self.state.silence_ms.store(silence, Ordering::Relaxed);
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.state.latency_us.store(micros, Ordering::Relaxed);
        // A shard that appears starts a session; all else is a resume.
        let new: Vec<ShardId> = running.difference(&self.running).copied().collect();
        self.running = running;
        for shard in new {
            self.starting.insert(shard);
            if self.identified(guard) {
                return Err(Fault::Sessions);
            }
        }
        match self.watchdog.fault(self.now()) {
            Some(fault) => Err(fault),
            None => Ok(wait),
        }
    }

    /// Lets whoever waits for the gateway's address have it; tells whether
    /// somebody did.
    async fn let_connect(&mut self) -> bool {
        // The lock is fair. Standing in line when it is let go, this task is
        // given it there and then, on this thread, unless somebody stands in
        // front. Looking afterwards would be too late: they may have finished.
        let mut turn = pin!(unconstrained(Arc::clone(&self.address).lock_owned()));
        let given = Arc::new(Given::default());
        let waker = Waker::from(Arc::clone(&given));
        let early = turn.as_mut().poll(&mut task::Context::from_waker(&waker));
        drop(self.held.take());
        let waited = early.is_pending() && given.0.get() != Some(&thread::current().id());
        self.held = Some(match early {
            Poll::Ready(held) => held,
            Poll::Pending => turn.await,
        });
        waited
    }

    fn identified(&self, guard: &mut Guard) -> bool {
        self.state.identifies.fetch_add(1, Ordering::Relaxed);
        guard.identified(self.now(), self.shards)
    }

    /// For how long events have arrived.
    pub(super) fn connected(&self) -> Duration {
        self.watchdog.connected(self.now())
    }

    fn now(&self) -> Duration {
        self.epoch.elapsed()
    }

    /// Ends all shards, in at most [`STOP`]. What does not end in time can never
    /// connect again, since the gateway's address stays locked.
    pub(super) async fn stop(&mut self) {
        if timeout(STOP, self.manager.shutdown_all()).await.is_err() {
            for runner in self.manager.runners.lock().await.values() {
                runner.runner_tx.shutdown_clean();
            }
        }
        if self.held.is_none() {
            // Stopped in the moment of letting somebody connect.
            self.held = Some(Arc::clone(&self.address).lock_owned().await);
        }
    }
}

impl Drop for Session {
    /// Never gives the address back: some task of serenity may be left that
    /// would connect without supervision.
    fn drop(&mut self) {
        std::mem::forget(self.held.take());
    }
}

/// The thread on which a turn was given.
#[derive(Default)]
struct Given(OnceLock<ThreadId>);

impl Wake for Given {
    fn wake(self: Arc<Self>) {
        self.0.get_or_init(|| thread::current().id());
    }
}

/// What serenity's end means.
fn end_of(ended: serenity::Result<()>) -> End {
    let Err(error) = ended else {
        return End::Fault(Fault::Ended);
    };
    match error {
        serenity::Error::Gateway(GatewayError::InvalidAuthentication) => {
            End::Exit(GatewayExit::WrongToken)
        }
        serenity::Error::Gateway(GatewayError::DisallowedGatewayIntents) => {
            End::Exit(GatewayExit::DisallowedIntents)
        }
        serenity::Error::Gateway(GatewayError::InvalidGatewayIntents) => {
            End::Exit(GatewayExit::UnknownIntents)
        }
        _ => End::Fault(Fault::Ended),
    }
}

/// A session that can be used.
#[derive(Clone, Copy)]
enum Up {
    Ready(ShardId),
    Resumed,
}

/// Tells the supervisor what happens inside the client.
struct Observer {
    state: Arc<GatewayState>,
    sender: mpsc::UnboundedSender<Up>,
}

#[serenity::async_trait]
impl EventHandler for Observer {
    async fn ready(&self, context: Context, _ready: Ready) {
        // Without a receiver the client is being replaced.
        let _ = self.sender.send(Up::Ready(context.shard_id));
    }

    async fn resume(&self, _context: Context, _event: ResumedEvent) {
        self.state.resumes.fetch_add(1, Ordering::Relaxed);
        info!("connected to Discord again, nothing was missed");
        let _ = self.sender.send(Up::Resumed);
    }
}

/// Counts events that serenity drops although somebody waits for them.
struct Undecodable(Arc<GatewayState>);

#[serenity::async_trait]
impl RawEventHandler for Undecodable {
    async fn raw_event(&self, _context: Context, event: Event) {
        if let Event::Unknown(unknown) = event
            && matches!(unknown.kind.as_str(), "INTERACTION_CREATE" | "READY")
        {
            self.0.undecodable.fetch_add(1, Ordering::Relaxed);
            warn!(
                gateway.event = unknown.kind,
                "an event from Discord could not be decoded"
            );
        }
    }
}
