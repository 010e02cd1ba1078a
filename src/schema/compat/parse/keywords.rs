use serde_json::{Map, Value};

use super::{Group, Parser, Place, Present};
use crate::schema::compat::node::{Applicator, Rules};
use crate::schema::compat::number::{Rational, rational};
use crate::schema::compat::writer::EXCLUSIVE;

/// Whether a keyword can make a value invalid.
pub(in crate::schema::compat) fn constrains(keyword: &str) -> bool {
    matches!(
        keyword,
        "$ref"
            | "$dynamicRef"
            | "$recursiveRef"
            | "type"
            | "enum"
            | "const"
            | "minimum"
            | "maximum"
            | "exclusiveMinimum"
            | "exclusiveMaximum"
            | "multipleOf"
            | "minLength"
            | "maxLength"
            | "pattern"
            | "format"
            | "items"
            | "prefixItems"
            | "additionalItems"
            | "minItems"
            | "maxItems"
            | "uniqueItems"
            | "contains"
            | "minContains"
            | "maxContains"
            | "unevaluatedItems"
            | "properties"
            | "patternProperties"
            | "additionalProperties"
            | "unevaluatedProperties"
            | "required"
            | "minProperties"
            | "maxProperties"
            | "propertyNames"
            | "dependentRequired"
            | "dependentSchemas"
            | "dependencies"
            | "allOf"
            | "anyOf"
            | "oneOf"
            | "not"
            | "if"
            | "then"
            | "else"
            | "disallow"
            | "extends"
            | "divisibleBy"
            | "$recursiveAnchor"
            | "contentEncoding"
            | "contentMediaType"
    )
}

impl<'d> Parser<'_, 'd> {
    pub(super) fn keywords(
        &mut self,
        at: &Place,
        (map, present): (&'d Map<String, Value>, Present),
        rules: &mut Rules,
    ) {
        self.scalars((map, present), rules);
        if present.has(Group::Arrays) {
            self.array(at, map, rules);
        }
        if present.has(Group::Objects) {
            self.object(at, map, rules);
        }
        if present.has(Group::Applicators) {
            self.applicators(at, map, rules);
        }
        if present.has(Group::Unevaluated) {
            self.unevaluated(at, map, rules);
        }
        if present.has(Group::Contents) {
            self.contents(map, rules);
        }
    }

    /// Draft 7 lets an implementation assert `contentEncoding`; later editions do not.
    fn contents(&self, map: &Map<String, Value>, rules: &mut Rules) {
        use super::Dialect;
        for keyword in ["contentEncoding", "contentMediaType"] {
            if map.contains_key(keyword)
                && matches!(self.document.dialect, Dialect::Draft6 | Dialect::Draft7)
            {
                rules.unmodelled.push(keyword.to_owned());
            }
        }
    }

    pub(super) fn applicators(
        &mut self,
        at: &Place,
        map: &'d Map<String, Value>,
        rules: &mut Rules,
    ) {
        if let Some(schemas) = map.get("allOf") {
            rules.applicators.push(Applicator::All(self.children(at, "allOf", schemas)));
        }
        if let Some(schemas) = map.get("anyOf") {
            let branches = self.children(at, "anyOf", schemas);
            rules.applicators.push(Applicator::Any { keyword: "anyOf", branches });
        }
        if let Some(schemas) = map.get("oneOf") {
            let branches = self.children(at, "oneOf", schemas);
            rules.applicators.push(if map.contains_key(EXCLUSIVE) {
                Applicator::Any { keyword: "oneOf", branches }
            } else {
                Applicator::One(branches)
            });
        }
        if let Some(schema) = map.get("not") {
            rules.applicators.push(Applicator::Not(self.child(at, "not", schema)));
        }
        if let Some(schema) = self.known(map, "if")
            && (map.contains_key("then") || map.contains_key("else"))
        {
            let condition = self.child(at, "if", schema);
            let then = map.get("then").map(|schema| self.child(at, "then", schema));
            let otherwise = map.get("else").map(|schema| self.child(at, "else", schema));
            rules.applicators.push(Applicator::If { condition, then, otherwise });
        }
        for keyword in ["disallow", "extends", "divisibleBy"] {
            if self.document.dialect == super::Dialect::Draft4 && map.contains_key(keyword) {
                rules.unmodelled.push(keyword.to_owned());
            }
        }
    }

    /// A keyword's value, when this edition of JSON Schema has the keyword.
    pub(super) fn known(&self, map: &'d Map<String, Value>, keyword: &str) -> Option<&'d Value> {
        if self.document.dialect.knows(keyword) { map.get(keyword) } else { None }
    }

    /// A size such as `minLength`; anything but a whole number from zero is not understood.
    pub(super) fn count(
        &self,
        map: &'d Map<String, Value>,
        keyword: &str,
        rules: &mut Rules,
    ) -> Option<u64> {
        let value = self.known(map, keyword)?;
        let count = exact(value)
            .filter(Rational::is_integer)
            .and_then(|count| u64::try_from(count.to_integer()).ok());
        if count.is_none() {
            rules.unmodelled.push(keyword.to_owned());
        }
        count
    }
}

pub(super) fn exact(value: &Value) -> Option<Rational> {
    match value {
        Value::Number(number) => rational(number),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    }
}
