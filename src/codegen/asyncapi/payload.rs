//! Payload schemas as components: JSON Schema draft 2020-12, as Pydantic writes it, in the words of
//! draft 7, which is what AsyncAPI's own schemas are.
//!
//! Definitions become components of their own and references lead to them. The result is always a
//! valid schema: what has no counterpart, or is not in order, is left out and noted.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use serde_json::{Map, Value, json};

use super::keyword::{self, Form};
use super::pattern;
use crate::codegen::keys::Keys;
use crate::codegen::pointer;

/// What AsyncAPI reads in a way of its own.
const RESERVED: [&str; 4] = ["externalDocs", "schema", "schemaFormat", "__proto__"];

/// The components of every schema that was added.
#[derive(Debug, Default)]
pub(super) struct Components {
    keys: Keys,
    pub(super) schemas: Map<String, Value>,
}

impl Components {
    /// Adds the schema with a name, which is unique as an identity, and everything that it refers
    /// to. Gives the reference to it, and notes about what could not be said.
    pub(super) fn add(
        &mut self,
        (name, identity): (&str, &str),
        schema: &Value,
    ) -> (Value, BTreeSet<String>) {
        let mut lift = Lift {
            root: schema,
            name,
            identity,
            keys: &mut self.keys,
            key_of: HashMap::new(),
            queue: VecDeque::new(),
            notes: BTreeSet::new(),
            place: String::new(),
        };
        let reference = lift.reference("");
        while let Some(pointer) = lift.queue.pop_front() {
            let target = schema.pointer(&pointer).cloned().unwrap_or(Value::Bool(true));
            lift.place.clone_from(&pointer);
            let translated = spelled_out(lift.schema(&target));
            self.schemas.insert(lift.key_of[&pointer].clone(), translated);
        }
        (reference, lift.notes)
    }
}

/// Booleans are schemas everywhere but at the top of a component.
fn spelled_out(schema: Value) -> Value {
    match schema {
        Value::Bool(true) => json!({}),
        Value::Bool(false) => json!({"not": {}}),
        other => other,
    }
}

struct Lift<'a> {
    root: &'a Value,
    name: &'a str,
    identity: &'a str,
    keys: &'a mut Keys,
    key_of: HashMap<String, String>,
    queue: VecDeque<String>,
    notes: BTreeSet<String>,
    /// The definition that is being translated.
    place: String,
}

