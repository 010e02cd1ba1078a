use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;

use super::clause::ArrayAtom;
use super::{Atom, Solver, State};
use crate::schema::compat::goal::{Doubt, Literal, Outcome, Size, Tally};
use crate::schema::compat::node::{ArrayRules, Body, Contains, NodeId};

/// Arrays longer than this are not built.
const MAX_ITEMS: u64 = 50_000;

/// Arrays of one state: rules that every item obeys, and items that must exist.
#[derive(Debug, Default)]
pub(super) struct Arrays {
    pub(super) rules: Vec<NodeId>,
    pub(super) min: u64,
    pub(super) max: Option<u64>,
    pub(super) unique: bool,
    pub(super) repeats: bool,
    /// Items that must be there, with what each must satisfy beyond the rules.
    pub(super) items: Vec<(usize, Literal)>,
    pub(super) later: Vec<(usize, NodeId)>,
    pub(super) counts: Vec<Contains>,
}

/// What single items must satisfy beyond the rules.
pub(super) type Extra = BTreeMap<usize, Vec<Literal>>;

pub(super) fn array_rules(solver: &Solver, node: NodeId) -> Option<&ArrayRules> {
    match &solver.store.arena.node(node).body {
        Body::Rules(rules) => rules.array.as_deref(),
        Body::Always | Body::Never | Body::Reference(_) => None,
    }
}

impl Arrays {
    pub(super) fn prefix_length(&self, solver: &Solver) -> usize {
        let lengths = self.rules.iter().filter_map(|node| array_rules(solver, *node));
        lengths.map(|rules| rules.prefix.len()).max().unwrap_or(0)
    }

    pub(super) fn item_goal(&self, solver: &Solver, index: usize, extra: &Extra) -> Vec<Literal> {
        let nodes = self.rules.iter().filter_map(|node| {
            let rules = array_rules(solver, *node)?;
            rules.prefix.get(index).copied().or(rules.tail)
        });
        let own = self.items.iter().filter(|(at, _)| *at == index);
        nodes
            .map(Literal::holds)
            .chain(own.map(|(_, literal)| *literal))
            .chain(extra.get(&index).into_iter().flatten().copied())
            .collect()
    }

    fn add(&mut self, atom: &ArrayAtom) {
        match atom {
            ArrayAtom::MinItems(min) => self.min = self.min.max(*min),
            ArrayAtom::MaxItems(max) => self.limit(*max),
            ArrayAtom::Repeats => self.repeats = true,
            ArrayAtom::Item { index, literal } => self.items.push((*index, *literal)),
            ArrayAtom::LaterFails { from, node } => self.later.push((*from, *node)),
            ArrayAtom::Count(contains) => self.counts.push(*contains),
        }
    }

    fn limit(&mut self, max: u64) {
        self.max = Some(self.max.map_or(max, |known| known.min(max)));
    }
}

impl Solver {
    pub(super) fn array_problem(&self, atoms: &[Atom]) -> Arrays {
        let mut problem = Arrays::default();
        for atom in atoms {
            match atom {
                Atom::Rules(node) => {
                    let Some(rules) = array_rules(self, *node) else { continue };
                    problem.rules.push(*node);
                    problem.min = problem.min.max(rules.min);
                    rules.max.iter().for_each(|max| problem.limit(*max));
                    problem.unique |= rules.unique;
                    problem.counts.extend(rules.contains);
                }
                Atom::Array(atom) => problem.add(atom),
                Atom::NotIn(_)
                | Atom::Number(_)
                | Atom::String(_)
                | Atom::Object(_)
                | Atom::Unmodelled { .. } => {}
            }
        }
        problem
    }

    /// Whether an item at one of these places could satisfy the literal.
    pub(super) fn item_can_be(
        &mut self,
        problem: &Arrays,
        places: Range<usize>,
        literal: Literal,
    ) -> bool {
        let last = problem.max.map_or(usize::MAX, |max| usize::try_from(max).unwrap_or(usize::MAX));
        places.into_iter().take_while(|index| *index < last).any(|index| {
            let mut literals = problem.item_goal(self, index, &Extra::new());
            literals.push(literal);
            !matches!(self.solve(&literals), Outcome::Empty)
        })
    }

    pub(super) fn settle_array(&mut self, state: &State) -> Outcome {
        let problem = self.array_problem(&state.atoms);
        if problem.unique && problem.repeats {
            return Outcome::Empty;
        }
        self.place_items(&problem, 0, &Extra::new())
    }

    /// Gives each item that must exist somewhere a place, in every way that can make a difference.
    fn place_items(&mut self, problem: &Arrays, at: usize, extra: &Extra) -> Outcome {
        let Some((from, node)) = problem.later.get(at).copied() else {
            return self.place_repeat(problem, extra);
        };
        let froms = problem.later.iter().map(|(from, _)| *from);
        let items = problem.items.iter().map(|(index, _)| index + 1);
        let base = froms.chain(items).max().unwrap_or(0).max(problem.prefix_length(self));
        let mut tally = Tally::default();
        for index in from..base + problem.later.len() {
            let mut next = extra.clone();
            next.entry(index).or_default().push(Literal::fails(node));
            let goal = problem.item_goal(self, index, &next);
            if matches!(self.solve(&goal), Outcome::Empty) {
                continue;
            }
            let outcome = self.place_items(problem, at + 1, &next);
            if let Some(value) = tally.add(outcome) {
                return Outcome::Value(value);
            }
        }
        tally.close()
    }

