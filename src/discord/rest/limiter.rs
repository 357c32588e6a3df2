//! Holds calls back until Discord's limits allow them.
//!
//! serenity's own limiter is switched off: it repeats requests that were
//! answered, waits without end and panics on odd headers. Interaction
//! callbacks do not come here, since Discord exempts them.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use serenity::http::RatelimitingBucket;
use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::warn;

use super::error::RestError;
use super::limit::{Breaker, Bucket, Pause, read_bucket, read_refusal};
use crate::telemetry::metrics::REST_WAIT;

/// Calls a second over all routes. Discord allows 50; together with [`BURST`]
/// no second sees more than 40, which leaves room for the doctor beside us.
const RATE: NonZeroU32 = NonZeroU32::new(35).expect("not zero");

/// Calls that may be made at once after a quiet time.
const BURST: NonZeroU32 = NonZeroU32::new(5).expect("not zero");

/// With more lanes than this, those that nobody needs are forgotten.
const MANY_LANES: usize = 1024;

/// Calls that share a bucket: the same method and path with the same channel,
/// guild or application.
pub(super) type LaneKey = (Method, RatelimitingBucket);

/// The limits of one bot.
pub(super) struct Limiter {
    clock: SinceStart,
    rate: RateLimiter<NotKeyed, InMemoryState, SinceStart, NoOpMiddleware<Duration>>,
    /// Who waits for the rate waits in a queue: a crowd would wake up together
    /// for every single free place.
    queue: tokio::sync::Mutex<()>,
    lanes: Mutex<HashMap<LaneKey, Arc<Lane>>>,
    global: Mutex<Pause>,
    breaker: Mutex<Breaker>,
}

/// One bucket: one call at a time.
#[derive(Default)]
struct Lane {
    turn: Arc<tokio::sync::Mutex<()>>,
    pause: Mutex<Pause>,
}

/// The right to make one call. Others of its lane wait until it is dropped.
pub(super) struct Permit {
    lane: Arc<Lane>,
    _turn: OwnedMutexGuard<()>,
}

impl Limiter {
    /// For one of so many processes, which share what Discord allows.
    pub(super) fn new(processes: NonZeroU32) -> Self {
        let clock = SinceStart(Instant::now());
        let share =
            |all: NonZeroU32| NonZeroU32::new(all.get() / processes).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(share(RATE)).allow_burst(share(BURST));
        Self {
            rate: RateLimiter::direct_with_clock(quota, clock),
            clock,
            queue: tokio::sync::Mutex::default(),
            lanes: Mutex::default(),
            global: Mutex::default(),
            breaker: Mutex::default(),
        }
    }

    /// Fails while the breaker is open.
    pub(super) fn check_breaker(&self) -> Result<(), RestError> {
        let retry_after = lock(&self.breaker).wait(self.clock.now());
        if retry_after.is_zero() {
            Ok(())
        } else {
            Err(RestError::Paused { retry_after })
        }
    }

    /// Waits until a call may be made, or fails at once where that would take
    /// beyond the deadline.
    pub(super) async fn enter(&self, key: LaneKey, deadline: Instant) -> Result<Permit, RestError> {
        let since = Instant::now();
        let entered = self.wait_in_line(key, deadline).await;
        REST_WAIT.time(&[], since.elapsed());
        entered
    }

    async fn wait_in_line(&self, key: LaneKey, deadline: Instant) -> Result<Permit, RestError> {
        let lane = self.lane(key);
        self.check_breaker()?;
        // Before waiting in line: who stands in front cannot be faster.
        self.pause_within(&lane, deadline)?;
        let turn = timeout_at(deadline, Arc::clone(&lane.turn).lock_owned())
            .await
            .map_err(|_| self.busy(&lane))?;
        loop {
            self.check_breaker()?;
            let wait = self.pause_within(&lane, deadline)?;
            if !wait.is_zero() {
                sleep(wait).await;
                continue;
            }
            self.wait_for_rate(&lane, deadline).await?;
            // A global refusal may have come while this call was waiting.
            if self.pause_within(&lane, deadline)?.is_zero() {
                return Ok(Permit { lane, _turn: turn });
            }
        }
    }

    /// Learns from a reply to a call of a lane. For a refusal, returns the
    /// time to wait.
    pub(super) fn observe(
        &self,
        permit: &Permit,
        status: StatusCode,
        headers: &HeaderMap,
        body: &Value,
    ) -> Option<Duration> {
        let now = self.clock.now();
        let mut pause = lock(&permit.lane.pause);
        match read_bucket(headers) {
            Bucket::Open => {}
            Bucket::Empty(reset) => pause.exhaust(now, reset),
            Bucket::Unreadable => warn!("Discord sent rate limit headers that make no sense"),
        }
        if status != StatusCode::TOO_MANY_REQUESTS {
            pause.accept();
            lock(&self.global).accept();
            return None;
        }
        let refusal = read_refusal(headers, body);
        let wait = if refusal.global {
            lock(&self.global).refuse(now, refusal.stated)
        } else {
            pause.refuse(now, refusal.stated)
        };
        warn!(
            rate_limit.wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            rate_limit.global = refusal.global,
            "Discord asked to slow down"
        );
        Some(wait)
    }

    /// Counts a reply that Discord holds against the address it was sent to.
    pub(super) fn count_invalid(&self, status: StatusCode, headers: &HeaderMap) {
        let counts = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => true,
            StatusCode::TOO_MANY_REQUESTS => !read_refusal(headers, &Value::Null).shared,
            _ => false,
        };
        if counts && lock(&self.breaker).count(self.clock.now()) {
            warn!(
                "Discord refused too many calls; all but replies to people pause for ten minutes"
            );
        }
    }

    fn lane(&self, key: LaneKey) -> Arc<Lane> {
        let mut lanes = lock(&self.lanes);
        if lanes.len() >= MANY_LANES {
            let now = self.clock.now();
            lanes.retain(|_, lane| {
                Arc::strong_count(lane) > 1 || !lock(&lane.pause).wait(now).is_zero()
            });
        }
        Arc::clone(lanes.entry(key).or_default())
    }

    /// The time this lane is held back, if that ends before the deadline.
    fn pause_within(&self, lane: &Lane, deadline: Instant) -> Result<Duration, RestError> {
        let wait = self.pause(lane);
        if Instant::now() + wait > deadline {
            return Err(RestError::RateLimited { retry_after: wait });
        }
        Ok(wait)
    }

    fn pause(&self, lane: &Lane) -> Duration {
        let now = self.clock.now();
        let own = lock(&lane.pause).wait(now);
        own.max(lock(&self.global).wait(now))
    }

    async fn wait_for_rate(&self, lane: &Lane, deadline: Instant) -> Result<(), RestError> {
        let _place = timeout_at(deadline, self.queue.lock())
            .await
            .map_err(|_| self.busy(lane))?;
        while let Err(full) = self.rate.check() {
            let wait = full.wait_time_from(self.clock.now());
            if Instant::now() + wait > deadline {
                return Err(RestError::RateLimited { retry_after: wait });
            }
            sleep(wait).await;
        }
        Ok(())
    }

    /// The deadline passed behind other calls.
    fn busy(&self, lane: &Lane) -> RestError {
        let retry_after = self.pause(lane).max(Duration::from_secs(1));
        RestError::RateLimited { retry_after }
    }
}

/// The time since the limiter was made, on tokio's clock.
#[derive(Clone, Copy, Debug)]
struct SinceStart(Instant);

impl Clock for SinceStart {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The values behind these locks are whole at every moment, so a panic
/// elsewhere is no reason to stop.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