impl Lift<'_> {
    /// A reference to the component of what stands at `pointer`, which will be translated if it is
    /// met for the first time.
    fn reference(&mut self, pointer: &str) -> Value {
        json!({"$ref": self.address(pointer)})
    }

    fn address(&mut self, pointer: &str) -> String {
        if !self.key_of.contains_key(pointer) {
            let wanted = if pointer.is_empty() {
                self.name.to_owned()
            } else {
                format!("{}.{}", self.name, pointer::last_segment(pointer))
            };
            let key = self.keys.key(&wanted, &format!("{}#{pointer}", self.identity));
            self.key_of.insert(pointer.to_owned(), key);
            self.queue.push_back(pointer.to_owned());
        }
        format!("#/components/schemas/{}", self.key_of[pointer])
    }

    fn note(&mut self, problem: &str) {
        let place = if self.place.is_empty() { "the payload" } else { &self.place };
        self.notes.insert(format!("in {place}: {problem}"));
    }

    fn schema(&mut self, schema: &Value) -> Value {
        match schema {
            Value::Bool(_) => schema.clone(),
            Value::Object(map) => Value::Object(self.object(map)),
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                self.note("something that is not a schema was left out");
                Value::Bool(true)
            }
        }
    }

    fn object(&mut self, map: &Map<String, Value>) -> Map<String, Value> {
        let mut out = Map::new();
        for (keyword, value) in map {
            match keyword.as_str() {
                "$ref" | "prefixItems" | "additionalItems" => {}
                "items" => self.items(map, &mut out),
                "dependentRequired" | "dependentSchemas" | "dependencies" => {
                    self.dependencies(keyword, value, &mut out);
                }
                "discriminator" => self.discriminator(value, &mut out),
                name if keyword::SILENT.contains(&name) => {}
                name if keyword::INEXPRESSIBLE.contains(&name) => {
                    self.note(&format!("AsyncAPI has no `{name}`"));
                }
                name => self.keyword(name, value, &mut out),
            }
        }
        if map.contains_key("prefixItems") && !map.contains_key("items") {
            self.items(map, &mut out);
        }
        match map.get("$ref") {
            Some(target) => self.with_reference(target, out),
            None => out,
        }
    }

    /// Tuples are `items` in draft 7, with `additionalItems` for the rest.
    fn items(&mut self, map: &Map<String, Value>, out: &mut Map<String, Value>) {
        let (first, rest) = match (map.get("prefixItems"), map.get("items")) {
            (Some(prefix), rest) => (Some(prefix), rest),
            (None, Some(Value::Array(_))) => (map.get("items"), map.get("additionalItems")),
            (None, items) => (items, None),
        };
        for (keyword, value) in [("items", first), ("additionalItems", rest)] {
            if let Some(value) = value {
                self.keyword(keyword, value, out);
            }
        }
    }

    fn keyword(&mut self, name: &str, value: &Value, out: &mut Map<String, Value>) {
        let translated = match keyword::form_of(name) {
            Some(form) => self.value(form, value),
            None if RESERVED.contains(&name) => None,
            None => (!keyword::is_unspeakable(value)).then(|| value.clone()),
        };
        match translated {
            Some(translated) => {
                out.insert(name.to_owned(), translated);
            }
            None if name == "pattern" && value.is_string() => {
                self.note("a `pattern` that only Python understands was left out");
            }
            None => self.note(&format!("`{name}` cannot be written and was left out")),
        }
    }

    fn value(&mut self, form: Form, value: &Value) -> Option<Value> {
        match (form, value) {
            (Form::Schema | Form::Items, Value::Object(_) | Value::Bool(_)) => {
                Some(self.schema(value))
            }
            (Form::Schemas | Form::Items, Value::Array(list)) if !list.is_empty() => {
                Some(list.iter().map(|schema| self.schema(schema)).collect())
            }
            (Form::Members, Value::Object(map)) => Some(self.members(map)),
            (Form::Patterns, Value::Object(map)) => Some(self.patterns(map)),
            (Form::Values, Value::Array(list)) if !keyword::is_unspeakable(value) => {
                let distinct = keyword::distinct(list);
                (!distinct.is_empty()).then_some(Value::Array(distinct))
            }
            (Form::Pattern, Value::String(text)) => pattern::for_javascript(text).map(Value::from),
            (Form::List | Form::Anything, _) if keyword::is_unspeakable(value) => None,
            (form, _) => keyword::has_form(value, form).then(|| value.clone()),
        }
    }

    fn members(&mut self, map: &Map<String, Value>) -> Value {
        let mut out = Map::new();
        for (name, schema) in map {
            if keyword::UNSPEAKABLE.contains(&name.as_str()) {
                self.note(&format!("the field `{name}` cannot be described and was left out"));
            } else {
                out.insert(name.clone(), self.schema(schema));
            }
        }
        Value::Object(out)
    }

    fn patterns(&mut self, map: &Map<String, Value>) -> Value {
        let mut out = Map::new();
        for (python, schema) in map {
            let Some(pattern) = pattern::for_javascript(python) else {
                self.note("a `patternProperties` that only Python understands was left out");
                continue;
            };
            out.insert(pattern, self.schema(schema));
        }
        Value::Object(out)
    }

    fn dependencies(&mut self, keyword: &str, value: &Value, out: &mut Map<String, Value>) {
        let Value::Object(entries) = value else {
            return self.note(&format!("`{keyword}` cannot be written and was left out"));
        };
        let mut all = match out.remove("dependencies") {
            Some(Value::Object(known)) => known,
            Some(_) | None => Map::new(),
        };
        for (name, needed) in entries {
            let form = if needed.is_array() { Form::Names } else { Form::Schema };
            match self.value(form, needed) {
                Some(needed)
                    if !all.contains_key(name)
                        && !keyword::UNSPEAKABLE.contains(&name.as_str()) =>
                {
                    all.insert(name.clone(), needed);
                }
                Some(_) | None => self.note(&format!("a part of `{keyword}` was left out")),
            }
        }
        out.insert("dependencies".to_owned(), Value::Object(all));
    }

    /// AsyncAPI's own `discriminator` is the name of a schema, so Pydantic's, which maps values to
    /// schemas, becomes an extension. The `const` of each branch says the same.
    fn discriminator(&mut self, value: &Value, out: &mut Map<String, Value>) {
        let Some(property) = value.get("propertyName").and_then(Value::as_str) else {
            return self.note("`discriminator` cannot be written and was left out");
        };
        let mut mapping = Map::new();
        let entries = value.get("mapping").and_then(Value::as_object);
        for (tag, target) in entries.into_iter().flatten() {
            let target = target.as_str().and_then(|target| pointer::target(self.root, target));
            if let Some((pointer, _)) = target {
                mapping.insert(tag.clone(), Value::from(self.address(&pointer)));
            }
        }
        let discriminator = json!({"propertyName": property, "mapping": mapping});
        out.insert("x-discriminator".to_owned(), discriminator);
    }

    /// Draft 7 ignores what stands beside a reference, so the reference moves into `allOf`.
    fn with_reference(
        &mut self,
        target: &Value,
        mut out: Map<String, Value>,
    ) -> Map<String, Value> {
        let found = target.as_str().and_then(|text| pointer::target(self.root, text));
        let found = found.filter(|(_, schema)| !self.is_endless(schema));
        let Some((pointer, _)) = found else {
            self.note("a reference that leads nowhere inside the schema was left out");
            return out;
        };
        let reference = self.reference(&pointer);
        if out.is_empty() {
            return Map::from_iter([("$ref".to_owned(), reference["$ref"].clone())]);
        }
        let mut all = vec![reference];
        if let Some(Value::Array(known)) = out.remove("allOf") {
            all.extend(known);
        }
        out.insert("allOf".to_owned(), Value::Array(all));
        out
    }

    /// Whether references lead in a circle that describes nothing.
    fn is_endless(&self, schema: &Value) -> bool {
        let mut seen = HashSet::new();
        let mut at = schema;
        while let Some(reference) = at.get("$ref").and_then(Value::as_str) {
            match pointer::target(self.root, reference) {
                Some((pointer, next)) => {
                    if !seen.insert(pointer) {
                        return true;
                    }
                    at = next;
                }
                None => return false,
            }
        }
        false
    }
}
