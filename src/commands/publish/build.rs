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
use crate::commands::validation::Claim;
use crate::event::{DEFAULT_TASK, SchemaVersion, Topic};
use crate::schema::SchemaPart;
use crate::wire::encode::{EncodeError, NewEnvelope, NewEvent, Resend};
use crate::wire::json::{self, JsonError};
use crate::wire::record::{Record, RecordError, RecordLine};
use crate::wire::{Kind, Outgoing, Protocol};

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

/// A message and what it is known by.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMessage {
    pub id: String,
    pub reach: Reach,
    pub message: Outgoing,
    pub content: Content,
}

/// What of a message a schema speaks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    pub version: Option<String>,
    /// JSON text; none for a task, whose arguments are no event.
    pub payload: Option<String>,
}

/// Which handlers take a message, by its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Versioned,
    /// celery-salt hands a message without a version only to handlers subscribed to `latest`.
    OnlyLatest,
}

impl Reach {
    fn of(version: Option<&str>, task: &str) -> Self {
        if version.is_none() && task == DEFAULT_TASK { Self::OnlyLatest } else { Self::Versioned }
    }
}

impl NewMessage {
    pub fn topic(&self) -> &str {
        &self.message.routing_key
    }

    /// What is to be checked before it is sent.
    pub fn claim(&self) -> Option<Claim<'_>> {
        let payload = self.content.payload.as_deref()?;
        let (topic, version) = (self.topic(), self.content.version.as_deref());
        Some(Claim { topic, version, part: SchemaPart::Request, payload })
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
    /// The message for one line of a batch. `None` where nothing is to be published: a `gap` or
    /// `dropped` line of a recording.
    pub fn build_line(&self, line: Line<'_>) -> Result<Option<NewMessage>, LineError> {
        match line {
            Line::Text(text) => self.build(text),
            Line::TooLong => Err(LineError::TooLong),
        }
    }

    /// The message for one line's text, as [`Self::build_line`].
    pub fn build(&self, line: &[u8]) -> Result<Option<NewMessage>, LineError> {
        let text = str::from_utf8(line).map_err(|_| LineError::NotUtf8)?;
        let is_record = match self.input {
            InputMode::Payload => false,
            InputMode::Record => true,
            InputMode::Auto => looks_like_record(text),
        };
        if is_record {
            return match RecordLine::parse(text).map_err(LineError::Record)? {
                RecordLine::Message(record) => self.resend(record).map(Some),
                RecordLine::Gap { .. } | RecordLine::Dropped { .. } => Ok(None),
            };
        }
        self.event(text).map(Some)
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
            meta: self.event.meta_mode(),
            ..NewEvent::new(topic.as_str(), payload, envelope)
        };
        let reach = Reach::of(event.version, self.event.task());
        let content = Content {
            version: event.version.map(str::to_owned),
            payload: Some(payload.to_owned()),
        };
        let message = event.encode()?;
        Ok(NewMessage { id, reach, message, content })
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
        let task = record.envelope.task.as_deref().unwrap_or(DEFAULT_TASK);
        let reach = Reach::of(record.meta.version.as_deref(), task);
        let payload = match record.kind {
            Kind::Event | Kind::RpcRequest | Kind::Raw => record.payload,
            Kind::Task | Kind::Undecodable => None,
        };
        let content = Content { version: record.meta.version, payload };
        Ok(NewMessage { id, reach, message, content })
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::commands::event_args::HeaderArg;

    fn template(topic: Option<&str>) -> EventTemplate {
        EventTemplate {
            topic: topic.map(|topic| topic.parse().unwrap()),
            event: EventArgs::default(),
            priority: None,
            expires: None,
            countdown: None,
            protocol: None,
            input: InputMode::Auto,
            origin: "gen1@host".into(),
        }
    }

    fn message(template: &EventTemplate, line: &str) -> Outgoing {
        match template.build(line.as_bytes()) {
            Ok(Some(new)) => new.message,
            other => panic!("{other:?}"),
        }
    }

    /// The topic and the body without the id, or why there is none.
    fn shown(template: &EventTemplate, line: &str) -> String {
        match template.build(line.as_bytes()) {
            Ok(Some(new)) => {
                let body = String::from_utf8(new.message.body).unwrap();
                format!("{}: {}", new.message.routing_key, body.replace(&new.id, "ID"))
            }
            Ok(None) => "remark".to_owned(),
            Err(error) => format!("error: {error}"),
        }
    }

