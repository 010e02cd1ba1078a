//! Defaults: what a field is when it is absent.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::enums::{is_enum, member_names};
use super::expr::Expr;
use super::literal;
use super::scope::Scope;
use super::unions::ExactNumber;
use crate::codegen::model::{Kind, Node, Presence, Union, Uniqueness};

/// The right-hand side of a field.
#[derive(Debug)]
pub struct Default {
    pub value: Option<Expr>,
    /// What Pydantic does not derive from it.
    pub extra: Map<String, Value>,
    /// Why it looks as it does.
    pub comment: Option<&'static str>,
}

impl Default {
    fn plain(value: Expr) -> Self {
        Self { value: Some(value), extra: Map::new(), comment: None }
    }
}

impl Scope<'_> {
    pub fn default_of(&mut self, node: &Node<'_>, presence: Presence) -> Default {
        match (presence, node.raw.get("default")) {
            (Presence::Required, _) => {
                let mut extra = Map::new();
                if let Some(value) = node.raw.get("default") {
                    extra.insert("default".to_owned(), value.clone());
                }
                Default { value: None, extra, comment: None }
            }
            (Presence::Defaulted, Some(value)) => self.told(node, value),
            (Presence::Defaulted | Presence::Optional, _) => self.untold(node),
        }
    }

    fn told(&mut self, node: &Node<'_>, value: &Value) -> Default {
        if let Some(value) = self.plain(node, value) {
            return Default::plain(value);
        }
        if !self.fits(node, value) {
            // Publishers may write what they like; Pydantic does not check defaults.
            let cast = self.imports.name("typing", "cast");
            return Default::plain(Expr::apply(cast, vec![self.any(), Expr::json(value)]));
        }
        let mut extra = Map::new();
        extra.insert("default".to_owned(), value.clone());
        let parsed = self.parsed(node, value);
        Default { value: Some(self.factory(Expr::Lambda(Box::new(parsed)))), extra, comment: None }
    }

    /// Code that makes the value out of its JSON.
    fn parsed(&mut self, node: &Node<'_>, value: &Value) -> Expr {
        if let Some(plain) = self.plain(node, value) {
            return plain;
        }
        let elements = value.as_array().map(Vec::as_slice).unwrap_or_default();
        match (&node.kind, value) {
            (Kind::Array { .. } | Kind::Map { .. }, _)
                if self.is_hashed || !self.is_inferred(node) =>
            {
                self.adapted(node, value)
            }
            (Kind::Array { items, uniqueness }, Value::Array(_)) => {
                let elements: Vec<Expr> =
                    elements.iter().map(|element| self.parsed(items, element)).collect();
                if self.is_set(node.raw, items, *uniqueness) {
                    Expr::Set(elements)
                } else {
                    Expr::List(elements)
                }
            }
            (Kind::Tuple { positions, rest }, Value::Array(_)) => {
                let nodes = positions.iter().chain(rest.as_deref().into_iter().cycle());
                let pairs = nodes.zip(elements);
                Expr::Tuple(pairs.map(|(node, element)| self.parsed(node, element)).collect())
            }
            (Kind::Map { keys: None, values }, Value::Object(members)) => {
                let member = |(key, member): (&String, &Value)| {
                    (literal::string(key), self.parsed(values, member))
                };
                Expr::Dict(members.iter().map(member).collect())
            }
            (Kind::Union(union), _) => {
                let chosen = self.pick(node, value);
                if std::ptr::eq(chosen, node) || self.is_exact(union, chosen) {
                    return self.adapted(node, value);
                }
                self.parsed(chosen, value)
            }
            (Kind::Reference(key), _) if self.is_model(key) => Expr::apply(
                format!("{}.model_validate", self.class_expr(key).flat()),
                vec![Expr::json(value)],
            ),
            _ => self.adapted(node, value),
        }
    }

    fn adapted(&mut self, node: &Node<'_>, value: &Value) -> Expr {
        let base = self.type_of(node).base;
        let adapter = Expr::apply(self.imports.name("pydantic", "TypeAdapter"), vec![base]);
        let (receiver, argument) = (Box::new(adapter), Box::new(Expr::json(value)));
        Expr::Method { receiver, name: "validate_python", argument }
    }

    /// Whether the member is one half of an exact number.
    fn is_exact(&self, union: &Union<'_>, member: &Node<'_>) -> bool {
        (0..union.members.len()).any(|place| {
            self.exact_number(union, place).is_some()
                && union.members[place..].iter().take(2).any(|half| std::ptr::eq(half, member))
        })
    }

    fn factory(&self, factory: Expr) -> Expr {
        Expr::call(self.imports.name("pydantic", "Field"), vec![("default_factory", factory)])
    }

    /// A literal that is a value of the type and that Pydantic writes as `value`.
    fn plain(&self, node: &Node<'_>, value: &Value) -> Option<Expr> {
        if !self.fits(node, value) {
            return None;
        }
        match &node.kind {
            Kind::Array { items, uniqueness } if is_empty(value) => {
                Some(self.empty_array(node.raw, (items, *uniqueness)))
            }
            Kind::Map { .. } if is_empty(value) => Some(Expr::json(value)),
            Kind::Any
            | Kind::Null
            | Kind::Boolean
            | Kind::Integer
            | Kind::Number
            | Kind::Text(None | Some("email"))
            | Kind::Literal(_) => Some(Expr::json(value)),
            Kind::Text(Some(format)) => self.plain_text(format, value),
            Kind::Array { items, uniqueness: Uniqueness::Repeatable } => {
                let elements = value.as_array()?.iter().map(|element| self.plain(items, element));
                let elements = elements.collect::<Option<_>>()?;
                Some(if self.is_hashed { Expr::Tuple(elements) } else { Expr::List(elements) })
            }
            Kind::Tuple { positions, rest } => {
                let nodes = positions.iter().chain(rest.as_deref().into_iter().cycle());
                let elements = nodes.zip(value.as_array()?);
                let elements = elements.map(|(node, element)| self.plain(node, element));
                Some(Expr::Tuple(elements.collect::<Option<_>>()?))
            }
            Kind::Map { keys: None, values } => {
                let members = value.as_object()?.iter();
                let members = members
                    .map(|(key, member)| Some((literal::string(key), self.plain(values, member)?)));
                Some(Expr::Dict(members.collect::<Option<_>>()?))
            }
            Kind::Union(union) => {
                let chosen = self.pick(node, value);
                if std::ptr::eq(chosen, node) {
                    return None;
                }
                if self.is_exact(union, chosen) {
                    return self.exact_value(union, value);
                }
                self.plain(chosen, value)
            }
            Kind::Reference(key) => self.enum_member(key, value),
            Kind::Never
            | Kind::JsonText(_)
            | Kind::Array { .. }
            | Kind::Map { .. }
            | Kind::Object(_)
            | Kind::Unsupported(_) => None,
        }
    }

    /// Only for texts that Pydantic writes back as they are.
    fn plain_text(&self, format: &str, value: &Value) -> Option<Expr> {
        let text = value.as_str()?;
        match format {
            "date" => {
                let day: jiff::civil::Date = text.parse().ok()?;
                let parts = [i16::from(day.month()), i16::from(day.day())];
                let parts =
                    [day.year(), parts[0], parts[1]].map(|part| Expr::atom(part.to_string()));
                let class = self.imports.name("datetime", "date");
                (day.to_string() == text).then(|| Expr::apply(class, parts.to_vec()))
            }
            "uuid" => {
                let id: uuid::Uuid = text.parse().ok()?;
                let class = self.imports.name("uuid", "UUID");
                (id.to_string() == text).then(|| Expr::apply(class, vec![Expr::json(value)]))
            }
            _ => (!super::text_types::is_known(format)).then(|| Expr::json(value)),
        }
    }

    /// A `Decimal` of digits; a `Fraction` is parsed.
    fn exact_value(&self, union: &Union<'_>, value: &Value) -> Option<Expr> {
        let places = 0..union.members.len();
        let kind = places.into_iter().find_map(|place| self.exact_number(union, place))?;
        let digits = value.as_str().filter(|text| is_decimal_text(text))?;
        let (module, class) = kind.class();
        let class = self.imports.name(module, class);
        (kind == ExactNumber::Decimal)
            .then(|| Expr::apply(class, vec![Expr::atom(literal::string(digits))]))
    }

    fn empty_array(
        &self,
        raw: &Map<String, Value>,
        (items, uniqueness): (&Node<'_>, Uniqueness),
    ) -> Expr {
        let empty = |name| Expr::apply(self.imports.name("builtins", name), Vec::new());
        match (self.is_set(raw, items, uniqueness), self.is_hashed) {
            (true, false) => empty("set"),
            (true, true) => empty("frozenset"),
            (false, false) => Expr::List(Vec::new()),
            (false, true) => Expr::Tuple(Vec::new()),
        }
    }

    fn enum_member(&self, key: &str, value: &Value) -> Option<Expr> {
        let values = self.enum_values(key)?;
        let place = values.iter().position(|known| *known == value)?;
        let class = self.class_expr(key).flat();
        Some(Expr::atom(format!("{class}.{}", member_names(values)[place])))
    }

    pub fn is_model(&self, key: &str) -> bool {
        let node = &self.schema.definitions[key];
        matches!(node.kind, Kind::Object(_)) || (node.raw.contains_key("title") && !is_enum(node))
    }

    pub fn enum_values(&self, key: &str) -> Option<&[&Value]> {
        let node = &self.schema.definitions[key];
        match &node.kind {
            Kind::Literal(values) if is_enum(node) => Some(values),
            _ => None,
        }
    }

    /// The schema says that the field may be absent, and not what that means.
    fn untold(&mut self, node: &Node<'_>) -> Default {
        let (factory, comment) = self.guess(node);
        Default { value: Some(self.factory(factory)), extra: Map::new(), comment }
    }

    fn guess(&mut self, node: &Node<'_>) -> (Expr, Option<&'static str>) {
        const UNTOLD: &str = "The publisher computes the default; the schema does not tell how.";
        let lambda = |body: Expr| Expr::Lambda(Box::new(body));
        let known = |expr| (expr, None);
        let unknown = |expr| (expr, Some(UNTOLD));
        match &node.kind {
            Kind::Array { items, uniqueness } => {
                known(lambda(self.empty_array(node.raw, (items, *uniqueness))))
            }
            Kind::Map { .. } => known(lambda(Expr::Dict(Vec::new()))),
            Kind::Text(Some("uuid" | "uuid4")) => {
                unknown(Expr::atom(self.imports.name("uuid", "uuid4")))
            }
            Kind::Text(Some("date-time")) => {
                let class = self.imports.name("datetime", "datetime");
                unknown(lambda(Expr::apply(format!("{class}.now().astimezone"), Vec::new())))
            }
            Kind::Text(Some("date")) => {
                unknown(Expr::atom(format!("{}.today", self.imports.name("datetime", "date"))))
            }
            Kind::Reference(key) if self.has_only_defaults(key) && !self.makes_itself(key) => {
                known(lambda(Expr::apply(self.class_expr(key).flat(), Vec::new())))
            }
            _ if node.is_nullable() => unknown(lambda(Expr::atom("None"))),
            Kind::Text(None) => unknown(lambda(Expr::atom("\"\""))),
            Kind::Integer => unknown(lambda(Expr::atom("0"))),
            Kind::Number => unknown(lambda(Expr::atom("0.0"))),
            Kind::Boolean => unknown(lambda(Expr::atom("False"))),
            Kind::Literal(values) => unknown(lambda(Expr::json(values[0]))),
            _ => {
                if let Kind::Reference(key) = &node.kind
                    && let Some(values) = self.enum_values(key)
                    && let Some(member) = self.enum_member(key, values[0])
                {
                    return unknown(lambda(member));
                }
                let cast = self.imports.name("typing", "cast");
                let any = self.any();
                unknown(lambda(Expr::apply(cast, vec![any, Expr::atom("None")])))
            }
        }
    }

    /// Whether the model can be made out of nothing.
    fn has_only_defaults(&self, key: &str) -> bool {
        match &self.schema.definitions[key].kind {
            Kind::Object(object) => {
                object.fields.iter().all(|field| field.presence != Presence::Required)
            }
            _ => false,
        }
    }

    /// Whether a model that is made out of nothing makes another of itself, and so on.
    fn makes_itself<'n>(&'n self, key: &'n str) -> bool {
        let (mut seen, mut open) = (BTreeSet::new(), vec![key]);
        while let Some(next) = open.pop() {
            let Kind::Object(object) = &self.schema.definitions[next].kind else { continue };
            for field in &object.fields {
                if let (Presence::Optional, Kind::Reference(made)) =
                    (field.presence, &field.node.kind)
                {
                    if *made == key {
                        return true;
                    }
                    if seen.insert(*made) {
                        open.push(made);
                    }
                }
            }
        }
        false
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn is_decimal_text(text: &str) -> bool {
    let digits = text.trim_start_matches('-');
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
        && digits.matches('.').count() <= 1
}
