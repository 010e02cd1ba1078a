//! The shapes of decoded JSON: `TypedDict` for plain handlers, frozen dataclasses for code without
//! Pydantic. Nothing is parsed, so a moment is a `str` and a set is a `list`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::classes::indented;
use super::expr::{Expr, assignment, class_line};
use super::identifiers::{attribute, is_identifier, unique};
use super::imports::Imports;
use super::literal;
use super::unsaid::{self, Types};
use crate::codegen::limits::{Subject, Tally};
use crate::codegen::model::{Field, Kind, Node, Object, Presence, Schema};
use crate::codegen::names::pascal_case;

/// What an object becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    TypedDict,
    Dataclass,
}

/// One schema of a document as shapes.
pub struct Shapes<'s> {
    pub schema: &'s Schema<'s>,
    /// The name of each definition.
    pub classes: BTreeMap<&'s str, String>,
    pub imports: Imports,
    pub shape: Shape,
    /// Names that new classes must not have.
    pub reserved: BTreeSet<String>,
    /// Classes of objects without a name of their own.
    inline: Vec<String>,
    /// What else the schema says and the code does not: place and message.
    pub losses: Vec<(String, String)>,
    /// The limits that are comments.
    pub tally: Tally,
}

impl<'s> Shapes<'s> {
    pub fn new(schema: &'s Schema<'s>, imports: Imports, shape: Shape) -> Self {
        Self {
            schema,
            classes: BTreeMap::new(),
            imports,
            shape,
            reserved: BTreeSet::new(),
            inline: Vec::new(),
            losses: Vec::new(),
            tally: Tally::default(),
        }
    }

    /// The class or the alias of a definition or of a whole schema.
    pub fn text(&mut self, name: &str, node: &Node<'_>) -> String {
        let text = match &node.kind {
            Kind::Object(object) => self.class(name, (node, object)),
            _ => {
                let value = self.annotation(node, name);
                let is_forward = {
                    let mut refers = false;
                    node.references(&mut |_| refers = true);
                    refers
                };
                let value =
                    if is_forward { Expr::atom(literal::string(&value.flat())) } else { value };
                let kind = Expr::atom(self.imports.name("typing", "TypeAlias"));
                self.type_limits(node) + &assignment(0, name, (Some(&kind), Some(&value)))
            }
        };
        let mut all = std::mem::take(&mut self.inline);
        all.push(text);
        all.join("\n\n")
    }

    fn class(&mut self, name: &str, (node, object): (&Node<'_>, &Object<'_>)) -> String {
        let limits = self.type_limits(node);
        let text = match self.shape {
            Shape::TypedDict if object.fields.iter().all(|field| is_key(field.name)) => {
                self.typed_dict(name, (node, object))
            }
            Shape::TypedDict => self.functional(name, object),
            Shape::Dataclass => self.dataclass(name, (node, object)),
        };
        limits + &text
    }

    /// The comment about the limits of a class or an alias.
    pub fn type_limits(&mut self, node: &Node<'_>) -> String {
        let limits = Types::Shapes(self.shape).of_type(node);
        unsaid::comment(&mut self.tally, Subject::Type, (&limits, "", 0))
    }

    /// The same of a field, after `intro`.
    fn field_limits(&mut self, field: &Field<'_>, intro: &str, indent: usize) -> String {
        let limits = Types::Shapes(self.shape).of_field(&field.node);
        unsaid::comment(&mut self.tally, Subject::Field, (&limits, intro, indent))
    }

    fn typed_dict(&mut self, name: &str, (node, object): (&Node<'_>, &Object<'_>)) -> String {
        let base = self.imports.name("typing_extensions", "TypedDict");
        let mut text = class_line((name, &base), "", 0) + &documentation(node);
        for field in &object.fields {
            let annotation = self.member(field, name);
            text.push_str(&self.field_limits(field, "", 4));
            text.push_str(&assignment(4, field.name, (Some(&annotation), None)));
        }
        with_body(text, &object.fields)
    }

