//! One call: its tries, its limits, and what came back.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serenity::http::Route;
use tokio::time::{Instant, sleep, timeout_at};

use super::body::{self, File};
use super::error::RestError;
use super::limit;
use super::limiter::Permit;
use super::{Rest, add};
use crate::telemetry::metrics::REST_CALLS;

/// Where Discord is.
const DISCORD: &str = "https://discord.com";

/// All tries of one call together. An interaction token lives for 15 minutes
/// and a quiz round waits for its turn, but nobody watches longer than this.
pub(super) const BUDGET: Duration = Duration::from_secs(15);

/// One try of a call that may be repeated; leaves time for a second one.
const TRY: Duration = Duration::from_secs(6);

/// Tries of one call.
const TRIES: u32 = 3;

/// The wait before the second try, doubled before the third.
const BACKOFF: Duration = Duration::from_millis(400);

/// What a call is limited by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// The first answer to an interaction: nothing.
    Callback,
    /// Other calls by an interaction's token: the breaker.
    Webhook,
    /// All else: the breaker, its bucket, the rate of all.
    Bucket,
}

/// A call to make.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    pub(super) route: Route<'a>,
    /// What follows the address, such as `after=7&limit=100`; of digits and
    /// letters that need no encoding.
    pub(super) query: Option<String>,
    pub(super) body: Option<Value>,
    pub(super) files: &'a [File],
    pub(super) lane: Lane,
    /// Whether doing it twice is the same as doing it once.
    pub(super) repeatable: bool,
    /// The time for all tries, waits included.
    pub(super) budget: Duration,
    /// The time for one try of a call that may be repeated.
    pub(super) per_try: Duration,
    /// The wait before the second try.
    pub(super) backoff: Duration,
}

impl<'a> Call<'a> {
    pub(super) fn new(
        method: Method,
        route: Route<'a>,
        body: Option<Value>,
        files: &'a [File],
    ) -> Self {
        let (lane, repeatable, budget) = (Lane::Bucket, true, BUDGET);
        Self {
            method,
            route,
            query: None,
            body,
            files,
            lane,
            repeatable,
            budget,
            per_try: TRY,
            backoff: BACKOFF,
        }
    }
}

/// A reply with a status of success.
pub(super) struct Reply {
    pub(super) body: Value,
    pub(super) date: Option<Timestamp>,
}

impl Rest {
    /// Makes a call with all its tries; counts one whose outcome stays unknown.
    pub(super) async fn call(&self, call: &Call<'_>) -> Result<Reply, RestError> {
        self.tries(call).await.map_err(|error| self.counted(error))
    }

    /// Makes a call with all its tries.
    pub(super) async fn tries(&self, call: &Call<'_>) -> Result<Reply, RestError> {
        let outcome = self.try_on(call).await;
        REST_CALLS.count(&[match &outcome {
            Ok(_) => "ok",
            Err(error) => error.name(),
        }]);
        outcome
    }

    async fn try_on(&self, call: &Call<'_>) -> Result<Reply, RestError> {
        let deadline = Instant::now() + call.budget;
        let mut doubt = false;
        let mut backoff = call.backoff;
        let mut tries = 1;
        loop {
            let error = match self.attempt(call, deadline).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            let wait = match &error {
                RestError::RateLimited { retry_after } => Some(*retry_after),
                RestError::NotSent { .. } => Some(backoff.mul_f64(jitter())),
                RestError::Unknown { .. } if call.repeatable => Some(backoff.mul_f64(jitter())),
                _ => None,
            };
            let error = if doubt { error.after_doubt() } else { error };
            match wait {
                Some(wait) if tries < TRIES && Instant::now() + wait < deadline => {
                    doubt = !error.surely_not_done();
                    backoff *= 2;
                    tries += 1;
                    sleep(wait).await;
                }
                _ => return Err(error),
            }
        }
    }

    /// Makes one try.
    async fn attempt(&self, call: &Call<'_>, deadline: Instant) -> Result<Reply, RestError> {
        let permit = match call.lane {
            Lane::Callback => None,
            Lane::Webhook => {
                self.limiter.check_breaker()?;
                None
            }
            Lane::Bucket => {
                let key = (call.method.clone(), call.route.ratelimiting_bucket());
                Some(self.limiter.enter(key, deadline).await?)
            }
        };
        add(&self.counts.requests);
        let until = if call.repeatable {
            deadline.min(Instant::now() + call.per_try)
        } else {
            deadline
        };
        let (status, headers, bytes) = timeout_at(until, exchange(self.request(call)))
            .await
            .map_err(|_| RestError::Unknown {
                reason: "Discord did not answer in time".to_owned(),
                code: None,
            })??;
        self.judge(call, permit.as_ref(), status, &headers, &bytes)
    }

