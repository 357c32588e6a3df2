//! Misfortunes on purpose: which requests meet which fault, and how often.

use std::time::Duration;

use serde_json::{Value, json};

use super::rest::{Outcome, Request};

/// What a 429 says about waiting.
#[derive(Clone, Debug)]
pub(crate) enum RetryAfter {
    /// The header, word for word: "1.5", "3600", "-1", "NaN", an HTTP date.
    Header(&'static str),
    Missing,
}

/// What goes wrong with a request.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// 429, for one bucket or for the whole bot.
    Limited { retry: RetryAfter, global: bool },
    /// A status with Discord's error code: 401 (0), 403 (50013, 50001), 404 (10003).
    Refused { status: u16, code: u64 },
    /// A status with a page of HTML, as proxies in between answer: 500, 502, 503.
    Html(u16),
    /// The connection ends before the request has any effect.
    Reset,
    /// The request has its effect, then the connection ends.
    ReplyLost,
    /// The request has its effect, then a proxy answers with this status.
    HtmlAfter(u16),
    /// The request has its effect, the reply comes later.
    Delay(Duration),
    /// The request has its effect, the reply is no JSON.
    Garbage,
    /// The request has its effect, the reply's rate-limit headers are no numbers.
    OddHeaders,
}

impl Fault {
    /// Whether the request is carried out in spite of it.
    pub(crate) fn lets_through(&self) -> bool {
        match self {
            Self::Limited { .. } | Self::Refused { .. } | Self::Html(_) | Self::Reset => false,
            Self::ReplyLost
            | Self::HtmlAfter(_)
            | Self::Delay(_)
            | Self::Garbage
            | Self::OddHeaders => true,
        }
    }

    /// The reply in place of a request that is not carried out.
    pub(crate) fn outcome(&self) -> Outcome {
        match self {
            Self::Refused { status, code } => {
                Outcome::refused(*status, *code, "A fault of the test")
            }
            Self::Limited { retry, global } => limited(retry, *global),
            Self::Html(status) | Self::HtmlAfter(status) => Outcome::html(*status),
            _ => Outcome::html(500),
        }
    }
}

fn limited(retry: &RetryAfter, global: bool) -> Outcome {
    let mut headers = vec![(
        "x-ratelimit-scope",
        if global { "global" } else { "user" }.to_owned(),
    )];
    if global {
        headers.push(("x-ratelimit-global", "true".into()));
    }
    let mut body = json!({"message": "You are being rate limited.", "global": global});
    if let RetryAfter::Header(text) = retry {
        headers.push(("retry-after", (*text).to_owned()));
        let seconds = text
            .parse::<f64>()
            .ok()
            .filter(|seconds| seconds.is_finite());
        body["retry_after"] = seconds.map_or(Value::Null, Value::from);
    }
    Outcome {
        status: 429,
        body,
        headers,
    }
}

struct Rule {
    method: String,
    path: String,
    left: usize,
    fault: Fault,
}

/// Faults that are due.
#[derive(Default)]
pub(crate) struct Plan {
    rules: Vec<Rule>,
}

impl Plan {
    /// Plans a fault for the next `times` requests of a route such as
    /// `POST channels/*/messages`, where `*` stands for one segment or any method.
    pub(crate) fn add(&mut self, route: &str, times: usize, fault: Fault) {
        let (method, path) = route
            .split_once(' ')
            .expect("a route is written as METHOD path");
        let (method, path) = (method.to_owned(), path.to_owned());
        self.rules.push(Rule {
            method,
            path,
            left: times,
            fault,
        });
    }

    /// Mends everything.
    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// The fault that this request meets; faults of one route come in their order.
    pub(crate) fn next(&mut self, request: &Request) -> Option<Fault> {
        let rule = self
            .rules
            .iter_mut()
            .find(|rule| rule.left > 0 && request.is_for(&rule.method, &rule.path))?;
        rule.left -= 1;
        Some(rule.fault.clone())
    }
}