    /// For keys that are no identifiers.
    fn functional(&mut self, name: &str, object: &Object<'_>) -> String {
        let is_named = |field: &&Field<'_>| !field.name.is_empty();
        let members = object.fields.iter().filter(is_named).map(|field| {
            let mut annotation = self.member(field, name);
            let mut is_forward = false;
            field.node.references(&mut |_| is_forward = true);
            if is_forward {
                annotation = Expr::atom(literal::string(&annotation.flat()));
            }
            (literal::string(field.name), annotation)
        });
        let members = Expr::Dict(members.collect());
        let base = self.imports.name("typing_extensions", "TypedDict");
        let call = Expr::apply(base, vec![Expr::atom(literal::string(name)), members]);
        let mut note = String::new();
        for field in &object.fields {
            if is_named(&field) {
                let intro = format!("{}: ", Value::from(field.name));
                note.push_str(&self.field_limits(field, &intro, 0));
            } else {
                let message = "the property without a name is left out";
                note.push_str(&format!("{}\n", literal::comment(message)));
                self.losses.push((name.to_owned(), message.to_owned()));
            }
        }
        let text = assignment(0, name, (None, Some(&call)));
        // A class would compose the letters of such a key to others.
        let is_class_like = |field: &Field<'_>| {
            field.name.starts_with(unicode_ident::is_xid_start)
                && field.name.chars().all(unicode_ident::is_xid_continue)
        };
        if !object.fields.iter().all(is_class_like) {
            return note + &text;
        }
        let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
        format!("{note}{first}  # noqa: UP013\n{rest}")
    }

    fn member(&mut self, field: &Field<'_>, class: &str) -> Expr {
        let annotation = self.annotation(&field.node, &inner_name(class, field));
        match field.presence {
            Presence::Required => annotation,
            Presence::Defaulted | Presence::Optional => {
                let wrapper = self.imports.name("typing_extensions", "NotRequired");
                Expr::index(wrapper, vec![annotation])
            }
        }
    }

    fn dataclass(&mut self, name: &str, (node, object): (&Node<'_>, &Object<'_>)) -> String {
        let decorator = self.imports.name("dataclasses", "dataclass");
        let head = format!("@{decorator}(frozen=True, kw_only=True)\nclass {name}:\n");
        let mut text = head + &documentation(node);
        let mut taken: BTreeSet<String> = self.classes.values().cloned().collect();
        for field in &object.fields {
            let attribute = attribute(field.name, &taken);
            taken.insert(attribute.clone());
            let mut annotation = self.annotation(&field.node, &inner_name(name, field));
            let value = match (field.presence, field.node.raw.get("default")) {
                (Presence::Required, _) => None,
                (Presence::Defaulted, Some(default)) => Some(self.default(&field.node, default)),
                (Presence::Defaulted | Presence::Optional, _) => {
                    // An absent value is absent here as well.
                    if !field.node.is_nullable() {
                        annotation = Expr::Or(vec![annotation, Expr::atom("None")]);
                    }
                    Some(Expr::atom("None"))
                }
            };
            if attribute != field.name {
                let note = literal::comment(&format!("{} in JSON", Value::from(field.name)));
                text.push_str(&format!("    {note}\n"));
            }
            text.push_str(&self.field_limits(field, "", 4));
            text.push_str(&assignment(4, &attribute, (Some(&annotation), value.as_ref())));
        }
        with_body(text, &object.fields)
    }

    fn default(&self, node: &Node<'_>, value: &Value) -> Expr {
        let json = Expr::json(value);
        let made = if self.fits(node, value)
            && (!value.is_array() && !value.is_object()
                || (is_inferred(node) && !is_uninferred(node, value)))
        {
            json
        } else {
            let any = Expr::atom(self.imports.name("typing", "Any"));
            Expr::apply(self.imports.name("typing", "cast"), vec![any, json])
        };
        match value {
            Value::Array(_) | Value::Object(_) => self.factory(made),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => made,
        }
    }

    /// Whether the value as a literal is of the node's type; objects with a class never are.
    fn fits(&self, node: &Node<'_>, value: &Value) -> bool {
        let all =
            |node: &Node<'_>, values: &[Value]| values.iter().all(|value| self.fits(node, value));
        match (&node.kind, value) {
            (Kind::Any | Kind::Never | Kind::Unsupported(_), _)
            | (Kind::Null, Value::Null)
            | (Kind::Boolean, Value::Bool(_))
            | (Kind::Text(_) | Kind::JsonText(_), Value::String(_))
            | (Kind::Number, Value::Number(_)) => true,
            (Kind::Integer, Value::Number(number)) => literal::is_integer(number),
            (Kind::Literal(values), _) => values.contains(&value),
            (Kind::Array { items, .. }, Value::Array(values)) => all(items, values),
            (Kind::Tuple { positions, rest }, Value::Array(values)) => {
                let nodes = positions.iter().chain(rest.as_deref().into_iter().cycle());
                nodes.zip(values).all(|(node, value)| self.fits(node, value))
            }
            (Kind::Map { values: node, .. }, Value::Object(members)) => {
                members.values().all(|value| self.fits(node, value))
            }
            (Kind::Union(union), _) => union.members.iter().any(|member| self.fits(member, value)),
            (Kind::Reference(key), _) => self.fits(&self.schema.definitions[*key], value),
            (
                Kind::Null
                | Kind::Boolean
                | Kind::Integer
                | Kind::Number
                | Kind::Text(_)
                | Kind::JsonText(_)
                | Kind::Array { .. }
                | Kind::Tuple { .. }
                | Kind::Map { .. }
                | Kind::Object(_),
                _,
            ) => false,
        }
    }

    fn factory(&self, value: Expr) -> Expr {
        let field = self.imports.name("dataclasses", "field");
        Expr::call(field, vec![("default_factory", Expr::Lambda(Box::new(value)))])
    }

    /// `hint` names the class of an object that has no name.
    fn annotation(&mut self, node: &Node<'_>, hint: &str) -> Expr {
        let name = |name| Expr::atom(self.imports.name("builtins", name));
        match &node.kind {
            Kind::Any | Kind::Never | Kind::Unsupported(_) => self.any(),
            Kind::Null => Expr::atom("None"),
            Kind::Boolean => name("bool"),
            Kind::Integer => name("int"),
            Kind::Number => name("float"),
            Kind::Text(_) | Kind::JsonText(_) => name("str"),
            Kind::Literal(values) => self.literal(values),
            Kind::Array { items, .. } => {
                let element = self.annotation(items, hint);
                Expr::index(self.imports.name("builtins", "list"), vec![element])
            }
            Kind::Tuple { positions, rest } => {
                let elements =
                    positions.iter().chain(rest.as_deref()).map(|node| self.annotation(node, hint));
                let element = alternatives(elements.collect()).unwrap_or_else(|| self.any());
                Expr::index(self.imports.name("builtins", "list"), vec![element])
            }
            Kind::Map { values, .. } => {
                let value = self.annotation(values, hint);
                let key = Expr::atom(self.imports.name("builtins", "str"));
                Expr::index(self.imports.name("builtins", "dict"), vec![key, value])
            }
            Kind::Union(union) => {
                let members = union.members.iter().map(|member| self.annotation(member, hint));
                alternatives(members.collect()).unwrap_or_else(|| self.any())
            }
            Kind::Reference(key) => match self.classes.get(key) {
                Some(class) => Expr::atom(class.clone()),
                None => self.any(),
            },
            Kind::Object(object) => {
                let class = unique(hint, &mut self.reserved);
                let text = self.class(&class, (node, object));
                self.inline.push(text);
                Expr::atom(class)
            }
        }
    }

    fn any(&self) -> Expr {
        Expr::atom(self.imports.name("typing", "Any"))
    }

    fn literal(&self, values: &[&Value]) -> Expr {
        if !values.iter().all(|value| literal::is_literal(value)) {
            let is_number = values.iter().all(|value| value.is_number());
            return if is_number {
                Expr::atom(self.imports.name("builtins", "float"))
            } else {
                self.any()
            };
        }
        let values = values.iter().map(|value| Expr::json(value)).collect();
        Expr::index(self.imports.name("typing", "Literal"), values)
    }
}

