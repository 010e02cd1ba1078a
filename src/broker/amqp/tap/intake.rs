//! The bounded queue between the socket and the consumer.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, AtomicU16, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use jiff::Timestamp;
use tokio::sync::Notify;

use super::super::delivery::ReceivedMessage;

/// A message costs about this much besides its body.
const OVERHEAD_BYTES: usize = 512;

/// What an intake holds at most once it is wide open: what a socket and a broker's own buffers have
/// under way, and then some.
const WIDE_BYTES: usize = 48 << 20;

/// Messages that have arrived and that nobody has taken yet.
#[derive(Debug)]
pub(in crate::broker::amqp) struct Intake {
    /// Zero while no channel is tapped.
    channel: AtomicU16,
    /// When the broker was last heard, in milliseconds since the Unix epoch.
    heard: AtomicI64,
    limit_bytes: usize,
    waiting: Mutex<Waiting>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    messages: VecDeque<ReceivedMessage>,
    bytes: usize,
    reader: Option<Waker>,
    is_wide_open: bool,
    is_discarding: bool,
    dropped: u64,
}

impl Intake {
    /// Holds `limit_bytes` of messages, and at least one message however large.
    pub(in crate::broker::amqp) fn new(limit_bytes: usize) -> Self {
        Self {
            channel: AtomicU16::new(0),
            heard: AtomicI64::new(Timestamp::now().as_millisecond()),
            limit_bytes,
            waiting: Mutex::default(),
            arrived: Notify::new(),
        }
    }

    /// From now on the deliveries on this channel are ours.
    pub(in crate::broker::amqp) fn tap(&self, channel: u16) {
        self.channel.store(channel, Ordering::Release);
    }

    pub(super) fn channel(&self) -> u16 {
        self.channel.load(Ordering::Acquire)
    }

    /// When bytes last came from the broker.
    pub(in crate::broker::amqp) fn last_heard(&self) -> Timestamp {
        let heard = self.heard.load(Ordering::Relaxed);
        Timestamp::from_millisecond(heard).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    pub(super) fn hear(&self) {
        self.heard.store(Timestamp::now().as_millisecond(), Ordering::Relaxed);
    }

    pub(super) fn put(&self, messages: &mut Vec<ReceivedMessage>) {
        if messages.is_empty() {
            return;
        }
        let mut waiting = self.lock();
        if waiting.is_discarding {
            messages.clear();
            return;
        }
        waiting.bytes += messages.iter().map(|m| m.size() + OVERHEAD_BYTES).sum::<usize>();
        waiting.messages.extend(messages.drain(..));
        // Happens only with the intake wide open, and only where messages are large.
        while waiting.bytes > self.limit_bytes.max(WIDE_BYTES) && waiting.messages.len() > 1 {
            let dropped = waiting.messages.pop_front().map_or(0, |m| m.size() + OVERHEAD_BYTES);
            waiting.bytes -= dropped;
            waiting.dropped += 1;
        }
        drop(waiting);
        self.arrived.notify_one();
    }

    /// Ready while there is room; otherwise the reader is woken when there is again.
    pub(super) fn poll_room(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut waiting = self.lock();
        if waiting.bytes < self.limit_bytes || waiting.is_wide_open {
            return Poll::Ready(());
        }
        waiting.reader = Some(context.waker().clone());
        Poll::Pending
    }

    pub(in crate::broker::amqp) fn is_full(&self) -> bool {
        self.lock().bytes >= self.limit_bytes
    }

    /// Takes in everything that comes; beyond a hard limit the oldest messages are dropped.
    pub(in crate::broker::amqp) fn open_wide(&self) {
        self.lock().is_wide_open = true;
        self.nudge();
    }

    pub(in crate::broker::amqp) fn close_again(&self) {
        self.lock().is_wide_open = false;
    }

    /// Nobody reads any more: the broker's answers must not wait behind messages.
    pub(in crate::broker::amqp) fn discard(&self) {
        let mut waiting = self.lock();
        waiting.is_discarding = true;
        waiting.messages.clear();
        waiting.bytes = 0;
        drop(waiting);
        self.nudge();
    }

    /// How many messages were dropped here since the last call.
    pub(in crate::broker::amqp) fn take_dropped(&self) -> u64 {
        std::mem::take(&mut self.lock().dropped)
    }

    /// Wakes a reader that waits for room, so that it shows lapin a sign of life.
    pub(in crate::broker::amqp) fn nudge(&self) {
        let reader = self.lock().reader.take();
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// Moves everything that has arrived into `taken`, which must be empty, and makes room.
    pub(in crate::broker::amqp) fn take_all(&self, taken: &mut VecDeque<ReceivedMessage>) {
        let mut waiting = self.lock();
        std::mem::swap(&mut waiting.messages, taken);
        waiting.bytes = 0;
        let reader = waiting.reader.take();
        drop(waiting);
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// Waits until something has arrived since the last wait.
    pub(in crate::broker::amqp) async fn arrival(&self) {
        self.arrived.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
