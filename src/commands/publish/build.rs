//! From a line of input, or the one payload, to the message that is sent.

use std::time::Duration;

use clap::ValueEnum;
use jiff::Timestamp;
use serde_json::Value;
use thiserror::Error;

use super::lines::Line;
use crate::commands::event_args::EventArgs;
use crate::commands::payload::MAX_PAYLOAD_BYTES;
use crate::commands::sender;
use crate::event::{SchemaVersion, Topic};
use crate::wire::encode::{EncodeError, NewEnvelope, NewEvent, Resend};
use crate::wire::json::{self, JsonError};
use crate::wire::record::{Record, RecordError, RecordLine};
use crate::wire::{Outgoing, Protocol};

/// `--input`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum InputMode {
    /// Lines that look like records of `tail -o jsonl` are records, all others payloads
    #[default]
    Auto,
    /// Every line is a payload
    Payload,
    /// Every line is a record of `tail -o jsonl` or `tail --record`
    Record,
}

/// Everything about the events to come but their payloads.
#[derive(Debug, Clone)]
pub struct EventTemplate {
    /// Records keep their own topic where there is none.
    pub topic: Option<Topic>,
    pub event: EventArgs,
    pub priority: Option<u8>,
    pub expires: Option<Duration>,
    pub countdown: Option<Duration>,
    pub protocol: Option<Protocol>,
    pub input: InputMode,
    pub origin: String,
}

/// What a line stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum Built {
    Event(NewMessage),
    /// A `gap` or `dropped` line of a recording: nothing to publish.
    Remark,
}

/// A message and what it is known by.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMessage {
    pub id: String,
    pub message: Outgoing,
}

impl NewMessage {
    pub fn topic(&self) -> &str {
        &self.message.routing_key
    }
}

/// Why a line is not published.
#[derive(Debug, Error)]
pub enum LineError {
    #[error("the line is longer than {} MiB", MAX_PAYLOAD_BYTES / 1024 / 1024)]
    TooLong,
    #[error("the line is not UTF-8")]
    NotUtf8,
    #[error("the line is not JSON: {0}")]
    NotJson(JsonError),
    #[error("the line is {0}, but an event is a JSON object")]
    NotAnObject(&'static str),
    #[error("the line is not a record, and there is no TOPIC to publish it under")]
    NoTopic,
    #[error("{0}")]
    Record(RecordError),
    #[error("{0}")]
    Encode(EncodeError),
}

impl From<EncodeError> for LineError {
    fn from(error: EncodeError) -> Self {
        match error {
            EncodeError::NotJson { part: "payload", source } => Self::NotJson(source),
            EncodeError::WrongKind { part: "payload", found, .. } => Self::NotAnObject(found),
            other => Self::Encode(other),
        }
    }
}

impl EventTemplate {
    /// The message for one line of a batch.
    pub fn build_line(&self, line: Line<'_>) -> Result<Built, LineError> {
        match line {
            Line::Text(text) => self.build(text),
            Line::TooLong => Err(LineError::TooLong),
        }
    }

    /// The message for one line's text.
    pub fn build(&self, line: &[u8]) -> Result<Built, LineError> {
        let text = str::from_utf8(line).map_err(|_| LineError::NotUtf8)?;
        let is_record = match self.input {
            InputMode::Payload => false,
            InputMode::Record => true,
            InputMode::Auto => looks_like_record(text),
        };
        if is_record {
            return match RecordLine::parse(text).map_err(LineError::Record)? {
                RecordLine::Message(record) => self.resend(record).map(Built::Event),
                RecordLine::Gap { .. } | RecordLine::Dropped { .. } => Ok(Built::Remark),
            };
        }
        self.event(text).map(Built::Event)
    }

