//! JSON Schema to the model.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use indexmap::IndexMap;
use serde_json::{Map, Value};
use thiserror::Error;

use super::model::{
    Discriminator, Extra, Field, Kind, Node, Object, Presence, Schema, Union, UnionSpelling,
    Uniqueness,
};

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError {
    #[error("the schema refers to {0:?}, which is not among its definitions")]
    MissingDefinition(String),
    #[error("the definition {0:?} refers only to itself")]
    CircularDefinition(String),
    #[error("{0:?} is not an object, true or false")]
    NotASchema(String),
}

static NO_KEYWORDS: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);

/// Reads a whole schema. Fails where it cannot mean anything: a reference to nothing, a keyword
/// that should hold a schema and does not.
pub fn read_schema(schema: &Value) -> Result<Schema<'_>, ReadError> {
    let mut definitions = IndexMap::new();
    for keyword in ["$defs", "definitions"] {
        let Some(Value::Object(members)) = schema.get(keyword) else { continue };
        for (key, member) in members {
            definitions.insert(key.as_str(), read_node(member)?);
        }
    }
    let schema = Schema { root: read_node(schema)?, definitions };
    check_references(&schema)?;
    Ok(schema)
}

fn check_references(schema: &Schema<'_>) -> Result<(), ReadError> {
    let mut missing = None;
    for node in schema.definitions.values().chain([&schema.root]) {
        node.references(&mut |key| {
            if !schema.definitions.contains_key(key) {
                missing.get_or_insert_with(|| key.to_owned());
            }
        });
    }
    if let Some(key) = missing {
        return Err(ReadError::MissingDefinition(key));
    }
    for start in schema.definitions.keys() {
        let (mut seen, mut open) = (BTreeSet::new(), vec![*start]);
        while let Some(key) = open.pop() {
            for next in same_value(&schema.definitions[key]) {
                if next == *start {
                    return Err(ReadError::CircularDefinition((*start).to_owned()));
                }
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
    }
    Ok(())
}

/// The definitions that judge the same value as the node does, and not a part of it.
fn same_value<'a>(node: &Node<'a>) -> Vec<&'a str> {
    match &node.kind {
        Kind::Reference(key) => vec![key],
        Kind::Union(union) => union.members.iter().flat_map(same_value).collect(),
        Kind::Any
        | Kind::Never
        | Kind::Null
        | Kind::Boolean
        | Kind::Integer
        | Kind::Number
        | Kind::Text(_)
        | Kind::JsonText(_)
        | Kind::Literal(_)
        | Kind::Array { .. }
        | Kind::Tuple { .. }
        | Kind::Map { .. }
        | Kind::Object(_)
        | Kind::Unsupported(_) => Vec::new(),
    }
}

/// Reads a part of a schema.
pub(super) fn read_node(schema: &Value) -> Result<Node<'_>, ReadError> {
    match schema {
        Value::Bool(true) => Ok(Node { raw: &NO_KEYWORDS, kind: Kind::Any }),
        Value::Bool(false) => Ok(Node { raw: &NO_KEYWORDS, kind: Kind::Never }),
        Value::Object(raw) => Ok(Node { raw, kind: read_kind(raw)? }),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(ReadError::NotASchema(schema.to_string().chars().take(60).collect()))
        }
    }
}

fn read_kind(raw: &Map<String, Value>) -> Result<Kind<'_>, ReadError> {
    if let Some(Value::String(reference)) = raw.get("$ref") {
        return Ok(definition_key(reference).map_or(Kind::Unsupported("$ref"), Kind::Reference));
    }
    if let Some(value) = raw.get("const") {
        return Ok(Kind::Literal(vec![value]));
    }
    if let Some(Value::Array(values)) = raw.get("enum") {
        return Ok(if values.is_empty() {
            Kind::Never
        } else {
            Kind::Literal(values.iter().collect())
        });
    }
    for (keyword, spelling) in [("oneOf", UnionSpelling::OneOf), ("anyOf", UnionSpelling::AnyOf)] {
        if let Some(Value::Array(members)) = raw.get(keyword) {
            return read_union(raw, members, spelling);
        }
    }
    match raw.get("allOf") {
        Some(Value::Array(parts)) if parts.len() == 1 => return Ok(read_node(&parts[0])?.kind),
        Some(_) => return Ok(Kind::Unsupported("allOf")),
        None => {}
    }
    match raw.get("type") {
        Some(Value::String(name)) => read_type(raw, name),
        Some(Value::Array(names)) => read_types(raw, names),
        _ => read_untyped(raw),
    }
}

/// The key in `#/$defs/KEY`.
fn definition_key(reference: &str) -> Option<&str> {
    let key =
        reference.strip_prefix("#/$defs/").or_else(|| reference.strip_prefix("#/definitions/"))?;
    (!key.contains(['/', '~', '%'])).then_some(key)
}

fn read_union<'a>(
    raw: &'a Map<String, Value>,
    members: &'a [Value],
    spelling: UnionSpelling,
) -> Result<Kind<'a>, ReadError> {
    let discriminator = raw.get("discriminator").and_then(|discriminator| {
        Some(Discriminator {
            property: discriminator.get("propertyName")?.as_str()?,
            mapping: discriminator.get("mapping").and_then(Value::as_object),
        })
    });
    let members = members.iter().map(read_node).collect::<Result<_, _>>()?;
    Ok(Kind::Union(Union { members, spelling, discriminator }))
}

fn read_types<'a>(raw: &'a Map<String, Value>, names: &'a [Value]) -> Result<Kind<'a>, ReadError> {
    let members = names
        .iter()
        .filter_map(Value::as_str)
        .map(|name| Ok(Node { raw, kind: read_type(raw, name)? }))
        .collect::<Result<_, _>>()?;
    Ok(Kind::Union(Union { members, spelling: UnionSpelling::Types, discriminator: None }))
}

