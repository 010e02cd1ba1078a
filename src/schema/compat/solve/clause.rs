use std::rc::Rc;

use serde_json::Value;

use crate::schema::compat::goal::Literal;
use crate::schema::compat::node::{Bound, Contains, NodeId};
use crate::schema::compat::number::Rational;
use crate::schema::compat::regex::{Member, PatternId};

/// One statement about values of one JSON type.
#[derive(Debug, Clone)]
pub(in crate::schema::compat) enum Atom {
    /// The typed rules of a node hold.
    Rules(NodeId),
    /// Is none of these.
    NotIn(Rc<[Value]>),
    Number(NumberAtom),
    String(StringAtom),
    Array(ArrayAtom),
    Object(ObjectAtom),
    /// A keyword without a model; nothing is known about it.
    Unmodelled {
        keyword: Rc<str>,
        node: NodeId,
    },
}

#[derive(Debug, Clone)]
pub(in crate::schema::compat) enum NumberAtom {
    Lower(Bound),
    Upper(Bound),
    NotMultiple(Rational),
}

#[derive(Debug, Clone)]
pub(in crate::schema::compat) enum StringAtom {
    MinLength(u64),
    MaxLength(u64),
    Pattern(PatternId, Member),
    Format(Rc<str>, Member),
}

#[derive(Debug, Clone)]
pub(in crate::schema::compat) enum ArrayAtom {
    MinItems(u64),
    MaxItems(u64),
    /// Two items are equal.
    Repeats,
    /// The item is there and satisfies the literal.
    Item {
        index: usize,
        literal: Literal,
    },
    /// Some item from this place on does not fit.
    LaterFails {
        from: usize,
        node: NodeId,
    },
    Count(Contains),
}

#[derive(Debug, Clone)]
pub(in crate::schema::compat) enum ObjectAtom {
    MinProperties(u64),
    MaxProperties(u64),
    Has(Rc<str>),
    Lacks(Rc<str>),
    /// The member is there and satisfies the literal.
    Member {
        name: Rc<str>,
        literal: Literal,
    },
    /// A member must exist under a name still to be found.
    Demand(Demand),
}

/// A member that does not fit, somewhere.
#[derive(Debug, Clone, Copy)]
pub(in crate::schema::compat) enum Demand {
    /// Its name matches and its value fails the node.
    Match { pattern: PatternId, node: NodeId },
    /// `rules` do not name it and its value fails the node.
    Other { rules: NodeId, node: NodeId },
    /// Its name fails the node.
    Name(NodeId),
}

/// A conjunction: one way to satisfy a clause.
#[derive(Debug, Clone)]
pub(in crate::schema::compat) struct Alternative {
    pub(in crate::schema::compat) keyword: Rc<str>,
    pub(in crate::schema::compat) atoms: Vec<Atom>,
    pub(in crate::schema::compat) literals: Vec<Literal>,
}

impl Alternative {
    pub(super) fn atom(keyword: &str, atom: impl Into<Atom>) -> Self {
        Self { keyword: keyword.into(), atoms: vec![atom.into()], literals: Vec::new() }
    }

    pub(super) fn literals(keyword: &str, literals: Vec<Literal>) -> Self {
        Self { keyword: keyword.into(), atoms: Vec::new(), literals }
    }
}

impl From<NumberAtom> for Atom {
    fn from(atom: NumberAtom) -> Self {
        Self::Number(atom)
    }
}

impl From<StringAtom> for Atom {
    fn from(atom: StringAtom) -> Self {
        Self::String(atom)
    }
}

impl From<ArrayAtom> for Atom {
    fn from(atom: ArrayAtom) -> Self {
        Self::Array(atom)
    }
}

impl From<ObjectAtom> for Atom {
    fn from(atom: ObjectAtom) -> Self {
        Self::Object(atom)
    }
}

/// A disjunction that one node demands.
#[derive(Debug, Clone)]
pub(in crate::schema::compat) struct Clause {
    pub(in crate::schema::compat) origin: Literal,
    pub(in crate::schema::compat) alternatives: Vec<Alternative>,
}
