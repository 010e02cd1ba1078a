//! The fields of a schema by their path in the event, references followed.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::super::finding::Finding;

/// Deeper fields are left alone: recursive models have no end.
const MAX_DEPTH: usize = 16;
/// No more fields than this are looked at.
const MAX_FIELDS: usize = 20_000;
const MAX_REFERENCES: usize = 16;

/// One place in the event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'s> {
    /// The schema as it stands among the properties: its default, whether it is deprecated.
    pub(super) schema: &'s Value,
    /// What the reference in it leads to; the same where there is none.
    pub(super) target: &'s Value,
    pub(super) presence: Presence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    Optional,
    /// An item of a list: not a member that could be absent.
    Item,
}

/// By path, `items[].qty`.
pub(super) type Fields<'s> = BTreeMap<String, Located<'s>>;

#[derive(Debug, Clone)]
pub(super) struct Located<'s> {
    pub(super) field: Field<'s>,
    pub(super) path: String,
    /// JSON Pointer to `field.schema`.
    pub(super) pointer: String,
    /// The path of the object that has the member.
    pub(super) parent: String,
    pub(super) name: String,
}

pub(super) fn fields(schema: &Value) -> Fields<'_> {
    let mut walk = Walk { root: schema, found: Fields::new() };
    walk.schema(schema, &Here { path: "", pointer: "", depth: 0 });
    walk.found
}

struct Walk<'s> {
    root: &'s Value,
    found: Fields<'s>,
}

struct Here<'h> {
    path: &'h str,
    pointer: &'h str,
    depth: usize,
}

impl<'s> Walk<'s> {
    fn schema(&mut self, schema: &'s Value, here: &Here<'_>) {
        if here.depth > MAX_DEPTH || self.found.len() > MAX_FIELDS {
            return;
        }
        let (target, pointer) = resolve(self.root, schema, here.pointer);
        let Some(map) = target.as_object() else { return };
        let here = Here { path: here.path, pointer: &pointer, depth: here.depth + 1 };
        self.members(map, &here);
        if let Some(items @ Value::Object(_)) = map.get("items") {
            let path = format!("{}[]", here.path);
            let pointer = format!("{}/items", here.pointer);
            let presence = Presence::Item;
            self.add((&path, &pointer), (here.path, "[]"), (items, presence));
            self.schema(items, &Here { path: &path, pointer: &pointer, depth: here.depth });
        }
        for keyword in ["anyOf", "oneOf", "allOf"] {
            let branches = map.get(keyword).and_then(Value::as_array).into_iter().flatten();
            for (index, branch) in branches.enumerate() {
                let pointer = format!("{}/{keyword}/{index}", here.pointer);
                self.schema(
                    branch,
                    &Here { path: here.path, pointer: &pointer, depth: here.depth },
                );
            }
        }
    }

    fn members(&mut self, map: &'s Map<String, Value>, here: &Here<'_>) {
        let Some(properties) = map.get("properties").and_then(Value::as_object) else { return };
        let required = map.get("required").and_then(Value::as_array);
        for (name, schema) in properties {
            let is_required = required.is_some_and(|names| names.iter().any(|known| known == name));
            let presence = if is_required { Presence::Required } else { Presence::Optional };
            let dot = if here.path.is_empty() { "" } else { "." };
            let path = format!("{}{dot}{name}", here.path);
            let pointer = format!("{}/properties/{}", here.pointer, escaped(name));
            self.add((&path, &pointer), (here.path, name), (schema, presence));
            self.schema(schema, &Here { path: &path, pointer: &pointer, depth: here.depth });
        }
    }

    /// The first of several alternatives that have the member stands for all.
    fn add(
        &mut self,
        (path, pointer): (&str, &str),
        (parent, name): (&str, &str),
        (schema, presence): (&'s Value, Presence),
    ) {
        let (target, _) = resolve(self.root, schema, pointer);
        self.found.entry(path.to_owned()).or_insert_with(|| Located {
            field: Field { schema, target, presence },
            path: path.to_owned(),
            pointer: pointer.to_owned(),
            parent: parent.to_owned(),
            name: name.to_owned(),
        });
    }
}

impl Located<'_> {
    /// A finding about this place of the new schema.
    pub(super) fn new_place(&self, finding: Finding) -> Finding {
        let new_pointer = Some(self.pointer.clone());
        Finding { path: self.path.clone(), new_pointer, ..finding }
    }
}

