//! Handlers that somebody wrote into the registry, because their code is elsewhere.

use serde_json::Value;

use super::TopicChange;
use super::subscriber::{Subscriber, SubscriberVersion};
use crate::event::Topic;
use crate::schema::SchemaDocument;

/// The annotation of a document that lists its topic's handlers: `["billing@v1", "mail@latest"]`.
/// Without a version it is not known which one a handler asks for.
pub const SUBSCRIBERS: &str = "subscribers";

/// The handlers that any document of the topic names.
pub(super) fn noted(change: &TopicChange<'_>) -> Vec<Subscriber> {
    subscribers(change.old.iter().chain(change.new).copied())
}

/// The handlers that the documents name, each once, in their order.
pub fn subscribers<'d>(documents: impl IntoIterator<Item = &'d SchemaDocument>) -> Vec<Subscriber> {
    let mut found: Vec<Subscriber> = Vec::new();
    for document in documents {
        for subscriber in names(document).filter_map(|name| parse(&document.topic, name)) {
            if !found.contains(&subscriber) {
                found.push(subscriber);
            }
        }
    }
    found
}

fn names(document: &SchemaDocument) -> impl Iterator<Item = &str> {
    let list = document.annotations.get(SUBSCRIBERS).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str)
}

fn parse(topic: &Topic, text: &str) -> Option<Subscriber> {
    let (name, version) = match text.rsplit_once('@') {
        Some((name, "latest")) => (name, SubscriberVersion::Latest),
        Some((name, version)) => (name, SubscriberVersion::Exact(version.parse().ok()?)),
        None => (text, SubscriberVersion::Unknown),
    };
    let name = name.trim();
    (!name.is_empty()).then(|| Subscriber {
        pattern: topic.to_string(),
        version,
        name: name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_annotation_names_handlers_and_the_version_they_ask_for() {
        let text = r#"{"topic": "a.b", "version": "v1", "schema": {}, "annotations":
            {"subscribers": ["billing@v1", "mail@latest", "audit", "billing@v1", "x@one", "@v1", 3]}}"#;
        let document = SchemaDocument::parse(text).unwrap();
        let plain = SchemaDocument::parse(r#"{"topic": "a.b", "version": "v2", "schema": {}}"#);
        let change = TopicChange {
            topic: &document.topic,
            old: &[&document],
            new: &[&document, &plain.unwrap()],
        };
        let found: Vec<String> = noted(&change).iter().map(Subscriber::shown).collect();
        assert_eq!(found, ["billing (v1)", "mail (latest)", "audit"]);
    }
}
