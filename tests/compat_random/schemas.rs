//! Random schemas and the values that they are tried on.
//!
//! The schemas draw their constants from the same few values as the instances, so that a wrong
//! answer has a good chance to be noticed.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

pub(super) fn scalars() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(false),
        json!(-1),
        json!(0),
        json!(1),
        json!(2),
        json!(3),
        json!(6),
        json!(0.5),
        json!(1.5),
        json!(""),
        json!("a"),
        json!("b"),
        json!("ab"),
        json!("aa"),
        json!("abc"),
        json!("2020-01-01"),
    ]
}

/// Every array and object over the scalars that is small enough.
pub(super) fn instances() -> Vec<Value> {
    let scalars = scalars();
    let few: Vec<Value> =
        [json!(null), json!(0), json!(1), json!(2), json!("a"), json!("ab"), json!(true)].to_vec();
    let mut pool = scalars.clone();
    pool.extend([json!([]), json!({})]);
    for one in &scalars {
        pool.push(json!([one]));
        for name in ["a", "b", "c", "ab"] {
            pool.push(json!({ name: one }));
        }
    }
    for one in &few {
        for two in &few {
            pool.push(json!([one, two]));
            pool.push(json!({"a": one, "b": two}));
            pool.push(json!({"a": one, "c": two}));
            pool.push(json!({"b": one, "c": two}));
            pool.push(json!({"a": {"a": one}, "b": two}));
            pool.push(json!({"a": [one, two]}));
            pool.push(json!([one, two, one]));
            pool.push(json!([[one], two]));
            pool.push(json!({"a": one, "b": two, "c": one}));
            pool.push(json!({"a": {"b": one, "a": {"a": two}}}));
        }
        pool.push(json!([[one]]));
        pool.push(json!({"a": {"a": {"a": one}}}));
        pool.push(json!({"b": {"a": one}}));
        pool.push(json!({"b": {"b": one}}));
        pool.push(json!([{"a": one}]));
        pool.push(json!({"a": [{"a": one}]}));
    }
    pool
}

pub(super) fn merge(parts: Vec<Value>) -> Value {
    let mut merged = Map::new();
    for part in parts {
        if let Value::Object(map) = part {
            merged.extend(map);
        }
    }
    Value::Object(merged)
}

pub(super) fn leaf() -> BoxedStrategy<Value> {
    let kinds = ["null", "boolean", "integer", "number", "string", "array", "object"];
    let number = select(vec![json!(-1), json!(0), json!(1), json!(2), json!(3), json!(0.5)]);
    let count = 0_u64..4;
    let pattern = select(vec!["^a", "b$", "^a*$", "^[ab]+$", "c", "^.$", "^(a|b)$", "^\\w+$"]);
    prop_oneof![
        1 => Just(json!(true)),
        1 => Just(json!(false)),
        1 => Just(json!({})),
        6 => select(kinds.to_vec()).prop_map(|kind| json!({ "type": kind })),
        2 => (select(kinds.to_vec()), select(kinds.to_vec()))
            .prop_filter("types differ", |(a, b)| a != b)
            .prop_map(|(a, b)| json!({ "type": [a, b] })),
        3 => select(instances()).prop_map(|value| json!({ "const": value })),
        3 => prop::collection::vec(select(scalars()), 1..4)
            .prop_map(|values| json!({ "enum": values })),
        2 => number.clone().prop_map(|bound| json!({ "minimum": bound })),
        2 => number.clone().prop_map(|bound| json!({ "maximum": bound, "type": "number" })),
        1 => number.clone().prop_map(|bound| json!({ "exclusiveMaximum": bound })),
        1 => number.prop_map(|bound| json!({ "type": "integer", "exclusiveMinimum": bound })),
        2 => select(vec![json!(1), json!(2), json!(3), json!(0.5), json!(1.5)])
            .prop_map(|step| json!({ "multipleOf": step })),
        2 => count.clone().prop_map(|count| json!({ "minLength": count })),
        2 => count.clone().prop_map(|count| json!({ "type": "string", "maxLength": count })),
        2 => pattern.prop_map(|pattern| json!({ "pattern": pattern })),
        1 => select(vec!["date", "email"]).prop_map(|name| json!({ "format": name })),
        1 => count.clone().prop_map(|count| json!({ "minItems": count })),
        1 => count.clone().prop_map(|count| json!({ "maxItems": count })),
        1 => count.clone().prop_map(|count| json!({ "minProperties": count })),
        1 => count.prop_map(|count| json!({ "maxProperties": count })),
        1 => Just(json!({ "uniqueItems": true })),
        1 => select(vec!["a", "b", "c"]).prop_map(|name| json!({ "required": [name] })),
        3 => select(vec!["tree", "list"])
            .prop_map(|name| json!({ "$ref": format!("#/$defs/{name}") })),
    ]
    .boxed()
}

