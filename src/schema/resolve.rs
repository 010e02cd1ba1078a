//! A schema node as it is meant: references followed, `allOf` folded in.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

/// References in a row; more are a circle.
const MAX_STEPS: usize = 64;

/// What a node says once nothing stands between it and its keywords.
pub(super) type Node<'s> = Cow<'s, Map<String, Value>>;

/// Why a node cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unresolved {
    /// `false`: nothing fits.
    Never,
    /// A reference that leads nowhere, out of the document, or in a circle.
    Reference,
}

/// The keywords of `node`. Where parts of `allOf` say different things about one keyword the
/// stricter one counts, if that can be told; who relies on the result checks it.
pub(super) fn resolved<'s>(root: &'s Value, node: &'s Value) -> Result<Node<'s>, Unresolved> {
    folded(root, node, MAX_STEPS)
}

/// The node that a `$ref` inside the document names.
pub(super) fn target<'s>(root: &'s Value, reference: &str) -> Option<&'s Value> {
    root.pointer(reference.strip_prefix('#')?)
}

/// Both nodes at once.
pub(super) fn both(first: &Map<String, Value>, second: &Map<String, Value>) -> Map<String, Value> {
    let mut all = first.clone();
    merge(&mut all, second);
    all
}

fn folded<'s>(root: &'s Value, node: &'s Value, steps: usize) -> Result<Node<'s>, Unresolved> {
    let map = match node {
        Value::Object(map) => map,
        Value::Bool(false) => return Err(Unresolved::Never),
        _ => return Ok(Cow::Owned(Map::new())),
    };
    let steps = steps.checked_sub(1).ok_or(Unresolved::Reference)?;
    let reference = map.get("$ref");
    let parts = map.get("allOf").and_then(Value::as_array);
    if reference.is_none() && parts.is_none() {
        return Ok(Cow::Borrowed(map));
    }
    let mut all: Option<Node<'s>> = None;
    if let Some(reference) = reference {
        let node = reference.as_str().and_then(|name| target(root, name));
        let node = folded(root, node.ok_or(Unresolved::Reference)?, steps)?;
        if map.len() == 1 {
            return Ok(node);
        }
        all = Some(node);
    }
    let mut all = all.map(Cow::into_owned).unwrap_or_default();
    for part in parts.into_iter().flatten() {
        merge(&mut all, folded(root, part, steps)?.as_ref());
    }
    for (keyword, value) in map {
        if keyword != "$ref" && keyword != "allOf" {
            merge_keyword(&mut all, (keyword, value));
        }
    }
    Ok(Cow::Owned(all))
}

fn merge(all: &mut Map<String, Value>, more: &Map<String, Value>) {
    for (keyword, value) in more {
        merge_keyword(all, (keyword, value));
    }
}

fn merge_keyword(all: &mut Map<String, Value>, (keyword, value): (&str, &Value)) {
    let Some(known) = all.get_mut(keyword) else {
        all.insert(keyword.to_owned(), value.clone());
        return;
    };
    match keyword {
        "properties" | "patternProperties" => merge_properties(known, value),
        "required" => union(known, value),
        "enum" => intersect(known, value),
        "type" => *known = common_type(known, value),
        "items" | "additionalProperties" | "propertyNames" => {
            *known = json!({ "allOf": [known.take(), value] });
        }
        "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => {
            if value.as_f64() > known.as_f64() {
                *known = value.clone();
            }
        }
        "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => {
            if value.as_f64() < known.as_f64() {
                *known = value.clone();
            }
        }
        _ => *known = value.clone(),
    }
}

fn merge_properties(known: &mut Value, more: &Value) {
    let (Value::Object(known), Value::Object(more)) = (known, more) else { return };
    for (name, node) in more {
        let merged = match known.get_mut(name) {
            Some(there) => json!({ "allOf": [there.take(), node] }),
            None => node.clone(),
        };
        known.insert(name.clone(), merged);
    }
}

fn union(known: &mut Value, more: &Value) {
    let (Value::Array(known), Value::Array(more)) = (known, more) else { return };
    for value in more {
        if !known.contains(value) {
            known.push(value.clone());
        }
    }
}

fn intersect(known: &mut Value, more: &Value) {
    if let (Value::Array(known), Value::Array(more)) = (known, more) {
        known.retain(|value| more.contains(value));
    }
}

fn common_type(known: &Value, more: &Value) -> Value {
    let names = |value: &Value| -> Vec<String> {
        match value {
            Value::String(name) => vec![name.clone()],
            Value::Array(names) => {
                names.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    };
    let (known, more) = (names(known), names(more));
    let has = |list: &[String], name: &str| list.iter().any(|entry| entry == name);
    let mut common: Vec<String> = known.iter().filter(|name| has(&more, name)).cloned().collect();
    let is_whole_number = (has(&known, "integer") && has(&more, "number"))
        || (has(&known, "number") && has(&more, "integer"));
    if is_whole_number && !has(&common, "integer") && !has(&common, "number") {
        common.push("integer".to_owned());
    }
    json!(common)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_and_all_of_become_one_node() {
        let root = json!({
            "$ref": "#/$defs/A",
            "title": "T",
            "$defs": {
                "A": {"allOf": [{"$ref": "#/$defs/B"}, {"minimum": 2, "required": ["y"]}]},
                "B": {"minimum": 1, "maximum": 9, "required": ["x"], "type": ["number", "null"]},
                "C": {"type": "integer", "allOf": [{"$ref": "#/$defs/B"}]}
            }
        });
        let mut node = resolved(&root, &root).unwrap().into_owned();
        node.remove("$defs");
        assert_eq!(
            Value::Object(node),
            json!({"minimum": 2, "maximum": 9, "required": ["x", "y"], "type": ["number", "null"], "title": "T"})
        );
        let node = resolved(&root, &root["$defs"]["C"]).unwrap();
        assert_eq!(node["type"], json!(["integer"]));
    }

    #[test]
    fn what_leads_nowhere_is_said() {
        let root = json!({"$defs": {"A": {"$ref": "#/$defs/A"}}});
        for (node, reason) in [
            (json!(false), Unresolved::Never),
            (json!({"$ref": "#/$defs/A"}), Unresolved::Reference),
            (json!({"$ref": "#/$defs/B"}), Unresolved::Reference),
            (json!({"$ref": "https://example.org/x"}), Unresolved::Reference),
        ] {
            assert_eq!(folded(&root, &node, MAX_STEPS).unwrap_err(), reason);
        }
    }
}
