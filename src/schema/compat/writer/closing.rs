use std::cell::{Cell, RefCell};
use std::rc::Rc;

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::apart::are_apart;
use super::parts::{Part, Parts, Schema, child, demanded_names, is_silent, members, speaks_itself};
use super::{EXCLUSIVE, Emission, Writer};
use crate::schema::compat::parse::{Dialect, dialect_of};

/// Where the document is kept as it was, for what must not be closed.
const ORIGINAL: &str = "celerysalt-original";

/// Where the schemas of members are that several parts describe.
const MERGED: &str = "celerysalt-merged";
/// Wholes inside of wholes.
const MAX_NESTING: usize = 40;

/// Keywords that can make closing take away every value.
const RISKY: [&str; 13] = [
    "not",
    "if",
    "then",
    "else",
    "oneOf",
    "allOf",
    "contains",
    "dependentSchemas",
    "dependentRequired",
    "dependencies",
    "minProperties",
    "propertyNames",
    "unevaluatedProperties",
];

pub(super) fn close_document(root: &Value, writer: Writer) -> Emission {
    let closing = Closing {
        parts: Parts { root },
        writer,
        dialect: dialect_of(root),
        doubts: RefCell::default(),
        suspects: RefCell::default(),
        rewritten: RefCell::default(),
        keeps_original: Cell::new(false),
        expansions: Cell::new(0),
        merged: RefCell::default(),
        nesting: Rc::default(),
    };
    let mut schema = closing.close(root, "");
    closing.check_references(root);
    let merged: Schema = closing
        .merged
        .borrow()
        .values()
        .enumerate()
        .map(|(index, schema)| (index.to_string(), schema.clone()))
        .collect();
    for (name, value) in [
        (ORIGINAL, closing.keeps_original.get().then(|| closing.original_document())),
        (MERGED, (!merged.is_empty()).then_some(Value::Object(merged))),
    ] {
        if let (Value::Object(map), Some(value)) = (&mut schema, value) {
            map.entry("$defs").or_insert_with(|| json!({}))[name] = value;
        }
    }
    Emission {
        schema,
        doubts: closing.doubts.into_inner(),
        suspects: closing.suspects.into_inner(),
    }
}

pub(super) struct Closing<'d> {
    pub(super) parts: Parts<'d>,
    pub(super) writer: Writer,
    pub(super) dialect: Dialect,
    doubts: RefCell<Vec<(&'static str, String)>>,
    suspects: RefCell<Vec<String>>,
    /// Schemas that were put together anew: nothing inside them is where it was.
    pub(super) rewritten: RefCell<Vec<String>>,
    keeps_original: Cell<bool>,
    /// Combinations written out so far.
    pub(super) expansions: Cell<usize>,
    /// Schemas of members that several parts describe, by the pointers of these parts; none while
    /// it is being written.
    merged: RefCell<IndexMap<Vec<String>, Value>>,
    nesting: Rc<Cell<usize>>,
}

/// A level of nested wholes; left when this is dropped.
pub(super) struct Level(Rc<Cell<usize>>);

impl Drop for Level {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl<'d> Closing<'d> {
    pub(super) fn doubt(&self, keyword: &'static str, at: &str) {
        self.doubts.borrow_mut().push((keyword, at.to_owned()));
    }

    pub(super) fn descend_into(&self) -> Option<Level> {
        let nesting = self.nesting.get() + 1;
        self.nesting.set(nesting);
        let level = Level(Rc::clone(&self.nesting));
        (nesting <= MAX_NESTING).then_some(level)
    }

    /// A reference to the definition that stands for these parts together.
    pub(super) fn merged_definition(
        &self,
        parts: Vec<String>,
        write: impl FnOnce(&str) -> Value,
    ) -> Value {
        let at = parts.first().cloned().unwrap_or_default();
        let known = self.merged.borrow().get_index_of(&parts);
        let index = known.unwrap_or_else(|| {
            let (index, _) = self.merged.borrow_mut().insert_full(parts, Value::Bool(true));
            let schema = write(&at);
            self.merged.borrow_mut()[index] = schema;
            index
        });
        json!({ "$ref": format!("#/$defs/{MERGED}/{index}") })
    }

