//! Schemas of several parts, closed as one.

use std::collections::HashSet;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::ORIGIN;
use super::closing::{Closing, and};
use super::parts::{CONDITIONAL, Part, Schema, child, is_silent, members};
use crate::schema::compat::parse::{Dialect, constrains};

/// Combinations of alternatives written out for one document, and parts of parts followed.
const MAX_EXPANSIONS: usize = 400;
const MAX_DEPTH: usize = 24;

/// Members that several parts describe.
type Members<'d> = IndexMap<&'d str, Vec<(&'d Value, String)>>;

/// What speaks about one value, taken apart.
#[derive(Clone, Default)]
struct Conjunction<'d> {
    /// Schemas of which only the keywords are meant that do not lead to other parts.
    plain: Vec<Part<'d>>,
    choices: Vec<Choice<'d>>,
    /// A part that accepts nothing.
    has_never: bool,
}

/// `anyOf` or `oneOf` of which a branch speaks about names.
#[derive(Clone)]
struct Choice<'d> {
    keyword: &'static str,
    branches: Vec<(&'d Value, String)>,
    /// What must hold besides one of the closed branches.
    condition: Option<Value>,
}

/// Whether names that nobody declares are shut out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seal {
    Closed,
    Open,
}

impl<'d> Closing<'d> {
    pub(super) fn close_whole(&self, part: &Part<'d>) -> Value {
        self.rewritten.borrow_mut().push(part.pointer.clone());
        self.suspect(&part.pointer);
        let mut whole = Conjunction::default();
        self.take_apart(part.clone(), &mut whole, 0);
        let mut closed = self.put_together(whole, &part.pointer, Seal::Closed);
        if let Value::Object(closed) = &mut closed {
            for (keyword, value) in self.surroundings(part) {
                closed.entry(keyword).or_insert(value);
            }
        }
        closed
    }

    /// What belongs to the schema without being about its values: definitions, identifiers.
    fn surroundings(&self, part: &Part<'d>) -> Schema {
        let is_kept =
            |keyword: &str| keyword == "$defs" || keyword == "definitions" || !constrains(keyword);
        let mut kept = Map::new();
        for (keyword, value) in part.map.iter().filter(|(keyword, _)| is_kept(keyword)) {
            let at = child(&part.pointer, keyword);
            kept.insert(keyword.clone(), self.keyword(keyword, value, &at));
        }
        kept
    }

    fn take_apart(&self, part: Part<'d>, into: &mut Conjunction<'d>, depth: usize) {
        let Part { map, pointer } = part.clone();
        if depth > MAX_DEPTH || map.contains_key("$dynamicRef") || map.contains_key("$recursiveRef")
        {
            self.doubt("$ref", &pointer);
            return;
        }
        if into.plain.iter().any(|known| known.pointer == pointer) {
            return;
        }
        let is_alone = map.contains_key("$ref") && self.dialect.ignores_reference_siblings();
        if !is_alone {
            into.plain.push(part);
        }
        if map.contains_key("$ref") {
            match self.parts.target(map) {
                Some((target, pointer)) => self.take_value(target, pointer, (into, depth)),
                None => self.doubt("$ref", &pointer),
            }
        }
        if is_alone {
            return;
        }
        if depth > 0 && map.contains_key("unevaluatedProperties") {
            self.doubt("unevaluatedProperties", &pointer);
        }
        if let Some(list) = map.get("allOf") {
            for (part, at) in members(list, &child(&pointer, "allOf")) {
                self.take_value(part, at, (into, depth));
            }
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(list) = map.get(keyword) {
                let branches = members(list, &child(&pointer, keyword));
                if branches.iter().any(|(branch, _)| self.parts.speaks(branch)) {
                    let condition = self.as_written((keyword, list), &pointer);
                    into.choices.push(Choice { keyword, branches, condition });
                }
            }
        }
    }

