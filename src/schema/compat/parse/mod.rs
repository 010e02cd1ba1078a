//! JSON Schema text to nodes. What a keyword means is decided here, dialect by dialect; what it
//! implies is decided by the solver.

mod arrays;
mod document;
mod keywords;
mod objects;
mod present;
mod scalars;
mod shape;
mod unevaluated;

use std::rc::Rc;

use serde_json::{Map, Value};

use self::document::Document;
pub(super) use self::document::{Dialect, dialect_of};
pub(super) use self::keywords::constrains;
use self::present::{Group, Present};
use super::Formats;
use super::Side;
use super::node::{Arena, Body, Node, NodeId, Pointer, Rules};
use super::regex::Patterns;
use crate::schema::compat::hash::HashMap;

const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

fn is_reference(keyword: &str) -> bool {
    REFERENCES.contains(&keyword)
}

/// Schemas nested deeper than this are not followed.
const MAX_DEPTH: usize = 100;

/// What both schemas are read into.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) arena: Arena,
    pub(super) patterns: Patterns,
    pub(super) formats: Formats,
    /// Nodes that stand for one schema in the text.
    placed: Vec<NodeId>,
    /// The reader, unlike the writer, is of the edition in which `1.0` is no integer.
    has_strict_reader: bool,
}

impl Store {
    pub(super) fn new(formats: Formats, writer: Dialect, reader: Dialect) -> Self {
        Self {
            arena: Arena::new(),
            patterns: Patterns::default(),
            formats,
            placed: Vec::new(),
            has_strict_reader: reader == Dialect::Draft4 && writer != Dialect::Draft4,
        }
    }

    /// One side's schemas with their pointers.
    pub(super) fn placed(&self, side: Side) -> Vec<(NodeId, String)> {
        let of_side = self.placed.iter().filter(|id| self.arena.node(**id).side == side);
        of_side.map(|id| (*id, self.arena.node(*id).pointer.to_string())).collect()
    }
}

/// Reads a schema document and everything it refers to within itself.
pub(super) fn parse(store: &mut Store, root: &Value, side: Side) -> NodeId {
    let mut parser = Parser {
        document: Document::new(root),
        store,
        side,
        targets: HashMap::default(),
        pending: Vec::new(),
        shapes: shape::Shapes::default(),
        depth: 0,
    };
    let at = Place { pointer: Pointer::default(), base: Rc::from("") };
    let root_at = parser.document.place_of("");
    let id = parser.target(root_at.as_ref().unwrap_or(&at), String::new(), root);
    while let Some((id, at, schema)) = parser.pending.pop() {
        let body = parser.body(&at, schema);
        parser.store.arena.replace(id, body);
    }
    id
}

/// Where in the document a schema stands, and the base URI that holds there.
#[derive(Debug, Clone)]
struct Place {
    pointer: Pointer,
    base: Rc<str>,
}

impl Place {
    fn child(&self, name: &str) -> Self {
        Self { pointer: self.pointer.child(name), base: Rc::clone(&self.base) }
    }
}

struct Parser<'s, 'd> {
    document: Document<'d>,
    store: &'s mut Store,
    side: Side,
    /// Nodes of the schemas that references lead to, by JSON Pointer.
    targets: HashMap<String, NodeId>,
    /// Those of them that are still to be read: one after the other, however long a chain they are.
    pending: Vec<(NodeId, Place, &'d Value)>,
    shapes: shape::Shapes,
    depth: usize,
}

impl<'d> Parser<'_, 'd> {
    /// The node of a schema that can be referred to. Its body is read later.
    fn target(&mut self, at: &Place, pointer: String, schema: &'d Value) -> NodeId {
        if let Some(id) = self.targets.get(&pointer) {
            return *id;
        }
        let id = self.add(at, Body::Always, schema);
        self.targets.insert(pointer, id);
        self.pending.push((id, at.clone(), schema));
        id
    }

