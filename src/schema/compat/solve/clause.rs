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
    Lower(Bound),
    Upper(Bound),
    NotMultiple(Rational),
    MinLength(u64),
    MaxLength(u64),
    Pattern(PatternId, Member),
    Format(Rc<str>, Member),
    /// Is none of these.
    NotIn(Rc<[Value]>),
    MinItems(u64),
    MaxItems(u64),
    /// Two items are equal.
    Repeats,
    ItemFails { index: usize, node: NodeId },
    ItemHolds { index: usize, node: NodeId },
    LaterItemFails { from: usize, node: NodeId },
    Count(Contains),
    MinProperties(u64),
    MaxProperties(u64),
    Has(Rc<str>),
    Lacks(Rc<str>),
    /// The named member is there and does not fit.
    MemberFails { name: Rc<str>, node: NodeId },
    /// The named member is there and fits.
    MemberHolds { name: Rc<str>, node: NodeId },
    /// Some member whose name matches does not fit.
    MatchFails { pattern: PatternId, node: NodeId },
    /// Some member that `rules` does not name does not fit.
    OtherFails { rules: NodeId, node: NodeId },
    /// Some member's name does not fit.
    NameFails(NodeId),
    /// A keyword without a model; nothing is known about it.
    Unmodelled { keyword: Rc<str>, node: NodeId },
}

/// A conjunction: one way to satisfy a clause.
#[derive(Debug, Clone)]
pub(in crate::schema::compat) struct Alternative {
    pub(in crate::schema::compat) keyword: Rc<str>,
    pub(in crate::schema::compat) atoms: Vec<Atom>,
    pub(in crate::schema::compat) literals: Vec<Literal>,
}

impl Alternative {
    pub(super) fn atom(keyword: &str, atom: Atom) -> Self {
        Self { keyword: keyword.into(), atoms: vec![atom], literals: Vec::new() }
    }

    pub(super) fn literals(keyword: &str, literals: Vec<Literal>) -> Self {
        Self { keyword: keyword.into(), atoms: Vec::new(), literals }
    }
}

/// A disjunction that one node demands.
#[derive(Debug, Clone)]
pub(in crate::schema::compat) struct Clause {
    pub(in crate::schema::compat) origin: Literal,
    pub(in crate::schema::compat) alternatives: Vec<Alternative>,
}
