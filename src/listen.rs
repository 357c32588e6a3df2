//! Health checks and metrics over HTTP, for whatever watches over the bot.
//!
//! `/livez` says that the process runs, `/readyz` whether people are served,
//! `/metrics` what Prometheus reads. What these mean is up to the caller; nothing
//! here knows a platform. Nobody is asked who they are: the address decides who
//! can ask, and what can be asked holds no text and no id of anybody.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::routing::get;
use axum::serve::Listener;
use futures_util::future::BoxFuture;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, interval, sleep};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::telemetry::metrics;

/// A connection is closed after this time, whatever it does: who asks every few
/// seconds connects anew, and who says nothing holds no place for ever.
const CONNECTION: Duration = Duration::from_secs(30);
/// Connections at once; further ones wait. A watcher needs one.
const CONNECTIONS: usize = 32;
/// Measured times are sorted into their buckets this often, also when nobody
/// asks for them; a second of heavy use is some thousand numbers.
const TIDY: Duration = Duration::from_secs(5);
/// The format of `/metrics`,
/// <https://prometheus.io/docs/instrumenting/exposition_formats/>.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

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

/// Gives all metrics in the format of Prometheus.
pub type Exposition = Arc<dyn Fn() -> BoxFuture<'static, String> + Send + Sync>;

/// What can be asked.
#[derive(Clone)]
pub struct Health {
    /// For `/readyz`.
    pub not_ready: NotReady,
    /// For `/metrics`.
    pub metrics: Exposition,
}

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
pub async fn serve(listener: TcpListener, health: Health, stop: CancellationToken) {
    if let Ok(address) = listener.local_addr() {
        info!("health checks on http://{address}");
    }
    let routes = Router::new()
        .route("/livez", get(async || "ok"))
        .route("/readyz", get(readiness))
        .route("/metrics", get(exposition))
        .with_state(health);
    let listener = Limited {
        listener,
        places: Arc::new(Semaphore::new(CONNECTIONS)),
        time: CONNECTION,
    };
    // Without the orderly kind of shutdown: it waits for idle connections.
    tokio::select! {
        ended = axum::serve(listener, routes) => if let Err(error) = ended {
            error!("health checks have ended: {error}");
        },
        () = tidy() => {}
        () = stop.cancelled() => {}
    }
}

async fn readiness(State(health): State<Health>) -> (StatusCode, &'static str) {
    match (health.not_ready)() {
        None => (StatusCode::OK, "ok"),
        Some(reason) => (StatusCode::SERVICE_UNAVAILABLE, reason),
    }
}

async fn exposition(State(health): State<Health>) -> ([(HeaderName, &'static str); 2], String) {
    let headers = [(CONTENT_TYPE, FORMAT), (CACHE_CONTROL, "no-store")];
    (headers, (health.metrics)().await)
}

async fn tidy() {
    let mut tick = interval(TIDY);
    loop {
        tick.tick().await;
        metrics::tidy();
    }
}

/// A listener with few places, each for a short time.
struct Limited {
    listener: TcpListener,
    places: Arc<Semaphore>,
    time: Duration,
}

impl Listener for Limited {
    type Io = Connection;
    type Addr = <TcpListener as Listener>::Addr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let (stream, address) = Listener::accept(&mut self.listener).await;
        let connection = Connection {
            stream,
            end: Box::pin(sleep(self.time)),
            _place: place.ok(),
        };
        (connection, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// A connection that ends by itself.
struct Connection {
    stream: TcpStream,
    end: Pin<Box<Sleep>>,
    _place: Option<OwnedSemaphorePermit>,
}

impl Connection {
    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        self.end.as_mut().poll(context).is_ready()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_over(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_over(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt as _;

    #[tokio::test]
    async fn connections_that_say_nothing_are_closed_and_hold_up_nobody() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let listener = Limited {
            listener,
            places: Arc::new(Semaphore::new(1)),
            time: Duration::from_millis(20),
        };
        tokio::spawn(async { axum::serve(listener, Router::new()).await });
        let mut silent = [
            TcpStream::connect(address).await.unwrap(),
            TcpStream::connect(address).await.unwrap(),
        ];
        for stream in &mut silent {
            // Closed with a goodbye or without.
            assert_eq!(stream.read(&mut [0]).await.unwrap_or(0), 0);
        }
    }
}
