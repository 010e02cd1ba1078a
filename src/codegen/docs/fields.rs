//! The fields of an object, as the rows of a table.

use serde_json::{Map, Value};

use super::describe::{self, Describer};
use super::span::Span;
use crate::codegen::text;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// `address.street`, `lines[].qty`: objects without a name of their own are written out.
    pub(super) path: String,
    pub(super) ty: Vec<Span>,
    /// `required`, `optional`, `nullable`, the default.
    pub(super) presence: Vec<Span>,
    pub(super) constraints: Vec<Vec<Span>>,
    /// Lines.
    pub(super) description: Vec<String>,
}

/// Fields of one table; the rest is counted.
const MAX_FIELDS: usize = 1_000;

/// The fields of a schema that describes an object; none for other schemas.
pub(super) fn fields(schema: &Value, describer: Describer<'_>) -> Vec<Field> {
    let mut fields = Vec::new();
    collect(schema, "", describer, &mut fields);
    fields
}

fn collect(schema: &Value, path: &str, describer: Describer<'_>, fields: &mut Vec<Field>) {
    let Value::Object(map) = schema else { return };
    for (name, field) in map.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if fields.len() >= MAX_FIELDS {
            return;
        }
        let path = joined_path(path, &text::one_line(name));
        fields.push(Field {
            path: path.clone(),
            ty: describer.ty(field),
            presence: presence(map, name, field, describer),
            constraints: describe::constraints(field),
            description: description(field),
        });
        collect(field, &path, describer, fields);
    }
    for keyword in ["anyOf", "oneOf", "allOf"] {
        for branch in map.get(keyword).and_then(Value::as_array).into_iter().flatten() {
            collect(branch, path, describer, fields);
        }
    }
    if let Some(items @ Value::Object(_)) = map.get("items") {
        collect(items, &format!("{path}[]"), describer, fields);
    }
    if let Some(values @ Value::Object(_)) = map.get("additionalProperties") {
        collect(values, &joined_path(path, "*"), describer, fields);
    }
}

/// `a.b`; a name that reads like something else is quoted.
pub(super) fn joined_path(path: &str, name: &str) -> String {
    let is_plain = !name.is_empty() && !name.contains(['.', '[', ']', '"', ' ']);
    let name = if is_plain { name.to_owned() } else { format!("{name:?}") };
    if path.is_empty() { name } else { format!("{path}.{name}") }
}

pub(super) fn presence(
    object: &Map<String, Value>,
    name: &str,
    field: &Value,
    describer: Describer<'_>,
) -> Vec<Span> {
    let required = object.get("required").and_then(Value::as_array);
    let is_required = required.is_some_and(|required| required.iter().any(|known| known == name));
    let mut words = if is_required { "required" } else { "optional" }.to_owned();
    if describer.is_nullable(field) {
        words.push_str(", nullable");
    }
    if field.get("deprecated") == Some(&Value::Bool(true)) {
        words.push_str(", deprecated");
    }
    match field.get("default") {
        Some(default) => vec![Span::Text(format!("{words}, default ")), describe::json(default)],
        None => vec![Span::Text(words)],
    }
}

pub(super) fn description(schema: &Value) -> Vec<String> {
    text::lines(schema.get("description").and_then(Value::as_str).unwrap_or_default())
}
