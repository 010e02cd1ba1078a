//! Which definitions of a document's schemas become declarations, and under which names.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::pointer;
use super::topics::Part;
use super::type_names;
use super::walk;
use crate::schema::SchemaPart;

/// One exported type of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Declaration {
    pub(super) name: String,
    /// The part whose schema holds it.
    pub(super) part: usize,
    pub(super) pointer: String,
}

/// The declarations of a module, the payload and the answers first.
pub(super) struct Plan {
    pub(super) declarations: Vec<Declaration>,
    /// For each part, the names of its reference targets by pointer.
    pub(super) names: Vec<HashMap<String, String>>,
}

pub(super) fn role(kind: SchemaPart) -> &'static str {
    match kind {
        SchemaPart::Request => "Request",
        SchemaPart::Response => "Response",
        SchemaPart::Error => "Error",
    }
}

/// `roots` are the names of the parts themselves.
pub(super) fn plan(parts: &[Part], roots: &[String]) -> Plan {
    let mut groups: Vec<Vec<(usize, String)>> = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        for pointer in walk::referenced(&part.schema) {
            if pointer.is_empty() {
                continue;
            }
            let same = groups.iter_mut().find(|group| {
                let (owner, known) = &group[0];
                *known == pointer && is_same(&parts[*owner].schema, &part.schema, &pointer)
            });
            match same {
                Some(group) => group.push((index, pointer)),
                None => groups.push(vec![(index, pointer)]),
            }
        }
    }
    let candidates: Vec<Vec<String>> = groups
        .iter()
        .map(|group| {
            let (part, pointer) = &group[0];
            let role = role(parts[*part].kind);
            let key = pointer::last_segment(pointer);
            type_names::of_definition(&key, role, &format!("{role} {pointer}"))
        })
        .collect();
    let chosen = type_names::distinct(&candidates, roots);
    let root = |(part, name): (usize, &String)| Declaration {
        name: name.clone(),
        part,
        pointer: String::new(),
    };
    let mut declarations: Vec<Declaration> = roots.iter().enumerate().map(root).collect();
    let mut names: Vec<HashMap<String, String>> =
        roots.iter().map(|name| HashMap::from([(String::new(), name.clone())])).collect();
    for (group, name) in groups.iter().zip(chosen) {
        for (part, pointer) in group {
            names[*part].insert(pointer.clone(), name.clone());
        }
        let (part, pointer) = group[0].clone();
        declarations.push(Declaration { name, part, pointer });
    }
    Plan { declarations, names }
}

/// Whether two schemas define the same at `pointer`, everything it refers to included.
fn is_same(a: &Value, b: &Value, pointer: &str) -> bool {
    let mut seen = HashSet::from([pointer.to_owned()]);
    let mut queue = vec![pointer.to_owned()];
    while let Some(pointer) = queue.pop() {
        let (Some(mine), Some(theirs)) = (a.pointer(&pointer), b.pointer(&pointer)) else {
            return false;
        };
        if pointer.is_empty() || mine != theirs {
            return false;
        }
        let deeper = walk::references(a, mine).into_iter();
        queue.extend(deeper.filter(|pointer| seen.insert(pointer.clone())));
    }
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parts_share_what_they_define_alike() {
        let schema = |city: &str| {
            json!({
                "$defs": {
                    "Address": {"properties": {"city": {"$ref": "#/$defs/City"}}},
                    "City": {"type": city},
                    "Same": {"type": "null"},
                },
                "properties": {"a": {"$ref": "#/$defs/Address"}, "s": {"$ref": "#/$defs/Same"}},
            })
        };
        let parts = [
            Part { kind: SchemaPart::Request, schema: schema("string") },
            Part { kind: SchemaPart::Response, schema: schema("integer") },
        ];
        let plan = plan(&parts, &["GetRequest".to_owned(), "Same".to_owned()]);
        let names: Vec<&str> = plan.declarations.iter().map(|known| known.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "GetRequest",
                "Same",
                "RequestAddress",
                "RequestSame",
                "RequestCity",
                "ResponseAddress",
                "ResponseCity",
            ]
        );
        assert_eq!(plan.names[1]["/$defs/Same"], "RequestSame");
    }
}
