//! Messages for tests: the captured ones of `tests/data/captures.jsonl`, and made-up ones.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::wire::{Incoming, Properties};

pub(super) struct Capture {
    pub routing_key: String,
    pub properties: Value,
    pub headers: Map<String, Value>,
    pub body: Vec<u8>,
}

/// The captured messages, in the order of the file.
pub(super) fn captures() -> Vec<Capture> {
    include_str!("../../../tests/data/captures.jsonl").lines().map(Capture::parse).collect()
}

impl Capture {
    fn parse(line: &str) -> Self {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let properties = line["properties"].clone();
        Self {
            routing_key: text(&line["routing_key"]),
            headers: properties["headers"].as_object().cloned().unwrap_or_default(),
            properties,
            body: STANDARD.decode(text(&line["body_base64"])).unwrap(),
        }
    }

    /// A message that Celery has nothing to do with.
    pub fn raw(routing_key: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            routing_key: routing_key.to_owned(),
            properties: Value::Null,
            headers: Map::new(),
            body: body.into(),
        }
    }

    pub fn incoming(&self) -> Incoming<'_> {
        let text = |name: &str| self.properties[name].as_str();
        Incoming {
            exchange: "tchu_events",
            routing_key: &self.routing_key,
            redelivered: false,
            properties: Properties {
                content_type: text("content_type"),
                content_encoding: text("content_encoding"),
                correlation_id: text("correlation_id"),
                reply_to: text("reply_to"),
                expiration: text("expiration"),
                message_id: text("message_id"),
                priority: self.properties["priority"].as_u64().map(|n| n.try_into().unwrap()),
                ..Properties::default()
            },
            headers: &self.headers,
            body: &self.body,
        }
    }
}
