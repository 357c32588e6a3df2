//! Misfortunes: which requests meet which fault, on purpose or by chance, and how often.

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
    /// Nothing happens, ever, and nobody says so.
    Silent,
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
            Self::Limited { .. }
            | Self::Refused { .. }
            | Self::Html(_)
            | Self::Reset
            | Self::Silent => false,
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

/// Faults by chance, the same ones in the same order for a seed. Shares are
/// in percent and together at most 100.
#[derive(Clone, Debug)]
pub(crate) struct Chance {
    /// Requests below this path, such as `channels`, of any method.
    pub(crate) below: &'static str,
    pub(crate) seed: u64,
    /// 429 with a short wait.
    pub(crate) limited: u64,
    /// The connection ends before the request has any effect.
    pub(crate) lost: u64,
    /// The effect is there, and 502 is answered.
    pub(crate) page_after: u64,
    /// The effect is there, and the connection ends.
    pub(crate) reply_lost: u64,
}

impl Chance {
    /// A hard day for whoever posts in channels.
    pub(crate) fn hard(seed: u64) -> Self {
        Self {
            below: "channels",
            seed,
            limited: 8,
            lost: 8,
            page_after: 10,
            reply_lost: 10,
        }
    }

    fn next(&mut self, request: &Request) -> Option<Fault> {
        if request.path.split('/').next() != Some(self.below) {
            return None;
        }
        let retry = RetryAfter::Header("0.05");
        let faults = [
            (
                self.limited,
                Fault::Limited {
                    retry,
                    global: false,
                },
            ),
            (self.lost, Fault::Reset),
            (self.page_after, Fault::HtmlAfter(502)),
            (self.reply_lost, Fault::ReplyLost),
        ];
        let mut rest = self.draw() % 100;
        for (share, fault) in faults {
            if rest < share {
                return Some(fault);
            }
            rest -= share;
        }
        None
    }

    /// The next number of the seed (`SplitMix64`).
    fn draw(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.seed;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
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
    pub(crate) chance: Option<Chance>,
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
        self.chance = None;
    }

    /// The fault that this request meets; faults of one route come in their order.
    pub(crate) fn next(&mut self, request: &Request) -> Option<Fault> {
        let rule = self
            .rules
            .iter_mut()
            .find(|rule| rule.left > 0 && request.is_for(&rule.method, &rule.path));
        match rule {
            Some(rule) => {
                rule.left -= 1;
                Some(rule.fault.clone())
            }
            None => self.chance.as_mut()?.next(request),
        }
    }
}
