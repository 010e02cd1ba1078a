use std::rc::Rc;

use serde_json::{Map, Value};

use super::clause::{Demand, ObjectAtom};
use super::{Atom, Solver, State};
use crate::schema::compat::goal::{Doubt, Literal, Outcome, Size, Tally};
use crate::schema::compat::hash::IndexMap;
use crate::schema::compat::node::{Arena, Body, NodeId, ObjectRules};

/// Objects of one state: rules that every member obeys, and members that must exist.
#[derive(Debug, Default)]
pub(super) struct Objects {
    pub(super) rules: Vec<NodeId>,
    pub(super) has: Vec<Rc<str>>,
    pub(super) lacks: Vec<Rc<str>>,
    /// Members that are there, with what each must satisfy beyond the rules.
    pub(super) members: Vec<(Rc<str>, Literal)>,
    pub(super) demands: Vec<Demand>,
    pub(super) min: u64,
    pub(super) max: Option<u64>,
}

/// Members that the object will have, with what their values must satisfy beyond the rules.
pub(super) type Chosen = IndexMap<Rc<str>, Vec<Literal>>;

impl Objects {
    fn add(&mut self, atom: &ObjectAtom) {
        match atom {
            ObjectAtom::MinProperties(min) => self.min = self.min.max(*min),
            ObjectAtom::MaxProperties(max) => self.limit(*max),
            ObjectAtom::Has(name) => self.has.push(Rc::clone(name)),
            ObjectAtom::Lacks(name) => self.lacks.push(Rc::clone(name)),
            ObjectAtom::Member { name, literal } => {
                self.members.push((Rc::clone(name), *literal));
            }
            ObjectAtom::Demand(demand) => self.demands.push(*demand),
        }
    }

    fn limit(&mut self, max: u64) {
        self.max = Some(self.max.map_or(max, |known| known.min(max)));
    }

    pub(super) fn requires(&self, solver: &Solver, name: &str) -> bool {
        self.has.iter().any(|has| **has == *name)
            || self.members.iter().any(|(member, _)| **member == *name)
            || self.rules.iter().any(|node| {
                object_rules(solver, *node).is_some_and(|rules| rules.required.contains(name))
            })
    }
}

pub(super) fn object_rules(solver: &Solver, node: NodeId) -> Option<&ObjectRules> {
    match &solver.store.arena.node(node).body {
        Body::Rules(rules) => rules.object.as_deref(),
        Body::Always | Body::Never | Body::Reference(_) => None,
    }
}

impl Solver {
    pub(super) fn object_problem(&self, atoms: &[Atom]) -> Objects {
        let mut problem = Objects::default();
        for atom in atoms {
            match atom {
                Atom::Rules(node) => {
                    let Some(rules) = object_rules(self, *node) else { continue };
                    problem.min = problem.min.max(rules.min);
                    rules.max.iter().for_each(|max| problem.limit(*max));
                    problem.rules.push(*node);
                }
                Atom::Object(atom) => problem.add(atom),
                Atom::NotIn(_)
                | Atom::Number(_)
                | Atom::String(_)
                | Atom::Array(_)
                | Atom::Unmodelled { .. } => {}
            }
        }
        problem
    }

    /// What a member of this name must satisfy, if it is there; `None` when that is not known.
    pub(super) fn member_goal(&self, problem: &Objects, name: &Rc<str>) -> Option<Vec<Literal>> {
        let mut literals = Vec::new();
        if problem.lacks.contains(name) {
            literals.push(Literal::holds(Arena::NEVER));
        }
        for node in &problem.rules {
            let Some(rules) = object_rules(self, *node) else { continue };
            if let Some(names) = rules.names {
                let text = Value::String(name.as_ref().to_owned());
                if !self.judge.accepts(&self.store, names, &text)? {
                    literals.push(Literal::holds(Arena::NEVER));
                }
            }
            let declared = rules.properties.get(name);
            let mut is_covered = declared.is_some();
            literals.extend(declared.copied().map(Literal::holds));
            for (pattern, node) in &rules.patterns {
                if self.judge.matches(&self.store, *pattern, name)? {
                    is_covered = true;
                    literals.push(Literal::holds(*node));
                }
            }
            if let Some(others) = rules.others
                && !is_covered
            {
                literals.push(Literal::holds(others));
            }
        }
        let own = problem.members.iter().filter(|(member, _)| member == name);
        literals.extend(own.map(|(_, literal)| *literal));
        Some(literals)
    }

