//! Decides whether a conjunction of schemas and negated schemas has a value, and finds a small one.
//!
//! Inclusion of A in B is the emptiness of "A and not B". Each goal is split by JSON type; nested
//! goals are solved with memory. A goal that is met again below itself counts as empty there: a
//! smallest value never needs to contain a value for the same goal. Answers that rest on such an
//! assumption are kept apart until the assumption is settled.

mod array;
mod array_counts;
mod blame;
mod clause;
mod deny;
mod distinct;
mod expand;
mod explain;
mod number;
mod object;
mod object_names;
mod outlook;
mod overlap;
mod search;
mod seen;
mod string;

use serde_json::Value;
use std::rc::Rc;

use self::clause::{Alternative, Atom, Clause};
use self::search::State;
use super::Side;
use super::evaluate::{Judge, Truth, all, not};
use super::goal::{Doubt, Goal, Literal, Outcome, Sign, Tally};
use super::json::is_equal;
use super::node::{Body, Kind, Node, NodeId, Pointer, Rules, Values};
use super::parse::Store;
use super::regex::{Member, PatternId};
use crate::schema::compat::hash::HashMap;

/// Work allowed for one direction of one pair.
const MAX_STEPS: usize = 60_000;
/// The same, in smaller coin: what a step costs grows with the size of the unions.
const MAX_EFFORT: usize = 6_000_000;
/// Nested goals deeper than this are not followed.
const MAX_DEPTH: usize = 90;
/// No smallest depth: an answer rests on no assumption.
const SETTLED: usize = usize::MAX;

#[derive(Debug, Clone)]
enum Known {
    /// Being solved, at this depth of the stack.
    Open(usize),
    Settled(Outcome),
    /// Empty as long as the goal at this depth is.
    Assumed(usize),
}

type Key = Vec<(u32, Sign)>;

pub(super) struct Solver {
    pub(super) store: Store,
    pub(super) judge: Judge,
    known: HashMap<Key, Known>,
    /// Goals in `known` that are only assumed, in the order in which they were entered.
    assumed: Vec<Key>,
    depth: usize,
    /// The smallest depth that the current answer rests on.
    rests_on: usize,
    steps: usize,
    /// Alternatives weighed and literals taken up.
    effort: usize,
    constants: HashMap<String, NodeId>,
    /// By node: what its `oneOf` adds to `anyOf`, and the clause it makes of it.
    overlaps: HashMap<u32, Rc<overlap::Overlaps>>,
    exclusive: HashMap<u32, Rc<Clause>>,
    denials: HashMap<(u32, Kind), deny::Denial>,
    /// Member names found for a sort of names.
    names: HashMap<NameKey, Outcome>,
}

/// What a name must satisfy, which patterns it matches, and which names are taken.
type NameKey = (Vec<Literal>, Vec<(PatternId, Member)>, Vec<Rc<str>>);

/// What an answer stands on.
#[derive(Clone, Copy)]
struct Footing {
    /// The smallest depth it rests on.
    rests_on: usize,
    /// Where the answers that were assumed below it begin.
    first_assumed: usize,
}

impl Solver {
    pub(super) fn new(store: Store) -> Self {
        Self {
            store,
            judge: Judge::default(),
            known: HashMap::default(),
            assumed: Vec::new(),
            depth: 0,
            rests_on: SETTLED,
            steps: 0,
            constants: HashMap::default(),
            overlaps: HashMap::default(),
            exclusive: HashMap::default(),
            denials: HashMap::default(),
            effort: 0,
            names: HashMap::default(),
        }
    }

    /// A value for which all literals hold.
    pub(super) fn solve(&mut self, literals: &[Literal]) -> Outcome {
        let (literals, key) = match Goal::new(&self.store.arena, literals) {
            Goal::Trivial => return Outcome::of(Value::Null),
            Goal::Contradiction => return Outcome::Empty,
            Goal::Open { literals, key } => (literals, key),
        };
        match self.known.get(&key) {
            Some(Known::Settled(outcome)) => return outcome.clone(),
            Some(Known::Open(depth) | Known::Assumed(depth)) => {
                self.rests_on = self.rests_on.min(*depth);
                return Outcome::Empty;
            }
            None => {}
        }
        self.steps += 1;
        if self.is_exhausted() || self.depth >= MAX_DEPTH {
            let keyword = if self.depth >= MAX_DEPTH { "depth" } else { "complexity" };
            return Outcome::Doubt(Doubt { keyword: keyword.to_owned(), node: None });
        }
        self.solve_fresh(&literals, key)
    }

    fn is_exhausted(&self) -> bool {
        self.steps > MAX_STEPS || self.effort > MAX_EFFORT
    }