    fn take_value(
        &self,
        value: &'d Value,
        pointer: String,
        (into, depth): (&mut Conjunction<'d>, usize),
    ) {
        match value {
            Value::Object(map) => self.take_apart(Part { map, pointer }, into, depth + 1),
            Value::Bool(false) => into.has_never = true,
            Value::Bool(true)
            | Value::Null
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => {}
        }
    }

    /// The parts as one schema; alternatives are multiplied out.
    fn put_together(&self, mut whole: Conjunction<'d>, at: &str, seal: Seal) -> Value {
        if whole.has_never {
            return Value::Bool(false);
        }
        let Some(_level) = self.descend_into() else {
            self.doubt("$ref", at);
            return Value::Bool(true);
        };
        if whole.choices.is_empty() {
            return self.merge(&whole.plain, at, seal);
        }
        let Choice { keyword, branches, condition } = whole.choices.remove(0);
        let closed = branches.into_iter().map(|(branch, pointer)| {
            self.expansions.set(self.expansions.get() + 1);
            if self.expansions.get() > MAX_EXPANSIONS {
                self.doubt(keyword, at);
                return Value::Bool(true);
            }
            let mut next = whole.clone();
            let place = pointer.clone();
            self.take_value(branch, pointer, (&mut next, 0));
            self.put_together(next, &place, seal)
        });
        let closed: Vec<Value> = closed.collect();
        let mut schema = Map::from_iter([
            (ORIGIN.to_owned(), json!(at)),
            (keyword.to_owned(), Value::Array(closed)),
        ]);
        if let Some(condition) = condition {
            and(&mut schema, condition);
        }
        Value::Object(schema)
    }

    /// Parts without alternatives as one schema.
    fn merge(&self, plain: &[Part<'d>], at: &str, seal: Seal) -> Value {
        let mut found = Members::new();
        for part in plain {
            if let Some(properties) = part.map.get("properties") {
                let listed = members(properties, &child(&part.pointer, "properties"));
                let names = part.map["properties"].as_object().into_iter().flat_map(Map::keys);
                for (name, member) in names.zip(listed) {
                    found.entry(name).or_default().push(member);
                }
            }
        }
        let mut merged = Map::from_iter([(ORIGIN.to_owned(), json!(at))]);
        let mut properties: Schema = found
            .iter()
            .map(|(name, parts)| ((*name).to_owned(), self.close_together(parts)))
            .collect();
        let has_items = self.merge_items(plain, &mut merged, at);
        let residues: Vec<Value> = plain
            .iter()
            .filter_map(|part| self.residue(part, (&found, has_items, plain.len())))
            .collect();
        if !residues.is_empty() {
            merged.insert("allOf".to_owned(), Value::Array(residues));
        }
        let required = plain.iter().filter_map(|part| part.map.get("required")?.as_array());
        let mut seen = HashSet::new();
        let required: Vec<Value> =
            required.flatten().filter(|name| seen.insert(name.as_str())).cloned().collect();
        if !required.is_empty() {
            merged.insert("required".to_owned(), Value::Array(required));
        }
        self.require(&mut merged, found.keys().copied());
        if let Some(value) = plain.first().and_then(|part| part.map.get("unevaluatedProperties")) {
            let closed = self.keyword("unevaluatedProperties", value, at);
            merged.insert("unevaluatedProperties".to_owned(), closed);
        }
        let lists = |part: &Part<'d>| {
            part.map.contains_key("properties")
                || conditional_parts(part).any(|part| self.parts.declares(part))
        };
        let is_silent = plain.iter().any(lists) && plain.iter().all(|part| is_silent(part.map));
        if is_silent && seal == Seal::Closed {
            self.seal(plain, (&mut merged, &mut properties), at);
        }
        if !properties.is_empty() {
            merged.insert("properties".to_owned(), Value::Object(properties));
        }
        Value::Object(merged)
    }

    fn seal(&self, plain: &[Part<'d>], (merged, properties): (&mut Schema, &mut Schema), at: &str) {
        for part in plain {
            if let Some(Value::Object(condition)) = part.map.get("if") {
                let names = condition.get("properties").and_then(Value::as_object);
                for name in names.into_iter().flat_map(Map::keys) {
                    properties.entry(name.as_str()).or_insert(Value::Bool(true));
                }
            }
        }
        let is_conditional = plain.iter().any(|part| self.is_conditional(part));
        if is_conditional && self.dialect < Dialect::Draft2019 {
            self.doubt("then", at);
        }
        let keyword = if is_conditional { "unevaluatedProperties" } else { "additionalProperties" };
        merged.insert(keyword.to_owned(), Value::Bool(false));
    }

    /// One member that several parts describe. Its schema becomes a definition, so that recursive
    /// ones find themselves.
    fn close_together(&self, parts: &[(&'d Value, String)]) -> Value {
        let mut meant: Vec<(&Value, String)> = Vec::new();
        for (part, pointer) in parts {
            let (target, at) = self.meant(part, pointer);
            if !meant.iter().any(|(_, known)| *known == at) {
                meant.push((target, at));
            }
        }
        if let ([_], [(only, pointer), ..]) = (meant.as_slice(), parts) {
            return with_origin(self.close(only, pointer), pointer);
        }
        let key: Vec<String> = meant.iter().map(|(_, at)| at.clone()).collect();
        self.merged_definition(key, |at| {
            let mut whole = Conjunction::default();
            for (part, pointer) in meant {
                self.take_value(part, pointer, (&mut whole, 0));
            }
            self.put_together(whole, at, Seal::Closed)
        })
    }

    /// What a plain reference means.
    fn meant(&self, schema: &'d Value, pointer: &str) -> (&'d Value, String) {
        let (mut at, mut place) = (schema, pointer.to_owned());
        for _ in 0..MAX_DEPTH {
            let target =
                at.as_object().filter(|map| map.len() == 1).and_then(|map| self.parts.target(map));
            let Some((target, pointer)) = target else { break };
            (at, place) = (target, pointer);
        }
        (at, place)
    }

    /// Items that several parts describe are closed together; says whether that was so.
    fn merge_items(&self, plain: &[Part<'d>], merged: &mut Schema, at: &str) -> bool {
        let lists = |part: &Part<'d>, keyword: &str| {
            part.map.get(keyword).is_some_and(|value| self.parts.lists_names(value))
        };
        let is_listing = |part: &&Part<'d>| {
            ["items", "prefixItems", "additionalItems"].iter().any(|keyword| lists(part, keyword))
        };
        if plain.iter().filter(is_listing).count() < 2 {
            return false;
        }
        let is_simple = plain.iter().all(|part| {
            !part.map.contains_key("prefixItems")
                && !part.map.get("items").is_some_and(Value::is_array)
        });
        if !is_simple {
            self.doubt("prefixItems", at);
            return false;
        }
        let items: Vec<(&Value, String)> = plain
            .iter()
            .filter_map(|part| Some((part.map.get("items")?, child(&part.pointer, "items"))))
            .collect();
        merged.insert("items".to_owned(), self.close_together(&items));
        true
    }

    /// What a part says beyond its members.
    fn residue(
        &self,
        part: &Part<'d>,
        (found, has_items, count): (&Members<'d>, bool, usize),
    ) -> Option<Value> {
        let mut rest = Map::from_iter([(ORIGIN.to_owned(), json!(part.pointer))]);
        for (keyword, value) in part.map {
            let at = child(&part.pointer, keyword);
            let kept = match keyword.as_str() {
                "properties" | "required" | "$ref" | "allOf" | "unevaluatedProperties" => continue,
                "items" if has_items => continue,
                "anyOf" | "oneOf"
                    if members(value, "").iter().any(|(part, _)| self.parts.speaks(part)) =>
                {
                    continue;
                }
                _ if CONDITIONAL.contains(&keyword.as_str()) => {
                    self.conditional(keyword, (value, &at), found)
                }
                _ if !constrains(keyword) => continue,
                "additionalProperties" | "patternProperties" => {
                    if count > 1 && value.is_object() && self.parts.lists_names(value) {
                        self.doubt("additionalProperties", &part.pointer);
                    }
                    self.keyword(keyword, value, &at)
                }
                _ => self.keyword(keyword, value, &at),
            };
            rest.insert(keyword.clone(), kept);
        }
        if let (true, Some(Value::Object(own))) =
            (rest.contains_key("additionalProperties"), part.map.get("properties"))
        {
            let names = own.keys().map(|name| (name.clone(), Value::Bool(true)));
            rest.insert("properties".to_owned(), Value::Object(names.collect()));
        }
        (rest.len() > 1).then_some(Value::Object(rest))
    }

    /// A part that speaks under a condition: its members are closed, its names are left to the
    /// whole.
    fn conditional(
        &self,
        keyword: &str,
        (value, at): (&'d Value, &str),
        found: &Members<'d>,
    ) -> Value {
        let soft = |schema: &'d Value, at: &str| match schema {
            Value::Object(map) => {
                for (name, member) in map.get("properties").into_iter().flat_map(entries) {
                    let other = found.get(name).into_iter().flatten();
                    if self.parts.lists_names(member)
                        && other.into_iter().any(|(other, _)| self.parts.lists_names(other))
                    {
                        self.doubt("then", at);
                    }
                }
                let mut whole = Conjunction::default();
                self.take_apart(Part { map, pointer: at.to_owned() }, &mut whole, 0);
                self.put_together(whole, at, Seal::Open)
            }
            other => other.clone(),
        };
        match (keyword, value) {
            ("dependentSchemas" | "dependencies", Value::Object(map)) => {
                let parts =
                    map.iter().map(|(name, part)| (name.clone(), soft(part, &child(at, name))));
                Value::Object(parts.collect())
            }
            (_, value) => soft(value, at),
        }
    }

    /// Whether some names are only spoken about under a condition.
    fn is_conditional(&self, part: &Part<'d>) -> bool {
        conditional_parts(part).any(|part| self.parts.speaks(part))
    }
}

/// What a part says under conditions.
fn conditional_parts<'p>(part: &'p Part<'_>) -> impl Iterator<Item = &'p Value> {
    CONDITIONAL.iter().filter_map(|keyword| Some((keyword, part.map.get(*keyword)?))).flat_map(
        |(keyword, value)| {
            let is_map = keyword.starts_with("depend");
            let inside = value.as_object().filter(|_| is_map).into_iter().flat_map(Map::values);
            inside.chain((!is_map).then_some(value))
        },
    )
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn with_origin(schema: Value, pointer: &str) -> Value {
    match schema {
        Value::Object(mut map) => {
            map.entry(ORIGIN).or_insert_with(|| json!(pointer));
            Value::Object(map)
        }
        other => other,
    }
}
