//! What decides, at a glance, whether a part of a schema can be judged apart from the rest.

use serde_json::Value;

use super::writer::Writer;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Traits {
    /// Closing an object somewhere inside may add values instead of taking some away.
    pub(super) turns: bool,
    /// Refers to definitions.
    pub(super) refers: bool,
    /// Refers to somewhere else, or has a base of its own.
    pub(super) leaves: bool,
}

impl Traits {
    pub(super) fn of(schema: &Value) -> Self {
        let mut traits = Self::default();
        traits.add(schema);
        traits
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            turns: self.turns || other.turns,
            refers: self.refers || other.refers,
            leaves: self.leaves || other.leaves,
        }
    }

    /// Whether a schema reads whatever it sends: closing objects only takes values away.
    pub(super) fn is_sent_as_read(self, writer: Writer) -> bool {
        writer == Writer::Open || !self.turns
    }

    fn add(&mut self, schema: &Value) {
        match schema {
            Value::Object(map) => {
                for (keyword, value) in map {
                    match keyword.as_str() {
                        "not"
                        | "oneOf"
                        | "if"
                        | "maxContains"
                        | "dependentSchemas"
                        | "unevaluatedProperties"
                        | "unevaluatedItems"
                        | "allOf" => {
                            self.turns = true;
                        }
                        "$ref" => {
                            let is_near =
                                value.as_str().is_some_and(|text| text.starts_with("#/$defs/"));
                            self.refers |= is_near;
                            self.leaves |= !is_near;
                        }
                        other => self.leaves |= other.starts_with('$'),
                    }
                    self.add(value);
                }
            }
            Value::Array(list) => list.iter().for_each(|value| self.add(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}
