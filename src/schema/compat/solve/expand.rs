use std::rc::Rc;

use serde_json::Value;

use super::{Alternative, Atom, Clause, Solver, State};
use crate::schema::compat::goal::{Literal, Sign};
use crate::schema::compat::node::{
    Applicator, Arena, ArrayRules, Body, Bound, Contains, Edge, Kind, Kinds, NodeId, NumberRules, ObjectRules,
    Rules, StringRules,
};
use crate::schema::compat::number::one;
use crate::schema::compat::regex::Member;

/// Literals that one value may be asked about before the schema counts as going in circles.
const MAX_LITERALS: usize = 4_000;

/// What a negated node demands of values of one type.
enum Denial {
    /// The type alone makes the node fail.
    Met,
    Clause(Vec<Alternative>),
}

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
        let mut work: Vec<Literal> = literals.iter().rev().copied().collect();
        while let Some(literal) = work.pop() {
            let node = self.store.arena.resolve(literal.node);
            let class = self.store.arena.class(node);
            match state.seen.iter().find(|(known, _)| *known == class) {
                Some((_, sign)) if *sign == literal.sign => continue,
                Some(_) => return None,
                None => state.seen.push((class, literal.sign)),
            }
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
                (Body::Rules(rules), Sign::Fails) => {
                    match self.deny(node, rules, state.kind) {
                        Denial::Met => {}
                        Denial::Clause(alternatives) => {
                            if alternatives.is_empty() {
                                return None;
                            }
                            state.clauses.push(Rc::new(Clause { origin: literal, alternatives }));
                        }
                    }
                }
            }
        }
        Some(state)
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
            Applicator::Any { keyword, branches } => clause(each_holds(keyword, branches)),
            Applicator::One(nodes) => {
                clause(each_holds("oneOf", nodes));
                for (at, left) in nodes.iter().enumerate() {
                    for right in &nodes[at + 1..] {
                        if !self.are_disjoint(*left, *right) {
                            clause(vec![
                                Alternative::literals("oneOf", vec![Literal::fails(*left)]),
                                Alternative::literals("oneOf", vec![Literal::fails(*right)]),
                            ]);
                        }
                    }
                }
            }
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
                        Alternative::atom(keyword, Atom::Lacks(Rc::clone(name))),
                        Alternative::literals(keyword, vec![Literal::holds(*inner)]),
                    ]);
                }
            }
        }
    }

    fn deny(&mut self, node: NodeId, rules: &Rules, kind: Kind) -> Denial {
        if !rules.kinds.contains(kind) {
            return Denial::Met;
        }
        let mut list = Vec::new();
        if let Some(values) = &rules.values {
            let of_kind: Vec<Value> =
                values.list.iter().filter(|value| Kind::of(value) == kind).cloned().collect();
            if of_kind.is_empty() {
                return Denial::Met;
            }
            list.push(self.deny_values(values.keyword, of_kind, kind));
        }
        match kind {
            Kind::Null | Kind::Boolean => {}
            Kind::Number => deny_number(&rules.number, &mut list),
            Kind::String => deny_string(&rules.string, &mut list),
            Kind::Array => rules.array.iter().for_each(|array| deny_array(array, &mut list)),
            Kind::Object => {
                rules.object.iter().for_each(|object| deny_object(node, object, &mut list));
            }
        }
        for applicator in &rules.applicators {
            self.deny_applicator(applicator, kind, &mut list);
        }
        for keyword in &rules.unmodelled {
            let atom = Atom::Unmodelled { keyword: keyword.as_str().into(), node };
            list.push(Alternative::atom(keyword, atom));
        }
        Denial::Clause(list)
    }

    /// Scalars are excluded as they are; an array or object differs from a given one in one of
    /// the ways that its own schema can fail.
    fn deny_values(&mut self, keyword: &str, values: Vec<Value>, kind: Kind) -> Alternative {
        match kind {
            Kind::Null | Kind::Boolean | Kind::Number | Kind::String => {
                Alternative::atom(keyword, Atom::NotIn(values.into()))
            }
            Kind::Array | Kind::Object => {
                let literals =
                    values.iter().map(|value| Literal::fails(self.structure(value))).collect();
                Alternative::literals(keyword, literals)
            }
        }
    }

    /// A node that accepts exactly this value, spelled out member by member.
    fn structure(&mut self, value: &Value) -> NodeId {
        let mut rules = Rules::empty();
        rules.kinds = Kinds::NONE.with(Kind::of(value));
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                return self.constant(value);
            }
            Value::Array(items) => {
                rules.array = Some(Box::new(ArrayRules {
                    prefix: items.iter().map(|item| self.structure(item)).collect(),
                    min: items.len() as u64,
                    max: Some(items.len() as u64),
                    ..ArrayRules::default()
                }));
            }
            Value::Object(map) => {
                rules.object = Some(Box::new(ObjectRules {
                    properties: map
                        .iter()
                        .map(|(name, value)| (Rc::from(name.as_str()), self.structure(value)))
                        .collect(),
                    others: Some(Arena::NEVER),
                    others_keyword: "additionalProperties",
                    required: map.keys().map(|name| Rc::from(name.as_str())).collect(),
                    ..ObjectRules::default()
                }));
            }
        }
        self.synthetic(Body::Rules(Box::new(rules)))
    }

    fn deny_applicator(
        &mut self,
        applicator: &Applicator,
        kind: Kind,
        list: &mut Vec<Alternative>,
    ) {
        let mut add = |keyword: &str, literals| list.push(Alternative::literals(keyword, literals));
        match applicator {
            Applicator::All(nodes) => {
                nodes.iter().for_each(|node| add("allOf", vec![Literal::fails(*node)]));
            }
            Applicator::Any { keyword, branches } => {
                add(keyword, branches.iter().copied().map(Literal::fails).collect());
            }
            Applicator::One(nodes) => {
                add("oneOf", nodes.iter().copied().map(Literal::fails).collect());
                for (at, left) in nodes.iter().enumerate() {
                    for right in &nodes[at + 1..] {
                        if !self.are_disjoint(*left, *right) {
                            add("oneOf", vec![Literal::holds(*left), Literal::holds(*right)]);
                        }
                    }
                }
            }
            Applicator::Not(node) => add("not", vec![Literal::holds(*node)]),
            Applicator::If { condition, then, otherwise } => {
                if let Some(then) = then {
                    add("then", vec![Literal::holds(*condition), Literal::fails(*then)]);
                }
                if let Some(otherwise) = otherwise {
                    add("else", vec![Literal::fails(*condition), Literal::fails(*otherwise)]);
                }
            }
            Applicator::Dependent { name, node, keyword } => {
                if kind == Kind::Object {
                    list.push(Alternative {
                        keyword: (*keyword).into(),
                        atoms: vec![Atom::Has(Rc::clone(name))],
                        literals: vec![Literal::fails(*node)],
                    });
                }
            }
        }
    }
}

