//! The log: one event one line on standard error, with nothing secret in it.
//!
//! Two walls keep tokens out. A cap, which no filter of a user opens, holds
//! libraries to levels at which they print no traffic. Behind it, every line
//! passes the [`Redactor`], which takes out what looks like a token all the same.

pub mod metrics;
mod panic;
mod redact;
mod writer;

use std::io;

use thiserror::Error;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry};

pub use self::panic::log_panics;
pub use self::redact::Redactor;
use self::writer::Lines;
use crate::config::{Log, LogFormat, Token};

/// Why there is no log.
#[derive(Debug, Error)]
pub enum TelemetryError {
    /// The process has a log already.
    #[error("the log has been started twice")]
    Started,
    /// Checked configuration has none of these.
    #[error("`log.filter` cannot be read")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
}

/// Starts the log of this process, on standard error, panics included. `token`
/// is the one to keep out of it; whatever it advises against is logged.
pub fn start(log: &Log, token: Option<&Token>) -> Result<(), TelemetryError> {
    subscriber(log, Redactor::new(token), io::stderr)?
        .try_init()
        .map_err(|_| TelemetryError::Started)?;
    log_panics();
    for warning in token.into_iter().flat_map(Token::warnings) {
        tracing::warn!("{warning}");
    }
    Ok(())
}

/// The log into any writer; [`start`] makes it that of the process.
pub fn subscriber<W>(
    log: &Log,
    redactor: Redactor,
    writer: W,
) -> Result<impl Subscriber + Send + Sync + use<W>, TelemetryError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    // A panic is the one thing that a filter of another part should not hide.
    let filter = EnvFilter::builder()
        .with_regex(false)
        .parse(&log.filter)?
        .add_directive(panic::TARGET_LEVEL.parse()?);
    // Colours would be escape sequences, which have no place in a line.
    let layer = fmt::layer()
        .with_ansi(false)
        .log_internal_errors(false)
        .with_writer(Lines::new(writer, redactor));
    let layer: Box<dyn Layer<Registry> + Send + Sync> = match log.format {
        LogFormat::Text => layer.compact().boxed(),
        LogFormat::Json => layer
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .boxed(),
    };
    Ok(Registry::default().with(layer).with(filter).with(cap()))
}

/// What may be logged at most. Libraries print requests, frames and payloads
/// below `info`, tungstenite the token itself; serenity's `info` formats a
/// growing map at every request.
fn cap() -> Targets {
    Targets::new()
        .with_default(LevelFilter::INFO)
        .with_target("serenity", LevelFilter::WARN)
        // They warn with what they cannot read: somebody's question and its token.
        .with_target("serenity::gateway::ws", LevelFilter::ERROR)
        .with_target("serenity::gateway::shard", LevelFilter::ERROR)
        .with_target("footnote", LevelFilter::TRACE)
}

#[cfg(test)]
mod tests;
