//! A received message, lent to the decoder without copying.
//!
//! Source: AMQP 0-9-1, sections 1.8.3.13 (`basic.deliver`) and 4.2.6.1 (content header).

use std::time::Instant;

use bytes::Bytes;

use super::table::{Cursor, Table};
use crate::wire::{Headers, Incoming, NoHeaders, Properties};

/// A message as the broker delivered it.
#[derive(Debug)]
pub struct ReceivedMessage {
    exchange: Bytes,
    routing_key: Bytes,
    redelivered: bool,
    properties: Box<OwnedProperties>,
    headers: Option<Table>,
    body: Bytes,
    arrived: Instant,
}

/// Properties and headers as they stand on the wire; what is not UTF-8 is mended.
#[derive(Debug)]
pub(super) struct WireProperties {
    properties: Box<OwnedProperties>,
    headers: Option<Table>,
}

/// Short strings that are known to be UTF-8.
#[derive(Debug, Default)]
struct OwnedProperties {
    content_type: Option<Bytes>,
    content_encoding: Option<Bytes>,
    delivery_mode: Option<u8>,
    priority: Option<u8>,
    correlation_id: Option<Bytes>,
    reply_to: Option<Bytes>,
    expiration: Option<Bytes>,
    message_id: Option<Bytes>,
    timestamp: Option<u64>,
    message_type: Option<Bytes>,
    user_id: Option<Bytes>,
    app_id: Option<Bytes>,
}

impl ReceivedMessage {
    /// Puts a message together from the arguments of `basic.deliver`, the property flags and values
    /// of the content header, and the body. `None` where the first two are broken.
    pub(super) fn read(deliver: &Bytes, header: &Bytes, body: Bytes) -> Option<Self> {
        let mut cursor = Cursor { bytes: deliver, at: 0 };
        cursor.short_text()?;
        cursor.u64()?;
        let redelivered = cursor.u8()? & 1 == 1;
        let exchange = cursor.short_text()?;
        let routing_key = cursor.short_text()?;
        let mut properties = Box::<OwnedProperties>::default();
        let headers = properties.read(&mut Cursor { bytes: header, at: 0 })?;
        let arrived = Instant::now();
        Some(Self { exchange, routing_key, redelivered, properties, headers, body, arrived })
    }

    /// The message in the terms of `wire`, borrowed from `self`.
    pub fn incoming(&self) -> Incoming<'_> {
        Incoming {
            exchange: text(&self.exchange),
            routing_key: text(&self.routing_key),
            redelivered: self.redelivered,
            properties: self.properties.lend(),
            headers: match &self.headers {
                Some(table) => table,
                None => &NoHeaders,
            },
            body: &self.body,
        }
    }

    /// When it came from the socket, before it waited for a reader.
    pub fn arrived(&self) -> Instant {
        self.arrived
    }

    /// The size of the body in bytes.
    pub fn size(&self) -> usize {
        self.body.len()
    }
}

impl WireProperties {
    /// Reads the property flags and values of a content header, as far as they can be read.
    pub(super) fn read(header: &Bytes) -> Self {
        let mut properties = Box::<OwnedProperties>::default();
        let headers = properties.read(&mut Cursor { bytes: header, at: 0 }).flatten();
        Self { properties, headers }
    }

    pub(super) fn lend(&self) -> (Properties<'_>, &dyn Headers) {
        let headers: &dyn Headers = match &self.headers {
            Some(table) => table,
            None => &NoHeaders,
        };
        (self.properties.lend(), headers)
    }
}

impl OwnedProperties {
    fn read(&mut self, cursor: &mut Cursor<'_>) -> Option<Option<Table>> {
        let flags = cursor.u16()?;
        let has = |bit: u16| flags & (1 << bit) != 0;
        let mut headers = None;
        if has(15) {
            self.content_type = Some(cursor.short_text()?);
        }
        if has(14) {
            self.content_encoding = Some(cursor.short_text()?);
        }
        if has(13) {
            headers = Some(Table::parse(cursor.table()?));
        }
        if has(12) {
            self.delivery_mode = Some(cursor.u8()?);
        }
        if has(11) {
            self.priority = Some(cursor.u8()?);
        }
        if has(10) {
            self.correlation_id = Some(cursor.short_text()?);
        }
        if has(9) {
            self.reply_to = Some(cursor.short_text()?);
        }
        if has(8) {
            self.expiration = Some(cursor.short_text()?);
        }
        if has(7) {
            self.message_id = Some(cursor.short_text()?);
        }
        if has(6) {
            self.timestamp = Some(cursor.u64()?);
        }
        if has(5) {
            self.message_type = Some(cursor.short_text()?);
        }
        if has(4) {
            self.user_id = Some(cursor.short_text()?);
        }
        if has(3) {
            self.app_id = Some(cursor.short_text()?);
        }
        Some(headers)
    }

    fn lend(&self) -> Properties<'_> {
        Properties {
            content_type: self.content_type.as_ref().map(text),
            content_encoding: self.content_encoding.as_ref().map(text),
            delivery_mode: self.delivery_mode,
            priority: self.priority,
            correlation_id: self.correlation_id.as_ref().map(text),
            reply_to: self.reply_to.as_ref().map(text),
            expiration: self.expiration.as_ref().map(text),
            message_id: self.message_id.as_ref().map(text),
            timestamp: self.timestamp,
            message_type: self.message_type.as_ref().map(text),
            user_id: self.user_id.as_ref().map(text),
            app_id: self.app_id.as_ref().map(text),
        }
    }
}

/// The cursor has mended what was not UTF-8, so this does not fall back.
fn text(bytes: &Bytes) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}
