//! Whether one value satisfies a node: true, false, or unknown where a keyword has no model.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use serde_json::{Map, Value};

use super::format::FormatChecks;
use super::json::is_equal;
use super::node::{
    Applicator, ArrayRules, Body, Bound, Edge, Kind, NodeId, NumberRules, ObjectRules, Rules,
    StringRules,
};
use super::number::{Rational, is_multiple, rational};
use super::parse::Store;
use super::regex::{Member, PatternId};

/// References followed within one value before a schema counts as going in circles.
const MAX_DEPTH: usize = 160;
/// Schemas that one value is held against before it is given up: parts that are named twice at
/// every level make them double.
const MAX_VISITS: usize = 300_000;
/// The same, for all values together.
const MAX_ALL_VISITS: usize = 20_000_000;

/// Truth in Kleene's logic.
pub(super) type Truth = Option<bool>;

/// All of them: false wins over unknown.
pub(super) fn all(truths: impl IntoIterator<Item = Truth>) -> Truth {
    let mut result = Some(true);
    for truth in truths {
        match truth {
            Some(false) => return Some(false),
            None => result = None,
            Some(true) => {}
        }
    }
    result
}

fn any(truths: impl IntoIterator<Item = Truth>) -> Truth {
    not(all(truths.into_iter().map(not)))
}

pub(super) fn not(truth: Truth) -> Truth {
    truth.map(|truth| !truth)
}

/// Evaluates values against nodes; format checks are built on first use.
#[derive(Debug, Default)]
pub(super) struct Judge {
    pub(super) formats: RefCell<FormatChecks>,
    visits: Cell<usize>,
    all_visits: Cell<usize>,
    has_given_up: Cell<bool>,
}

#[derive(Clone, Copy)]
struct View<'s> {
    judge: &'s Judge,
    store: &'s Store,
    depth: usize,
}

impl Judge {
    pub(super) fn accepts(&self, store: &Store, node: NodeId, value: &Value) -> Truth {
        self.all_visits.set(self.all_visits.get() + self.visits.replace(0));
        View { judge: self, store, depth: 0 }.accepts(node, value)
    }

    /// Whether a value, or all of them, took more work than is allowed: nothing is evaluated any
    /// more, and a validator without limits must not be asked.
    pub(super) fn has_given_up(&self) -> bool {
        self.has_given_up.get()
    }

    fn count_visit(&self) {
        self.visits.set(self.visits.get() + 1);
        if self.visits.get() > MAX_VISITS || self.all_visits.get() > MAX_ALL_VISITS {
            self.has_given_up.set(true);
        }
    }

    pub(super) fn matches(&self, store: &Store, pattern: PatternId, text: &str) -> Truth {
        match store.patterns.get(pattern) {
            Some(pattern) => pattern.matches(text),
            None => self.formats.borrow_mut().matches(store.patterns.text(pattern), text),
        }
    }

    pub(super) fn has_format(&self, name: &Rc<str>, text: &str) -> Truth {
        self.formats.borrow_mut().accepts(name, text)
    }
}

