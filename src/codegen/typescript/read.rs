//! JSON Schema to TypeScript's types.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

use super::literal::literal;
use super::remark;
use super::ty::{Presence, Type};
use crate::codegen::limits::{Subject, Tally, is_limit};
use crate::codegen::pointer;

/// Reads the schemas of one part of a document.
pub(super) struct Reader<'a> {
    pub(super) root: &'a Value,
    /// The names of the declarations that references lead to, by pointer.
    pub(super) names: &'a HashMap<String, String>,
    /// What could not be said, once each.
    pub(super) notes: BTreeSet<String>,
    /// What is to stand in the comment of the member, or declaration, that is being read.
    pub(super) remarks: Vec<String>,
    /// The limits among them, by their keywords.
    pub(super) limits: Vec<&'static str>,
    pub(super) tally: Tally,
}

/// Keywords that say something about values and that no type says.
const INEXPRESSIBLE: [&str; 9] = [
    "not",
    "if",
    "contains",
    "dependentSchemas",
    "dependentRequired",
    "dependencies",
    "unevaluatedItems",
    "unevaluatedProperties",
    "$dynamicRef",
];

const INSIDE: &str = "Inside: ";
pub(super) const NOT_EXPRESSED: &str = "Not expressed: ";

const TYPES: [&str; 7] = ["string", "number", "integer", "boolean", "object", "array", "null"];

impl<'a> Reader<'a> {
    pub(super) fn new(root: &'a Value, names: &'a HashMap<String, String>) -> Self {
        Self {
            root,
            names,
            notes: BTreeSet::new(),
            remarks: Vec::new(),
            limits: Vec::new(),
            tally: Tally::default(),
        }
    }

    pub(super) fn read(&mut self, schema: &Value) -> Type {
        match schema {
            Value::Bool(false) => Type::Never,
            Value::Object(map) => self.object(map),
            Value::Null
            | Value::Bool(true)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Type::Unknown,
        }
    }

    /// The remarks of what `read` reads, and its type. Remarks of others are left alone.
    pub(super) fn remarked<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> (T, Vec<String>) {
        let outer = std::mem::take(&mut self.remarks);
        let value = read(self);
        let mut remarks = std::mem::replace(&mut self.remarks, outer);
        let mut seen = BTreeSet::new();
        remarks.retain(|remark| seen.insert(remark.clone()));
        (value, remarks)
    }

    /// Reads a member or a declaration, and counts the limits that its comment tells.
    pub(super) fn counted(&mut self, subject: Subject, schema: &Value) -> (Type, Vec<String>) {
        let outer = std::mem::take(&mut self.limits);
        let read = self.remarked(|reader| reader.read(schema));
        let limits = std::mem::replace(&mut self.limits, outer);
        self.tally.note(subject, limits.into_iter());
        read
    }

    /// Reads what stands inside the value that the comment is about.
    pub(super) fn inside(&mut self, schema: &Value) -> Type {
        let (ty, remarks) = self.remarked(|reader| reader.read(schema));
        for remark in remarks {
            let is_told = remark.starts_with(INSIDE) || remark.starts_with(NOT_EXPRESSED);
            let mark = if is_told { "" } else { INSIDE };
            self.remark(format!("{mark}{}", remark.trim_start_matches('@')));
        }
        ty
    }

    fn remark(&mut self, remark: String) {
        self.remarks.push(remark);
    }

    /// A type of TypeScript is never closed.
    pub(super) fn close(&mut self) {
        self.remark("@additionalProperties false".to_owned());
        self.limits.push("additionalProperties");
    }

    /// Tells the report and the reader of the code.
    pub(super) fn cannot_say(&mut self, what: &str) {
        self.notes.insert(format!("TypeScript cannot say {what}"));
        self.remark(format!("{NOT_EXPRESSED}{what}."));
    }

    fn object(&mut self, map: &Map<String, Value>) -> Type {
        let mut all = Vec::new();
        if let Some(reference) = map.get("$ref") {
            all.push(self.reference(reference));
        }
        all.push(self.own(map));
        for keyword in ["anyOf", "oneOf"] {
            if let Some(Value::Array(branches)) = map.get(keyword) {
                let tag = map.get("discriminator").and_then(|tag| tag.get("propertyName"));
                let branches: Vec<Type> =
                    branches.iter().map(|branch| self.branch(branch, tag)).collect();
                all.push(Type::union(branches));
            }
        }
        if let Some(Value::Array(parts)) = map.get("allOf") {
            all.extend(parts.iter().map(|part| self.read(part)));
        }
        for keyword in INEXPRESSIBLE {
            if map.get(keyword).is_some_and(|value| is_limit(keyword, value)) {
                self.cannot_say(&format!("`{keyword}`"));
            }
        }
        Type::intersection(all)
    }

