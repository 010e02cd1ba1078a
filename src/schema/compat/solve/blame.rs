//! Which of the reader's demands is to blame when a value is rejected for several reasons at once.

use std::rc::Rc;

use super::clause::ObjectAtom;
use super::outlook::{Outlook, Weighed};
use super::{Alternative, Atom, Clause, Solver, State};
use crate::schema::compat::Side;

/// How sure it is that a branch of the reader's rejects, and how much that says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Blame {
    /// The branch is meant for others: its tag differs.
    OtherTag,
    /// Rejects every value of the state.
    Certain,
    /// Rejects some values.
    Open,
}

impl Solver {
    /// Drops what cannot be, and of the reader's branches those that have no say. What every value
    /// of the state violates is kept when nothing else is to blame.
    pub(super) fn narrow(&mut self, mut state: State) -> Option<State> {
        let (mut own, mut read) = (Vec::new(), Vec::new());
        let clauses = std::mem::take(&mut state.clauses);
        let weighed = self.weighed(&state);
        for clause in clauses {
            if self.side_of(&clause) == Side::Writer {
                own.extend(self.prune(&weighed, &clause)?);
            } else {
                read.push(self.weigh(&weighed, &clause)?);
            }
        }
        if !own.is_empty() {
            own.extend(read.into_iter().map(|(_, clause)| clause));
            state.clauses = own;
            return Some(state);
        }
        let Some(most) = read.iter().map(|(blame, _)| *blame).max() else { return Some(state) };
        if most == Blame::OtherTag && read.len() > 1 {
            return Some(state);
        }
        let blamed = read.into_iter().filter(|(blame, _)| *blame == most);
        state.clauses = blamed.map(|(_, clause)| clause).collect();
        match (most, state.clauses.len()) {
            (_, 1) => Some(state),
            (Blame::Open, _) => self.simplify(state),
            (Blame::Certain | Blame::OtherTag, _) => {
                state.clauses.clear();
                Some(state)
            }
        }
    }

    /// The alternatives that can be; `None` when there are none.
    fn weigh(&mut self, state: &Weighed<'_>, clause: &Rc<Clause>) -> Option<(Blame, Rc<Clause>)> {
        let mut blame = Blame::Open;
        let mut alternatives: Vec<Alternative> = Vec::with_capacity(clause.alternatives.len());
        for alternative in &clause.alternatives {
            match self.outlook(state, alternative) {
                Outlook::Impossible => continue,
                Outlook::Open => {}
                Outlook::Certain if self.is_tag(alternative) => blame = Blame::OtherTag,
                Outlook::Certain => blame = blame.min(Blame::Certain),
            }
            alternatives.push(alternative.clone());
        }
        if alternatives.is_empty() {
            return None;
        }
        Some((blame, Rc::new(Clause { origin: clause.origin, alternatives })))
    }

    /// Whether a member with listed values decides.
    fn is_tag(&self, alternative: &Alternative) -> bool {
        matches!(
            alternative.atoms.as_slice(),
            [Atom::Object(ObjectAtom::Member { literal, .. })]
                if self.listed_values(literal.node).is_some()
        )
    }
}
