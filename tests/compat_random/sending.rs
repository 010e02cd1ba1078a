//! What a publisher sends, worked out value by value and not by rewriting a schema: a second opinion
//! on the engine's own.
//!
//! A value is sent when it fits the schema as it was written and, at each place, one way to choose
//! among the alternatives declares all of its names. The schemas are those of `schemas::model`.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use celerysalt::schema::compat::Writer;
use jsonschema::Validator;
use serde_json::{Map, Value};

pub(super) struct Sender<'d> {
    pub(super) root: &'d Value,
    pub(super) written: &'d Validator,
    pub(super) writer: Writer,
}

impl<'d> Sender<'d> {
    pub(super) fn sends(&self, value: &Value) -> bool {
        self.written.is_valid(value) && self.fits(vec![self.root], Vec::new(), value)
    }

    /// Takes one schema after the other apart; `plain` are those that have no parts any more.
    fn fits(
        &self,
        mut open: Vec<&'d Value>,
        mut plain: Vec<&'d Map<String, Value>>,
        value: &Value,
    ) -> bool {
        let Some(schema) = open.pop() else { return self.fits_plain(&plain, value) };
        let map = match schema {
            Value::Bool(true) => return self.fits(open, plain, value),
            Value::Object(map) => map,
            _ => return false,
        };
        plain.push(map);
        if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
            open.push(self.root.pointer(reference.trim_start_matches('#')).unwrap());
        }
        open.extend(map.get("allOf").and_then(Value::as_array).into_iter().flatten());
        self.choose(&["anyOf", "oneOf"], map, (open, plain, value))
    }

    fn choose(
        &self,
        keywords: &[&str],
        map: &'d Map<String, Value>,
        (open, plain, value): (Vec<&'d Value>, Vec<&'d Map<String, Value>>, &Value),
    ) -> bool {
        let Some((keyword, rest)) = keywords.split_first() else {
            return self.fits(open, plain, value);
        };
        let Some(branches) = map.get(*keyword).and_then(Value::as_array) else {
            return self.choose(rest, map, (open, plain, value));
        };
        let fitting = branches.iter().filter(|branch| {
            let mut open = open.clone();
            open.push(branch);
            self.choose(rest, map, (open, plain.clone(), value))
        });
        // That a value fits one branch of a `oneOf` only is a matter of the schema as written.
        fitting.count() > 0
    }

    fn fits_plain(&self, plain: &[&'d Map<String, Value>], value: &Value) -> bool {
        plain.iter().all(|map| fits_itself(map, value))
            && match value {
                Value::Array(items) => items.iter().all(|item| {
                    let schemas = plain.iter().filter_map(|map| map.get("items")).collect();
                    self.fits(schemas, Vec::new(), item)
                }),
                Value::Object(members) => self.fits_object(plain, members),
                _ => true,
            }
    }

    fn fits_object(&self, plain: &[&'d Map<String, Value>], members: &Map<String, Value>) -> bool {
        let lists = |map: &Map<String, Value>| map.get("properties").is_some();
        let speaks = |map: &Map<String, Value>| {
            ["additionalProperties", "const", "enum"].iter().any(|k| map.contains_key(*k))
        };
        let is_closed = plain.iter().any(|map| lists(map)) && !plain.iter().any(|map| speaks(map));
        let properties = plain.iter().filter_map(|map| map.get("properties")?.as_object());
        let declared: BTreeSet<&str> = properties.flat_map(Map::keys).map(String::as_str).collect();
        if is_closed && members.keys().any(|name| !declared.contains(&**name)) {
            return false;
        }
        if self.writer == Writer::Dump && declared.iter().any(|name| !members.contains_key(*name)) {
            return false;
        }
        members.iter().all(|(name, member)| {
            let schemas = plain.iter().filter_map(|map| {
                let own = map.get("properties").and_then(|properties| properties.get(name));
                own.or_else(|| map.get("additionalProperties"))
            });
            self.fits(schemas.collect(), Vec::new(), member)
        })
    }
}

/// What a schema says about a value without looking into it.
fn fits_itself(map: &Map<String, Value>, value: &Value) -> bool {
    thread_local! {
        static COMPILED: RefCell<HashMap<String, Validator>> = RefCell::default();
    }
    const OUTSIDE: [&str; 8] =
        ["properties", "additionalProperties", "items", "allOf", "anyOf", "oneOf", "$ref", "$defs"];
    let own = map.iter().filter(|(keyword, _)| !OUTSIDE.contains(&keyword.as_str()));
    let own = Value::Object(own.map(|(keyword, value)| (keyword.clone(), value.clone())).collect());
    COMPILED.with_borrow_mut(|compiled| {
        let validator = compiled
            .entry(own.to_string())
            .or_insert_with(|| jsonschema::validator_for(&own).unwrap());
        validator.is_valid(value)
    })
}