impl View<'_> {
    fn accepts(mut self, node: NodeId, value: &Value) -> Truth {
        self.depth += 1;
        self.judge.count_visit();
        if self.depth > MAX_DEPTH || self.judge.has_given_up() {
            return None;
        }
        match &self.store.arena.node(node).body {
            Body::Always => Some(true),
            Body::Never => Some(false),
            Body::Reference(target) => self.accepts(*target, value),
            Body::Rules(rules) => self.rules(rules, value),
        }
    }

    fn rules(self, rules: &Rules, value: &Value) -> Truth {
        if !rules.kinds.contains(Kind::of(value)) {
            return Some(false);
        }
        if let Some(values) = &rules.values
            && !values.list.iter().any(|listed| is_equal(listed, value))
        {
            return Some(false);
        }
        let typed = match value {
            Value::Null | Value::Bool(_) => Some(true),
            Value::Number(number) => {
                rational(number).map(|number| in_range(&rules.number, &number))
            }
            Value::String(text) => self.string(&rules.string, text),
            Value::Array(items) => {
                rules.array.as_deref().map_or(Some(true), |array| self.array(array, items))
            }
            Value::Object(map) => {
                rules.object.as_deref().map_or(Some(true), |object| self.object(object, map))
            }
        };
        let applied = rules.applicators.iter().map(|applicator| self.applicator(applicator, value));
        let modelled = rules.unmodelled.is_empty().then_some(true);
        all([typed, modelled].into_iter().chain(applied))
    }

    fn string(self, rules: &StringRules, text: &str) -> Truth {
        let length = text.chars().count() as u64;
        if length < rules.min || rules.max.is_some_and(|max| length > max) {
            return Some(false);
        }
        let patterns = rules.patterns.iter().map(|(id, member)| {
            let matched = self.judge.matches(self.store, *id, text);
            matched.map(|matched| matched == (*member == Member::In))
        });
        let formats = rules.formats.iter().map(|name| self.judge.has_format(name, text));
        all(patterns.chain(formats))
    }

    fn array(self, rules: &ArrayRules, items: &[Value]) -> Truth {
        let count = items.len() as u64;
        if count < rules.min || rules.max.is_some_and(|max| count > max) {
            return Some(false);
        }
        if rules.unique && has_repeats(items) {
            return Some(false);
        }
        let each = items.iter().enumerate().map(|(index, item)| {
            let node = rules.prefix.get(index).copied().or(rules.tail);
            node.map_or(Some(true), |node| self.accepts(node, item))
        });
        let contained = rules.contains.map_or(Some(true), |contains| {
            let truths: Vec<Truth> =
                items.iter().map(|item| self.accepts(contains.node, item)).collect();
            let sure = truths.iter().filter(|truth| **truth == Some(true)).count() as u64;
            let possible = truths.iter().filter(|truth| **truth != Some(false)).count() as u64;
            let fits = |count: u64| {
                count >= contains.low && contains.high.is_none_or(|high| count <= high)
            };
            if sure == possible {
                Some(fits(sure))
            } else if possible < contains.low || contains.high.is_some_and(|high| sure > high) {
                Some(false)
            } else {
                None
            }
        });
        all(each.chain([contained]))
    }

    fn object(self, rules: &ObjectRules, map: &Map<String, Value>) -> Truth {
        let count = map.len() as u64;
        if count < rules.min
            || rules.max.is_some_and(|max| count > max)
            || rules.required.iter().any(|name| !map.contains_key(&**name))
        {
            return Some(false);
        }
        all(map.iter().map(|(name, value)| self.member(rules, name, value)))
    }

    fn member(self, rules: &ObjectRules, name: &str, value: &Value) -> Truth {
        let named = rules
            .names
            .map_or(Some(true), |names| self.accepts(names, &Value::String(name.to_owned())));
        let declared = rules.properties.get(name);
        let own = declared.map_or(Some(true), |node| self.accepts(*node, value));
        let mut covered = Some(declared.is_some());
        let mut truths = vec![named, own];
        for (id, node) in &rules.patterns {
            let matched = self.judge.matches(self.store, *id, name);
            truths.push(any([not(matched), self.accepts(*node, value)]));
            covered = any([covered, matched]);
        }
        if let Some(others) = rules.others {
            truths.push(any([covered, self.accepts(others, value)]));
        }
        all(truths)
    }

    fn applicator(self, applicator: &Applicator, value: &Value) -> Truth {
        match applicator {
            Applicator::All(nodes) => all(nodes.iter().map(|node| self.accepts(*node, value))),
            Applicator::Any { branches, .. } => {
                any(branches.iter().map(|node| self.accepts(*node, value)))
            }
            Applicator::One(nodes) => {
                let truths: Vec<Truth> =
                    nodes.iter().map(|node| self.accepts(*node, value)).collect();
                let sure = truths.iter().filter(|truth| **truth == Some(true)).count();
                let open = truths.iter().filter(|truth| truth.is_none()).count();
                match (sure, open) {
                    (1, 0) => Some(true),
                    (0, 0) | (2.., _) => Some(false),
                    (_, _) => None,
                }
            }
            Applicator::Not(node) => not(self.accepts(*node, value)),
            Applicator::If { condition, then, otherwise } => {
                let holds = self.accepts(*condition, value);
                let branch = |node: &Option<NodeId>| {
                    node.map_or(Some(true), |node| self.accepts(node, value))
                };
                match holds {
                    Some(true) => branch(then),
                    Some(false) => branch(otherwise),
                    None => {
                        let (then, otherwise) = (branch(then), branch(otherwise));
                        if then == otherwise { then } else { None }
                    }
                }
            }
            Applicator::Dependent { name, node, .. } => {
                let has_name = value.as_object().is_some_and(|map| map.contains_key(&**name));
                if has_name { self.accepts(*node, value) } else { Some(true) }
            }
        }
    }
}

pub(super) fn in_range(rules: &NumberRules, number: &Rational) -> bool {
    let above = |bound: &Bound| match bound.edge {
        Edge::Included => *number >= bound.value,
        Edge::Excluded => *number > bound.value,
    };
    let below = |bound: &Bound| match bound.edge {
        Edge::Included => *number <= bound.value,
        Edge::Excluded => *number < bound.value,
    };
    rules.lower.iter().all(above)
        && rules.upper.iter().all(below)
        && rules.multiples.iter().all(|step| is_multiple(number, step))
        && (!rules.integer || number.is_integer())
}

pub(super) fn has_repeats(items: &[Value]) -> bool {
    items.iter().enumerate().any(|(at, item)| items[..at].iter().any(|other| is_equal(other, item)))
}
