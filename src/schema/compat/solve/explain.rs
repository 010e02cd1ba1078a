//! All the ways in which a goal can be met, each with a value: the breaks of a pair, where the goal
//! is "the writer can send it and the reader does not accept it".
//!
//! Goals are visited breadth-first and once each, so that every break is found on a shortest path.

use std::collections::VecDeque;
use std::rc::Rc;

use serde_json::Value;

use super::array::Extra;
use super::clause::{ArrayAtom, ObjectAtom};
use super::{Alternative, Atom, Clause, Solver, State};
use crate::schema::compat::Side;
use crate::schema::compat::goal::{Goal, Literal, Outcome, Sign, size};
use crate::schema::compat::hash::HashSet;
use crate::schema::compat::node::{Body, Kind, NodeId};

/// Values in a value beyond which it is not made a constant of the search.
const MAX_CONSTANT: usize = 8_000;
/// Ways to choose among a writer's own alternatives, per goal.
const MAX_BRANCHES: usize = 2_000;

/// One way to meet the goal.
#[derive(Debug)]
pub(in crate::schema::compat) struct Finding {
    pub(in crate::schema::compat) keyword: Rc<str>,
    pub(in crate::schema::compat) writer: Option<NodeId>,
    pub(in crate::schema::compat) reader: Option<NodeId>,
    pub(in crate::schema::compat) path: String,
    pub(in crate::schema::compat) value: Rc<Value>,
}

/// The value around a nested goal: a state that one member or item is put into.
struct Context {
    outer: Option<Rc<Context>>,
    state: State,
    step: Step,
}

enum Step {
    Member(Rc<str>),
    Item(usize),
    Later(usize),
}

struct Exploration {
    queue: VecDeque<(Vec<Literal>, Option<Rc<Context>>)>,
    visited: HashSet<super::Key>,
    findings: Vec<Finding>,
    limit: usize,
    branches: usize,
}

/// A goal under exploration.
struct Visit<'v> {
    literals: &'v [Literal],
    context: Option<Rc<Context>>,
}

impl Solver {
    /// No more than `limit` of them.
    pub(in crate::schema::compat) fn explain(
        &mut self,
        literals: &[Literal],
        limit: usize,
    ) -> Vec<Finding> {
        let mut exploration = Exploration {
            queue: VecDeque::from([(literals.to_vec(), None)]),
            visited: HashSet::default(),
            findings: Vec::new(),
            limit,
            branches: 0,
        };
        while let Some((literals, context)) = exploration.queue.pop_front() {
            if exploration.findings.len() >= limit {
                break;
            }
            if let Goal::Open { key, .. } = Goal::new(&self.store.arena, &literals)
                && !exploration.visited.insert(key)
            {
                continue;
            }
            exploration.branches = 0;
            let visit = Visit { literals: &literals, context };
            for kind in Kind::ALL {
                if let Some(state) = self.expand(&literals, kind) {
                    self.explain_state(&mut exploration, &visit, state);
                }
            }
        }
        exploration.findings
    }

    fn explain_state(&mut self, exploration: &mut Exploration, visit: &Visit<'_>, state: State) {
        exploration.branches += 1;
        if exploration.branches > MAX_BRANCHES || exploration.findings.len() >= exploration.limit {
            return;
        }
        if state.candidates.is_some() {
            self.report(exploration, visit, ("enum", None, state));
            return;
        }
        let Some(mut state) = self.narrow(state) else { return };
        let own = |clause: &Rc<Clause>| self.side_of(clause) == Side::Writer;
        if let Some(index) = state.clauses.iter().position(own) {
            let clause = state.clauses.remove(index);
            for alternative in &clause.alternatives {
                if let Some(next) = self.choose(state.clone(), alternative) {
                    self.explain_state(exploration, visit, next);
                }
            }
            return;
        }
        match state.clauses.as_slice() {
            [] => self.report(exploration, visit, ("type", None, state)),
            [only] => {
                let clause = Rc::clone(only);
                state.clauses.clear();
                for alternative in &clause.alternatives {
                    self.explain_alternative(exploration, visit, (&state, &clause, alternative));
                }
            }
            [_, _, ..] => self.report(exploration, visit, ("anyOf", None, state)),
        }
    }

    pub(super) fn side_of(&self, clause: &Clause) -> Side {
        self.store.arena.node(clause.origin.node).side
    }

    fn explain_alternative(
        &mut self,
        exploration: &mut Exploration,
        visit: &Visit<'_>,
        (state, clause, alternative): (&State, &Clause, &Alternative),
    ) {
        let Some(next) = self.choose(state.clone(), alternative) else { return };
        let origin = Some(clause.origin.node);
        if !next.clauses.is_empty() {
            self.explain_state(exploration, visit, next);
            return;
        }
        let inner = match alternative.atoms.as_slice() {
            [Atom::Object(ObjectAtom::Member { name, .. })] => {
                let problem = self.object_problem(&next.atoms);
                let goal = self.member_goal(&problem, name);
                goal.map(|goal| (goal, Step::Member(Rc::clone(name))))
            }
            [Atom::Array(ArrayAtom::Item { index, .. })] => {
                let problem = self.array_problem(&next.atoms);
                let goal = problem.item_goal(self, *index, &Extra::new());
                Some((goal, Step::Item(*index)))
            }
            [Atom::Array(ArrayAtom::LaterFails { from, node })] => {
                let problem = self.array_problem(&state.atoms);
                let last = problem.prefix_length(self).max(*from);
                (*from..=last).find_map(|index| {
                    let mut goal = problem.item_goal(self, index, &Extra::new());
                    goal.push(Literal::fails(*node));
                    let is_met = matches!(self.solve(&goal), Outcome::Value(_));
                    is_met.then_some((goal, Step::Later(index)))
                })
            }
            _ => None,
        };
        match inner {
            Some((goal, step)) => {
                if matches!(self.solve(&goal), Outcome::Value(_)) {
                    let outer = visit.context.clone();
                    let context = Context { outer, state: state.clone(), step };
                    exploration.queue.push_back((goal, Some(Rc::new(context))));
                }
            }
            None => {
                let keyword = Rc::clone(&alternative.keyword);
                self.report(exploration, visit, (&*keyword, origin, next));
            }
        }
    }

