//! What each keyword means for compatibility, one row each; and the shapes that break engines.

use serde_json::{Value, json};

use super::{
    Break, Comparison, Formats, Options, Schema, Side, Verdict, Writer, compare as compare_schemas,
};

fn compare(old: &Value, new: &Value, writer: Writer) -> Comparison {
    let options = Options { writer, formats: Formats::Assert };
    compare_schemas(&Schema::parse(old), &Schema::parse(new), options)
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Compatible => "compatible",
        Verdict::Breaking { .. } => "breaking",
        Verdict::Undecided { .. } => "undecided",
    }
}

/// Writer, reader, and whether everything the writer accepts is accepted by the reader and back.
fn check(rows: &[(Value, Value, &str, &str)]) {
    for (old, new, backward, forward) in rows {
        let result = compare(old, new, Writer::Open);
        assert_eq!(
            (word(&result.backward), word(&result.forward)),
            (*backward, *forward),
            "{old} -> {new}: {result:?}"
        );
    }
}

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
            text(json!({"format": "ipvanyaddress"})),
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

fn event(properties: &Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required })
}

#[test]
fn a_publisher_sends_declared_fields_only() {
    let old = event(&json!({"id": {"type": "integer"}}), &["id"]);
    let optional = event(&json!({"id": {"type": "integer"}, "note": {"type": "string"}}), &["id"]);
    let required =
        event(&json!({"id": {"type": "integer"}, "note": {"type": "string"}}), &["id", "note"]);
    for (old, new, writer, words) in [
        (&old, &optional, Writer::Closed, ["compatible", "compatible"]),
        (&old, &optional, Writer::Open, ["breaking", "compatible"]),
        (&old, &required, Writer::Closed, ["breaking", "compatible"]),
        (&optional, &required, Writer::Closed, ["breaking", "compatible"]),
        (&optional, &required, Writer::Dump, ["compatible", "compatible"]),
    ] {
        let result = compare(old, new, writer);
        assert_eq!([word(&result.backward), word(&result.forward)], words, "{writer:?}");
    }
}

#[test]
fn inherited_fields_are_closed_together() {
    let base = json!({"properties": {"id": {"type": "integer"}}, "required": ["id"]});
    let old = json!({
        "$defs": {"Base": base},
        "allOf": [{"$ref": "#/$defs/Base"}, {"properties": {"name": {"type": "string"}}}]
    });
    let new = event(
        &json!({"id": {"type": "integer"}, "name": {"type": "string"}, "more": {"type": "null"}}),
        &["id"],
    );
    assert_eq!(compare(&old, &new, Writer::Closed).backward, Verdict::Compatible);
}

fn breaks(verdict: &Verdict) -> Vec<String> {
    let Verdict::Breaking { breaks } = verdict else { panic!("{verdict:?}") };
    let shown = |found: &Break| {
        format!(
            "{} at {:?} (writer {:?}, reader {:?}): {}",
            found.keyword, found.path, found.writer_pointer, found.reader_pointer, found.witness
        )
    };
    breaks.iter().map(shown).collect()
}

#[test]
fn every_break_is_reported_with_a_witness_of_its_own() {
    let line = |quantity: Value| json!({"type": "object", "properties": {"sku": {"type": "string"}, "qty": quantity}, "required": ["qty"]});
    let old = json!({
        "$defs": {"Line": line(json!({"type": "integer"}))},
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "state": {"enum": ["new", "paid", "lost"]},
            "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]}
        },
        "required": ["id", "lines"]
    });
    let new = json!({
        "$defs": {"Line": line(json!({"type": "integer", "minimum": 1}))},
        "type": "object",
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "state": {"enum": ["new", "paid"]},
            "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}, "minItems": 1},
            "note": {"type": "string"}
        },
        "required": ["id", "lines", "state"]
    });
    let result = compare(&old, &new, Writer::Closed);
    insta::assert_snapshot!(breaks(&result.backward).join("\n"), @"");
    assert_eq!(result.forward, Verdict::Compatible);
}

