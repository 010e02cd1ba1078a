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
