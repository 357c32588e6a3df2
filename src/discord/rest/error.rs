//! What can go wrong on the way to Discord, told apart by what a caller can
//! do about it. No message holds a token or the address of a request, which
//! for interactions contains one.

use std::time::Duration;

use thiserror::Error;

/// A call that did not succeed.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum RestError {
    /// Discord does not know the bot's token; no later call will succeed.
    #[error("Discord refused the bot's token")]
    Unauthorized,
    /// Discord understood and refused.
    #[error("Discord refused the request with status {status}, code {code}: {message}")]
    Refused {
        /// The HTTP status, 400 to 499.
        status: u16,
        /// Discord's error code, or 0 where it sent none.
        code: u64,
        /// Discord's words, shortened.
        message: String,
    },
    /// The request never left: the name was not found, the connection refused
    /// or its handshake failed.
    #[error("cannot reach Discord: {reason}")]
    NotSent {
        /// What the network said.
        reason: String,
    },
    /// There is a rate limit in the way for longer than the call may take.
    #[error("rate limited by Discord; come back in {:.1} s", retry_after.as_secs_f64())]
    RateLimited {
        /// When to come back.
        retry_after: Duration,
    },
    /// Too many calls were refused lately, so none are made for a while.
    #[error("Discord refused too many calls; the next is made in {} s", retry_after.as_secs())]
    Paused {
        /// When to come back.
        retry_after: Duration,
    },
    /// The body breaks a rule of ours and was not sent.
    #[error("not sent: {0}")]
    Unsendable(&'static str),
    /// The request was sent at least once and nobody knows whether it was done.
    #[error("it is not known whether Discord did it: {reason}")]
    Unknown {
        /// What was seen last.
        reason: String,
        /// Discord's code in the last reply, where an earlier try is in doubt.
        code: Option<u64>,
    },
}

impl RestError {
    /// What kind it is, for counting.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::Refused { .. } => "refused",
            Self::NotSent { .. } => "not_sent",
            Self::RateLimited { .. } => "rate_limited",
            Self::Paused { .. } => "paused",
            Self::Unsendable(_) => "unsendable",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// Whether the call certainly had no effect.
    pub fn surely_not_done(&self) -> bool {
        !matches!(self, Self::Unknown { .. } | Self::Unauthorized)
    }

    /// Discord's own error code, such as 10008 for a message that is gone.
    pub fn code(&self) -> Option<u64> {
        match self {
            Self::Refused { code, .. } => Some(*code),
            Self::Unknown { code, .. } => *code,
            _ => None,
        }
    }

    /// When a later try makes sense, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } | Self::Paused { retry_after } => Some(*retry_after),
            _ => None,
        }
    }

    /// The failure of a request without its address.
    pub(super) fn from_request(error: reqwest::Error) -> Self {
        let before_sending = error.is_connect() || error.is_builder();
        let reason = chain(&error.without_url());
        if before_sending {
            Self::NotSent { reason }
        } else {
            Self::Unknown { reason, code: None }
        }
    }

    /// This error after an earlier try whose outcome is not known: what was
    /// surely not done now may have been done then.
    pub(super) fn after_doubt(self) -> Self {
        if self.surely_not_done() {
            Self::Unknown {
                code: self.code(),
                reason: self.to_string(),
            }
        } else {
            self
        }
    }
}

/// An error with its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}
