use serde_json::{Map, Value};

use super::{Dialect, Parser, Place};
use crate::schema::compat::node::{ArrayRules, Contains, Rules};

impl<'d> Parser<'_, 'd> {
    pub(super) fn array(&mut self, at: &Place, map: &'d Map<String, Value>, rules: &mut Rules) {
        const KEYWORDS: [&str; 7] = [
            "items",
            "prefixItems",
            "additionalItems",
            "minItems",
            "maxItems",
            "uniqueItems",
            "contains",
        ];
        if !KEYWORDS.iter().any(|keyword| map.contains_key(*keyword)) {
            return;
        }
        let mut array = ArrayRules {
            min: self.count(map, "minItems", rules).unwrap_or(0),
            max: self.count(map, "maxItems", rules),
            unique: map.get("uniqueItems") == Some(&Value::Bool(true)),
            ..ArrayRules::default()
        };
        self.items(at, map, &mut array);
        if let Some(schema) = self.known(map, "contains") {
            let low = self.count(map, "minContains", rules).unwrap_or(1);
            let high = self.count(map, "maxContains", rules);
            if low > 0 || high.is_some() {
                let node = self.child(at, "contains", schema);
                array.contains = Some(Contains { node, low, high });
            }
        }
        rules.array = Some(Box::new(array));
    }

    fn items(&mut self, at: &Place, map: &'d Map<String, Value>, array: &mut ArrayRules) {
        let is_old = self.document.dialect <= Dialect::Draft2019;
        match map.get("items") {
            Some(prefix @ Value::Array(_)) if is_old => {
                array.prefix = self.children(at, "items", prefix);
                if let Some(schema) = map.get("additionalItems") {
                    array.tail = Some(self.child(at, "additionalItems", schema));
                }
            }
            Some(schema) => array.tail = Some(self.child(at, "items", schema)),
            None => {}
        }
        if let Some(prefix) = self.known(map, "prefixItems") {
            array.prefix = self.children(at, "prefixItems", prefix);
        }
    }
}
