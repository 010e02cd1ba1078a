//! Types and constraints in words.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::span::{Span, joined};
use crate::codegen::limits::is_limit;
use crate::codegen::pointer;
use crate::codegen::text;

/// Values of an enumeration that are written out.
const MAX_VALUES: usize = 24;

/// A schema with the names that its references go by.
#[derive(Clone, Copy)]
pub(super) struct Describer<'a> {
    pub(super) root: &'a Value,
    /// Names by pointer.
    pub(super) names: &'a HashMap<String, String>,
    /// What the anchors of this version begin with.
    pub(super) prefix: &'a str,
}

impl<'a> Describer<'a> {
    /// What a reference leads to.
    pub(super) fn target(&self, schema: &'a Value) -> Option<(String, &'a Value)> {
        pointer::target(self.root, schema.get("$ref")?.as_str()?)
    }

    /// The type, without `null` where that is one of several.
    pub(super) fn ty(&self, schema: &Value) -> Vec<Span> {
        let mut parts = self.parts(schema);
        if parts.len() > 1 {
            parts.retain(|part| *part != null());
        }
        joined(parts, " or ")
    }

    /// Whether `null` is one of several types.
    pub(super) fn is_nullable(&self, schema: &Value) -> bool {
        let parts = self.parts(schema);
        parts.len() > 1 && parts.contains(&null())
    }

    /// The alternatives.
    fn parts(&self, schema: &Value) -> Vec<Vec<Span>> {
        let map = match schema {
            Value::Bool(false) => return vec![vec![Span::text("nothing")]],
            Value::Object(map) => map,
            _ => return vec![anything()],
        };
        if let Some(reference) = map.get("$ref") {
            return vec![self.reference(reference)];
        }
        if let Some(value) = map.get("const") {
            return vec![vec![json(value)]];
        }
        if let Some(Value::Array(values)) = map.get("enum") {
            return listed(values);
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(Value::Array(branches)) = map.get(keyword) {
                let mut parts: Vec<Vec<Span>> = Vec::new();
                for part in branches.iter().flat_map(|branch| self.parts(branch)) {
                    if !parts.contains(&part) {
                        parts.push(part);
                    }
                }
                return parts;
            }
        }
        if let Some(Value::Array(all)) = map.get("allOf") {
            let all: Vec<Vec<Span>> = all.iter().map(|part| self.ty(part)).collect();
            return vec![joined(all, " and ")];
        }
        self.by_type(map)
    }

    fn by_type(&self, map: &Map<String, Value>) -> Vec<Vec<Span>> {
        let names: Vec<&str> = match map.get("type") {
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ if map.contains_key("properties") => vec!["object"],
            _ if map.contains_key("items") || map.contains_key("prefixItems") => vec!["array"],
            _ => return vec![anything()],
        };
        names.into_iter().map(|name| self.named(name, map)).collect()
    }

    fn named(&self, name: &str, map: &Map<String, Value>) -> Vec<Span> {
        match name {
            "array" => self.list(map),
            "object" => self.object(map),
            "null" => null(),
            name => {
                let format = map.get("format").and_then(Value::as_str);
                let format = format.map(|format| format!(" ({})", text::one_line(format)));
                vec![Span::text(&format!("{}{}", text::one_line(name), format.unwrap_or_default()))]
            }
        }
    }

    fn list(&self, map: &Map<String, Value>) -> Vec<Span> {
        let prefix = map.get("prefixItems").or(map.get("items")).and_then(Value::as_array);
        if let Some(prefix) = prefix {
            let mut out = vec![Span::text("tuple of (")];
            out.extend(joined(prefix.iter().map(|item| self.whole(item)).collect(), ", "));
            out.push(Span::text(")"));
            return out;
        }
        let mut out = vec![Span::text("list of ")];
        out.extend(map.get("items").map_or_else(anything, |items| self.whole(items)));
        out
    }

    fn object(&self, map: &Map<String, Value>) -> Vec<Span> {
        let is_map = map.get("properties").is_none();
        match map.get("additionalProperties") {
            Some(values @ Value::Object(_)) if is_map => {
                let mut out = vec![Span::text("map to ")];
                out.extend(self.whole(values));
                out
            }
            _ => vec![Span::text("object")],
        }
    }

    /// A type inside another, in brackets where it has alternatives.
    fn whole(&self, schema: &Value) -> Vec<Span> {
        let parts = self.parts(schema);
        if parts.len() < 2 {
            return joined(parts, "");
        }
        let mut out = vec![Span::text("(")];
        out.extend(joined(parts, " or "));
        out.push(Span::text(")"));
        out
    }