pub(super) fn schema() -> BoxedStrategy<Value> {
    leaf()
        .prop_recursive(3, 14, 3, |inner| {
            let names = select(vec!["a", "b", "c", "ab"]);
            let some = prop::collection::vec(inner.clone(), 1..3);
            let object = (
                prop::collection::btree_map(names.clone(), inner.clone(), 0..3),
                prop::collection::btree_set(names, 0..3),
                prop::option::of(prop_oneof![Just(json!(false)), inner.clone()]),
            )
                .prop_map(|(properties, required, others)| {
                    let mut map = json!({ "properties": properties, "required": required });
                    if let Some(others) = others {
                        map["additionalProperties"] = others;
                    }
                    map
                });
            prop_oneof![
                4 => object.clone(),
                2 => object.clone().prop_map(|map| merge(vec![map, json!({ "type": "object" })])),
                1 => (select(vec!["^a", "b", "^.$"]), inner.clone())
                    .prop_map(|(pattern, schema)| json!({ "patternProperties": { pattern: schema } })),
                1 => inner.clone().prop_map(|schema| json!({ "propertyNames": schema })),
                1 => inner.clone().prop_map(|schema| json!({ "additionalProperties": schema })),
                2 => inner.clone().prop_map(|schema| json!({ "items": schema })),
                1 => (some.clone(), prop::option::of(inner.clone())).prop_map(|(prefix, rest)| {
                    let mut map = json!({ "prefixItems": prefix });
                    if let Some(rest) = rest {
                        map["items"] = rest;
                    }
                    map
                }),
                1 => (inner.clone(), prop::option::of(0_u64..3), prop::option::of(0_u64..3))
                    .prop_map(|(schema, low, high)| {
                        let mut map = json!({ "contains": schema });
                        if let Some(low) = low {
                            map["minContains"] = json!(low);
                        }
                        if let Some(high) = high {
                            map["maxContains"] = json!(high);
                        }
                        map
                    }),
                3 => some.clone().prop_map(|list| json!({ "anyOf": list })),
                2 => some.clone().prop_map(|list| json!({ "oneOf": list })),
                2 => some.prop_map(|list| json!({ "allOf": list })),
                2 => inner.clone().prop_map(|schema| json!({ "not": schema })),
                1 => (inner.clone(), inner.clone(), inner.clone())
                    .prop_map(|(a, b, c)| json!({ "if": a, "then": b, "else": c })),
                1 => (select(vec!["a", "b"]), inner.clone())
                    .prop_map(|(name, schema)| json!({ "dependentSchemas": { name: schema } })),
                1 => (object, inner.clone()).prop_map(|(map, schema)| {
                    json!({ "allOf": [map], "anyOf": [schema, true], "unevaluatedProperties": false })
                }),
                2 => (inner.clone(), inner).prop_map(|(a, b)| merge(vec![a, b])),
            ]
        })
        .boxed()
}

/// Changes that developers make: something is added, dropped, wrapped or narrowed.
pub(super) fn change(schema: &Value, other: &Value, choice: usize) -> Value {
    match choice {
        0 => json!({ "anyOf": [schema, other] }),
        1 => json!({ "allOf": [schema, other] }),
        2 => json!({ "oneOf": [schema, other] }),
        3 => json!({ "anyOf": [schema, { "type": "null" }] }),
        4 => merge(vec![schema.clone(), other.clone()]),
        5 => json!({ "not": { "not": schema } }),
        6 => json!({ "allOf": [schema, { "not": other }] }),
        7 => match schema {
            Value::Object(map) if !map.is_empty() => {
                let mut map = map.clone();
                let first = map.keys().next().cloned().unwrap_or_default();
                map.remove(&first);
                Value::Object(map)
            }
            _ => json!({}),
        },
        _ => other.clone(),
    }
}

