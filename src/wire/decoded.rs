//! What a message turned out to be.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The `kind` of a record that stands for one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A broadcast event of celery-salt or tchu-tchu.
    Event,
    /// An event whose caller waits for an answer.
    RpcRequest,
    /// A plain Celery task; the payload is `{"args", "kwargs"}`.
    Task,
    /// Not a Celery message at all; the payload is the body.
    Raw,
    /// Nobody can read it; see the error.
    Undecodable,
}

/// Which Celery message protocol carried the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Protocol {
    /// No Celery envelope.
    #[default]
    Raw,
    /// Task metadata in the body.
    One,
    /// Task metadata in the headers.
    Two,
}

impl Protocol {
    pub fn number(self) -> u8 {
        match self {
            Self::Raw => 0,
            Self::One => 1,
            Self::Two => 2,
        }
    }
}

/// A decoded message. Borrows from the message and from the decoder's buffers.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded<'a> {
    pub kind: Kind,
    /// The event's topic: the dispatcher's `routing_key` argument, else the AMQP routing key.
    pub topic: Cow<'a, str>,
    /// The Celery task id, else the AMQP message id.
    pub id: Option<Cow<'a, str>>,
    /// Compact one-line JSON text without `_tchu_meta`, digits and key order as they were sent.
    /// `None` only for [`Kind::Undecodable`].
    pub payload: Option<Cow<'a, str>>,
    pub meta: Meta<'a>,
    pub envelope: Envelope<'a>,
    /// `Some` only for [`Kind::Undecodable`].
    pub error: Option<super::DecodeError>,
}

/// The library's own transport metadata (`_tchu_meta`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Meta<'a> {
    /// False where the message says nothing about it.
    pub is_rpc: bool,
    pub version: Option<Cow<'a, str>>,
    pub correlation_id: Option<Cow<'a, str>>,
    /// Whatever else stood there (W3C trace context), as one compact JSON object.
    pub trace: Option<Cow<'a, str>>,
}

/// The Celery envelope around the payload.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Envelope<'a> {
    pub protocol: Protocol,
    pub task: Option<Cow<'a, str>>,
    pub root_id: Option<Cow<'a, str>>,
    pub parent_id: Option<Cow<'a, str>>,
    pub retries: Option<i64>,
    /// ISO 8601, as sent.
    pub eta: Option<Cow<'a, str>>,
    /// ISO 8601, as sent.
    pub expires: Option<Cow<'a, str>>,
    pub priority: Option<u8>,
    pub origin: Option<Cow<'a, str>>,
    pub content_type: Option<Cow<'a, str>>,
    pub content_encoding: Option<Cow<'a, str>>,
    pub compression: Option<Cow<'a, str>>,
    pub reply_to: Option<Cow<'a, str>>,
    pub correlation_id: Option<Cow<'a, str>>,
    /// Headers that are not Celery's own, as one compact JSON object; `None` where there are none.
    pub headers: Option<Cow<'a, str>>,
}
