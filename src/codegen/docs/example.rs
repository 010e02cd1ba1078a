//! An example of a payload: what the schema itself offers, and the simplest value for the rest.

use serde_json::{Map, Value, json};

use crate::codegen::pointer;
use crate::schema::EventValidator;

/// References and levels that are followed.
const MAX_DEPTH: usize = 12;

/// JSON that the schema accepts, indented. `None` where none was found.
pub(super) fn of(schema: &Value) -> Option<String> {
    let example = value(schema, schema, MAX_DEPTH)?;
    let validator = EventValidator::compile(schema).ok()?;
    if !validator.is_valid(&example) {
        return None;
    }
    serde_json::to_string_pretty(&example).ok()
}

fn value(root: &Value, schema: &Value, depth: usize) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    let Value::Object(map) = schema else { return Some(json!("anything")) };
    let offered = map.get("examples").and_then(|examples| examples.get(0));
    let offered = offered.or(map.get("default").filter(|default| !default.is_null()));
    let offered = offered.or(map.get("const")).or(map.get("enum").and_then(|all| all.get(0)));
    if let Some(offered) = offered {
        return Some(offered.clone());
    }
    if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
        return value(root, pointer::target(root, reference)?.1, depth);
    }
    for keyword in ["anyOf", "oneOf"] {
        if let Some(branches) = map.get(keyword).and_then(Value::as_array) {
            return branches.iter().find_map(|branch| value(root, branch, depth));
        }
    }
    let name = match map.get("type") {
        Some(Value::Array(names)) => names.first().and_then(Value::as_str),
        name => name.and_then(Value::as_str),
    };
    match name {
        Some("string") => Some(string(map)),
        Some("integer" | "number") => Some(number(map)),
        Some("boolean") => Some(json!(true)),
        Some("null") => Some(Value::Null),
        Some("array") => list(root, map, depth),
        Some("object") => object(root, map, depth),
        _ if map.contains_key("properties") => object(root, map, depth),
        _ => Some(json!("anything")),
    }
}

fn object(root: &Value, map: &Map<String, Value>, depth: usize) -> Option<Value> {
    let required = map.get("required").and_then(Value::as_array);
    let is_required =
        |name: &str| required.is_some_and(|required| required.iter().any(|known| known == name));
    let mut out = Map::new();
    for (name, schema) in map.get("properties").and_then(Value::as_object).into_iter().flatten() {
        match value(root, schema, depth) {
            Some(value) => {
                out.insert(name.clone(), value);
            }
            None if is_required(name) => return None,
            None => {}
        }
    }
    Some(Value::Object(out))
}

fn list(root: &Value, map: &Map<String, Value>, depth: usize) -> Option<Value> {
    if let Some(Value::Array(prefix)) = map.get("prefixItems") {
        return prefix.iter().map(|item| value(root, item, depth)).collect();
    }
    let is_empty_allowed = map.get("minItems").and_then(Value::as_u64).unwrap_or(0) == 0;
    match map.get("items").map(|items| value(root, items, depth)) {
        Some(Some(item)) => Some(json!([item])),
        Some(None) if !is_empty_allowed => None,
        Some(None) | None => Some(json!([])),
    }
}

fn string(map: &Map<String, Value>) -> Value {
    let text = match map.get("format").and_then(Value::as_str) {
        Some("date-time") => "2026-01-02T03:04:05Z",
        Some("date") => "2026-01-02",
        Some("time") => "03:04:05Z",
        Some("duration") => "PT1H",
        Some("uuid") => "6f1c2b9e-2d54-4f0e-9a53-0c7c1d0c8a11",
        Some("email") => "ada@example.com",
        Some("uri") => "https://example.com/",
        Some("ipv4") => "192.0.2.1",
        Some("ipv6") => "2001:db8::1",
        _ => "text",
    };
    let count = |keyword: &str| map.get(keyword).and_then(Value::as_u64);
    let least = count("minLength").unwrap_or(0).min(1_000);
    let most = count("maxLength").unwrap_or(u64::MAX);
    let mut text: String = text.chars().zip(0..most).map(|(character, _)| character).collect();
    while (text.chars().count() as u64) < least {
        text.push('x');
    }
    Value::String(text)
}

fn number(map: &Map<String, Value>) -> Value {
    let bound = |keyword: &str| map.get(keyword).filter(|bound| bound.is_number());
    if let Some(least) = bound("minimum") {
        return least.clone();
    }
    if let Some(above) = bound("exclusiveMinimum").and_then(Value::as_f64) {
        let step = bound("multipleOf").and_then(Value::as_f64).unwrap_or(1.0);
        return json!(above + step);
    }
    bound("multipleOf").or(bound("maximum")).cloned().unwrap_or(json!(1))
}
