use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::super::json::push_quoted;
use super::super::{Decoded, Incoming, Kind, Meta};

/// What a registry says about a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SchemaOutcome {
    /// Nobody asked.
    #[default]
    Unchecked,
    /// No schema is registered for the topic.
    Unknown,
    Valid,
    Invalid,
}

impl SchemaOutcome {
    /// The word in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unchecked => "unchecked",
            Self::Unknown => "unknown",
            Self::Valid => "valid",
            Self::Invalid => "invalid",
        }
    }
}

/// The `schema` part of a record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SchemaStatus {
    pub status: SchemaOutcome,
    /// The version that was checked against.
    pub version: Option<String>,
    pub errors: Vec<SchemaViolation>,
}

/// One place where a payload does not fit its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaViolation {
    /// Where in the payload, as `items[0].qty`; empty for the payload itself.
    pub path: String,
    pub message: String,
}

/// What a record says about a message beyond the message itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation<'a> {
    /// ISO 8601.
    pub received_at: &'a str,
    pub schema: &'a SchemaStatus,
}

/// Appends the record of one message, line end included.
pub fn write_message(
    out: &mut Vec<u8>,
    decoded: &Decoded<'_>,
    message: &Incoming<'_>,
    observation: &Observation<'_>,
) {
    literal(out, "{\"kind\":\"");
    literal(out, kind_name(decoded.kind));
    literal(out, "\",\"topic\":");
    push_quoted(out, &decoded.topic);
    literal(out, ",\"id\":");
    optional(out, decoded.id.as_deref());
    literal(out, ",\"payload\":");
    literal(out, decoded.payload.as_deref().unwrap_or("null"));
    write_meta(out, &decoded.meta);
    write_envelope(out, decoded);
    write_delivery(out, message, observation.received_at);
    write_schema(out, observation.schema);
    if let Some(error) = &decoded.error {
        literal(out, ",\"error\":{\"message\":");
        push_quoted(out, &error.message);
        literal(out, "},\"body_base64\":\"");
        literal(out, &STANDARD.encode(message.body));
        literal(out, "\"");
    }
    literal(out, "}\n");
}

/// Appends a `gap` record: between the two instants (ISO 8601) messages may have been missed.
pub fn write_gap(out: &mut Vec<u8>, since: &str, until: &str) {
    literal(out, "{\"kind\":\"gap\",\"since\":");
    push_quoted(out, since);
    literal(out, ",\"until\":");
    push_quoted(out, until);
    literal(out, "}\n");
}

/// Appends a `dropped` record: so many messages were discarded unseen.
pub fn write_dropped(out: &mut Vec<u8>, count: u64) {
    literal(out, "{\"kind\":\"dropped\",\"count\":");
    integer(out, count);
    literal(out, "}\n");
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Event => "event",
        Kind::RpcRequest => "rpc_request",
        Kind::Task => "task",
        Kind::Raw => "raw",
        Kind::Undecodable => "undecodable",
    }
}

fn write_meta(out: &mut Vec<u8>, meta: &Meta<'_>) {
    literal(out, ",\"meta\":{\"is_rpc\":");
    literal(out, if meta.is_rpc { "true" } else { "false" });
    literal(out, ",\"version\":");
    optional(out, meta.version.as_deref());
    literal(out, ",\"correlation_id\":");
    optional(out, meta.correlation_id.as_deref());
    literal(out, ",\"trace\":");
    literal(out, meta.trace.as_deref().unwrap_or("{}"));
    literal(out, "}");
}

