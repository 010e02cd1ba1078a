//! What can be told about an alternative without trying it. Sound and cheap, not complete.

use std::rc::Rc;

use super::clause::{ArrayAtom, Demand, ObjectAtom};
use super::number::Range;
use super::object::{Objects, object_rules};
use super::seen::Seen;
use super::{Alternative, Atom, Solver, State};
use crate::schema::compat::goal::{Literal, Outcome, Sign};
use crate::schema::compat::json::is_equal;
use crate::schema::compat::node::{Arena, Body, Kind, NodeId, ObjectRules};

/// Members of a node that are looked at for a tag.
const MAX_TAGS: usize = 32;

/// What is known about an alternative before it is tried.
pub(super) enum Outlook {
    Impossible,
    Open,
    /// Holds for every value of the state: the clause says nothing.
    Certain,
}

/// A state as it is while alternatives are weighed.
pub(super) struct Weighed<'s> {
    kind: Kind,
    seen: &'s Seen,
    atoms: &'s [Atom],
    pub(super) object: Objects,
    range: Range,
}

impl Solver {
    pub(super) fn weighed<'s>(&self, state: &'s State) -> Weighed<'s> {
        let object = match state.kind {
            Kind::Object => self.object_problem(&state.atoms),
            Kind::Null | Kind::Boolean | Kind::Number | Kind::String | Kind::Array => {
                Objects::default()
            }
        };
        let range = match state.kind {
            Kind::Number => self.number_range(&state.atoms),
            Kind::Null | Kind::Boolean | Kind::Object | Kind::String | Kind::Array => {
                Range::default()
            }
        };
        Weighed { kind: state.kind, seen: &state.seen, atoms: &state.atoms, object, range }
    }

    pub(super) fn outlook(&mut self, state: &Weighed<'_>, alternative: &Alternative) -> Outlook {
        match (alternative.atoms.as_slice(), alternative.literals.as_slice()) {
            ([], [literal]) => self.literal_outlook(state, *literal),
            ([atom], []) => self.atom_outlook(state, atom),
            (atoms, literals) => self.joint_outlook(state, atoms, literals),
        }
    }

    /// All at once: impossible as soon as one of them is.
    fn joint_outlook(&self, state: &Weighed<'_>, atoms: &[Atom], literals: &[Literal]) -> Outlook {
        let is_ruled_out = |atom: &Atom| {
            let Atom::Object(atom) = atom else { return false };
            match atom {
                ObjectAtom::Lacks(name) => state.object.requires(self, name),
                ObjectAtom::Has(name) => self.is_barred(&state.object, name),
                ObjectAtom::MinProperties(_)
                | ObjectAtom::MaxProperties(_)
                | ObjectAtom::Member { .. }
                | ObjectAtom::Demand(_) => false,
            }
        };
        let is_impossible = |literal: &Literal| {
            matches!(self.literal_outlook(state, *literal), Outlook::Impossible)
        };
        let mut held = literals.iter().filter(|it| it.sign == Sign::Holds).take(2).peekable();
        // What fails beside what holds is mostly the rest of a union, and says little.
        let is_refuted = match held.peek() {
            Some(_) => held.any(is_impossible),
            None => literals.iter().any(|it| self.is_contradicted(state, *it)),
        };
        if is_refuted || atoms.iter().any(is_ruled_out) {
            Outlook::Impossible
        } else {
            Outlook::Open
        }
    }

    /// Whether every object has a member that these closed rules do not declare.
    fn has_more(&self, object: &Objects, closed: &ObjectRules) -> bool {
        let is_undeclared = |name: &Rc<str>| !closed.properties.contains_key(name);
        let rules = object.rules.iter().filter_map(|node| object_rules(self, *node));
        object.has.iter().take(MAX_TAGS).any(is_undeclared)
            || rules.flat_map(|rules| rules.required.iter().take(MAX_TAGS)).any(is_undeclared)
    }

    fn is_contradicted(&self, state: &Weighed<'_>, literal: Literal) -> bool {
        let class = self.store.arena.class(self.store.arena.resolve(literal.node));
        state.seen.sign(class).is_some_and(|sign| sign != literal.sign)
    }

    /// No object of the state has this member.
    fn is_barred(&self, object: &Objects, name: &Rc<str>) -> bool {
        self.member_goal(object, name).is_some_and(|literals| {
            literals.iter().any(|literal| {
                literal.sign == Sign::Holds
                    && self.store.arena.resolve(literal.node) == Arena::NEVER
            })
        })
    }

    /// Whether what is known about an object leaves nothing for a node: a tag differs, or a member
    /// that the node requires cannot be there.
    pub(super) fn is_apart(&self, object: &Objects, node: NodeId) -> bool {
        if object.rules.is_empty() {
            return false;
        }
        let Some(rules) = object_rules(self, node) else { return false };
        let differs = |name: &Rc<str>, own: NodeId| {
            let Some(own) = self.listed_values(own) else { return false };
            (rules.required.contains(name) || object.requires(self, name))
                && object.rules.iter().any(|known| {
                    let known = object_rules(self, *known).and_then(|it| it.properties.get(name));
                    let known = known.and_then(|known| self.listed_values(*known));
                    known.is_some_and(|known| {
                        !known.iter().any(|one| own.iter().any(|other| is_equal(one, other)))
                    })
                })
        };
        rules.properties.iter().take(MAX_TAGS).any(|(name, own)| differs(name, *own))
            || rules.required.iter().take(MAX_TAGS).any(|name| self.is_barred(object, name))
            || (rules.is_closed() && self.has_more(object, rules))
    }

    fn literal_outlook(&self, state: &Weighed<'_>, literal: Literal) -> Outlook {
        let node = self.store.arena.resolve(literal.node);
        let has_kind = match &self.store.arena.node(node).body {
            Body::Always => return certain_if(literal.sign == Sign::Holds),
            Body::Never => return certain_if(literal.sign == Sign::Fails),
            Body::Reference(_) => return Outlook::Open,
            Body::Rules(rules) => rules.kinds.contains(state.kind),
        };
        let class = self.store.arena.class(node);
        match (has_kind, literal.sign) {
            (false, sign) => certain_if(sign == Sign::Fails),
            (true, sign) => match state.seen.sign(class) {
                Some(known) => certain_if(known == sign),
                None if self.is_apart(&state.object, node) => certain_if(sign == Sign::Fails),
                None => Outlook::Open,
            },
        }
    }

    fn atom_outlook(&mut self, state: &Weighed<'_>, atom: &Atom) -> Outlook {
        match atom {
            Atom::Object(ObjectAtom::Member { name, literal }) => {
                self.member_outlook(state, name, *literal)
            }
            Atom::Object(ObjectAtom::Lacks(name)) => self.lacks_outlook(state, name),
            Atom::Array(ArrayAtom::Item { index, literal }) => {
                self.item_outlook(state, (*index, 0), *literal)
            }
            Atom::Array(ArrayAtom::LaterFails { from, node }) => {
                self.item_outlook(state, (*from, usize::MAX), Literal::fails(*node))
            }
            Atom::Object(ObjectAtom::Demand(Demand::Other { rules, .. })) => {
                if self.declares_all(state, *rules) { Outlook::Impossible } else { Outlook::Open }
            }
            Atom::Number(atom) => state.range.outlook(atom),
            Atom::Object(_)
            | Atom::Array(_)
            | Atom::Rules(_)
            | Atom::NotIn(_)
            | Atom::String(_)
            | Atom::Unmodelled { .. } => Outlook::Open,
        }
    }

    /// Whether a node names every member that an object of the state can have.
    fn declares_all(&self, state: &Weighed<'_>, node: NodeId) -> bool {
        let Some(declared) = object_rules(self, node) else { return false };
        let names_all = |rules: &ObjectRules| {
            rules.is_closed()
                && rules.properties.keys().all(|name| declared.properties.contains_key(name))
        };
        state.object.rules.iter().filter_map(|node| object_rules(self, *node)).any(names_all)
    }

    fn member_outlook(&mut self, state: &Weighed<'_>, name: &Rc<str>, literal: Literal) -> Outlook {
        let Some(mut literals) = self.member_goal(&state.object, name) else {
            return Outlook::Open;
        };
        if let Some(values) = literals.iter().find_map(|literal| match literal.sign {
            Sign::Holds => self.listed_values(literal.node),
            Sign::Fails => None,
        }) && state.object.requires(self, name)
            && values.iter().all(|value| self.satisfies(&[literal], value) == Some(true))
        {
            return Outlook::Certain;
        }
        literals.push(literal);
        match self.solve(&literals) {
            Outcome::Empty => Outlook::Impossible,
            Outcome::Value(_) | Outcome::Doubt(_) => Outlook::Open,
        }
    }

    fn lacks_outlook(&mut self, state: &Weighed<'_>, name: &Rc<str>) -> Outlook {
        if state.object.requires(self, name) {
            return Outlook::Impossible;
        }
        if self.is_barred(&state.object, name) { Outlook::Certain } else { Outlook::Open }
    }

    /// `reach` is 0 for one place and anything for all places from `first` on.
    fn item_outlook(
        &mut self,
        state: &Weighed<'_>,
        (first, reach): (usize, usize),
        literal: Literal,
    ) -> Outlook {
        let array = self.array_problem(state.atoms);
        let last = if reach == 0 { first } else { array.prefix_length(self).max(first) };
        if self.item_can_be(&array, first..last + 1, literal) {
            Outlook::Open
        } else {
            Outlook::Impossible
        }
    }
}

fn certain_if(is_certain: bool) -> Outlook {
    if is_certain { Outlook::Certain } else { Outlook::Impossible }
}
