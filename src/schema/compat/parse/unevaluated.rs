use serde_json::{Map, Value};

use super::{Parser, Place};
use crate::schema::compat::node::Rules;

impl<'d> Parser<'_, 'd> {
    pub(super) fn unevaluated(&mut self, _at: &Place, map: &'d Map<String, Value>, rules: &mut Rules) {
        for keyword in ["unevaluatedProperties", "unevaluatedItems"] {
            if self.known(map, keyword).is_some_and(|schema| *schema != Value::Bool(true)) {
                rules.unmodelled.push(keyword.to_owned());
            }
        }
    }
}
