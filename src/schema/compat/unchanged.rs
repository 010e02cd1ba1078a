//! Fields that are the same on both sides, set aside before a pair is compared.
//!
//! A reader takes whatever value of such a field a writer sends, so a pair of objects is compatible
//! if it is without these fields. The other way round says nothing: then the whole pair is compared.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::direction::is_sent_as_read;
use super::writer::Writer;

/// Below this, comparing the whole pair costs as little.
const WORTH_IT: usize = 4;

/// Keywords of an object that say nothing about how its fields belong together.
const INDEPENDENT: [&str; 10] = [
    "type",
    "properties",
    "required",
    "additionalProperties",
    "$defs",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
];

/// Writer and reader without their common fields; `None` where that would not be sound, or not
/// worth it.
pub(super) fn set_aside(writer: &Value, reader: &Value, closing: Writer) -> Option<(Value, Value)> {
    let (sent, read) = (plain_object(writer)?, plain_object(reader)?);
    let shares_definitions = match (sent.get("$defs"), read.get("$defs")) {
        (None, None) => true,
        (Some(sent), Some(read)) => sent == read && is_sent_as_read(sent, closing),
        (Some(_), None) | (None, Some(_)) => false,
    };
    let (sent_fields, read_fields) = (fields(sent)?, fields(read)?);
    let (sent_required, read_required) = (required(sent)?, required(read)?);
    let is_common = |name: &str, schema: &Value| {
        sent_fields.get(name) == Some(schema)
            && (!read_required.contains(name) || sent_required.contains(name))
            && is_sent_as_read(schema, closing)
            && (shares_definitions || !mentions_reference(schema))
    };
    let common: HashSet<&str> = read_fields
        .iter()
        .filter(|(name, schema)| is_common(name, schema))
        .map(|(name, _)| name.as_str())
        .collect();
    (common.len() >= WORTH_IT).then(|| (without(sent, &common), without(read, &common)))
}

fn plain_object(schema: &Value) -> Option<&Map<String, Value>> {
    let object = schema.as_object()?;
    let is_plain = object.get("type").and_then(Value::as_str) == Some("object")
        && object.keys().all(|keyword| INDEPENDENT.contains(&keyword.as_str()))
        && object.values().all(stays_in_definitions);
    is_plain.then_some(object)
}

fn fields(schema: &Map<String, Value>) -> Option<&Map<String, Value>> {
    schema.get("properties")?.as_object()
}

fn required(schema: &Map<String, Value>) -> Option<HashSet<&str>> {
    match schema.get("required") {
        None => Some(HashSet::new()),
        Some(names) => names.as_array()?.iter().map(Value::as_str).collect(),
    }
}

/// Any reference, by whatever keyword, and whatever gives a schema another base.
fn mentions_reference(schema: &Value) -> bool {
    match schema {
        Value::Object(map) => {
            map.iter().any(|(keyword, value)| keyword.starts_with('$') || mentions_reference(value))
        }
        Value::Array(list) => list.iter().any(mentions_reference),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Whether nothing refers to a place that may differ between the two sides, such as the root.
fn stays_in_definitions(schema: &Value) -> bool {
    match schema {
        Value::Object(map) => map.iter().all(|(keyword, value)| match (keyword.as_str(), value) {
            ("$ref", Value::String(target)) => target.starts_with("#/$defs/"),
            (keyword, value) => !keyword.starts_with('$') && stays_in_definitions(value),
        }),
        Value::Array(list) => list.iter().all(stays_in_definitions),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

fn without(schema: &Map<String, Value>, common: &HashSet<&str>) -> Value {
    let is_left = |name: &str| !common.contains(name);
    let left = schema.iter().map(|(keyword, value)| {
        let value = match (keyword.as_str(), value) {
            ("properties", Value::Object(fields)) => {
                let fields = fields.iter().filter(|(name, _)| is_left(name));
                Value::Object(fields.map(|(name, it)| (name.clone(), it.clone())).collect())
            }
            ("required", Value::Array(names)) => Value::Array(
                names.iter().filter(|name| name.as_str().is_none_or(is_left)).cloned().collect(),
            ),
            (_, value) => value.clone(),
        };
        (keyword.clone(), value)
    });
    Value::Object(left.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wide(extra: &Value, required: &[&str]) -> Value {
        let mut fields = json!({
            "a": {"type": "integer"}, "b": {"type": "string"}, "c": {"type": "boolean"},
            "d": {"type": "object", "properties": {"x": {"type": "integer"}}},
        });
        fields.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!({"type": "object", "properties": fields, "required": required})
    }

    #[test]
    fn only_what_changed_is_left() {
        let old = wide(&json!({}), &["a", "d"]);
        let new = wide(&json!({"e": {"type": "null"}}), &["a", "d", "e"]);
        let (writer, reader) = set_aside(&new, &old, Writer::Closed).unwrap();
        let left =
            json!({"type": "object", "properties": {"e": {"type": "null"}}, "required": ["e"]});
        assert_eq!(writer, left);
        assert_eq!(reader, json!({"type": "object", "properties": {}, "required": []}));
    }

    #[test]
    fn fields_that_belong_together_stay() {
        let old = wide(&json!({}), &[]);
        let together = |keyword: &str, value: Value| {
            let mut schema = old.clone();
            schema[keyword] = value;
            schema
        };
        for other in [
            together("minProperties", json!(1)),
            together("patternProperties", json!({"^a": {}})),
            together("allOf", json!([{}])),
            together("$schema", json!("http://json-schema.org/draft-04/schema#")),
            json!({"properties": old["properties"]}),
        ] {
            assert_eq!(set_aside(&other, &old, Writer::Closed), None, "{other}");
            assert_eq!(set_aside(&old, &other, Writer::Closed), None, "{other}");
        }
    }

    #[test]
    fn a_field_stays_where_it_is_required_refers_or_turns_around_what_is_closed() {
        let field = |schema: Value| wide(&json!({"e": schema}), &[]);
        let plain = field(json!({"type": "null"}));
        let mut strict = plain.clone();
        strict["required"] = json!(["e"]);
        let (_, reader) = set_aside(&plain, &strict, Writer::Closed).unwrap();
        assert_eq!(reader["properties"], json!({"e": {"type": "null"}}));

        let turning = field(json!({"not": {"properties": {"x": {}}}}));
        let (_, reader) = set_aside(&turning, &turning, Writer::Closed).unwrap();
        assert_eq!(
            reader["properties"],
            turning["properties"].as_object().map(|fields| { json!({"e": fields["e"]}) }).unwrap()
        );

        let referring = |definition: Value| {
            let mut schema = field(json!({"$ref": "#/$defs/E"}));
            schema["$defs"] = json!({"E": definition});
            schema
        };
        let (one, other) =
            (referring(json!({"type": "null"})), referring(json!({"type": "string"})));
        let (_, reader) = set_aside(&one, &other, Writer::Closed).unwrap();
        assert!(reader["properties"].get("e").is_some());
        let (_, reader) = set_aside(&one, &one, Writer::Closed).unwrap();
        assert!(reader["properties"].get("e").is_none());
        for target in ["#", "#/properties/a", "https://example.org/e.json"] {
            let one = referring(json!({"anyOf": [{"$ref": target}]}));
            assert_eq!(set_aside(&one, &one, Writer::Closed), None, "{target}");
        }
    }
}
