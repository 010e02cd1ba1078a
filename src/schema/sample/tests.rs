use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn sample(schema: &Value, seed: u64) -> Result<Value, SampleError> {
    Sampler::new(schema)?.sample(seed, 0)
}

fn order() -> Value {
    json!({
        "title": "OrderPlaced",
        "type": "object",
        "properties": {
            "order_id": {"type": "integer"},
            "reference": {"type": "string", "pattern": "^ORD-[0-9]{6}$"},
            "customer": {"$ref": "#/$defs/Customer"},
            "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}, "minItems": 1},
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
            "total": {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": "^(?!^[-+.]*$)[+-]?0*\\d*\\.?\\d*$"}]},
            "payment": {
                "discriminator": {"propertyName": "kind"},
                "oneOf": [{"$ref": "#/$defs/Card"}, {"$ref": "#/$defs/Invoice"}]
            },
            "coupon": {"anyOf": [{"type": "string", "maxLength": 8}, {"type": "null"}], "default": null},
            "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": true, "default": []},
            "placed_at": {"type": "string", "format": "date-time"},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}}
        },
        "required": ["order_id", "reference", "customer", "lines", "currency", "total", "payment", "placed_at"],
        "$defs": {
            "Customer": {
                "type": "object",
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "name": {"type": "string", "minLength": 1},
                    "email": {"type": "string", "format": "email"},
                    "city": {"type": "string", "examples": ["Lisbon"]}
                },
                "required": ["id", "name", "email"]
            },
            "Line": {
                "type": "object",
                "properties": {
                    "sku": {"type": "string"},
                    "quantity": {"type": "integer", "minimum": 1},
                    "unit_price": {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.05}
                },
                "required": ["sku", "quantity", "unit_price"]
            },
            "Card": {
                "type": "object",
                "properties": {"kind": {"const": "card", "type": "string"}, "last4": {"type": "string", "pattern": "^\\d{4}$"}},
                "required": ["kind", "last4"]
            },
            "Invoice": {
                "type": "object",
                "properties": {"kind": {"const": "invoice", "type": "string"}, "due_date": {"type": "string", "format": "date"}},
                "required": ["kind"]
            }
        }
    })
}

#[test]
fn an_order_looks_like_one_and_is_the_same_on_every_machine() {
    let sampler = Sampler::new(&order()).unwrap();
    let lines: Vec<String> =
        (0..3).map(|number| sampler.sample(0, number).unwrap().to_string()).collect();
    insta::assert_snapshot!(lines.join("\n"));
    assert_ne!(sampler.sample(1, 0).unwrap().to_string(), lines[0]);
}

#[test]
fn recursion_ends_and_a_value_without_an_end_is_an_error() {
    let tree = json!({
        "$ref": "#/$defs/Node",
        "$defs": {"Node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
                "parent": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}
            },
            "required": ["name", "children", "parent"]
        }}
    });
    for seed in 0..20 {
        assert!(sample(&tree, seed).unwrap().to_string().len() < 60_000);
    }
    let endless = json!({
        "$ref": "#/$defs/A",
        "$defs": {"A": {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "required": ["a"]}}
    });
    let error = sample(&endless, 0).unwrap_err().to_string();
    assert!(error.starts_with("no sample meets \"$ref\" of a.a.a.a"), "{error}");
    assert!(error.ends_with(": it describes values without an end"), "{error}");
}

