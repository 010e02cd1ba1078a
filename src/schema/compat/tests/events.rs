//! What is sent where closing alone would let too much or too little through.

use serde_json::json;

use super::super::writer::emitted;
use super::super::{Verdict, Writer};
use super::writers::check_sent;
use super::{compare, event, word};

#[test]
fn what_may_fit_two_branches_of_a_one_of_is_sent_only_if_it_is_an_event() {
    // Any object without `a` fits the first branch, so `{"b": 1}` fits both as they were written.
    let either = json!({"oneOf": [
        {"type": "object", "properties": {"a": {"type": "integer"}, "n": {}}},
        {"type": "object", "properties": {"b": {"type": "integer"}}, "required": ["b"]}
    ]});
    let tag = |tag: &str, field: &str| json!({"type": "object", "properties": {"kind": {"const": tag}, field: {"type": "integer"}}});
    let optional_tags = json!({"oneOf": [tag("cat", "lives"), tag("dog", "age")]});
    check_sent(
        Writer::Closed,
        vec![
            (
                "untagged",
                either.clone(),
                vec![json!({"a": 1}), json!({"n": 1}), json!({})],
                vec![json!({"b": 1}), json!({"n": 1, "x": 1}), json!({"b": 1, "a": "x"})],
            ),
            (
                "in a field",
                json!({"properties": {"e": either}}),
                vec![json!({"e": {"n": 0}})],
                vec![json!({"e": {"b": 1}}), json!({"e": {"n": 1, "x": 1}})],
            ),
            (
                "tags with a default",
                optional_tags.clone(),
                vec![json!({"kind": "cat", "lives": 9}), json!({"kind": "dog"})],
                vec![json!({"kind": "cat", "age": 1})],
            ),
            (
                "beside properties",
                json!({"properties": {"id": {}}, "oneOf": optional_tags["oneOf"]}),
                vec![json!({"id": 1, "kind": "cat", "lives": 9})],
                vec![json!({"id": 1, "kind": "cat", "age": 9})],
            ),
            (
                "beside properties, without names of its own",
                json!({"properties": {"a": {}}, "oneOf": [
                    {"type": "object"}, {"additionalProperties": {"type": "null"}}
                ]}),
                vec![json!({"a": 1})],
                vec![json!({"a": null}), json!({"b": null}), json!({"b": 1}), json!({})],
            ),
        ],
    );
    for sent in [json!({}), json!({"lives": 9}), json!({"age": 1})] {
        for schema in
            [&optional_tags, &json!({"properties": {"id": {}}, "oneOf": optional_tags["oneOf"]})]
        {
            let emission = emitted(schema, Writer::Closed);
            let validator = jsonschema::validator_for(&emission.schema).unwrap();
            assert!(!validator.is_valid(&sent), "{sent} fits both branches as they were written");
        }
    }
    for schema in [either, optional_tags] {
        let other = json!({"anyOf": [schema]});
        for writer in [Writer::Closed, Writer::Dump] {
            let result = compare(&schema, &other, writer);
            assert_eq!(result.backward, Verdict::Compatible, "{schema}");
            assert_eq!(result.forward, Verdict::Compatible, "{schema}");
        }
    }
}

#[test]
fn a_name_that_is_required_but_not_declared_is_not_sent() {
    check_sent(
        Writer::Closed,
        vec![
            (
                "required where another schema declares it",
                json!({"properties": {"a": {}}, "allOf": [{"properties": {"b": {}}}], "required": ["b"]}),
                vec![json!({"b": 1})],
                vec![json!({"b": 1, "x": 0})],
            ),
            (
                "const",
                json!({"properties": {"a": {}}, "const": {"a": 1, "b": 2}}),
                vec![json!({"a": 1, "b": 2})],
                vec![],
            ),
        ],
    );
    // Nothing could be sent at all: that is said, not taken for a proof.
    for schema in [
        json!({"type": "object", "properties": {"a": {}}, "required": ["b"]}),
        json!({"type": "object", "properties": {"a": {}}, "minProperties": 2}),
        json!({"type": "object", "properties": {"a": {}}, "anyOf": [{"required": ["b"]}, {"required": ["c"]}]}),
    ] {
        for other in [json!({"type": "string"}), event(&json!({"a": {"type": "string"}}), &["b"])] {
            assert_eq!(word(&compare(&schema, &other, Writer::Closed).backward), "undecided");
            assert_eq!(word(&compare(&schema, &other, Writer::Open).backward), "breaking");
        }
    }
}
