//! Where schemas stand inside a schema, as opposed to data that looks like one.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::pointer;

/// The schemas directly inside a schema, in its order.
pub(super) fn inner(schema: &Map<String, Value>) -> Vec<&Value> {
    let mut inner = Vec::new();
    for (keyword, value) in schema {
        match (keyword.as_str(), value) {
            (
                "properties" | "patternProperties" | "dependentSchemas" | "dependencies",
                Value::Object(members),
            ) => inner.extend(members.values()),
            ("allOf" | "anyOf" | "oneOf" | "prefixItems" | "items", Value::Array(list)) => {
                inner.extend(list);
            }
            (
                "items"
                | "additionalItems"
                | "additionalProperties"
                | "propertyNames"
                | "contains"
                | "not"
                | "if"
                | "then"
                | "else"
                | "unevaluatedItems"
                | "unevaluatedProperties",
                schema,
            ) => inner.push(schema),
            (_, _) => {}
        }
    }
    inner
}

/// The pointers that references lead to, directly and through other targets, in the order in which
/// a reader meets them. The whole schema, `""`, is not among them unless something refers to it.
pub(super) fn referenced(root: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(root, root, &mut found);
    let mut next = 0;
    let mut seen: HashSet<String> = found.iter().cloned().collect();
    while let Some(pointer) = found.get(next).cloned() {
        next += 1;
        let mut deeper = Vec::new();
        if let Some(target) = root.pointer(&pointer).filter(|_| !pointer.is_empty()) {
            collect(root, target, &mut deeper);
        }
        found.extend(deeper.into_iter().filter(|pointer| seen.insert(pointer.clone())));
    }
    found
}

/// The pointers of the references inside one schema, each once.
pub(super) fn references(root: &Value, schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(root, schema, &mut found);
    found
}

fn collect(root: &Value, schema: &Value, found: &mut Vec<String>) {
    let Value::Object(map) = schema else { return };
    let target = map.get("$ref").and_then(Value::as_str);
    if let Some((pointer, _)) = target.and_then(|target| pointer::target(root, target))
        && !found.contains(&pointer)
    {
        found.push(pointer);
    }
    for schema in inner(map) {
        collect(root, schema, found);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_are_met_in_order_and_data_is_not_looked_into() {
        let root = json!({
            "$defs": {
                "A": {"items": {"$ref": "#/$defs/B"}},
                "B": {"anyOf": [{"$ref": "#/$defs/A"}, {"$ref": "#"}]},
                "C": {},
                "D": {},
            },
            "properties": {
                "x": {"$ref": "#/$defs/C", "default": {"$ref": "#/$defs/D"}},
                "y": {"additionalProperties": {"$ref": "#/$defs/A"}},
                "z": {"$ref": "#/$defs/Missing"},
            },
        });
        assert_eq!(referenced(&root), ["/$defs/C", "/$defs/A", "/$defs/B", ""]);
        assert_eq!(references(&root, &root["$defs"]["A"]), ["/$defs/B"]);
    }
}