    pub(super) fn settle_object(&mut self, state: &State) -> Outcome {
        let problem = self.object_problem(&state.atoms);
        let mut chosen = Chosen::default();
        for name in problem.members.iter().map(|(name, _)| name).chain(&problem.has) {
            chosen.entry(Rc::clone(name)).or_default();
        }
        for name in chosen.keys() {
            let Some(literals) = self.member_goal(&problem, name) else { continue };
            if matches!(self.solve(&literals), Outcome::Empty) {
                return Outcome::Empty;
            }
        }
        self.place(&problem, 0, &chosen)
    }

    /// Gives each demand a name, in every way that can make a difference.
    fn place(&mut self, problem: &Objects, at: usize, chosen: &Chosen) -> Outcome {
        let Some(demand) = problem.demands.get(at).copied() else {
            return self.fill(problem, chosen.clone());
        };
        let mut tally = Tally::default();
        let names = self.names_for(problem, demand, (chosen, &mut tally));
        for name in names {
            let mut next = chosen.clone();
            let extra = next.entry(Rc::clone(&name)).or_default();
            match demand {
                Demand::Match { node, .. } | Demand::Other { node, .. } => {
                    extra.push(Literal::fails(node));
                }
                Demand::Name(_) => {}
            }
            let literals = extra.clone();
            let outcome = match self.member_value(problem, &name, &literals) {
                Outcome::Empty => continue,
                Outcome::Value(_) | Outcome::Doubt(_) => self.place(problem, at + 1, &next),
            };
            if let Some(value) = tally.add(outcome) {
                return Outcome::Value(value);
            }
        }
        tally.close()
    }

    pub(super) fn member_value(
        &mut self,
        problem: &Objects,
        name: &Rc<str>,
        extra: &[Literal],
    ) -> Outcome {
        let Some(mut literals) = self.member_goal(problem, name) else {
            return Outcome::Doubt(names_doubt(problem));
        };
        literals.extend(extra);
        self.solve(&literals)
    }

    /// Members in the order in which the schema declares them.
    fn order(&self, problem: &Objects, chosen: &mut Chosen) {
        if chosen.len() < 2 {
            return;
        }
        let declared = problem.rules.iter().filter_map(|node| object_rules(self, *node));
        let declaring = declared.max_by_key(|rules| rules.properties.len());
        if let Some(rules) = declaring {
            chosen.sort_by_cached_key(|name, _| {
                rules.properties.get_index_of(name).unwrap_or(usize::MAX)
            });
        }
    }

    /// Builds the object out of the chosen and the required members.
    fn fill(&mut self, problem: &Objects, mut chosen: Chosen) -> Outcome {
        for node in &problem.rules {
            for name in object_rules(self, *node).into_iter().flat_map(|rules| &rules.required) {
                chosen.entry(Rc::clone(name)).or_default();
            }
        }
        if problem.max.is_some_and(|max| max < problem.min || chosen.len() as u64 > max) {
            return Outcome::Empty;
        }
        let mut tally = Tally::default();
        let mut object = Map::new();
        let mut size = Size::default();
        self.order(problem, &mut chosen);
        for (name, extra) in &chosen {
            match self.member_value(problem, name, extra) {
                Outcome::Empty => return Outcome::Empty,
                Outcome::Doubt(doubt) => tally.doubt(doubt),
                Outcome::Value(value) => {
                    if let Err(doubt) = size.add(&value, 1) {
                        return Outcome::Doubt(doubt);
                    }
                    object.insert(name.as_ref().to_owned(), (*value).clone());
                }
            }
        }
        if (chosen.len() as u64) < problem.min {
            match self.pad(problem, &mut object, &chosen) {
                Outcome::Empty => return Outcome::Empty,
                Outcome::Doubt(doubt) => tally.doubt(doubt),
                Outcome::Value(_) => {}
            }
        }
        match tally.close() {
            Outcome::Doubt(doubt) => Outcome::Doubt(doubt),
            Outcome::Empty | Outcome::Value(_) => Outcome::of(Value::Object(object)),
        }
    }
}

pub(super) fn names_doubt(problem: &Objects) -> Doubt {
    let node = problem.rules.first().copied();
    Doubt { keyword: "patternProperties".to_owned(), node }
}
