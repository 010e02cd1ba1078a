//! A received message, lent to the decoder without copying.

use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldArray, FieldTable, LongString, ShortString};

use crate::wire::{
    HeaderList, HeaderValue, HeaderVisitor, Headers, Incoming, NoHeaders, Properties,
};

/// A message as the broker delivered it.
#[derive(Debug)]
pub struct ReceivedMessage(pub(super) Delivery);

impl ReceivedMessage {
    /// The message in the terms of `wire`, borrowed from `self`.
    pub fn incoming(&self) -> Incoming<'_> {
        let delivery = &self.0;
        Incoming {
            exchange: delivery.exchange.as_str(),
            routing_key: delivery.routing_key.as_str(),
            redelivered: delivery.redelivered,
            properties: properties(delivery),
            headers: match delivery.properties.headers() {
                Some(table) => table,
                None => &NoHeaders,
            },
            body: &delivery.data,
        }
    }

    /// The size of the body in bytes.
    pub fn size(&self) -> usize {
        self.0.data.len()
    }
}

fn properties(delivery: &Delivery) -> Properties<'_> {
    let from = &delivery.properties;
    Properties {
        content_type: text(from.content_type()),
        content_encoding: text(from.content_encoding()),
        delivery_mode: *from.delivery_mode(),
        priority: *from.priority(),
        correlation_id: text(from.correlation_id()),
        reply_to: text(from.reply_to()),
        expiration: text(from.expiration()),
        message_id: text(from.message_id()),
        timestamp: *from.timestamp(),
        message_type: text(from.kind()),
        user_id: text(from.user_id()),
        app_id: text(from.app_id()),
    }
}

fn text(value: &Option<ShortString>) -> Option<&str> {
    value.as_ref().map(ShortString::as_str)
}

impl Headers for FieldTable {
    fn visit<'a>(&'a self, visitor: &mut HeaderVisitor<'_, 'a>) {
        for (name, value) in self {
            visitor(name.as_str(), lend(value));
        }
    }
}

impl HeaderList for FieldArray {
    fn visit<'a>(&'a self, visitor: &mut dyn FnMut(HeaderValue<'a>)) {
        for value in self.as_slice() {
            visitor(lend(value));
        }
    }
}

fn lend(value: &AMQPValue) -> HeaderValue<'_> {
    match value {
        AMQPValue::Void => HeaderValue::Null,
        AMQPValue::Boolean(value) => HeaderValue::Bool(*value),
        AMQPValue::ShortShortInt(value) => HeaderValue::Int((*value).into()),
        AMQPValue::ShortShortUInt(value) => HeaderValue::UInt((*value).into()),
        AMQPValue::ShortInt(value) => HeaderValue::Int((*value).into()),
        AMQPValue::ShortUInt(value) => HeaderValue::UInt((*value).into()),
        AMQPValue::LongInt(value) => HeaderValue::Int((*value).into()),
        AMQPValue::LongUInt(value) => HeaderValue::UInt((*value).into()),
        AMQPValue::LongLongInt(value) => HeaderValue::Int(*value),
        AMQPValue::Float(value) => HeaderValue::Float((*value).into()),
        AMQPValue::Double(value) => HeaderValue::Float(*value),
        // The wire format is signed; lapin reads the same bits as unsigned.
        AMQPValue::DecimalValue(decimal) => {
            HeaderValue::Decimal { scale: decimal.scale, value: decimal.value.cast_signed().into() }
        }
        AMQPValue::ShortString(value) => HeaderValue::Text(value.as_str()),
        AMQPValue::LongString(value) => long_string(value),
        AMQPValue::FieldArray(list) => HeaderValue::List(list),
        AMQPValue::Timestamp(seconds) => HeaderValue::Timestamp(*seconds),
        AMQPValue::FieldTable(table) => HeaderValue::Table(table),
        AMQPValue::ByteArray(bytes) => HeaderValue::Bytes(bytes.as_slice()),
    }
}

fn long_string(value: &LongString) -> HeaderValue<'_> {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => HeaderValue::Text(text),
        Err(_) => HeaderValue::Bytes(value.as_bytes()),
    }
}
