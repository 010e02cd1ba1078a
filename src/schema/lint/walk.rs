use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Schemas nested deeper than this are left alone.
const MAX_DEPTH: usize = 64;

/// A schema inside of a schema, in the place where an event meets it first.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    pub schema: &'a Map<String, Value>,
    /// Where in the event, `items[].qty`.
    pub path: String,
    /// JSON Pointer into the schema.
    pub pointer: String,
}

/// Every schema that can say something about an event, each once however often it is referred to.
pub(super) fn nodes(root: &Value) -> Vec<Node<'_>> {
    let mut walk = Walk { root, seen: BTreeSet::new(), nodes: Vec::new() };
    walk.visit(root, (String::new(), String::new()), 0);
    walk.nodes
}

/// The schema that a `$ref` inside of the document leads to, with its pointer.
pub(super) fn target<'a>(root: &'a Value, reference: &str) -> Option<(&'a Value, String)> {
    let pointer = reference.strip_prefix('#')?;
    root.pointer(pointer).map(|schema| (schema, pointer.to_owned()))
}

/// `name` as a step of a JSON Pointer.
pub(super) fn step(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The path of a member of what is at `path`.
pub(super) fn member_path(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

struct Walk<'a> {
    root: &'a Value,
    seen: BTreeSet<String>,
    nodes: Vec<Node<'a>>,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, schema: &'a Value, (path, pointer): (String, String), depth: usize) {
        let Some(members) = schema.as_object() else { return };
        if depth > MAX_DEPTH || !self.seen.insert(pointer.clone()) {
            return;
        }
        self.nodes.push(Node { schema: members, path: path.clone(), pointer: pointer.clone() });
        if let Some(reference) = members.get("$ref").and_then(Value::as_str)
            && let Some((schema, pointer)) = target(self.root, reference)
        {
            self.visit(schema, (path.clone(), pointer), depth + 1);
        }
        for (keyword, value) in members {
            let pointer = format!("{pointer}/{keyword}");
            self.keyword((keyword, value), (&path, pointer), depth + 1);
        }
    }

    fn keyword(
        &mut self,
        (keyword, value): (&str, &'a Value),
        (path, pointer): (&str, String),
        depth: usize,
    ) {
        match keyword {
            "properties" => {
                for (name, schema) in value.as_object().into_iter().flatten() {
                    let place = (member_path(path, name), format!("{pointer}/{}", step(name)));
                    self.visit(schema, place, depth);
                }
            }
            "patternProperties" => {
                for (name, schema) in value.as_object().into_iter().flatten() {
                    let place = (format!("{path}[]"), format!("{pointer}/{}", step(name)));
                    self.visit(schema, place, depth);
                }
            }
            "items" | "additionalProperties" | "contains" => {
                self.visit(value, (format!("{path}[]"), pointer), depth);
            }
            "prefixItems" => self.each(value, (format!("{path}[]"), pointer), depth),
            "anyOf" | "oneOf" | "allOf" => self.each(value, (path.to_owned(), pointer), depth),
            "if" | "then" | "else" | "not" => {
                self.visit(value, (path.to_owned(), pointer), depth);
            }
            _ => {}
        }
    }

    fn each(&mut self, schemas: &'a Value, (path, pointer): (String, String), depth: usize) {
        for (index, schema) in schemas.as_array().into_iter().flatten().enumerate() {
            self.visit(schema, (path.clone(), format!("{pointer}/{index}")), depth);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_schema_is_met_once_where_an_event_meets_it() {
        let schema = json!({
            "properties": {
                "items": {"type": "array", "items": {"$ref": "#/$defs/Item"}},
                "other": {"$ref": "#/$defs/Item"},
                "a/b": {"anyOf": [{"type": "string"}, {"additionalProperties": {}}]}
            },
            "$defs": {"Item": {"properties": {"next": {"$ref": "#/$defs/Item"}}}, "Unused": {}}
        });
        let shown: Vec<String> = nodes(&schema)
            .iter()
            .map(|node| format!("{} at {}", node.path, node.pointer))
            .collect();
        assert_eq!(
            shown,
            [
                " at ",
                "items at /properties/items",
                "items[] at /properties/items/items",
                "items[] at /$defs/Item",
                "items[].next at /$defs/Item/properties/next",
                "other at /properties/other",
                "a/b at /properties/a~1b",
                "a/b at /properties/a~1b/anyOf/0",
                "a/b at /properties/a~1b/anyOf/1",
                "a/b[] at /properties/a~1b/anyOf/1/additionalProperties",
            ]
        );
    }
}
