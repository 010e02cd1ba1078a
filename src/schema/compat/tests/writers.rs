//! What publishers are taken to send.

use serde_json::{Value, json};

use super::super::writer::emitted;
use super::super::{Verdict, Writer};
use super::{compare, event, word};

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
        "type": "object",
        "allOf": [{"$ref": "#/$defs/Base"}, {"properties": {"name": {"type": "string"}}}]
    });
    let new = event(
        &json!({"id": {"type": "integer"}, "name": {"type": "string"}, "more": {"type": "null"}}),
        &["id"],
    );
    assert_eq!(compare(&old, &new, Writer::Closed).backward, Verdict::Compatible);
}

/// Schema, events that a publisher can send, and events that the schema accepts without anybody
/// sending them.
pub(super) type Row = (&'static str, Value, Vec<Value>, Vec<Value>);

pub(super) fn check_sent(writer: Writer, rows: Vec<Row>) {
    for (name, schema, sent, unsent) in rows {
        let emission = emitted(&schema, writer);
        assert_eq!(emission.doubts, [], "{name}");
        let validator = jsonschema::validator_for(&emission.schema).unwrap();
        let original = jsonschema::validator_for(&schema).unwrap();
        for event in sent {
            assert!(original.is_valid(&event), "{name}: {event} is no event");
            assert!(validator.is_valid(&event), "{name}: {event} is sent\n{:#}", emission.schema);
        }
        for event in unsent {
            assert!(!validator.is_valid(&event), "{name}: {event} is not sent");
        }
    }
}

fn base() -> Value {
    json!({"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]})
}

fn named() -> Value {
    json!({"type": "object", "properties": {"name": {"type": "string"}}})
}

fn with_base(mut schema: Value) -> Value {
    schema["$defs"] = json!({"Base": base()});
    schema
}

#[test]
fn parts_that_always_hold_are_closed_as_one() {
    let reference = json!({"$ref": "#/$defs/Base"});
    let both = json!({"id": 1, "name": "a"});
    let more = json!({"id": 1, "name": "a", "x": 0});
    let nested = |schema: Value| json!({"type": "object", "properties": {"one": schema}});
    let alone = |schema: Value| {
        (vec![both.clone(), json!({"id": 1})], vec![more.clone(), json!({"id": 1, "x": 0})], schema)
    };
    let mut rows = Vec::new();
    for (name, (sent, unsent, schema)) in [
        (
            "properties and $ref",
            alone(with_base(json!({
                "$ref": "#/$defs/Base", "properties": {"name": {"type": "string"}}
            }))),
        ),
        (
            "properties and allOf",
            alone(with_base(json!({
                "allOf": [reference], "properties": {"name": {"type": "string"}}
            }))),
        ),
        ("two members of allOf", alone(with_base(json!({"allOf": [reference, named()]})))),
        (
            "allOf in allOf",
            alone(with_base(json!({
                "allOf": [{"allOf": [reference]}, {"allOf": [{"allOf": [named()]}]}]
            }))),
        ),
        ("$ref and allOf", alone(with_base(json!({"$ref": "#/$defs/Base", "allOf": [named()]})))),
        (
            "required beside $ref",
            alone(with_base(json!({
                "$ref": "#/$defs/Base", "required": ["id"], "allOf": [named(), true]
            }))),
        ),
    ] {
        let inside = |events: &[Value]| -> Vec<Value> {
            events.iter().map(|event| json!({ "one": event })).collect()
        };
        let mut outer = nested(schema.clone());
        outer["$defs"] = schema["$defs"].clone();
        rows.push((name, outer, inside(&sent), inside(&unsent)));
        rows.push((name, schema, sent, unsent));
    }
    check_sent(Writer::Closed, rows);
}

#[test]
fn parts_that_describe_the_same_member_or_speak_about_other_names_are_closed_as_one() {
    let mut rows = Vec::new();
    rows.push((
        "a member that two parts describe",
        json!({"allOf": [
            {"properties": {"at": {"type": "object", "properties": {"street": {"type": "string"}}, "required": ["street"]}}},
            {"properties": {"at": {"type": "object", "properties": {"zip": {"type": "string"}}, "required": ["zip"]}}}
        ]}),
        vec![json!({"at": {"street": "", "zip": ""}})],
        vec![json!({"at": {"street": "", "zip": "", "x": 0}})],
    ));
    rows.push((
        "items that two parts describe",
        json!({"allOf": [{"items": base()}, {"items": named()}]}),
        vec![json!([{"id": 1, "name": ""}])],
        vec![json!([{"id": 1, "x": 0}])],
    ));
    rows.push((
        "a part that speaks about other names",
        with_base(json!({"$ref": "#/$defs/Base", "additionalProperties": {"type": "string"}})),
        vec![],
        vec![json!({"id": 1, "x": 0})],
    ));
    rows.push((
        "a part that is open",
        with_base(json!({"$ref": "#/$defs/Base", "additionalProperties": true})),
        vec![json!({"id": 1, "x": 0})],
        vec![],
    ));
    rows.push((
        "what is unevaluated is spoken about",
        with_base(json!({"$ref": "#/$defs/Base", "properties": {"name": {}}, "unevaluatedProperties": {"type": "null"}})),
        vec![json!({"id": 1, "name": 0, "x": null})],
        vec![json!({"id": 1, "x": 0})],
    ));
    check_sent(Writer::Closed, rows);
}

#[test]
fn alternatives_are_closed_one_by_one_together_with_what_stands_beside_them() {
    let one = |name: &str| json!({"properties": {name: {"type": "integer"}}, "required": [name]});
    let choice = |keyword: &str| json!({"type": "object", "properties": {"k": {"type": "string"}}, keyword: [one("a"), one("b")]});
    let single = vec![json!({"a": 1}), json!({"b": 1, "k": ""})];
    let other = vec![json!({"a": 1, "x": 0}), json!({"k": "", "b": 1, "c": 0})];
    let mut mixed = other.clone();
    mixed.push(json!({"a": 1, "b": 1}));
    check_sent(
        Writer::Closed,
        vec![
            (
                "anyOf alone",
                json!({"anyOf": [one("a"), one("b")]}),
                vec![json!({"a": 1})],
                mixed.clone(),
            ),
            ("properties and anyOf", choice("anyOf"), single.clone(), mixed),
            ("properties and oneOf", choice("oneOf"), single, other),
            (
                "which of the declared names must be there",
                json!({"properties": {"a": {}, "b": {}}, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}),
                vec![json!({"a": 1}), json!({"b": 1})],
                vec![json!({"a": 1, "x": 0})],
            ),
            (
                "a name that one alternative requires and nobody declares",
                json!({"properties": {"k": {}}, "anyOf": [{"required": ["k"]}, {"required": ["b"]}]}),
                vec![json!({"k": 0})],
                vec![json!({"b": 1, "k": 0}), json!({"b": 1})],
            ),
            (
                "two choices",
                json!({"anyOf": [one("a"), one("b")], "oneOf": [one("c"), one("d")]}),
                vec![json!({"a": 1, "c": 1}), json!({"b": 1, "d": 1})],
                vec![json!({"a": 1, "c": 1, "x": 0}), json!({"a": 1, "b": 1, "c": 1})],
            ),
            (
                "a choice in a choice",
                json!({"properties": {"k": {}}, "anyOf": [{"anyOf": [one("a"), one("b")]}, one("c")]}),
                vec![json!({"k": 0, "a": 1}), json!({"k": 0, "c": 1})],
                vec![json!({"k": 0, "a": 1, "c": 1})],
            ),
            (
                "nothing or an object",
                json!({"properties": {"k": {}}, "anyOf": [{"type": "null"}, one("a")]}),
                vec![json!(null), json!({"a": 1, "k": 0})],
                vec![json!({"a": 1, "x": 0})],
            ),
        ],
    );
}

#[test]
fn conditions_keep_their_meaning() {
    check_sent(
        Writer::Closed,
        vec![
            (
                "then and else declare names",
                json!({
                    "properties": {"k": {"enum": ["x", "y"]}}, "required": ["k"],
                    "if": {"properties": {"k": {"const": "x"}}},
                    "then": {"properties": {"p": {"type": "integer"}}, "required": ["p"]},
                    "else": {"properties": {"q": {}}, "required": ["q"]}
                }),
                vec![json!({"k": "x", "p": 1}), json!({"k": "y", "q": 1})],
                vec![json!({"k": "x", "p": 1, "z": 0})],
            ),
            (
                "else requires what nobody declares",
                json!({
                    "properties": {"k": {"enum": ["x", "y"]}}, "required": ["k"],
                    "if": {"properties": {"k": {"const": "x"}}}, "else": {"required": ["q"]}
                }),
                vec![json!({"k": "x"})],
                vec![json!({"k": "y", "q": 1}), json!({"k": "x", "q": 1})],
            ),
            (
                "nobody declares anything",
                json!({"if": {"required": ["a"]}, "then": {"required": ["b"]}}),
                vec![json!({"a": 1, "b": 1}), json!({"x": 0})],
                vec![],
            ),
            (
                "only the condition knows the tag",
                json!({
                    "if": {"properties": {"k": {"const": "x"}}, "required": ["k"]},
                    "then": {"properties": {"p": {}}}, "else": {"properties": {"q": {}}}
                }),
                vec![json!({"k": "x", "p": 1}), json!({"k": "y", "q": 1})],
                vec![json!({"k": "y", "z": 1})],
            ),
        ],
    );
}

#[test]
fn what_depends_on_other_members_keeps_its_meaning() {
    check_sent(
        Writer::Closed,
        vec![
            (
                "dependentSchemas",
                json!({"properties": {"a": {}}, "dependentSchemas": {"a": {"properties": {"b": {}}, "required": ["b"]}}}),
                vec![json!({}), json!({"a": 1, "b": 1})],
                vec![json!({"a": 1, "b": 1, "x": 1})],
            ),
            (
                "dependentRequired names what nobody declares",
                json!({"properties": {"a": {}, "c": {}}, "dependentRequired": {"a": ["b"]}}),
                vec![json!({"c": 1})],
                vec![json!({"x": 1}), json!({"a": 1, "b": 1})],
            ),
            (
                "not is not closed, and neither is what it refers to",
                with_base(
                    json!({"properties": {"id": {}, "x": {}}, "not": {"$ref": "#/$defs/Base"}}),
                ),
                vec![json!({"id": "", "x": 1})],
                vec![json!({"id": 1, "x": 1}), json!({"y": 1})],
            ),
            (
                "contains is not closed",
                json!({"items": {"properties": {"a": {}, "b": {}}}, "contains": {"properties": {"a": {"const": 1}}, "required": ["a"]}}),
                vec![json!([{"a": 1, "b": 2}])],
                vec![json!([{"a": 1, "x": 2}])],
            ),
        ],
    );
}

#[test]
fn closing_that_leaves_nothing_to_send_is_no_proof() {
    // What closing empties in ways that cannot be mended is no proof of anything.
    let odd =
        json!({"type": "object", "properties": {"a": {}}, "not": {"not": {"required": ["z"]}}});
    for (schema, other) in [
        (odd.clone(), json!({"type": "string"})),
        (event(&json!({"inner": odd}), &[]), event(&json!({"inner": {"type": "string"}}), &[])),
    ] {
        assert_eq!(word(&compare(&schema, &other, Writer::Closed).backward), "undecided");
        assert_eq!(word(&compare(&schema, &other, Writer::Open).backward), "breaking");
    }
    let truly_empty =
        json!({"type": "object", "properties": {"a": false}, "required": ["a"], "not": {}});
    assert_eq!(
        compare(&truly_empty, &json!({"type": "string"}), Writer::Closed).backward,
        Verdict::Compatible
    );
}

#[test]
fn a_dump_has_every_declared_field_of_every_part() {
    check_sent(
        Writer::Dump,
        vec![
            (
                "allOf",
                with_base(json!({"allOf": [{"$ref": "#/$defs/Base"}, named()]})),
                vec![json!({"id": 1, "name": ""})],
                vec![json!({"id": 1})],
            ),
            (
                "anyOf",
                json!({"properties": {"k": {}}, "anyOf": [named(), base()]}),
                vec![json!({"k": 0, "name": ""}), json!({"k": 0, "id": 1})],
                vec![json!({"k": 0}), json!({"name": ""})],
            ),
            (
                "a name that is demanded only",
                json!({"properties": {"a": {}}, "dependentRequired": {"z": ["y"]}}),
                vec![json!({"a": 1})],
                vec![json!({})],
            ),
        ],
    );
}

#[test]
fn pointers_lead_into_the_schema_as_it_was_written() {
    let old = json!({
        "$defs": {"Base": base()},
        "allOf": [{"$ref": "#/$defs/Base"}, named()],
        "anyOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"required": ["name"]}]
    });
    let new = event(
        &json!({"id": {"type": "string"}, "name": {"type": "null"}, "a": {"type": "null"}}),
        &[],
    );
    let Verdict::Breaking { breaks } = compare(&old, &new, Writer::Closed).backward else {
        panic!("three fields changed their type")
    };
    for found in &breaks {
        let pointer = &found.writer_pointer;
        assert!(old.pointer(pointer).is_some(), "{pointer:?} of {found:?}");
    }
    let pointers: Vec<&str> = breaks.iter().map(|found| found.writer_pointer.as_str()).collect();
    insta::assert_snapshot!(pointers.join("\n"), @r"
    /$defs/Base/properties/id
    /allOf/1/properties/name
    /anyOf/0/properties/a
    ");
}
