//! What the writers of one module share: the schemas, the names, the imports, what was lost.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::aliases::is_named_tuple;
use super::expr::Expr;
use super::identifiers::attribute;
use super::imports::Imports;
use super::module::Form;
use super::unsaid::{self, Types};
use crate::codegen::limits::{Subject, Tally, is_validating};
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
    /// What the schema of what publishers send says about the field or the definition at hand.
    pub sent_place: Option<&'s Value>,
    /// Whether values of what is written must be hashable: elements of sets, fields of what is
    /// frozen.
    pub is_hashed: bool,
    pub needs_email: bool,
    /// The functions that change a schema and that the module must have.
    pub changes: BTreeSet<&'static str>,
    /// Whether a field of the class at hand has a title.
    pub has_titled_field: bool,
    /// Whether a field of the class at hand has none where Pydantic gives one.
    pub has_bare_field: bool,
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
    /// The names of those, by the place of their schema in memory.
    pub inline_classes: BTreeMap<usize, String>,
    /// Messages about the class or field at hand that are not written down yet.
    pending: Vec<String>,
    pub losses: Vec<(String, String)>,
    /// The limits that are comments.
    pub tally: Tally,
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
            sent_place: None,
            is_hashed: false,
            needs_email: false,
            changes: BTreeSet::new(),
            has_titled_field: false,
            has_bare_field: false,
            has_root_extra: false,
            needs_python_patterns: false,
            class: String::new(),
            field: String::new(),
            written: BTreeSet::new(),
            inline: Vec::new(),
            inline_classes: BTreeMap::new(),
            pending: Vec::new(),
            losses: Vec::new(),
            tally: Tally::default(),
        }
    }

    /// Notes something that the schema says and the model does not. What a stub does not say is
    /// among its limits.
    pub fn lose(&mut self, message: &str) {
        if self.form != Form::Stubs && !self.pending.iter().any(|known| known == message) {
            self.pending.push(message.to_owned());
        }
    }

    /// Notes that the model's own schema is another text of the same meaning.
    pub fn lose_spelling(&mut self) {
        self.lose("model_json_schema() spells this differently");
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

    /// The comment about the limits of a field that a stub does not say.
    pub fn field_limits(&mut self, node: &Node<'_>) -> String {
        let limits = Types::Stubs(self).of_field(node);
        unsaid::comment(&mut self.tally, Subject::Field, (&limits, "", 4))
    }

    /// The same of a class or an alias; nothing where the code is no stub.
    pub fn type_limits(&mut self, node: &Node<'_>) -> String {
        if self.form != Form::Stubs {
            return String::new();
        }
        let limits = Types::Stubs(self).of_type(node);
        unsaid::comment(&mut self.tally, Subject::Type, (&limits, "", 0))
    }

    /// Looks up what publishers send in this property, or as the whole definition at hand.
    pub fn note_sent(&mut self, property: Option<&str>) {
        let class = self.sent.and_then(|sent| match self.key.or(self.root_key()) {
            Some(key) => sent.get("$defs")?.get(key),
            None => Some(sent),
        });
        self.sent_place = match property {
            Some(property) => class.and_then(|class| class.get("properties")?.get(property)),
            None => class,
        };
    }

    fn root_key(&self) -> Option<&'s str> {
        match &self.schema.root.kind {
            Kind::Reference(key) => Some(key),
            _ => None,
        }
    }

    pub fn lose_unless_annotation(&mut self, keyword: &str) {
        if is_validating(keyword) || SHAPING.contains(&keyword) {
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
            Kind::Null
            | Kind::Boolean
            | Kind::Integer
            | Kind::Number
            | Kind::Text(_)
            | Kind::Literal(_) => true,
            Kind::Array { items, .. } => self.is_hashable(items),
            Kind::Tuple { positions, rest } => {
                positions.iter().chain(rest.as_deref()).all(|node| self.is_hashable(node))
            }
            Kind::Union(union) => union.members.iter().all(|member| self.is_hashable(member)),
            Kind::Reference(key) => {
                let target = &self.schema.definitions[*key];
                match &target.kind {
                    Kind::Object(_) => self.frozen.contains(key),
                    Kind::Literal(_) => true,
                    Kind::Text(_) | Kind::Integer | Kind::Number => !self.is_model(key),
                    Kind::Tuple { positions, rest: None } if is_named_tuple(target, positions) => {
                        positions.iter().all(|node| self.is_hashable(node) && !has_list(node))
                    }
                    _ => false,
                }
            }
            Kind::Any
            | Kind::JsonText(_)
            | Kind::Never
            | Kind::Map { .. }
            | Kind::Object(_)
            | Kind::Unsupported(_) => false,
        }
    }
}

/// Whether a value of the type holds a list: what a named tuple holds is not frozen.
fn has_list(node: &Node<'_>) -> bool {
    match &node.kind {
        Kind::Array { .. } => true,
        Kind::Tuple { positions, rest } => positions.iter().chain(rest.as_deref()).any(has_list),
        Kind::Union(union) => union.members.iter().any(has_list),
        Kind::Any
        | Kind::Never
        | Kind::Null
        | Kind::Boolean
        | Kind::Integer
        | Kind::Number
        | Kind::Text(_)
        | Kind::JsonText(_)
        | Kind::Literal(_)
        | Kind::Map { .. }
        | Kind::Object(_)
        | Kind::Reference(_)
        | Kind::Unsupported(_) => false,
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
        Kind::Array { items: node, uniqueness: Uniqueness::Repeatable } | Kind::JsonText(node) => {
            inside(node);
        }
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

/// Pydantic's own recursive type for any JSON.
pub fn is_json_value(key: &str, node: &Node<'_>) -> bool {
    key == "JsonValue" && node.raw.is_empty()
}

/// Keywords that say what a value looks like, where its type has nothing of it.
const SHAPING: &[&str] =
    &["additionalProperties", "anyOf", "const", "enum", "oneOf", "properties", "required"];

/// What Python's regular expressions have and Pydantic's own do not.
const PYTHON_ONLY: &[&str] = &[
    "(?=", "(?!", "(?<=", "(?<!", "(?P=", "(?>", "(?(", "\\1", "\\2", "\\3", "\\4", "\\5", "\\6",
    "\\7", "\\8", "\\9", "\\Z",
];
