//! What each keyword means for compatibility, one row each.

use serde_json::{Value, json};

use super::super::{Verdict, Writer};
use super::{check, compare, word};

const SAME: (&str, &str) = ("compatible", "compatible");

#[test]
fn numbers_are_compared_exactly() {
    check(&[
        (json!({"type": "integer"}), json!({"type": "number"}), "compatible", "breaking"),
        (json!({"type": "integer"}), json!({"type": "number", "multipleOf": 1}), SAME.0, SAME.1),
        (
            json!({"type": "integer", "multipleOf": 0.3}),
            json!({"type": "number", "multipleOf": 3}),
            SAME.0,
            SAME.1,
        ),
        (
            json!({"type": "integer", "minimum": 0}),
            json!({"type": "integer", "exclusiveMinimum": -1}),
            SAME.0,
            SAME.1,
        ),
        (json!({"minimum": 0}), json!({"exclusiveMinimum": 0}), "breaking", "compatible"),
        (
            json!({"type": "number", "minimum": 0, "maximum": 1}),
            json!({"type": "number", "maximum": 0.999_999_999_999_999}),
            "breaking",
            "breaking",
        ),
        (
            json!({"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 2}),
            json!(false),
            SAME.0,
            SAME.1,
        ),
        (json!({"multipleOf": 6}), json!({"multipleOf": 2}), "compatible", "breaking"),
        (
            json!({"allOf": [{"multipleOf": 2}, {"multipleOf": 3}]}),
            json!({"multipleOf": 6}),
            SAME.0,
            SAME.1,
        ),
        (
            json!({"anyOf": [{"type": "integer", "maximum": 10}, {"type": "integer", "minimum": 11}]}),
            json!({"type": "integer"}),
            SAME.0,
            SAME.1,
        ),
    ]);
}

#[test]
fn constants_compare_by_json_value() {
    let number = |text: &str| json!({ "const": serde_json::from_str::<Value>(text).unwrap() });
    check(&[
        (number("1"), number("1.0"), SAME.0, SAME.1),
        (number("1"), number("1e0"), SAME.0, SAME.1),
        (number("1"), json!({"const": true}), "breaking", "breaking"),
        (json!({"const": "a"}), json!({"enum": ["a", "b"]}), "compatible", "breaking"),
        (
            json!({"enum": [1, 2, 3]}),
            json!({"type": "integer", "minimum": 1}),
            "compatible",
            "breaking",
        ),
        (json!({"const": {}}), json!({"type": "object"}), "compatible", "breaking"),
        (
            json!({"const": {"a": [1]}}),
            json!({"type": "object", "properties": {"a": {"items": {"const": 1.0}}}, "required": ["a"]}),
            "compatible",
            "breaking",
        ),
        (json!({"enum": []}), json!(false), SAME.0, SAME.1),
        (json!({"type": "boolean"}), json!({"enum": [true, false]}), SAME.0, SAME.1),
    ]);
}

#[test]
fn formats_of_pydantics_own_are_known_by_their_texts() {
    let text = |name: &str| json!({"type": "string", "format": name});
    check(&[
        (text("uuid4"), text("uuid"), "compatible", "breaking"),
        (text("uuid4"), text("uuid7"), "breaking", "breaking"),
        (text("uuid4"), json!({"type": "string"}), "compatible", "breaking"),
        (text("date-time"), text("uuid4"), "breaking", "breaking"),
        (text("ipv4"), text("ipvanyaddress"), "compatible", "breaking"),
        (text("ipv4network"), json!({"type": "integer"}), "breaking", "breaking"),
        (text("ipv4network"), json!({"type": "string"}), "compatible", "undecided"),
        // Whether these texts are ever empty is not known here, though no validator refuses it.
        (text("ipv4network"), json!({"type": "string", "minLength": 1}), "undecided", "undecided"),
        (text("ipv4network"), text("base64"), "undecided", "undecided"),
    ]);
    let result = compare(&text("uuid4"), &json!({"type": "null"}), Writer::Open);
    let Verdict::Breaking { breaks } = result.backward else { panic!("a text is not null") };
    assert_eq!(breaks[0].witness, "00000000-0000-4000-8000-000000000000");
}

#[test]
fn no_proof_rests_on_an_offset_or_a_sign_that_pydantic_leaves_out_or_adds() {
    let text = |rule: Value| {
        let mut schema = json!({"type": "string"});
        schema.as_object_mut().unwrap().extend(rule.as_object().unwrap().clone());
        schema
    };
    for (format, rule) in [
        ("date-time", json!({"minLength": 20})),
        ("time", json!({"minLength": 9})),
        ("duration", json!({"pattern": "^P"})),
    ] {
        let (old, new) = (text(json!({"format": format})), text(rule));
        let result = compare(&old, &new, Writer::Open);
        assert!(matches!(result.backward, Verdict::Undecided { .. }), "{format}: {result:?}");
    }
}

#[test]
fn no_answer_hinges_on_how_a_pattern_is_read() {
    // `\w` has letters beyond ASCII in it for Pydantic, and none for ECMA-262.
    for pattern in ["^\\w+$", "^\\W$"] {
        let pattern = json!({ "pattern": pattern });
        for old in [json!({"enum": ["é"]}), json!({"const": {"é": 1}})] {
            for new in [
                &pattern,
                &json!({ "propertyNames": pattern }),
                &json!({"patternProperties": {"^\\w$": false}}),
            ] {
                let result = compare(&old, new, Writer::Open);
                let is_named = old.get("const").is_some() != new.get("pattern").is_some();
                let expected = if is_named { "undecided" } else { "compatible" };
                assert_eq!(word(&result.backward), expected, "{old} -> {new}");
            }
        }
    }
}

#[test]
fn strings_are_compared_by_length_pattern_and_format() {
    let text = |rule: Value| {
        let mut rule = rule;
        rule["type"] = json!("string");
        rule
    };
    check(&[
        (text(json!({"maxLength": 10})), text(json!({"maxLength": 12})), "compatible", "breaking"),
        (
            text(json!({"pattern": "^a+$"})),
            text(json!({"pattern": "^a*$"})),
            "compatible",
            "breaking",
        ),
        (
            text(json!({"pattern": "^(ab)*$", "maxLength": 5})),
            text(json!({"pattern": "^(ab){0,2}$"})),
            SAME.0,
            SAME.1,
        ),
        // A line break is not `.`, so `.+` asks for more than one character of any kind.
        (text(json!({"minLength": 1})), text(json!({"pattern": ".+"})), "breaking", "compatible"),
        (text(json!({"pattern": ".*"})), json!({"type": "string"}), SAME.0, SAME.1),
        (
            text(json!({"pattern": "^\\d$"})),
            text(json!({"pattern": "^[0-9]$"})),
            "undecided",
            "compatible",
        ),
        (text(json!({"format": "email"})), json!({"type": "string"}), "compatible", "breaking"),
        (text(json!({"format": "uuid"})), text(json!({"maxLength": 36})), "compatible", "breaking"),
        (
            text(json!({"format": "date"})),
            text(json!({"format": "date-time"})),
            "breaking",
            "breaking",
        ),
        (
            text(json!({"format": "uri"})),
            text(json!({"format": "uri-reference"})),
            "compatible",
            "breaking",
        ),
        (text(json!({"format": "binary"})), json!({"type": "string"}), SAME.0, SAME.1),
        (
            json!({"type": "string"}),
            text(json!({"format": "ipv4network"})),
            "undecided",
            "compatible",
        ),
        (
            text(json!({"pattern": "^(?!^[-+.]*$)[+-]?0*\\d*\\.?\\d*$"})),
            text(json!({"pattern": "^[+-]?[\\d.]*$"})),
            "compatible",
            "breaking",
        ),
    ]);
}

#[test]
fn arrays_are_compared_item_by_item() {
    check(&[
        (
            json!({"items": {"type": "string"}}),
            json!({"prefixItems": [{"type": "string"}]}),
            "compatible",
            "breaking",
        ),
        (
            json!({"minItems": 3, "items": false}),
            json!({"type": ["null", "boolean", "number", "string", "object"]}),
            SAME.0,
            SAME.1,
        ),
        (
            json!({"type": "array", "uniqueItems": true, "items": {"type": "boolean"}, "minItems": 3}),
            json!(false),
            SAME.0,
            SAME.1,
        ),
        (json!({"uniqueItems": true}), json!({}), "compatible", "breaking"),
        (
            json!({"type": "array", "maxItems": 1}),
            json!({"type": "array", "uniqueItems": true}),
            "compatible",
            "breaking",
        ),
        (
            json!({"type": "array", "contains": {"type": "null"}}),
            json!({"type": "array", "minItems": 1}),
            "compatible",
            "breaking",
        ),
        (
            json!({"type": "array", "items": {"type": "null"}, "minItems": 2}),
            json!({"type": "array", "contains": {"type": "null"}, "minContains": 2}),
            "compatible",
            "breaking",
        ),
    ]);
}

#[test]
fn objects_are_compared_member_by_member() {
    check(&[
        (json!({"required": ["a", "b"]}), json!({"required": ["b"]}), "compatible", "breaking"),
        (
            json!({"properties": {"a": {"type": "string"}}}),
            json!({"additionalProperties": {"type": "string"}}),
            "breaking",
            "compatible",
        ),
        (
            json!({"type": "object", "properties": {"a": false}, "required": ["a"]}),
            json!(false),
            SAME.0,
            SAME.1,
        ),
        (
            json!({"propertyNames": {"maxLength": 1}}),
            json!({"propertyNames": {"maxLength": 2}}),
            "compatible",
            "breaking",
        ),
        (
            json!({"type": "object", "propertyNames": {"enum": ["a", "b"]}}),
            json!({"type": "object", "maxProperties": 2}),
            "compatible",
            "breaking",
        ),
        (
            json!({"patternProperties": {"^a": {"type": "integer"}}}),
            json!({"properties": {"ab": {"type": "number"}}}),
            "compatible",
            "breaking",
        ),
        (
            json!({"patternProperties": {"b.*b": {"type": "null"}}}),
            json!({"patternProperties": {"^ba+b$": {"type": "null"}}}),
            "compatible",
            "breaking",
        ),
        (
            json!({"type": "object", "minProperties": 1, "additionalProperties": false}),
            json!(false),
            SAME.0,
            SAME.1,
        ),
        (
            json!({"dependentRequired": {"a": ["b"]}}),
            json!({"dependentSchemas": {"a": {"required": ["b"]}}}),
            SAME.0,
            SAME.1,
        ),
        (
            json!({"allOf": [{"properties": {"a": true}}], "unevaluatedProperties": false}),
            json!({"properties": {"a": true}, "additionalProperties": false}),
            SAME.0,
            SAME.1,
        ),
    ]);
}

#[test]
fn applicators_are_taken_apart() {
    check(&[
        (json!({"not": {"not": {"type": "null"}}}), json!({"type": "null"}), SAME.0, SAME.1),
        (
            json!({"if": {"type": "string"}, "then": {"minLength": 1}, "else": false}),
            json!({"type": "string", "minLength": 1}),
            SAME.0,
            SAME.1,
        ),
        (
            json!({"oneOf": [{"type": "integer"}, {"type": "number"}]}),
            json!({"type": "number", "not": {"multipleOf": 1}}),
            SAME.0,
            SAME.1,
        ),
        // `oneOf` is not monotone: a value that matched twice may match once when a branch narrows.
        (
            json!({"oneOf": [{"type": "string"}, {"type": "string", "minLength": 3}]}),
            json!({"oneOf": [{"type": "string"}, {"type": "string", "minLength": 5}]}),
            "compatible",
            "breaking",
        ),
        (
            json!({"anyOf": [{"type": "string"}, {"type": "null"}]}),
            json!({"type": ["null", "string"]}),
            SAME.0,
            SAME.1,
        ),
        (
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"minimum": 0}}, "maximum": 5}),
            json!({"minimum": 0, "maximum": 5}),
            SAME.0,
            SAME.1,
        ),
    ]);
}

#[test]
fn older_editions_are_read_as_they_were_meant() {
    let draft = |edition: &str, mut schema: Value| {
        schema["$schema"] = json!(format!("http://json-schema.org/{edition}/schema#"));
        schema
    };
    check(&[
        (
            draft("draft-04", json!({"minimum": 0, "exclusiveMinimum": true})),
            json!({"exclusiveMinimum": 0}),
            SAME.0,
            SAME.1,
        ),
        (
            draft("draft-07", json!({"items": [{"type": "null"}], "additionalItems": false})),
            json!({"prefixItems": [{"type": "null"}], "items": false}),
            SAME.0,
            SAME.1,
        ),
        // Draft 7 ignores what stands beside a reference.
        (
            draft(
                "draft-07",
                json!({"$ref": "#/definitions/a", "minimum": 3, "definitions": {"a": {"type": "integer"}}}),
            ),
            json!({"type": "integer"}),
            SAME.0,
            SAME.1,
        ),
        (
            draft("draft-07", json!({"dependencies": {"a": ["b"]}})),
            json!({"dependentRequired": {"a": ["b"]}}),
            SAME.0,
            SAME.1,
        ),
    ]);
}