    /// The message for one payload, the text of a JSON object.
    pub fn event(&self, payload: &str) -> Result<NewMessage, LineError> {
        let topic = self.topic.as_ref().ok_or(LineError::NoTopic)?;
        let id = sender::new_id();
        let times = Times::of(self);
        let headers = self.event.header_pairs();
        let envelope = NewEnvelope {
            task: self.event.task(),
            priority: self.priority,
            eta: times.eta.as_deref(),
            expires: times.expires.as_deref(),
            expiration_ms: times.expiration_ms,
            headers: &headers,
            protocol: self.protocol.unwrap_or(Protocol::Two),
            ..NewEnvelope::new(&id, &self.origin)
        };
        let event = NewEvent {
            version: self.event.version.as_ref().map(SchemaVersion::as_str),
            correlation_id: self.event.correlation_id.as_deref(),
            ..NewEvent::new(topic.as_str(), payload, envelope)
        };
        let message = event.encode()?;
        Ok(NewMessage { id, message })
    }

    /// A recorded message under a new id; what flags say goes before what was recorded.
    fn resend(&self, mut record: Record) -> Result<NewMessage, LineError> {
        if let Some(version) = &self.event.version {
            record.meta.version = Some(version.to_string());
        }
        if let Some(correlation_id) = &self.event.correlation_id {
            record.meta.correlation_id = Some(correlation_id.clone());
        }
        if let Some(task) = &self.event.task {
            record.envelope.task = Some(task.clone());
        }
        record.envelope.priority = self.priority.or(record.envelope.priority);
        if let Some(protocol) = self.protocol {
            record.envelope.protocol = Some(protocol.number());
        }
        let id = sender::new_id();
        let topic = self.topic.as_ref().map(Topic::as_str);
        let origin = Some(self.origin.as_str());
        let mut message = Resend { topic, origin, ..Resend::new(&record, &id) }.encode()?;
        for (name, value) in self.event.header_pairs() {
            set_header(&mut message, &name, value);
        }
        Times::of(self).put_into(&mut message);
        Ok(NewMessage { id, message })
    }
}

/// `--countdown` and `--expires` counted from now, as Celery does.
#[derive(Default)]
struct Times {
    eta: Option<String>,
    expires: Option<String>,
    expiration_ms: Option<u64>,
}

impl Times {
    fn of(template: &EventTemplate) -> Self {
        if template.countdown.is_none() && template.expires.is_none() {
            return Self::default();
        }
        let now = Timestamp::now();
        Self {
            eta: template.countdown.map(|wait| sender::instant(now, wait)),
            expires: template.expires.map(|life| sender::instant(now, life)),
            expiration_ms: template
                .expires
                .map(|life| u64::try_from(life.as_millis()).unwrap_or(u64::MAX)),
        }
    }

    fn put_into(self, message: &mut Outgoing) {
        if let Some(eta) = self.eta {
            set_header(message, "eta", Value::String(eta));
        }
        if let Some(expires) = self.expires {
            set_header(message, "expires", Value::String(expires));
        }
        if let Some(milliseconds) = self.expiration_ms {
            message.properties.expiration = Some(milliseconds.to_string());
        }
    }
}

fn set_header(message: &mut Outgoing, name: &str, value: Value) {
    match message.headers.iter_mut().find(|(known, _)| known == name) {
        Some((_, known)) => *known = value,
        None => message.headers.push((name.to_owned(), value)),
    }
}

/// Whether a line is what `tail -o jsonl` writes: a known `kind` with the parts that go with it.
pub fn looks_like_record(text: &str) -> bool {
    // A quick no for nearly every payload; the rest of the work is for the few others.
    if !text.contains("\"kind\"") {
        return false;
    }
    let Ok(compact) = json::compact(text.as_bytes(), json::DEFAULT_MAX_DEPTH) else {
        return false;
    };
    let has = |name: &str| json::members(&compact).any(|member| member.is(name));
    let kind = json::members(&compact)
        .find(|member| member.is("kind"))
        .and_then(|member| json::string_value(member.value));
    match kind.as_deref() {
        Some("event" | "rpc_request" | "task" | "raw") => has("payload") && has("delivery"),
        Some("undecodable") => has("body_base64") && has("delivery"),
        Some("gap") => has("since") && has("until"),
        Some("dropped") => has("count"),
        Some(_) | None => false,
    }
}
