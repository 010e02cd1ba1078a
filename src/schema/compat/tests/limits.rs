//! Schemas that bring engines to their knees, and where this one says that it cannot tell.

use serde_json::{Value, json};

use super::super::{Side, Verdict, Writer};
use super::{check, compare, event, word};

const SAME: (&str, &str) = ("compatible", "compatible");

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

#[test]
fn long_chains_of_references_are_followed_to_their_end() {
    let chain = |length: usize, step: fn(Value) -> Value, last: Value| {
        let mut definitions = serde_json::Map::new();
        for level in 0..length {
            let next = step(json!({"$ref": format!("#/$defs/L{}", level + 1)}));
            definitions.insert(
                format!("L{level}"),
                event(&json!({"x": {"type": "integer"}, "n": next}), &["x"]),
            );
        }
        definitions.insert(format!("L{length}"), last);
        json!({"$defs": definitions, "$ref": "#/$defs/L0"})
    };
    let plain = |next: Value| next;
    let optional_list =
        |next: Value| json!({"anyOf": [{"type": "array", "items": next}, {"type": "null"}]});
    for (length, step, expected) in [
        (80, plain as fn(Value) -> Value, ["compatible", "breaking"]),
        (40, optional_list, ["compatible", "breaking"]),
        (3_000, plain, ["undecided", "undecided"]),
    ] {
        let old = chain(length, step, json!({"type": "integer"}));
        let new = chain(length, step, json!({"type": ["integer", "string"]}));
        let result = compare(&old, &new, Writer::Open);
        assert_eq!([word(&result.backward), word(&result.forward)], expected, "{length}");
    }
}

#[test]
fn parts_that_are_named_twice_at_every_step_do_not_take_forever() {
    for keyword in ["allOf", "anyOf"] {
        let doubling = |leaf: &str| {
            let mut definitions = serde_json::Map::new();
            for level in 0..40 {
                let next = json!({"$ref": format!("#/$defs/L{}", level + 1)});
                definitions.insert(format!("L{level}"), json!({ keyword: [next, next] }));
            }
            definitions.insert("L40".to_owned(), json!({ "type": leaf }));
            json!({"$defs": definitions, "$ref": "#/$defs/L0"})
        };
        let (old, new) = (doubling("integer"), doubling("number"));
        let result = compare(&old, &new, Writer::Open);
        assert_eq!(result.backward, Verdict::Compatible, "{keyword}");
        // There is a witness, but no validator could confirm it.
        assert_eq!(word(&result.forward), "undecided", "{keyword}");
    }
}

/// A union of 80 models as Pydantic writes it: a tag that has a default is not required, so any two
/// of them take an event without it.
fn tagged_union(edit: fn(usize, &mut Value)) -> Value {
    let mut definitions = serde_json::Map::new();
    let mut mapping = serde_json::Map::new();
    for at in 0..80 {
        let (name, tag) = (format!("Model{at}"), format!("model_{at}"));
        let mut model = event(
            &json!({
                "kind": {"const": tag, "default": tag, "type": "string"},
                "id": {"type": "string"},
                "at": {"type": "string", "format": "date-time"},
                "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": null},
            }),
            &["id", "at"],
        );
        edit(at, &mut model);
        mapping.insert(tag, json!(format!("#/$defs/{name}")));
        definitions.insert(name, model);
    }
    let branches: Vec<Value> = mapping.values().map(|to| json!({ "$ref": to })).collect();
    let one =
        json!({"discriminator": {"mapping": mapping, "propertyName": "kind"}, "oneOf": branches});
    let mut root = event(&json!({"event": one}), &["event"]);
    root["$defs"] = Value::Object(definitions);
    root
}

#[test]
fn tagged_unions_of_many_models_are_decided() {
    let old = tagged_union(|_, _| ());
    type Edit = fn(usize, &mut Value);
    let cases: [(Edit, Writer, [&str; 2]); 6] = [
        (
            |_, model| model["properties"]["extra"] = json!({"type": "integer", "default": 0}),
            Writer::Closed,
            ["compatible", "compatible"],
        ),
        (
            |at, model| {
                if at == 40 {
                    model["properties"]["id"] = json!({"type": "integer"});
                }
            },
            Writer::Closed,
            ["breaking", "breaking"],
        ),
        (
            |_, model| model["required"] = json!(["id", "at", "note"]),
            Writer::Closed,
            ["breaking", "compatible"],
        ),
        (
            |_, model| model["required"] = json!(["id", "at", "note"]),
            Writer::Dump,
            ["compatible", "compatible"],
        ),
        (
            |_, model| model["required"] = json!(["kind", "id", "at"]),
            Writer::Open,
            ["compatible", "compatible"],
        ),
        (
            |at, model| {
                if at == 7 {
                    model["properties"]["note"] = json!({"type": "string"});
                }
            },
            Writer::Open,
            ["breaking", "compatible"],
        ),
    ];
    for (row, (edit, writer, expected)) in cases.into_iter().enumerate() {
        let result = compare(&old, &tagged_union(edit), writer);
        assert_eq!([word(&result.backward), word(&result.forward)], expected, "row {row}");
    }
}

