use std::cmp::Reverse;
use std::rc::Rc;

use serde_json::Value;

use super::clause::StringAtom;
use super::outlook::{Outlook, Weighed};
use super::seen::Seen;
use super::{Alternative, Atom, Clause, Solver};
use crate::schema::compat::evaluate::all;
use crate::schema::compat::goal::{Doubt, Literal, Outcome, Sign, Tally};
use crate::schema::compat::node::Kind;
use crate::schema::compat::regex::Member;

/// A conjunction over values of one JSON type, with the disjunctions still to be chosen from.
#[derive(Debug, Clone)]
pub(in crate::schema::compat) struct State {
    pub(in crate::schema::compat) kind: Kind,
    /// The question this state answers; listed values are checked against it.
    pub(super) goal: Rc<[Literal]>,
    pub(super) seen: Seen,
    pub(super) atoms: Vec<Atom>,
    pub(in crate::schema::compat) clauses: Vec<Rc<Clause>>,
    pub(super) candidates: Option<Rc<[Value]>>,
}

impl State {
    pub(super) fn new(kind: Kind, goal: &[Literal]) -> Self {
        Self {
            kind,
            goal: goal.into(),
            seen: Seen::default(),
            atoms: Vec::new(),
            clauses: Vec::new(),
            candidates: None,
        }
    }
}

impl Solver {
    /// A value that satisfies the state and one alternative of each of its clauses.
    pub(in crate::schema::compat) fn search(&mut self, state: State) -> Outcome {
        self.steps += 1;
        self.effort += state.clauses.len() + state.atoms.len();
        if self.is_exhausted() {
            return Outcome::Doubt(Doubt::of("complexity"));
        }
        if let Some(candidates) = &state.candidates {
            return self.pick(&Rc::clone(candidates), &state);
        }
        let Some(mut state) = self.simplify(state) else {
            return Outcome::Empty;
        };
        if let Some(candidates) = &state.candidates {
            return self.pick(&Rc::clone(candidates), &state);
        }
        // What must hold is chosen before what must fail: a value of one union member has most of
        // the other members against it without a search.
        let rank = |index: &usize| {
            let clause = &state.clauses[*index];
            let count = clause.alternatives.len();
            let said = clause.alternatives.first().map_or(0, |first| first.literals.len());
            (count > 1 && clause.origin.sign == Sign::Fails, count, Reverse(said))
        };
        let Some(smallest) = (0..state.clauses.len()).min_by_key(rank) else {
            return self.settle(&state);
        };
        let clause = state.clauses.swap_remove(smallest);
        let mut tally = Tally::default();
        for alternative in &clause.alternatives {
            let Some(next) = self.choose(state.clone(), alternative) else { continue };
            let outcome = self.search(next);
            if let Some(value) = tally.add(outcome) {
                return Outcome::Value(value);
            }
        }
        tally.close()
    }

    /// One of the listed values, if any satisfies the whole question.
    fn pick(&mut self, candidates: &[Value], state: &State) -> Outcome {
        let mut tally = Tally::default();
        for value in candidates {
            let known = self.allows(&state.atoms, value);
            let truth = match known {
                Some(false) => Some(false),
                _ => self.satisfies(&state.goal, value),
            };
            match (truth, known) {
                (Some(true), Some(true)) => return Outcome::of(value.clone()),
                (Some(false), _) => {}
                (_, _) => tally.doubt(self.doubt_of(state)),
            }
        }
        tally.close()
    }

    /// Atoms that were put into a state from outside its question: what a name must not be.
    fn allows(&self, atoms: &[Atom], value: &Value) -> Option<bool> {
        let Value::String(text) = value else { return Some(true) };
        all(atoms.iter().map(|atom| match atom {
            Atom::String(StringAtom::Pattern(id, member)) => {
                let matched = self.judge.matches(&self.store, *id, text);
                matched.map(|matched| matched == (*member == Member::In))
            }
            Atom::NotIn(values) => Some(!values.contains(value)),
            Atom::Rules(_)
            | Atom::Number(_)
            | Atom::String(_)
            | Atom::Array(_)
            | Atom::Object(_)
            | Atom::Unmodelled { .. } => Some(true),
        }))
    }

