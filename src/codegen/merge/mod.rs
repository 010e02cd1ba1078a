//! What `allOf` spreads over several schemas, as one schema.
//!
//! A part is merged only where the result judges every value as before. What cannot be merged stays
//! in `allOf`, so that the writers report it.

mod pair;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use pair::combined;

use super::limits::says_something;
use super::pointer;
use super::read::definition_key;

type Keywords = Map<String, Value>;

/// Keywords that change what references mean, or that look into the other parts.
const FOREIGN: &[&str] = &[
    "$anchor",
    "$dynamicAnchor",
    "$dynamicRef",
    "$id",
    "$recursiveAnchor",
    "$recursiveRef",
    "id",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// References that lead to further ones before a part is reached.
const MAX_STEPS: usize = 32;

/// How many values may be copied for one document: parts that refer to parts can grow without end.
const MAX_COPIES: usize = 1_000_000;

/// What merges the schemas of one document.
#[derive(Debug)]
pub(super) struct Merging<'r> {
    root: &'r Value,
    budget: Cell<usize>,
    followed: RefCell<BTreeSet<String>>,
}

/// One schema that is being merged.
struct Merge<'m> {
    merging: &'m Merging<'m>,
    /// The references that are being followed.
    open: Vec<String>,
    is_any: bool,
}

impl<'r> Merging<'r> {
    /// `root` is the document that references are looked up in.
    pub(super) fn new(root: &'r Value) -> Self {
        Self { root, budget: Cell::new(MAX_COPIES), followed: RefCell::default() }
    }

    /// The schema without the parts of its `allOf` that could be merged into it; `None` where that
    /// changes nothing.
    pub(super) fn merged(&self, schema: &Keywords) -> Option<Keywords> {
        let mut merge = Merge { merging: self, open: Vec::new(), is_any: false };
        let merged = merge.all_of(schema)?;
        merge.is_any.then_some(merged)
    }

    /// The keys of the definitions that were merged into others.
    pub(super) fn into_followed(self) -> BTreeSet<String> {
        self.followed.into_inner()
    }

    fn copied(&self, schema: &Keywords) -> Option<Keywords> {
        self.budget.set(self.budget.get().checked_sub(weight(schema))?);
        Some(schema.clone())
    }

    fn combined(&self, a: &Keywords, b: &Keywords) -> Option<Keywords> {
        combined((a, self.copied(a)?), b)
    }
}

impl Merge<'_> {
    fn all_of(&mut self, schema: &Keywords) -> Option<Keywords> {
        if schema.contains_key("$ref") {
            return None;
        }
        let mut out = self.merging.copied(schema)?;
        let Some(Value::Array(parts)) = out.shift_remove("allOf") else { return None };
        if let Some(reference) = self.only_reference(&out, &parts) {
            self.is_any = true;
            out.retain(|keyword, _| !says_something(keyword));
            out.insert("$ref".to_owned(), Value::from(reference));
            return Some(out);
        }
        let mut left = Vec::new();
        for part in parts {
            let combined = self
                .part(&part)
                .and_then(|(part, left)| Some((self.merging.combined(&out, &part)?, left)));
            match combined {
                Some((combined, inner)) => {
                    self.is_any = true;
                    out = combined;
                    left.extend(inner);
                }
                None => left.push(part),
            }
        }
        if left.is_empty() {
            close(&mut out);
        } else {
            out.insert("allOf".to_owned(), Value::Array(left));
        }
        Some(out)
    }

    /// The keywords of a part, its references followed, and what is left of its own `allOf`.
    fn part(&mut self, part: &Value) -> Option<(Keywords, Vec<Value>)> {
        let Value::Object(part) = part else {
            return (*part == Value::Bool(true)).then(Default::default);
        };
        let mut part = match part.get("allOf") {
            Some(_) => self.all_of(part)?,
            None => self.merging.copied(part)?,
        };
        if let Some(reference) = part.get("$ref") {
            part = self.followed(&part, reference.as_str()?)?;
        }
        if FOREIGN.iter().any(|keyword| part.contains_key(*keyword)) {
            return None;
        }
        let left = match part.shift_remove("allOf") {
            Some(Value::Array(left)) => left,
            Some(_) => return None,
            None => Vec::new(),
        };
        Some((part, left))
    }

    /// What a reference leads to, without the words about it: those describe another schema.
    fn followed(&mut self, part: &Keywords, reference: &str) -> Option<Keywords> {
        let (pointer, target) = pointer::target(self.merging.root, reference)?;
        let is_alone = part.keys().all(|keyword| keyword == "$ref" || !says_something(keyword));
        if !is_alone || self.open.contains(&pointer) || self.open.len() == MAX_STEPS {
            return None;
        }
        if let Some(key) = definition_key(reference) {
            self.merging.followed.borrow_mut().insert(key.to_owned());
        }
        self.open.push(pointer);
        let target = self.part(target);
        self.open.pop();
        let (mut target, left) = target?;
        target.retain(|keyword, _| says_something(keyword) && keyword != "discriminator");
        if !left.is_empty() {
            target.insert("allOf".to_owned(), Value::Array(left));
        }
        Some(target)
    }

    /// The definition that the schema is, where nothing else says more about values.
    fn only_reference(&self, own: &Keywords, parts: &[Value]) -> Option<String> {
        let is_telling = |part: &&Value| match part {
            Value::Object(part) => part.keys().any(|keyword| says_something(keyword)),
            part => **part != Value::Bool(true),
        };
        let mut telling = parts.iter().filter(is_telling);
        let (Some(Value::Object(part)), None) = (telling.next(), telling.next()) else {
            return None;
        };
        let reference = part.get("$ref")?.as_str()?;
        definition_key(reference)?;
        let (_, target) = pointer::target(self.merging.root, reference)?;
        let is_said = |(keyword, value): (&String, &Value)| {
            !says_something(keyword) || target.get(keyword) == Some(value)
        };
        let is_alone = part.keys().all(|keyword| keyword == "$ref" || !says_something(keyword));
        (is_alone && own.iter().all(is_said)).then(|| reference.to_owned())
    }
}

