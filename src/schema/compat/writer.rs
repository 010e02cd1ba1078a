//! What a publisher can send, as opposed to what a schema accepts.
//!
//! The libraries publish `model_dump()`: declared fields only. So every schema that lists
//! `properties` and is silent about other names is closed. Parts that are judged together with
//! their surroundings (`allOf`, `then`, …) are closed as a whole, and `not` and `if` are left alone:
//! closing them would open what they exclude.

use serde_json::{Map, Value, json};

use super::parse::{Dialect, dialect_of};

/// What a publisher is known to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Writer {
    /// Declared fields only; optional ones may be absent.
    #[default]
    Closed,
    /// Anything that the schema accepts.
    Open,
    /// Declared fields only, and all of them.
    Dump,
}

/// References followed while one schema is closed as a whole.
const MAX_INLINED: usize = 12;

pub(super) fn emitted(schema: &Value, writer: Writer) -> Value {
    if writer == Writer::Open {
        return schema.clone();
    }
    let closing = Closing { root: schema, writer, dialect: dialect_of(schema) };
    closing.close(schema)
}

struct Closing<'s> {
    root: &'s Value,
    writer: Writer,
    dialect: Dialect,
}

impl Closing<'_> {
    fn close(&self, schema: &Value) -> Value {
        let Value::Object(map) = schema else { return schema.clone() };
        let mut closed = self.descend(map);
        let is_shared = IN_PLACE.iter().any(|keyword| {
            map.get(*keyword).is_some_and(|part| self.lists_properties(part, MAX_INLINED))
        });
        if is_shared && self.dialect >= Dialect::Draft2019 {
            for keyword in IN_PLACE {
                if let Some(part) = map.get(keyword) {
                    closed.insert(keyword.to_owned(), self.soften_all(part));
                }
            }
            if !OTHER_NAMES.iter().any(|keyword| map.contains_key(*keyword)) {
                closed.entry("unevaluatedProperties").or_insert(Value::Bool(false));
            }
        } else if map.get("properties").is_some_and(Value::is_object)
            && !OTHER_NAMES.iter().any(|keyword| map.contains_key(*keyword))
        {
            closed.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
        self.require_declared(&mut closed);
        Value::Object(closed)
    }

    /// The schema with everything that describes *other* values (members, items) closed.
    fn descend(&self, map: &Map<String, Value>) -> Map<String, Value> {
        map.iter()
            .map(|(keyword, value)| {
                let value = match (keyword.as_str(), value) {
                    (
                        "properties" | "patternProperties" | "$defs" | "definitions",
                        Value::Object(entries),
                    ) => {
                        let closed = entries.iter();
                        Value::Object(closed.map(|(k, v)| (k.clone(), self.close(v))).collect())
                    }
                    ("prefixItems" | "anyOf" | "oneOf" | "items", Value::Array(list)) => {
                        Value::Array(list.iter().map(|schema| self.close(schema)).collect())
                    }
                    (
                        "items"
                        | "additionalItems"
                        | "additionalProperties"
                        | "unevaluatedItems"
                        | "unevaluatedProperties",
                        _,
                    ) => self.close(value),
                    ("allOf", Value::Array(list)) => {
                        Value::Array(list.iter().map(|schema| self.close(schema)).collect())
                    }
                    (_, _) => value.clone(),
                };
                (keyword.clone(), value)
            })
            .collect()
    }

    fn require_declared(&self, map: &mut Map<String, Value>) {
        if self.writer != Writer::Dump {
            return;
        }
        let Some(Value::Object(properties)) = map.get("properties") else { return };
        let mut required: Vec<Value> =
            map.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        for name in properties.keys() {
            if !required.iter().any(|known| known == name) {
                required.push(json!(name));
            }
        }
        map.insert("required".to_owned(), Value::Array(required));
    }

    /// Whether a part that is judged in place declares members.
    fn lists_properties(&self, part: &Value, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        match part {
            Value::Array(list) => list.iter().any(|part| self.lists_properties(part, depth)),
            Value::Object(map) => {
                map.contains_key("properties")
                    || self.local_target(map).is_some_and(|part| self.lists_properties(part, depth))
                    || IN_PLACE.iter().chain(&["anyOf", "oneOf"]).any(|keyword| {
                        map.get(*keyword).is_some_and(|part| self.lists_properties(part, depth))
                    })
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        }
    }

    fn local_target(&self, map: &Map<String, Value>) -> Option<&Value> {
        let pointer = map.get("$ref")?.as_str()?.strip_prefix('#')?;
        self.root.pointer(pointer)
    }

    fn soften_all(&self, part: &Value) -> Value {
        match part {
            Value::Array(list) => {
                Value::Array(list.iter().map(|part| self.soften(part, MAX_INLINED)).collect())
            }
            Value::Object(map) if !is_schema_like(map) => Value::Object(
                map.iter().map(|(k, v)| (k.clone(), self.soften(v, MAX_INLINED))).collect(),
            ),
            other => self.soften(other, MAX_INLINED),
        }
    }

    /// A part that stays open itself, with local references written out so that the definitions
    /// they lead to can be closed for everybody else.
    fn soften(&self, part: &Value, depth: usize) -> Value {
        let (Value::Object(map), Some(depth)) = (part, depth.checked_sub(1)) else {
            return part.clone();
        };
        let mut open = self.descend(map);
        for keyword in IN_PLACE.iter().chain(&["anyOf", "oneOf"]) {
            if let Some(Value::Array(list)) = map.get(*keyword) {
                let parts = list.iter().map(|part| self.soften(part, depth)).collect();
                open.insert((*keyword).to_owned(), Value::Array(parts));
            }
        }
        self.require_declared(&mut open);
        if let Some(target) = self.local_target(map) {
            open.remove("$ref");
            let target = self.soften(target, depth);
            let known = open.remove("allOf");
            let mut parts = known.and_then(|known| known.as_array().cloned()).unwrap_or_default();
            parts.push(target);
            open.insert("allOf".to_owned(), Value::Array(parts));
        }
        Value::Object(open)
    }
}

/// Keywords whose schemas speak about the same value as the schema they stand in.
const IN_PLACE: [&str; 4] = ["allOf", "then", "else", "dependentSchemas"];

/// Keywords that say something about names which `properties` does not list.
const OTHER_NAMES: [&str; 3] =
    ["additionalProperties", "patternProperties", "unevaluatedProperties"];

/// `dependentSchemas` maps names to schemas; the other keywords hold a schema.
fn is_schema_like(map: &Map<String, Value>) -> bool {
    map.keys().any(|key| {
        ["$ref", "type", "properties", "required", "allOf", "anyOf", "oneOf", "enum", "const"]
            .contains(&key.as_str())
    })
}