/// Whether a checker takes a literal of the node's type for exactly that: it takes `[1]` for a list
/// of integers where the annotation says `list[int | str]`.
fn is_inferred(node: &Node<'_>) -> bool {
    match &node.kind {
        Kind::Array { items, .. } => is_inferred(items),
        Kind::Map { values, .. } => is_inferred(values),
        Kind::Union(union) => {
            let others: Vec<_> =
                union.members.iter().filter(|member| !matches!(member.kind, Kind::Null)).collect();
            matches!(others.as_slice(), [only] if matches!(only.kind, Kind::Array { .. } | Kind::Map { .. }) && is_inferred(only))
        }
        Kind::Any | Kind::Null | Kind::Boolean | Kind::Integer | Kind::Text(_) => true,
        Kind::Number
        | Kind::JsonText(_)
        | Kind::Never
        | Kind::Unsupported(_)
        | Kind::Literal(_)
        | Kind::Tuple { .. }
        | Kind::Object(_)
        | Kind::Reference(_) => false,
    }
}

/// Whether the value holds something empty that a checker gives a type of its own, since it does not
/// look at a choice of types for it.
fn is_uninferred(node: &Node<'_>, value: &Value) -> bool {
    fn holds_empty(value: &Value) -> bool {
        let is_empty = |inner: &Value| *inner == json!([]) || *inner == json!({});
        match value {
            Value::Array(items) => items.iter().any(|item| is_empty(item) || holds_empty(item)),
            Value::Object(members) => {
                members.values().any(|member| is_empty(member) || holds_empty(member))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        }
    }
    matches!(node.kind, Kind::Union(_)) && holds_empty(value)
}

fn inner_name(class: &str, field: &Field<'_>) -> String {
    format!("{class}{}", pascal_case(field.name))
}

/// Different types, null last.
fn alternatives(types: Vec<Expr>) -> Option<Expr> {
    let mut seen = BTreeSet::new();
    let mut has_null = false;
    let mut kept = Vec::new();
    for member in types {
        let members = if let Expr::Or(members) = member { members } else { vec![member] };
        for member in members {
            let flat = member.flat();
            has_null |= flat == "None";
            if flat != "None" && seen.insert(flat) {
                kept.push(member);
            }
        }
    }
    if has_null {
        kept.push(Expr::atom("None"));
    }
    if kept.len() < 2 { kept.pop() } else { Some(Expr::Or(kept)) }
}

/// Whether a class body can name the key; names with two underscores in front are changed there.
fn is_key(name: &str) -> bool {
    is_identifier(name) && !name.starts_with("__")
}

fn documentation(node: &Node<'_>) -> String {
    let lines = node.text("description").and_then(literal::docstring).unwrap_or_default();
    let text: String = lines.iter().map(|line| indented(line)).collect();
    if text.is_empty() { text } else { text + "\n" }
}

fn with_body(text: String, fields: &[Field<'_>]) -> String {
    if !fields.is_empty() {
        return text;
    }
    match text.strip_suffix("\n\n") {
        Some(documented) => format!("{documented}\n"),
        None => text + "    pass\n",
    }
}