    const RECORD: &str = r#"{"kind":"event","topic":"user.created","id":"old","payload":{"n":1.50},"meta":{"is_rpc":false,"version":"v1","correlation_id":"c","trace":{}},"envelope":{"protocol":2,"task":"celery_salt.dispatch_event","root_id":"old","priority":5,"origin":"gen9@far","headers":{"x-tenant":"acme"}},"delivery":{"exchange":"tchu_events","routing_key":"user.created","redelivered":false,"received_at":"2026-01-02T03:04:05.678Z","size":1},"schema":{"status":"unchecked","version":null,"errors":[]}}"#;

    #[test]
    fn a_line_is_a_payload_or_a_record() {
        let with_topic = template(Some("user.renamed"));
        let without_topic = template(None);
        let lines = [
            r#"{"n": 1.50}"#,
            r#"{"kind": "event", "n": 1}"#,
            RECORD,
            r#"{"kind":"gap","since":"a","until":"b"}"#,
            r#"{"kind":"dropped","count":3}"#,
            r#"{"kind":"undecodable","topic":"t","body_base64":"AA==","error":{"message":"m"},"delivery":{}}"#,
            "[1]",
            "{oops",
        ];
        let mut all = String::new();
        for line in lines {
            all += &format!("{}\n  {}\n", shown(&with_topic, line), shown(&without_topic, line));
        }
        insta::assert_snapshot!(all);
    }

    #[test]
    fn the_input_mode_decides_what_a_line_is() {
        let payloads = EventTemplate { input: InputMode::Payload, ..template(Some("t")) };
        assert!(shown(&payloads, RECORD).starts_with(r#"t: [["{\"kind\": \"event\""#));
        let records = EventTemplate { input: InputMode::Record, ..template(Some("t")) };
        insta::assert_snapshot!(shown(&records, r#"{"n": 1}"#), @r#"error: the line is not a record: missing field `kind` at line 1 column 7"#);
    }

    #[test]
    fn flags_go_before_what_was_recorded() {
        let recorded = message(&template(None), RECORD);
        assert_eq!(recorded.properties.priority, Some(5));
        let header = |message: &Outgoing, name: &str| {
            message.headers.iter().find(|(known, _)| known == name).map(|(_, v)| v.clone())
        };
        assert_eq!(header(&recorded, "x-tenant"), Some("acme".into()));
        assert_eq!(header(&recorded, "origin"), Some("gen1@host".into()));
        let flags = EventTemplate {
            event: EventArgs {
                version: Some("v2".parse().unwrap()),
                task: Some("other.dispatch".into()),
                headers: vec!["x-tenant=initech".parse::<HeaderArg>().unwrap()],
                ..EventArgs::default()
            },
            priority: Some(9),
            expires: Some(Duration::from_secs(30)),
            countdown: Some(Duration::from_secs(5)),
            ..template(Some("user.copied"))
        };
        let changed = message(&flags, RECORD);
        assert_eq!(changed.routing_key, "user.copied");
        assert_eq!(changed.properties.priority, Some(9));
        assert_eq!(changed.properties.expiration.as_deref(), Some("30000"));
        assert_eq!(header(&changed, "x-tenant"), Some("initech".into()));
        assert_eq!(header(&changed, "task"), Some("other.dispatch".into()));
        assert!(header(&changed, "eta").is_some_and(|eta| eta.is_string()));
        assert!(header(&changed, "expires").is_some_and(|expires| expires.is_string()));
        assert!(String::from_utf8(changed.body).unwrap().contains(r#"\"version\": \"v2\""#));
    }

    #[test]
    fn only_a_salt_event_without_version_is_for_latest_handlers_alone() {
        let reach = |version: Option<&str>, task: Option<&str>| {
            let event = EventArgs {
                version: version.map(|version| version.parse().unwrap()),
                task: task.map(str::to_owned),
                ..EventArgs::default()
            };
            EventTemplate { event, ..template(Some("t")) }.event("{}").unwrap().reach
        };
        assert_eq!(reach(None, None), Reach::OnlyLatest);
        assert_eq!(reach(Some("v1"), None), Reach::Versioned);
        assert_eq!(reach(None, Some("tchu_tchu.dispatch_event")), Reach::Versioned);
    }

    proptest! {
        #[test]
        fn any_line_is_a_message_or_an_error(line: Vec<u8>) {
            let _ = template(Some("t")).build(&line);
        }

        #[test]
        fn odd_records_are_a_message_or_an_error(
            kind in "event|rpc_request|task|raw|undecodable|gap|dropped|odd",
            rest in "(,\"(payload|delivery|topic|since|until|count|body_base64|envelope|meta)\":(1|null|\"x\"|\\{\\}|\\[\\])){0,5}",
        ) {
            let line = format!("{{\"kind\":\"{kind}\"{rest}}}");
            let _ = template(None).build(line.as_bytes());
            let _ = template(Some("t")).build(line.as_bytes());
        }
    }
}
