use std::fs;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::codegen::corpus::{self, document};
use crate::schema::EventValidator;

static OFFICIAL: LazyLock<EventValidator> = LazyLock::new(|| {
    let text = fs::read_to_string("tests/data/asyncapi/asyncapi-3.0.0.json").unwrap();
    EventValidator::compile(&serde_json::from_str(&text).unwrap()).unwrap()
});

fn options() -> Options {
    Options::new("celerysalt generate asyncapi")
}

fn made(documents: &[SchemaDocument]) -> (Value, Vec<Loss>) {
    let output = files(documents, &options());
    let [file] = &output.files[..] else { panic!("one file") };
    assert_eq!(file.path, "asyncapi.json");
    (serde_json::from_str(&file.text).unwrap(), output.losses)
}

/// What is wrong with a document by the official schema, and references that lead nowhere.
fn problems(document: &Value) -> Vec<String> {
    let mut problems: Vec<String> =
        OFFICIAL.misfits(document).iter().map(|misfit| format!("{misfit:?}")).collect();
    check_references(document, document, &mut problems);
    for operation in document["operations"].as_object().unwrap().values() {
        for side in [operation, &operation["reply"]] {
            let channel = side["channel"]["$ref"].as_str().unwrap_or_default();
            for message in side["messages"].as_array().into_iter().flatten() {
                if !message["$ref"].as_str().unwrap().starts_with(&format!("{channel}/messages/")) {
                    problems.push(format!("{message} is no message of {channel}"));
                }
            }
        }
    }
    problems
}

fn check_references(root: &Value, value: &Value, problems: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
                let pointer = reference.strip_prefix('#');
                if pointer.and_then(|pointer| root.pointer(pointer)).is_none() {
                    problems.push(format!("{reference} leads nowhere"));
                }
            }
            map.values().for_each(|member| check_references(root, member, problems));
        }
        Value::Array(list) => list.iter().for_each(|item| check_references(root, item, problems)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_corpus_becomes_a_valid_document() {
    let (document, _) = made(&corpus::events());
    assert_eq!(problems(&document), Vec::<String>::new());
}

#[test]
fn no_documents_are_a_valid_document_too() {
    assert_eq!(problems(&made(&[]).0), Vec::<String>::new());
}

#[test]
fn an_event_and_a_call_are_written_like_this() {
    let chosen: Vec<SchemaDocument> = corpus::events()
        .into_iter()
        .filter(|document| ["order.created", "rpc.price.quote"].contains(&document.topic.as_str()))
        .collect();
    insta::assert_snapshot!(files(&chosen, &options()).files[0].text);
}

#[test]
fn what_cannot_be_said_is_noted() {
    let shown: Vec<String> = made(&corpus::events())
        .1
        .iter()
        .map(|note| format!("{}@{}: {}", note.topic, note.version, note.message))
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn the_order_of_the_documents_does_not_matter() {
    let mut documents = corpus::events();
    let forward = files(&documents, &options());
    documents.reverse();
    assert_eq!(files(&documents, &options()), forward);
}

#[test]
fn schemas_of_other_people_become_valid_documents() {
    for schemas in corpus::foreign_schemas().chunks(200) {
        let documents: Vec<SchemaDocument> = schemas
            .iter()
            .enumerate()
            .map(|(index, schema)| document(&format!("foreign.n{index}"), schema))
            .collect();
        assert_eq!(problems(&made(&documents).0), Vec::<String>::new());
    }
}

/// Draft 7 judges these, or not, in another way than draft 2020-12.
const JUDGED_OTHERWISE: [&str; 4] = ["format", "contentEncoding", "contentMediaType", "draft-0"];

/// Where draft 7 can say what the schema says, a payload is judged as before.
#[test]
fn components_accept_and_reject_what_the_schema_did() {
    let (pairs, mut compared) = (corpus::foreign_schemas(), 0);
    for schema in pairs.iter().step_by(7) {
        let document = document("a", schema);
        let (made, notes) = made(std::slice::from_ref(&document));
        let Ok(before) = EventValidator::compile(schema) else { continue };
        let text = schema.to_string();
        if !notes.is_empty() || JUDGED_OTHERWISE.iter().any(|word| text.contains(word)) {
            continue;
        }
        let payload = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "allOf": [{"$ref": "#/components/schemas/a.v1"}],
            "components": {"schemas": made["components"]["schemas"]},
        });
        let after = EventValidator::compile(&payload).unwrap();
        for instance in corpus::instances() {
            compared += 1;
            assert_eq!(
                before.is_valid(&instance),
                after.is_valid(&instance),
                "{instance} under {schema} and {payload}"
            );
        }
    }
    assert!(compared > 5_000, "only {compared} verdicts were compared");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_schema_breaks_the_document(schema in corpus::any_schema()) {
        let (document, _) = made(&[document("a", &schema)]);
        prop_assert_eq!(problems(&document), Vec::<String>::new());
    }
}