    pub(super) fn close(&self, schema: &'d Value, at: &str) -> Value {
        let Value::Object(map) = schema else { return schema.clone() };
        if self.is_combined(map) {
            return self.close_whole(&Part { map, pointer: at.to_owned() });
        }
        let mut closed = self.descend(map, at);
        if let Some(Value::Object(properties)) = map.get("properties") {
            self.require(&mut closed, properties.keys().map(String::as_str));
            if is_silent(map) {
                closed.insert("additionalProperties".to_owned(), Value::Bool(false));
                let is_undeclared = |name: &str| !properties.contains_key(name);
                if RISKY.iter().any(|keyword| map.contains_key(*keyword))
                    || demanded_names(map).any(is_undeclared)
                {
                    self.suspect(at);
                }
            }
        }
        Value::Object(closed)
    }

    pub(super) fn suspect(&self, at: &str) {
        self.suspects.borrow_mut().push(at.to_owned());
    }

    /// Whether two or more parts of a schema speak about the same object's names.
    fn is_combined(&self, map: &'d Schema) -> bool {
        if !map.keys().any(|keyword| leads_to_parts(keyword)) {
            return false;
        }
        let has_reference = map.contains_key("$ref");
        if has_reference && self.dialect.ignores_reference_siblings() {
            return false;
        }
        let mut speakers = usize::from(speaks_itself(map));
        if has_reference {
            let target = self.parts.target(map);
            speakers += usize::from(target.is_none_or(|(target, _)| self.parts.speaks(target)));
        }
        let count = |keyword: &str| {
            let speaks = |part: &&Value| self.parts.speaks(part);
            match map.get(keyword) {
                Some(Value::Array(list)) => list.iter().filter(speaks).count(),
                Some(Value::Object(map)) => map.values().filter(speaks).count(),
                Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {
                    0
                }
            }
        };
        speakers += count("allOf") + count("anyOf").min(1) + count("oneOf").min(1);
        speakers += count("dependentSchemas").min(1) + count("dependencies").min(1);
        let is_spoken =
            |keyword: &str| map.get(keyword).is_some_and(|part| self.parts.speaks(part));
        speakers += usize::from(is_spoken("if"));
        speakers += usize::from(is_spoken("then") || is_spoken("else"));
        speakers > 1
    }

    /// The schema with every schema inside it closed, but not itself.
    pub(super) fn descend(&self, map: &'d Schema, at: &str) -> Schema {
        let closed = map.iter().map(|(keyword, value)| {
            let value = match value {
                Value::Object(_) | Value::Array(_) => {
                    self.keyword(keyword, value, &child(at, keyword))
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
            };
            (keyword.clone(), value)
        });
        let mut closed: Schema = closed.collect();
        let changed = map.get("oneOf").filter(|list| self.parts.lists_names(list));
        if let Some(condition) = changed.and_then(|list| self.as_written(("oneOf", list), at)) {
            // A value of two closed branches is one of two branches as they were written.
            closed.insert(EXCLUSIVE.to_owned(), Value::Bool(true));
            and(&mut closed, condition);
        }
        if map.contains_key("properties")
            && map.get("patternProperties").is_some_and(|value| self.parts.lists_names(value))
            && map.get("properties").is_some_and(|value| self.parts.lists_names(value))
        {
            self.doubt("patternProperties", at);
        }
        closed
    }

    /// A demand that the schema at `at` holds as it was written, where closing the branches of a
    /// `oneOf` would let more through.
    pub(super) fn as_written(
        &self,
        (keyword, branches): (&str, &Value),
        at: &str,
    ) -> Option<Value> {
        let list = branches.as_array().filter(|_| keyword == "oneOf")?;
        if are_apart(&self.parts, self.dialect, list) {
            return None;
        }
        self.keeps_original.set(true);
        let reference = format!("#/$defs/{ORIGINAL}{}", at.replace('%', "%25"));
        // Negated twice, it evaluates no names on behalf of `unevaluatedProperties`.
        Some(json!({ "not": { "not": { "$ref": reference } } }))
    }

    pub(super) fn keyword(&self, keyword: &str, value: &'d Value, at: &str) -> Value {
        match keyword {
            "const" | "enum" | "default" | "examples" | "example" | "required" | "type"
            | "dependentRequired" | "discriminator" => value.clone(),
            "not" | "if" | "contains" | "propertyNames" => self.original(value, at),
            "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas"
            | "dependencies" => match value {
                Value::Object(map) => {
                    let closed = map
                        .iter()
                        .map(|(name, schema)| (name.clone(), self.close(schema, &child(at, name))));
                    Value::Object(closed.collect())
                }
                _ => value.clone(),
            },
            // What no edition knows may hold schemas that references lead to.
            _ => match value {
                Value::Array(_) => {
                    let listed = members(value, at);
                    listed.iter().map(|(part, at)| self.close(part, at)).collect()
                }
                _ => self.close(value, at),
            },
        }
    }

    pub(super) fn require<'n>(&self, map: &mut Schema, declared: impl Iterator<Item = &'n str>) {
        if self.writer != Writer::Dump {
            return;
        }
        let mut required: Vec<Value> =
            map.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        for name in declared {
            if !required.iter().any(|known| known == name) {
                required.push(json!(name));
            }
        }
        map.insert("required".to_owned(), Value::Array(required));
    }