#[test]
fn a_break_deep_in_a_recursive_model_is_found_on_the_shortest_path() {
    let tree = |value: Value| {
        json!({
            "$defs": {"Node": {"type": "object", "properties": {
                "value": value,
                "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}}
            }, "required": ["value", "children"]}},
            "$ref": "#/$defs/Node"
        })
    };
    let result = compare(
        &tree(json!({"type": "number"})),
        &tree(json!({"type": "integer"})),
        Writer::Closed,
    );
    insta::assert_snapshot!(breaks(&result.backward).join("\n"), @"");
    assert_eq!(result.forward, Verdict::Compatible);
}

#[test]
fn a_tagged_union_is_compared_member_by_member() {
    let shape = |tag: &str, size: Value| json!({"type": "object", "properties": {"kind": {"const": tag}, "size": size}, "required": ["kind", "size"]});
    let integer = json!({"type": "integer"});
    let old = json!({"oneOf": [shape("a", integer.clone()), shape("b", integer.clone())]});
    let new = json!({"oneOf": [
        shape("b", json!({"type": "integer", "maximum": 9})), shape("a", integer.clone()), shape("c", integer)
    ]});
    let result = compare(&old, &new, Writer::Open);
    insta::assert_snapshot!(breaks(&result.backward).join("\n"), @"");
    insta::assert_snapshot!(breaks(&result.forward).join("\n"), @"");
}

#[test]
fn a_recursive_schema_without_a_finite_value_accepts_nothing() {
    let endless = json!({
        "$defs": {"N": {"type": "object", "properties": {"next": {"$ref": "#/$defs/N"}}, "required": ["next"]}},
        "$ref": "#/$defs/N"
    });
    check(&[(endless, json!(false), SAME.0, SAME.1)]);
}

#[test]
fn what_has_no_model_is_named_in_the_answer() {
    let old =
        json!({"type": "object", "properties": {"a": {"$ref": "https://example.org/elsewhere"}}});
    let new = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let Verdict::Undecided { reasons } = compare(&old, &new, Writer::Open).backward else {
        panic!("nobody can know what stands elsewhere")
    };
    assert_eq!(reasons[0].keyword, "$ref");
    assert_eq!(reasons[0].pointer, "/properties/a");
    assert_eq!(reasons[0].side, Side::Writer);
}

#[test]
fn definitions_that_double_at_every_step_do_not_fill_the_memory() {
    let mut definitions = serde_json::Map::new();
    for level in 0..60 {
        let next = json!({"$ref": format!("#/$defs/L{}", level + 1)});
        definitions.insert(format!("L{level}"), event(&json!({"a": next, "b": next}), &["a", "b"]));
    }
    definitions.insert("L60".to_owned(), json!({"type": "null"}));
    let old = json!({"$defs": definitions, "$ref": "#/$defs/L0"});
    assert_eq!(
        word(&compare(&old, &json!({"type": "string"}), Writer::Open).backward),
        "undecided"
    );
}

#[test]
fn deeply_nested_schemas_fit_on_a_small_stack() {
    let nested = |leaf: Value| {
        (0..60).fold(leaf, |inner, level| match level % 3 {
            0 => event(&json!({"a": inner}), &["a"]),
            1 => json!({"anyOf": [inner, {"type": "null"}]}),
            _ => json!({"type": "array", "items": inner, "minItems": 1}),
        })
    };
    let (old, new) = (nested(json!({"type": "number"})), nested(json!({"type": "integer"})));
    let answer = std::thread::Builder::new()
        .stack_size(2 * 1024 * 1024)
        .spawn(move || word(&compare(&old, &new, Writer::Closed).backward))
        .unwrap();
    assert_eq!(answer.join().unwrap(), "breaking");
}
