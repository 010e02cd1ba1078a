//! Which branches of a `oneOf` one value may fit together: what the keyword adds to `anyOf`.
//!
//! Written as a demand for every pair, a tagged union of some hundred models could not be decided:
//! Pydantic does not require tags that have a default. So pairs that only a tag sets apart are kept
//! as what they are: values without the tag.

use std::rc::Rc;

use super::clause::{Alternative, Atom, Clause, ObjectAtom};
use super::{Solver, State};
use crate::schema::compat::goal::Literal;
use crate::schema::compat::json::differ;
use crate::schema::compat::node::{Applicator, Body, Kind, Kinds, Node, NodeId, Rules};

/// Up to so many pairs each is a demand of its own, of which the search learns most.
const FEW_PAIRS: usize = 40;
/// More pairs than this are not written out.
const MAX_PAIRS: usize = 600_000;

/// Pairs of branches that a value may fit both.
#[derive(Debug)]
pub(super) struct Overlaps {
    /// For each branch its partners, before and after it in the list.
    pub(super) partners: Vec<Vec<usize>>,
    pub(super) pairs: usize,
    /// A member that sets all of these pairs apart wherever it is there.
    pub(super) tag: Option<Rc<str>>,
    /// For each branch, whether any partner after it holds.
    pub(super) later: Vec<Option<NodeId>>,
}

impl Overlaps {
    fn of(count: usize, tag: Option<Rc<str>>, pairs: &[(usize, usize)]) -> Self {
        let mut partners = vec![Vec::new(); count];
        for (left, right) in pairs {
            partners[*left].push(*right);
            partners[*right].push(*left);
        }
        Self { partners, pairs: pairs.len(), tag, later: Vec::new() }
    }

    pub(super) fn is_few(&self) -> bool {
        self.pairs <= FEW_PAIRS
    }

    pub(super) fn is_too_many(&self) -> bool {
        self.pairs > MAX_PAIRS
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let pairs = |(at, others): (usize, &Vec<usize>)| {
            others.iter().filter(move |other| **other > at).map(move |other| (at, *other)).collect()
        };
        self.partners
            .iter()
            .enumerate()
            .flat_map(move |entry| -> Vec<(usize, usize)> { pairs(entry) })
    }
}

impl Solver {
    pub(super) fn overlaps(&mut self, owner: NodeId, nodes: &[NodeId]) -> Rc<Overlaps> {
        if let Some(known) = self.overlaps.get(&owner.0) {
            return Rc::clone(known);
        }
        let mut found = self.find_overlaps(nodes);
        if !found.is_few() && !found.is_too_many() {
            let later = |at: usize| -> Vec<NodeId> {
                found.partners[at]
                    .iter()
                    .filter(|other| **other > at)
                    .map(|it| nodes[*it])
                    .collect()
            };
            found.later = (0..nodes.len())
                .map(|at| Some(later(at)).filter(|later| !later.is_empty()))
                .map(|later| later.map(|branches| self.any_of(owner, branches)))
                .collect();
        }
        let found = Rc::new(found);
        self.overlaps.insert(owner.0, Rc::clone(&found));
        found
    }

    /// A node for which one of these holds, in the name of another.
    fn any_of(&mut self, owner: NodeId, branches: Vec<NodeId>) -> NodeId {
        let mut rules = Rules::empty();
        rules.applicators.push(Applicator::Any { keyword: "oneOf", branches });
        let owner = self.store.arena.node(owner);
        let (side, pointer) = (owner.side, owner.pointer.clone());
        let node = Node { side, pointer, body: Body::Rules(Box::new(rules)) };
        self.store.arena.add(node, None)
    }

    fn find_overlaps(&self, nodes: &[NodeId]) -> Overlaps {
        let lists = nodes.iter().map(|node| self.listed_values(*node).and_then(texts));
        if differ(lists) {
            return Overlaps::of(nodes.len(), None, &[]);
        }
        if let Some(found) = self.tagged(nodes) {
            return found;
        }
        let mut pairs = Vec::new();
        for (at, left) in nodes.iter().enumerate() {
            for (other, right) in nodes.iter().enumerate().skip(at + 1) {
                if !self.are_disjoint(*left, *right) {
                    pairs.push((at, other));
                }
            }
            if pairs.len() > MAX_PAIRS {
                break;
            }
        }
        Overlaps::of(nodes.len(), None, &pairs)
    }

    /// Branches of which those for objects all list other texts for one member.
    fn tagged(&self, nodes: &[NodeId]) -> Option<Overlaps> {
        let only_object = Kinds::NONE.with(Kind::Object);
        let mut objects = Vec::new();
        let mut others = Vec::new();
        for (at, node) in nodes.iter().enumerate() {
            match self.rules_of(*node) {
                Some(rules) if rules.kinds == only_object && rules.object.is_some() => {
                    objects.push(at);
                }
                Some(rules) if !rules.kinds.contains(Kind::Object) => others.push(at),
                Some(_) | None => return None,
            }
        }
        let texts_of = |at: usize, tag: &str| {
            let object = self.rules_of(nodes[at])?.object.as_deref()?;
            self.listed_values(*object.properties.get(tag)?).and_then(texts)
        };
        let first = self.rules_of(nodes[*objects.first()?])?.object.as_deref()?;
        let tag = first
            .properties
            .keys()
            .find(|tag| differ(objects.iter().map(|at| texts_of(*at, tag))))?;
        let is_optional = |at: &usize| {
            let object = self.rules_of(nodes[*at]).and_then(|rules| rules.object.as_deref());
            object.is_some_and(|object| !object.required.contains(tag))
        };
        let optional: Vec<usize> = objects.into_iter().filter(is_optional).collect();
        let mut pairs = pairs_of(&optional);
        let has_others = pairs_of(&others)
            .into_iter()
            .filter(|(left, right)| !self.are_disjoint(nodes[*left], nodes[*right]))
            .collect::<Vec<_>>();
        let tag = has_others.is_empty().then(|| Rc::clone(tag));
        pairs.extend(has_others);
        Some(Overlaps::of(nodes.len(), tag, &pairs))
    }

