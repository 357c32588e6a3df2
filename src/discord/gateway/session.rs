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
use crate::config::Shards;
use crate::discord::guard::{Fault, Guard, SESSION_DISTANCE, Watchdog};
use crate::discord::rest::Rest;
use crate::store::Store;

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
    shards: Shards,
    buckets: u32,
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
    /// The last heartbeat of each shard, by how long its answer took: serenity
    /// tells no more.
    beats: HashMap<ShardId, Duration>,
    /// The next shard to start a session, and when it may.
    turn: Option<(u32, Instant)>,
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
            shards: gateway.shards,
            buckets: gateway.buckets,
            address,
            held: Some(held),
            signals,
            watchdog: Watchdog::new(epoch.elapsed(), gateway.shards.ids()),
            epoch,
            running: HashSet::new(),
            starting: HashSet::new(),
            beats: HashMap::new(),
            turn: None,
        };
        state
            .shards
            .store(gateway.shards.count(), Ordering::Relaxed);
        Some((session, client))
    }

    /// Runs the client until something ends it.
    pub(super) async fn watch(
        &mut self,
        client: &mut Client,
        guard: &mut Guard,
        store: &Store,
    ) -> End {
        // serenity starts the end of this range, too.
        let range = self.shards.first()..self.shards.last();
        let mut running = pin!(client.start_shard_range(range, self.shards.total()));
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
                    match self.look(guard, store).await {
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
        let (Up::Ready(shard) | Up::Resumed(shard)) = up;
        self.watchdog.up(now, shard.0);
        self.show();
        match up {
            Up::Resumed(_) => false,
            Up::Ready(shard) if self.starting.remove(&shard) => false,
            // Started and ready between two looks.
            Up::Ready(shard) => {
                self.running.insert(shard);
                self.identified(guard)
            }
        }
    }

    /// Looks at the client once; returns when to look again.
    async fn look(&mut self, guard: &mut Guard, store: &Store) -> Result<Duration, Fault> {
        let mut wait = TICK;
        if !self.has_turn(store).await {
            self.watchdog.hold(self.now());
        } else if self.let_connect().await {
            let now = self.now();
            self.state.connects.fetch_add(1, Ordering::Relaxed);
            // Before all are up, it is most likely the next one that starts.
            if self.watchdog.is_up() {
                self.watchdog.down(now);
            }
            wait = guard.connected(now, self.shards.count())?.max(TICK);
        } else if !self.watchdog.was_up() && self.running.is_empty() {
            wait = FIRST_TICK;
        }
        let mut latency = Duration::ZERO;
        let mut running = HashSet::new();
        for (id, runner) in self.manager.runners.lock().await.iter() {
            running.insert(*id);
            let Some(took) = runner.latency else { continue };
            latency = latency.max(took);
            if self.beats.insert(*id, took) != Some(took) {
                self.watchdog.beat(self.epoch.elapsed(), id.0);
            }
        }
        self.beats.retain(|id, _| running.contains(id));
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
        self.show();
        if let Some(fault) = self.watchdog.fault(self.now()) {
            return Err(fault);
        }
        for shard in self.watchdog.stuck(self.now()) {
            warn!(
                shard,
                "a shard does not answer any more; it is started anew"
            );
            let manager = Arc::clone(&self.manager);
            // What hangs may take its time to stop.
            tokio::spawn(async move { manager.restart(ShardId(shard)).await });
        }
        Ok(wait)
    }

    /// Whether a connection may be opened: always when it is to resume, and when
    /// it is to start a session, in a turn that all processes share.
    async fn has_turn(&mut self, store: &Store) -> bool {
        // serenity starts them in order.
        let mut ids = self.shards.ids();
        let Some(next) = ids.find(|id| !self.running.contains(&ShardId(*id))) else {
            self.turn = None;
            return true;
        };
        if let Some((_, at)) = self.turn.filter(|(shard, _)| *shard == next) {
            return Instant::now() >= at;
        }
        let bucket = next % self.buckets;
        let turn = store.session_turn(bucket, SESSION_DISTANCE).await;
        // Without the database, serenity's own pace has to do.
        let wait = turn.unwrap_or_else(|error| {
            warn!(
                error = &error as &dyn std::error::Error,
                "the database does not say when a session may start; starting it now"
            );
            Duration::ZERO
        });
        self.turn = Some((next, Instant::now() + wait));
        wait.is_zero()
    }

    /// Shows outside how things stand.
    fn show(&self) {
        let silence = self.watchdog.silence(self.now()).unwrap_or_default();
        let millis = u64::try_from(silence.as_millis()).unwrap_or(u64::MAX);
        self.state.silence_ms.store(millis, Ordering::Relaxed);
        let is_up = self.watchdog.is_up();
        self.state.connected.store(is_up, Ordering::Relaxed);
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
        guard.identified(self.now(), self.shards.count())
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
    Resumed(ShardId),
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

    async fn resume(&self, context: Context, _event: ResumedEvent) {
        self.state.resumes.fetch_add(1, Ordering::Relaxed);
        info!("connected to Discord again, nothing was missed");
        let _ = self.sender.send(Up::Resumed(context.shard_id));
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
