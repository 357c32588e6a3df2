//! What `/metrics` says: counts of the gateway and of REST calls, gauges of the
//! application, and what was counted elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use tracing::debug;

use crate::listen::Exposition;
use crate::telemetry::metrics::{self, Metric};

use super::bot::Bot;
use super::gateway::GatewayState;

/// The database is asked for rounds at most this often, however often somebody
/// reads the metrics; Prometheus does every 15 s or more rarely.
const ROUNDS: Duration = Duration::from_secs(10);
/// Whoever reads the metrics does not wait longer for the database, and gets
/// the numbers of the time before.
const PATIENCE: Duration = Duration::from_secs(2);

/// The metrics of a bot.
pub(super) struct Metrics {
    pub(super) bot: Arc<Bot>,
    pub(super) state: Arc<GatewayState>,
    /// When the database was asked.
    asked: Mutex<Option<Instant>>,
}

impl Metrics {
    pub(super) fn of(bot: &Arc<Bot>, state: &Arc<GatewayState>) -> Exposition {
        let metrics = Arc::new(Self {
            bot: Arc::clone(bot),
            state: Arc::clone(state),
            asked: Mutex::default(),
        });
        Arc::new(move || -> BoxFuture<'static, String> {
            let metrics = Arc::clone(&metrics);
            Box::pin(async move { metrics.read().await })
        })
    }

    async fn read(&self) -> String {
        self.observe_rounds().await;
        self.bot.app.observe();
        self.observe_discord();
        metrics::exposition()
    }

    async fn observe_rounds(&self) {
        let mut asked = self.asked.lock().await;
        if asked.is_some_and(|asked| asked.elapsed() < ROUNDS) {
            return;
        }
        *asked = Some(Instant::now());
        match timeout(PATIENCE, self.bot.app.observe_rounds()).await {
            Ok(Ok(())) => {}
            // Failures of the database are counted where they happen.
            Ok(Err(error)) => debug!("rounds cannot be counted: {error}"),
            Err(_) => debug!("rounds cannot be counted in time"),
        }
    }

    fn observe_discord(&self) {
        let state = &self.state;
        let connected = if state.is_connected() { 1.0 } else { 0.0 };
        metrics::GATEWAY_CONNECTED.set(&[], connected);
        metrics::GATEWAY_HEARTBEAT_AGE
            .set(&[], state.heartbeat_age().unwrap_or_default().as_secs_f64());
        let latency = state.latency().unwrap_or_default();
        metrics::GATEWAY_LATENCY.set(&[], latency.as_secs_f64());
        let counts = self.bot.rest.counts();
        let totals: [(&Metric, &AtomicU64); 7] = [
            (&metrics::GATEWAY_CONNECTS, &state.connects),
            (&metrics::GATEWAY_IDENTIFIES, &state.identifies),
            (&metrics::GATEWAY_RESUMES, &state.resumes),
            (&metrics::GATEWAY_REBUILDS, &state.rebuilds),
            (&metrics::GATEWAY_UNDECODABLE, &state.undecodable),
            (&metrics::REST_REQUESTS, &counts.requests),
            (&metrics::REST_RATE_LIMITED, &counts.rate_limited),
        ];
        for (metric, count) in totals {
            metric.total(count.load(Ordering::Relaxed));
        }
    }
}
