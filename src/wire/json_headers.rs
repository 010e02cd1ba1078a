//! Header tables that are JSON objects: kombu's Redis transport, recordings, [`Outgoing`].
//!
//! [`Outgoing`]: super::Outgoing

use serde_json::{Map, Value};

use super::message::{HeaderList, HeaderValue, HeaderVisitor, Headers};

impl Headers for Map<String, Value> {
    fn visit<'a>(&'a self, visitor: &mut HeaderVisitor<'_, 'a>) {
        for (name, value) in self {
            visitor(name, header_value(value));
        }
    }
}

impl Headers for Vec<(String, Value)> {
    fn visit<'a>(&'a self, visitor: &mut HeaderVisitor<'_, 'a>) {
        for (name, value) in self {
            visitor(name, header_value(value));
        }
    }
}

impl HeaderList for Vec<Value> {
    fn visit<'a>(&'a self, visitor: &mut dyn FnMut(HeaderValue<'a>)) {
        for value in self {
            visitor(header_value(value));
        }
    }
}

fn header_value(value: &Value) -> HeaderValue<'_> {
    match value {
        Value::Null => HeaderValue::Null,
        Value::Bool(value) => HeaderValue::Bool(*value),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(value), _) => HeaderValue::Int(value),
            (None, Some(value)) => HeaderValue::UInt(value),
            (None, None) => HeaderValue::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => HeaderValue::Text(text),
        Value::Array(items) => HeaderValue::List(items),
        Value::Object(members) => HeaderValue::Table(members),
    }
}
