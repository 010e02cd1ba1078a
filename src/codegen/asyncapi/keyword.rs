//! The keywords that a schema of an AsyncAPI document may hold (JSON Schema draft 7), and the form
//! of their values.

use std::collections::HashSet;

use serde_json::Value;

use crate::schema::canonical_json;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Schema,
    /// A list of at least one schema.
    Schemas,
    /// A schema, or a list of at least one.
    Items,
    /// Names and their schemas.
    Members,
    /// Patterns and their schemas.
    Patterns,
    /// A name of a type, or a list of them.
    Types,
    /// A list of different names.
    Names,
    Count,
    Number,
    PositiveNumber,
    Text,
    Pattern,
    Flag,
    List,
    /// A list of at least one value.
    Values,
    Anything,
}

/// `None` for what draft 7 does not know.
pub(super) fn form_of(keyword: &str) -> Option<Form> {
    Some(match keyword {
        "additionalProperties"
        | "propertyNames"
        | "not"
        | "if"
        | "then"
        | "else"
        | "contains"
        | "additionalItems" => Form::Schema,
        "items" => Form::Items,
        "allOf" | "anyOf" | "oneOf" => Form::Schemas,
        "properties" => Form::Members,
        "patternProperties" => Form::Patterns,
        "type" => Form::Types,
        "required" => Form::Names,
        "maxLength" | "minLength" | "maxItems" | "minItems" | "maxProperties" | "minProperties" => {
            Form::Count
        }
        "maximum" | "minimum" | "exclusiveMaximum" | "exclusiveMinimum" => Form::Number,
        "multipleOf" => Form::PositiveNumber,
        "title" | "description" | "format" | "contentMediaType" | "contentEncoding" => Form::Text,
        "pattern" => Form::Pattern,
        "uniqueItems" | "readOnly" | "writeOnly" | "deprecated" => Form::Flag,
        "enum" => Form::Values,
        "examples" => Form::List,
        "const" | "default" => Form::Anything,
        _ => return None,
    })
}

/// Keywords that name or describe the schema itself and say nothing about values.
pub(super) const SILENT: [&str; 5] = ["$schema", "$comment", "$id", "$defs", "definitions"];

/// Keywords of later drafts that constrain values and have no counterpart in draft 7.
pub(super) const INEXPRESSIBLE: [&str; 8] = [
    "unevaluatedProperties",
    "unevaluatedItems",
    "minContains",
    "maxContains",
    "contentSchema",
    "$dynamicRef",
    "$recursiveRef",
    "$anchor",
];

const TYPES: [&str; 7] = ["null", "boolean", "integer", "number", "string", "array", "object"];

/// Whether a value that can be written as it is has the form.
pub(super) fn has_form(value: &Value, form: Form) -> bool {
    match form {
        Form::Types => match value {
            Value::Array(list) => {
                !list.is_empty() && are_distinct_names(list) && list.iter().all(is_type)
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => is_type(value),
        },
        Form::Names => value.as_array().is_some_and(|list| are_distinct_names(list)),
        Form::Count => value.as_f64().is_some_and(|count| count >= 0.0 && count.fract() == 0.0),
        Form::Number => value.is_number(),
        Form::PositiveNumber => value.as_f64().is_some_and(|number| number > 0.0),
        Form::Text | Form::Pattern => value.is_string(),
        Form::Flag => value.is_boolean(),
        Form::List => value.is_array(),
        Form::Anything => true,
        Form::Schema
        | Form::Schemas
        | Form::Items
        | Form::Members
        | Form::Patterns
        | Form::Values => false,
    }
}

fn is_type(value: &Value) -> bool {
    value.as_str().is_some_and(|name| TYPES.contains(&name))
}

fn are_distinct_names(list: &[Value]) -> bool {
    let mut seen = HashSet::new();
    list.iter().all(|name| name.as_str().is_some_and(|name| seen.insert(name)))
}

/// The values of a list that JavaScript can tell apart.
pub(super) fn distinct(list: &[Value]) -> Vec<Value> {
    let mut seen = HashSet::new();
    let is_new = |value: &&Value| {
        let number = value.as_f64().map(|number| number.to_string());
        seen.insert(number.unwrap_or_else(|| canonical_json(value)))
    };
    list.iter().filter(is_new).cloned().collect()
}

/// Member names that AsyncAPI's tools, which are JavaScript, follow as a reference or trip over.
pub(super) const UNSPEAKABLE: [&str; 2] = ["$ref", "__proto__"];

/// Whether data holds a member that must not stand in the document.
pub(super) fn is_unspeakable(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        Value::Array(list) => list.iter().any(is_unspeakable),
        Value::Object(map) => map
            .iter()
            .any(|(name, member)| UNSPEAKABLE.contains(&name.as_str()) || is_unspeakable(member)),
    }
}
