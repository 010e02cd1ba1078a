//! What the comments of members and declarations say: descriptions, and what a type leaves out.

use serde_json::{Map, Value};

use super::literal::MAX_SAFE_INTEGER;
use crate::codegen::text;

/// Keywords that become tags, with their values as JSON.
const TAGS: [&str; 15] = [
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "contentEncoding",
    "contentMediaType",
];

/// What the type of a schema leaves out, in plain words first.
pub(super) fn of_schema(map: &Map<String, Value>) -> Vec<String> {
    let mut remarks = Vec::new();
    match map.get("format").and_then(Value::as_str) {
        Some(format) => remarks.push(of_format(format)),
        None if is_integer(map) => remarks.push(of_integer(map).to_owned()),
        None => {}
    }
    for tag in TAGS {
        match map.get(tag) {
            None | Some(Value::Bool(false)) => {}
            Some(Value::String(text)) => remarks.push(format!("@{tag} {}", text::one_line(text))),
            Some(value) => remarks.push(format!("@{tag} {}", text::shown(&value.to_string()))),
        }
    }
    remarks
}

/// The keywords of those.
pub(super) fn limits(map: &Map<String, Value>) -> impl Iterator<Item = &'static str> {
    let is_integer = !map.contains_key("format") && is_integer(map);
    let first = ["format"].into_iter().filter(|_| map.contains_key("format"));
    let first = first.chain(is_integer.then_some("integer"));
    first.chain(
        TAGS.into_iter().filter(|tag| !matches!(map.get(*tag), None | Some(Value::Bool(false)))),
    )
}

fn of_format(format: &str) -> String {
    let known = match format {
        "date-time" => "A date and time as text, in ISO 8601.",
        "date" => "A date as text, `YYYY-MM-DD`.",
        "time" => "A time of day as text, in ISO 8601.",
        "duration" => "A duration as text, in ISO 8601.",
        "uuid" => "A UUID.",
        "email" => "An e-mail address.",
        "binary" | "byte" | "base64url" => "Bytes as text.",
        other => return format!("@format {}", text::one_line(other)),
    };
    known.to_owned()
}

fn is_integer(map: &Map<String, Value>) -> bool {
    match map.get("type") {
        Some(Value::String(name)) => name == "integer",
        Some(Value::Array(names)) => names.iter().any(|name| name == "integer"),
        Some(_) | None => false,
    }
}

fn of_integer(map: &Map<String, Value>) -> &'static str {
    let bounds = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"];
    let is_large = |bound: &str| {
        let bound = map.get(bound).and_then(Value::as_f64);
        bound.is_some_and(|bound| bound.abs() > MAX_SAFE_INTEGER)
    };
    if bounds.iter().any(|bound| is_large(bound)) {
        "An integer, perhaps beyond `Number.MAX_SAFE_INTEGER`: `JSON.parse` rounds those."
    } else {
        "An integer."
    }
}

/// The comment of something with a schema: its description, the remarks, its default.
pub(super) fn comment(schema: &Value, remarks: Vec<String>) -> Vec<String> {
    let described = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let mut lines: Vec<String> = text::lines(described).iter().map(|line| untagged(line)).collect();
    let (tags, words): (Vec<String>, Vec<String>) =
        remarks.into_iter().partition(|remark| remark.starts_with('@'));
    if !lines.is_empty() && !words.is_empty() {
        lines.push(String::new());
    }
    lines.extend(words);
    let mut tags = tags;
    if let Some(default) = schema.get("default") {
        tags.push(format!("@default {}", text::shown(&default.to_string())));
    }
    for example in schema.get("examples").and_then(Value::as_array).into_iter().flatten().take(3) {
        tags.push(format!("@example {}", text::shown(&example.to_string())));
    }
    if schema.get("deprecated") == Some(&Value::Bool(true)) {
        tags.push("@deprecated".to_owned());
    }
    if !lines.is_empty() && !tags.is_empty() {
        lines.push(String::new());
    }
    lines.extend(tags);
    lines
}

/// Other people's words give no orders to tools: `@internal` at the start of a line would.
pub(super) fn untagged(line: &str) -> String {
    match line.trim_start().strip_prefix('@') {
        Some(rest) => format!("\\@{rest}"),
        None => line.to_owned(),
    }
}