fn read_type<'a>(raw: &'a Map<String, Value>, name: &'a str) -> Result<Kind<'a>, ReadError> {
    Ok(match name {
        "null" => Kind::Null,
        "boolean" => Kind::Boolean,
        "integer" => Kind::Integer,
        "number" => Kind::Number,
        "string" => return read_text(raw),
        "array" => return read_array(raw),
        "object" => return read_object(raw),
        _ => Kind::Unsupported("type"),
    })
}

fn read_text(raw: &Map<String, Value>) -> Result<Kind<'_>, ReadError> {
    let media_type = raw.get("contentMediaType").and_then(Value::as_str);
    match raw.get("contentSchema") {
        Some(content) if media_type == Some("application/json") => {
            Ok(Kind::JsonText(Box::new(read_node(content)?)))
        }
        Some(_) | None => Ok(Kind::Text(raw.get("format").and_then(Value::as_str))),
    }
}

fn read_untyped(raw: &Map<String, Value>) -> Result<Kind<'_>, ReadError> {
    if raw.contains_key("properties") {
        read_object(raw)
    } else if raw.contains_key("items") || raw.contains_key("prefixItems") {
        read_array(raw)
    } else {
        Ok(Kind::Any)
    }
}

fn read_array(raw: &Map<String, Value>) -> Result<Kind<'_>, ReadError> {
    // Up to draft 2019-09 a list of `items` is what `prefixItems` is now.
    let (prefix, rest) = match raw.get("items") {
        Some(Value::Array(_)) => (raw.get("items"), raw.get("additionalItems")),
        rest => (raw.get("prefixItems"), rest),
    };
    let items = rest.map(read_node).transpose()?.map(Box::new);
    let is_empty = raw.get("maxItems").and_then(Value::as_u64) == Some(0) && items.is_none();
    match prefix {
        Some(Value::Array(positions)) => {
            let positions = positions.iter().map(read_node).collect::<Result<_, _>>()?;
            Ok(Kind::Tuple { positions, rest: items })
        }
        _ if is_empty => Ok(Kind::Tuple { positions: Vec::new(), rest: None }),
        _ => {
            let uniqueness = match raw.get("uniqueItems") {
                Some(Value::Bool(true)) => Uniqueness::Unique,
                _ => Uniqueness::Repeatable,
            };
            let any = || Box::new(Node { raw: &NO_KEYWORDS, kind: Kind::Any });
            Ok(Kind::Array { items: items.unwrap_or_else(any), uniqueness })
        }
    }
}

fn read_object(raw: &Map<String, Value>) -> Result<Kind<'_>, ReadError> {
    let Some(Value::Object(properties)) = raw.get("properties") else { return read_map(raw) };
    let required: Vec<&str> = match raw.get("required") {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mut fields = Vec::with_capacity(properties.len());
    for (name, property) in properties {
        let node = read_node(property)?;
        let presence = if required.contains(&name.as_str()) {
            Presence::Required
        } else if node.raw.contains_key("default") {
            Presence::Defaulted
        } else {
            Presence::Optional
        };
        fields.push(Field { name, node, presence });
    }
    order_as_required(&mut fields, &required);
    let extra = match raw.get("additionalProperties") {
        None => Extra::Unsaid,
        Some(Value::Bool(false)) => Extra::Forbidden,
        Some(Value::Bool(true)) => Extra::Allowed,
        Some(schema) => Extra::Typed(Box::new(read_node(schema)?)),
    };
    Ok(Kind::Object(Object { fields, extra }))
}

/// A store that does not keep the order of members still keeps that of lists: the required fields
/// change places until they are in the order of `required`.
fn order_as_required(fields: &mut Vec<Field<'_>>, required: &[&str]) {
    let places: Vec<usize> =
        (0..fields.len()).filter(|place| fields[*place].presence == Presence::Required).collect();
    let rank = |field: &Field<'_>| required.iter().position(|name| *name == field.name);
    if places.is_sorted_by_key(|place| rank(&fields[*place])) {
        return;
    }
    let (mut listed, others): (Vec<_>, Vec<_>) =
        fields.drain(..).partition(|field| field.presence == Presence::Required);
    listed.sort_by_key(rank);
    let (mut listed, mut others) = (listed.into_iter(), others.into_iter());
    for place in 0..listed.len() + others.len() {
        let next = if places.contains(&place) { listed.next() } else { others.next() };
        fields.extend(next);
    }
}

/// An object without named properties. One pattern stands for keys that match it.
fn read_map(raw: &Map<String, Value>) -> Result<Kind<'_>, ReadError> {
    let keys = raw.get("propertyNames").map(read_node).transpose()?.map(|mut node| {
        // The type of a key goes without saying.
        if matches!(node.kind, Kind::Any) {
            node.kind = Kind::Text(node.raw.get("format").and_then(Value::as_str));
        }
        Box::new(node)
    });
    let values = match (raw.get("additionalProperties"), raw.get("patternProperties")) {
        (None | Some(Value::Bool(false)), Some(Value::Object(patterns))) if patterns.len() == 1 => {
            patterns.values().next().map(read_node).transpose()?
        }
        (Some(schema), None) => Some(read_node(schema)?),
        (None, None) => None,
        (_, Some(_)) => return Ok(Kind::Unsupported("patternProperties")),
    };
    let values = values.unwrap_or(Node { raw: &NO_KEYWORDS, kind: Kind::Any });
    Ok(Kind::Map { keys, values: Box::new(values) })
}