    fn node(&mut self, at: &Place, schema: &'d Value) -> NodeId {
        match schema {
            Value::Bool(true) => Arena::ALWAYS,
            Value::Object(map) if map.is_empty() => Arena::ALWAYS,
            Value::Object(_) | Value::Bool(_) => {
                let body = self.body(at, schema);
                self.add(at, body, schema)
            }
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                let mut rules = Rules::empty();
                rules.unmodelled.push("schema".to_owned());
                self.add(at, Body::Rules(Box::new(rules)), schema)
            }
        }
    }

    fn add(&mut self, at: &Place, body: Body, schema: &'d Value) -> NodeId {
        let shape = self.shapes.of(&self.document, &at.base, schema);
        let pointer = self.document.origin(schema).unwrap_or_else(|| at.pointer.clone());
        let node = Node { side: self.side, pointer, body };
        let id = self.store.arena.add(node, shape);
        self.store.placed.push(id);
        id
    }

    /// A node that no single schema in the text stands for.
    fn synthetic(&mut self, at: &Place, body: Body) -> NodeId {
        let node = Node { side: self.side, pointer: at.pointer.clone(), body };
        self.store.arena.add(node, None)
    }

    fn child(&mut self, at: &Place, name: &str, schema: &'d Value) -> NodeId {
        self.node(&at.child(name), schema)
    }

    fn children(&mut self, at: &Place, name: &str, schemas: &'d Value) -> Vec<NodeId> {
        let at = at.child(name);
        let list = schemas.as_array().map_or(&[][..], Vec::as_slice);
        list.iter()
            .enumerate()
            .map(|(index, schema)| self.node(&at.child(&index.to_string()), schema))
            .collect()
    }

    fn body(&mut self, at: &Place, schema: &'d Value) -> Body {
        let map = match schema {
            Value::Object(map) => map,
            Value::Bool(false) => return Body::Never,
            Value::Bool(true)
            | Value::Null
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => return Body::Always,
        };
        if self.depth >= MAX_DEPTH {
            let mut rules = Rules::empty();
            rules.unmodelled.push("depth".to_owned());
            return Body::Rules(Box::new(rules));
        }
        self.depth += 1;
        let at = self.document.enter(at, map);
        let body = self.rules_of(&at, map);
        self.depth -= 1;
        body
    }

    fn rules_of(&mut self, at: &Place, map: &'d Map<String, Value>) -> Body {
        let present = Present::of(map);
        let reference =
            if present.has(Group::References) { self.references(at, map) } else { Vec::new() };
        let ignores_siblings = self.document.dialect.ignores_reference_siblings();
        if let [only] = reference.as_slice()
            && (ignores_siblings || !map.keys().any(|key| constrains(key) && !is_reference(key)))
        {
            return Body::Reference(*only);
        }
        let mut rules = Rules::empty();
        if !reference.is_empty() {
            rules.applicators.push(super::node::Applicator::All(reference));
        }
        self.keywords(at, (map, present), &mut rules);
        Body::Rules(Box::new(rules))
    }

    /// `$ref` and its relatives, resolved.
    fn references(&mut self, at: &Place, map: &'d Map<String, Value>) -> Vec<NodeId> {
        let mut found = Vec::new();
        for keyword in REFERENCES {
            let Some(text) = map.get(keyword).and_then(Value::as_str) else {
                continue;
            };
            if !self.document.dialect.knows(keyword) {
                continue;
            }
            let resolved = match keyword {
                "$ref" => self.document.resolve(&at.base, text),
                _ => self.document.resolve_dynamic(&at.base, text),
            };
            found.push(match resolved {
                Some((place, pointer, schema)) => self.target(&place, pointer, schema),
                None => {
                    let mut rules = Rules::empty();
                    rules.unmodelled.push(keyword.to_owned());
                    self.synthetic(at, Body::Rules(Box::new(rules)))
                }
            });
        }
        found
    }
}
