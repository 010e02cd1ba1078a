use std::rc::Rc;

use serde_json::{Map, Value};

use super::clause::{Demand, StringAtom};
use super::object::{Chosen, Objects, names_doubt, object_rules};
use super::{Atom, Solver};
use crate::schema::compat::goal::{Doubt, Literal, Outcome, Tally};
use crate::schema::compat::hash::HashSet;
use crate::schema::compat::node::Kind;
use crate::schema::compat::regex::{Member, PatternId};

/// Patterns whose combinations are all looked at; beyond this only some are.
const MAX_PATTERNS: usize = 6;
/// Members added to reach `minProperties`.
const MAX_PADDING: u64 = 2_000;

/// Names that the rules do not mention, by which patterns they match.
struct Fresh {
    names: Vec<Rc<str>>,
    /// Something could not be decided, so that there may be more.
    is_complete: bool,
}

impl Solver {
    /// Names under which a demand can be met: every name that is spoken of, and one new name of
    /// each sort.
    pub(super) fn names_for(
        &mut self,
        problem: &Objects,
        demand: Demand,
        (chosen, tally): (&Chosen, &mut Tally),
    ) -> Vec<Rc<str>> {
        let mentioned = self.mentioned(problem, Some(demand), chosen);
        let mut names = Vec::new();
        for name in &mentioned {
            match self.meets(demand, name) {
                Some(true) => names.push(Rc::clone(name)),
                Some(false) => {}
                None => tally.doubt(names_doubt(problem)),
            }
        }
        let fresh = self.fresh_names(problem, Some(demand), &mentioned);
        if !fresh.is_complete {
            tally.doubt(names_doubt(problem));
        }
        for name in fresh.names {
            match self.meets(demand, &name) {
                Some(true) => names.push(name),
                Some(false) => {}
                None => tally.doubt(names_doubt(problem)),
            }
        }
        names
    }

    fn meets(&self, demand: Demand, name: &Rc<str>) -> Option<bool> {
        match demand {
            Demand::Match { pattern, .. } => self.judge.matches(&self.store, pattern, name),
            Demand::Other { rules, .. } => {
                let rules = object_rules(self, rules)?;
                if rules.properties.contains_key(name) {
                    return Some(false);
                }
                let mut is_other = Some(true);
                for (pattern, _) in &rules.patterns {
                    match self.judge.matches(&self.store, *pattern, name) {
                        Some(true) => return Some(false),
                        Some(false) => {}
                        None => is_other = None,
                    }
                }
                is_other
            }
            Demand::Name(node) => {
                let text = Value::String(name.as_ref().to_owned());
                self.judge.accepts(&self.store, node, &text).map(|accepts| !accepts)
            }
        }
    }

    fn mentioned(
        &self,
        problem: &Objects,
        demand: Option<Demand>,
        chosen: &Chosen,
    ) -> Vec<Rc<str>> {
        let mut seen: HashSet<Rc<str>> = HashSet::default();
        let other = match demand {
            Some(Demand::Other { rules, .. }) => Some(rules),
            Some(Demand::Match { .. } | Demand::Name(_)) | None => None,
        };
        let nodes = problem.rules.iter().copied().chain(other);
        let declared = nodes
            .filter_map(|node| object_rules(self, node))
            .flat_map(|rules| rules.properties.keys().chain(rules.required.iter()));
        chosen
            .keys()
            .chain(declared)
            .chain(&problem.lacks)
            .filter(|name| seen.insert(Rc::clone(name)))
            .cloned()
            .collect()
    }

    /// One name of each sort that is not among `taken`.
    fn fresh_names(
        &mut self,
        problem: &Objects,
        demand: Option<Demand>,
        taken: &[Rc<str>],
    ) -> Fresh {
        let patterns = self.name_patterns(problem, demand);
        let mut literals: Vec<Literal> = problem
            .rules
            .iter()
            .filter_map(|node| object_rules(self, *node)?.names)
            .map(Literal::holds)
            .collect();
        if let Some(Demand::Name(node)) = demand {
            literals.push(Literal::fails(node));
        }
        if patterns.is_empty() && literals.is_empty() {
            return Fresh { names: vec![plain_name(taken)], is_complete: true };
        }
        let count = patterns.len().min(MAX_PATTERNS);
        let mut fresh = Fresh { names: Vec::new(), is_complete: patterns.len() <= MAX_PATTERNS };
        for signs in 0_u32..1 << count {
            let sort: Vec<(PatternId, Member)> = patterns
                .iter()
                .take(count)
                .enumerate()
                .map(|(bit, id)| {
                    (*id, if signs >> bit & 1 == 1 { Member::In } else { Member::Out })
                })
                .collect();
            match self.name_of_sort(&literals, &sort, taken) {
                Outcome::Value(name) => {
                    fresh.names.extend(name.as_str().map(Rc::from));
                }
                Outcome::Empty => {}
                Outcome::Doubt(_) => fresh.is_complete = false,
            }
        }
        fresh
    }

