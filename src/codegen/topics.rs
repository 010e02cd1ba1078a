//! Documents in the order in which every target walks them, and the schemas they really have.

use serde_json::Value;

use crate::event::Topic;
use crate::schema::{JsonText, Mode, SchemaDocument, SchemaPart};

/// The versions of one topic, the oldest first; never empty.
pub(super) struct TopicVersions<'d> {
    pub(super) topic: &'d Topic,
    pub(super) versions: Vec<&'d SchemaDocument>,
}

impl<'d> TopicVersions<'d> {
    pub(super) fn latest(&self) -> &'d SchemaDocument {
        self.versions.last().expect("a topic is made of its first version")
    }
}

/// Topics by name, versions by age. Of documents with the same topic and version, which no registry
/// holds, the first counts.
pub(super) fn by_topic(documents: &[SchemaDocument]) -> Vec<TopicVersions<'_>> {
    let mut sorted: Vec<&SchemaDocument> = documents.iter().collect();
    sorted.sort_by(|a, b| {
        let names = a.topic.cmp(&b.topic).then_with(|| a.version.cmp(&b.version));
        names.then_with(|| a.version.as_str().cmp(b.version.as_str()))
    });
    sorted.dedup_by(|a, b| a.topic == b.topic && a.version.as_str() == b.version.as_str());
    let mut topics: Vec<TopicVersions<'_>> = Vec::new();
    for document in sorted {
        match topics.last_mut() {
            Some(last) if *last.topic == document.topic => last.versions.push(document),
            Some(_) | None => {
                topics.push(TopicVersions { topic: &document.topic, versions: vec![document] });
            }
        }
    }
    topics
}

/// One of the up to three schemas of a document.
pub(super) struct Part {
    pub(super) kind: SchemaPart,
    pub(super) schema: Value,
}

/// The payload and, for an RPC, the answers that somebody has described.
pub(super) fn parts(document: &SchemaDocument) -> Vec<Part> {
    let mut parts = vec![Part { kind: SchemaPart::Request, schema: document.schema.value() }];
    if document.mode == Mode::Rpc {
        for (kind, text) in [
            (SchemaPart::Response, &document.response_schema),
            (SchemaPart::Error, &document.error_schema),
        ] {
            let described = text.as_ref().map(JsonText::value);
            if let Some(schema) = described.filter(|schema| !is_placeholder(schema)) {
                parts.push(Part { kind, schema });
            }
        }
    }
    parts
}

/// What every `SaltEvent` inherits: no answer was described.
fn is_placeholder(schema: &Value) -> bool {
    let has_no_fields = schema["properties"].as_object().is_some_and(serde_json::Map::is_empty);
    let description = schema["description"].as_str().unwrap_or_default();
    has_no_fields
        && description.ends_with(" schema for RPC events.")
        && schema.as_object().is_some_and(|members| members.len() == 4)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(topic: &str, version: &str) -> SchemaDocument {
        let schema = JsonText::try_from(&json!({"type": "object"})).unwrap();
        SchemaDocument::new(topic.parse().unwrap(), version.parse().unwrap(), schema)
    }

    #[test]
    fn topics_are_sorted_by_name_and_versions_by_age() {
        let documents = [
            document("b", "v10"),
            document("a", "v1"),
            document("b", "v2"),
            document("b", "v1.0"),
            document("b", "v1"),
            document("b", "v1"),
        ];
        let shown: Vec<String> = by_topic(&documents)
            .iter()
            .flat_map(|topic| {
                topic.versions.iter().map(|version| format!("{}@{}", topic.topic, version.version))
            })
            .collect();
        assert_eq!(shown, ["a@v1", "b@v1", "b@v1.0", "b@v2", "b@v10"]);
        assert_eq!(by_topic(&documents)[1].latest().version.as_str(), "v10");
    }

    #[test]
    fn inherited_and_broadcast_answers_are_none() {
        let text = |value: Value| JsonText::try_from(&value).unwrap();
        let mut document = document("a", "v1");
        document.response_schema = Some(text(json!({
            "description": "Response schema for RPC events.",
            "properties": {}, "title": "Response", "type": "object",
        })));
        document.error_schema = Some(text(json!({"type": "object", "properties": {}})));
        assert_eq!(parts(&document).len(), 1);
        document.mode = Mode::Rpc;
        let kinds: Vec<SchemaPart> = parts(&document).iter().map(|part| part.kind).collect();
        assert_eq!(kinds, [SchemaPart::Request, SchemaPart::Error]);
    }
}
