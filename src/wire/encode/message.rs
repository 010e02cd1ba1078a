//! What can be sent, and the properties and headers around it.

use serde_json::{Value, json};

use super::super::json::push_quoted;
use super::super::{Outgoing, OutgoingProperties, Protocol};
use super::body::{event_text, task_body};
use super::error::EncodeError;
use super::python_json::{Wanted, checked};
use super::python_repr::saferepr;
use crate::event::DEFAULT_TASK;

/// The Celery envelope of a message to be sent.
#[derive(Debug, Clone, Copy)]
pub struct NewEnvelope<'a> {
    pub task: &'a str,
    pub id: &'a str,
    /// The id itself where there is none.
    pub root_id: Option<&'a str>,
    pub parent_id: Option<&'a str>,
    pub retries: i64,
    /// A Celery client writes `gen<process id>@<host name>`.
    pub origin: &'a str,
    /// kombu writes 0 where there is none.
    pub priority: Option<u8>,
    /// ISO 8601.
    pub eta: Option<&'a str>,
    /// ISO 8601; goes with `expiration_ms`.
    pub expires: Option<&'a str>,
    /// After this many milliseconds the broker drops the message.
    pub expiration_ms: Option<u64>,
    pub reply_to: Option<&'a str>,
    /// Headers that are not Celery's. One with the name of a Celery header replaces it.
    pub headers: &'a [(String, Value)],
    /// [`Protocol::Two`] is what a Celery app sends, [`Protocol::One`] what celery-salt publishes
    /// through kombu when it has no app.
    pub protocol: Protocol,
}

impl<'a> NewEnvelope<'a> {
    /// The envelope of a plain publish: the library's dispatcher, protocol 2, nothing optional.
    pub fn new(id: &'a str, origin: &'a str) -> Self {
        Self {
            task: DEFAULT_TASK,
            id,
            root_id: None,
            parent_id: None,
            retries: 0,
            origin,
            priority: None,
            eta: None,
            expires: None,
            expiration_ms: None,
            reply_to: None,
            headers: &[],
            protocol: Protocol::Two,
        }
    }
}

/// Whether an event carries `_tchu_meta`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MetaMode {
    /// As celery-salt does.
    #[default]
    Attached,
    /// As tchu-tchu 2.4 does; its consumers take such a message for a direct call.
    Omitted,
}

/// An event or RPC request to be sent.
#[derive(Debug, Clone, Copy)]
pub struct NewEvent<'a> {
    pub topic: &'a str,
    /// The text of a JSON object. A `_tchu_meta` in it is replaced.
    pub payload: &'a str,
    pub is_rpc: bool,
    pub version: Option<&'a str>,
    pub correlation_id: Option<&'a str>,
    /// The text of a JSON object: W3C trace context.
    pub trace: Option<&'a str>,
    pub meta: MetaMode,
    pub envelope: NewEnvelope<'a>,
}

impl<'a> NewEvent<'a> {
    /// A broadcast event without version.
    pub fn new(topic: &'a str, payload: &'a str, envelope: NewEnvelope<'a>) -> Self {
        Self {
            topic,
            payload,
            is_rpc: false,
            version: None,
            correlation_id: None,
            trace: None,
            meta: MetaMode::Attached,
            envelope,
        }
    }

    /// The message that celery-salt would publish.
    ///
    /// # Errors
    /// Where payload or trace are no JSON objects, or for [`Protocol::Raw`].
    pub fn encode(&self) -> Result<Outgoing, EncodeError> {
        let mut args = String::from("[");
        push_quoted(&mut args, &event_text(self)?);
        args.push(']');
        let mut kwargs = String::from("{\"routing_key\":");
        push_quoted(&mut kwargs, self.topic);
        kwargs.push('}');
        outgoing(self.topic, &self.envelope, (&args, &kwargs))
    }
}

/// A plain Celery task to be sent.
#[derive(Debug, Clone, Copy)]
pub struct NewTask<'a> {
    pub routing_key: &'a str,
    /// The text of a JSON list.
    pub args: &'a str,
    /// The text of a JSON object.
    pub kwargs: &'a str,
    pub envelope: NewEnvelope<'a>,
}

