//! How a headers exchange compares a binding's arguments with a message's headers.

use serde_json::{Map, Value};

/// Source: AMQP 0-9-1, section 3.1.3.4, and RabbitMQ's `rabbit_exchange_type_headers`.
///
/// | `x-match` | arguments looked at | rule |
/// |---|---|---|
/// | `all`, absent or anything else | those without `x-` | every one agrees |
/// | `any` | those without `x-` | one agrees |
/// | `all-with-x` | all but `x-match` | every one agrees |
/// | `any-with-x` | all but `x-match` | one agrees |
///
/// An argument without a value agrees with any value of the header.
pub(super) fn matches(arguments: &Map<String, Value>, headers: &Map<String, Value>) -> bool {
    let kind = arguments.get("x-match").and_then(Value::as_str).unwrap_or("all");
    let with_x = kind.ends_with("-with-x");
    let mut wanted = arguments
        .iter()
        .filter(|(name, _)| *name != "x-match" && (with_x || !name.starts_with("x-")));
    let agrees = |(name, value): (&String, &Value)| {
        headers.get(name).is_some_and(|header| value.is_null() || header == value)
    };
    match kind {
        "any" | "any-with-x" => wanted.any(agrees),
        _ => wanted.all(agrees),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arguments_and_headers_are_compared_as_the_broker_does() {
        let headers = json!({"a": "1", "b": "2", "x-y": "3"});
        let table = [
            (json!({"x-match": "all", "a": "1", "b": "2"}), true),
            (json!({"a": "1", "b": "x"}), false),
            (json!({"x-match": "any", "a": "0", "b": "2"}), true),
            (json!({"x-match": "any", "x-y": "3"}), false),
            (json!({"x-match": "any-with-x", "x-y": "3"}), true),
            (json!({"x-match": "all-with-x", "x-y": "4"}), false),
            (json!({"x-match": "all", "x-y": "4"}), true),
            (json!({"a": null}), true),
            (json!({"c": null}), false),
            (json!({}), true),
            (json!({"x-match": "any"}), false),
        ];
        for (arguments, expected) in table {
            let found = matches(arguments.as_object().unwrap(), headers.as_object().unwrap());
            assert_eq!(found, expected, "{arguments}");
        }
    }
}
