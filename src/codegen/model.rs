//! What a schema says, in words that every language has.
//!
//! Nodes borrow the JSON they were read from, so that a writer can see every keyword: the kind says
//! which type it is, [`Node::raw`] holds its limits, its documentation and whatever else is there.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::{Map, Value};

/// One schema of a document: the payload, the response or the error.
#[derive(Debug)]
pub struct Schema<'a> {
    pub root: Node<'a>,
    /// `$defs` by key, in the order of the document.
    pub definitions: IndexMap<&'a str, Node<'a>>,
    /// Definitions that were merged into others.
    pub merged: BTreeSet<String>,
}

/// A schema or a part of one.
#[derive(Debug)]
pub struct Node<'a> {
    /// The keywords; none where the schema is `true` or `false`.
    pub raw: &'a Map<String, Value>,
    /// The keywords as the document spells them, where parts of `allOf` were merged.
    pub spelled: Option<&'a Map<String, Value>>,
    pub kind: Kind<'a>,
}

#[derive(Debug)]
pub enum Kind<'a> {
    /// Any JSON value.
    Any,
    /// No value at all.
    Never,
    Null,
    Boolean,
    Integer,
    Number,
    /// A string, with its format.
    Text(Option<&'a str>),
    /// A string that holds JSON of its own.
    JsonText(Box<Node<'a>>),
    /// `const` and `enum`. As a definition it is a named enumeration.
    Literal(Vec<&'a Value>),
    Array {
        items: Box<Node<'a>>,
        uniqueness: Uniqueness,
    },
    /// An array whose positions have types of their own, then the type of what follows.
    Tuple {
        positions: Vec<Node<'a>>,
        rest: Option<Box<Node<'a>>>,
    },
    Map {
        keys: Option<Box<Node<'a>>>,
        values: Box<Node<'a>>,
    },
    Object(Object<'a>),
    Union(Union<'a>),
    /// The key of a definition.
    Reference(&'a str),
    /// What no writer can express, with the keyword.
    Unsupported(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uniqueness {
    Unique,
    Repeatable,
}

/// An object with known properties.
#[derive(Debug)]
pub struct Object<'a> {
    /// In an order in which the required ones are as the schema lists them.
    pub fields: Vec<Field<'a>>,
    pub extra: Extra<'a>,
}

#[derive(Debug)]
pub struct Field<'a> {
    /// The property as it is in JSON.
    pub name: &'a str,
    pub node: Node<'a>,
    pub presence: Presence,
}

/// Independent of whether the value may be null, which the node's type says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    Required,
    /// May be absent, and the schema says what that means.
    Defaulted,
    /// May be absent; the publisher computes a value that the schema does not tell.
    Optional,
}

/// What happens to properties that are not known.
#[derive(Debug)]
pub enum Extra<'a> {
    /// The schema does not say.
    Unsaid,
    Forbidden,
    Allowed,
    Typed(Box<Node<'a>>),
}

#[derive(Debug)]
pub struct Union<'a> {
    pub members: Vec<Node<'a>>,
    pub spelling: UnionSpelling,
    pub discriminator: Option<Discriminator<'a>>,
}

/// How a schema writes its alternatives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnionSpelling {
    AnyOf,
    OneOf,
    /// A list of type names.
    Types,
}

/// The property whose value tells the members of a union apart.
#[derive(Debug)]
pub struct Discriminator<'a> {
    pub property: &'a str,
    /// The member of each value, as a reference or a whole schema.
    pub mapping: Option<&'a Map<String, Value>>,
}

impl Node<'_> {
    pub fn text(&self, keyword: &str) -> Option<&str> {
        self.raw.get(keyword).and_then(Value::as_str)
    }

    pub fn count(&self, keyword: &str) -> Option<u64> {
        self.raw.get(keyword).and_then(Value::as_u64)
    }

    /// Whether null is among the values, by the type alone.
    pub fn is_nullable(&self) -> bool {
        match &self.kind {
            Kind::Null | Kind::Any => true,
            Kind::Literal(values) => values.iter().any(|value| value.is_null()),
            Kind::Union(union) => union.members.iter().any(Node::is_nullable),
            Kind::Never
            | Kind::Boolean
            | Kind::Integer
            | Kind::Number
            | Kind::Text(_)
            | Kind::JsonText(_)
            | Kind::Array { .. }
            | Kind::Tuple { .. }
            | Kind::Map { .. }
            | Kind::Object(_)
            | Kind::Reference(_)
            | Kind::Unsupported(_) => false,
        }
    }

    /// Calls `visit` with every definition key that the node refers to.
    pub fn references<'s>(&'s self, visit: &mut dyn FnMut(&'s str)) {
        match &self.kind {
            Kind::Any
            | Kind::Never
            | Kind::Null
            | Kind::Boolean
            | Kind::Integer
            | Kind::Number
            | Kind::Text(_)
            | Kind::Literal(_)
            | Kind::Unsupported(_) => {}
            Kind::Array { items: node, .. } | Kind::JsonText(node) => node.references(visit),
            Kind::Tuple { positions, rest } => {
                for node in positions.iter().chain(rest.as_deref()) {
                    node.references(visit);
                }
            }
            Kind::Map { keys, values } => {
                if let Some(keys) = keys {
                    keys.references(visit);
                }
                values.references(visit);
            }
            Kind::Object(object) => object.references(visit),
            Kind::Union(union) => {
                for member in &union.members {
                    member.references(visit);
                }
            }
            Kind::Reference(key) => visit(key),
        }
    }
}

impl Object<'_> {
    fn references<'s>(&'s self, visit: &mut dyn FnMut(&'s str)) {
        for field in &self.fields {
            field.node.references(visit);
        }
        match &self.extra {
            Extra::Typed(node) => node.references(visit),
            Extra::Unsaid | Extra::Forbidden | Extra::Allowed => {}
        }
    }
}
