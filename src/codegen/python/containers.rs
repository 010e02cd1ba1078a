//! Lists, sets, tuples and mappings.

use serde_json::{Map, Value};

use super::expr::Expr;
use super::literal;
use super::scope::Scope;
use super::types::{Fidelity, Typed};
use crate::codegen::model::{Kind, Node, Uniqueness};

const ITEM_LIMITS: &[(&str, &str)] = &[("minItems", "min_length"), ("maxItems", "max_length")];
const MEMBER_LIMITS: &[(&str, &str)] =
    &[("minProperties", "min_length"), ("maxProperties", "max_length")];

impl Scope<'_> {
    pub fn array(
        &mut self,
        raw: &Map<String, Value>,
        items: &Node<'_>,
        uniqueness: Uniqueness,
    ) -> Typed {
        let (element, fidelity) = self.annotation(items);
        let is_set = uniqueness == Uniqueness::Unique && self.is_hashable(items);
        let name = if is_set { "set" } else { "list" };
        let base = Expr::index(self.imports.name("builtins", name), vec![element]);
        let mut typed = Typed::new(base, &["type", "items"]);
        if is_set {
            typed.explained.push("uniqueItems");
        }
        typed.limit(raw, ITEM_LIMITS);
        typed.fidelity = fidelity;
        if !matches!(raw.get("items"), Some(Value::Object(_))) || !raw.contains_key("type") {
            typed.fidelity = Fidelity::Respelled;
        }
        typed
    }

    pub fn tuple(
        &mut self,
        raw: &Map<String, Value>,
        (positions, rest): (&[Node<'_>], Option<&Node<'_>>),
    ) -> Typed {
        let count = |keyword| raw.get(keyword).and_then(Value::as_u64);
        let length = Some(positions.len() as u64);
        if rest.is_some() || count("minItems") != length || count("maxItems") != length {
            self.lose("the items are not checked by their position");
            let list = self.imports.name("builtins", "list");
            return super::types::respelled(Expr::index(list, vec![self.any()]));
        }
        let mut exact = Fidelity::Exact;
        let mut elements = Vec::new();
        for position in positions {
            let (element, fidelity) = self.annotation(position);
            elements.push(element);
            exact = exact.and(fidelity);
        }
        if elements.is_empty() {
            elements.push(Expr::atom("()"));
        }
        let tuple = Expr::index(self.imports.name("builtins", "tuple"), elements);
        let mut typed = Typed::new(tuple, &["prefixItems", "minItems", "maxItems"]);
        typed.fidelity = exact;
        typed.expect(raw, &[("type", Value::from("array"))]);
        typed
    }

    pub fn map(
        &mut self,
        raw: &Map<String, Value>,
        (keys, values): (Option<&Node<'_>>, &Node<'_>),
    ) -> Typed {
        let (value, mut exact) = self.annotation(values);
        let pattern = raw.get("patternProperties").and_then(Value::as_object);
        let key = match (keys, pattern.and_then(|patterns| patterns.keys().next())) {
            (Some(keys), _) => {
                let (key, fidelity) = self.key(keys);
                if fidelity == Fidelity::Respelled {
                    exact = fidelity;
                }
                key
            }
            (None, Some(pattern)) => self.key_with_pattern(pattern),
            (None, None) => self.builtin("str"),
        };
        let base = Expr::index(self.imports.name("builtins", "dict"), vec![key, value]);
        let mut typed = Typed::new(
            base,
            &["type", "additionalProperties", "patternProperties", "propertyNames"],
        );
        typed.limit(raw, MEMBER_LIMITS);
        typed.fidelity = exact;
        let is_open = matches!(values.kind, Kind::Any) && values.raw.is_empty();
        let says_so = raw.get("additionalProperties") == Some(&Value::Bool(true));
        if (pattern.is_none() && is_open != says_so) || !raw.contains_key("type") {
            typed.fidelity = Fidelity::Respelled;
        }
        typed
    }

    /// The type of a key is a string even where the schema does not repeat it.
    fn key(&mut self, keys: &Node<'_>) -> (Expr, Fidelity) {
        if let Kind::Literal(values) = &keys.kind {
            let mut typed = self.literal(keys.raw, values);
            typed.fidelity = Fidelity::Exact;
            return self.finish(keys, typed, &["type", "const", "enum"]);
        }
        self.annotation(keys)
    }

    fn key_with_pattern(&mut self, pattern: &str) -> Expr {
        if !self.can_check(pattern) {
            self.lose("the pattern of the keys is not checked");
            return self.builtin("str");
        }
        let field = self.imports.name("pydantic", "Field");
        let pattern = Expr::atom(literal::pattern(pattern));
        let elements = vec![self.builtin("str"), Expr::call(field, vec![("pattern", pattern)])];
        Expr::index(self.imports.name("typing", "Annotated"), elements)
    }
}
