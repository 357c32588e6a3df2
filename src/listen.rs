//! Health checks over HTTP, for whatever watches over the bot.
//!
//! `/livez` says that the process runs, `/readyz` whether people are served.
//! What that means is up to the caller; nothing here knows a platform.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

/// The address cannot be listened on.
#[derive(Debug, Error)]
#[error(
    "cannot listen on {address}: {source}; choose another address in [listen], or stop what uses it"
)]
pub struct ListenError {
    address: String,
    source: io::Error,
}

/// Says why people cannot be served right now, or nothing when they can.
pub type NotReady = Arc<dyn Fn() -> Option<&'static str> + Send + Sync>;

/// Takes the address `host:port`.
///
/// # Errors
/// It is not of this machine, taken, or not allowed.
pub async fn bind(address: &str) -> Result<TcpListener, ListenError> {
    let failed = |source| ListenError {
        address: address.to_owned(),
        source,
    };
    TcpListener::bind(address).await.map_err(failed)
}

/// Answers until `stop`.
pub async fn serve(listener: TcpListener, not_ready: NotReady, stop: CancellationToken) {
    if let Ok(address) = listener.local_addr() {
        info!("health checks on http://{address}");
    }
    let routes = Router::new()
        .route("/livez", get(async || "ok"))
        .route("/readyz", get(readiness))
        .with_state(not_ready);
    // Without the orderly kind of shutdown: it waits for idle connections.
    tokio::select! {
        ended = axum::serve(listener, routes) => if let Err(error) = ended {
            error!("health checks have ended: {error}");
        },
        () = stop.cancelled() => {}
    }
}

async fn readiness(State(not_ready): State<NotReady>) -> (StatusCode, &'static str) {
    match not_ready() {
        None => (StatusCode::OK, "ok"),
        Some(reason) => (StatusCode::SERVICE_UNAVAILABLE, reason),
    }
}
