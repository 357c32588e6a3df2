//! The server's life: it listens, and it can be cut off from the world.

use std::future::IntoFuture as _;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::Double;
use super::rest;
use super::world::Shared;

/// How Discord is out of order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outage {
    /// Every connection is cut and every new one refused, the gateway's too.
    Refused,
    /// Every request is answered with this status, 500 to 599, and a page of
    /// HTML. The gateway goes on.
    Unavailable(u16),
}

/// Whether the double listens.
pub(super) enum Server {
    Listens {
        task: JoinHandle<()>,
        cut: CancellationToken,
    },
    /// Nobody else gets the port meanwhile: it is bound, but does not listen.
    Refuses(TcpSocket),
    /// For the moment between the two.
    Gone,
}

impl Server {
    /// Serves whoever connects.
    pub(super) fn start(listener: TcpListener, shared: Arc<Shared>) -> Self {
        let cut = CancellationToken::new();
        let lines = Lines {
            listener,
            cut: cut.clone(),
        };
        let router = rest::router(shared);
        let task = tokio::spawn(async move {
            // It ends with the test; there is nobody to tell before that.
            let _ = axum::serve(lines, router).into_future().await;
        });
        Self::Listens { task, cut }
    }

    /// Stops serving, at once.
    pub(super) fn end(&mut self) {
        if let Self::Listens { task, cut } = self {
            task.abort();
            cut.cancel();
        }
    }
}

impl Double {
    /// Discord is out of order from now on.
    pub(crate) async fn begin_outage(&mut self, outage: Outage) {
        match outage {
            Outage::Unavailable(status) => {
                self.shared.change(|world| world.unavailable = Some(status));
            }
            Outage::Refused => {
                let server = std::mem::replace(&mut self.server, Server::Gone);
                let Server::Listens { task, cut } = server else {
                    panic!("there is an outage already");
                };
                task.abort();
                // Cancelled, as was wanted.
                let _ = task.await;
                let address: SocketAddr = self
                    .url()
                    .trim_start_matches("http://")
                    .parse()
                    .expect("an address");
                let port = TcpSocket::new_v4().expect("a socket");
                port.set_reuseaddr(true).expect("a socket of TCP");
                port.bind(address).expect("the port that was just free");
                cut.cancel();
                self.server = Server::Refuses(port);
            }
        }
    }

    /// Discord works again.
    pub(crate) fn end_outage(&mut self) {
        self.shared.change(|world| world.unavailable = None);
        match std::mem::replace(&mut self.server, Server::Gone) {
            Server::Refuses(port) => {
                let listener = port.listen(1024).expect("a bound socket");
                self.server = Server::start(listener, Arc::clone(&self.shared));
            }
            listening => self.server = listening,
        }
    }
}

/// Connections that can all be cut at once.
struct Lines {
    listener: TcpListener,
    cut: CancellationToken,
}

impl Listener for Lines {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        loop {
            // One that ended before it began is no reason to stop.
            let Ok((stream, address)) = self.listener.accept().await else {
                tokio::task::yield_now().await;
                continue;
            };
            // Discord does not wait for acknowledgements between two events either;
            // without this a second one comes up to 40 ms late. A connection that
            // has just ended needs it no more.
            let _ = stream.set_nodelay(true);
            let cut = Box::pin(self.cut.clone().cancelled_owned());
            return (Line { stream, cut }, address);
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// One connection.
struct Line {
    stream: TcpStream,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.cut.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.cut.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
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
