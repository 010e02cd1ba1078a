//! JSON Schema: every contract in one file.
//!
//! Each schema is embedded word for word under `$defs`, with an `$id` of its own, so that its
//! references keep their meaning: a compound document as JSON Schema 2020-12 describes it.

use serde_json::{Map, Value};

use super::target::HEADER;
use crate::schema::{JsonText, SchemaDocument};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The file that holds the schemas of all documents. `update` is the command that writes it again.
pub fn bundle(documents: &[SchemaDocument], update: &str) -> String {
    let mut definitions = Map::new();
    for document in documents {
        for (part, schema) in parts(document) {
            let name = format!("{}@{}{part}", document.topic, document.version);
            let id = format!("urn:celerysalt:{}:{}{part}", document.topic, document.version);
            definitions.insert(name, identified(schema.value(), &id));
        }
    }
    let mut root = Map::new();
    root.insert("$schema".to_owned(), Value::from(DIALECT));
    root.insert("$comment".to_owned(), Value::from(format!("{HEADER} update: {update}")));
    root.insert("$defs".to_owned(), Value::Object(definitions));
    pretty(&Value::Object(root))
}

/// One document's schemas: the payload alone where there is nothing else.
pub fn single(document: &SchemaDocument, update: &str) -> String {
    let mut parts = parts(document);
    match (parts.next(), parts.next()) {
        (Some((_, schema)), None) => pretty(&schema.value()),
        _ => bundle(std::slice::from_ref(document), update),
    }
}

fn parts(document: &SchemaDocument) -> impl Iterator<Item = (&'static str, &JsonText)> {
    let parts = [
        ("", Some(&document.schema)),
        (":response", document.response_schema.as_ref()),
        (":error", document.error_schema.as_ref()),
    ];
    parts.into_iter().filter_map(|(part, schema)| Some((part, schema?)))
}

/// A schema that has an id keeps it.
fn identified(schema: Value, id: &str) -> Value {
    let Value::Object(keywords) = schema else { return schema };
    let mut all = Map::new();
    all.insert("$id".to_owned(), Value::from(id));
    all.extend(keywords);
    Value::Object(all)
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(topic: &str, schema: &Value) -> SchemaDocument {
        let schema = JsonText::try_from(schema).unwrap();
        SchemaDocument::new(topic.parse().unwrap(), "v1".parse().unwrap(), schema)
    }

    #[test]
    fn references_keep_their_meaning_in_the_bundle() {
        let point = |kind: &str| {
            json!({
                "$defs": {"Point": {"type": kind}},
                "properties": {"at": {"$ref": "#/$defs/Point"}},
                "type": "object",
            })
        };
        let mut call = document("b", &point("string"));
        call.response_schema = Some(JsonText::try_from(&json!({"type": "null"})).unwrap());
        let text = bundle(&[document("a", &point("integer")), call], "celerysalt generate");
        let bundle: Value = serde_json::from_str(&text).unwrap();
        let accepts = |id: &str, instance: &Value| {
            let mut schema = bundle.clone();
            schema["$ref"] = json!(id);
            jsonschema::validator_for(&schema).unwrap().is_valid(instance)
        };
        assert!(accepts("urn:celerysalt:a:v1", &json!({"at": 1})));
        assert!(!accepts("urn:celerysalt:a:v1", &json!({"at": "x"})));
        assert!(accepts("urn:celerysalt:b:v1", &json!({"at": "x"})));
        assert!(accepts("urn:celerysalt:b:v1:response", &json!(null)));
        assert!(!accepts("urn:celerysalt:b:v1:response", &json!(1)));
    }

    #[test]
    fn one_payload_is_its_schema_as_it_was_registered() {
        let schema = json!({"type": "object", "title": "A"});
        let text = single(&document("a", &schema), "celerysalt generate");
        assert_eq!(text, "{\n  \"type\": \"object\",\n  \"title\": \"A\"\n}\n");
    }
}
