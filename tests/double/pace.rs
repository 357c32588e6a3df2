//! Discord's limit over all requests of a bot, and how fast the bot really was.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde_json::json;

use super::Double;
use super::rest::{Outcome, Request};

const SECOND: Duration = Duration::from_secs(1);

/// Counts requests by the second.
#[derive(Default)]
pub(crate) struct Pace {
    lately: VecDeque<Instant>,
    /// Requests that were refused since there had been too many.
    pub(crate) refused: usize,
}

impl Pace {
    /// The refusal of a request that is one too many within a second.
    pub(crate) fn refuse(&mut self, request: &Request, limit: usize) -> Option<Outcome> {
        if !counts(request) {
            return None;
        }
        let now = Instant::now();
        while self
            .lately
            .front()
            .is_some_and(|at| now.duration_since(*at) >= SECOND)
        {
            self.lately.pop_front();
        }
        if self.lately.len() < limit {
            self.lately.push_back(now);
            return None;
        }
        self.refused += 1;
        let oldest = self
            .lately
            .front()
            .map_or(SECOND, |at| now.duration_since(*at));
        let wait = SECOND.saturating_sub(oldest).as_secs_f64();
        let headers = vec![
            ("x-ratelimit-scope", "global".to_owned()),
            ("x-ratelimit-global", "true".to_owned()),
            ("retry-after", format!("{wait:.3}")),
        ];
        let body = json!({
            "message": "You are being rate limited.", "global": true, "retry_after": wait,
        });
        Some(Outcome {
            status: 429,
            body,
            headers,
        })
    }
}

/// Answers to interactions are exempt from the limit, as are edits by their token.
fn counts(request: &Request) -> bool {
    !request.path.starts_with("interactions/") && !request.path.starts_with("webhooks/")
}

impl Double {
    /// Refuses requests beyond so many a second from now on, as Discord does
    /// beyond fifty.
    pub(crate) fn limit_all(&self, limit: usize) {
        self.change_setup(|setup| setup.limit = Some(limit));
    }

    /// How many requests were refused by that limit.
    pub(crate) fn refused_by_limit(&self) -> usize {
        self.look(|world| world.pace.refused)
    }

    /// The most requests that came within any one second, those apart that
    /// answer interactions.
    pub(crate) fn busiest_second(&self) -> usize {
        self.look(|world| {
            let mut window = VecDeque::new();
            let mut most = 0;
            for request in world.requests.iter().filter(|request| counts(request)) {
                window.push_back(request.at);
                while window
                    .front()
                    .is_some_and(|at| request.at.saturating_duration_since(*at) >= SECOND)
                {
                    window.pop_front();
                }
                most = most.max(window.len());
            }
            most
        })
    }
}
