//! The queues of one tail, the only things this tool ever declares to watch events.
//!
//! | queue | holds | limits |
//! |---|---|---|
//! | `celerysalt.tail.<uuid>` | the events; the oldest are dropped when it is full | messages, bytes, expiry |
//! | `….dropped` | what was dropped, to be counted by purging | messages, bytes |
//! | `….uncounted` | one message once `….dropped` has overflowed itself | one message |
//!
//! All are exclusive: the broker deletes them with the connection. The last two exist only where the
//! user may dead-letter, which needs the right to write to `amq.default`.

use std::time::Duration;

use lapin::Channel;
use lapin::options::{QueueBindOptions, QueueDeclareOptions, QueuePurgeOptions};
use lapin::types::{AMQPValue, FieldTable};
use uuid::Uuid;

use super::super::error::BrokerError;
use super::connect::AmqpConnection;
use super::encode::short;
use super::failure::Doing;
use crate::event::RoutingPattern;
use crate::topology::OWN_PREFIX;

/// Dropped messages that wait to be counted at most. They are counted at least once a second.
const MAX_DROPPED: u32 = 200_000;
const MAX_DROPPED_BYTES: i64 = 32 << 20;

/// The limits of the queue that a tail reads from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueLimits {
    /// Messages that wait at most; beyond it the oldest are dropped.
    pub messages: u32,
    /// The bytes of their bodies at most.
    pub bytes: u64,
    /// How long the broker keeps the queue when nobody reads from it.
    pub expires: Duration,
}

impl Default for QueueLimits {
    fn default() -> Self {
        Self { messages: 100_000, bytes: 256 << 20, expires: Duration::from_secs(60) }
    }
}

#[derive(Debug, Clone)]
pub(super) struct OwnQueue {
    pub(super) name: String,
    pub(super) drops_are_counted: bool,
}

impl OwnQueue {
    /// Declares the queues of a new tail; leaves out the counting where that is not permitted.
    pub(super) async fn declare(
        connection: &AmqpConnection,
        limits: &QueueLimits,
    ) -> Result<Self, BrokerError> {
        let name = format!("{OWN_PREFIX}{}", Uuid::new_v4());
        let mut queue = Self { name, drops_are_counted: true };
        match queue.declare_counting(connection, limits).await {
            Err(BrokerError::Forbidden { reason, .. }) if reason.contains("amq.default") => {
                queue.drops_are_counted = false;
                queue.declare_events(connection, limits).await?;
            }
            outcome => outcome?,
        }
        Ok(queue)
    }

    async fn declare_counting(
        &self,
        connection: &AmqpConnection,
        limits: &QueueLimits,
    ) -> Result<(), BrokerError> {
        // The events come first: where dead-lettering is forbidden this fails before the others exist.
        self.declare_events(connection, limits).await?;
        let mut dropped = table([
            ("x-max-length", number(MAX_DROPPED)),
            ("x-max-length-bytes", AMQPValue::LongLongInt(MAX_DROPPED_BYTES)),
        ]);
        dead_letter_to(&mut dropped, &self.uncounted());
        declare(connection, &self.dropped(), dropped).await?;
        declare(connection, &self.uncounted(), table([("x-max-length", number(1))])).await
    }

    async fn declare_events(
        &self,
        connection: &AmqpConnection,
        limits: &QueueLimits,
    ) -> Result<(), BrokerError> {
        let bytes = i64::try_from(limits.bytes).unwrap_or(i64::MAX);
        let expires = i64::try_from(limits.expires.as_millis()).unwrap_or(i64::MAX);
        let mut arguments = table([
            ("x-max-length", number(limits.messages)),
            ("x-max-length-bytes", AMQPValue::LongLongInt(bytes)),
            ("x-overflow", text("drop-head")),
            ("x-expires", AMQPValue::LongLongInt(expires.max(1))),
        ]);
        if self.drops_are_counted {
            dead_letter_to(&mut arguments, &self.dropped());
        }
        declare(connection, &self.name, arguments).await
    }

    /// Binds the queue to `exchange` by every pattern.
    pub(super) async fn bind(
        &self,
        connection: &AmqpConnection,
        exchange: &str,
        patterns: &[RoutingPattern],
    ) -> Result<(), BrokerError> {
        let channel = connection.open_channel().await?;
        for pattern in patterns {
            let bound = channel.queue_bind(
                short("queue name", &self.name)?,
                short("exchange name", exchange)?,
                short("pattern", pattern.as_str())?,
                QueueBindOptions::default(),
                FieldTable::default(),
            );
            let doing = Doing {
                endpoint: connection.endpoint(),
                action: &format!("read from the exchange {exchange:?}"),
                exchange: Some(exchange),
            };
            bound.await.map_err(|error| doing.failed(&error))?;
        }
        Ok(())
    }

    /// How many messages have been dropped since the last call.
    pub(super) async fn count_drops(&self, channel: &Channel) -> lapin::Result<Drops> {
        if !self.drops_are_counted {
            return Ok(Drops::default());
        }
        let count = purge(channel, &self.dropped()).await?;
        let is_short = count > 0 && purge(channel, &self.uncounted()).await? > 0;
        let certainty = if is_short { Certainty::AtLeast } else { Certainty::Exact };
        Ok(Drops { count: count.into(), certainty })
    }

    fn dropped(&self) -> String {
        format!("{}.dropped", self.name)
    }

    fn uncounted(&self) -> String {
        format!("{}.uncounted", self.name)
    }
}

/// Messages that were dropped because nobody read them in time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Drops {
    pub count: u64,
    pub certainty: Certainty,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Certainty {
    #[default]
    Exact,
    /// More came at once than could be kept for counting.
    AtLeast,
}

impl Drops {
    pub(super) fn add(&mut self, other: Self) {
        self.count += other.count;
        if other.certainty == Certainty::AtLeast {
            self.certainty = Certainty::AtLeast;
        }
    }
}

async fn purge(channel: &Channel, queue: &str) -> lapin::Result<u32> {
    channel.queue_purge(queue.into(), QueuePurgeOptions::default()).await
}

/// Declares one exclusive queue, on a channel of its own because a refusal closes the channel.
async fn declare(
    connection: &AmqpConnection,
    name: &str,
    arguments: FieldTable,
) -> Result<(), BrokerError> {
    let channel = connection.open_channel().await?;
    let options = QueueDeclareOptions {
        exclusive: true,
        auto_delete: true,
        ..QueueDeclareOptions::default()
    };
    let doing = Doing {
        endpoint: connection.endpoint(),
        action: &format!("declare the queue {name:?}"),
        exchange: None,
    };
    let declared = channel.queue_declare(short("queue name", name)?, options, arguments);
    declared.await.map_err(|error| doing.failed(&error))?;
    channel.close(200, "done".into()).await.map_err(|error| doing.failed(&error))
}

fn dead_letter_to(arguments: &mut FieldTable, queue: &str) {
    arguments.insert("x-dead-letter-exchange".into(), text(""));
    arguments.insert("x-dead-letter-routing-key".into(), text(queue));
}

fn table<const N: usize>(entries: [(&str, AMQPValue); N]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in entries {
        table.insert(name.into(), value);
    }
    table
}

fn number(value: u32) -> AMQPValue {
    AMQPValue::LongLongInt(value.into())
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}
