//! From a delivered message to the event, task or raw payload in it.
//!
//! | headers | body | what it is |
//! |---|---|---|
//! | `task` | `[args, kwargs, embed]` | protocol 2 |
//! | none | `[args, kwargs, embed]` whose embed has Celery's keys | protocol 2 without its headers |
//! | none | an object with `task`, `id` and `args` or `kwargs` | protocol 1 |
//! | none | anything else | raw |
//!
//! A task is an event where its name ends in `.dispatch_event`, or where it has a `routing_key`
//! and one argument that is a JSON object or the text of one.

mod body;
mod call;
mod event;
mod headers;

use std::borrow::Cow;

use super::{DecodeError, Decoded, Envelope, Incoming, Kind, Meta, Protocol};
use body::{Body, Workspace};
use call::Call;
use headers::KnownHeaders;

/// Buffers that one large message blew up do not stay that large.
const KEPT_BUFFER_BYTES: usize = 1 << 20;

/// How much a message may ask of the decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of a body, after decompression and after unfolding of shared values.
    pub max_decompressed_bytes: usize,
    /// Levels of lists and objects.
    pub max_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_decompressed_bytes: 64 << 20, max_depth: super::json::DEFAULT_MAX_DEPTH }
    }
}

/// Decodes one message after the other, in buffers that are used again.
#[derive(Debug, Default)]
pub struct Decoder {
    limits: Limits,
    buffers: Buffers,
}

#[derive(Debug, Default)]
struct Buffers {
    /// The body, decompressed or in another encoding.
    plain: Vec<u8>,
    /// The body as compact JSON.
    body: String,
    /// The event's JSON text, as it stood in the first argument.
    event: String,
    payload: String,
    meta: String,
    trace: String,
    headers: String,
}

impl Buffers {
    fn clear(&mut self) {
        self.plain.clear();
        self.plain.shrink_to(KEPT_BUFFER_BYTES);
        let Self { plain: _, body, event, payload, meta, trace, headers } = self;
        for text in [body, event, payload, meta, trace, headers] {
            text.clear();
            text.shrink_to(KEPT_BUFFER_BYTES);
        }
    }
}

impl Decoder {
    pub fn new(limits: Limits) -> Self {
        Self { limits, buffers: Buffers::default() }
    }

    /// Decodes a message. Whatever cannot be read becomes [`Kind::Undecodable`], with the topic,
    /// the id and the envelope as far as the headers tell them.
    pub fn decode<'d>(&'d mut self, message: &Incoming<'d>) -> Decoded<'d> {
        self.buffers.clear();
        let limits = self.limits;
        let Buffers { plain, body, event, payload, meta, trace, headers } = &mut self.buffers;
        let known = KnownHeaders::read(message.headers, headers);
        let mut decoded = from_headers(message, &known);
        decoded.envelope.headers = (!headers.is_empty()).then_some(Cow::Borrowed(headers));
        let scratch = Scratch { payload, meta, trace };
        let work = Workspace { plain, json: body, event };
        let outcome = body::open(message, &known, limits, work)
            .and_then(|body| interpret(body, scratch, limits, &mut decoded));
        if let Err(message) = outcome {
            decoded.kind = Kind::Undecodable;
            decoded.payload = None;
            decoded.error = Some(DecodeError { message });
        }
        decoded
    }
}

/// The buffers that are filled once the body is open.
struct Scratch<'d> {
    payload: &'d mut String,
    meta: &'d mut String,
    trace: &'d mut String,
}

/// All that is known before the body is opened.
fn from_headers<'d>(message: &Incoming<'d>, known: &KnownHeaders<'d>) -> Decoded<'d> {
    let properties = message.properties;
    let borrowed = |text: Option<&'d str>| text.map(Cow::Borrowed);
    Decoded {
        kind: Kind::Raw,
        topic: Cow::Borrowed(message.routing_key),
        id: borrowed(known.id.or(properties.message_id)),
        payload: None,
        meta: Meta::default(),
        envelope: Envelope {
            protocol: if known.task.is_some() { Protocol::Two } else { Protocol::Raw },
            task: borrowed(known.task),
            root_id: borrowed(known.root_id),
            parent_id: borrowed(known.parent_id),
            retries: known.retries,
            eta: borrowed(known.eta),
            expires: borrowed(known.expires),
            priority: properties.priority,
            origin: borrowed(known.origin),
            content_type: borrowed(properties.content_type),
            content_encoding: borrowed(properties.content_encoding),
            compression: borrowed(known.compression),
            reply_to: borrowed(properties.reply_to),
            correlation_id: borrowed(properties.correlation_id),
            headers: None,
        },
        error: None,
    }
}

/// Fills in what the body says; an error is the sentence for the reader.
fn interpret<'d>(
    body: Body<'d>,
    scratch: Scratch<'d>,
    limits: Limits,
    decoded: &mut Decoded<'d>,
) -> Result<(), String> {
    let not_json = |error| format!("the event in the first argument is not JSON: {error}");
    let json = match body {
        Body::Json(json) => json,
        Body::Dispatch(dispatch) => {
            if let Some(topic) = dispatch.routing_key {
                decoded.topic = topic;
            }
            return event::read(dispatch.event, scratch, limits.max_depth, decoded)
                .map_err(not_json);
        }
    };
    let Some(call) = call::find(json, decoded)? else {
        raw(json, decoded);
        return Ok(());
    };
    if let Some(text) = call::event_text(&call, decoded.envelope.task.as_deref(), limits.max_depth)
    {
        if let Some(topic) = call::routing_key(call.kwargs) {
            decoded.topic = topic;
        }
        return event::read(&text, scratch, limits.max_depth, decoded).map_err(not_json);
    }
    let Call { args, kwargs } = call;
    let payload = scratch.payload;
    for part in ["{\"args\":", args, ",\"kwargs\":", kwargs, "}"] {
        payload.push_str(part);
    }
    decoded.kind = Kind::Task;
    decoded.payload = Some(Cow::Borrowed(payload));
    Ok(())
}

/// A body that is the payload. `tchu` asks for an answer with the two AMQP properties for it.
fn raw<'d>(payload: &'d str, decoded: &mut Decoded<'d>) {
    let has = |text: &Option<Cow<'_, str>>| text.as_ref().is_some_and(|text| !text.is_empty());
    let wants_answer = has(&decoded.envelope.reply_to) && has(&decoded.envelope.correlation_id);
    decoded.kind = if wants_answer { Kind::RpcRequest } else { Kind::Raw };
    decoded.meta.is_rpc = wants_answer;
    decoded.payload = Some(Cow::Borrowed(payload));
}

#[cfg(test)]
mod tests;
