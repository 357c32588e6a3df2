//! The Discord bot. Only this folder names serenity or poise.
//!
//! An event becomes a call of [`crate::app`], what comes back becomes a
//! message. `turn` is who did what where, `commands` and `clicks` and
//! `messages` are the ways to do something, `reply` writes payloads, `rest` is
//! the only way out and `gateway` the only way in.

mod bot;
mod clicks;
mod commands;
mod components;
mod daily;
mod dispatch;
pub mod doctor;
mod error;
pub mod gateway;
pub mod guard;
pub mod invite;
mod markup;
mod messages;
mod observe;
mod once;
mod quiz_clicks;
mod register;
mod reply;
pub mod rest;
mod turn;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serenity::all::ClientBuilder;
use thiserror::Error;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::app::{App, Clock, StartError};
use crate::config::{Config, Shards, Token};
use crate::listen::{self, Health, ListenError, NotReady};
use crate::telemetry::metrics;

use bot::{Bot, Events};
use dispatch::CommandsOnly;
use gateway::{GatewayExit, GatewayState};
use observe::Metrics;
use rest::{Rest, RestError};

/// What is under way at the end is waited for this long, all of it together: as
/// long as an answer to an interaction may take. With the second that the gateway
/// has before and [`CLOSE`] after, a stop takes less than 5 s.
const ENDS: Duration = Duration::from_millis(2_500);

/// The database is closed within this time or left as after a crash, which it
/// survives.
const CLOSE: Duration = Duration::from_secs(1);

/// Why the bot does not run, or no longer.
#[derive(Debug, Error)]
pub enum RunError {
    /// The address for health checks cannot be used.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The notes or the store cannot be used.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Discord cannot be spoken to.
    #[error(transparent)]
    Rest(#[from] RestError),
    /// Discord does not let the bot in.
    #[error(transparent)]
    Gateway(#[from] GatewayExit),
}

/// Runs the bot until `stop`.
///
/// # Errors
/// It cannot start, or Discord refuses it for good.
pub async fn run(config: &Config, token: &Token, stop: CancellationToken) -> Result<(), RunError> {
    let listener = match &config.listen.address {
        Some(address) => Some(listen::bind(address).await?),
        None => None,
    };
    if listener.is_some() {
        metrics::start(Timestamp::now().as_duration().as_secs_f64());
    }
    let app = App::start(config, Clock::default()).await?;
    let shards = config.discord.shards;
    let processes = shards.map_or(NonZeroU32::MIN, Shards::processes);
    let secret = SecretString::from(token.expose());
    let rest = Rest::new(&secret, config.discord.api_url.as_deref())?.among(processes);
    let state = Arc::new(GatewayState::default());
    let bot = Arc::new(Bot::new(
        Arc::clone(&app),
        rest,
        config.discord.guilds.clone(),
    ));
    let listening = listener.map(|listener| {
        let health = Health {
            not_ready: not_ready(&state),
            metrics: Metrics::of(&bot, &state),
        };
        tokio::spawn(listen::serve(listener, health, stop.clone()))
    });
    let work = tokio::spawn(Arc::clone(&app).work(config.notes.watch, stop.clone()));
    let quiz = tokio::spawn(Arc::clone(&bot).run_quiz(stop.clone()));
    let equip = |client: ClientBuilder| {
        client
            .framework(CommandsOnly(commands::framework(&bot)))
            .event_handler(Events(Arc::clone(&bot)))
    };
    info!(
        notes = app.notes.status().notes,
        version = env!("CARGO_PKG_VERSION"),
        "starting"
    );
    let stopped = stop.cancelled();
    let ended = gateway::run(&bot.rest, &state, app.store(), shards, equip, stopped).await;
    stop.cancel();
    // What is under way is finished or, after a while, left as after a crash:
    // the next start finds it. Panics were logged when they happened.
    let (answers, rounds, _) = tokio::join!(
        timeout(ENDS, bot.settle()),
        timeout(ENDS, quiz),
        timeout(ENDS, work),
    );
    if answers.is_err() {
        warn!("some answers were not delivered before the end");
    }
    if rounds.is_err() {
        info!("a round was under way at the end; it is taken up at the next start");
    }
    if let Some(listening) = listening {
        let _ = listening.await;
    }
    if timeout(CLOSE, app.close()).await.is_err() {
        warn!("the database was still at work at the end; what was confirmed is stored");
    }
    info!("stopped");
    Ok(ended?)
}

/// People are served while events arrive; without notes, nothing starts.
fn not_ready(state: &Arc<GatewayState>) -> NotReady {
    let state = Arc::clone(state);
    Arc::new(move || {
        if state.is_waiting() {
            return Some("another process runs the shards of this one");
        }
        (!state.is_connected()).then_some("not connected to Discord")
    })
}
