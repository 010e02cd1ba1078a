//! JSON Schema to the model.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use indexmap::IndexMap;
use serde_json::{Map, Value};
use thiserror::Error;
use typed_arena::Arena;

use super::merge::Merging;
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

/// Where the parts of `allOf` live that were merged.
pub type Merges = Arena<Map<String, Value>>;

/// How many merged schemas may stand inside each other: merging recursive ones never ends.
const MAX_MERGED_DEPTH: usize = 12;

/// Reads a whole schema. Fails where it cannot mean anything: a reference to nothing, a keyword
/// that should hold a schema and does not.
pub fn read_schema<'a>(schema: &'a Value, merges: &'a Merges) -> Result<Schema<'a>, ReadError> {
    let reader = Reader { merging: Merging::new(schema), merges, depth: Cell::new(0) };
    let mut definitions = IndexMap::new();
    for keyword in ["$defs", "definitions"] {
        let Some(Value::Object(members)) = schema.get(keyword) else { continue };
        for (key, member) in members {
            definitions.insert(key.as_str(), reader.read_node(member)?);
        }
    }
    let root = reader.read_node(schema)?;
    let schema = Schema { root, definitions, merged: reader.merging.into_followed() };
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

/// What reads a document.
struct Reader<'a> {
    merging: Merging<'a>,
    merges: &'a Merges,
    /// How many merged schemas the one at hand stands in.
    depth: Cell<usize>,
}

impl<'a> Reader<'a> {
    /// Reads a part of a schema.
    fn read_node(&self, schema: &'a Value) -> Result<Node<'a>, ReadError> {
        match schema {
            Value::Bool(true) => Ok(Node { raw: &NO_KEYWORDS, spelled: None, kind: Kind::Any }),
            Value::Bool(false) => Ok(Node { raw: &NO_KEYWORDS, spelled: None, kind: Kind::Never }),
            Value::Object(raw) => self.read_keywords(raw),
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Err(ReadError::NotASchema(schema.to_string().chars().take(60).collect()))
            }
        }
    }

    /// Reads a schema with the parts of `allOf` that can be merged into it.
    fn read_keywords(&self, raw: &'a Map<String, Value>) -> Result<Node<'a>, ReadError> {
        if !raw.contains_key("allOf") || self.depth.get() == MAX_MERGED_DEPTH {
            return Ok(Node { raw, spelled: None, kind: self.read_kind(raw)? });
        }
        let Some(merged) = self.merging.merged(raw) else {
            return Ok(Node { raw, spelled: None, kind: self.read_kind(raw)? });
        };
        let merged = &*self.merges.alloc(merged);
        self.depth.update(|depth| depth + 1);
        let kind = self.read_kind(merged);
        self.depth.update(|depth| depth - 1);
        Ok(Node { raw: merged, spelled: Some(raw), kind: kind? })
    }

    fn read_kind(&self, raw: &'a Map<String, Value>) -> Result<Kind<'a>, ReadError> {
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
        for (keyword, spelling) in
            [("oneOf", UnionSpelling::OneOf), ("anyOf", UnionSpelling::AnyOf)]
        {
            if let Some(Value::Array(members)) = raw.get(keyword)
                && !(is_object(raw) && members.iter().all(is_rule))
            {
                return self.read_union(raw, members, spelling);
            }
        }
        match raw.get("type") {
            Some(Value::String(name)) => self.read_type(raw, name),
            Some(Value::Array(names)) => self.read_types(raw, names),
            _ => match self.read_untyped(raw)? {
                Kind::Any if raw.contains_key("allOf") => Ok(Kind::Unsupported("allOf")),
                kind => Ok(kind),
            },
        }
    }

    fn read_union(
        &self,
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
        let members = members.iter().map(|node| self.read_node(node)).collect::<Result<_, _>>()?;
        Ok(Kind::Union(Union { members, spelling, discriminator }))
    }

    fn read_types(
        &self,
        raw: &'a Map<String, Value>,
        names: &'a [Value],
    ) -> Result<Kind<'a>, ReadError> {
        let members = names
            .iter()
            .filter_map(Value::as_str)
            .map(|name| Ok(Node { raw, spelled: None, kind: self.read_type(raw, name)? }))
            .collect::<Result<_, _>>()?;
        Ok(Kind::Union(Union { members, spelling: UnionSpelling::Types, discriminator: None }))
    }

    fn read_type(&self, raw: &'a Map<String, Value>, name: &'a str) -> Result<Kind<'a>, ReadError> {
        Ok(match name {
            "null" => Kind::Null,
            "boolean" => Kind::Boolean,
            "integer" => Kind::Integer,
            "number" => Kind::Number,
            "string" => return self.read_text(raw),
            "array" => return self.read_array(raw),
            "object" => return self.read_object(raw),
            _ => Kind::Unsupported("type"),
        })
    }

