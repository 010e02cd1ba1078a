//! The byte stream that lapin reads from and writes to.

use std::io;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::thread;
use std::time::{Duration, Instant};

use async_compat::Compat;
use bytes::{Buf, BytesMut};
use futures_io::{AsyncRead, AsyncWrite};
use lapin::AsyncTcpStream;
use tokio::net::TcpStream;

use super::frames::Splitter;
use super::guard::{Guard, Screen};
use super::intake::Intake;
use crate::broker::amqp::delivery::ReceivedMessage;

/// The connection below: plain TCP, or TLS over it.
pub(in crate::broker::amqp) type Socket = AsyncTcpStream<Compat<TcpStream>>;

const READ_BYTES: usize = 128 * 1024;
const HEARTBEAT_FRAME: [u8; 8] = [8, 0, 0, 0, 0, 0, 0, 0xCE];
/// lapin takes a connection for dead when it reads nothing for two heartbeats. Deliveries are a sign
/// of life that it does not see, and so is a pause that we asked for; it gets a heartbeat for both.
const SIGN_OF_LIFE: Duration = Duration::from_millis(500);
/// How long a busy stream lets messages gather in the socket. One read and one wake-up then serve
/// some dozens of messages, which leaves the processor to the broker on a small machine.
const GATHER: Duration = Duration::from_millis(1);

/// Who listens in on what comes from the broker.
#[derive(Debug, Clone)]
pub(in crate::broker::amqp) enum Listener {
    Nobody,
    /// Takes the deliveries of one channel.
    Intake(Arc<Intake>),
    /// Keeps back what lapin would fail on.
    Guard(Arc<Guard>),
}

/// A socket with an optional listener.
pub(in crate::broker::amqp) struct TapStream {
    socket: Socket,
    ear: Ear,
}

enum Ear {
    None,
    Tap(Tap),
    Sieve(Sieve),
}

struct Sieve {
    screen: Screen,
    buffer: Box<[u8]>,
    /// Bytes that lapin has still to read.
    rest: BytesMut,
}

struct Tap {
    intake: Arc<Intake>,
    splitter: Splitter,
    buffer: Box<[u8]>,
    messages: Vec<ReceivedMessage>,
    /// Bytes that lapin has still to read.
    rest: BytesMut,
    last_sign: Instant,
    /// Whether messages have come since we last let some gather.
    is_busy: bool,
}

impl TapStream {
    pub(in crate::broker::amqp) fn new(socket: Socket, listener: Listener) -> Self {
        let ear = match listener {
            Listener::Nobody => Ear::None,
            Listener::Intake(intake) => Ear::Tap(Tap::new(intake)),
            Listener::Guard(guard) => Ear::Sieve(Sieve {
                screen: Screen::new(guard),
                buffer: vec![0; READ_BYTES].into(),
                rest: BytesMut::new(),
            }),
        };
        Self { socket, ear }
    }
}

impl Sieve {
    fn poll_read(
        &mut self,
        socket: &mut Socket,
        context: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        while !self.rest.has_remaining() {
            let count = ready!(Pin::new(&mut *socket).poll_read(context, &mut self.buffer))?;
            if count == 0 {
                return Poll::Ready(Ok(0));
            }
            let taken = self.screen.take(&self.buffer[..count], &mut self.rest);
            taken.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not an AMQP frame"))?;
        }
        Poll::Ready(Ok(hand_over(&mut self.rest, into)))
    }
}

/// Gives lapin what it has room for.
fn hand_over(rest: &mut BytesMut, into: &mut [u8]) -> usize {
    let count = rest.remaining().min(into.len());
    rest.copy_to_slice(&mut into[..count]);
    count
}

impl Tap {
    fn new(intake: Arc<Intake>) -> Self {
        Self {
            intake,
            splitter: Splitter::default(),
            buffer: vec![0; READ_BYTES].into(),
            messages: Vec::new(),
            rest: BytesMut::new(),
            last_sign: Instant::now(),
            is_busy: false,
        }
    }

    fn poll_read(
        &mut self,
        socket: &mut Socket,
        context: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            if self.rest.has_remaining() {
                return Poll::Ready(Ok(hand_over(&mut self.rest, into)));
            }
            if self.intake.poll_room(context).is_pending() {
                if self.show_life() {
                    continue;
                }
                return Poll::Pending;
            }
            let count = ready!(self.poll_socket(socket, context))?;
            if count == 0 {
                return Poll::Ready(Ok(0));
            }
            self.intake.hear();
            let out = (&mut self.messages, &mut self.rest);
            self.splitter
                .take(&self.buffer[..count], self.intake.channel(), out)
                .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not an AMQP frame"))?;
            if !self.messages.is_empty() {
                self.is_busy = true;
                self.intake.put(&mut self.messages);
                self.show_life();
            }
        }
    }

    /// Blocks for a moment when a busy stream has run dry. lapin polls from a thread that does
    /// nothing else.
    fn poll_socket(
        &mut self,
        socket: &mut Socket,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let read = Pin::new(&mut *socket).poll_read(context, &mut self.buffer);
        if read.is_ready() || !mem::take(&mut self.is_busy) {
            return read;
        }
        thread::sleep(GATHER);
        Pin::new(&mut *socket).poll_read(context, &mut self.buffer)
    }

    fn show_life(&mut self) -> bool {
        let due = self.last_sign.elapsed() >= SIGN_OF_LIFE;
        if due {
            self.last_sign = Instant::now();
            self.rest.extend_from_slice(&HEARTBEAT_FRAME);
        }
        due
    }
}

impl AsyncRead for TapStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let Self { socket, ear } = self.get_mut();
        match ear {
            Ear::Tap(tap) => tap.poll_read(socket, context, into),
            Ear::Sieve(sieve) => sieve.poll_read(socket, context, into),
            Ear::None => Pin::new(socket).poll_read(context, into),
        }
    }
}

impl AsyncWrite for TapStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().socket).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().socket).poll_write_vectored(context, slices)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_flush(context)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_close(context)
    }
}
