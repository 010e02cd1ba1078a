//! Schemas to test every target with: real ones, other people's, and nonsense.

use std::fs;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::schema::{JsonText, SchemaDocument};

pub(super) fn document(topic: &str, schema: &Value) -> SchemaDocument {
    let text = JsonText::try_from(schema).unwrap();
    SchemaDocument::new(topic.parse().unwrap(), "v1".parse().unwrap(), text)
}

/// Events of services, from real Pydantic models, and a few that are meant to be difficult.
pub(super) fn events() -> Vec<SchemaDocument> {
    let text = fs::read_to_string("tests/data/event_documents.jsonl").unwrap();
    text.lines().map(|line| SchemaDocument::parse(line).unwrap()).collect()
}

/// Schemas that other tools are tested with.
pub(super) fn foreign_schemas() -> Vec<Value> {
    let mut schemas = Vec::new();
    for name in ["containment", "jsoncompat", "jsonsubschema", "sentry"] {
        let text = fs::read_to_string(format!("tests/data/compat/{name}.jsonl")).unwrap();
        for line in text.lines() {
            let mut pair: Value = serde_json::from_str(line).unwrap();
            for side in ["old", "new"] {
                let schema = pair[side].take();
                if schema.is_object() || schema.is_boolean() {
                    schemas.push(schema);
                }
            }
        }
    }
    assert!(schemas.len() > 5_000, "only {} schemas were read", schemas.len());
    schemas
}

/// Values of every kind.
pub(super) fn instances() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1.5),
        json!(1e10),
        json!(""),
        json!("abc"),
        json!("2026-01-02"),
        json!([]),
        json!([1, "a"]),
        json!([1, 1, null]),
        json!({}),
        json!({"a": 1}),
        json!({"a": "x", "b": [1], "foo": {"bar": null}}),
        json!({"name": "x", "id": 1, "type": "a"}),
    ]
}

/// Names that mean something, somewhere, and a few that do not.
const KEYWORDS: &str = "type properties required items prefixItems additionalItems enum const anyOf \
    oneOf allOf not $ref $defs definitions title description default examples pattern format \
    minLength minItems maxItems minimum multipleOf additionalProperties patternProperties \
    propertyNames discriminator dependentRequired dependencies if then uniqueItems deprecated \
    schema externalDocs x-any */";

/// Objects full of keywords with values of the right and of the wrong form.
pub(super) fn any_schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        prop::sample::select(vec![
            json!("string"),
            json!("object"),
            json!("array"),
            json!("null"),
            json!("integer"),
            json!("#"),
            json!("#/$defs/type"),
            json!("#/properties/items"),
            json!("*/ <b> |"),
            json!("(?P<a>b)"),
            json!(["string", "null"]),
            json!({"type": "string"}),
        ]),
    ];
    let keyword = prop::sample::select(KEYWORDS.split(' ').collect::<Vec<_>>());
    let nested = leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((keyword.clone(), inner), 0..6)
                .prop_map(|members| members.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    });
    nested.prop_map(
        |value| if value.is_object() { value } else { json!({"properties": {"a": value}}) },
    )
}
