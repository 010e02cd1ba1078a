//! `unevaluatedProperties` and `unevaluatedItems`, written out: which names or items count as
//! evaluated depends on which in-place subschemas hold, so there is one rule per combination.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::{Dialect, Parser, Place};
use crate::schema::compat::node::{
    Applicator, Arena, ArrayRules, Body, Kind, Kinds, NodeId, ObjectRules, Rules,
};
use crate::schema::compat::regex::PatternId;

/// Subschemas that may or may not hold; each doubles the number of rules.
const MAX_CONDITIONS: usize = 6;
const MAX_DEPTH: usize = 24;
const MAX_PARTS: usize = 500;

/// What one in-place subschema evaluates, provided that the conditions hold.
#[derive(Debug, Default)]
struct Evaluated {
    conditions: Vec<usize>,
    names: Vec<Rc<str>>,
    patterns: Vec<PatternId>,
    all_names: bool,
    prefix: usize,
    all_items: bool,
    contains: Vec<NodeId>,
}

#[derive(Debug, Default)]
struct Survey {
    conditions: Vec<NodeId>,
    found: Vec<Evaluated>,
    depth: usize,
}

impl<'d> Parser<'_, 'd> {
    pub(super) fn unevaluated(
        &mut self,
        at: &Place,
        map: &'d Map<String, Value>,
        rules: &mut Rules,
    ) {
        for keyword in ["unevaluatedProperties", "unevaluatedItems"] {
            let Some(schema) = self.known(map, keyword) else { continue };
            if *schema == Value::Bool(true) {
                continue;
            }
            let rest = self.child(at, keyword, schema);
            let mut survey = Survey::default();
            match self.survey(at, map, (&mut survey, &[])) {
                Some(()) if survey.conditions.len() <= MAX_CONDITIONS => {
                    let applicators = self.combinations(at, keyword, (&survey, rest));
                    rules.applicators.extend(applicators);
                }
                _ => rules.unmodelled.push(keyword.to_owned()),
            }
        }
    }

    /// One rule for each combination of conditions: it does not hold, or what is then unevaluated
    /// fits.
    fn combinations(
        &mut self,
        at: &Place,
        keyword: &'static str,
        (survey, rest): (&Survey, NodeId),
    ) -> Vec<Applicator> {
        let count = survey.conditions.len();
        (0_u32..1 << count)
            .map(|signs| {
                let holds = |condition: usize| signs >> condition & 1 == 1;
                let mut branches = Vec::with_capacity(count + 1);
                for (index, condition) in survey.conditions.iter().enumerate() {
                    branches.push(if holds(index) {
                        let mut rules = Rules::empty();
                        rules.applicators.push(Applicator::Not(*condition));
                        self.synthetic(at, Body::Rules(Box::new(rules)))
                    } else {
                        *condition
                    });
                }
                let active: Vec<&Evaluated> = survey
                    .found
                    .iter()
                    .filter(|part| part.conditions.iter().all(|index| holds(*index)))
                    .collect();
                branches.push(if keyword == "unevaluatedProperties" {
                    self.other_names(at, &active, rest)
                } else {
                    self.other_items(at, &active, rest)
                });
                match branches.as_slice() {
                    [_] => Applicator::All(branches),
                    _ => Applicator::Any { keyword, branches },
                }
            })
            .collect()
    }

    fn other_names(&mut self, at: &Place, parts: &[&Evaluated], rest: NodeId) -> NodeId {
        if parts.iter().any(|part| part.all_names) {
            return Arena::ALWAYS;
        }
        let names = parts.iter().flat_map(|part| &part.names);
        let patterns = parts.iter().flat_map(|part| &part.patterns);
        let mut rules = Rules::empty();
        rules.object = Some(Box::new(ObjectRules {
            properties: names.map(|name| (Rc::clone(name), Arena::ALWAYS)).collect(),
            patterns: patterns.map(|pattern| (*pattern, Arena::ALWAYS)).collect(),
            others: Some(rest),
            others_keyword: "unevaluatedProperties",
            ..ObjectRules::default()
        }));
        self.synthetic(at, Body::Rules(Box::new(rules)))
    }

    fn other_items(&mut self, at: &Place, parts: &[&Evaluated], rest: NodeId) -> NodeId {
        if parts.iter().any(|part| part.all_items) {
            return Arena::ALWAYS;
        }
        let mut branches: Vec<NodeId> =
            parts.iter().flat_map(|part| part.contains.iter().copied()).collect();
        branches.push(rest);
        let tail = if let [only] = branches.as_slice() {
            *only
        } else {
            let mut rules = Rules::empty();
            rules.applicators.push(Applicator::Any { keyword: "unevaluatedItems", branches });
            self.synthetic(at, Body::Rules(Box::new(rules)))
        };
        let prefix = parts.iter().map(|part| part.prefix).max().unwrap_or(0);
        let mut rules = Rules::empty();
        rules.array = Some(Box::new(ArrayRules {
            prefix: vec![Arena::ALWAYS; prefix],
            tail: Some(tail),
            ..ArrayRules::default()
        }));
        self.synthetic(at, Body::Rules(Box::new(rules)))
    }

    /// What the schema and its in-place subschemas evaluate. `None` when that cannot be told.
    fn survey(
        &mut self,
        at: &Place,
        map: &'d Map<String, Value>,
        (survey, conditions): (&mut Survey, &[usize]),
    ) -> Option<()> {
        if survey.depth > MAX_DEPTH || survey.found.len() > MAX_PARTS {
            return None;
        }
        survey.depth += 1;
        let mut own = self.own_evaluations(at, map, conditions);
        // An inner `unevaluated…` has looked at everything that was left.
        if survey.depth > 1 {
            own.all_names |= self.known(map, "unevaluatedProperties").is_some();
            own.all_items |= self.known(map, "unevaluatedItems").is_some();
        }
        survey.found.push(own);
        for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
            let Some(text) = self.known(map, keyword).and_then(Value::as_str) else { continue };
            let (place, _, target) = match keyword {
                "$ref" => self.document.resolve(&at.base, text)?,
                _ => self.document.resolve_dynamic(&at.base, text)?,
            };
            self.survey_part(&place, target, (survey, conditions))?;
        }
        for (index, part) in list(map, "allOf").iter().enumerate() {
            let place = at.child("allOf").child(&index.to_string());
            self.survey_part(&place, part, (survey, conditions))?;
        }
        for keyword in ["anyOf", "oneOf"] {
            for (index, part) in list(map, keyword).iter().enumerate() {
                let place = at.child(keyword).child(&index.to_string());
                let condition = self.node(&place, part);
                self.survey_if(&place, part, (survey, conditions, condition))?;
            }
        }
        self.survey_conditionals(at, map, (survey, conditions))?;
        survey.depth -= 1;
        Some(())
    }

    fn survey_conditionals(
        &mut self,
        at: &Place,
        map: &'d Map<String, Value>,
        (survey, conditions): (&mut Survey, &[usize]),
    ) -> Option<()> {
        if let Some(part) = map.get("if") {
            let place = at.child("if");
            let condition = self.node(&place, part);
            self.survey_if(&place, part, (survey, conditions, condition))?;
            if let Some(then) = map.get("then") {
                self.survey_if(&at.child("then"), then, (survey, conditions, condition))?;
            }
            if let Some(otherwise) = map.get("else") {
                let mut rules = Rules::empty();
                rules.applicators.push(Applicator::Not(condition));
                let fails = self.synthetic(&place, Body::Rules(Box::new(rules)));
                self.survey_if(&at.child("else"), otherwise, (survey, conditions, fails))?;
            }
        }
        if let Some(Value::Object(entries)) = map.get("dependentSchemas") {
            for (name, part) in entries {
                let place = at.child("dependentSchemas").child(name);
                let mut rules = Rules::empty();
                rules.kinds = Kinds::NONE.with(Kind::Object);
                rules.object = Some(Box::new(ObjectRules {
                    required: std::iter::once(Rc::from(name.as_str())).collect(),
                    ..ObjectRules::default()
                }));
                let condition = self.synthetic(&place, Body::Rules(Box::new(rules)));
                self.survey_if(&place, part, (survey, conditions, condition))?;
            }
        }
        Some(())
    }

    fn survey_part(
        &mut self,
        at: &Place,
        part: &'d Value,
        (survey, conditions): (&mut Survey, &[usize]),
    ) -> Option<()> {
        match part {
            Value::Object(map) => {
                let at = self.document.enter(at, map);
                self.survey(&at, map, (survey, conditions))
            }
            Value::Bool(_) => Some(()),
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
        }
    }

    /// A part that evaluates something only when `condition` holds.
    fn survey_if(
        &mut self,
        at: &Place,
        part: &'d Value,
        (survey, conditions, condition): (&mut Survey, &[usize], NodeId),
    ) -> Option<()> {
        let known = survey.conditions.iter().position(|known| *known == condition);
        let index = known.unwrap_or_else(|| {
            survey.conditions.push(condition);
            survey.conditions.len() - 1
        });
        if survey.conditions.len() > MAX_CONDITIONS {
            return None;
        }
        let mut all = conditions.to_vec();
        all.push(index);
        let before = survey.found.len();
        self.survey_part(at, part, (survey, &all))?;
        // A part that evaluates nothing need not be told apart.
        let is_silent = survey.found[before..].iter().all(Evaluated::is_nothing);
        if is_silent && known.is_none() && survey.conditions.len() == index + 1 {
            survey.found.truncate(before);
            survey.conditions.pop();
        }
        Some(())
    }

    fn own_evaluations(
        &mut self,
        at: &Place,
        map: &'d Map<String, Value>,
        conditions: &[usize],
    ) -> Evaluated {
        let keys = |keyword: &str| match map.get(keyword) {
            Some(Value::Object(entries)) => entries.keys().map(String::as_str).collect(),
            _ => Vec::new(),
        };
        let is_old = self.document.dialect < Dialect::Draft2020;
        let mut own = Evaluated {
            conditions: conditions.to_vec(),
            names: keys("properties").into_iter().map(Rc::from).collect(),
            all_names: map.contains_key("additionalProperties"),
            ..Evaluated::default()
        };
        for pattern in keys("patternProperties") {
            own.patterns.push(self.store.patterns.intern(pattern));
        }
        match map.get("items") {
            Some(Value::Array(prefix)) if is_old => {
                own.prefix = prefix.len();
                own.all_items = map.contains_key("additionalItems");
            }
            Some(_) => own.all_items = true,
            None => {}
        }
        if !is_old {
            own.prefix = list(map, "prefixItems").len();
            if let Some(schema) = map.get("contains") {
                own.contains.push(self.child(at, "contains", schema));
            }
        }
        own
    }
}

impl Evaluated {
    fn is_nothing(&self) -> bool {
        self.names.is_empty()
            && self.patterns.is_empty()
            && !self.all_names
            && self.prefix == 0
            && !self.all_items
            && self.contains.is_empty()
    }
}

fn list<'d>(map: &'d Map<String, Value>, keyword: &str) -> &'d [Value] {
    map.get(keyword).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