/// How many values a schema holds.
fn weight(schema: &Keywords) -> usize {
    let inside = |value: &Value| match value {
        Value::Object(members) => weight(members),
        Value::Array(items) => items.iter().map(|item| item.as_object().map_or(1, weight)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    };
    1 + schema.values().map(inside).sum::<usize>()
}

/// Once nothing but properties is left, `unevaluatedProperties` is `additionalProperties`.
fn close(schema: &mut Keywords) {
    const EVALUATING: &[&str] = &[
        "$ref",
        "additionalProperties",
        "anyOf",
        "dependentSchemas",
        "if",
        "oneOf",
        "patternProperties",
    ];
    if !EVALUATING.iter().any(|keyword| schema.contains_key(*keyword))
        && let Some(rule) = schema.shift_remove("unevaluatedProperties")
    {
        schema.insert("additionalProperties".to_owned(), rule);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::codegen::corpus::{any_schema, foreign_schemas, instances};
    use crate::codegen::walk;
    use crate::schema::EventValidator;

    fn merged(schema: &Value) -> Option<Value> {
        Merging::new(schema).merged(schema.as_object()?).map(Value::Object)
    }

    #[test]
    fn parts_become_one_schema_where_that_says_the_same() {
        let base = json!({"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]});
        let with_base = |mut schema: Value| {
            schema["$defs"] = json!({"Base": base, "Loop": {"allOf": [{"$ref": "#/$defs/Loop"}]}});
            schema
        };
        let rows = [
            json!({"allOf": [{"$ref": "#/$defs/Base"}]}),
            json!({"allOf": [{"$ref": "#/$defs/Base"}, {"description": "No more than that."}]}),
            json!({"type": "object", "allOf": [{"$ref": "#/$defs/Base"}], "title": "Same"}),
            json!({
                "allOf": [
                    {"$ref": "#/$defs/Base"},
                    {"title": "Not the whole", "properties": {"name": {"type": "string"}}, "required": ["name"]},
                ],
            }),
            json!({"properties": {"id": {"minimum": 1}}, "allOf": [{"$ref": "#/$defs/Base"}], "unevaluatedProperties": false}),
            json!({"allOf": [{"allOf": [{"$ref": "#/$defs/Base"}]}, {"properties": {"id": {"maximum": 9}}}]}),
            json!({"allOf": [{"$ref": "#/$defs/Base"}, {"properties": {"x": {}}, "additionalProperties": false}]}),
            json!({"allOf": [
                {"properties": {"x": {"type": "string"}}, "additionalProperties": false},
                {"properties": {"x": {"maxLength": 3}, "y": {}}, "additionalProperties": {"type": "null"}},
            ]}),
            json!({"allOf": [{"type": "string", "minLength": 1, "maxLength": 9}, {"minLength": 3}, {"maxLength": 5}]}),
            json!({"allOf": [{"type": ["number", "null"]}, {"type": "integer"}, {"multipleOf": 2}, {"multipleOf": 6}]}),
            json!({"allOf": [{"enum": ["a", "b", 1]}, {"enum": ["b", 1, "c"]}, {"type": "string"}]}),
            json!({"allOf": [{"pattern": "^a"}, {"pattern": "z$"}, {"type": "string"}]}),
            json!({"type": "object", "allOf": [{"if": {"required": ["a"]}, "then": {"required": ["b"]}}, {"if": true}]}),
            json!({"allOf": [{"type": "string"}, {"type": "integer"}]}),
            json!({"allOf": [{"$ref": "#/$defs/Loop"}, {"$ref": "#/$defs/Missing"}]}),
            json!({"allOf": [{"items": {"minimum": 1}}, {"items": {"maximum": 2}, "uniqueItems": true}, {"prefixItems": [{}]}]}),
        ];
        let shown = rows.map(|row| {
            let mut merged = merged(&with_base(row.clone())).unwrap_or_else(|| json!("as it is"));
            if let Some(merged) = merged.as_object_mut() {
                merged.shift_remove("$defs");
            }
            format!("{row}\n    {merged}")
        });
        insta::assert_snapshot!(shown.join("\n"));
    }

    #[test]
    fn merged_schemas_of_others_judge_every_value_as_before() {
        let (mut count, instances) = (0, instances());
        for schema in foreign_schemas() {
            let mut open = vec![&schema];
            let (mut changed, mut is_changed) = (schema.clone(), false);
            while let Some(part) = open.pop() {
                let Some(keywords) = part.as_object() else { continue };
                open.extend(walk::inner(keywords));
                if let Some(merged) = Merging::new(&schema).merged(keywords) {
                    is_changed = true;
                    replace(&mut changed, part, &Value::Object(merged));
                }
            }
            let validators = (EventValidator::compile(&schema), EventValidator::compile(&changed));
            let (true, (Ok(before), Ok(after))) = (is_changed, validators) else { continue };
            count += 1;
            for instance in &instances {
                assert_eq!(
                    before.is_valid(instance),
                    after.is_valid(instance),
                    "{instance}\n{schema}\n{changed}"
                );
            }
        }
        assert!(count > 50, "only {count} schemas were merged");
    }

    fn replace(schema: &mut Value, old: &Value, new: &Value) {
        if schema == old {
            new.clone_into(schema);
            return;
        }
        match schema {
            Value::Object(members) => {
                members.values_mut().for_each(|member| replace(member, old, new));
            }
            Value::Array(items) => items.iter_mut().for_each(|item| replace(item, old, new)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn parts_that_refer_to_themselves_and_grow_come_to_an_end() {
        let name = |n: usize| format!("#/$defs/D{n}");
        let twice =
            |n| json!({"allOf": [{"$ref": name(n)}, {"required": [name(n)]}, {"$ref": name(n)}]});
        let definitions: Map<String, Value> =
            (0..60).map(|n| (format!("D{n}"), twice((n + 1) % 60))).collect();
        let schema =
            json!({"$defs": definitions, "allOf": [{"$ref": "#/$defs/D0"}, {"minimum": 1}]});
        assert!(merged(&schema).is_some());
    }

    proptest! {
        #[test]
        fn whatever_it_is_merging_keeps_what_it_says(schema in any_schema()) {
            let both = json!({"allOf": [schema, {"type": "object", "required": ["a"]}]});
            let Some(merged) = merged(&both) else { return Ok(()) };
            let validators = (EventValidator::compile(&both), EventValidator::compile(&merged));
            let (Ok(before), Ok(after)) = validators else { return Ok(()) };
            for instance in instances() {
                prop_assert_eq!(before.is_valid(&instance), after.is_valid(&instance));
            }
        }
    }
}
