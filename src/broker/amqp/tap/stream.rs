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

/// A socket with an optional tap.
pub(in crate::broker::amqp) struct TapStream {
    socket: Socket,
    tap: Option<Tap>,
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
    pub(in crate::broker::amqp) fn new(socket: Socket, intake: Option<Arc<Intake>>) -> Self {
        Self { socket, tap: intake.map(Tap::new) }
    }
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
                let count = self.rest.remaining().min(into.len());
                self.rest.copy_to_slice(&mut into[..count]);
                return Poll::Ready(Ok(count));
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
        let Self { socket, tap } = self.get_mut();
        match tap {
            Some(tap) => tap.poll_read(socket, context, into),
            None => Pin::new(socket).poll_read(context, into),
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
