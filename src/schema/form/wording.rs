use serde_json::{Map, Value};

use super::{FieldQuestion, Need, Spot};

type Keywords = Map<String, Value>;

pub(super) fn question(node: &Keywords, spot: &Spot, kind: &str) -> FieldQuestion {
    FieldQuestion {
        path: spot.path.clone(),
        kind: kind.to_owned(),
        description: node.get("description").and_then(Value::as_str).map(str::to_owned),
        preset: node.get("default").filter(|value| !value.is_null()).map(shown),
        need: spot.need,
    }
}

/// Whether an object that need not be there is wanted.
pub(super) fn offer(node: &Keywords, spot: &Spot) -> FieldQuestion {
    FieldQuestion { preset: None, ..question(node, spot, "several fields; add it?") }
}

/// The name of the next member of a dictionary.
pub(super) fn next_name(spot: &Spot) -> FieldQuestion {
    FieldQuestion {
        path: spot.path.clone(),
        kind: "a name, or nothing to end".to_owned(),
        description: None,
        preset: None,
        need: Need::Optional,
    }
}

/// What an answer looks like.
pub(super) fn kind_of(node: &Keywords) -> String {
    let mut parts = Vec::new();
    match node.get("type").and_then(Value::as_str) {
        Some("string") => {
            parts.push(node.get("format").and_then(Value::as_str).unwrap_or("text").to_owned());
            parts.extend(between(node, ("minLength", "maxLength"), " characters"));
            if let Some(pattern) = node.get("pattern").and_then(Value::as_str) {
                parts.push(format!("like {pattern}"));
            }
        }
        Some(name @ ("integer" | "number")) => {
            parts.push(if name == "integer" { "whole number" } else { "number" }.to_owned());
            parts.extend(between(node, ("minimum", "maximum"), ""));
            let limits = [
                ("exclusiveMinimum", "more than"),
                ("exclusiveMaximum", "less than"),
                ("multipleOf", "a multiple of"),
            ];
            for (keyword, words) in limits {
                parts.extend(node.get(keyword).map(|bound| format!("{words} {bound}")));
            }
        }
        Some(_) | None => parts.push("JSON".to_owned()),
    }
    parts.join(", ")
}

fn between(node: &Keywords, (least, most): (&str, &str), unit: &str) -> Option<String> {
    match (node.get(least), node.get(most)) {
        (Some(least), Some(most)) => Some(format!("{least} to {most}{unit}")),
        (Some(least), None) => Some(format!("at least {least}{unit}")),
        (None, Some(most)) => Some(format!("at most {most}{unit}")),
        (None, None) => None,
    }
}

/// A value as one would type it.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What a branch of a union is called.
pub(super) fn name_of(branch: &Value) -> String {
    let text = |keyword: &str| branch.get(keyword).and_then(Value::as_str);
    let reference = text("$ref").and_then(|name| name.rsplit('/').next());
    match text("title").or(reference) {
        Some(name) => name.to_owned(),
        None => branch.as_object().map_or_else(|| "JSON".to_owned(), kind_of),
    }
}

pub(super) fn strings(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