fn each_holds(keyword: &str, nodes: &[NodeId]) -> Vec<Alternative> {
    nodes
        .iter()
        .map(|node| Alternative::literals(keyword, vec![Literal::holds(*node)]))
        .collect()
}

fn deny_number(rules: &NumberRules, list: &mut Vec<Alternative>) {
    let outside = |bound: &Bound| Bound {
        value: bound.value.clone(),
        edge: match bound.edge {
            Edge::Included => Edge::Excluded,
            Edge::Excluded => Edge::Included,
        },
    };
    let name = |bound: &Bound, included: &'static str, excluded: &'static str| match bound.edge {
        Edge::Included => included,
        Edge::Excluded => excluded,
    };
    if rules.integer {
        list.push(Alternative::atom("type", Atom::NotMultiple(one())));
    }
    for bound in &rules.lower {
        let keyword = name(bound, "minimum", "exclusiveMinimum");
        list.push(Alternative::atom(keyword, Atom::Upper(outside(bound))));
    }
    for bound in &rules.upper {
        let keyword = name(bound, "maximum", "exclusiveMaximum");
        list.push(Alternative::atom(keyword, Atom::Lower(outside(bound))));
    }
    for step in &rules.multiples {
        list.push(Alternative::atom("multipleOf", Atom::NotMultiple(step.clone())));
    }
}

fn deny_string(rules: &StringRules, list: &mut Vec<Alternative>) {
    if rules.min > 0 {
        list.push(Alternative::atom("minLength", Atom::MaxLength(rules.min - 1)));
    }
    if let Some(max) = rules.max {
        list.push(Alternative::atom("maxLength", Atom::MinLength(max.saturating_add(1))));
    }
    for (id, member) in &rules.patterns {
        let flipped = match member {
            Member::In => Member::Out,
            Member::Out => Member::In,
        };
        list.push(Alternative::atom("pattern", Atom::Pattern(*id, flipped)));
    }
    for name in &rules.formats {
        list.push(Alternative::atom("format", Atom::Format(Rc::clone(name), Member::Out)));
    }
}

fn deny_array(rules: &ArrayRules, list: &mut Vec<Alternative>) {
    if rules.min > 0 {
        list.push(Alternative::atom("minItems", Atom::MaxItems(rules.min - 1)));
    }
    if let Some(max) = rules.max {
        list.push(Alternative::atom("maxItems", Atom::MinItems(max.saturating_add(1))));
    }
    if rules.unique {
        list.push(Alternative::atom("uniqueItems", Atom::Repeats));
    }
    for (index, node) in rules.prefix.iter().enumerate() {
        list.push(Alternative::atom("prefixItems", Atom::ItemFails { index, node: *node }));
    }
    if let Some(node) = rules.tail {
        let atom = Atom::LaterItemFails { from: rules.prefix.len(), node };
        list.push(Alternative::atom("items", atom));
    }
    if let Some(Contains { node, low, high }) = rules.contains {
        if low > 0 {
            let count = Contains { node, low: 0, high: Some(low - 1) };
            list.push(Alternative::atom("contains", Atom::Count(count)));
        }
        if let Some(high) = high {
            let count = Contains { node, low: high.saturating_add(1), high: None };
            list.push(Alternative::atom("maxContains", Atom::Count(count)));
        }
    }
}

fn deny_object(node: NodeId, rules: &ObjectRules, list: &mut Vec<Alternative>) {
    for name in &rules.required {
        list.push(Alternative::atom("required", Atom::Lacks(Rc::clone(name))));
    }
    if rules.min > 0 {
        list.push(Alternative::atom("minProperties", Atom::MaxProperties(rules.min - 1)));
    }
    if let Some(max) = rules.max {
        let atom = Atom::MinProperties(max.saturating_add(1));
        list.push(Alternative::atom("maxProperties", atom));
    }
    for (name, inner) in &rules.properties {
        let atom = Atom::MemberFails { name: Rc::clone(name), node: *inner };
        list.push(Alternative::atom("properties", atom));
    }
    for (pattern, inner) in &rules.patterns {
        let atom = Atom::MatchFails { pattern: *pattern, node: *inner };
        list.push(Alternative::atom("patternProperties", atom));
    }
    if let Some(others) = rules.others {
        let atom = Atom::OtherFails { rules: node, node: others };
        list.push(Alternative::atom(rules.others_keyword, atom));
    }
    if let Some(names) = rules.names {
        list.push(Alternative::atom("propertyNames", Atom::NameFails(names)));
    }
}
