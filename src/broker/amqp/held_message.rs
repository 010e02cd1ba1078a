//! A message taken from somebody's queue and not acknowledged: lent to the decoder, or sent on byte
//! for byte with the header types it came with.

use bytes::Bytes;
use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, DeliveryTag, FieldArray, FieldTable, ShortString};

use super::delivery::WireProperties;
use crate::wire::{
    HeaderList, HeaderValue, HeaderVisitor, Headers, Incoming, NoHeaders, Properties,
};

/// Our own header: how often a message was sent back with `celerysalt dlq retry`. Newer brokers do
/// not count the deaths of a message that a client publishes again.
pub const RETRIES_HEADER: &str = "x-celerysalt-retries";

/// Headers by which a message would go to more queues than the one it is sent to.
const COPY_HEADERS: [&str; 2] = ["CC", "BCC"];

/// A message that the broker keeps for us until it is acknowledged or the channel is closed.
#[derive(Debug)]
pub struct HeldMessage {
    delivery: Delivery,
    /// Where lapin could not hold the properties: these are the message's own.
    odd: Option<WireProperties>,
}

/// By which a held message is acknowledged, also when it is no longer in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt(pub(super) DeliveryTag);

/// Where a held message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination<'a> {
    /// To the publisher's exchange, so to everybody who is bound to the topic.
    Topic(&'a str),
    /// To this queue only, through the default exchange.
    Queue(&'a str),
}

/// How a held message is sent on.
///
/// The header table keeps its types and values, in the order of the names. Two things are left out. The headers `CC` and `BCC`, because the broker would send a copy to each
/// queue they name. The property `user_id`, because a broker refuses one that is not the user's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forward<'a> {
    pub to: Destination<'a>,
    /// What [`RETRIES_HEADER`] is set to.
    pub retries: Option<u32>,
}

impl HeldMessage {
    /// `odd` are the property flags and values of a message that lapin has without them.
    pub(super) fn new(delivery: Delivery, odd: Option<&Bytes>) -> Self {
        Self { delivery, odd: odd.map(WireProperties::read) }
    }

    /// Whether the message can be sent on as it is. One with properties, header names or a routing key
    /// that are not UTF-8, or with headers nested absurdly deep, can only be looked at.
    pub fn is_faithful(&self) -> bool {
        self.odd.is_none()
    }

    pub fn receipt(&self) -> Receipt {
        Receipt(self.delivery.delivery_tag)
    }

    pub fn body(&self) -> &[u8] {
        &self.delivery.data
    }

    /// The message in the terms of `wire`, borrowed from `self`.
    pub fn incoming(&self) -> Incoming<'_> {
        let Delivery { exchange, routing_key, redelivered, properties, data, .. } = &self.delivery;
        let (properties, headers) = match (&self.odd, properties.headers()) {
            (Some(odd), _) => odd.lend(),
            (None, Some(table)) => (lent(properties), table as &dyn Headers),
            (None, None) => (lent(properties), &NoHeaders as &dyn Headers),
        };
        Incoming {
            exchange: exchange.as_str(),
            routing_key: routing_key.as_str(),
            redelivered: *redelivered,
            properties,
            headers,
            body: data,
        }
    }

    pub(super) fn forwarded_properties(&self, forward: &Forward<'_>) -> BasicProperties {
        let from = &self.delivery.properties;
        let mut to = BasicProperties::default();
        macro_rules! copy {
            ($($property:ident $with:ident),*) => {
                $(if let Some(value) = from.$property() { to = to.$with(value.clone()); })*
            };
        }
        copy!(
            content_type with_content_type,
            content_encoding with_content_encoding,
            delivery_mode with_delivery_mode,
            priority with_priority,
            correlation_id with_correlation_id,
            reply_to with_reply_to,
            expiration with_expiration,
            message_id with_message_id,
            timestamp with_timestamp,
            kind with_type,
            app_id with_app_id,
            cluster_id with_cluster_id
        );
        let mut headers = FieldTable::default();
        for (name, value) in from.headers().iter().flat_map(|table| table.inner().iter()) {
            if !COPY_HEADERS.contains(&name.as_str()) {
                headers.insert(name.clone(), value.clone());
            }
        }
        if let Some(retries) = forward.retries {
            headers.insert(RETRIES_HEADER.into(), AMQPValue::LongLongInt(retries.into()));
        }
        match headers.inner().is_empty() {
            true => to,
            false => to.with_headers(headers),
        }
    }
}

fn lent(properties: &BasicProperties) -> Properties<'_> {
    Properties {
        content_type: text(properties.content_type()),
        content_encoding: text(properties.content_encoding()),
        delivery_mode: *properties.delivery_mode(),
        priority: *properties.priority(),
        correlation_id: text(properties.correlation_id()),
        reply_to: text(properties.reply_to()),
        expiration: text(properties.expiration()),
        message_id: text(properties.message_id()),
        timestamp: *properties.timestamp(),
        message_type: text(properties.kind()),
        user_id: text(properties.user_id()),
        app_id: text(properties.app_id()),
    }
}

