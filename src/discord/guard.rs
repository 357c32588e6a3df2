//! Limits for the gateway connection, so that neither a fault of Discord, of
//! the network nor of a library turns into a storm.
//!
//! More than 1,000 sessions started in a day make Discord end them all and
//! replace the bot's token. serenity reconnects without a pause; these rules
//! tell its supervisor when to stop it. Time is an argument everywhere: the
//! `Duration` since some fixed start.

use std::collections::VecDeque;
use std::time::Duration;

/// With fewer sessions left than this, none is started: they are kept for
/// people who try things out with the same token.
const SESSIONS_KEPT: u64 = 100;

/// Sessions that a shard may start within [`SESSION_WINDOW`]. A healthy bot
/// starts one and resumes it for days.
const SESSIONS: usize = 5;

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

/// Watches one client: is it ready in time, does it resume in time?
#[derive(Debug)]
pub struct Watchdog {
    started: Duration,
    first_up: Option<Duration>,
    down_since: Option<Duration>,
}

impl Watchdog {
    /// The client starts now.
    pub fn new(now: Duration) -> Self {
        Self {
            started: now,
            first_up: None,
            down_since: None,
        }
    }

    /// A session is ready or resumed.
    pub fn up(&mut self, now: Duration) {
        self.first_up.get_or_insert(now);
        self.down_since = None;
    }

    /// A connection was lost. Losing it again does not start the clock anew.
    pub fn down(&mut self, now: Duration) {
        self.down_since.get_or_insert(now);
    }

    /// Whether the client was ready at least once.
    pub fn was_up(&self) -> bool {
        self.first_up.is_some()
    }

    /// Since when the client has been up, counted to the last loss.
    pub fn connected(&self, now: Duration) -> Duration {
        let until = self.down_since.unwrap_or(now);
        self.first_up
            .map_or(Duration::ZERO, |up| until.saturating_sub(up))
    }

    /// What is wrong, if anything.
    pub fn fault(&self, now: Duration) -> Option<Fault> {
        match (self.first_up, self.down_since) {
            (None, _) => {
                (now.saturating_sub(self.started) >= READY_WITHIN).then_some(Fault::NotReady)
            }
            (Some(_), Some(since)) => {
                (now.saturating_sub(since) >= RESUME_WITHIN).then_some(Fault::Lost)
            }
            (Some(_), None) => None,
        }
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
        let mut dog = Watchdog::new(S * 10);
        assert_eq!(dog.fault(S * 69), None);
        assert_eq!(dog.fault(S * 70), Some(Fault::NotReady));
        dog.up(S * 69);
        assert_eq!(dog.fault(S * 7000), None);
    }

    #[test]
    fn a_lost_connection_must_be_back_within_three_minutes() {
        let mut dog = Watchdog::new(S);
        dog.up(S * 2);
        dog.down(S * 100);
        dog.down(S * 200);
        assert_eq!(dog.fault(S * 279), None);
        assert_eq!(dog.fault(S * 280), Some(Fault::Lost));
        assert_eq!(dog.connected(S * 280), S * 98);
        dog.up(S * 279);
        assert_eq!(dog.fault(S * 1000), None);
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