    /// A schema that keeps its meaning: what it refers to is looked up in the document as it was.
    pub(super) fn original(&self, schema: &Value, at: &str) -> Value {
        match schema {
            Value::Object(map) => {
                let kept = map.iter().map(|(keyword, value)| {
                    let value = match (keyword.as_str(), value) {
                        ("const" | "enum" | "default" | "examples", _) => value.clone(),
                        ("$ref", Value::String(reference)) => {
                            self.original_reference(map, reference, at)
                        }
                        ("$dynamicRef" | "$recursiveRef", _) => {
                            self.doubt("$ref", at);
                            value.clone()
                        }
                        (_, _) => self.original(value, &child(at, keyword)),
                    };
                    (keyword.clone(), value)
                });
                Value::Object(kept.collect())
            }
            Value::Array(list) => list.iter().map(|part| self.original(part, at)).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => schema.clone(),
        }
    }

    fn original_reference(&self, map: &Schema, reference: &str, at: &str) -> Value {
        match self.parts.target(map) {
            Some((target, _)) if !self.parts.lists_names(target) => json!(reference),
            Some((_, pointer)) => {
                self.keeps_original.set(true);
                json!(format!("#/$defs/{ORIGINAL}{pointer}"))
            }
            None => {
                self.doubt("$ref", at);
                json!(reference)
            }
        }
    }

    fn original_document(&self) -> Value {
        let mut copy = self.original(self.parts.root, "");
        if let Value::Object(map) = &mut copy {
            for keyword in ["$id", "id", "$schema", "$anchor", "$dynamicAnchor"] {
                map.remove(keyword);
            }
            map.insert(super::ORIGIN.to_owned(), json!(""));
        }
        copy
    }

    /// References into a schema that was put together anew would miss their target.
    fn check_references(&self, schema: &Value) {
        let rewritten = self.rewritten.borrow();
        if rewritten.is_empty() {
            return;
        }
        if has_nested_identifier(schema, 0) {
            self.doubt("$id", "");
        }
        let mut targets = Vec::new();
        references(schema, &mut targets);
        for target in targets {
            let is_lost = rewritten.iter().any(|at| {
                target.strip_prefix(at.as_str()).is_some_and(|rest| {
                    rest.starts_with('/')
                        && !rest.starts_with("/$defs/")
                        && !rest.starts_with("/definitions/")
                })
            });
            if is_lost {
                self.doubt("$ref", target);
            }
        }
    }
}

/// Adds a demand to a schema.
pub(super) fn and(schema: &mut Schema, condition: Value) {
    if let Value::Array(list) = schema.entry("allOf").or_insert_with(|| json!([])) {
        list.push(condition);
    }
}

/// Whether a keyword's schemas speak about the value that the schema around it speaks about.
fn leads_to_parts(keyword: &str) -> bool {
    matches!(
        keyword,
        "$ref"
            | "allOf"
            | "anyOf"
            | "oneOf"
            | "dependentSchemas"
            | "dependencies"
            | "if"
            | "then"
            | "else"
    )
}

fn references<'s>(schema: &'s Value, found: &mut Vec<&'s str>) {
    match schema {
        Value::Object(map) => {
            let reference = map.get("$ref").and_then(Value::as_str);
            found.extend(reference.and_then(|reference| reference.strip_prefix('#')));
            map.values().for_each(|value| references(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| references(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn has_nested_identifier(schema: &Value, depth: usize) -> bool {
    match schema {
        Value::Object(map) => {
            (depth > 0 && map.get("$id").is_some_and(Value::is_string))
                || map.values().any(|value| has_nested_identifier(value, depth + 1))
        }
        Value::Array(list) => list.iter().any(|value| has_nested_identifier(value, depth + 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
