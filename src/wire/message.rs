//! A message on its way in or out, independent of the transport that carries it.

use serde_json::Value;

/// A message as a transport hands it over. Everything is borrowed from the transport.
#[derive(Clone, Copy)]
pub struct Incoming<'a> {
    pub exchange: &'a str,
    pub routing_key: &'a str,
    pub redelivered: bool,
    pub properties: Properties<'a>,
    pub headers: &'a dyn Headers,
    pub body: &'a [u8],
}

/// The AMQP basic properties a Celery message uses (AMQP 0-9-1, class 60).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Properties<'a> {
    pub content_type: Option<&'a str>,
    pub content_encoding: Option<&'a str>,
    pub delivery_mode: Option<u8>,
    pub priority: Option<u8>,
    pub correlation_id: Option<&'a str>,
    pub reply_to: Option<&'a str>,
    /// Time to live in milliseconds, as decimal text.
    pub expiration: Option<&'a str>,
    pub message_id: Option<&'a str>,
    /// Seconds since the Unix epoch.
    pub timestamp: Option<u64>,
    pub message_type: Option<&'a str>,
    pub user_id: Option<&'a str>,
    pub app_id: Option<&'a str>,
}

/// Called once for each header, in the order the transport keeps.
pub type HeaderVisitor<'v, 'a> = dyn FnMut(&'a str, HeaderValue<'a>) + 'v;

/// A header table, whatever type the transport uses for it.
pub trait Headers {
    fn visit<'a>(&'a self, visitor: &mut HeaderVisitor<'_, 'a>);
}

/// A list inside a header.
pub trait HeaderList {
    fn visit<'a>(&'a self, visitor: &mut dyn FnMut(HeaderValue<'a>));
}

/// One header value (the field types of AMQP 0-9-1 tables, with the integers widened).
#[derive(Clone, Copy)]
pub enum HeaderValue<'a> {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    /// `value * 10^-scale`
    Decimal {
        scale: u8,
        value: i64,
    },
    Text(&'a str),
    Bytes(&'a [u8]),
    /// Seconds since the Unix epoch.
    Timestamp(u64),
    List(&'a dyn HeaderList),
    Table(&'a dyn Headers),
}

/// The header table of a message without headers.
pub struct NoHeaders;

impl Headers for NoHeaders {
    fn visit<'a>(&'a self, _visitor: &mut HeaderVisitor<'_, 'a>) {}
}

/// A message ready to be published.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    pub routing_key: String,
    pub properties: OutgoingProperties,
    /// In the order a Celery app writes them. JSON values, as the header table takes them.
    pub headers: Vec<(String, Value)>,
    pub body: Vec<u8>,
}

/// The AMQP basic properties we send; see [`Properties`] for the units.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutgoingProperties {
    pub content_type: Option<String>,
    pub content_encoding: Option<String>,
    pub delivery_mode: Option<u8>,
    pub priority: Option<u8>,
    pub correlation_id: Option<String>,
    pub reply_to: Option<String>,
    pub expiration: Option<String>,
    pub message_id: Option<String>,
}