    fn read_text(&self, raw: &'a Map<String, Value>) -> Result<Kind<'a>, ReadError> {
        let media_type = raw.get("contentMediaType").and_then(Value::as_str);
        match raw.get("contentSchema") {
            Some(content) if media_type == Some("application/json") => {
                Ok(Kind::JsonText(Box::new(self.read_node(content)?)))
            }
            Some(_) | None => Ok(Kind::Text(raw.get("format").and_then(Value::as_str))),
        }
    }

    fn read_untyped(&self, raw: &'a Map<String, Value>) -> Result<Kind<'a>, ReadError> {
        if raw.contains_key("properties") {
            self.read_object(raw)
        } else if raw.contains_key("items") || raw.contains_key("prefixItems") {
            self.read_array(raw)
        } else {
            Ok(Kind::Any)
        }
    }

    fn read_array(&self, raw: &'a Map<String, Value>) -> Result<Kind<'a>, ReadError> {
        // Up to draft 2019-09 a list of `items` is what `prefixItems` is now.
        let (prefix, rest) = match raw.get("items") {
            Some(Value::Array(_)) => (raw.get("items"), raw.get("additionalItems")),
            rest => (raw.get("prefixItems"), rest),
        };
        let items = rest.map(|node| self.read_node(node)).transpose()?.map(Box::new);
        let is_empty = raw.get("maxItems").and_then(Value::as_u64) == Some(0) && items.is_none();
        match prefix {
            Some(Value::Array(positions)) => {
                let positions =
                    positions.iter().map(|node| self.read_node(node)).collect::<Result<_, _>>()?;
                Ok(Kind::Tuple { positions, rest: items })
            }
            _ if is_empty => Ok(Kind::Tuple { positions: Vec::new(), rest: None }),
            _ => {
                let uniqueness = match raw.get("uniqueItems") {
                    Some(Value::Bool(true)) => Uniqueness::Unique,
                    _ => Uniqueness::Repeatable,
                };
                let any = || Box::new(Node { raw: &NO_KEYWORDS, spelled: None, kind: Kind::Any });
                Ok(Kind::Array { items: items.unwrap_or_else(any), uniqueness })
            }
        }
    }

    fn read_object(&self, raw: &'a Map<String, Value>) -> Result<Kind<'a>, ReadError> {
        let Some(Value::Object(properties)) = raw.get("properties") else {
            return self.read_map(raw);
        };
        let required: Vec<&str> = match raw.get("required") {
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let mut fields = Vec::with_capacity(properties.len());
        for (name, property) in properties {
            let node = self.read_node(property)?;
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
            Some(schema) => Extra::Typed(Box::new(self.read_node(schema)?)),
        };
        Ok(Kind::Object(Object { fields, extra }))
    }

    /// An object without named properties. One pattern stands for keys that match it.
    fn read_map(&self, raw: &'a Map<String, Value>) -> Result<Kind<'a>, ReadError> {
        let keys = raw.get("propertyNames").map(|node| self.read_node(node)).transpose()?.map(
            |mut node| {
                // The type of a key goes without saying.
                if matches!(node.kind, Kind::Any) {
                    node.kind = Kind::Text(node.raw.get("format").and_then(Value::as_str));
                }
                Box::new(node)
            },
        );
        let values = match (raw.get("additionalProperties"), raw.get("patternProperties")) {
            (None | Some(Value::Bool(false)), Some(Value::Object(patterns)))
                if patterns.len() == 1 =>
            {
                patterns.values().next().map(|node| self.read_node(node)).transpose()?
            }
            (Some(schema), None) => Some(self.read_node(schema)?),
            (None, None) => None,
            (_, Some(_)) => return Ok(Kind::Unsupported("patternProperties")),
        };
        let values = values.unwrap_or(Node { raw: &NO_KEYWORDS, spelled: None, kind: Kind::Any });
        Ok(Kind::Map { keys, values: Box::new(values) })
    }
}

fn is_object(raw: &Map<String, Value>) -> bool {
    raw.contains_key("properties") || raw.get("type").is_some_and(|name| name == "object")
}

/// Whether a member of a union only says which properties go together.
fn is_rule(member: &Value) -> bool {
    let is_rule = |keyword: &String| matches!(keyword.as_str(), "required" | "not" | "title");
    member.as_object().is_some_and(|member| member.keys().all(is_rule))
}

/// The key in `#/$defs/KEY`.
pub(super) fn definition_key(reference: &str) -> Option<&str> {
    let key =
        reference.strip_prefix("#/$defs/").or_else(|| reference.strip_prefix("#/definitions/"))?;
    (!key.contains(['/', '~', '%'])).then_some(key)
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
