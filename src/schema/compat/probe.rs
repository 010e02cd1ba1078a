//! Values worth trying when no proof was found: those that the schemas themselves mention, changed
//! a little. A hit is a witness like any other; a miss says nothing.

use serde_json::{Map, Value, json};

use super::confirm::Confirmation;

const MAX_CANDIDATES: usize = 600;
const MAX_DEPTH: usize = 40;

/// A value that the writer can send and the reader rejects, among those worth asking about.
pub(super) fn find(
    confirmation: &Confirmation,
    (writer, reader): (&Value, &Value),
    is_worth_asking: impl Fn(&Value) -> bool,
) -> Option<Value> {
    let mut pool = vec![
        json!(null),
        json!(0),
        json!(1),
        json!(-1),
        json!(0.5),
        json!(""),
        json!("a"),
        json!(true),
        json!(false),
        json!([]),
        json!([0]),
        json!([0, 0]),
        json!([""]),
        json!([[]]),
        json!([{}]),
        json!({}),
        json!({"extra": 0}),
        json!({"extra": ""}),
    ];
    collect(writer, &mut pool, 0);
    collect(reader, &mut pool, 0);
    let mentioned = pool.clone();
    for value in &mentioned {
        vary(value, &mentioned, &mut pool);
    }
    pool.truncate(MAX_CANDIDATES);
    pool.into_iter().find(|value| {
        is_worth_asking(value) && confirmation.is_sent(value) && !confirmation.is_read(value)
    })
}

fn collect(schema: &Value, pool: &mut Vec<Value>, depth: usize) {
    if depth > MAX_DEPTH || pool.len() > MAX_CANDIDATES / 4 {
        return;
    }
    match schema {
        Value::Object(map) => {
            let mut sample = Map::new();
            for (keyword, value) in map {
                match (keyword.as_str(), value) {
                    ("const" | "default", value) => pool.push(value.clone()),
                    ("enum" | "examples", Value::Array(values)) => pool.extend(values.clone()),
                    ("properties", Value::Object(properties)) => {
                        let names = properties.keys();
                        sample.extend(names.map(|name| (name.clone(), json!(0))));
                        collect(value, pool, depth + 1);
                    }
                    ("required", Value::Array(names)) => {
                        let names = names.iter().filter_map(Value::as_str);
                        sample.extend(names.map(|name| (name.to_owned(), json!(0))));
                    }
                    (_, value) => collect(value, pool, depth + 1),
                }
            }
            if !sample.is_empty() {
                pool.push(Value::Object(sample));
            }
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, pool, depth + 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn vary(value: &Value, others: &[Value], pool: &mut Vec<Value>) {
    match value {
        Value::Object(map) => {
            for name in map.keys() {
                let mut without = map.clone();
                without.remove(name);
                pool.push(Value::Object(without));
                for other in others.iter().take(12) {
                    let mut with = map.clone();
                    with.insert(name.clone(), other.clone());
                    pool.push(Value::Object(with));
                }
            }
        }
        Value::Array(items) => {
            for other in others.iter().take(12) {
                let mut longer = items.clone();
                longer.push(other.clone());
                pool.push(Value::Array(longer));
            }
        }
        scalar => pool.extend([json!([scalar]), json!([scalar, scalar]), json!({"extra": scalar})]),
    }
}
