use std::collections::HashSet;
use std::rc::Rc;

use serde_json::Value;

use super::clause::ObjectAtom;
use super::deny::Denial;
use super::object::Objects;
use super::seen::Added;
use super::{Alternative, Atom, Clause, Solver, State};
use crate::schema::compat::goal::{Literal, Sign};
use crate::schema::compat::node::{Applicator, Body, Kind, NodeId, Rules};

/// Literals that one value may be asked about before the schema counts as going in circles.
const MAX_LITERALS: usize = 4_000;
/// Of so many branches those that a tag rules out are not looked at; of fewer they are kept, since
/// one of them may be what a break is explained by.
const LARGE_UNION: usize = 16;

impl Solver {
    /// The literals as a conjunction of atoms and clauses over values of one type; `None` when no
    /// value of that type can satisfy them.
    pub(in crate::schema::compat) fn expand(
        &mut self,
        literals: &[Literal],
        kind: Kind,
    ) -> Option<State> {
        let state = State::new(kind, literals);
        self.assert_all(state, literals)
    }

    /// Adds literals to a state; `None` when they contradict it outright.
    pub(in crate::schema::compat) fn assert_all(
        &mut self,
        mut state: State,
        literals: &[Literal],
    ) -> Option<State> {
        let mut known = None;
        let is_large = literals.len() > LARGE_UNION;
        let mut work: Vec<Literal> = literals.iter().rev().copied().collect();
        while let Some(literal) = work.pop() {
            let node = self.store.arena.resolve(literal.node);
            let class = self.store.arena.class(node);
            match state.seen.add(class, literal.sign) {
                Added::Known => continue,
                Added::Contradiction => return None,
                Added::New => {}
            }
            self.effort += 1;
            if state.seen.len() > MAX_LITERALS {
                state.atoms.push(Atom::Unmodelled { keyword: "$ref".into(), node });
                return Some(state);
            }
            match (&self.store.arena.get(node).body, literal.sign) {
                (Body::Always, Sign::Holds) | (Body::Never, Sign::Fails) => {}
                (Body::Always, Sign::Fails) | (Body::Never, Sign::Holds) => return None,
                (Body::Reference(_), _) => {
                    state.atoms.push(Atom::Unmodelled { keyword: "$ref".into(), node });
                }
                (Body::Rules(rules), Sign::Holds) => {
                    self.affirm(&mut state, (node, rules), &mut work)?;
                }
                (Body::Rules(_), Sign::Fails)
                    if is_large && self.is_ruled_out(&state, node, &mut known) => {}
                (Body::Rules(rules), Sign::Fails) => {
                    match self.denial((literal, node), rules, state.kind) {
                        Denial::Met => {}
                        Denial::Clause(clause) if clause.alternatives.is_empty() => return None,
                        Denial::Clause(clause) => state.clauses.push(clause),
                    }
                }
            }
        }
        Some(state)
    }

    /// `known` keeps what is known about the state's objects from one branch to the next.
    fn is_ruled_out(
        &self,
        state: &State,
        node: NodeId,
        known: &mut Option<(usize, Objects)>,
    ) -> bool {
        let count = state.atoms.len();
        if state.kind != Kind::Object {
            return false;
        }
        if known.as_ref().is_none_or(|(of, _)| *of != count) {
            *known = Some((count, self.object_problem(&state.atoms)));
        }
        known.as_ref().is_some_and(|(_, object)| self.is_apart(object, node))
    }

    fn affirm(
        &mut self,
        state: &mut State,
        (node, rules): (NodeId, &Rules),
        work: &mut Vec<Literal>,
    ) -> Option<()> {
        if !rules.kinds.contains(state.kind) {
            return None;
        }
        if let Some(values) = &rules.values {
            let of_kind = values.list.iter().filter(|value| Kind::of(value) == state.kind);
            let candidates: Vec<Value> = match &state.candidates {
                None => of_kind.cloned().collect(),
                Some(known) => known.to_vec(),
            };
            if candidates.is_empty() {
                return None;
            }
            state.candidates = Some(candidates.into());
        }
        state.atoms.push(Atom::Rules(node));
        for keyword in &rules.unmodelled {
            state.atoms.push(Atom::Unmodelled { keyword: keyword.as_str().into(), node });
        }
        for applicator in &rules.applicators {
            self.affirm_applicator(state, (node, applicator), work);
        }
        Some(())
    }

    /// Nodes without those that mean the same as one before them: parts that are named twice at
    /// every level would double the alternatives.
    pub(super) fn distinct(&self, nodes: &[NodeId]) -> Vec<NodeId> {
        let mut seen = HashSet::with_capacity(nodes.len());
        let class = |node: NodeId| self.store.arena.class(self.store.arena.resolve(node));
        nodes.iter().copied().filter(|node| seen.insert(class(*node))).collect()
    }

    fn affirm_applicator(
        &mut self,
        state: &mut State,
        (node, applicator): (NodeId, &Applicator),
        work: &mut Vec<Literal>,
    ) {
        let mut clause = |alternatives| {
            state.clauses.push(Rc::new(Clause { origin: Literal::holds(node), alternatives }));
        };
        match applicator {
            Applicator::All(nodes) => work.extend(nodes.iter().copied().map(Literal::holds)),
            Applicator::Any { keyword, branches } => {
                clause(each_holds(keyword, &self.distinct(branches)));
            }
            Applicator::One(nodes) => self.exactly_one(state, (node, nodes)),
            Applicator::Not(inner) => work.push(Literal::fails(*inner)),
            Applicator::If { condition, then, otherwise } => {
                if let Some(then) = then {
                    clause(vec![
                        Alternative::literals("then", vec![Literal::fails(*condition)]),
                        Alternative::literals("then", vec![Literal::holds(*then)]),
                    ]);
                }
                if let Some(otherwise) = otherwise {
                    clause(vec![
                        Alternative::literals("else", vec![Literal::holds(*condition)]),
                        Alternative::literals("else", vec![Literal::holds(*otherwise)]),
                    ]);
                }
            }
            Applicator::Dependent { name, node: inner, keyword } => {
                if state.kind == Kind::Object {
                    clause(vec![
                        Alternative::atom(keyword, ObjectAtom::Lacks(Rc::clone(name))),
                        Alternative::literals(keyword, vec![Literal::holds(*inner)]),
                    ]);
                }
            }
        }
    }
}

fn each_holds(keyword: &str, nodes: &[NodeId]) -> Vec<Alternative> {
    nodes.iter().map(|node| Alternative::literals(keyword, vec![Literal::holds(*node)])).collect()
}