    fn place_repeat(&mut self, problem: &Arrays, extra: &Extra) -> Outcome {
        if !problem.repeats {
            return self.lay_out(problem, extra);
        }
        let last = self.needed(problem, extra).min(64);
        let bound = problem.prefix_length(self).max(usize::try_from(last).unwrap_or(0)) + 2;
        let mut tally = Tally::default();
        for second in 1..bound {
            for first in 0..second {
                let mut goal = problem.item_goal(self, first, extra);
                goal.extend(problem.item_goal(self, second, extra));
                let outcome = self.solve(&goal);
                let Some(value) = tally.add(outcome) else { continue };
                let twin = Literal::holds(self.constant(&value));
                let mut next = extra.clone();
                next.entry(first).or_default().push(twin);
                next.entry(second).or_default().push(twin);
                let outcome = self.lay_out(problem, &next);
                if let Some(value) = tally.add(outcome) {
                    return Outcome::Value(value);
                }
                if !problem.counts.is_empty() {
                    // Another pair of equal values might have done.
                    tally.doubt(Doubt::of("uniqueItems"));
                }
            }
        }
        tally.close()
    }

    pub(super) fn needed(&self, problem: &Arrays, extra: &Extra) -> u64 {
        let last = extra.keys().last().map_or(0, |index| *index as u64 + 1);
        let items = problem.items.iter().map(|(index, _)| *index as u64 + 1).max().unwrap_or(0);
        problem.min.max(last).max(items)
    }

    fn lay_out(&mut self, problem: &Arrays, extra: &Extra) -> Outcome {
        let needed = self.needed(problem, extra);
        if problem.max.is_some_and(|max| max < needed) {
            return Outcome::Empty;
        }
        if !problem.counts.is_empty() {
            return self.lay_out_counted(problem, extra, needed);
        }
        if needed > MAX_ITEMS {
            return Outcome::Doubt(Doubt::of("minItems"));
        }
        let count = usize::try_from(needed).unwrap_or(0);
        // From here on all items answer to the same goal.
        let settled = self.settled_from(problem, extra).min(count);
        let mut tally = Tally::default();
        let mut goals: Vec<Vec<Literal>> = Vec::new();
        for index in 0..(settled + 1).min(count) {
            let goal = problem.item_goal(self, index, extra);
            match self.solve(&goal) {
                Outcome::Empty => return Outcome::Empty,
                Outcome::Doubt(doubt) => tally.doubt(doubt),
                Outcome::Value(_) => {}
            }
            goals.push(goal);
        }
        match tally.close() {
            Outcome::Doubt(doubt) => Outcome::Doubt(doubt),
            Outcome::Empty | Outcome::Value(_) if problem.unique => {
                let last = goals.last().cloned().unwrap_or_default();
                goals.resize(count, last);
                self.build(problem, &goals)
            }
            Outcome::Empty | Outcome::Value(_) => self.build_repeating(problem, &goals, count),
        }
    }

    fn settled_from(&self, problem: &Arrays, extra: &Extra) -> usize {
        let last = extra.keys().last().map_or(0, |index| index + 1);
        let items = problem.items.iter().map(|(index, _)| index + 1).max().unwrap_or(0);
        problem.prefix_length(self).max(last).max(items)
    }

    /// The last goal's value fills what is left.
    fn build_repeating(
        &mut self,
        problem: &Arrays,
        goals: &[Vec<Literal>],
        count: usize,
    ) -> Outcome {
        let outcome = self.build(problem, goals);
        let Outcome::Value(value) = outcome else { return outcome };
        let Value::Array(items) = &*value else { return Outcome::Value(value) };
        let mut items = items.clone();
        let last = items.last().cloned().unwrap_or(Value::Null);
        if let Err(doubt) = Size::default().add(&last, count) {
            return Outcome::Doubt(doubt);
        }
        items.resize(count, last);
        Outcome::of(Value::Array(items))
    }

    /// One value per goal; different ones where items must be unique.
    pub(super) fn build(&mut self, problem: &Arrays, goals: &[Vec<Literal>]) -> Outcome {
        let mut items = Vec::with_capacity(goals.len());
        let mut size = Size::default();
        for goal in goals {
            match self.solve(goal) {
                Outcome::Value(value) => {
                    if let Err(doubt) = size.add(&value, 1) {
                        return Outcome::Doubt(doubt);
                    }
                    items.push((*value).clone());
                }
                other @ (Outcome::Empty | Outcome::Doubt(_)) => return other,
            }
        }
        if problem.unique && super::super::evaluate::has_repeats(&items) {
            return self.build_distinct(goals);
        }
        Outcome::of(Value::Array(items))
    }
}
