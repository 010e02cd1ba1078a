use serde_json::Value;

use super::canonical::{push_canonical, sha256_hex};
use super::document::SchemaDocument;
use super::json_text::JsonText;

/// The three schemas of a document, read once for everybody who looks into them.
#[derive(Debug)]
pub struct Contract<'d> {
    document: &'d SchemaDocument,
    pub schema: Value,
    pub response: Option<Value>,
    pub error: Option<Value>,
}

impl<'d> Contract<'d> {
    pub fn of(document: &'d SchemaDocument) -> Self {
        let value = |text: &Option<JsonText>| text.as_ref().map(JsonText::value);
        Self {
            document,
            schema: document.schema.value(),
            response: value(&document.response_schema),
            error: value(&document.error_schema),
        }
    }

    /// SHA-256 of the canonical contract: topic, version, mode and the three schemas. Descriptions
    /// outside of the schemas, owners and annotations do not change it.
    pub fn hash(&self) -> String {
        let text = |text: &str| Value::from(text);
        let document = self.document;
        // In the order of the names, as canonical JSON has them.
        let members = [
            ("error_schema", self.error.as_ref()),
            ("mode", Some(&text(document.mode.as_str()))),
            ("response_schema", self.response.as_ref()),
            ("schema", Some(&self.schema)),
            ("topic", Some(&text(document.topic.as_str()))),
            ("version", Some(&text(document.version.as_str()))),
        ];
        let mut out = String::from("{");
        for (index, (name, value)) in members.into_iter().enumerate() {
            out.push_str(if index == 0 { "\"" } else { ",\"" });
            out.push_str(name);
            out.push_str("\":");
            push_canonical(value.unwrap_or(&Value::Null), &mut out);
        }
        out.push('}');
        sha256_hex(&out)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::{Mode, canonical_json};

    #[test]
    fn the_hash_is_that_of_the_canonical_json_of_the_contract() {
        let (schema, response) =
            (json!({"type": "object", "title": "é\""}), json!({"b": 1.0, "a": 2}));
        let text = |schema: &Value| JsonText::try_from(schema).unwrap();
        let mut document =
            SchemaDocument::new("a.\"b".parse().unwrap(), "v1".parse().unwrap(), text(&schema));
        document.mode = Mode::Rpc;
        document.response_schema = Some(text(&response));
        let contract = json!({
            "topic": "a.\"b", "version": "v1", "mode": "rpc",
            "schema": schema, "response_schema": response, "error_schema": null,
        });
        assert_eq!(document.contract_hash(), sha256_hex(&canonical_json(&contract)));
    }
}
