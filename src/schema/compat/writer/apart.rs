//! Whether the branches of a `oneOf` exclude each other for a reason that can be seen at once:
//! their types, their listed texts, or a tag that each of them requires.

use indexmap::IndexMap;
use serde_json::Value;

use super::parts::{Parts, Schema};
use crate::schema::compat::json::differ;
use crate::schema::compat::parse::Dialect;

/// References followed to what a branch is.
const MAX_REFERENCES: usize = 24;

/// No value fits two of the branches. `false` when that cannot be told.
pub(super) fn are_apart(parts: &Parts<'_>, dialect: Dialect, branches: &[Value]) -> bool {
    if dialect == Dialect::Draft4 {
        // `const` is no keyword there.
        return false;
    }
    let mut by_type: IndexMap<&str, Vec<&Schema>> = IndexMap::new();
    for branch in branches {
        let Some(schema) = meant(parts, branch) else { return false };
        let Some(name) = schema.get("type").and_then(Value::as_str) else { return false };
        let name = if name == "integer" { "number" } else { name };
        by_type.entry(name).or_default().push(schema);
    }
    by_type.into_iter().all(|(name, schemas)| match (name, schemas.as_slice()) {
        (_, [_]) => true,
        ("object", [first, ..]) => {
            required(first).any(|tag| differ(schemas.iter().map(|map| tag_of(parts, map, tag))))
        }
        (_, schemas) => differ(schemas.iter().map(|map| listed(map))),
    })
}

/// The schema that a branch leads to; what stands beside a reference only narrows it.
fn meant<'d>(parts: &Parts<'d>, schema: &'d Value) -> Option<&'d Schema> {
    let mut at = schema.as_object()?;
    for _ in 0..MAX_REFERENCES {
        if !at.contains_key("$ref") {
            return Some(at);
        }
        at = parts.target(at)?.0.as_object()?;
    }
    None
}

fn required(schema: &Schema) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The texts that a required member can be.
fn tag_of<'d>(parts: &Parts<'d>, schema: &'d Schema, name: &str) -> Option<Vec<&'d str>> {
    if !required(schema).any(|required| required == name) {
        return None;
    }
    listed(meant(parts, schema.get("properties")?.get(name)?)?)
}

fn listed(schema: &Schema) -> Option<Vec<&str>> {
    match (schema.get("const"), schema.get("enum")) {
        (Some(value), _) => Some(vec![value.as_str()?]),
        (None, Some(values)) => values.as_array()?.iter().map(Value::as_str).collect(),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn branches_are_apart_by_type_text_or_required_tag() {
        let tagged = |tag: &Value, required: &[&str]| json!({"type": "object", "properties": {"kind": tag}, "required": required});
        let (cat, dog) = (json!({"const": "cat"}), json!({"const": "dog"}));
        let root = json!({"$defs": {
            "Cat": tagged(&cat, &["kind"]), "Dog": tagged(&dog, &["kind"]), "Name": {"enum": ["dog"]}
        }});
        let parts = Parts { root: &root };
        for (branches, apart) in [
            (json!([{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}, {"type": "null"}]), true),
            (
                json!([{"$ref": "#/$defs/Cat"}, tagged(&json!({"$ref": "#/$defs/Name"}), &["kind"])]),
                true,
            ),
            (
                json!([{"$ref": "#/$defs/Dog"}, tagged(&json!({"$ref": "#/$defs/Name"}), &["kind"])]),
                false,
            ),
            (json!([tagged(&cat, &["kind"]), tagged(&dog, &[])]), false),
            (json!([tagged(&cat, &[]), tagged(&dog, &["kind"])]), false),
            (
                json!([{"type": "string", "const": "a"}, {"type": "string", "enum": ["b", "c"]}]),
                true,
            ),
            (json!([{"type": "string", "const": "a"}, {"type": "string"}]), false),
            (json!([{"type": "integer"}, {"type": "number"}]), false),
            (json!([{"type": "number", "const": 1}, {"type": "number", "const": 2}]), false),
            (json!([{"const": "a"}, {"const": "b"}]), false),
            (json!([{"$ref": "#/$defs/Gone"}, {"type": "null"}]), false),
        ] {
            let list = branches.as_array().unwrap();
            assert_eq!(are_apart(&parts, Dialect::Draft2020, list), apart, "{branches}");
            assert!(!are_apart(&parts, Dialect::Draft4, list));
        }
    }
}
