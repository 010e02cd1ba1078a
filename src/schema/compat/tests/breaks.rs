//! Which breaks are found, where, and by what smallest event.

use serde_json::{Value, json};

use super::super::{Break, Verdict, Writer};
use super::compare;

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
    insta::assert_snapshot!(breaks(&result.backward).join("\n"), @r#"
    required at "" (writer "", reader ""): {"id":"","lines":[]}
    format at "id" (writer "/properties/id", reader "/properties/id"): {"id":"","lines":[]}
    enum at "state" (writer "/properties/state", reader "/properties/state"): {"id":"","state":"lost","lines":[]}
    minItems at "lines" (writer "/properties/lines", reader "/properties/lines"): {"id":"","lines":[]}
    type at "note" (writer "/properties/note", reader "/properties/note"): {"id":"","lines":[],"note":null}
    minimum at "lines[].qty" (writer "/$defs/Line/properties/qty", reader "/$defs/Line/properties/qty"): {"id":"","lines":[{"qty":0}]}
    "#);
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
    insta::assert_snapshot!(breaks(&result.backward).join("\n"), @r#"type at "value" (writer "/$defs/Node/properties/value", reader "/$defs/Node/properties/value"): {"value":0.5,"children":[]}"#);
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
    insta::assert_snapshot!(breaks(&result.backward).join("\n"), @r#"maximum at "size" (writer "/oneOf/1/properties/size", reader "/oneOf/0/properties/size"): {"kind":"b","size":10}"#);
    insta::assert_snapshot!(breaks(&result.forward).join("\n"), @r#"oneOf at "" (writer "", reader ""): {"kind":"c","size":0}"#);
}