impl Field<'_> {
    /// A keyword beside the reference, or else behind it.
    pub(super) fn keyword(&self, name: &str) -> Option<&Value> {
        self.schema.get(name).or_else(|| self.target.get(name))
    }

    /// Whether null is one of the values, as far as can be seen without reasoning.
    pub(super) fn takes_null(&self) -> bool {
        fn takes(schema: &Value) -> bool {
            let is_null = |name: &Value| name == "null";
            match schema.get("type") {
                Some(Value::Array(names)) => names.iter().any(is_null),
                Some(name) => is_null(name),
                None => match schema.get("anyOf").and_then(Value::as_array) {
                    Some(branches) => branches.iter().any(takes),
                    None => schema.get("$ref").is_none() && schema.get("enum").is_none(),
                },
            }
        }
        takes(self.target)
    }
}

/// Follows references within the document; with the pointer to where they lead.
pub(super) fn resolve<'s>(
    root: &'s Value,
    schema: &'s Value,
    pointer: &str,
) -> (&'s Value, String) {
    let mut here = (schema, pointer.to_owned());
    for _ in 0..MAX_REFERENCES {
        let target = here.0.get("$ref").and_then(Value::as_str);
        let Some(path) = target.and_then(|target| target.strip_prefix('#')) else { break };
        let Some(found) = root.pointer(path) else { break };
        here = (found, path.to_owned());
    }
    here
}

pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The value at a path of an event; of a list, the first item that has the rest of the path.
pub(super) fn value_at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    if path.is_empty() {
        return Some(value);
    }
    if let Some(rest) = path.strip_prefix("[]") {
        return value.as_array()?.iter().find_map(|item| value_at(item, after_dot(rest)));
    }
    if let Some((index, rest)) = path.strip_prefix('[').and_then(|rest| rest.split_once(']'))
        && let Ok(index) = index.parse::<usize>()
    {
        return value_at(value.as_array()?.get(index)?, after_dot(rest));
    }
    // A name may hold dots itself, so the longest one that fits is taken.
    let (rest, member) = value
        .as_object()?
        .iter()
        .filter_map(|(name, member)| Some((path.strip_prefix(name.as_str())?, member)))
        .filter(|(rest, _)| rest.is_empty() || rest.starts_with(['.', '[']))
        .min_by_key(|(rest, _)| rest.len())?;
    value_at(member, after_dot(rest))
}

fn after_dot(rest: &str) -> &str {
    rest.strip_prefix('.').unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_found_through_lists_references_and_alternatives() {
        let schema = json!({
            "properties": {
                "id": {"type": "integer"},
                "a/b": {},
                "items": {"type": "array", "items": {"$ref": "#/$defs/Item"}},
                "next": {"anyOf": [{"$ref": "#/$defs/Item"}, {"type": "null"}]},
            },
            "required": ["id"],
            "$defs": {"Item": {"properties": {"qty": {"minimum": 1}}, "required": ["qty"]}},
        });
        let found = fields(&schema);
        let shown: Vec<String> = found
            .iter()
            .map(|(path, at)| format!("{path} {:?} {}", at.field.presence, at.pointer))
            .collect();
        assert_eq!(
            shown,
            [
                "a/b Optional /properties/a~1b",
                "id Required /properties/id",
                "items Optional /properties/items",
                "items[] Item /properties/items/items",
                "items[].qty Required /$defs/Item/properties/qty",
                "next Optional /properties/next",
                "next.qty Required /$defs/Item/properties/qty",
            ]
        );
        assert!(found["next"].field.takes_null() && !found["id"].field.takes_null());
    }

    #[test]
    fn recursive_models_end() {
        let schema = json!({
            "$ref": "#/$defs/N",
            "$defs": {"N": {"properties": {"n": {"$ref": "#/$defs/N"}, "m": {"$ref": "#/$defs/M"}}},
                "M": {"$ref": "#/$defs/M"}},
        });
        assert!(fields(&schema).len() < 100);
    }

    #[test]
    fn values_are_found_by_path_also_where_names_hold_dots() {
        let value = json!({"a": [{"x": 1}, {"qty": 0}], "b.c": {"d": true}, "b": {"c": 2}});
        for (path, expected) in [
            ("", Some(&value)),
            ("a[].qty", Some(&json!(0))),
            ("a[0].x", Some(&json!(1))),
            ("b.c.d", Some(&json!(true))),
            ("a[].z", None),
            ("zz", None),
        ] {
            assert_eq!(value_at(&value, path), expected, "{path}");
        }
    }
}
