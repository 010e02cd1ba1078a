//! What can be told about an alternative without trying it. Sound and cheap, not complete.

use std::rc::Rc;

use super::clause::{ArrayAtom, ObjectAtom};
use super::{Alternative, Atom, Solver, State};
use crate::schema::compat::goal::{Literal, Outcome, Sign};
use crate::schema::compat::node::{Arena, Body};

/// What is known about an alternative before it is tried.
pub(super) enum Outlook {
    Impossible,
    Open,
    /// Holds for every value of the state: the clause says nothing.
    Certain,
}

impl Solver {
    pub(super) fn outlook(&mut self, state: &State, alternative: &Alternative) -> Outlook {
        for literal in &alternative.literals {
            let node = self.store.arena.resolve(literal.node);
            let class = self.store.arena.class(node);
            if state.seen.iter().any(|(known, sign)| *known == class && *sign != literal.sign) {
                return Outlook::Impossible;
            }
        }
        match (alternative.atoms.as_slice(), alternative.literals.as_slice()) {
            ([], [literal]) => self.literal_outlook(state, *literal),
            ([atom], []) => self.atom_outlook(state, atom),
            (_, _) => Outlook::Open,
        }
    }

    fn literal_outlook(&self, state: &State, literal: Literal) -> Outlook {
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
            (true, _) if state.seen.contains(&(class, literal.sign)) => Outlook::Certain,
            (true, _) => Outlook::Open,
        }
    }

    fn atom_outlook(&mut self, state: &State, atom: &Atom) -> Outlook {
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
            Atom::Object(_)
            | Atom::Array(_)
            | Atom::Rules(_)
            | Atom::NotIn(_)
            | Atom::Number(_)
            | Atom::String(_)
            | Atom::Unmodelled { .. } => Outlook::Open,
        }
    }

    fn member_outlook(&mut self, state: &State, name: &Rc<str>, literal: Literal) -> Outlook {
        let object = self.object_problem(&state.atoms);
        let Some(mut literals) = self.member_goal(&object, name) else { return Outlook::Open };
        if let Some(values) = literals.iter().find_map(|literal| match literal.sign {
            Sign::Holds => self.listed_values(literal.node),
            Sign::Fails => None,
        }) && object.requires(self, name)
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

    fn lacks_outlook(&mut self, state: &State, name: &Rc<str>) -> Outlook {
        let object = self.object_problem(&state.atoms);
        if object.requires(self, name) {
            return Outlook::Impossible;
        }
        let Some(literals) = self.member_goal(&object, name) else { return Outlook::Open };
        let is_barred = literals.iter().any(|literal| {
            literal.sign == Sign::Holds && self.store.arena.resolve(literal.node) == Arena::NEVER
        });
        if is_barred { Outlook::Certain } else { Outlook::Open }
    }

    /// `reach` is 0 for one place and anything for all places from `first` on.
    fn item_outlook(
        &mut self,
        state: &State,
        (first, reach): (usize, usize),
        literal: Literal,
    ) -> Outlook {
        let array = self.array_problem(&state.atoms);
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