    fn name_patterns(&self, problem: &Objects, demand: Option<Demand>) -> Vec<PatternId> {
        let mut patterns: Vec<PatternId> = Vec::new();
        let mut nodes = problem.rules.clone();
        match demand {
            Some(Demand::Match { pattern, .. }) => patterns.push(pattern),
            Some(Demand::Other { rules, .. }) => nodes.push(rules),
            Some(Demand::Name(_)) | None => {}
        }
        for rules in nodes.iter().filter_map(|node| object_rules(self, *node)) {
            for (pattern, _) in &rules.patterns {
                if !patterns.contains(pattern) {
                    patterns.push(*pattern);
                }
            }
        }
        patterns
    }

    fn name_of_sort(
        &mut self,
        literals: &[Literal],
        sort: &[(PatternId, Member)],
        taken: &[Rc<str>],
    ) -> Outcome {
        let key = (literals.to_vec(), sort.to_vec(), taken.to_vec());
        if let Some(known) = self.names.get(&key) {
            return known.clone();
        }
        let outcome = self.find_name(literals, sort, taken);
        self.names.insert(key, outcome.clone());
        outcome
    }

    fn find_name(
        &mut self,
        literals: &[Literal],
        sort: &[(PatternId, Member)],
        taken: &[Rc<str>],
    ) -> Outcome {
        let Some(mut state) = self.expand(literals, Kind::String) else {
            return Outcome::Empty;
        };
        let sort = sort.iter().map(|(id, member)| StringAtom::Pattern(*id, *member).into());
        state.atoms.extend(sort);
        let taken: Vec<Value> =
            taken.iter().map(|name| Value::String(name.as_ref().to_owned())).collect();
        state.atoms.push(Atom::NotIn(taken.into()));
        self.search(state)
    }

    /// Adds members until `minProperties` is reached: spoken-of names first, then new ones.
    pub(super) fn pad(
        &mut self,
        problem: &Objects,
        object: &mut Map<String, Value>,
        chosen: &Chosen,
    ) -> Outcome {
        if problem.min > MAX_PADDING {
            return Outcome::Doubt(Doubt::of("minProperties"));
        }
        let mut tally = Tally::default();
        let mut count = chosen.len() as u64;
        let mut taken = self.mentioned(problem, None, chosen);
        for name in taken.iter().filter(|name| !chosen.contains_key(*name)) {
            if count >= problem.min {
                break;
            }
            let outcome = self.member_value(problem, name, &[]);
            if let Some(value) = tally.add(outcome) {
                object.insert(name.as_ref().to_owned(), (*value).clone());
                count += 1;
            }
        }
        while count < problem.min {
            let fresh = self.fresh_names(problem, None, &taken);
            if !fresh.is_complete {
                tally.doubt(names_doubt(problem));
            }
            let before = count;
            for name in fresh.names {
                let outcome = self.member_value(problem, &name, &[]);
                if let Some(value) = tally.add(outcome)
                    && count < problem.min
                {
                    object.insert(name.as_ref().to_owned(), (*value).clone());
                    count += 1;
                }
                taken.push(name);
            }
            if count == before {
                return tally.close();
            }
        }
        Outcome::of(Value::Null)
    }
}

/// A short name that is not taken.
fn plain_name(taken: &[Rc<str>]) -> Rc<str> {
    let taken: HashSet<&str> = taken.iter().map(AsRef::as_ref).collect();
    let mut number = 0_usize;
    loop {
        let name = if number == 0 { "extra".to_owned() } else { format!("extra_{number}") };
        if !taken.contains(name.as_str()) {
            return name.into();
        }
        number += 1;
    }
}
