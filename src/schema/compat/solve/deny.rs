use std::rc::Rc;

use serde_json::Value;

use super::clause::{ArrayAtom, Demand, NumberAtom, ObjectAtom, StringAtom};
use super::{Alternative, Atom, Clause, Solver};
use crate::schema::compat::goal::Literal;
use crate::schema::compat::node::{
    Applicator, Arena, ArrayRules, Body, Bound, Contains, Edge, Kind, Kinds, NodeId, NumberRules,
    ObjectRules, Rules, StringRules,
};
use crate::schema::compat::number::one;
use crate::schema::compat::regex::Member;

/// What a negated node demands of values of one type.
#[derive(Debug, Clone)]
pub(super) enum Denial {
    /// The type alone makes the node fail.
    Met,
    Clause(Rc<Clause>),
}

impl Solver {
    pub(super) fn denial(
        &mut self,
        (origin, node): (Literal, NodeId),
        rules: &Rules,
        kind: Kind,
    ) -> Denial {
        if let Some(known) = self.denials.get(&(node.0, kind)) {
            return known.clone();
        }
        let alternatives = self.deny(node, rules, kind);
        let denial = alternatives.map_or(Denial::Met, |alternatives| {
            Denial::Clause(Rc::new(Clause { origin, alternatives }))
        });
        self.denials.insert((node.0, kind), denial.clone());
        denial
    }

    fn deny(&mut self, node: NodeId, rules: &Rules, kind: Kind) -> Option<Vec<Alternative>> {
        if !rules.kinds.contains(kind) {
            return None;
        }
        let mut list = Vec::new();
        if let Some(values) = &rules.values {
            let of_kind: Vec<Value> =
                values.list.iter().filter(|value| Kind::of(value) == kind).cloned().collect();
            if of_kind.is_empty() {
                return None;
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
            self.deny_applicator((node, applicator), kind, &mut list);
        }
        for keyword in &rules.unmodelled {
            let atom = Atom::Unmodelled { keyword: keyword.as_str().into(), node };
            list.push(Alternative::atom(keyword, atom));
        }
        Some(list)
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
        (owner, applicator): (NodeId, &Applicator),
        kind: Kind,
        list: &mut Vec<Alternative>,
    ) {
        let mut add = |keyword: &str, literals| list.push(Alternative::literals(keyword, literals));
        match applicator {
            Applicator::All(nodes) => {
                let parts = self.distinct(nodes);
                parts.into_iter().for_each(|node| add("allOf", vec![Literal::fails(node)]));
            }
            Applicator::Any { keyword, branches } => {
                add(keyword, branches.iter().copied().map(Literal::fails).collect());
            }
            Applicator::One(nodes) => self.not_exactly_one((owner, nodes), list),
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
                        atoms: vec![ObjectAtom::Has(Rc::clone(name)).into()],
                        literals: vec![Literal::fails(*node)],
                    });
                }
            }
        }
    }
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
        list.push(Alternative::atom("type", NumberAtom::NotMultiple(one())));
    }
    for bound in &rules.lower {
        let keyword = name(bound, "minimum", "exclusiveMinimum");
        list.push(Alternative::atom(keyword, NumberAtom::Upper(outside(bound))));
    }
    for bound in &rules.upper {
        let keyword = name(bound, "maximum", "exclusiveMaximum");
        list.push(Alternative::atom(keyword, NumberAtom::Lower(outside(bound))));
    }
    for step in &rules.multiples {
        list.push(Alternative::atom("multipleOf", NumberAtom::NotMultiple(step.clone())));
    }
}

fn deny_string(rules: &StringRules, list: &mut Vec<Alternative>) {
    if rules.min > 0 {
        list.push(Alternative::atom("minLength", StringAtom::MaxLength(rules.min - 1)));
    }
    if let Some(max) = rules.max {
        list.push(Alternative::atom("maxLength", StringAtom::MinLength(max.saturating_add(1))));
    }
    for (id, member) in &rules.patterns {
        let flipped = match member {
            Member::In => Member::Out,
            Member::Out => Member::In,
        };
        list.push(Alternative::atom("pattern", StringAtom::Pattern(*id, flipped)));
    }
    for name in &rules.formats {
        list.push(Alternative::atom("format", StringAtom::Format(Rc::clone(name), Member::Out)));
    }
}

fn deny_array(rules: &ArrayRules, list: &mut Vec<Alternative>) {
    if rules.min > 0 {
        list.push(Alternative::atom("minItems", ArrayAtom::MaxItems(rules.min - 1)));
    }
    if let Some(max) = rules.max {
        list.push(Alternative::atom("maxItems", ArrayAtom::MinItems(max.saturating_add(1))));
    }
    if rules.unique {
        list.push(Alternative::atom("uniqueItems", ArrayAtom::Repeats));
    }
    for (index, node) in rules.prefix.iter().enumerate() {
        let atom = ArrayAtom::Item { index, literal: Literal::fails(*node) };
        list.push(Alternative::atom("prefixItems", atom));
    }
    if let Some(node) = rules.tail {
        let atom = ArrayAtom::LaterFails { from: rules.prefix.len(), node };
        list.push(Alternative::atom("items", atom));
    }
    if let Some(Contains { node, low, high }) = rules.contains {
        if low > 0 {
            let count = Contains { node, low: 0, high: Some(low - 1) };
            list.push(Alternative::atom("contains", ArrayAtom::Count(count)));
        }
        if let Some(high) = high {
            let count = Contains { node, low: high.saturating_add(1), high: None };
            list.push(Alternative::atom("maxContains", ArrayAtom::Count(count)));
        }
    }
}

fn deny_object(node: NodeId, rules: &ObjectRules, list: &mut Vec<Alternative>) {
    for name in &rules.required {
        list.push(Alternative::atom("required", ObjectAtom::Lacks(Rc::clone(name))));
    }
    if rules.min > 0 {
        list.push(Alternative::atom("minProperties", ObjectAtom::MaxProperties(rules.min - 1)));
    }
    if let Some(max) = rules.max {
        let atom = ObjectAtom::MinProperties(max.saturating_add(1));
        list.push(Alternative::atom("maxProperties", atom));
    }
    for (name, inner) in &rules.properties {
        let atom = ObjectAtom::Member { name: Rc::clone(name), literal: Literal::fails(*inner) };
        list.push(Alternative::atom("properties", atom));
    }
    for (pattern, inner) in &rules.patterns {
        let atom = ObjectAtom::Demand(Demand::Match { pattern: *pattern, node: *inner });
        list.push(Alternative::atom("patternProperties", atom));
    }
    if let Some(others) = rules.others {
        let atom = ObjectAtom::Demand(Demand::Other { rules: node, node: others });
        list.push(Alternative::atom(rules.others_keyword, atom));
    }
    if let Some(names) = rules.names {
        let atom = ObjectAtom::Demand(Demand::Name(names));
        list.push(Alternative::atom("propertyNames", atom));
    }
}