    fn solve_fresh(&mut self, literals: &[Literal], key: Key) -> Outcome {
        let outer = std::mem::replace(&mut self.rests_on, SETTLED);
        let first_assumed = self.assumed.len();
        self.known.insert(key.clone(), Known::Open(self.depth));
        self.depth += 1;
        let outcome = self.solve_kinds(literals);
        self.depth -= 1;
        let rests_on = std::mem::replace(&mut self.rests_on, outer);
        // What rests on this goal alone rests on nothing once it is known.
        let rests_on = if rests_on >= self.depth { SETTLED } else { rests_on };
        if !matches!(outcome, Outcome::Value(_)) {
            self.rests_on = self.rests_on.min(rests_on);
        }
        self.record(key, &outcome, Footing { rests_on, first_assumed });
        outcome
    }

    fn record(&mut self, key: Key, outcome: &Outcome, footing: Footing) {
        let Footing { rests_on, first_assumed } = footing;
        match outcome {
            Outcome::Empty if rests_on != SETTLED => {
                for entry in &self.assumed[first_assumed..] {
                    self.known.insert(entry.clone(), Known::Assumed(rests_on));
                }
                self.known.insert(key.clone(), Known::Assumed(rests_on));
                self.assumed.push(key);
            }
            Outcome::Empty => {
                for entry in self.assumed.drain(first_assumed..) {
                    self.known.insert(entry, Known::Settled(Outcome::Empty));
                }
                self.known.insert(key, Known::Settled(Outcome::Empty));
            }
            Outcome::Value(_) | Outcome::Doubt(_) => {
                for entry in self.assumed.drain(first_assumed..) {
                    self.known.remove(&entry);
                }
                if matches!(outcome, Outcome::Value(_)) || rests_on == SETTLED {
                    self.known.insert(key, Known::Settled(outcome.clone()));
                } else {
                    self.known.remove(&key);
                }
            }
        }
    }

    fn solve_kinds(&mut self, literals: &[Literal]) -> Outcome {
        let mut tally = Tally::default();
        for kind in Kind::ALL {
            let Some(state) = self.expand(literals, kind) else { continue };
            let outcome = self.search(state);
            if let Some(value) = tally.add(outcome) {
                return Outcome::Value(value);
            }
        }
        tally.close()
    }

    /// Whether all literals hold for this value.
    pub(super) fn satisfies(&self, literals: &[Literal], value: &Value) -> Truth {
        all(literals.iter().map(|literal| {
            let truth = self.judge.accepts(&self.store, literal.node, value);
            match literal.sign {
                Sign::Holds => truth,
                Sign::Fails => not(truth),
            }
        }))
    }

    /// A node that accepts exactly this value.
    pub(super) fn constant(&mut self, value: &Value) -> NodeId {
        let text = value.to_string();
        if let Some(id) = self.constants.get(&text) {
            return *id;
        }
        let mut rules = Rules::empty();
        rules.values = Some(Values { keyword: "const", list: vec![value.clone()] });
        let id = self.synthetic(Body::Rules(Box::new(rules)));
        self.constants.insert(text, id);
        id
    }

    fn synthetic(&mut self, body: Body) -> NodeId {
        let node = Node { side: Side::Reader, pointer: Pointer::default(), body };
        self.store.arena.add(node, None)
    }

    /// The only value a node can have, when it lists values.
    fn listed_values(&self, node: NodeId) -> Option<&[Value]> {
        match &self.store.arena.node(self.store.arena.resolve(node)).body {
            Body::Rules(rules) => rules.values.as_ref().map(|values| values.list.as_slice()),
            Body::Always | Body::Never | Body::Reference(_) => None,
        }
    }

    /// Provably no value satisfies both. Cheap: looks at types, listed values and tags only.
    pub(super) fn are_disjoint(&self, left: NodeId, right: NodeId) -> bool {
        let (a, b) = (self.store.arena.get(left), self.store.arena.get(right));
        let (Body::Rules(a), Body::Rules(b)) = (&a.body, &b.body) else {
            return matches!(a.body, Body::Never) || matches!(b.body, Body::Never);
        };
        let shared = a.kinds.intersect(b.kinds);
        if Kind::ALL.iter().all(|kind| !shared.contains(*kind)) {
            return true;
        }
        if let (Some(a), Some(b)) = (&a.values, &b.values) {
            return !a.list.iter().any(|a| b.list.iter().any(|b| is_equal(a, b)));
        }
        let only_objects =
            Kind::ALL.iter().all(|kind| *kind == Kind::Object || !shared.contains(*kind));
        let (Some(a), Some(b), true) = (&a.object, &b.object, only_objects) else {
            return false;
        };
        a.required.iter().any(|name| {
            let tags = |rules: &super::node::ObjectRules| {
                rules.properties.get(name).and_then(|node| self.listed_values(*node))
            };
            let (Some(a), Some(b)) = (tags(a), tags(b)) else { return false };
            !a.iter().any(|a| b.iter().any(|b| is_equal(a, b)))
        }) || b.required.iter().any(|name| {
            let tags = |rules: &super::node::ObjectRules| {
                rules.properties.get(name).and_then(|node| self.listed_values(*node))
            };
            let (Some(a), Some(b)) = (tags(a), tags(b)) else { return false };
            !a.iter().any(|a| b.iter().any(|b| is_equal(a, b)))
        })
    }
}
