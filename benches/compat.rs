//! How long the compatibility engine takes; both directions, parsing included.

use celerysalt::schema::compat::{Comparison, Options, Schema, compare};
use serde_json::{Map, Value, json};

fn main() {
    divan::main();
}

/// A model as Pydantic writes it: strings, numbers, optional fields, a nested model.
fn model(fields: usize, tightened: Option<usize>) -> Schema {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for index in 0..fields {
        let mut field = match index % 5 {
            0 => json!({"type": "string", "maxLength": 100, "title": "Field"}),
            1 => json!({"type": "integer", "minimum": 0, "title": "Field"}),
            2 => json!({"anyOf": [{"type": "string"}, {"type": "null"}], "default": null}),
            3 => json!({"$ref": "#/$defs/Address"}),
            _ => json!({"type": "array", "items": {"type": "number"}}),
        };
        if tightened == Some(index) {
            field = json!({"type": "string", "maxLength": 50});
        }
        properties.insert(format!("field_{index}"), field);
        if index % 5 != 2 {
            required.push(format!("field_{index}"));
        }
    }
    Schema::parse(&json!({
        "$defs": {"Address": {"type": "object", "title": "Address",
            "properties": {"street": {"type": "string"}, "zip": {"type": "string", "pattern": "^[0-9]{5}$"}},
            "required": ["street", "zip"]}},
        "type": "object", "title": "Event", "properties": properties, "required": required
    }))
}

/// Models that refer to the union of all of them.
fn union(tightened: bool) -> Schema {
    let name = |index: usize| format!("#/$defs/M{index}");
    let members: Vec<Value> = (0..12).map(|index| json!({"$ref": name(index)})).collect();
    let mut definitions = Map::new();
    definitions.insert("Any".to_owned(), json!({"oneOf": members}));
    for index in 0..12 {
        let limit = if tightened && index == 7 { 10 } else { 20 };
        let model = json!({
            "type": "object",
            "properties": {
                "kind": {"const": format!("m{index}")},
                "name": {"type": "string", "maxLength": limit},
                "left": {"anyOf": [{"$ref": "#/$defs/Any"}, {"type": "null"}]},
                "right": {"type": "array", "items": {"$ref": "#/$defs/Any"}},
                "weight": {"type": "number"}
            },
            "required": ["kind", "name", "left", "right", "weight"]
        });
        definitions.insert(format!("M{index}"), model);
    }
    Schema::parse(&json!({"$defs": definitions, "$ref": "#/$defs/Any"}))
}

fn both(old: &Schema, new: &Schema) -> Comparison {
    compare(divan::black_box(old), divan::black_box(new), Options::default())
}

#[divan::bench(args = [10, 100, 1_000])]
fn model_with_a_new_optional_field(bencher: divan::Bencher<'_, '_>, fields: usize) {
    let old = model(fields, None);
    let mut document = old.document().clone();
    document["properties"]["note"] = json!({"anyOf": [{"type": "string"}, {"type": "null"}]});
    let new = Schema::parse(&document);
    bencher.bench(|| both(&old, &new));
}

#[divan::bench(args = [10, 100, 1_000])]
fn model_with_a_tightened_field(bencher: divan::Bencher<'_, '_>, fields: usize) {
    let (old, new) = (model(fields, None), model(fields, Some(5)));
    bencher.bench(|| both(&old, &new));
}

#[divan::bench]
fn same_cyclic_union_of_12_models(bencher: divan::Bencher<'_, '_>) {
    let (old, new) = (union(false), union(false));
    bencher.bench(|| both(&old, &new));
}

#[divan::bench]
fn cyclic_union_of_12_models_with_one_tightened(bencher: divan::Bencher<'_, '_>) {
    let (old, new) = (union(false), union(true));
    bencher.bench(|| both(&old, &new));
}