    fn request(&self, call: &Call<'_>) -> RequestBuilder {
        let mut url = call.route.path().into_owned();
        if let Some(base) = &self.base {
            url = url.replacen(DISCORD, base, 1);
        }
        if let Some(query) = &call.query {
            url.push('?');
            url.push_str(query);
        }
        let request = self
            .client
            .request(call.method.clone(), url)
            .header(AUTHORIZATION, self.authorization.clone());
        match &call.body {
            None => request,
            Some(body) if call.files.is_empty() => request
                .header(CONTENT_TYPE, "application/json")
                .body(body.to_string()),
            Some(body) => request.multipart(body::form(body, call.files)),
        }
    }

    /// Turns what came back into a reply or an error.
    fn judge(
        &self,
        call: &Call<'_>,
        permit: Option<&Permit>,
        status: StatusCode,
        headers: &HeaderMap,
        bytes: &[u8],
    ) -> Result<Reply, RestError> {
        let body: Result<Value, _> = match bytes {
            [] => Ok(Value::Null),
            bytes => serde_json::from_slice(bytes),
        };
        let readable = body.is_ok();
        let body = body.unwrap_or_default();
        self.limiter.count_invalid(status, headers);
        let wait = match permit {
            Some(permit) => self.limiter.observe(permit, status, headers, &body),
            None => limit::read_refusal(headers, &body).stated,
        };
        let unknown = |reason: String| Err(RestError::Unknown { reason, code: None });
        match status {
            _ if status.is_success() && readable => Ok(Reply {
                body,
                date: date(headers),
            }),
            _ if status.is_success() => unknown("its reply cannot be read".to_owned()),
            StatusCode::TOO_MANY_REQUESTS => {
                add(&self.counts.rate_limited);
                let retry_after = wait.unwrap_or(Duration::from_secs(1));
                Err(RestError::RateLimited { retry_after })
            }
            // For interactions it is their own token that has ended.
            StatusCode::UNAUTHORIZED if call.lane == Lane::Bucket => Err(RestError::Unauthorized),
            _ if status.is_client_error() => Err(RestError::Refused {
                status: status.as_u16(),
                code: body["code"].as_u64().unwrap_or(0),
                message: shorten(body["message"].as_str().unwrap_or("no reason given")),
            }),
            _ => unknown(format!("Discord answered with status {}", status.as_u16())),
        }
    }

    pub(super) fn counted(&self, error: RestError) -> RestError {
        if matches!(error, RestError::Unknown { .. }) {
            add(&self.counts.unknown);
        }
        error
    }
}

/// Sends a request and reads the whole reply.
async fn exchange(request: RequestBuilder) -> Result<(StatusCode, HeaderMap, Vec<u8>), RestError> {
    let mut response = request.send().await.map_err(RestError::from_request)?;
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let bytes = match response.bytes().await {
        Ok(bytes) => bytes.to_vec(),
        // A refusal stands without its reason.
        Err(_) if !status.is_success() => Vec::new(),
        Err(error) => return Err(RestError::from_request(error)),
    };
    Ok((status, headers, bytes))
}

pub(super) fn decode<T: DeserializeOwned>(reply: Reply) -> Result<T, RestError> {
    serde_json::from_value(reply.body).map_err(|_| RestError::Unknown {
        reason: "its reply has another shape".to_owned(),
        code: None,
    })
}

fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get(DATE)?.to_str().ok()?;
    DateTimeParser::new().parse_timestamp(text).ok()
}

/// A message of Discord as part of a log line.
fn shorten(message: &str) -> String {
    let plain = message
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c });
    plain.take(200).collect()
}

/// Between one half and one and a half, so that many callers do not come back
/// together.
pub(super) fn jitter() -> f64 {
    let random = RandomState::new().hash_one(()) >> 32;
    0.5 + f64::from(u32::try_from(random).unwrap_or(0)) / f64::from(u32::MAX)
}
