//! The rules of Discord's rate limits as plain values: what the headers say,
//! how long to hold back, and when to stop altogether.
//!
//! Time is an argument everywhere: the `Duration` since some fixed start.

use std::collections::VecDeque;
use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::Value;

/// No reply of Discord holds us back longer. Its own limits end within seconds
/// or minutes; a larger number is a fault, and obeying it would look like one
/// of ours.
pub(super) const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// Where a reply names no time, the first wait; each further refusal doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// Discord bans an address after 10,000 invalid requests (401, 403, 429) in
/// ten minutes. We stop long before, since others may share the address.
const MOST_INVALID: usize = 500;

/// The time over which invalid requests count, and for which we then stop.
const INVALID_WINDOW: Duration = Duration::from_mins(10);

/// A number of seconds written with digits and at most one point. HTTP dates,
/// signs, exponents, NaN and infinity are not numbers here: they have led
/// clients to loop or to panic.
pub(super) fn read_seconds(text: &str) -> Option<Duration> {
    let plain = text.chars().all(|c| c.is_ascii_digit() || c == '.');
    if !plain || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Duration::try_from_secs_f64(text.parse().ok()?).ok()
}

/// What the headers of a reply say about the bucket it was counted in.
#[derive(Debug, PartialEq)]
pub(super) enum Bucket {
    /// Nothing, or that calls are left.
    Open,
    /// No call is left until this time has passed.
    Empty(Duration),
    /// Something that no careful reader would act on; it is ignored.
    Unreadable,
}

/// Reads the bucket headers strictly.
pub(super) fn read_bucket(headers: &HeaderMap) -> Bucket {
    let Some(remaining) = headers.get("x-ratelimit-remaining") else {
        return Bucket::Open;
    };
    let remaining = remaining
        .to_str()
        .ok()
        .filter(|text| text.chars().all(|c| c.is_ascii_digit()))
        .and_then(|text| text.parse::<u64>().ok());
    let reset = headers
        .get("x-ratelimit-reset-after")
        .and_then(|value| read_seconds(value.to_str().ok()?))
        .filter(|reset| *reset <= LONGEST_WAIT);
    match (remaining, reset) {
        (Some(1..), _) => Bucket::Open,
        (Some(0), Some(reset)) => Bucket::Empty(reset),
        _ => Bucket::Unreadable,
    }
}

/// A reply 429, read.
#[derive(Debug, PartialEq)]
pub(super) struct Refusal {
    /// The time to wait as stated, at most [`LONGEST_WAIT`]; none where the
    /// reply states none that can be read.
    pub(super) stated: Option<Duration>,
    /// Whether all calls are meant, not only those of this bucket.
    pub(super) global: bool,
    /// Whether the limit is shared with others; such replies do not count as
    /// invalid requests.
    pub(super) shared: bool,
}

/// Reads a reply 429: the header first, then the body.
pub(super) fn read_refusal(headers: &HeaderMap, body: &Value) -> Refusal {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let in_body = || {
        let seconds = body.get("retry_after")?.as_f64()?;
        Duration::try_from_secs_f64(seconds).ok()
    };
    let stated = text("retry-after").and_then(read_seconds).or_else(in_body);
    let scope = text("x-ratelimit-scope");
    Refusal {
        stated: stated.map(|wait| wait.min(LONGEST_WAIT)),
        global: scope == Some("global")
            || text("x-ratelimit-global") == Some("true")
            || body.get("global") == Some(&Value::Bool(true)),
        shared: scope == Some("shared"),
    }
}

/// How long calls are held back, for one bucket or for all.
#[derive(Debug, Default)]
pub(super) struct Pause {
    until: Duration,
    /// Refusals without a success in between.
    refused: u32,
}

impl Pause {
    /// The time still to wait.
    pub(super) fn wait(&self, now: Duration) -> Duration {
        self.until.saturating_sub(now)
    }

    /// No call is left for a while.
    pub(super) fn exhaust(&mut self, now: Duration, reset: Duration) {
        self.until = self.until.max(now + reset);
    }

    /// A call was answered otherwise than with 429.
    pub(super) fn accept(&mut self) {
        self.refused = 0;
    }