    fn reference(&mut self, reference: &Value) -> Type {
        let target = reference.as_str().and_then(|text| pointer::target(self.root, text));
        match target.and_then(|(pointer, _)| self.names.get(&pointer)) {
            Some(name) => Type::Named(name.clone()),
            None => {
                self.cannot_say("what a reference out of the schema leads to");
                Type::Unknown
            }
        }
    }

    /// A branch of a union. Where the union has a tag, a payload needs it, also where the branch
    /// has a default for it.
    fn branch(&mut self, branch: &Value, tag: Option<&Value>) -> Type {
        let ty = self.read(branch);
        let tag = tag.and_then(Value::as_str);
        let target = branch.get("$ref").and_then(Value::as_str);
        let target = target.and_then(|target| pointer::target(self.root, target));
        match (tag, target) {
            (Some(tag), Some((_, Value::Object(model)))) => match self.tag_of(model, tag) {
                Some(tag) => Type::intersection([ty, tag]),
                None => ty,
            },
            (_, _) => ty,
        }
    }

    /// `{ method: "bank" }` for a model that has `method` but does not require it.
    fn tag_of(&mut self, model: &Map<String, Value>, tag: &str) -> Option<Type> {
        let schema = model.get("properties")?.get(tag)?;
        let required = model.get("required").and_then(Value::as_array);
        if required.is_some_and(|required| required.iter().any(|name| name == tag)) {
            return None;
        }
        let (ty, _) = self.remarked(|reader| reader.read(schema));
        Some(super::object::one_member(tag, ty))
    }

    /// What the keywords of the schema itself say, apart from those that combine others.
    fn own(&mut self, map: &Map<String, Value>) -> Type {
        let types = types(map);
        if let Some(value) = map.get("const") {
            return self.literals(std::slice::from_ref(value), &types);
        }
        if let Some(Value::Array(values)) = map.get("enum") {
            return self.literals(values, &types);
        }
        self.remarks.extend(remark::of_schema(map));
        self.limits.extend(remark::limits(map));
        Type::union(types.unwrap_or_else(|| vec![""]).into_iter().map(|name| match name {
            "string" => Type::word("string"),
            "number" | "integer" => Type::word("number"),
            "boolean" => Type::word("boolean"),
            "null" => Type::word("null"),
            "object" => self.members(map),
            "array" => self.items(map),
            _ => Type::Unknown,
        }))
    }

    fn literals(&mut self, values: &[Value], types: &Option<Vec<&str>>) -> Type {
        let is_allowed = |value: &&Value| types.as_ref().is_none_or(|types| fits(value, types));
        let literals: Vec<Option<Type>> = values.iter().filter(is_allowed).map(literal).collect();
        if literals.iter().any(Option::is_none) {
            self.cannot_say("a number that it would round");
        }
        Type::union(literals.into_iter().map(|ty| ty.unwrap_or_else(|| Type::word("number"))))
    }

    fn items(&mut self, map: &Map<String, Value>) -> Type {
        let (prefix, rest) = match (map.get("prefixItems"), map.get("items")) {
            (Some(Value::Array(prefix)), rest) => (prefix, rest),
            (_, Some(Value::Array(prefix))) => (prefix, map.get("additionalItems")),
            (_, items) => {
                let item = items.map_or(Type::Unknown, |items| self.inside(items));
                return Type::Array(Box::new(item));
            }
        };
        let count = |keyword: &str| map.get(keyword).and_then(Value::as_u64);
        let required = count("minItems").unwrap_or(0);
        let items: Vec<(Type, Presence)> = prefix
            .iter()
            .zip(0_u64..)
            .map(|(schema, index)| {
                let is_required = index < required;
                let presence = if is_required { Presence::Required } else { Presence::Optional };
                (self.inside(schema), presence)
            })
            .collect();
        let is_full = count("maxItems").is_some_and(|most| most <= items.len() as u64);
        let rest = match rest {
            _ if is_full => None,
            Some(Value::Bool(false)) => None,
            Some(schema) => Some(Box::new(self.inside(schema))),
            None => Some(Box::new(Type::Unknown)),
        };
        Type::Tuple { items, rest }
    }
}

/// The types that a schema allows, by name or by the keywords it uses; `None` for any.
fn types(map: &Map<String, Value>) -> Option<Vec<&str>> {
    const OF_OBJECTS: [&str; 5] =
        ["properties", "required", "additionalProperties", "patternProperties", "propertyNames"];
    let named = match map.get("type") {
        Some(Value::String(name)) => vec![name.as_str()],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ if map.contains_key("const") || map.contains_key("enum") => return None,
        _ if OF_OBJECTS.iter().any(|keyword| map.contains_key(*keyword)) => vec!["object"],
        _ if map.contains_key("items") || map.contains_key("prefixItems") => vec!["array"],
        _ => return None,
    };
    let known: Vec<&str> = named.into_iter().filter(|name| TYPES.contains(name)).collect();
    (!known.is_empty()).then_some(known)
}

fn fits(value: &Value, types: &[&str]) -> bool {
    let name = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => return types.contains(&"number") || types.contains(&"integer"),
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    types.contains(&name)
}