    fn reference(&self, reference: &Value) -> Vec<Span> {
        let target = reference.as_str().and_then(|text| pointer::target(self.root, text));
        match target.and_then(|(pointer, _)| self.names.get(&pointer)) {
            Some(name) => {
                let anchor = anchor(self.prefix, name);
                vec![Span::Link { name: name.clone(), anchor }]
            }
            None => anything(),
        }
    }
}

/// The anchor of a type's table.
pub(super) fn anchor(prefix: &str, name: &str) -> String {
    format!("{prefix}-{}", crate::codegen::keys::safe_key(name))
}

fn null() -> Vec<Span> {
    vec![Span::text("null")]
}

fn anything() -> Vec<Span> {
    vec![Span::text("anything")]
}

/// A value as JSON.
pub(super) fn json(value: &Value) -> Span {
    Span::Code(text::shown(&value.to_string()))
}

fn listed(values: &[Value]) -> Vec<Vec<Span>> {
    let shown = |value: &Value| if value.is_null() { null() } else { vec![json(value)] };
    let mut parts: Vec<Vec<Span>> = values.iter().take(MAX_VALUES).map(shown).collect();
    if values.len() > MAX_VALUES {
        parts.push(vec![Span::text(&format!("{} more", values.len() - MAX_VALUES))]);
    }
    parts
}

/// What values have to be beyond their type.
pub(super) fn constraints(schema: &Value) -> Vec<Vec<Span>> {
    let mut out = Vec::new();
    collect(schema, "", &mut out);
    out
}

fn collect(schema: &Value, whose: &str, out: &mut Vec<Vec<Span>>) {
    let Value::Object(map) = schema else { return };
    for (keyword, before, after) in WORDS {
        if let Some(value) = map.get(keyword).filter(|value| value.is_number()) {
            out.push(vec![Span::text(&format!("{whose}{before}")), json(value), Span::text(after)]);
        }
    }
    if let Some(pattern) = map.get("pattern").and_then(Value::as_str) {
        let pattern = Span::Code(text::one_line(pattern));
        out.push(vec![Span::text(&format!("{whose}matches ")), pattern]);
    }
    if map.get("uniqueItems") == Some(&Value::Bool(true)) {
        out.push(vec![Span::text(&format!("{whose}no item twice"))]);
    }
    if map.get("additionalProperties") == Some(&Value::Bool(false)) {
        out.push(vec![Span::text(&format!("{whose}no other fields"))]);
    }
    for keyword in ["anyOf", "oneOf", "allOf"] {
        for branch in map.get(keyword).and_then(Value::as_array).into_iter().flatten() {
            collect(branch, whose, out);
        }
    }
    for keyword in AS_JSON {
        if let Some(value) = map.get(keyword).filter(|value| is_limit(keyword, value)) {
            let value = Span::Code(text::shown(&format!("{keyword}: {value}")));
            out.push(vec![Span::text(whose), value]);
        }
    }
    inside(map, whose, out);
}

/// The constraints of what an array or a map holds.
fn inside(map: &Map<String, Value>, whose: &str, out: &mut Vec<Vec<Span>>) {
    for (keyword, each) in [("items", "each "), ("additionalProperties", "each value ")] {
        let Some(schema) = map.get(keyword) else { continue };
        match whose {
            "" => collect(schema, each, out),
            _ => collect(schema, &format!("{whose}{each}"), out),
        }
    }
    let positions = map.get("prefixItems").or(map.get("items")).and_then(Value::as_array);
    for (place, item) in positions.into_iter().flatten().enumerate() {
        collect(item, &format!("{whose}item {} ", place + 1), out);
    }
}

/// Keywords that no words of ours say better.
const AS_JSON: [&str; 13] = [
    "contains",
    "contentEncoding",
    "contentMediaType",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "not",
    "patternProperties",
    "propertyNames",
    "then",
    "unevaluatedProperties",
];

const WORDS: [(&str, &str, &str); 13] = [
    ("minLength", "at least ", " characters"),
    ("maxLength", "at most ", " characters"),
    ("minimum", "at least ", ""),
    ("exclusiveMinimum", "more than ", ""),
    ("maximum", "at most ", ""),
    ("exclusiveMaximum", "less than ", ""),
    ("multipleOf", "a multiple of ", ""),
    ("minItems", "at least ", " items"),
    ("maxItems", "at most ", " items"),
    ("minProperties", "at least ", " entries"),
    ("maxProperties", "at most ", " entries"),
    ("minContains", "at least ", " fitting items"),
    ("maxContains", "at most ", " fitting items"),
];
