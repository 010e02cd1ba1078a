//! What the writers of one module share: the schemas, the names, the imports, what was lost.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::expr::Expr;
use super::identifiers::attribute;
use super::imports::Imports;
use super::module::Form;
use crate::codegen::model::{Kind, Node, Object, Schema, Union, Uniqueness};

/// The module that is being written.
pub struct Scope<'s> {
    pub form: Form,
    /// The schema that is being written.
    pub schema: &'s Schema<'s>,
    /// The class of each definition of that schema.
    pub classes: BTreeMap<&'s str, String>,
    pub imports: Imports,
    /// Classes whose values are elements of sets.
    pub frozen: BTreeSet<&'s str>,
    /// Names that new classes must not have.
    pub reserved: BTreeSet<String>,
    /// Names that attributes must not have.
    pub shadowing: BTreeSet<String>,
    /// The schema of what publishers send, where it is another one.
    pub sent: Option<&'s Value>,
    /// The definition at hand; none for the schema itself.
    pub key: Option<&'s str>,
    /// Whether a number or a string of digits is a `Decimal`.
    pub has_decimals: bool,
    pub needs_email: bool,
    pub needs_one_of: bool,
    pub needs_untitled: bool,
    /// Whether the class at hand has no titles at all.
    pub is_untitled: bool,
    /// Whether the root of the class at hand changes its schema, so that the class cannot.
    pub has_root_extra: bool,
    /// Whether a pattern of the class at hand needs Python's own regular expressions.
    pub needs_python_patterns: bool,
    /// The class at hand, for names and for places.
    pub class: String,
    pub field: String,
    /// Classes that are there already, so that expressions can name them.
    pub written: BTreeSet<String>,
    /// Classes of objects without a name of their own, each ready to be put before its user.
    pub inline: Vec<String>,
    /// Messages about the class or field at hand that are not written down yet.
    pending: Vec<String>,
    pub losses: Vec<(String, String)>,
}

impl<'s> Scope<'s> {
    pub fn new(schema: &'s Schema<'s>, imports: Imports, reserved: BTreeSet<String>) -> Self {
        Self {
            form: Form::Models,
            schema,
            classes: BTreeMap::new(),
            imports,
            frozen: frozen(schema),
            reserved,
            shadowing: BTreeSet::new(),
            sent: None,
            key: None,
            has_decimals: true,
            needs_email: false,
            needs_one_of: false,
            needs_untitled: false,
            is_untitled: false,
            has_root_extra: false,
            needs_python_patterns: false,
            class: String::new(),
            field: String::new(),
            written: BTreeSet::new(),
            inline: Vec::new(),
            pending: Vec::new(),
            losses: Vec::new(),
        }
    }

    /// Notes something that the schema says and the code does not.
    pub fn lose(&mut self, message: &str) {
        if !self.pending.iter().any(|known| known == message) {
            self.pending.push(message.to_owned());
        }
    }

    /// The messages about what was just written, for comments.
    pub fn take_losses(&mut self) -> Vec<String> {
        let place = if self.field.is_empty() {
            self.class.clone()
        } else {
            format!("{}.{}", self.class, self.field)
        };
        let messages = std::mem::take(&mut self.pending);
        self.losses.extend(messages.iter().map(|message| (place.clone(), message.clone())));
        messages
    }

    /// Whether a choice between a number and a string in this property is how a `Decimal` looks:
    /// unless it is still a choice in what is sent, where a `Decimal` is a string.
    pub fn note_decimals(&mut self, property: &str) {
        let class = self.sent.and_then(|sent| match self.key.or(self.root_key()) {
            Some(key) => sent.get("$defs")?.get(key),
            None => Some(sent),
        });
        let sent = class.and_then(|class| class.get("properties")?.get(property));
        self.has_decimals = sent.is_none_or(|sent| !has_number_or_text(sent));
    }

