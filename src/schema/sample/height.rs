//! How deep the shallowest value of a referenced schema is: the way out of recursion.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::schema::resolve::target;

/// Deeper than any value: there is none.
const ENDLESS: u32 = u32::MAX;

/// The heights of everything that references name.
#[derive(Debug, Default)]
pub(super) struct Heights {
    of: HashMap<String, u32>,
}

impl Heights {
    pub fn of(root: &Value) -> Self {
        let mut names = Vec::new();
        collect(root, &mut names);
        let of = names.into_iter().map(|name| (name, ENDLESS)).collect();
        let mut heights = Self { of };
        // Heights only fall, and each round settles at least one, or ends it.
        loop {
            let mut changes = Vec::new();
            for (name, known) in &heights.of {
                let height = target(root, name).map_or(ENDLESS, |node| heights.height(node));
                if height < *known {
                    changes.push((name.clone(), height));
                }
            }
            if changes.is_empty() {
                return heights;
            }
            heights.of.extend(changes);
        }
    }

    /// 0 for a scalar; `None` where every value would be endless.
    pub fn of_node(&self, node: &Value) -> Option<u32> {
        Some(self.height(node)).filter(|height| *height != ENDLESS)
    }

    fn height(&self, node: &Value) -> u32 {
        let Value::Object(node) = node else { return 0 };
        let mut height = 0;
        if let Some(name) = node.get("$ref").and_then(Value::as_str) {
            height = self.of.get(name).copied().unwrap_or(ENDLESS);
        }
        for part in list(node, "allOf") {
            height = height.max(self.height(part));
        }
        for keyword in ["anyOf", "oneOf"] {
            let lowest = list(node, keyword).map(|branch| self.height(branch)).min();
            height = height.max(lowest.unwrap_or_default());
        }
        height.max(self.own_height(node))
    }

    /// What the node's own objects and arrays have to hold.
    fn own_height(&self, node: &Map<String, Value>) -> u32 {
        if node.contains_key("const") || node.contains_key("enum") {
            return 0;
        }
        let is = |name: &str| match node.get("type") {
            Some(Value::String(only)) => only == name,
            Some(Value::Array(names)) => names.len() == 1 && names[0] == name,
            _ => false,
        };
        if is("object") {
            let properties = node.get("properties").and_then(Value::as_object);
            let required = list(node, "required").filter_map(Value::as_str);
            let inner = required
                .filter_map(|name| properties.and_then(|nodes| nodes.get(name)))
                .map(|node| self.height(node));
            return inner.max().map_or(1, |height| height.saturating_add(1));
        }
        if is("array") {
            let has_to_hold = node.get("minItems").and_then(Value::as_u64).unwrap_or_default() > 0;
            let items = node.get("items").filter(|_| has_to_hold);
            let inner = list(node, "prefixItems").chain(items).map(|node| self.height(node));
            return inner.max().map_or(1, |height| height.saturating_add(1));
        }
        0
    }
}

fn list<'n>(node: &'n Map<String, Value>, keyword: &str) -> impl Iterator<Item = &'n Value> {
    node.get(keyword).and_then(Value::as_array).into_iter().flatten()
}

fn collect(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(name)) = map.get("$ref") {
                names.push(name.clone());
            }
            map.values().for_each(|inner| collect(inner, names));
        }
        Value::Array(list) => list.iter().for_each(|inner| collect(inner, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tree_ends_in_its_leaves_and_an_endless_chain_does_not() {
        let root = json!({"$defs": {
            "Leaf": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}},
            "Tree": {"anyOf": [{"$ref": "#/$defs/Branch"}, {"$ref": "#/$defs/Leaf"}]},
            "Branch": {"type": "object", "required": ["left"], "properties": {"left": {"$ref": "#/$defs/Tree"}}},
            "Endless": {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/$defs/Endless"}}},
            "List": {"type": "array", "items": {"$ref": "#/$defs/List"}}
        }});
        let heights = Heights::of(&root);
        let of = |name: &str| heights.of_node(&json!({"$ref": format!("#/$defs/{name}")}));
        assert_eq!(of("Leaf"), Some(1));
        assert_eq!(of("Tree"), Some(1));
        assert_eq!(of("Branch"), Some(2));
        assert_eq!(of("List"), Some(1));
        assert_eq!(of("Endless"), None);
    }
}
