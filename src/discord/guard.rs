//! Limits for the gateway connection, so that neither a fault of Discord, of
//! the network nor of a library turns into a storm.
//!
//! More than 1,000 sessions started in a day make Discord end them all and
//! replace the bot's token. serenity reconnects without a pause; these rules
//! tell its supervisor when to stop it. Time is an argument everywhere: the
//! `Duration` since some fixed start.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

/// With fewer sessions left than this, none is started: they are kept for
/// people who try things out with the same token.
const SESSIONS_KEPT: u64 = 100;

/// Sessions that a shard may start within [`SESSION_WINDOW`]. A healthy bot
/// starts one and resumes it for days.
const SESSIONS: usize = 5;

/// In a bucket of shards, Discord allows one session to be started in this time,
/// whichever process starts it; the first of two would be ended.
pub const SESSION_DISTANCE: Duration = Duration::from_secs(5);

/// The time over which started sessions count.
const SESSION_WINDOW: Duration = Duration::from_mins(10);

/// Connections that may be opened within [`CONNECT_WINDOW`].
const CONNECTS: usize = 20;

/// The time over which opened connections count.
const CONNECT_WINDOW: Duration = Duration::from_mins(1);

/// Connections within [`CONNECT_WINDOW`] that need not wait for each other: a
/// start and a resume or two should be quick.
const QUICK_CONNECTS: usize = 3;

/// Beyond [`QUICK_CONNECTS`], connections keep this distance.
const CONNECT_DISTANCE: Duration = Duration::from_secs(1);

/// A client that is not ready after this time never will be: some events that
/// cannot be decoded are dropped in silence.
const READY_WITHIN: Duration = Duration::from_mins(1);

/// A client that has lost its connection gets this long to resume it.
const RESUME_WITHIN: Duration = Duration::from_mins(3);

/// A shard whose heartbeats are not answered for this long hangs. Discord asks
/// for one every 41 s, and serenity itself gives up after two and starts anew.
const SILENT_FOR: Duration = Duration::from_mins(5);

/// No pause between two clients is longer.
const LONGEST_BACKOFF: Duration = Duration::from_mins(15);

/// Connected for this long without a fault, earlier faults are forgotten.
const CALM: Duration = Duration::from_mins(10);

/// Why a client had to be stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It started too many sessions.
    Sessions,
    /// It opened too many connections.
    Storm,
    /// It did not become ready in time.
    NotReady,
    /// It lost the connection and did not get it back.
    Lost,
    /// It ended by itself.
    Ended,
}

impl Fault {
    /// What happened, for the log.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Sessions => "too many sessions were started",
            Self::Storm => "too many connections were opened",
            Self::NotReady => "Discord did not say that the session is ready",
            Self::Lost => "the connection was lost and could not be resumed",
            Self::Ended => "the client ended by itself",
        }
    }

    /// The first pause after it.
    fn pause(self) -> Duration {
        Duration::from_secs(match self {
            // Shorter, and the window would still be full.
            Self::Sessions | Self::Storm => 60,
            Self::NotReady | Self::Lost | Self::Ended => 5,
        })
    }
}

/// How long to wait before the first session, given what Discord says is left
/// of the day's sessions and when that starts anew.
pub fn wait_for_sessions(remaining: u64, reset_after: Duration) -> Duration {
    if remaining < SESSIONS_KEPT {
        reset_after
    } else {
        Duration::ZERO
    }
}

/// Counts events within a window.
#[derive(Debug)]
struct Window {
    length: Duration,
    at: VecDeque<Duration>,
}

impl Window {
    fn new(length: Duration) -> Self {
        let at = VecDeque::new();
        Self { length, at }
    }

    fn record(&mut self, now: Duration) {
        self.at.push_back(now);
    }

    fn count(&mut self, now: Duration) -> usize {
        let old = |at: &Duration| now.saturating_sub(*at) >= self.length;
        while self.at.front().is_some_and(old) {
            self.at.pop_front();
        }
        self.at.len()
    }
}

/// Watches sessions and connections over the lives of all clients, and says
/// how long to pause between two of them.
#[derive(Debug)]
pub struct Guard {
    sessions: Window,
    connects: Window,
    faults: u32,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            sessions: Window::new(SESSION_WINDOW),
            connects: Window::new(CONNECT_WINDOW),
            faults: 0,
        }
    }
}