    fn root_key(&self) -> Option<&'s str> {
        match &self.schema.root.kind {
            Kind::Reference(key) => Some(key),
            _ => None,
        }
    }

    pub fn lose_unless_annotation(&mut self, keyword: &str) {
        if VALIDATING.contains(&keyword) {
            self.lose(&format!("the keyword {keyword:?} is not checked"));
        }
    }

    pub fn note_email(&mut self) {
        self.needs_email = true;
    }

    /// Whether Pydantic can check the pattern, by itself or with Python's regular expressions.
    pub fn can_check(&mut self, pattern: &str) -> bool {
        if regex_syntax::parse(pattern).is_ok() {
            return true;
        }
        let is_python = PYTHON_ONLY.iter().any(|construct| pattern.contains(construct));
        self.needs_python_patterns |= is_python;
        is_python
    }

    /// The name of the function that turns `anyOf` into `oneOf`.
    pub fn one_of(&mut self) -> String {
        self.needs_one_of = true;
        "_one_of".to_owned()
    }

    /// The name of the function that takes titles away.
    pub fn untitled(&mut self) -> String {
        self.needs_untitled = true;
        "_untitled".to_owned()
    }

    pub fn class_expr(&self, key: &str) -> Expr {
        if is_json_value(key, &self.schema.definitions[key]) {
            return Expr::atom(self.imports.name("pydantic", "JsonValue"));
        }
        Expr::atom(self.classes.get(key).map_or(key, String::as_str))
    }

    /// What a node is when references are followed.
    pub fn resolve<'n>(&'n self, node: &'n Node<'n>) -> &'n Node<'n> {
        let mut node = node;
        while let Kind::Reference(key) = &node.kind {
            node = &self.schema.definitions[*key];
        }
        node
    }

    /// The attribute of each field of a class.
    pub fn attributes(&self, object: &Object<'_>) -> Vec<String> {
        let mut taken = self.shadowing.clone();
        // Names that need no change go first, so that no other one takes their place.
        let mut attributes = vec![String::new(); object.fields.len()];
        for pass in [Pass::Unchanged, Pass::Renamed] {
            for (field, slot) in object.fields.iter().zip(&mut attributes) {
                if slot.is_empty() {
                    let name = attribute(field.name, &taken);
                    if pass == Pass::Renamed || name == field.name {
                        taken.insert(name.clone());
                        *slot = name;
                    }
                }
            }
        }
        attributes
    }

    /// Whether every member is a class with the tag as a literal.
    pub fn is_tagged(&self, union: &Union<'_>) -> bool {
        let Some(discriminator) = &union.discriminator else { return false };
        union.members.len() > 1
            && union.members.iter().all(|member| self.has_tag(member, discriminator.property))
    }

    fn has_tag(&self, member: &Node<'_>, property: &str) -> bool {
        match &self.resolve(member).kind {
            Kind::Object(object) => object.fields.iter().any(|field| {
                field.name == property && matches!(self.resolve(&field.node).kind, Kind::Literal(_))
            }),
            Kind::Union(union) if matches!(member.kind, Kind::Union(_)) => {
                self.is_tagged(union)
                    && union.members.iter().all(|member| self.has_tag(member, property))
            }
            _ => false,
        }
    }

    /// The attribute that holds the tag, which is the same in all members.
    pub fn tag_attribute(&self, union: &Union<'_>, property: &str) -> String {
        for member in &union.members {
            match &self.resolve(member).kind {
                Kind::Object(object) => {
                    let attributes = self.attributes(object);
                    let place = object.fields.iter().position(|field| field.name == property);
                    if let Some(place) = place {
                        return attributes[place].clone();
                    }
                }
                Kind::Union(inner) => return self.tag_attribute(inner, property),
                _ => {}
            }
        }
        property.to_owned()
    }

    /// Whether values of the node's Python type can be elements of a set.
    pub fn is_hashable(&self, node: &Node<'_>) -> bool {
        match &node.kind {
            Kind::Null | Kind::Boolean | Kind::Integer | Kind::Number | Kind::Text(_) => true,
            Kind::Literal(_) => true,
            Kind::Tuple { positions, rest } => {
                positions.iter().chain(rest.as_deref()).all(|node| self.is_hashable(node))
            }
            Kind::Union(union) => union.members.iter().all(|member| self.is_hashable(member)),
            Kind::Reference(key) => match &self.schema.definitions[*key].kind {
                Kind::Literal(_) => true,
                Kind::Object(_) => self.frozen.contains(key),
                _ => false,
            },
            Kind::Any
            | Kind::Never
            | Kind::Array { .. }
            | Kind::Map { .. }
            | Kind::Object(_)
            | Kind::Unsupported(_) => false,
        }
    }
}

