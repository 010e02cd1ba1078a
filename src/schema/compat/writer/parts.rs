//! What the parts of a schema say about one object's names, and where references lead.

use serde_json::{Map, Value};

pub(super) type Schema = Map<String, Value>;

/// References followed from one schema to its parts before it counts as going in circles.
const MAX_REFERENCES: usize = 24;

/// Keywords that say something about names which `properties` does not list.
pub(super) const OTHER_NAMES: [&str; 3] =
    ["additionalProperties", "patternProperties", "unevaluatedProperties"];

/// Keywords whose schemas speak about the value that their own schema speaks about, under
/// conditions.
pub(super) const CONDITIONAL: [&str; 4] = ["then", "else", "dependentSchemas", "dependencies"];

/// A schema of the original document, and its JSON Pointer there.
#[derive(Debug, Clone)]
pub(super) struct Part<'d> {
    pub(super) map: &'d Schema,
    pub(super) pointer: String,
}

pub(super) fn child(pointer: &str, name: &str) -> String {
    if name.contains(['~', '/']) {
        return format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
    }
    let mut inside = String::with_capacity(pointer.len() + 1 + name.len());
    inside.push_str(pointer);
    inside.push('/');
    inside.push_str(name);
    inside
}

/// The members of a list or mapping of schemas, with their pointers.
pub(super) fn members<'d>(value: &'d Value, pointer: &str) -> Vec<(&'d Value, String)> {
    match value {
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(index, part)| (part, child(pointer, &index.to_string())))
            .collect(),
        Value::Object(map) => map.iter().map(|(name, part)| (part, child(pointer, name))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// The document, as far as references are followed in it.
pub(super) struct Parts<'d> {
    pub(super) root: &'d Value,
}

impl<'d> Parts<'d> {
    /// What a plain reference within the document leads to.
    pub(super) fn target(&self, map: &Schema) -> Option<(&'d Value, String)> {
        let pointer = map.get("$ref")?.as_str()?.strip_prefix('#')?;
        let target = self.root.pointer(pointer)?;
        Some((target, pointer.to_owned()))
    }

    /// Whether a schema, or a part of it that is judged in place, speaks about an object's names or
    /// about items that do.
    pub(super) fn speaks(&self, schema: &Value) -> bool {
        self.speaks_within(schema, MAX_REFERENCES)
    }

    fn speaks_within(&self, schema: &Value, depth: usize) -> bool {
        let (Value::Object(map), Some(depth)) = (schema, depth.checked_sub(1)) else {
            return false;
        };
        speaks_itself(map) || self.in_place(map).any(|part| self.speaks_within(part, depth))
    }

    /// Whether a schema, or a part of it that is judged in place, lists properties.
    pub(super) fn declares(&self, schema: &Value) -> bool {
        self.declares_within(schema, MAX_REFERENCES)
    }

    fn declares_within(&self, schema: &Value, depth: usize) -> bool {
        let (Value::Object(map), Some(depth)) = (schema, depth.checked_sub(1)) else {
            return false;
        };
        map.contains_key("properties")
            || self.in_place(map).any(|part| self.declares_within(part, depth))
    }

    /// The schemas that speak about the same value as this one.
    fn in_place(&self, map: &'d Schema) -> impl Iterator<Item = &'d Value> {
        let listed = ["allOf", "anyOf", "oneOf"]
            .into_iter()
            .filter_map(|keyword| map.get(keyword)?.as_array())
            .flatten();
        let single = ["if", "then", "else"].into_iter().filter_map(|keyword| map.get(keyword));
        let mapped = ["dependentSchemas", "dependencies"]
            .into_iter()
            .filter_map(|keyword| map.get(keyword)?.as_object())
            .flat_map(Map::values);
        listed.chain(single).chain(mapped).chain(self.target(map).map(|(target, _)| target))
    }

    /// Whether objects are described in a schema or anywhere below it.
    pub(super) fn lists_names(&self, schema: &Value) -> bool {
        self.lists_names_within(schema, MAX_REFERENCES)
    }

    fn lists_names_within(&self, schema: &Value, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return true };
        match schema {
            Value::Object(map) => {
                map.contains_key("properties")
                    || map.contains_key("$ref")
                        && self
                            .target(map)
                            .is_none_or(|(target, _)| self.lists_names_within(target, depth))
                    || map.values().any(|value| self.lists_names_within(value, depth))
            }
            Value::Array(list) => list.iter().any(|value| self.lists_names_within(value, depth)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        }
    }
}

/// Whether a schema's own keywords speak about names, or about items.
pub(super) fn speaks_itself(map: &Schema) -> bool {
    const NAMES: [&str; 9] = [
        "properties",
        "required",
        "dependentRequired",
        "additionalProperties",
        "patternProperties",
        "unevaluatedProperties",
        "items",
        "prefixItems",
        "additionalItems",
    ];
    NAMES.iter().any(|keyword| map.contains_key(*keyword))
}

/// The names that a schema's own keywords mention, whether it lists properties for them or not.
pub(super) fn demanded_names(map: &Schema) -> impl Iterator<Item = &str> {
    let required = map.get("required").and_then(Value::as_array).into_iter().flatten();
    let dependent = ["dependentRequired", "dependencies"]
        .into_iter()
        .filter_map(|keyword| map.get(keyword)?.as_object())
        .flat_map(Map::values)
        .filter_map(Value::as_array)
        .flatten();
    required.chain(dependent).filter_map(Value::as_str)
}

/// Whether a schema that lists properties leaves open that there are others.
pub(super) fn is_silent(map: &Schema) -> bool {
    !OTHER_NAMES.iter().any(|keyword| map.contains_key(*keyword))
        && !map.contains_key("const")
        && !map.contains_key("enum")
}
