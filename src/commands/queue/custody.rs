//! Messages of a queue that are sent somewhere else: acknowledged once the broker has confirmed them
//! there, and not before.
//!
//! Whatever ends the process in between, the broker puts back what was not acknowledged. The price is
//! that up to [`UNDER_WAY`] messages may then be at both places; where this process lives to tell, it
//! names them.

use std::collections::HashMap;

use crate::broker::BrokerError;
use crate::broker::amqp::{HeldMessage, HeldQueue, Receipt};

/// Messages that are sent and not acknowledged at a time.
pub const UNDER_WAY: usize = 64;
/// The bytes of their bodies, besides the first.
const WINDOW_BYTES: usize = 8 << 20;

/// A queue, and the messages of it that are under way.
pub struct Custody {
    queue: HeldQueue,
    window: usize,
    /// By their positions in the queue.
    under_way: HashMap<u64, Held>,
    bytes: usize,
    /// Acknowledged, but nothing that came back from the broker since says that it knows.
    unsure: Vec<String>,
}

struct Held {
    receipt: Receipt,
    /// By which a person finds the message again.
    name: String,
}

impl Custody {
    /// `window` messages at most are under way at a time; never more than [`UNDER_WAY`].
    pub fn new(queue: HeldQueue, window: usize) -> Self {
        Self {
            queue,
            window: window.clamp(1, UNDER_WAY),
            under_way: HashMap::new(),
            bytes: 0,
            unsure: Vec::new(),
        }
    }

    /// Takes the first message that nobody holds. When it is dropped before it is ready, the message
    /// goes back with the channel.
    ///
    /// # Errors
    /// Those of [`HeldQueue::take`].
    pub async fn take(&mut self) -> Result<Option<HeldMessage>, BrokerError> {
        let taken = self.queue.take().await?;
        // An answer on this channel says that every earlier acknowledgement has arrived.
        self.unsure.clear();
        Ok(taken)
    }

    /// A message is under way to another place.
    pub fn sent(&mut self, position: u64, message: &HeldMessage, id: Option<&str>) {
        let name = id.map_or_else(|| format!("position {position}"), str::to_owned);
        self.bytes += message.body().len();
        self.under_way.insert(position, Held { receipt: message.receipt(), name });
    }

    /// Whether the confirms must be waited for before more is sent.
    pub fn is_full(&self) -> bool {
        self.under_way.len() >= self.window || self.bytes >= WINDOW_BYTES
    }

    /// The broker has the message at its new place, so it is removed from its old one. `None` for a
    /// message that was not under way.
    ///
    /// # Errors
    /// Those of [`HeldQueue::acknowledge`]; [`Self::close`] names the message then.
    pub async fn confirmed(&mut self, position: u64) -> Result<(), BrokerError> {
        let Some(held) = self.under_way.remove(&position) else { return Ok(()) };
        self.unsure.push(held.name);
        self.queue.acknowledge(&held.receipt).await
    }

    /// The message stays; its name.
    pub fn stays(&mut self, position: u64) -> Option<String> {
        self.under_way.remove(&position).map(|held| held.name)
    }

    /// Everything that was under way has its outcome, or will never have one: the names of those
    /// without one.
    pub fn give_up(&mut self) -> Vec<String> {
        self.bytes = 0;
        self.under_way.drain().map(|(_, held)| held.name).collect()
    }

    /// Gives back what is held. The names of the messages whose acknowledgements may not have reached
    /// the broker.
    pub async fn close(self) -> Vec<String> {
        // An answer to the goodbye says that every acknowledgement has arrived.
        match self.queue.close().await {
            Ok(()) => Vec::new(),
            Err(_) => self.unsure,
        }
    }
}