    pub(super) fn doubt_of(&self, state: &State) -> Doubt {
        for atom in &state.atoms {
            if let Atom::Unmodelled { keyword, node } = atom {
                return Doubt::at(keyword, *node);
            }
        }
        let node = state.goal.first().map(|literal| literal.node);
        Doubt { keyword: "enum".to_owned(), node }
    }

    pub(in crate::schema::compat) fn choose(
        &mut self,
        mut state: State,
        alternative: &Alternative,
    ) -> Option<State> {
        state.atoms.extend(alternative.atoms.iter().cloned());
        if alternative.literals.is_empty() {
            return Some(state);
        }
        self.assert_all(state, &alternative.literals)
    }

    /// Drops what cannot be and asserts what must be; `None` when nothing is left of a clause.
    pub(in crate::schema::compat) fn simplify(&mut self, mut state: State) -> Option<State> {
        loop {
            if state.clauses.is_empty() {
                return Some(state);
            }
            let clauses = std::mem::take(&mut state.clauses);
            let is_single = clauses.len() == 1;
            let mut units = Vec::new();
            let weighed = self.weighed(&state);
            let mut open = Vec::with_capacity(clauses.len());
            for clause in clauses {
                let Some(kept) = self.prune(&weighed, &clause)? else { continue };
                if !is_single && kept.alternatives.len() == 1 {
                    units.push(kept);
                } else {
                    open.push(kept);
                }
            }
            state.clauses = open;
            if units.is_empty() {
                return Some(state);
            }
            for unit in units {
                state = self.choose(state, &unit.alternatives[0])?;
            }
            if state.candidates.is_some() {
                return Some(state);
            }
        }
    }

    /// `None`: no alternative is left. `Some(None)`: the clause holds anyway.
    #[expect(clippy::option_option, reason = "impossible, void and remaining are three outcomes")]
    pub(super) fn prune(
        &mut self,
        state: &Weighed<'_>,
        clause: &Rc<Clause>,
    ) -> Option<Option<Rc<Clause>>> {
        self.effort += clause.alternatives.len() * (1 + state.object.rules.len());
        let mut kept = Vec::with_capacity(clause.alternatives.len());
        for (index, alternative) in clause.alternatives.iter().enumerate() {
            match self.outlook(state, alternative) {
                Outlook::Impossible => {}
                Outlook::Open => kept.push(index),
                Outlook::Certain => return Some(None),
            }
        }
        if kept.is_empty() {
            return None;
        }
        if kept.len() == clause.alternatives.len() {
            return Some(Some(Rc::clone(clause)));
        }
        let alternatives =
            kept.into_iter().map(|index| clause.alternatives[index].clone()).collect();
        Some(Some(Rc::new(Clause { origin: clause.origin, alternatives })))
    }

    /// Decides a state without clauses.
    fn settle(&mut self, state: &State) -> Outcome {
        let outcome = match state.kind {
            Kind::Null => Outcome::of(Value::Null),
            Kind::Boolean => self.settle_boolean(state),
            Kind::Number => self.settle_number(state),
            Kind::String => self.settle_string(state),
            Kind::Array => self.settle_array(state),
            Kind::Object => self.settle_object(state),
        };
        let unmodelled = state.atoms.iter().any(|atom| matches!(atom, Atom::Unmodelled { .. }));
        match outcome {
            Outcome::Value(_) if unmodelled => Outcome::Doubt(self.doubt_of(state)),
            Outcome::Value(_) | Outcome::Empty | Outcome::Doubt(_) => {
                self.settle_null(state, outcome)
            }
        }
    }

    fn settle_null(&self, state: &State, outcome: Outcome) -> Outcome {
        let is_excluded = state.kind == Kind::Null
            && state.atoms.iter().any(|atom| matches!(atom, Atom::NotIn(_)));
        if is_excluded { Outcome::Empty } else { outcome }
    }

    fn settle_boolean(&self, state: &State) -> Outcome {
        let is_free = |value: &Value| {
            !state
                .atoms
                .iter()
                .any(|atom| matches!(atom, Atom::NotIn(values) if values.contains(value)))
        };
        [Value::Bool(true), Value::Bool(false)]
            .into_iter()
            .find(is_free)
            .map_or(Outcome::Empty, Outcome::of)
    }
}