pub(super) fn with_definitions(schema: Value, (tree, list): (&Value, &Value)) -> Value {
    let definitions = json!({
        "tree": { "type": "object", "properties": { "a": { "$ref": "#/$defs/tree" }, "b": tree },
                  "required": ["b"] },
        "list": { "anyOf": [{ "type": "null" }, list,
                            { "type": "object", "properties": { "a": { "$ref": "#/$defs/list" } },
                              "required": ["a"], "additionalProperties": false }] }
    });
    match schema {
        Value::Object(mut map) => {
            map.insert("$defs".to_owned(), definitions);
            Value::Object(map)
        }
        other => other,
    }
}

/// Schemas that refer to themselves in place mean nothing.
pub(super) fn definition() -> BoxedStrategy<Value> {
    select(vec![
        json!({ "type": "integer" }),
        json!({ "type": "number" }),
        json!({ "type": "string" }),
        json!({ "enum": [0, 1, "a"] }),
        json!({ "type": "object", "properties": { "a": { "$ref": "#/$defs/tree" } } }),
        json!({ "type": "array", "items": { "$ref": "#/$defs/list" } }),
        json!(true),
    ])
    .boxed()
}

/// Schemas as models give them, and combinations of their parts: what a publisher sends of them is
/// worked out in `sending`.
pub(super) fn model() -> BoxedStrategy<Value> {
    let number = select(vec![json!(0), json!(1), json!(2)]);
    let leaf = prop_oneof![
        3 => select(vec!["null", "boolean", "integer", "number", "string", "object"])
            .prop_map(|kind| json!({ "type": kind })),
        1 => select(scalars()).prop_map(|value| json!({ "const": value })),
        1 => prop::collection::vec(select(scalars()), 1..4)
            .prop_map(|values| json!({ "enum": values })),
        2 => number.clone().prop_map(|bound| json!({ "type": "integer", "minimum": bound })),
        1 => number.prop_map(|bound| json!({ "type": "number", "exclusiveMaximum": bound })),
        1 => (0_u64..3).prop_map(|count| json!({ "type": "string", "maxLength": count })),
        1 => Just(json!({ "type": "array", "uniqueItems": true })),
        1 => Just(json!({ "$ref": "#/$defs/tree" })),
    ];
    leaf.boxed()
        .prop_recursive(4, 20, 3, |inner| {
            let names = select(vec!["a", "b", "c", "ab"]);
            let object = (
                prop::collection::btree_map(names.clone(), inner.clone(), 1..4),
                prop::collection::btree_set(names, 0..2),
                prop::option::weighted(0.2, prop_oneof![Just(json!(false)), Just(json!(true))]),
            )
                .prop_map(|(properties, required, others)| {
                    let mut map =
                        json!({ "type": "object", "properties": properties, "required": required });
                    if let Some(others) = others {
                        map["additionalProperties"] = others;
                    }
                    map
                });
            let some = prop::collection::vec(inner.clone(), 1..3);
            prop_oneof![
                6 => object.clone(),
                1 => inner.clone().prop_map(|schema| json!({ "type": "array", "items": schema })),
                1 => inner.clone()
                    .prop_map(|schema| json!({ "type": "object", "additionalProperties": schema })),
                2 => inner.clone()
                    .prop_map(|schema| json!({ "anyOf": [schema, { "type": "null" }] })),
                1 => some.clone().prop_map(|list| json!({ "anyOf": list })),
                1 => some.clone().prop_map(|list| json!({ "oneOf": list })),
                1 => some.clone().prop_map(|list| json!({ "allOf": list })),
                1 => (object.clone(), some.clone(), select(vec!["allOf", "anyOf", "oneOf"]))
                    .prop_map(|(map, list, keyword)| merge(vec![map, json!({ keyword: list })])),
                1 => object.prop_map(|map| merge(vec![map, json!({ "$ref": "#/$defs/tree" })])),
            ]
        })
        .boxed()
}