impl Guard {
    /// A session was started by one of `shards` shards; true when that was one
    /// too many.
    pub fn identified(&mut self, now: Duration, shards: u32) -> bool {
        self.sessions.record(now);
        let shards = usize::try_from(shards).unwrap_or(usize::MAX).max(1);
        self.sessions.count(now) > SESSIONS.saturating_mul(shards)
    }

    /// A connection was opened; tells when the next may be, or that this was
    /// one too many.
    ///
    /// # Errors
    ///
    /// [`Fault::Storm`].
    pub fn connected(&mut self, now: Duration, shards: u32) -> Result<Duration, Fault> {
        self.connects.record(now);
        // Shards start one after the other, each with a connection of its own.
        let others = usize::try_from(shards)
            .unwrap_or(usize::MAX)
            .saturating_sub(1);
        match self.connects.count(now) {
            n if n > CONNECTS.saturating_add(others) => Err(Fault::Storm),
            n if n > QUICK_CONNECTS => Ok(CONNECT_DISTANCE),
            _ => Ok(Duration::ZERO),
        }
    }

    /// A client was stopped after being connected for `connected`; returns the
    /// pause before the next one.
    pub fn pause_after(&mut self, fault: Fault, connected: Duration) -> Duration {
        if connected >= CALM {
            self.faults = 0;
        }
        if fault == Fault::Sessions {
            // The next client may start a session or two: a window that is
            // still full would stop it although all is well again.
            let half = self.sessions.at.len().div_ceil(2);
            self.sessions.at.drain(..half);
        }
        let factor = 2_u32.saturating_pow(self.faults);
        self.faults = self.faults.saturating_add(1);
        fault.pause().saturating_mul(factor).min(LONGEST_BACKOFF)
    }
}

/// Watches one client: are its shards ready in time, do they resume in time, and
/// does each of them show that it lives?
///
/// Shards start one after the other. A connection that is opened does not say
/// which shard it is of; a session that is ready or resumed, and the answer to a
/// heartbeat, do.
#[derive(Debug)]
pub struct Watchdog {
    /// By shard, its last sign of life; none before the first.
    shards: BTreeMap<u32, Option<Duration>>,
    /// Since when the next shard may have become ready.
    waiting_since: Duration,
    first_up: Option<Duration>,
    down_since: Option<Duration>,
    /// Shards that were started anew because they showed no sign of life, and
    /// have shown none since.
    restarted: BTreeSet<u32>,
}

impl Watchdog {
    /// A client with these shards starts now.
    pub fn new(now: Duration, shards: impl IntoIterator<Item = u32>) -> Self {
        Self {
            shards: shards.into_iter().map(|shard| (shard, None)).collect(),
            waiting_since: now,
            first_up: None,
            down_since: None,
            restarted: BTreeSet::new(),
        }
    }

    /// A session of a shard is ready or resumed.
    pub fn up(&mut self, now: Duration, shard: u32) {
        self.first_up.get_or_insert(now);
        self.waiting_since = now;
        self.down_since = None;
        self.beat(now, shard);
    }

    /// A shard has shown that it lives.
    pub fn beat(&mut self, now: Duration, shard: u32) {
        self.shards.insert(shard, Some(now));
        self.restarted.remove(&shard);
    }

    /// A connection was lost. Losing it again does not start the clock anew.
    pub fn down(&mut self, now: Duration) {
        self.down_since.get_or_insert(now);
    }

    /// No shard may start yet, for a good reason: the clock for the next one
    /// starts later.
    pub fn hold(&mut self, now: Duration) {
        self.waiting_since = now;
    }

    /// Whether some shard was ready at least once.
    pub fn was_up(&self) -> bool {
        self.first_up.is_some()
    }

    /// Whether events of all shards arrive.
    pub fn is_up(&self) -> bool {
        self.down_since.is_none() && self.shards.values().all(Option::is_some)
    }

    /// Since when the client has been up, counted to the last loss.
    pub fn connected(&self, now: Duration) -> Duration {
        let until = self.down_since.unwrap_or(now);
        self.first_up
            .map_or(Duration::ZERO, |up| until.saturating_sub(up))
    }

