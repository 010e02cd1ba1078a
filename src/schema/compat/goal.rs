//! Questions: is there a value for which all of these hold?

use std::rc::Rc;

use serde_json::Value;

use super::node::{Arena, Body, NodeId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Sign {
    Holds,
    Fails,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Literal {
    pub(super) node: NodeId,
    pub(super) sign: Sign,
}

impl Literal {
    pub(super) fn holds(node: NodeId) -> Self {
        Self { node, sign: Sign::Holds }
    }

    pub(super) fn fails(node: NodeId) -> Self {
        Self { node, sign: Sign::Fails }
    }
}

/// Witnesses are not built beyond this many values: definitions that double at every step would
/// fill the memory.
const MAX_SIZE: usize = 5_000_000;

/// Counts the values that go into a larger one.
#[derive(Debug, Default)]
pub(super) struct Size(usize);

impl Size {
    /// Adds `count` copies of a value; says when that is too much.
    pub(super) fn add(&mut self, value: &Value, count: usize) -> Result<(), Doubt> {
        self.0 = self.0.saturating_add(weight(value).saturating_mul(count));
        if self.0 > MAX_SIZE { Err(Doubt::of("size")) } else { Ok(()) }
    }
}

/// What a value costs to build: a member of an object takes as much as several items.
fn weight(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
        Value::Array(items) => 1 + items.iter().map(weight).sum::<usize>(),
        Value::Object(map) => 8 + map.values().map(|value| 8 + weight(value)).sum::<usize>(),
    }
}

/// Values in a value, itself included.
pub(super) fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(map) => 1 + map.values().map(size).sum::<usize>(),
    }
}

/// What stopped a proof and the search for a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Doubt {
    pub(super) keyword: String,
    pub(super) node: Option<NodeId>,
}

impl Doubt {
    pub(super) fn at(keyword: &str, node: NodeId) -> Self {
        Self { keyword: keyword.to_owned(), node: Some(node) }
    }

    pub(super) fn of(keyword: &str) -> Self {
        Self { keyword: keyword.to_owned(), node: None }
    }
}

#[derive(Debug, Clone)]
pub(super) enum Outcome {
    Value(Rc<Value>),
    Empty,
    Doubt(Doubt),
}

impl Outcome {
    pub(super) fn of(value: Value) -> Self {
        Self::Value(Rc::new(value))
    }
}

/// Keeps the first doubt while alternatives are tried; a value ends the search.
#[derive(Debug, Default)]
pub(super) struct Tally(Option<Doubt>);

impl Tally {
    pub(super) fn doubt(&mut self, doubt: Doubt) {
        self.0.get_or_insert(doubt);
    }

    /// Takes an alternative's outcome; a value is handed back.
    pub(super) fn add(&mut self, outcome: Outcome) -> Option<Rc<Value>> {
        match outcome {
            Outcome::Value(value) => Some(value),
            Outcome::Empty => None,
            Outcome::Doubt(doubt) => {
                self.doubt(doubt);
                None
            }
        }
    }

    pub(super) fn close(self) -> Outcome {
        self.0.map_or(Outcome::Empty, Outcome::Doubt)
    }
}

/// A normalised conjunction: references followed, duplicates dropped, in a fixed order.
#[derive(Debug, Clone)]
pub(super) enum Goal {
    Trivial,
    Contradiction,
    Open { literals: Vec<Literal>, key: Vec<(u32, Sign)> },
}

impl Goal {
    pub(super) fn new(arena: &Arena, literals: &[Literal]) -> Self {
        let mut kept: Vec<(u32, Literal)> = Vec::with_capacity(literals.len());
        for literal in literals {
            let node = arena.resolve(literal.node);
            match (&arena.node(node).body, literal.sign) {
                (Body::Always, Sign::Holds) | (Body::Never, Sign::Fails) => continue,
                (Body::Always, Sign::Fails) | (Body::Never, Sign::Holds) => {
                    return Self::Contradiction;
                }
                (Body::Rules(_) | Body::Reference(_), _) => {}
            }
            let class = arena.class(node);
            match kept.iter().find(|(known, _)| *known == class) {
                Some((_, known)) if known.sign == literal.sign => {}
                Some(_) => return Self::Contradiction,
                None => kept.push((class, Literal { node, sign: literal.sign })),
            }
        }
        if kept.is_empty() {
            return Self::Trivial;
        }
        kept.sort_unstable_by_key(|(class, literal)| (*class, literal.sign));
        let key = kept.iter().map(|(class, literal)| (*class, literal.sign)).collect();
        Self::Open { literals: kept.into_iter().map(|(_, literal)| literal).collect(), key }
    }
}
