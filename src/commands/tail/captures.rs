//! Messages for tests: the captured ones of `tests/data/captures.jsonl`, and made-up ones.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::wire::{HeaderList, HeaderValue, HeaderVisitor, Headers, Incoming, Properties};

pub(super) struct Capture {
    pub routing_key: String,
    pub properties: Value,
    pub headers: JsonHeaders,
    pub body: Vec<u8>,
}

#[derive(Default)]
pub(super) struct JsonHeaders(Vec<(String, Node)>);

struct NodeList(Vec<Node>);

enum Node {
    Scalar(Value),
    List(NodeList),
    Table(JsonHeaders),
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
            headers: JsonHeaders::of(&properties["headers"]),
            properties,
            body: STANDARD.decode(text(&line["body_base64"])).unwrap(),
        }
    }

    /// A message that Celery has nothing to do with.
    pub fn raw(routing_key: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            routing_key: routing_key.to_owned(),
            properties: Value::Null,
            headers: JsonHeaders::default(),
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

impl JsonHeaders {
    fn of(table: &Value) -> Self {
        let members = table.as_object().into_iter().flatten();
        Self(members.map(|(name, value)| (name.clone(), Node::of(value))).collect())
    }
}

impl Node {
    fn of(value: &Value) -> Self {
        match value {
            Value::Array(list) => Self::List(NodeList(list.iter().map(Self::of).collect())),
            Value::Object(_) => Self::Table(JsonHeaders::of(value)),
            scalar => Self::Scalar(scalar.clone()),
        }
    }

    fn lend(&self) -> HeaderValue<'_> {
        match self {
            Self::List(list) => HeaderValue::List(list),
            Self::Table(table) => HeaderValue::Table(table),
            Self::Scalar(Value::Bool(value)) => HeaderValue::Bool(*value),
            Self::Scalar(Value::Number(number)) => HeaderValue::Int(number.as_i64().unwrap()),
            Self::Scalar(Value::String(text)) => HeaderValue::Text(text),
            Self::Scalar(_) => HeaderValue::Null,
        }
    }
}

impl Headers for JsonHeaders {
    fn visit<'a>(&'a self, visitor: &mut HeaderVisitor<'_, 'a>) {
        for (name, node) in &self.0 {
            visitor(name, node.lend());
        }
    }
}

impl HeaderList for NodeList {
    fn visit<'a>(&'a self, visitor: &mut dyn FnMut(HeaderValue<'a>)) {
        for node in &self.0 {
            visitor(node.lend());
        }
    }
}
