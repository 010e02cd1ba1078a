//! JSON values as JSON Schema compares them: `1`, `1.0` and `1e0` are one number, member order is
//! of no meaning.

use serde_json::Value;

use super::hash::HashSet;
use super::number::rational;

pub(super) fn is_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => {
            a == b || rational(a).is_some_and(|a| rational(b).is_some_and(|b| a == b))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| is_equal(a, b)))
        }
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::String(a), Value::String(b)) => a == b,
        _ => false,
    }
}

/// Written the same, but for the order of members. Members mostly stand in the same order.
pub(super) fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            a.values().zip(b.values()).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| is_same(a, b)))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (_, _) => left == right,
    }
}

/// All lists of texts are known, and no text is in two of them.
pub(super) fn differ<'v>(lists: impl Iterator<Item = Option<Vec<&'v str>>>) -> bool {
    let mut seen = HashSet::default();
    lists.into_iter().all(|list| {
        let Some(list) = list else { return false };
        let own: HashSet<&str> = list.into_iter().collect();
        own.into_iter().all(|text| seen.insert(text))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_compare_by_value_and_booleans_are_not_numbers() {
        let number = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert!(is_equal(&number("[1.0]"), &number("[1e0]")));
        assert!(!is_equal(&json!(true), &json!(1)));
        assert!(is_equal(&json!({"a": 1, "b": 2}), &json!({"b": 2, "a": 1})));
        assert!(!is_equal(&json!({"a": 1}), &json!({"a": 1, "b": 2})));
    }
}