    /// How long ago the shard that was silent longest has shown that it lives;
    /// none before all have.
    pub fn silence(&self, now: Duration) -> Option<Duration> {
        let oldest = self.shards.values().copied().min().flatten()?;
        Some(now.saturating_sub(oldest))
    }

    /// What is wrong with the client as a whole, if anything.
    pub fn fault(&self, now: Duration) -> Option<Fault> {
        let since = |at: Duration| now.saturating_sub(at);
        if self.down_since.is_some_and(|at| since(at) >= RESUME_WITHIN) {
            return Some(Fault::Lost);
        }
        let is_late = since(self.waiting_since) >= READY_WITHIN;
        if is_late && self.shards.values().any(Option::is_none) {
            return Some(Fault::NotReady);
        }
        let silent = self.silent(now);
        // Starting it anew has not helped, or there is no other shard to spare.
        let is_hopeless = silent.len() == self.shards.len()
            || silent.iter().any(|shard| self.restarted.contains(shard));
        (!silent.is_empty() && is_hopeless).then_some(Fault::Lost)
    }

    /// Shards to start anew, since they alone have shown no sign of life for too
    /// long. Each is named once and gets as long again.
    pub fn stuck(&mut self, now: Duration) -> Vec<u32> {
        let stuck = self.silent(now);
        for shard in &stuck {
            self.shards.insert(*shard, Some(now));
            self.restarted.insert(*shard);
        }
        stuck
    }