    /// A call was answered with 429; returns the time to wait. Whoever is
    /// refused again after waiting as told waits at least as long as somebody
    /// who was told nothing, so that a stated zero cannot make a storm.
    pub(super) fn refuse(&mut self, now: Duration, stated: Option<Duration>) -> Duration {
        let wait = match stated {
            Some(stated) if self.refused == 0 => stated,
            Some(stated) => stated.max(doubled(self.refused - 1)),
            None => doubled(self.refused),
        };
        self.refused = self.refused.saturating_add(1);
        self.exhaust(now, wait);
        wait
    }
}

/// One second, doubled some times, up to [`LONGEST_WAIT`].
fn doubled(times: u32) -> Duration {
    FIRST_WAIT
        .saturating_mul(2_u32.saturating_pow(times))
        .min(LONGEST_WAIT)
}

/// Stops all calls when too many were invalid.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    invalid: VecDeque<Duration>,
    open_until: Duration,
}

impl Breaker {
    /// The time for which no call may be made.
    pub(super) fn wait(&self, now: Duration) -> Duration {
        self.open_until.saturating_sub(now)
    }

    /// Counts an invalid request; true when this one opens the breaker.
    pub(super) fn count(&mut self, now: Duration) -> bool {
        let old = |at: &Duration| now.saturating_sub(*at) >= INVALID_WINDOW;
        while self.invalid.front().is_some_and(old) {
            self.invalid.pop_front();
        }
        self.invalid.push_back(now);
        let opens = self.invalid.len() >= MOST_INVALID;
        if opens {
            self.invalid.clear();
            self.open_until = now + INVALID_WINDOW;
        }
        opens
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            let name = reqwest::header::HeaderName::from_static(name);
            (name, value.parse().unwrap())
        });
        pairs.collect()
    }

    const S: Duration = Duration::from_secs(1);

    #[test]
    fn only_plain_numbers_are_seconds() {
        for (text, seconds) in [("0", 0.0), ("1.5", 1.5), ("12.", 12.0), ("3600", 3600.0)] {
            assert_eq!(
                read_seconds(text),
                Some(Duration::from_secs_f64(seconds)),
                "{text}"
            );
        }
        let date = "Wed, 21 Oct 2026 07:28:00 GMT";
        let huge = "9".repeat(400);
        for text in [
            "", ".", "-1", "+1", "NaN", "inf", "1e3", "1.2.3", " 1", "0x10", date, &huge,
        ] {
            assert_eq!(read_seconds(text), None, "{text}");
        }
    }

    #[test]
    fn an_empty_bucket_waits_and_nonsense_is_ignored() {
        let read = |remaining, reset| {
            read_bucket(&headers(&[
                ("x-ratelimit-remaining", remaining),
                ("x-ratelimit-reset-after", reset),
            ]))
        };
        assert_eq!(read("0", "2.5"), Bucket::Empty(S * 5 / 2));
        assert_eq!(read("3", "2.5"), Bucket::Open);
        for (remaining, reset) in [
            ("0", "NaN"),
            ("0", "-1"),
            ("0", "301"),
            ("-1", "1"),
            ("x", "1"),
        ] {
            assert_eq!(
                read(remaining, reset),
                Bucket::Unreadable,
                "{remaining} {reset}"
            );
        }
        assert_eq!(read_bucket(&HeaderMap::new()), Bucket::Open);
    }

    #[test]
    fn a_refusal_names_its_time_in_the_header_or_the_body() {
        let none = json!({});
        let body = json!({ "retry_after": 0.75, "global": true });
        let at = |value| headers(&[("retry-after", value)]);
        assert_eq!(read_refusal(&at("2"), &body).stated, Some(S * 2));
        assert_eq!(read_refusal(&at("soon"), &body).stated, Some(S * 3 / 4));
        assert_eq!(read_refusal(&at("3600"), &none).stated, Some(LONGEST_WAIT));
        for bad in ["NaN", "-1", "inf", "Wed, 21 Oct 2026 07:28:00 GMT"] {
            assert_eq!(read_refusal(&at(bad), &none).stated, None, "{bad}");
        }
        let bad_body = json!({ "retry_after": -1.0 });
        assert_eq!(read_refusal(&HeaderMap::new(), &bad_body).stated, None);
    }

    #[test]
    fn a_refusal_says_whom_it_means() {
        let none = json!({});
        let scope = |value| read_refusal(&headers(&[("x-ratelimit-scope", value)]), &none);
        assert!(scope("global").global && !scope("global").shared);
        assert!(scope("shared").shared && !scope("shared").global);
        assert!(!scope("user").shared && !scope("user").global);
        assert!(read_refusal(&headers(&[("x-ratelimit-global", "true")]), &none).global);
        assert!(read_refusal(&HeaderMap::new(), &json!({ "global": true })).global);
    }

    #[test]
    fn without_a_stated_time_waits_double() {
        let mut pause = Pause::default();
        let waits = [(); 10].map(|()| pause.refuse(S, None).as_secs());
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
        pause.accept();
        assert_eq!(pause.refuse(S, None), S);
    }

    #[test]
    fn a_stated_zero_cannot_make_a_storm() {
        let mut pause = Pause::default();
        let waits = [(); 5].map(|()| pause.refuse(S, Some(Duration::ZERO)).as_secs());
        assert_eq!(waits, [0, 1, 2, 4, 8]);
    }

    #[test]
    fn five_hundred_invalid_requests_stop_all_for_ten_minutes() {
        let mut breaker = Breaker::default();
        for n in 0..499 {
            assert!(!breaker.count(S), "{n}");
        }
        assert_eq!(breaker.wait(S), Duration::ZERO);
        assert!(breaker.count(S * 2));
        assert_eq!(breaker.wait(S * 2), INVALID_WINDOW);
        assert_eq!(breaker.wait(S * 2 + INVALID_WINDOW), Duration::ZERO);
    }

    proptest! {
        #[test]
        fn no_header_panics_or_waits_too_long(text in "\\PC{0,40}|-?[0-9.eE+]{0,12}|nan|inf") {
            let Ok(value) = reqwest::header::HeaderValue::from_str(&text) else { return Ok(()) };
            let mut headers = HeaderMap::new();
            for name in ["retry-after", "x-ratelimit-remaining", "x-ratelimit-reset-after"] {
                headers.insert(name, value.clone());
            }
            if let Bucket::Empty(wait) = read_bucket(&headers) {
                prop_assert!(wait <= LONGEST_WAIT);
            }
            let stated = read_refusal(&headers, &Value::Null).stated;
            prop_assert!(stated.is_none_or(|wait| wait <= LONGEST_WAIT));
        }

        #[test]
        fn no_retry_after_in_a_body_panics(seconds in any::<f64>()) {
            let refusal = read_refusal(&HeaderMap::new(), &json!({ "retry_after": seconds }));
            prop_assert!(refusal.stated.is_none_or(|wait| wait <= LONGEST_WAIT));
        }

        /// However refusals come, a minute of them sees few requests.
        #[test]
        fn a_minute_of_refusals_sees_few_requests(
            stated in prop::collection::vec(prop::option::of(0_u64..2_000), 100),
        ) {
            let mut pause = Pause::default();
            let (mut now, mut requests) = (Duration::ZERO, 0);
            for stated in stated {
                now += pause.wait(now);
                if now >= S * 60 { break }
                requests += 1;
                pause.refuse(now, stated.map(Duration::from_millis));
            }
            prop_assert!(requests <= 8, "{requests}");
        }

        /// The breaker never lets more through than it may in any window.
        #[test]
        fn no_window_holds_more_invalid_requests_than_allowed(
            gaps in prop::collection::vec(0_u64..3_000, 1..3_000),
        ) {
            let mut breaker = Breaker::default();
            let mut now = Duration::ZERO;
            let mut made: VecDeque<Duration> = VecDeque::new();
            for gap in gaps {
                now += Duration::from_millis(gap);
                if breaker.wait(now) > Duration::ZERO { continue }
                breaker.count(now);
                made.push_back(now);
                while now.saturating_sub(made[0]) >= INVALID_WINDOW { made.pop_front(); }
                prop_assert!(made.len() <= MOST_INVALID);
            }
        }
    }
}
