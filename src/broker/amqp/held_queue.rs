//! Reading somebody's queue message by message, without taking what is not acknowledged.
//!
//! Messages are taken with `basic.get` and stay with the broker, invisible to others, until they are
//! acknowledged or the channel is closed. Then a classic queue puts them back where they were, in
//! their order, marked as redelivered. A quorum queue puts them back too, but counts each return as
//! a failed delivery; with a delivery limit it dead-letters or drops a message that was returned too
//! often. A stream cannot be read this way.

use std::sync::Arc;
use std::time::Duration;

use lapin::Channel;
use lapin::options::{BasicAckOptions, BasicGetOptions, QueueDeclareOptions, QueuePurgeOptions};
use lapin::protocol::{AMQPErrorKind, AMQPHardError, AMQPSoftError};
use lapin::types::FieldTable;

use super::super::error::BrokerError;
use super::connect::{AmqpConnection, Connector};
use super::encode::short;
use super::failure::Doing;
use super::held_message::{HeldMessage, Receipt};
use super::tap::Guard;

const CLOSE_DEADLINE: Duration = Duration::from_secs(5);

/// An open channel to one queue.
pub struct HeldQueue {
    connection: AmqpConnection,
    channel: Channel,
    guard: Arc<Guard>,
    name: String,
    ready: u32,
    consumers: u32,
}

impl HeldQueue {
    /// Connects and looks at the queue; nothing is declared or taken.
    ///
    /// # Errors
    /// Everything [`Connector::connect`] reports, and [`BrokerError::NoQueue`].
    pub async fn open(connector: &Connector, name: &str) -> Result<Self, BrokerError> {
        let guard = Arc::new(Guard::default());
        let connection = connector.connect_guarded(guard.clone()).await?;
        let look = async {
            let channel = connection.open_channel().await?;
            guard.watch(channel.id());
            let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
            let looked =
                channel.queue_declare(short("queue name", name)?, options, FieldTable::default());
            let queue = looked.await.map_err(|error| failed(&connection, name, &error))?;
            Ok((channel, queue.message_count(), queue.consumer_count()))
        };
        let (channel, ready, consumers) = connector.in_time(&connection, look).await?;
        Ok(Self { connection, channel, guard, name: name.to_owned(), ready, consumers })
    }

    /// Messages that waited for a consumer when the queue was opened.
    pub fn ready(&self) -> u32 {
        self.ready
    }

    pub fn consumers(&self) -> u32 {
        self.consumers
    }

    /// Takes the first message that nobody holds; `None` when there is none.
    ///
    /// # Errors
    /// [`BrokerError::Forbidden`], [`BrokerError::Lost`] and [`BrokerError::Refused`].
    pub async fn take(&self) -> Result<Option<HeldMessage>, BrokerError> {
        let options = BasicGetOptions { no_ack: false };
        let taken = self.channel.basic_get(short("queue name", &self.name)?, options).await;
        let taken = taken.map_err(|error| self.failed(&error))?;
        Ok(taken.map(|message| HeldMessage::new(message.delivery, self.guard.next().as_ref())))
    }

    /// Removes a message that was taken from this queue. The broker does not answer; it has done so
    /// once anything that is answered on this channel, [`Self::take`] or [`Self::close`], succeeds.
    ///
    /// # Errors
    /// As for [`Self::take`].
    pub async fn acknowledge(&self, receipt: &Receipt) -> Result<(), BrokerError> {
        let acknowledged = self.channel.basic_ack(receipt.0, BasicAckOptions::default()).await;
        acknowledged.map_err(|error| self.failed(&error))
    }

    /// Removes everything that nobody holds, and says how much it was.
    ///
    /// # Errors
    /// As for [`Self::take`].
    pub async fn purge(&self) -> Result<u32, BrokerError> {
        let name = short("queue name", &self.name)?;
        let purged = self.channel.queue_purge(name, QueuePurgeOptions::default()).await;
        purged.map_err(|error| self.failed(&error))
    }

    /// Gives back what is held, to its place in the queue, and ends the connection.
    ///
    /// # Errors
    /// Where the broker did not answer: then the last acknowledgements may not have reached it. What
    /// was held goes back all the same.
    pub async fn close(self) -> Result<(), BrokerError> {
        let goodbye = self.channel.close(200, "done".into());
        let closed = match tokio::time::timeout(CLOSE_DEADLINE, goodbye).await {
            Ok(closed) => closed.map_err(|error| self.failed(&error)),
            Err(_elapsed) => Err(BrokerError::AnswerTimeout {
                endpoint: self.connection.endpoint().to_string(),
                action: format!("close the queue {:?}", self.name),
                deadline: CLOSE_DEADLINE,
            }),
        };
        self.connection.close().await;
        closed
    }

    fn failed(&self, error: &lapin::Error) -> BrokerError {
        failed(&self.connection, &self.name, error)
    }
}

fn failed(connection: &AmqpConnection, queue: &str, error: &lapin::Error) -> BrokerError {
    let endpoint = connection.endpoint();
    let doing = Doing { endpoint, action: &format!("read the queue {queue:?}"), exchange: None };
    let lapin::ErrorKind::ProtocolError(amqp) = error.kind() else { return doing.failed(error) };
    let (queue, endpoint) = (queue.to_owned(), endpoint.to_string());
    match amqp.kind() {
        AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND) => BrokerError::NoQueue { queue, endpoint },
        AMQPErrorKind::Soft(AMQPSoftError::RESOURCELOCKED) => {
            BrokerError::Exclusive { queue, endpoint }
        }
        AMQPErrorKind::Hard(AMQPHardError::NOTIMPLEMENTED) => {
            let reason = amqp.get_message().to_string();
            BrokerError::Unsupported { queue, endpoint, reason }
        }
        _ => doing.failed(error),
    }
}
