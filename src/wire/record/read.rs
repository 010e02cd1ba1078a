use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

use super::super::Kind;
use super::super::json::{self, JsonError};

/// Why a line is no record.
#[derive(Debug, Error)]
pub enum RecordError {
    #[error("the line is not JSON")]
    Json(#[source] JsonError),
    #[error("the line is not a record: {0}")]
    Shape(String),
    #[error("the record's kind {0:?} is unknown")]
    Kind(String),
    #[error("the record has no {0}")]
    Missing(&'static str),
    #[error("the record's body_base64 is not base64")]
    Base64(#[source] base64::DecodeError),
}

/// One line of a recording.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "almost every line is a message")]
pub enum RecordLine {
    Message(Record),
    /// Between the two instants (ISO 8601) messages may have been missed.
    Gap {
        since: String,
        until: String,
    },
    /// So many messages were discarded unseen.
    Dropped {
        count: u64,
    },
}

/// A recorded message. Parts that the line leaves out have their defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub kind: Kind,
    pub topic: String,
    pub id: Option<String>,
    /// Compact JSON text with the digits it had; `None` only for an undecodable message.
    pub payload: Option<String>,
    pub meta: RecordMeta,
    pub envelope: RecordEnvelope,
    pub delivery: RecordDelivery,
    /// Why the message was undecodable.
    pub error: Option<String>,
    /// The body as received, of an undecodable message.
    pub body: Option<Vec<u8>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordMeta {
    pub is_rpc: bool,
    pub version: Option<String>,
    pub correlation_id: Option<String>,
    /// One JSON object, without its empty form.
    pub trace: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordEnvelope {
    pub protocol: Option<u8>,
    pub task: Option<String>,
    pub root_id: Option<String>,
    pub parent_id: Option<String>,
    pub retries: Option<i64>,
    pub eta: Option<String>,
    pub expires: Option<String>,
    pub priority: Option<u8>,
    pub origin: Option<String>,
    pub content_type: Option<String>,
    pub content_encoding: Option<String>,
    pub compression: Option<String>,
    pub reply_to: Option<String>,
    pub correlation_id: Option<String>,
    /// One JSON object, without its empty form.
    pub headers: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct RecordDelivery {
    pub exchange: String,
    pub routing_key: String,
    pub redelivered: bool,
    /// ISO 8601.
    pub received_at: Option<String>,
    /// Of the body, in bytes.
    pub size: u64,
}

/// A line as it stands there.
#[derive(Deserialize)]
struct Line<'l> {
    kind: String,
    topic: Option<String>,
    id: Option<String>,
    #[serde(borrow)]
    payload: Option<&'l RawValue>,
    #[serde(borrow)]
    meta: Option<LineMeta<'l>>,
    #[serde(borrow)]
    envelope: Option<LineEnvelope<'l>>,
    delivery: Option<RecordDelivery>,
    error: Option<LineError>,
    body_base64: Option<String>,
    since: Option<String>,
    until: Option<String>,
    count: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct LineMeta<'l> {
    is_rpc: bool,
    version: Option<String>,
    correlation_id: Option<String>,
    #[serde(borrow)]
    trace: Option<&'l RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct LineEnvelope<'l> {
    protocol: Option<u8>,
    task: Option<String>,
    root_id: Option<String>,
    parent_id: Option<String>,
    retries: Option<i64>,
    eta: Option<String>,
    expires: Option<String>,
    priority: Option<u8>,
    origin: Option<String>,
    content_type: Option<String>,
    content_encoding: Option<String>,
    compression: Option<String>,
    reply_to: Option<String>,
    correlation_id: Option<String>,
    #[serde(borrow)]
    headers: Option<&'l RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct LineError {
    message: String,
}

impl Record {
    /// Reads the line of one message; see [`RecordLine::parse`] for the other lines.
    ///
    /// # Errors
    /// Those of [`RecordLine::parse`], and [`RecordError::Kind`] for a `gap` or `dropped` line.
    pub fn parse(line: &str) -> Result<Self, RecordError> {
        match RecordLine::parse(line)? {
            RecordLine::Message(record) => Ok(record),
            RecordLine::Gap { .. } => Err(RecordError::Kind("gap".to_owned())),
            RecordLine::Dropped { .. } => Err(RecordError::Kind("dropped".to_owned())),
        }
    }
}

impl RecordLine {
    /// Reads one line. Unknown fields are passed over, missing ones have their defaults.
    ///
    /// # Errors
    /// Where the line is not a JSON object, has no known `kind`, or lacks what its kind needs.
    pub fn parse(line: &str) -> Result<Self, RecordError> {
        let compact = json::compact(line.as_bytes(), json::DEFAULT_MAX_DEPTH + 8)
            .map_err(RecordError::Json)?;
        let line: Line<'_> = serde_json::from_str(&compact)
            .map_err(|error| RecordError::Shape(error.to_string()))?;
        let kind = match line.kind.as_str() {
            "event" => Kind::Event,
            "rpc_request" => Kind::RpcRequest,
            "task" => Kind::Task,
            "raw" => Kind::Raw,
            "undecodable" => Kind::Undecodable,
            "gap" => {
                let since = line.since.ok_or(RecordError::Missing("since"))?;
                let until = line.until.ok_or(RecordError::Missing("until"))?;
                return Ok(Self::Gap { since, until });
            }
            "dropped" => {
                let count = line.count.ok_or(RecordError::Missing("count"))?;
                return Ok(Self::Dropped { count });
            }
            _ => return Err(RecordError::Kind(line.kind)),
        };
        // To serde a payload of null is no payload.
        let has_payload = json::members(&compact).any(|member| member.is("payload"));
        if !has_payload && kind != Kind::Undecodable {
            return Err(RecordError::Missing("payload"));
        }
        line.into_record(kind).map(Self::Message)
    }
}

impl Line<'_> {
    fn into_record(self, kind: Kind) -> Result<Record, RecordError> {
        let delivery = self.delivery.unwrap_or_default();
        let topic = match self.topic {
            Some(topic) => topic,
            None if !delivery.routing_key.is_empty() => delivery.routing_key.clone(),
            None => return Err(RecordError::Missing("topic")),
        };
        let payload = match (kind, self.payload) {
            (Kind::Undecodable, _) => None,
            (Kind::Event | Kind::RpcRequest | Kind::Task | Kind::Raw, Some(payload)) => {
                Some(payload.get().to_owned())
            }
            (Kind::Event | Kind::RpcRequest | Kind::Task | Kind::Raw, None) => {
                Some("null".to_owned())
            }
        };
        let body = match self.body_base64 {
            Some(text) => Some(STANDARD.decode(text).map_err(RecordError::Base64)?),
            None => None,
        };
        Ok(Record {
            kind,
            topic,
            id: self.id,
            payload,
            meta: self.meta.unwrap_or_default().into(),
            envelope: self.envelope.unwrap_or_default().into(),
            delivery,
            error: self.error.map(|error| error.message),
            body,
        })
    }
}

/// The text of an object that holds something.
fn filled(object: Option<&RawValue>) -> Option<String> {
    let text = object?.get();
    (text != "{}" && text.starts_with('{')).then(|| text.to_owned())
}

impl From<LineMeta<'_>> for RecordMeta {
    fn from(line: LineMeta<'_>) -> Self {
        let LineMeta { is_rpc, version, correlation_id, trace } = line;
        Self { is_rpc, version, correlation_id, trace: filled(trace) }
    }
}

impl From<LineEnvelope<'_>> for RecordEnvelope {
    fn from(line: LineEnvelope<'_>) -> Self {
        Self {
            protocol: line.protocol,
            task: line.task,
            root_id: line.root_id,
            parent_id: line.parent_id,
            retries: line.retries,
            eta: line.eta,
            expires: line.expires,
            priority: line.priority,
            origin: line.origin,
            content_type: line.content_type,
            content_encoding: line.content_encoding,
            compression: line.compression,
            reply_to: line.reply_to,
            correlation_id: line.correlation_id,
            headers: filled(line.headers),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(line: &str) -> String {
        let error = RecordLine::parse(line).unwrap_err();
        match std::error::Error::source(&error) {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        }
    }

    #[test]
    fn a_line_with_little_in_it_and_much_that_is_new_is_read() {
        let line = r#"{"future": {"a": [1]}, "kind": "event", "topic": "a.b", "payload": {"n": 1e-7,
            "big": 123456789012345678901234567890}, "meta": {"version": "v1", "new": 1}}"#;
        let record = Record::parse(line).unwrap();
        assert_eq!(
            record,
            Record {
                kind: Kind::Event,
                topic: "a.b".to_owned(),
                id: None,
                payload: Some(r#"{"n":1e-7,"big":123456789012345678901234567890}"#.to_owned()),
                meta: RecordMeta { version: Some("v1".to_owned()), ..RecordMeta::default() },
                envelope: RecordEnvelope::default(),
                delivery: RecordDelivery::default(),
                error: None,
                body: None,
            }
        );
    }

    #[test]
    fn gaps_and_drops_are_lines_too() {
        assert_eq!(
            RecordLine::parse(r#"{"kind":"gap","since":"a","until":"b"}"#).unwrap(),
            RecordLine::Gap { since: "a".to_owned(), until: "b".to_owned() }
        );
        assert_eq!(
            RecordLine::parse(r#"{"kind":"dropped","count":3}"#).unwrap(),
            RecordLine::Dropped { count: 3 }
        );
        let error = Record::parse(r#"{"kind":"dropped","count":3}"#).unwrap_err();
        assert_eq!(error.to_string(), "the record's kind \"dropped\" is unknown");
    }

    #[test]
    fn an_undecodable_message_keeps_its_bytes() {
        let line = r#"{"kind":"undecodable","topic":"t","payload":null,
            "error":{"message":"no"},"body_base64":"/wA="}"#;
        let record = Record::parse(line).unwrap();
        assert_eq!(record.error.as_deref(), Some("no"));
        assert_eq!(record.body.as_deref(), Some(&[0xff, 0][..]));
        assert_eq!(record.payload, None);
    }

    #[test]
    fn a_payload_of_null_is_a_payload_and_deep_ones_are_read() {
        let null = r#"{"kind":"raw","topic":"t","payload":null}"#;
        assert_eq!(Record::parse(null).unwrap().payload.as_deref(), Some("null"));
        let deep = format!("{}{}", "[".repeat(512), "]".repeat(512));
        let line = format!(r#"{{"kind":"raw","topic":"t","payload":{deep}}}"#);
        assert_eq!(Record::parse(&line).unwrap().payload, Some(deep));
    }

    #[test]
    fn lines_that_are_no_records_say_why() {
        let mut report = String::new();
        for line in [
            "",
            "{\"kind\":\"event\"",
            "[1]",
            "{}",
            r#"{"user_id": 1}"#,
            r#"{"kind":"event","topic":"t"}"#,
            r#"{"kind":"event","payload":{}}"#,
            r#"{"kind":"party","topic":"t","payload":{}}"#,
            r#"{"kind":"gap","since":"x"}"#,
            r#"{"kind":"dropped"}"#,
            r#"{"kind":"event","topic":5,"payload":{}}"#,
            r#"{"kind":"undecodable","topic":"t","body_base64":"?"}"#,
        ] {
            report.push_str(&format!("{line}\n    {}\n", error(line)));
        }
        insta::assert_snapshot!(report);
    }
}
