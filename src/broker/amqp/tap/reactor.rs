//! Tokio as lapin's runtime, with our own stream type in place of a TCP stream.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use async_rs::traits::Reactor;
use async_rs::util::RuntimeParts;
use async_rs::{Runtime, Tokio};
use futures_io::{AsyncRead, AsyncWrite};
use futures_util::Stream;

use super::stream::TapStream;

pub(in crate::broker::amqp) type Kit = RuntimeParts<Tokio, TapReactor>;

/// Timers come from tokio; connections are opened elsewhere and handed to lapin.
#[derive(Debug, Clone)]
pub(in crate::broker::amqp) struct TapReactor(Tokio);

/// The current tokio runtime in lapin's terms.
pub(in crate::broker::amqp) fn runtime() -> Runtime<Kit> {
    Runtime::new(RuntimeParts::new(Tokio::current(), TapReactor(Tokio::current())))
}

impl Reactor for TapReactor {
    type TcpStream = TapStream;
    type Sleep = <Tokio as Reactor>::Sleep;

    fn register<H: io::Read + io::Write + Send + 'static>(
        &self,
        _socket: H,
    ) -> io::Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static> {
        Err::<TapStream, _>(unsupported())
    }

    fn sleep(&self, duration: Duration) -> Self::Sleep {
        self.0.sleep(duration)
    }

    fn interval(&self, duration: Duration) -> impl Stream<Item = Instant> + Send + 'static {
        self.0.interval(duration)
    }

    fn tcp_connect_addr(
        &self,
        _address: SocketAddr,
    ) -> impl Future<Output = io::Result<TapStream>> + Send + 'static {
        std::future::ready(Err(unsupported()))
    }
}

fn unsupported() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "the connection is opened elsewhere")
}
