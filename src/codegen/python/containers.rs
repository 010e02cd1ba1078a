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
        let is_set = self.is_set(raw, items, uniqueness);
        let is_hashed = self.is_hashed;
        self.is_hashed |= is_set;
        let (element, fidelity) = self.annotation(items);
        self.is_hashed = is_hashed;
        let (name, elements) = match (is_set, is_hashed) {
            (true, false) => ("set", vec![element]),
            (true, true) => ("frozenset", vec![element]),
            (false, false) => ("list", vec![element]),
            (false, true) => ("tuple", vec![element, Expr::atom("...")]),
        };
        let base = Expr::index(self.imports.name("builtins", name), elements);
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

    /// Whether an array is a set, as far as its elements allow. An `{}` that somebody has written
    /// stands for any element that does.
    pub fn is_set(
        &self,
        raw: &Map<String, Value>,
        items: &Node<'_>,
        uniqueness: Uniqueness,
    ) -> bool {
        let is_any = raw.get("items").is_some_and(|items| *items == serde_json::json!({}));
        uniqueness == Uniqueness::Unique && (is_any || self.is_hashable(items))
    }

    pub fn tuple(
        &mut self,
        raw: &Map<String, Value>,
        (positions, rest): (&[Node<'_>], Option<&Node<'_>>),
    ) -> Typed {
        if !is_positional(raw, (positions, rest)) {
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
        typed.fidelity = exact.and(Fidelity::of(raw.contains_key("prefixItems") && rest.is_none()));
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
        let pattern = pattern.and_then(|patterns| patterns.keys().next());
        let key = match keys {
            Some(keys) => {
                let (key, fidelity) = self.key(keys, pattern);
                exact = exact.and(fidelity);
                key
            }
            None => self.key_with_pattern(pattern),
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
        let is_said = match pattern {
            Some(_) => !raw.contains_key("additionalProperties"),
            None => is_open == says_so,
        };
        if !is_said || !raw.contains_key("type") {
            typed.fidelity = Fidelity::Respelled;
        }
        typed
    }

    /// The type of a key is a string even where the schema does not repeat it.
    fn key(&mut self, keys: &Node<'_>, pattern: Option<&String>) -> (Expr, Fidelity) {
        if let Kind::Literal(values) = &keys.kind {
            let mut typed = self.literal(keys.raw, values);
            typed.fidelity = Fidelity::Exact;
            return self.finish(keys, typed, &["type", "const", "enum"]);
        }
        let mut typed = self.type_of(keys);
        if let (Some(pattern), Kind::Text(None)) = (pattern, &keys.kind)
            && self.can_check(pattern)
        {
            typed.arguments.push(("pattern", Expr::atom(literal::pattern(pattern))));
        }
        self.finish(keys, typed, &[])
    }

    fn key_with_pattern(&mut self, pattern: Option<&String>) -> Expr {
        let Some(pattern) = pattern else { return self.builtin("str") };
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

/// Whether the array has exactly these positions, as a Python tuple does.
pub fn is_positional(
    raw: &Map<String, Value>,
    (positions, rest): (&[Node<'_>], Option<&Node<'_>>),
) -> bool {
    let count = |keyword| raw.get(keyword).and_then(Value::as_u64);
    let length = Some(positions.len() as u64);
    let is_closed = match rest {
        Some(rest) => matches!(rest.kind, Kind::Never),
        None => count("maxItems") == length,
    };
    is_closed && count("minItems") == length
}