    fn report(
        &mut self,
        exploration: &mut Exploration,
        visit: &Visit<'_>,
        (keyword, origin, state): (&str, Option<NodeId>, State),
    ) {
        if exploration.findings.len() >= exploration.limit {
            return;
        }
        let Outcome::Value(value) = self.search(state) else { return };
        let node_of = |side: Side, sign: Sign| {
            visit
                .literals
                .iter()
                .find(|literal| {
                    literal.sign == sign && self.store.arena.node(literal.node).side == side
                })
                .map(|literal| literal.node)
        };
        let writer = node_of(Side::Writer, Sign::Holds);
        let reader = origin.or_else(|| node_of(Side::Reader, Sign::Fails));
        let keyword = self.exact_keyword(keyword, reader, &value);
        let Some(value) = self.wrap(visit.context.as_deref(), value) else { return };
        let path = path_of(visit.context.as_deref());
        exploration.findings.push(Finding { keyword, writer, reader, path, value });
    }

    /// Which of the reader's own keywords speaks, where the search only knows the occasion.
    fn exact_keyword(&self, keyword: &str, reader: Option<NodeId>, value: &Value) -> Rc<str> {
        let node = reader.map(|node| self.store.arena.node(self.store.arena.resolve(node)));
        let Some(Body::Rules(rules)) = node.map(|node| &node.body) else {
            return if node.is_some() { "false".into() } else { keyword.into() };
        };
        match keyword {
            "type" | "enum" | "anyOf" => {
                if !rules.kinds.contains(Kind::of(value)) {
                    "type".into()
                } else if let Some(values) = &rules.values {
                    values.keyword.into()
                } else {
                    rules.applicators.iter().find_map(keyword_of).unwrap_or(keyword).into()
                }
            }
            _ => keyword.into(),
        }
    }

    /// Puts a nested value into the values around it.
    fn wrap(&mut self, context: Option<&Context>, value: Rc<Value>) -> Option<Rc<Value>> {
        let Some(context) = context else { return Some(value) };
        if size(&value) > MAX_CONSTANT {
            let outer = self.wrap_large(context, value)?;
            return self.wrap(context.outer.as_deref(), outer);
        }
        let literal = Literal::holds(self.constant(&value));
        let mut state = context.state.clone();
        state.atoms.push(match &context.step {
            Step::Member(name) => ObjectAtom::Member { name: Rc::clone(name), literal }.into(),
            Step::Item(index) | Step::Later(index) => {
                ArrayAtom::Item { index: *index, literal }.into()
            }
        });
        match self.search(state) {
            Outcome::Value(value) => self.wrap(context.outer.as_deref(), value),
            Outcome::Empty | Outcome::Doubt(_) => None,
        }
    }
}

impl Solver {
    /// Puts a value that is too large to be copied about into any value around it.
    fn wrap_large(&mut self, context: &Context, value: Rc<Value>) -> Option<Rc<Value>> {
        let mut state = context.state.clone();
        state.atoms.push(match &context.step {
            Step::Member(name) => ObjectAtom::Has(Rc::clone(name)).into(),
            Step::Item(index) | Step::Later(index) => ArrayAtom::MinItems(*index as u64 + 1).into(),
        });
        let Outcome::Value(outer) = self.search(state) else { return None };
        let mut outer = Rc::unwrap_or_clone(outer);
        let place = match &context.step {
            Step::Member(name) => outer.get_mut(&**name)?,
            Step::Item(index) | Step::Later(index) => outer.get_mut(*index)?,
        };
        *place = Rc::unwrap_or_clone(value);
        Some(Rc::new(outer))
    }
}

fn keyword_of(applicator: &super::super::node::Applicator) -> Option<&'static str> {
    use super::super::node::Applicator;
    match applicator {
        Applicator::Any { keyword, .. } | Applicator::Dependent { keyword, .. } => Some(keyword),
        Applicator::One(_) => Some("oneOf"),
        Applicator::Not(_) => Some("not"),
        Applicator::All(_) | Applicator::If { .. } => None,
    }
}

/// `items[].qty`: members by name, items of a list without their number.
fn path_of(context: Option<&Context>) -> String {
    let Some(context) = context else { return String::new() };
    let outer = path_of(context.outer.as_deref());
    match &context.step {
        Step::Member(name) if outer.is_empty() => name.as_ref().to_owned(),
        Step::Member(name) => format!("{outer}.{name}"),
        Step::Item(index) => format!("{outer}[{index}]"),
        Step::Later(_) => format!("{outer}[]"),
    }
}