/// Ranges that overlap.
fn ranges((keyword, count): (&str, usize), width: usize) -> Value {
    let range =
        |at: usize| json!({"type": "integer", "minimum": at * 10, "maximum": at * 10 + width});
    json!({ keyword: (0..count).map(range).collect::<Vec<_>>() })
}

#[test]
fn large_unions_whose_branches_overlap_come_to_an_end() {
    for writer in [Writer::Open, Writer::Closed] {
        let result = compare(&ranges(("anyOf", 400), 15), &ranges(("anyOf", 400), 14), writer);
        assert_eq!(word(&result.backward), "breaking");
        assert_eq!(word(&result.forward), "compatible");
        // More work than the answer is worth: it used to take minutes and gigabytes.
        let result = compare(&ranges(("oneOf", 400), 15), &ranges(("oneOf", 400), 14), writer);
        assert_ne!(word(&result.backward), "compatible");
    }
}

/// The README's table of undecided answers, row by row: keyword that is named, writer, reader.
#[test]
fn what_the_readme_calls_undecided_is_undecided() {
    let text = |mut rule: Value| {
        rule["type"] = json!("string");
        rule
    };
    let pattern = |pattern: &str| text(json!({ "pattern": pattern }));
    let members = |of: fn(String) -> Value| -> Vec<Value> {
        ('a'..='h').map(|letter| of(letter.to_string())).collect()
    };
    let by_pattern = |of: fn(char) -> String, kind: &str| {
        let patterns: serde_json::Map<String, Value> =
            ('a'..='h').map(|letter| (of(letter), json!({ "type": kind }))).collect();
        json!({"type": "object", "patternProperties": patterns, "additionalProperties": false})
    };
    let deep = |leaf: &str| {
        (0..110).fold(json!({ "type": leaf }), |inner, _| json!({"type": "array", "items": inner}))
    };
    let rows = [
        ("pattern", pattern("^\\d+$"), pattern("^[0-9]+$")),
        ("pattern", pattern("^(a|b)\\1$"), pattern("^(aa|bb)$")),
        ("pattern", pattern("^[ab]*a[ab]{18}$"), pattern("^[ab]*[ab]{19}$")),
        ("pattern", text(json!({"format": "uri"})), pattern(":")),
        ("format", text(json!({})), text(json!({"format": "ipv4network"}))),
        ("$ref", json!({"$ref": "https://example.org/order.json"}), json!({"type": "object"})),
        (
            "unevaluatedProperties",
            json!({"anyOf": members(|name| json!({"properties": {name: {"type": "integer"}}})), "unevaluatedProperties": false}),
            json!({"type": ["null", "boolean", "number", "string", "array", "object"], "maxProperties": 8}),
        ),
        (
            "patternProperties",
            by_pattern(|letter| letter.to_string(), "integer"),
            by_pattern(|letter| format!("[{letter}]"), "number"),
        ),
        (
            "minItems",
            json!({"type": "array", "minItems": 60_000}),
            json!({"type": "array", "maxItems": 10}),
        ),
        ("complexity", ranges(("oneOf", 50), 15), ranges(("oneOf", 50), 14)),
        ("depth", deep("integer"), deep("number")),
        (
            "type",
            json!({"type": "number", "multipleOf": 1}),
            json!({"$schema": "http://json-schema.org/draft-04/schema#", "type": "integer"}),
        ),
    ];
    for (keyword, old, new) in rows {
        // Alternatives are closed one by one: nothing is left unevaluated.
        let is_open_only = keyword == "unevaluatedProperties";
        let writers = [Writer::Open, Writer::Closed];
        for writer in writers.into_iter().take(if is_open_only { 1 } else { 2 }) {
            let verdict = compare(&old, &new, writer).backward;
            let Verdict::Undecided { reasons } = verdict else {
                panic!("{old} -> {new}: {verdict:?}")
            };
            assert_eq!(reasons[0].keyword, keyword, "{old} -> {new}");
        }
    }
}

#[test]
fn what_the_readme_calls_undecided_about_publishers_is_undecided() {
    let rows = [
        (
            "$ref",
            json!({"type": "object", "properties": {"a": {}}, "$ref": "https://example.org/base.json"}),
        ),
        (
            "patternProperties",
            json!({
                "type": "object",
                "properties": {"ab": {"type": "object", "properties": {"x": {"type": "integer"}}}},
                "patternProperties": {"^a": {"type": "object", "properties": {"y": {"type": "integer"}}}}
            }),
        ),
        (
            "properties",
            json!({"type": "object", "properties": {"a": {}}, "not": {"not": {"required": ["z"]}}}),
        ),
    ];
    for (keyword, old) in rows {
        let verdict =
            compare(&old, &json!({"type": "object", "required": ["q"]}), Writer::Closed).backward;
        let Verdict::Undecided { reasons } = verdict else { panic!("{old}: {verdict:?}") };
        assert_eq!(reasons[0].keyword, keyword, "{old}");
        assert_eq!(reasons[0].side, Side::Writer, "{old}");
    }
}