/// Schemas of one property each, as Pydantic writes them, that call for something of their own.
#[test]
fn every_keyword_of_pydantic_is_met() {
    let nodes = [
        json!({"type": "string", "minLength": 300, "maxLength": 300}),
        json!({"type": "string", "minLength": 0, "maxLength": 0}),
        json!({"type": "string", "format": "email", "maxLength": 6}),
        json!({"type": "string", "format": "email", "minLength": 60}),
        json!({"type": "string", "format": "uri", "minLength": 1, "maxLength": 2083}),
        json!({"type": "string", "format": "binary"}),
        json!({"type": "string", "format": "password", "writeOnly": true}),
        json!({"type": "string", "contentMediaType": "application/json", "contentSchema": {"type": "integer"}}),
        json!({"type": "string", "pattern": "^.{40,}$", "maxLength": 45}),
        json!({"type": "string", "pattern": "^(?=.*\\d)[a-z\\d]+$", "examples": ["abc1"]}),
        json!({"type": "integer", "minimum": -9_007_199_254_740_993_i64, "exclusiveMaximum": -9_007_199_254_740_991_i64}),
        json!({"type": "number", "minimum": 0.1, "maximum": 0.1}),
        json!({"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": true, "minItems": 2}),
        json!({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 2, "maxItems": 2}),
        json!({"type": "array", "prefixItems": [{"type": "integer"}], "items": false, "minItems": 1}),
        json!({"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 5, "maxProperties": 5}),
        json!({"type": "object", "propertyNames": {"format": "uuid"}, "additionalProperties": {"type": "boolean"}, "minProperties": 2}),
        json!({"type": "object", "patternProperties": {"^x-[a-z]+$": {"type": "string"}}, "additionalProperties": false, "minProperties": 1}),
        json!({"type": ["integer", "string", "null"]}),
        json!({"anyOf": [{"type": "integer"}, {"type": "string"}], "minimum": 3, "minLength": 4}),
        json!({"allOf": [{"type": "integer", "minimum": 3}, {"maximum": 3}]}),
        json!({"enum": [null, 7]}),
        json!({"const": {"a": [1]}}),
        json!({"not": {"type": "null"}}),
        json!({"type": "string", "default": 5}),
        json!({}),
        json!(true),
    ];
    for node in nodes {
        let schema =
            json!({"type": "object", "properties": {"field": node}, "required": ["field"]});
        for seed in 0..8 {
            let event = sample(&schema, seed).unwrap_or_else(|error| panic!("{node}: {error}"));
            assert!(Sampler::new(&schema).unwrap().validator.is_valid(&event), "{node}: {event}");
        }
    }
}

#[test]
fn what_cannot_be_met_is_named_with_its_place() {
    for (node, message) in [
        (
            json!({"type": "integer", "minimum": 2, "maximum": 1}),
            "\"minimum\" of rows[0].field: no number lies there",
        ),
        (json!(false), "\"false\" of rows[0].field: nothing is allowed here"),
        (
            json!({"type": "string", "pattern": "^(?!a)\\d{3}b$"}),
            "\"pattern\" of rows[0].field: no text that matches was found; give the field an example",
        ),
        (json!({"$ref": "#/$defs/Missing"}), ""),
        (json!({"type": "string", "not": {"type": "string"}}), "\"not\" of rows[0].field: "),
        (
            json!({"type": "array", "uniqueItems": true, "items": {"const": 1}, "minItems": 2}),
            "\"uniqueItems\" of rows[0].field: too few different items",
        ),
    ] {
        let schema = json!({"type": "object", "required": ["rows"], "properties": {"rows": {
            "type": "array", "minItems": 1,
            "items": {"type": "object", "properties": {"field": node}, "required": ["field"]}
        }}});
        let error = sample(&schema, 0).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}

/// Schemas of the kind that models have, some of them impossible to meet.
fn schemas() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(json!({"type": "boolean"})),
        Just(json!({"type": "null"})),
        (-50_i64..50, 0_i64..100).prop_map(|(low, size)| json!({"type": "integer", "minimum": low, "maximum": low + size})),
        (1_u32..40, -9_i64..9).prop_map(|(tenths, low)| json!({"type": "number", "multipleOf": f64::from(tenths) / 10.0, "exclusiveMinimum": low})),
        (0_u64..12, 0_u64..30).prop_map(|(least, more)| json!({"type": "string", "minLength": least, "maxLength": least + more})),
        prop::sample::select(vec!["email", "uuid", "date-time", "date", "time", "duration", "uri", "ipv4", "ipv6", "hostname", "binary"])
            .prop_map(|format| json!({"type": "string", "format": format})),
        prop::sample::select(vec!["^[A-Z]{2,4}$", "^\\d+(\\.\\d{1,2})?$", "[a-f]+-\\w", "^(red|green)$"])
            .prop_map(|pattern| json!({"type": "string", "pattern": pattern})),
        prop::collection::vec(any::<u8>(), 1..4).prop_map(|values| json!({"enum": values})),
        Just(json!({"$ref": "#/$defs/Node"})),
    ];
    let names = prop::sample::select(vec!["id", "email", "price", "createdAt", "tags", "x"]);
    scalar.prop_recursive(4, 24, 4, move |inner| {
        let member = (names.clone(), inner.clone(), any::<bool>());
        let object = prop::collection::vec(member, 0..4).prop_map(|members| {
            let mut schema = json!({"type": "object", "properties": {}, "required": []});
            for (name, node, required) in members {
                let is_new = schema["properties"].get(name).is_none();
                schema["properties"][name] = node;
                if required && is_new {
                    schema["required"].as_array_mut().unwrap().push(json!(name));
                }
            }
            schema
        });
        prop_oneof![
            object,
            (inner.clone(), 0_u64..3).prop_map(
                |(items, least)| json!({"type": "array", "items": items, "minItems": least})
            ),
            prop::collection::vec(inner.clone(), 1..3)
                .prop_map(|branches| json!({"anyOf": branches})),
            inner.prop_map(|node| json!({"type": "object", "additionalProperties": node})),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn samples_of_models_are_found_fit_and_never_change(field in schemas(), seed in any::<u64>()) {
        let schema = json!({
            "type": "object",
            "properties": {"field": field},
            "required": ["field"],
            "$defs": {"Node": {
                "type": "object",
                "properties": {"next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}},
                "required": ["next"]
            }}
        });
        let sampler = Sampler::new(&schema).unwrap();
        let event = sampler.sample(seed, 3).unwrap();
        prop_assert!(sampler.validator.is_valid(&event));
        prop_assert_eq!(event.to_string(), sampler.sample(seed, 3).unwrap().to_string());
    }
}
