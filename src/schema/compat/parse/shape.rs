//! Fingerprints of what schemas say, so that equal parts of two documents are known to be equal
//! without comparing their languages.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use super::document::Document;
use super::keywords::constrains;
use crate::schema::compat::hash::HashMap;
use crate::schema::compat::number::rational;

#[derive(Debug, Default)]
pub(super) struct Shapes {
    /// By address; `None` while it is being computed and for recursive schemas, which have none.
    known: HashMap<*const Value, Option<u128>>,
    depth: usize,
}

/// Schemas inside of schemas, references followed, beyond which none has a fingerprint.
const MAX_DEPTH: usize = 400;

/// Two hashes with different seeds make one fingerprint that does not collide by accident.
struct Fingerprint(DefaultHasher, DefaultHasher);

impl Fingerprint {
    fn new() -> Self {
        let mut second = DefaultHasher::new();
        second.write_u64(0x9e37_79b9_7f4a_7c15);
        Self(DefaultHasher::new(), second)
    }

    fn add(&mut self, part: impl Hash) {
        part.hash(&mut self.0);
        part.hash(&mut self.1);
    }

    fn finish(&self) -> u128 {
        u128::from(self.0.finish()) << 64 | u128::from(self.1.finish())
    }
}

impl Shapes {
    pub(super) fn of(
        &mut self,
        document: &Document<'_>,
        base: &str,
        schema: &Value,
    ) -> Option<u128> {
        if let Some(known) = self.known.get(&std::ptr::from_ref(schema)) {
            return *known;
        }
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.known.insert(schema, None);
        self.depth += 1;
        let shape = self.compute(document, base, schema);
        self.depth -= 1;
        self.known.insert(schema, shape);
        shape
    }

    fn compute(&mut self, document: &Document<'_>, base: &str, schema: &Value) -> Option<u128> {
        let mut print = Fingerprint::new();
        let Value::Object(map) = schema else {
            add_data(&mut print, schema);
            return Some(print.finish());
        };
        // A nested identifier moves the base of every reference below it.
        if !base.is_empty() || map.contains_key("$id") || map.contains_key("id") {
            return None;
        }
        let mut keys: Vec<&String> = map.keys().filter(|key| constrains(key)).collect();
        keys.sort_unstable();
        print.add(document.dialect as u8);
        for key in keys {
            print.add(key);
            let value = &map[key.as_str()];
            match (key.as_str(), value) {
                ("$ref", Value::String(reference)) => {
                    let (place, _, target) = document.resolve(base, reference)?;
                    print.add(self.of(document, &place.base, target)?);
                }
                ("$dynamicRef" | "$recursiveRef", _) => return None,
                (
                    "properties" | "patternProperties" | "dependentSchemas" | "dependencies"
                    | "dependentRequired",
                    Value::Object(entries),
                ) => self.entries(document, entries, &mut print)?,
                ("const" | "enum" | "required" | "type", _) => add_data(&mut print, value),
                (_, Value::Array(list)) => {
                    for schema in list {
                        print.add(self.of(document, base, schema)?);
                    }
                }
                (_, Value::Object(_)) => print.add(self.of(document, base, value)?),
                (_, Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
                    add_data(&mut print, value);
                }
            }
        }
        Some(print.finish())
    }

    fn entries(
        &mut self,
        document: &Document<'_>,
        entries: &serde_json::Map<String, Value>,
        print: &mut Fingerprint,
    ) -> Option<()> {
        let mut names: Vec<&String> = entries.keys().collect();
        names.sort_unstable();
        print.add(names.len());
        for name in names {
            print.add(name);
            match &entries[name.as_str()] {
                list @ Value::Array(_) => add_data(print, list),
                schema => print.add(self.of(document, "", schema)?),
            }
        }
        Some(())
    }
}

fn add_data(print: &mut Fingerprint, value: &Value) {
    match value {
        Value::Null => print.add(0_u8),
        Value::Bool(truth) => print.add((1_u8, truth)),
        Value::Number(number) => match rational(number) {
            Some(exact) => print.add((2_u8, exact)),
            None => print.add((3_u8, number.to_string())),
        },
        Value::String(text) => print.add((4_u8, text)),
        Value::Array(items) => {
            print.add((5_u8, items.len()));
            items.iter().for_each(|item| add_data(print, item));
        }
        Value::Object(map) => {
            let mut names: Vec<&String> = map.keys().collect();
            names.sort_unstable();
            print.add((6_u8, names.len()));
            for name in names {
                print.add(name);
                add_data(print, &map[name.as_str()]);
            }
        }
    }
}