/// Models that arrays of unique items hold, and the models in those: only what cannot change has a
/// place in a set.
fn frozen<'s>(schema: &'s Schema<'s>) -> BTreeSet<&'s str> {
    let mut keys = Vec::new();
    for node in schema.definitions.values().chain([&schema.root]) {
        unique_items(node, &mut keys);
    }
    let mut frozen = BTreeSet::new();
    while let Some(key) = keys.pop() {
        if frozen.insert(key) {
            schema.definitions[key].references(&mut |key| keys.push(key));
        }
    }
    frozen
}

fn unique_items<'s>(node: &'s Node<'s>, keys: &mut Vec<&'s str>) {
    let mut inside = |node: &'s Node<'s>| unique_items(node, keys);
    match &node.kind {
        Kind::Array { items, uniqueness: Uniqueness::Unique } => {
            items.references(&mut |key| keys.push(key));
        }
        Kind::Array { items, uniqueness: Uniqueness::Repeatable } => inside(items),
        Kind::Tuple { positions, rest } => {
            positions.iter().chain(rest.as_deref()).for_each(inside);
        }
        Kind::Map { values, .. } => inside(values),
        Kind::Object(object) => object.fields.iter().for_each(|field| inside(&field.node)),
        Kind::Union(union) => union.members.iter().for_each(inside),
        Kind::Any
        | Kind::Never
        | Kind::Null
        | Kind::Boolean
        | Kind::Integer
        | Kind::Number
        | Kind::Text(_)
        | Kind::Literal(_)
        | Kind::Reference(_)
        | Kind::Unsupported(_) => {}
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    Unchanged,
    Renamed,
}

fn has_number_or_text(sent: &Value) -> bool {
    let is = |member: Option<&Value>, name: &str| {
        let Some(Value::Object(keywords)) = member else { return false };
        let is_literal = keywords.contains_key("const") || keywords.contains_key("enum");
        !is_literal && keywords.get("type").and_then(Value::as_str) == Some(name)
    };
    match sent {
        Value::Object(members) => {
            let is_choice = members.get("anyOf").and_then(Value::as_array).is_some_and(|choice| {
                choice
                    .windows(2)
                    .any(|pair| is(pair.first(), "number") && is(pair.get(1), "string"))
            });
            is_choice || members.values().any(has_number_or_text)
        }
        Value::Array(items) => items.iter().any(has_number_or_text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Pydantic's own recursive type for any JSON.
pub fn is_json_value(key: &str, node: &Node<'_>) -> bool {
    key == "JsonValue" && node.raw.is_empty()
}

/// What Python's regular expressions have and Pydantic's own do not.
const PYTHON_ONLY: &[&str] = &[
    "(?=", "(?!", "(?<=", "(?<!", "(?P=", "(?>", "(?(", "\\1", "\\2", "\\3", "\\4", "\\5", "\\6",
    "\\7", "\\8", "\\9", "\\Z",
];

/// Keywords that say which values are valid; others describe.
const VALIDATING: &[&str] = &[
    "additionalItems",
    "allOf",
    "contains",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "if",
    "items",
    "maxContains",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minContains",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "pattern",
    "patternProperties",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
    "uniqueItems",
];