    fn silent(&self, now: Duration) -> Vec<u32> {
        let silent =
            |at: &Option<Duration>| at.is_some_and(|at| now.saturating_sub(at) >= SILENT_FOR);
        let shards = self.shards.iter().filter(|(_, at)| silent(at));
        shards.map(|(shard, _)| *shard).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const S: Duration = Duration::from_secs(1);

    #[test]
    fn the_last_hundred_sessions_of_a_day_are_kept() {
        assert_eq!(wait_for_sessions(100, S * 3600), Duration::ZERO);
        assert_eq!(wait_for_sessions(99, S * 3600), S * 3600);
    }

    #[test]
    fn the_sixth_session_in_ten_minutes_is_one_too_many() {
        let mut guard = Guard::default();
        let verdicts = [0, 60, 120, 180, 240, 300].map(|at| guard.identified(S * at, 1));
        assert_eq!(verdicts, [false, false, false, false, false, true]);
        assert!(!guard.identified(S * 900, 1));
    }

    #[test]
    fn after_the_pause_a_session_may_start() {
        let mut guard = Guard::default();
        while !guard.identified(S, 1) {}
        let now = S + guard.pause_after(Fault::Sessions, Duration::ZERO);
        let verdicts = [(); 3].map(|()| guard.identified(now, 1));
        assert_eq!(verdicts, [false, false, true]);
    }

    #[test]
    fn many_shards_may_start_as_many_sessions() {
        let mut guard = Guard::default();
        assert!((0..30).all(|n| !guard.identified(S * n * 5, 16)));
    }

    #[test]
    fn connections_slow_down_and_then_stop() {
        let mut guard = Guard::default();
        let mut now = Duration::ZERO;
        let mut opened = 0;
        while let Ok(wait) = guard.connected(now, 1) {
            opened += 1;
            now += wait;
        }
        assert_eq!(opened, CONNECTS);
        assert!(now >= S * 17, "{now:?}");
        assert_eq!(guard.connected(now + S * 60, 1), Ok(Duration::ZERO));
    }

    #[test]
    fn pauses_double_up_to_fifteen_minutes_and_calm_resets_them() {
        let mut guard = Guard::default();
        let pauses = [(); 6].map(|()| guard.pause_after(Fault::Sessions, S).as_secs());
        assert_eq!(pauses, [60, 120, 240, 480, 900, 900]);
        assert_eq!(guard.pause_after(Fault::Lost, CALM), S * 5);
    }

    #[test]
    fn a_client_must_be_ready_within_a_minute() {
        let mut dog = Watchdog::new(S * 10, [0]);
        assert_eq!(dog.fault(S * 69), None);
        assert_eq!(dog.fault(S * 70), Some(Fault::NotReady));
        dog.up(S * 69, 0);
        assert_eq!(dog.fault(S * 100), None);
    }

    #[test]
    fn each_shard_gets_a_minute_of_its_own_and_waiting_for_a_turn_is_not_counted() {
        let mut dog = Watchdog::new(S, [2, 3]);
        dog.up(S * 50, 2);
        assert!(dog.was_up() && !dog.is_up());
        assert_eq!(dog.fault(S * 109), None);
        dog.hold(S * 100);
        assert_eq!(dog.fault(S * 159), None);
        assert_eq!(dog.fault(S * 160), Some(Fault::NotReady));
        dog.up(S * 159, 3);
        assert!(dog.is_up());
    }

    #[test]
    fn a_shard_that_alone_is_stuck_is_started_anew_once() {
        let mut dog = Watchdog::new(S, [0, 1]);
        dog.up(S, 0);
        dog.up(S, 1);
        let limit = 300;
        assert_eq!(S * limit, SILENT_FOR);
        for at in 1..=limit {
            dog.beat(S * at, 0);
            assert_eq!((dog.fault(S * at), dog.stuck(S * at)), (None, vec![]));
        }
        let now = S * (limit + 1);
        assert_eq!(dog.silence(now), Some(SILENT_FOR));
        assert_eq!((dog.fault(now), dog.stuck(now)), (None, vec![1]));
        // It gets the same time again; then the client is replaced.
        dog.beat(now * 2, 0);
        assert_eq!(dog.fault(now + SILENT_FOR), Some(Fault::Lost));
        dog.up(now + S, 1);
        assert_eq!(dog.fault(now + SILENT_FOR), None);
    }

    #[test]
    fn a_client_whose_shards_are_all_silent_is_replaced() {
        let mut dog = Watchdog::new(S, [0, 1]);
        dog.up(S, 0);
        dog.up(S * 2, 1);
        assert_eq!(dog.fault(S * 2 + SILENT_FOR), Some(Fault::Lost));
    }

    #[test]
    fn a_lost_connection_must_be_back_within_three_minutes() {
        let mut dog = Watchdog::new(S, [0]);
        dog.up(S * 2, 0);
        dog.down(S * 100);
        dog.down(S * 200);
        assert_eq!(dog.fault(S * 279), None);
        assert_eq!(dog.fault(S * 280), Some(Fault::Lost));
        assert_eq!(dog.connected(S * 280), S * 98);
        dog.up(S * 279, 0);
        assert_eq!(dog.fault(S * 300), None);
    }

    proptest! {
        /// A client that starts a session whenever it may, stopped and paused
        /// as told, stays far from the thousand sessions a day.
        #[test]
        fn no_fault_uses_up_the_sessions_of_a_day(gaps in prop::collection::vec(0_u64..60, 3_000)) {
            let mut guard = Guard::default();
            let (mut now, mut sessions) = (Duration::ZERO, 0);
            for gap in gaps {
                now += S * u32::try_from(gap).unwrap();
                if now > S * 86_400 { break }
                sessions += 1;
                if guard.identified(now, 1) {
                    now += guard.pause_after(Fault::Sessions, Duration::ZERO);
                }
            }
            // At most six between two pauses, which soon last 15 minutes: 96 times
            // six in a day, and four times six while the pauses grow.
            prop_assert!(sessions <= 600, "{sessions}");
        }

        /// However connections are asked for, no minute sees more than allowed.
        #[test]
        fn no_minute_sees_a_storm(gaps in prop::collection::vec(0_u64..2_000, 500)) {
            let mut guard = Guard::default();
            let mut now = Duration::ZERO;
            let mut opened: VecDeque<Duration> = VecDeque::new();
            for gap in gaps {
                now += Duration::from_millis(gap);
                opened.push_back(now);
                while now.saturating_sub(opened[0]) >= CONNECT_WINDOW { opened.pop_front(); }
                prop_assert!(opened.len() <= CONNECTS + 1);
                now += match guard.connected(now, 1) {
                    Ok(wait) => wait,
                    Err(fault) => guard.pause_after(fault, Duration::ZERO),
                };
            }
        }
    }
}