impl NewTask<'_> {
    /// The message that `send_task` would publish.
    ///
    /// # Errors
    /// Where the arguments are not JSON of their kind, or for [`Protocol::Raw`].
    pub fn encode(&self) -> Result<Outgoing, EncodeError> {
        let args = checked(self.args, "args", Wanted::List)?;
        let kwargs = checked(self.kwargs, "kwargs", Wanted::Object)?;
        outgoing(self.routing_key, &self.envelope, (&args, &kwargs))
    }
}

/// A message without a Celery envelope: the body is the payload.
#[derive(Debug, Clone, Copy)]
pub struct NewRaw<'a> {
    pub routing_key: &'a str,
    /// Any JSON text.
    pub payload: &'a str,
    pub message_id: Option<&'a str>,
    pub correlation_id: Option<&'a str>,
    pub reply_to: Option<&'a str>,
    pub priority: Option<u8>,
    pub headers: &'a [(String, Value)],
}

impl NewRaw<'_> {
    /// # Errors
    /// Where the payload is not JSON.
    pub fn encode(&self) -> Result<Outgoing, EncodeError> {
        let body = checked(self.payload, "payload", Wanted::Anything)?;
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Ok(Outgoing {
            routing_key: self.routing_key.to_owned(),
            properties: OutgoingProperties {
                correlation_id: owned(self.correlation_id),
                reply_to: owned(self.reply_to),
                message_id: owned(self.message_id),
                ..json_properties(self.priority)
            },
            headers: self.headers.to_vec(),
            body: body.into_bytes(),
        })
    }
}

/// What kombu writes for every message of the JSON serialiser.
fn json_properties(priority: Option<u8>) -> OutgoingProperties {
    OutgoingProperties {
        content_type: Some("application/json".to_owned()),
        content_encoding: Some("utf-8".to_owned()),
        delivery_mode: Some(2),
        priority: Some(priority.unwrap_or(0)),
        ..OutgoingProperties::default()
    }
}

fn outgoing(
    routing_key: &str,
    envelope: &NewEnvelope<'_>,
    (args, kwargs): (&str, &str),
) -> Result<Outgoing, EncodeError> {
    let body = task_body(envelope, args, kwargs)?;
    let is_protocol2 = envelope.protocol == Protocol::Two;
    let mut headers = Vec::new();
    if is_protocol2 {
        headers = celery_headers(envelope, args, kwargs);
    }
    for (name, value) in envelope.headers {
        match headers.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value.clone(),
            None => headers.push((name.clone(), value.clone())),
        }
    }
    Ok(Outgoing {
        routing_key: routing_key.to_owned(),
        properties: OutgoingProperties {
            correlation_id: is_protocol2.then(|| envelope.id.to_owned()),
            reply_to: envelope.reply_to.map(str::to_owned),
            expiration: envelope.expiration_ms.map(|milliseconds| milliseconds.to_string()),
            ..json_properties(envelope.priority)
        },
        headers,
        body: body.into_bytes(),
    })
}

/// `celery.app.amqp.AMQP.as_task_v2`, in its order.
fn celery_headers(envelope: &NewEnvelope<'_>, args: &str, kwargs: &str) -> Vec<(String, Value)> {
    // Celery puts a tuple in the place of no arguments.
    let argsrepr = if args == "[]" { "()".to_owned() } else { saferepr(args) };
    [
        ("lang", json!("py")),
        ("task", json!(envelope.task)),
        ("id", json!(envelope.id)),
        ("shadow", Value::Null),
        ("eta", json!(envelope.eta)),
        ("expires", json!(envelope.expires)),
        ("group", Value::Null),
        ("group_index", Value::Null),
        ("retries", json!(envelope.retries)),
        ("timelimit", json!([null, null])),
        ("root_id", json!(envelope.root_id.unwrap_or(envelope.id))),
        ("parent_id", json!(envelope.parent_id)),
        ("argsrepr", json!(argsrepr)),
        ("kwargsrepr", json!(saferepr(kwargs))),
        ("origin", json!(envelope.origin)),
        ("ignore_result", Value::Null),
        ("replaced_task_nesting", json!(0)),
        ("stamped_headers", Value::Null),
        ("stamps", json!({})),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}
