//! The engine's own form of a schema: a graph of nodes, each a conjunction of typed rules.

use std::rc::Rc;

use serde_json::Value;

use super::Side;
use super::number::Rational;
use super::regex::{Member, PatternId};
use crate::schema::compat::hash::{HashMap, IndexMap, IndexSet};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct NodeId(pub(super) u32);

/// A JSON type. `integer` is not one: it is a number with a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    /// In the order in which witnesses are preferred.
    pub(super) const ALL: [Self; 6] =
        [Self::Null, Self::Number, Self::String, Self::Boolean, Self::Array, Self::Object];

    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub(super) const ALL: Self = Self(0b11_1111);
    pub(super) const NONE: Self = Self(0);

    pub(super) fn contains(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }

    pub(super) fn with(self, kind: Kind) -> Self {
        Self(self.0 | (1 << kind as u8))
    }

    pub(super) fn intersect(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) side: Side,
    /// JSON Pointer of the schema this node was read from.
    pub(super) pointer: Pointer,
    pub(super) body: Body,
}

#[derive(Debug)]
pub(super) enum Body {
    Always,
    Never,
    Reference(NodeId),
    Rules(Box<Rules>),
}

/// All of these hold. What a kind has no rule for is unrestricted.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) kinds: Kinds,
    pub(super) values: Option<Values>,
    pub(super) number: NumberRules,
    pub(super) string: StringRules,
    pub(super) array: Option<Box<ArrayRules>>,
    pub(super) object: Option<Box<ObjectRules>>,
    pub(super) applicators: Vec<Applicator>,
    /// Keywords that this engine has no model for.
    pub(super) unmodelled: Vec<String>,
}

impl Rules {
    pub(super) fn empty() -> Self {
        Self {
            kinds: Kinds::ALL,
            values: None,
            number: NumberRules::default(),
            string: StringRules::default(),
            array: None,
            object: None,
            applicators: Vec::new(),
            unmodelled: Vec::new(),
        }
    }
}

#[derive(Debug)]
pub(super) struct Values {
    pub(super) keyword: &'static str,
    pub(super) list: Vec<Value>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bound {
    pub(super) value: Rational,
    pub(super) edge: Edge,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    Included,
    Excluded,
}

#[derive(Debug, Default)]
pub(super) struct NumberRules {
    pub(super) lower: Vec<Bound>,
    pub(super) upper: Vec<Bound>,
    pub(super) multiples: Vec<Rational>,
    pub(super) integer: bool,
}

#[derive(Debug, Default)]
pub(super) struct StringRules {
    pub(super) min: u64,
    pub(super) max: Option<u64>,
    pub(super) patterns: Vec<(PatternId, Member)>,
    pub(super) formats: Vec<Rc<str>>,
}

#[derive(Debug, Default)]
pub(super) struct ArrayRules {
    pub(super) prefix: Vec<NodeId>,
    pub(super) tail: Option<NodeId>,
    pub(super) min: u64,
    pub(super) max: Option<u64>,
    pub(super) unique: bool,
    pub(super) contains: Option<Contains>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Contains {
    pub(super) node: NodeId,
    pub(super) low: u64,
    pub(super) high: Option<u64>,
}

#[derive(Debug, Default)]
pub(super) struct ObjectRules {
    pub(super) properties: IndexMap<Rc<str>, NodeId>,
    pub(super) patterns: Vec<(PatternId, NodeId)>,
    pub(super) others: Option<NodeId>,
    /// The keyword that `others` came from.
    pub(super) others_keyword: &'static str,
    pub(super) required: IndexSet<Rc<str>>,
    pub(super) min: u64,
    pub(super) max: Option<u64>,
    pub(super) names: Option<NodeId>,
}

impl ObjectRules {
    /// No member but the declared ones.
    pub(super) fn is_closed(&self) -> bool {
        self.others == Some(Arena::NEVER) && self.patterns.is_empty()
    }
}

#[derive(Debug)]
pub(super) enum Applicator {
    All(Vec<NodeId>),
    Any { keyword: &'static str, branches: Vec<NodeId> },
    One(Vec<NodeId>),
    Not(NodeId),
    If { condition: NodeId, then: Option<NodeId>, otherwise: Option<NodeId> },
    Dependent { name: Rc<str>, node: NodeId, keyword: &'static str },
}

/// A JSON Pointer kept as a chain, so that parsing does not build a text for every node.
#[derive(Debug, Clone, Default)]
pub(super) struct Pointer(Option<Rc<Segment>>);

#[derive(Debug)]
struct Segment {
    parent: Pointer,
    name: Rc<str>,
}

impl Pointer {
    pub(super) fn child(&self, name: &str) -> Self {
        Self(Some(Rc::new(Segment { parent: self.clone(), name: name.into() })))
    }
}

impl std::fmt::Display for Pointer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Some(segment) = &self.0 else {
            return Ok(());
        };
        write!(f, "{}/{}", segment.parent, segment.name.replace('~', "~0").replace('/', "~1"))
    }
}

/// The nodes of both schemas, and the class of equal ones each belongs to.
#[derive(Debug)]
pub(super) struct Arena {
    nodes: Vec<Rc<Node>>,
    classes: Vec<u32>,
    shapes: HashMap<u128, u32>,
    next_class: u32,
}

impl Arena {
    pub(super) const NEVER: NodeId = NodeId(0);
    pub(super) const ALWAYS: NodeId = NodeId(1);

    pub(super) fn new() -> Self {
        let mut arena = Self {
            nodes: Vec::new(),
            classes: Vec::new(),
            shapes: HashMap::default(),
            next_class: 0,
        };
        for body in [Body::Never, Body::Always] {
            arena.add(Node { side: Side::Reader, pointer: Pointer::default(), body }, None);
        }
        arena
    }

    /// `shape` is a fingerprint of the schema's meaning; nodes that share it are one class.
    pub(super) fn add(&mut self, node: Node, shape: Option<u128>) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Rc::new(node));
        let fresh = self.next_class;
        let class = shape.map_or(fresh, |shape| *self.shapes.entry(shape).or_insert(fresh));
        self.next_class += 1;
        self.classes.push(class);
        id
    }

    pub(super) fn replace(&mut self, id: NodeId, body: Body) {
        let old = &self.nodes[id.0 as usize];
        let node = Node { side: old.side, pointer: old.pointer.clone(), body };
        self.nodes[id.0 as usize] = Rc::new(node);
    }

    pub(super) fn get(&self, id: NodeId) -> Rc<Node> {
        Rc::clone(&self.nodes[id.0 as usize])
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub(super) fn class(&self, id: NodeId) -> u32 {
        self.classes[id.0 as usize]
    }

    /// Where the schema stands that a node means: for a reference, what it leads to.
    pub(super) fn pointer(&self, id: NodeId) -> &Pointer {
        let mut at = id;
        for _ in 0..64 {
            let Body::Reference(target) = self.node(at).body else { break };
            at = target;
        }
        &self.node(at).pointer
    }

    /// Follows plain references; a reference that leads to itself says nothing and is kept.
    pub(super) fn resolve(&self, id: NodeId) -> NodeId {
        let mut at = id;
        for _ in 0..64 {
            match &self.node(at).body {
                Body::Reference(target) => at = *target,
                Body::Always => return Self::ALWAYS,
                Body::Never => return Self::NEVER,
                Body::Rules(_) => return at,
            }
        }
        at
    }
}
