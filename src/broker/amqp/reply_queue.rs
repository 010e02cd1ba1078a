//! The reply queue of a caller: replies come in, and a stand-in sends them out.

use futures_util::StreamExt;
use lapin::message::Delivery;
use lapin::options::{BasicConsumeOptions, BasicPublishOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Consumer};

use super::super::error::BrokerError;
use super::connect::{AmqpConnection, Connector};
use super::encode::short;
use super::failure::Doing;
use super::topology::require_exchange;

/// An exclusive queue on a connection of its own, read without acknowledgements.
pub(in crate::broker) struct ReplyQueue {
    channel: Channel,
    replies: Consumer,
    connection: AmqpConnection,
}

/// A message from a reply queue.
pub(in crate::broker) struct ReplyMessage {
    pub correlation_id: Option<String>,
    pub content_type: Option<String>,
    pub content_encoding: Option<String>,
    /// The kombu header of that name.
    pub compression: Option<String>,
    /// The header by which a worker's reply to a broadcast names the question.
    pub ticket: Option<String>,
    pub body: Vec<u8>,
}

/// A JSON message to everybody behind a fanout exchange.
#[derive(Debug, Clone, Copy)]
pub(in crate::broker) struct Broadcast<'a> {
    pub exchange: &'a str,
    pub body: &'a [u8],
}

/// A JSON reply to somebody else's queue.
#[derive(Debug, Clone, Copy)]
pub(in crate::broker) struct OutgoingReply<'a> {
    pub queue: &'a str,
    pub correlation_id: &'a str,
    pub body: &'a [u8],
}

impl ReplyQueue {
    pub(in crate::broker) async fn open(
        connector: &Connector,
        name: &str,
    ) -> Result<Self, BrokerError> {
        let connection = connector.connect().await?;
        let channel = connection.open_channel().await?;
        let doing = Doing {
            endpoint: connection.endpoint(),
            action: &format!("declare the reply queue {name:?}"),
            exchange: None,
        };
        let options =
            QueueDeclareOptions { exclusive: true, auto_delete: true, ..Default::default() };
        channel
            .queue_declare(ShortString::from(name), options, FieldTable::default())
            .await
            .map_err(|error| doing.failed(&error))?;
        let options = BasicConsumeOptions { no_ack: true, exclusive: true, ..Default::default() };
        let tag = ShortString::from("");
        let replies = channel
            .basic_consume(ShortString::from(name), tag, options, FieldTable::default())
            .await
            .map_err(|error| doing.failed(&error))?;
        Ok(Self { channel, replies, connection })
    }

    /// Waits for the next reply. After an error the queue is gone. Safe to drop and call again.
    pub(in crate::broker) async fn next(&mut self) -> Result<ReplyMessage, BrokerError> {
        match self.replies.next().await {
            Some(Ok(delivery)) => Ok(message(delivery)),
            Some(Err(error)) => Err(self.doing("wait for replies").failed(&error)),
            None => Err(BrokerError::Lost {
                endpoint: self.connection.endpoint().to_string(),
                source: "the reply queue is gone".into(),
            }),
        }
    }

    /// Publishes to the default exchange, transient and without a confirm, as a worker does.
    pub(in crate::broker) async fn send(
        &self,
        reply: &OutgoingReply<'_>,
    ) -> Result<(), BrokerError> {
        let properties = BasicProperties::default()
            .with_content_type(ShortString::from("application/json"))
            .with_content_encoding(ShortString::from("utf-8"))
            .with_delivery_mode(1)
            .with_correlation_id(ShortString::from(reply.correlation_id));
        let options = BasicPublishOptions::default();
        let default_exchange = ShortString::from("");
        self.channel
            .basic_publish(
                default_exchange,
                ShortString::from(reply.queue),
                options,
                reply.body,
                properties,
            )
            .await
            .map(|_unconfirmed| ())
            .map_err(|error| self.doing("publish a reply").failed(&error))
    }

    /// Makes sure that an exchange exists; publishing to one that does not would end the queue.
    pub(in crate::broker) async fn require_exchange(
        &self,
        exchange: &str,
    ) -> Result<(), BrokerError> {
        require_exchange(&self.connection, exchange).await
    }

    /// Publishes transient and without a confirm, as `celery control` does.
    pub(in crate::broker) async fn broadcast(
        &self,
        message: &Broadcast<'_>,
    ) -> Result<(), BrokerError> {
        let properties = BasicProperties::default()
            .with_content_type(ShortString::from("application/json"))
            .with_content_encoding(ShortString::from("utf-8"))
            .with_delivery_mode(1)
            .with_headers(clock());
        let exchange = short("exchange name", message.exchange)?;
        let options = BasicPublishOptions::default();
        let everybody = ShortString::from("");
        self.channel
            .basic_publish(exchange, everybody, options, message.body, properties)
            .await
            .map(|_unconfirmed| ())
            .map_err(|error| self.doing("ask the workers").failed(&error))
    }

    /// Says goodbye to the broker.
    pub(in crate::broker) async fn close(self) {
        self.connection.close().await;
    }

    fn doing<'a>(&'a self, action: &'a str) -> Doing<'a> {
        Doing { endpoint: self.connection.endpoint(), action, exchange: None }
    }
}

/// The headers that workers look at: Lamport's clock, which nothing of ours advances, and no expiry.
fn clock() -> FieldTable {
    let mut headers = FieldTable::default();
    headers.insert("clock".into(), AMQPValue::LongLongInt(0));
    headers.insert("expires".into(), AMQPValue::LongLongInt(0));
    headers
}

fn message(delivery: Delivery) -> ReplyMessage {
    let text = |value: &Option<ShortString>| value.as_ref().map(ToString::to_string);
    let properties = delivery.properties;
    let header = |name: &str| {
        properties.headers().as_ref().and_then(|table| match table.inner().get(name) {
            Some(AMQPValue::LongString(text)) => Some(text.to_string()),
            _ => None,
        })
    };
    let (compression, ticket) = (header("compression"), header("ticket"));
    ReplyMessage {
        correlation_id: text(properties.correlation_id()),
        content_type: text(properties.content_type()),
        content_encoding: text(properties.content_encoding()),
        compression,
        ticket,
        body: delivery.data,
    }
}