    fn rules_of(&self, node: NodeId) -> Option<&Rules> {
        match &self.store.arena.node(self.store.arena.resolve(node)).body {
            Body::Rules(rules) => Some(rules),
            Body::Always | Body::Never | Body::Reference(_) => None,
        }
    }

    /// Exactly one of the branches holds.
    pub(super) fn exactly_one(&mut self, state: &mut State, (owner, nodes): (NodeId, &[NodeId])) {
        let overlaps = self.overlaps(owner, nodes);
        let mut clause = |alternatives| {
            state.clauses.push(Rc::new(Clause { origin: Literal::holds(owner), alternatives }));
        };
        let holds = |at: usize| vec![Literal::holds(nodes[at])];
        if overlaps.is_few() {
            clause((0..nodes.len()).map(|at| Alternative::literals("oneOf", holds(at))).collect());
            for (left, right) in overlaps.pairs() {
                let fails =
                    |at: usize| Alternative::literals("oneOf", vec![Literal::fails(nodes[at])]);
                clause(vec![fails(left), fails(right)]);
            }
            return;
        }
        if overlaps.is_too_many() {
            state.atoms.push(Atom::Unmodelled { keyword: "oneOf".into(), node: owner });
            return;
        }
        // With or without the tag first: most branches exclude each other where it is there.
        if let Some(tag) = overlaps.tag.as_ref().filter(|_| state.kind == Kind::Object) {
            let atoms = [ObjectAtom::Has(Rc::clone(tag)), ObjectAtom::Lacks(Rc::clone(tag))];
            clause(atoms.map(|atom| Alternative::atom("oneOf", atom)).into());
        }
        if let Some(known) = self.exclusive.get(&owner.0) {
            state.clauses.push(Rc::clone(known));
            return;
        }
        let mut alternatives = Vec::new();
        for (at, partners) in overlaps.partners.iter().enumerate() {
            let alone = || {
                let fails = partners.iter().map(|other| Literal::fails(nodes[*other]));
                holds(at).into_iter().chain(fails).collect()
            };
            match &overlaps.tag {
                Some(tag) if !partners.is_empty() => {
                    let has = ObjectAtom::Has(Rc::clone(tag));
                    let lacks = ObjectAtom::Lacks(Rc::clone(tag));
                    for (atom, literals) in [(has, holds(at)), (lacks, alone())] {
                        let mut alternative = Alternative::atom("oneOf", atom);
                        alternative.literals = literals;
                        alternatives.push(alternative);
                    }
                }
                Some(_) | None => alternatives.push(Alternative::literals("oneOf", alone())),
            }
        }
        let known = Rc::new(Clause { origin: Literal::holds(owner), alternatives });
        self.exclusive.insert(owner.0, Rc::clone(&known));
        state.clauses.push(known);
    }

    /// None of the branches holds, or two of them.
    pub(super) fn not_exactly_one(
        &mut self,
        (owner, nodes): (NodeId, &[NodeId]),
        list: &mut Vec<Alternative>,
    ) {
        let fails = nodes.iter().copied().map(Literal::fails).collect();
        list.push(Alternative::literals("oneOf", fails));
        let overlaps = self.overlaps(owner, nodes);
        if overlaps.is_too_many() {
            let atom = Atom::Unmodelled { keyword: "oneOf".into(), node: owner };
            list.push(Alternative::atom("oneOf", atom));
        } else if overlaps.is_few() {
            list.extend(overlaps.pairs().map(|(left, right)| {
                let both = vec![Literal::holds(nodes[left]), Literal::holds(nodes[right])];
                Alternative::literals("oneOf", both)
            }));
        } else {
            for (node, later) in nodes.iter().zip(&overlaps.later) {
                let Some(later) = later else { continue };
                let both = vec![Literal::holds(*node), Literal::holds(*later)];
                let mut alternative = Alternative::literals("oneOf", both);
                let lacks = overlaps.tag.iter().map(|tag| ObjectAtom::Lacks(Rc::clone(tag)).into());
                alternative.atoms.extend(lacks);
                list.push(alternative);
            }
        }
    }
}

fn pairs_of(list: &[usize]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for (at, left) in list.iter().enumerate() {
        pairs.extend(list[at + 1..].iter().map(|right| (*left, *right)));
        if pairs.len() > MAX_PAIRS {
            break;
        }
    }
    pairs
}

fn texts(values: &[serde_json::Value]) -> Option<Vec<&str>> {
    values.iter().map(serde_json::Value::as_str).collect()
}