fn write_envelope(out: &mut Vec<u8>, decoded: &Decoded<'_>) {
    let envelope = &decoded.envelope;
    literal(out, ",\"envelope\":{\"protocol\":");
    integer(out, envelope.protocol.number());
    literal(out, ",\"task\":");
    optional(out, envelope.task.as_deref());
    literal(out, ",\"root_id\":");
    optional(out, envelope.root_id.as_deref());
    literal(out, ",\"parent_id\":");
    optional(out, envelope.parent_id.as_deref());
    literal(out, ",\"retries\":");
    optional_integer(out, envelope.retries);
    literal(out, ",\"eta\":");
    optional(out, envelope.eta.as_deref());
    literal(out, ",\"expires\":");
    optional(out, envelope.expires.as_deref());
    literal(out, ",\"priority\":");
    optional_integer(out, envelope.priority);
    literal(out, ",\"origin\":");
    optional(out, envelope.origin.as_deref());
    literal(out, ",\"content_type\":");
    optional(out, envelope.content_type.as_deref());
    literal(out, ",\"content_encoding\":");
    optional(out, envelope.content_encoding.as_deref());
    literal(out, ",\"compression\":");
    optional(out, envelope.compression.as_deref());
    literal(out, ",\"reply_to\":");
    optional(out, envelope.reply_to.as_deref());
    literal(out, ",\"correlation_id\":");
    optional(out, envelope.correlation_id.as_deref());
    literal(out, ",\"headers\":");
    literal(out, envelope.headers.as_deref().unwrap_or("{}"));
    literal(out, "}");
}

fn write_delivery(out: &mut Vec<u8>, message: &Incoming<'_>, received_at: &str) {
    literal(out, ",\"delivery\":{\"exchange\":");
    push_quoted(out, message.exchange);
    literal(out, ",\"routing_key\":");
    push_quoted(out, message.routing_key);
    literal(out, ",\"redelivered\":");
    literal(out, if message.redelivered { "true" } else { "false" });
    literal(out, ",\"received_at\":");
    push_quoted(out, received_at);
    literal(out, ",\"size\":");
    integer(out, message.body.len());
    literal(out, "}");
}

fn write_schema(out: &mut Vec<u8>, schema: &SchemaStatus) {
    literal(out, ",\"schema\":{\"status\":\"");
    literal(out, schema.status.name());
    literal(out, "\",\"version\":");
    optional(out, schema.version.as_deref());
    literal(out, ",\"errors\":[");
    for (position, violation) in schema.errors.iter().enumerate() {
        literal(out, if position > 0 { ",{\"path\":" } else { "{\"path\":" });
        push_quoted(out, &violation.path);
        literal(out, ",\"message\":");
        push_quoted(out, &violation.message);
        literal(out, "}");
    }
    literal(out, "]}");
}

fn literal(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

fn optional(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => push_quoted(out, text),
        None => literal(out, "null"),
    }
}

fn optional_integer(out: &mut Vec<u8>, number: Option<impl std::fmt::Display>) {
    match number {
        Some(number) => integer(out, number),
        None => literal(out, "null"),
    }
}

fn integer(out: &mut Vec<u8>, number: impl std::fmt::Display) {
    // Writing to a Vec cannot fail.
    let _ = write!(out, "{number}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{DecodeError, Envelope, NoHeaders, Properties};
    use std::borrow::Cow;

    #[test]
    fn the_record_has_the_shape_of_the_manual() {
        let message = Incoming {
            exchange: "tchu_events",
            routing_key: "user.\u{1b}[2J",
            redelivered: true,
            properties: Properties::default(),
            headers: &NoHeaders,
            body: b"\xff\x00",
        };
        let decoded = Decoded {
            kind: Kind::Undecodable,
            topic: Cow::Borrowed("user.\u{1b}[2J"),
            id: None,
            payload: None,
            meta: Meta {
                is_rpc: true,
                version: Some("v1".into()),
                correlation_id: Some("\"c\"".into()),
                trace: Some(r#"{"traceparent":"00"}"#.into()),
            },
            envelope: Envelope { retries: Some(-1), priority: Some(9), ..Envelope::default() },
            error: Some(DecodeError { message: "said \"no\"".to_owned() }),
        };
        let schema = SchemaStatus {
            status: SchemaOutcome::Invalid,
            version: Some("v2".to_owned()),
            errors: ["/a", "/b/0"]
                .map(|path| SchemaViolation { path: path.to_owned(), message: "is no".to_owned() })
                .into(),
        };
        let mut out = Vec::new();
        let observation = Observation { received_at: "2026-01-02T03:04:05.678Z", schema: &schema };
        write_message(&mut out, &decoded, &message, &observation);
        write_gap(&mut out, "2026-01-02T03:04:05.678Z", "2026-01-02T03:04:06Z");
        write_dropped(&mut out, 12);
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }
}
