use std::rc::Rc;

use serde_json::{Map, Value};

use super::{Dialect, Parser, Place};
use crate::schema::compat::hash::IndexSet;
use crate::schema::compat::node::{Applicator, Body, ObjectRules, Rules};

impl<'d> Parser<'_, 'd> {
    pub(super) fn object(&mut self, at: &Place, map: &'d Map<String, Value>, rules: &mut Rules) {
        const KEYWORDS: [&str; 7] = [
            "properties",
            "patternProperties",
            "additionalProperties",
            "required",
            "minProperties",
            "maxProperties",
            "propertyNames",
        ];
        self.dependencies(at, map, rules);
        if !KEYWORDS.iter().any(|keyword| map.contains_key(*keyword)) {
            return;
        }
        let mut object = ObjectRules {
            min: self.count(map, "minProperties", rules).unwrap_or(0),
            max: self.count(map, "maxProperties", rules),
            others_keyword: "additionalProperties",
            required: self.required(map, rules),
            ..ObjectRules::default()
        };
        if let Some(Value::Object(properties)) = map.get("properties") {
            let inside = at.child("properties");
            for (name, schema) in properties {
                let id = self.node(&inside.child(name), schema);
                object.properties.insert(name.as_str().into(), id);
            }
        }
        if let Some(Value::Object(patterns)) = map.get("patternProperties") {
            let inside = at.child("patternProperties");
            for (pattern, schema) in patterns {
                let id = self.node(&inside.child(pattern), schema);
                object.patterns.push((self.store.patterns.intern(pattern), id));
            }
        }
        object.others = map
            .get("additionalProperties")
            .map(|schema| self.child(at, "additionalProperties", schema));
        object.names =
            self.known(map, "propertyNames").map(|schema| self.child(at, "propertyNames", schema));
        rules.object = Some(Box::new(object));
    }

    fn required(&self, map: &Map<String, Value>, rules: &mut Rules) -> IndexSet<Rc<str>> {
        match map.get("required") {
            None => IndexSet::default(),
            Some(Value::Array(names)) => {
                names.iter().filter_map(Value::as_str).map(Rc::from).collect()
            }
            Some(_) => {
                rules.unmodelled.push("required".to_owned());
                IndexSet::default()
            }
        }
    }

    fn dependencies(&mut self, at: &Place, map: &'d Map<String, Value>, rules: &mut Rules) {
        for keyword in ["dependentRequired", "dependentSchemas", "dependencies"] {
            let Some(Value::Object(entries)) = self.known(map, keyword) else {
                continue;
            };
            if keyword == "dependencies" && self.document.dialect > Dialect::Draft7 {
                continue;
            }
            let inside = at.child(keyword);
            for (name, dependency) in entries {
                let place = inside.child(name);
                let node = match dependency {
                    Value::Array(names) => {
                        let required = names.iter().filter_map(Value::as_str).map(Rc::from);
                        let mut rules = Rules::empty();
                        rules.object = Some(Box::new(ObjectRules {
                            required: required.collect(),
                            ..ObjectRules::default()
                        }));
                        self.synthetic(&place, Body::Rules(Box::new(rules)))
                    }
                    schema => self.node(&place, schema),
                };
                let name = name.as_str().into();
                rules.applicators.push(Applicator::Dependent { name, node, keyword });
            }
        }
    }
}
