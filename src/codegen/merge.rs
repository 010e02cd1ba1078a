//! What `allOf` spreads over several schemas, as one schema.
//!
//! A part is merged only where the result judges every value as before. What cannot be merged stays
//! in `allOf`, so that the writers report it.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::limits::{is_shaping, is_validating};
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

/// Keywords that mean something only together.
const GROUPS: &[&[&str]] = &[
    &["items", "prefixItems", "additionalItems"],
    &["contains", "minContains", "maxContains"],
    &["if", "then", "else"],
    &["contentEncoding", "contentMediaType", "contentSchema"],
    &["anyOf", "discriminator"],
    &["oneOf", "discriminator"],
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
            match self.part(&part).and_then(|(part, left)| Some((combined(&out, &part)?, left))) {
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

/// Whether values depend on the keyword.
fn says_something(keyword: &str) -> bool {
    is_validating(keyword) || is_shaping(keyword)
}

/// One schema of two that both have to hold.
fn combined(a: &Keywords, b: &Keywords) -> Option<Keywords> {
    if GROUPS.iter().any(|group| !is_separate(group, a, b)) || has_flags(a) || has_flags(b) {
        return None;
    }
    let mut out = a.clone();
    for (keyword, theirs) in b {
        let value = match a.get(keyword) {
            // It names the part and not the whole.
            None if keyword == "title" => continue,
            None => theirs.clone(),
            Some(mine) if mine == theirs => continue,
            Some(mine) if says_something(keyword) => both(keyword, mine, theirs)?,
            Some(_) => continue,
        };
        out.insert(keyword.clone(), value);
    }
    out.retain(|keyword, _| {
        !matches!(keyword.as_str(), "$defs" | "definitions") || a.contains_key(keyword)
    });
    objects(&mut out, a, b)?;
    values(&mut out, a, b)?;
    Some(out)
}

/// Whether only one of the schemas uses the group, or both say the same.
fn is_separate(group: &[&str], a: &Keywords, b: &Keywords) -> bool {
    let is_used = |schema: &Keywords| group.iter().any(|keyword| schema.contains_key(*keyword));
    let is_plain = |schema: &Keywords| {
        let mut used = group.iter().filter(|keyword| schema.contains_key(**keyword));
        used.all(|keyword| *keyword == "items" && !schema["items"].is_array())
    };
    !is_used(a)
        || !is_used(b)
        || group.iter().all(|keyword| a.get(*keyword) == b.get(*keyword))
        || (is_plain(a) && is_plain(b))
}

/// Up to draft 4 these were flags of `minimum` and `maximum`, and `required` one of a property.
fn has_flags(schema: &Keywords) -> bool {
    ["exclusiveMinimum", "exclusiveMaximum", "required"]
        .iter()
        .any(|keyword| schema.get(*keyword).is_some_and(Value::is_boolean))
}

/// The value of a keyword that holds where both values hold.
fn both(keyword: &str, a: &Value, b: &Value) -> Option<Value> {
    match keyword {
        "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => {
            stricter(a, b, Ordering::Greater)
        }
        "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => {
            stricter(a, b, Ordering::Less)
        }
        "multipleOf" => match (a.as_u64()?, b.as_u64()?) {
            (more, less) if less != 0 && more % less == 0 => Some(a.clone()),
            (less, more) if less != 0 && more % less == 0 => Some(b.clone()),
            (_, _) => None,
        },
        "uniqueItems" => Some(Value::Bool(a.as_bool()? || b.as_bool()?)),
        "required" => {
            let mut names = a.as_array()?.clone();
            let new = b.as_array()?.iter().filter(|name| !names.contains(name)).cloned();
            let new: Vec<Value> = new.collect();
            names.extend(new);
            Some(Value::Array(names))
        }
        "type" => common_types(a, b),
        "items" | "propertyNames" => Some(conjunction(a, b)),
        // Other functions look at the whole schemas.
        "properties" | "additionalProperties" | "patternProperties" | "enum" | "const" => {
            Some(a.clone())
        }
        _ => None,
    }
}

fn stricter(a: &Value, b: &Value, order: Ordering) -> Option<Value> {
    match a.as_f64()?.partial_cmp(&b.as_f64()?)? {
        // Two spellings of a number, or different ones that are too large to be told apart.
        Ordering::Equal => None,
        found if found == order => Some(a.clone()),
        Ordering::Less | Ordering::Greater => Some(b.clone()),
    }
}