fn text(value: &Option<ShortString>) -> Option<&str> {
    value.as_ref().map(ShortString::as_str)
}

impl Headers for FieldTable {
    fn visit<'a>(&'a self, visitor: &mut HeaderVisitor<'_, 'a>) {
        for (name, value) in self.inner() {
            visitor(name.as_str(), header_value(value));
        }
    }
}

impl HeaderList for FieldArray {
    fn visit<'a>(&'a self, visitor: &mut dyn FnMut(HeaderValue<'a>)) {
        for value in self.as_slice() {
            visitor(header_value(value));
        }
    }
}

fn header_value(value: &AMQPValue) -> HeaderValue<'_> {
    match value {
        AMQPValue::Void => HeaderValue::Null,
        AMQPValue::Boolean(value) => HeaderValue::Bool(*value),
        AMQPValue::ShortShortInt(value) => HeaderValue::Int((*value).into()),
        AMQPValue::ShortShortUInt(value) => HeaderValue::Int((*value).into()),
        AMQPValue::ShortInt(value) => HeaderValue::Int((*value).into()),
        AMQPValue::ShortUInt(value) => HeaderValue::Int((*value).into()),
        AMQPValue::LongInt(value) => HeaderValue::Int((*value).into()),
        AMQPValue::LongUInt(value) => HeaderValue::Int((*value).into()),
        AMQPValue::LongLongInt(value) => HeaderValue::Int(*value),
        AMQPValue::Float(value) => HeaderValue::Float((*value).into()),
        AMQPValue::Double(value) => HeaderValue::Float(*value),
        AMQPValue::DecimalValue(value) => {
            // lapin reads the number without its sign, which py-amqp and the specification have.
            HeaderValue::Decimal { scale: value.scale, value: value.value.cast_signed().into() }
        }
        AMQPValue::ShortString(text) => HeaderValue::Text(text.as_str()),
        AMQPValue::LongString(text) => match str::from_utf8(text.as_bytes()) {
            Ok(text) => HeaderValue::Text(text),
            Err(_) => HeaderValue::Bytes(text.as_bytes()),
        },
        AMQPValue::FieldArray(items) => HeaderValue::List(items),
        AMQPValue::Timestamp(seconds) => HeaderValue::Timestamp(*seconds),
        AMQPValue::FieldTable(table) => HeaderValue::Table(table),
        AMQPValue::ByteArray(bytes) => HeaderValue::Bytes(bytes.as_slice()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(properties: BasicProperties) -> HeldMessage {
        let mut delivery =
            Delivery::mock(7, "dlx".into(), "user.created".into(), true, b"{}".to_vec());
        delivery.properties = properties;
        HeldMessage::new(delivery, None)
    }

    fn table(entries: &[(&str, AMQPValue)]) -> FieldTable {
        let mut table = FieldTable::default();
        for (name, value) in entries {
            table.insert((*name).into(), value.clone());
        }
        table
    }

    #[test]
    fn a_message_is_sent_on_with_its_types_but_not_to_further_queues() {
        let deaths =
            AMQPValue::FieldArray(vec![AMQPValue::FieldTable(FieldTable::default())].into());
        let headers = table(&[
            ("CC", AMQPValue::FieldArray(vec![AMQPValue::LongString("other".into())].into())),
            ("BCC", AMQPValue::Void),
            ("small", AMQPValue::ShortShortUInt(3)),
            ("when", AMQPValue::Timestamp(1)),
            ("x-death", deaths),
            (RETRIES_HEADER, AMQPValue::LongString("hostile".into())),
        ]);
        let sent = BasicProperties::default()
            .with_user_id("somebody".into())
            .with_correlation_id("c".into())
            .with_type("t".into())
            .with_priority(4)
            .with_headers(headers);
        let forward = Forward { to: Destination::Queue("q"), retries: Some(2) };
        let properties = message(sent).forwarded_properties(&forward);
        assert_eq!(properties.user_id(), &None);
        assert_eq!(properties.correlation_id().as_ref().unwrap().as_str(), "c");
        assert_eq!(
            (properties.kind().as_ref().unwrap().as_str(), *properties.priority()),
            ("t", Some(4))
        );
        let kept = properties.headers().as_ref().unwrap().inner();
        let names: Vec<&str> = kept.keys().map(ShortString::as_str).collect();
        assert_eq!(names, ["small", "when", "x-celerysalt-retries", "x-death"]);
        assert_eq!(kept["small"], AMQPValue::ShortShortUInt(3));
        assert_eq!(kept["when"], AMQPValue::Timestamp(1));
        assert_eq!(kept[RETRIES_HEADER], AMQPValue::LongLongInt(2));
    }

    #[test]
    fn a_message_without_headers_gets_none() {
        let forward = Forward { to: Destination::Topic("t"), retries: None };
        let plain = message(BasicProperties::default());
        assert_eq!(plain.forwarded_properties(&forward), BasicProperties::default());
        let incoming = plain.incoming();
        assert_eq!((incoming.exchange, incoming.routing_key), ("dlx", "user.created"));
    }
}
