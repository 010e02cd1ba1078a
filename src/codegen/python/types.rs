//! Annotations: the Python type of a node, and how much of its schema Pydantic will say again.
//!
//! Whatever the type does not say by itself goes into `Field(…)` on the branch it belongs to, so
//! that `model_json_schema()` gives the schema that was registered.

use serde_json::{Map, Value};

use super::expr::Expr;
use super::literal;
use super::module::Form;
use super::scope::Scope;
use super::text_types;
use crate::codegen::model::{Kind, Node};

/// A type in the making.
#[derive(Debug)]
pub struct Typed {
    pub base: Expr,
    /// What goes beside `Field` into `Annotated`.
    pub metadata: Vec<Expr>,
    /// Arguments of `Field`.
    pub arguments: Vec<(&'static str, Expr)>,
    /// Keywords that Pydantic derives from the type.
    pub explained: Vec<&'static str>,
    /// Whether Pydantic would say something that the schema does not.
    pub fidelity: Fidelity,
    pub title: AutomaticTitle,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fidelity {
    Exact,
    /// Another spelling, which [`Scope`] can overrule where no reference is involved.
    Respelled,
}

impl Fidelity {
    pub fn of(is_exact: bool) -> Self {
        if is_exact { Self::Exact } else { Self::Respelled }
    }

    pub fn and(self, other: Self) -> Self {
        if self == Self::Exact { other } else { self }
    }
}

/// Whether Pydantic titles a field of this type after its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutomaticTitle {
    Given,
    Absent,
}

impl Typed {
    pub fn new(base: Expr, explained: &[&'static str]) -> Self {
        Self {
            base,
            metadata: Vec::new(),
            arguments: Vec::new(),
            explained: explained.to_vec(),
            fidelity: Fidelity::Exact,
            title: AutomaticTitle::Given,
        }
    }

    /// Moves the limits among `keywords` that the node has into `Field`.
    pub fn limit(&mut self, raw: &Map<String, Value>, keywords: &[(&'static str, &'static str)]) {
        for (keyword, argument) in keywords {
            if let Some(Value::Number(limit)) = raw.get(*keyword) {
                self.arguments.push((argument, Expr::atom(literal::number(limit))));
                self.explained.push(keyword);
            }
        }
    }

    /// Notes that Pydantic will write these keywords, whether or not the schema has them.
    pub fn expect(&mut self, raw: &Map<String, Value>, expected: &[(&'static str, Value)]) {
        for (keyword, value) in expected {
            if raw.get(*keyword) == Some(value) {
                self.explained.push(keyword);
            } else {
                self.fidelity = Fidelity::Respelled;
            }
        }
    }
}

pub const NUMBER_LIMITS: &[(&str, &str)] = &[
    ("exclusiveMinimum", "gt"),
    ("minimum", "ge"),
    ("exclusiveMaximum", "lt"),
    ("maximum", "le"),
    ("multipleOf", "multiple_of"),
];

/// Keywords that no type says.
const UNSAID: &[&str] = &[
    "allOf",
    "contains",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "if",
    "not",
    "unevaluatedItems",
    "unevaluatedProperties",
];

impl Scope<'_> {
    /// The annotation of a node that is not a field itself, and whether it is exact.
    pub fn annotation(&mut self, node: &Node<'_>) -> (Expr, Fidelity) {
        let typed = self.type_of(node);
        self.finish(node, typed, &[])
    }

    /// Puts what the type does not say into `Field`; `skipped` keywords are somebody else's.
    pub fn finish(
        &mut self,
        node: &Node<'_>,
        mut typed: Typed,
        skipped: &[&str],
    ) -> (Expr, Fidelity) {
        if self.form == Form::Stubs {
            return (typed.base, Fidelity::Exact);
        }
        let mut fidelity = Fidelity::Exact;
        let is_other = |keyword: &str| {
            !skipped.contains(&keyword) && !matches!(keyword, "$defs" | "definitions")
        };
        if typed.fidelity == Fidelity::Respelled {
            let spelled = node.spelled.unwrap_or(node.raw);
            let is_union = matches!(node.kind, Kind::Union(_));
            let choices: &[&str] = if is_union { &[] } else { &["anyOf", "oneOf"] };
            let unsaid = UNSAID.iter().chain(choices);
            for keyword in unsaid.filter(|keyword| node.raw.contains_key(**keyword)) {
                self.lose(&format!("the keyword {keyword:?} is not checked"));
            }
            let is_given = spelled.contains_key("default") || !node.raw.contains_key("default");
            if spelled.values().any(has_reference) || spelled.contains_key("$ref") || !is_given {
                fidelity = Fidelity::Respelled;
                self.lose_spelling();
            } else {
                let whole = spelled.iter().filter(|(keyword, _)| is_other(keyword));
                let whole = whole.map(|(keyword, value)| (keyword.clone(), value.clone()));
                let schema = Expr::json(&Value::Object(whole.collect()));
                let function = self.imports.name("pydantic", "WithJsonSchema");
                typed.metadata.push(Expr::apply(function, vec![schema]));
                return (self.annotated(typed), fidelity);
            }
        }
        let mut extra = Map::new();
        for (keyword, value) in node.raw {
            if !is_other(keyword) || typed.explained.contains(&keyword.as_str()) {
                continue;
            }
            match (keyword.as_str(), value) {
                ("title", Value::String(_)) => typed.arguments.push(("title", Expr::json(value))),
                ("description", Value::String(_)) => {
                    typed.arguments.push(("description", Expr::json(value)));
                }
                ("examples", Value::Array(_)) => {
                    typed.arguments.push(("examples", Expr::json(value)));
                }
                ("deprecated", Value::Bool(true)) => {
                    typed.arguments.push(("deprecated", Expr::json(value)));
                }
                ("$ref" | "discriminator", _) => {}
                ("anyOf" | "oneOf", _) if matches!(node.kind, Kind::Union(_)) => {}
                _ if has_reference(value) => {
                    fidelity = Fidelity::Respelled;
                    self.lose(&format!("the keyword {keyword:?} is left out"));
                }
                _ => {
                    self.lose_unless_annotation(keyword);
                    extra.insert(keyword.clone(), value.clone());
                }
            }
        }
        if !extra.is_empty() {
            self.add_extra(&mut typed.arguments, extra);
        }
        (self.annotated(typed), fidelity)
    }

    /// `json_schema_extra`, together with what is there already.
    pub fn add_extra(
        &mut self,
        arguments: &mut Vec<(&'static str, Expr)>,
        extra: Map<String, Value>,
    ) {
        let Expr::Dict(members) = Expr::json(&Value::Object(extra)) else { return };
        let there = arguments.iter_mut().find(|(name, _)| *name == "json_schema_extra");
        match there {
            Some((_, Expr::Dict(known))) => known.extend(members),
            Some(_) => self.lose("model_json_schema() leaves a keyword out"),
            None => arguments.push(("json_schema_extra", Expr::Dict(members))),
        }
    }

    pub fn annotated(&self, typed: Typed) -> Expr {
        let mut elements = vec![typed.base];
        if !typed.arguments.is_empty() {
            elements.push(Expr::call(self.imports.name("pydantic", "Field"), typed.arguments));
        }
        elements.extend(typed.metadata);
        if elements.len() == 1 {
            return elements.remove(0);
        }
        Expr::index(self.imports.name("typing", "Annotated"), elements)
    }

    pub fn type_of(&mut self, node: &Node<'_>) -> Typed {
        let mut typed = self.type_of_kind(node);
        if node.spelled.is_some() {
            typed.fidelity = Fidelity::Respelled;
        }
        typed
    }

    fn type_of_kind(&mut self, node: &Node<'_>) -> Typed {
        let raw = node.raw;
        match &node.kind {
            Kind::Any => Typed::new(self.any(), &[]),
            Kind::Never => {
                self.lose("no value at all fits the schema, any is accepted");
                respelled(self.any())
            }
            Kind::Unsupported(keyword) => {
                self.lose(&format!(
                    "the keyword {keyword:?} is not checked, any value is accepted"
                ));
                respelled(self.any())
            }
            Kind::Null => Typed::new(Expr::atom("None"), &["type"]),
            Kind::Boolean => Typed::new(self.builtin("bool"), &["type"]),
            Kind::Integer => self.number("int", raw),
            Kind::Number => self.number("float", raw),
            Kind::Text(format) => text_types::typed(self, node, *format),
            Kind::JsonText(content) => text_types::json_text(self, content),
            Kind::Literal(values) => self.literal(raw, values),
            Kind::Array { items, uniqueness } => self.array(raw, items, *uniqueness),
            Kind::Tuple { positions, rest } => self.tuple(raw, (positions, rest.as_deref())),
            Kind::Map { keys, values } => self.map(raw, (keys.as_deref(), values)),
            Kind::Object(_) => {
                let said = &["type", "properties", "required", "additionalProperties"];
                let fidelity = Fidelity::Respelled;
                let title = AutomaticTitle::Absent;
                Typed { fidelity, title, ..Typed::new(self.inline_class(node), said) }
            }
            Kind::Union(union) => self.union(union),
            Kind::Reference(key) => {
                let mut typed = Typed::new(self.class_expr(key), &["$ref"]);
                typed.title = AutomaticTitle::Absent;
                typed
            }
        }
    }

    pub fn any(&self) -> Expr {
        Expr::atom(self.imports.name("typing", "Any"))
    }

    pub fn builtin(&self, name: &'static str) -> Expr {
        Expr::atom(self.imports.name("builtins", name))
    }

    fn number(&self, name: &'static str, raw: &Map<String, Value>) -> Typed {
        let mut typed = Typed::new(self.builtin(name), &["type"]);
        let is_usable = |limit: &(&'static str, &'static str)| match raw.get(limit.0) {
            // Pydantic takes only whole numbers as limits of integers.
            Some(Value::Number(number)) => {
                name != "int" || number.as_f64().is_some_and(|limit| limit.fract() == 0.0)
            }
            _ => true,
        };
        let limits: Vec<_> = NUMBER_LIMITS.iter().copied().filter(is_usable).collect();
        typed.limit(raw, &limits);
        typed
    }

    pub fn literal(&mut self, raw: &Map<String, Value>, values: &[&Value]) -> Typed {
        let Some(elements) =
            values.iter().map(|value| literal_value(value)).collect::<Option<Vec<_>>>()
        else {
            self.lose("the allowed values are not checked");
            return respelled(self.any());
        };
        let mut typed =
            Typed::new(Expr::index(self.imports.name("typing", "Literal"), elements), &[]);
        if let [only] = values {
            typed.expect(raw, &[("const", (*only).clone())]);
        } else {
            typed.explained.push("enum");
        }
        if let Some(name) = common_type(values) {
            typed.expect(raw, &[("type", Value::from(name))]);
        }
        typed
    }
}

pub fn respelled(base: Expr) -> Typed {
    Typed { fidelity: Fidelity::Respelled, ..Typed::new(base, &[]) }
}

/// What may stand in `Literal[…]`.
fn literal_value(value: &Value) -> Option<Expr> {
    literal::is_literal(value).then(|| Expr::json(value))
}

/// The type that Pydantic names beside `enum`, where all values have the same.
pub fn common_type(values: &[&Value]) -> Option<&'static str> {
    let name = |value: &Value| match value {
        Value::Null => Some("null"),
        Value::Bool(_) => Some("boolean"),
        Value::String(_) => Some("string"),
        Value::Number(number) if literal::is_integer(number) => Some("integer"),
        Value::Number(_) => Some("number"),
        Value::Array(_) => Some("array"),
        Value::Object(_) => None,
    };
    let first = name(values.first()?)?;
    values.iter().all(|value| name(value) == Some(first)).then_some(first)
}

/// References cannot be put into a model by hand: Pydantic renames them.
pub fn has_reference(value: &Value) -> bool {
    match value {
        Value::Object(members) => members
            .iter()
            .any(|(key, member)| (key == "$ref" && member.is_string()) || has_reference(member)),
        Value::Array(items) => items.iter().any(has_reference),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