fn common_types(a: &Value, b: &Value) -> Option<Value> {
    let names = |types: &Value| match types {
        Value::String(name) => Some(vec![name.clone()]),
        Value::Array(names) => {
            names.iter().map(|name| name.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        }
        _ => None,
    };
    let (a, b) = (names(a)?, names(b)?);
    let has = |types: &[String], name: &str| {
        types.iter().any(|known| known == name || (known == "number" && name == "integer"))
    };
    let mut common: Vec<String> = a.iter().filter(|name| has(&b, name)).cloned().collect();
    for name in b {
        if has(&a, &name) && !common.contains(&name) {
            common.push(name);
        }
    }
    match common.len() {
        0 => None,
        1 => common.pop().map(Value::String),
        _ => Some(common.into()),
    }
}

/// A schema for values that fit both.
fn conjunction(a: &Value, b: &Value) -> Value {
    let is_open = |schema: &Value| {
        *schema == Value::Bool(true) || schema.as_object().is_some_and(Map::is_empty)
    };
    if a == b || is_open(b) {
        a.clone()
    } else if is_open(a) {
        b.clone()
    } else {
        serde_json::json!({ "allOf": [a, b] })
    }
}

/// The properties of both, each under the rules that the other schema has for names that it does
/// not know.
fn objects(out: &mut Keywords, a: &Keywords, b: &Keywords) -> Option<()> {
    const OF_OBJECTS: &[&str] = &["properties", "additionalProperties", "patternProperties"];
    let is_about = |schema: &Keywords| OF_OBJECTS.iter().any(|name| schema.contains_key(*name));
    if !is_about(a) || !is_about(b) {
        return Some(());
    }
    if a.contains_key("patternProperties") || b.contains_key("patternProperties") {
        return None;
    }
    let required = out.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut properties = Map::new();
    for (schema, other) in [(a, b), (b, a)] {
        for (name, property) in known(schema)? {
            if properties.contains_key(name) {
                continue;
            }
            let rule = known(other)?.get(name).or_else(|| other.get("additionalProperties"));
            match rule {
                Some(Value::Bool(false)) if required.iter().any(|known| known == name) => {
                    return None;
                }
                // It may not be there, and what is not known may not be there.
                Some(Value::Bool(false)) if !known(other)?.contains_key(name) => {}
                Some(rule) => {
                    properties.insert(name.clone(), conjunction(property, rule));
                }
                None => {
                    properties.insert(name.clone(), property.clone());
                }
            }
        }
    }
    if out.contains_key("properties") {
        out.insert("properties".to_owned(), Value::Object(properties));
    }
    if let (Some(mine), Some(theirs)) =
        (a.get("additionalProperties"), b.get("additionalProperties"))
    {
        let closed = Value::Bool(false);
        let rule =
            if *mine == closed || *theirs == closed { closed } else { conjunction(mine, theirs) };
        out.insert("additionalProperties".to_owned(), rule);
    }
    Some(())
}

fn known(schema: &Keywords) -> Option<&Keywords> {
    static NONE: std::sync::LazyLock<Keywords> = std::sync::LazyLock::new(Map::new);
    schema.get("properties").map_or(Some(&*NONE), Value::as_object)
}

/// The values that both list, without those of a type that is not allowed.
fn values(out: &mut Keywords, a: &Keywords, b: &Keywords) -> Option<()> {
    let listed = |schema: &Keywords| match (schema.get("const"), schema.get("enum")) {
        (Some(only), _) => Some(vec![only.clone()]),
        (None, Some(Value::Array(values))) => Some(values.clone()),
        (None, _) => None,
    };
    let mut allowed = match (listed(a), listed(b)) {
        (None, None) => return Some(()),
        (Some(mine), Some(theirs)) => {
            mine.into_iter().filter(|value| theirs.contains(value)).collect()
        }
        (Some(values), None) | (None, Some(values)) => values,
    };
    if let Some(types) = out.get("type") {
        allowed.retain(|value| common_types(types, &Value::from(type_name(value))).is_some());
    }
    out.shift_remove("enum");
    let is_const = out.shift_remove("const").is_some();
    match allowed.as_slice() {
        [] => return None,
        [only] if is_const => out.insert("const".to_owned(), only.clone()),
        _ => out.insert("enum".to_owned(), Value::Array(allowed)),
    };
    Some(())
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.as_f64().is_some_and(|number| number.fract() == 0.0) => {
            "integer"
        }
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
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
