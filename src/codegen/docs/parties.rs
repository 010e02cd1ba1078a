//! Who publishes a topic and who reads it, as far as its documents say.

use super::span::Span;
use crate::codegen::text;
use crate::codegen::topics::TopicVersions;
use crate::schema::judge::{self, SubscriberVersion};
use crate::schema::{Publisher, SchemaDocument};

/// A table of those on one side, or the words that stand for an empty one.
pub(super) struct Parties {
    pub(super) columns: Vec<&'static str>,
    /// A cell per column.
    pub(super) rows: Vec<Vec<Vec<Span>>>,
    pub(super) nobody: &'static str,
}

/// One row per service and class, with the versions that came from there.
pub(super) fn publishers(topic: &TopicVersions<'_>) -> Parties {
    let mut found: Vec<([String; 2], Vec<&str>)> = Vec::new();
    for document in &topic.versions {
        let Some(names) = document.publisher.as_ref().and_then(names) else { continue };
        let version = document.version.as_str();
        match found.iter_mut().find(|(known, _)| *known == names) {
            Some((_, versions)) => versions.push(version),
            None => found.push((names, vec![version])),
        }
    }
    let row = |([service, class], versions): ([String; 2], Vec<&str>)| {
        vec![vec![Span::Text(service)], code(class), vec![Span::Text(versions.join(", "))]]
    };
    Parties {
        columns: vec!["Publisher", "Class", "Versions"],
        rows: found.into_iter().map(row).collect(),
        nobody: "No publisher is recorded.",
    }
}

/// The service and the class with its module, each empty where it is not known.
fn names(publisher: &Publisher) -> Option<[String; 2]> {
    let known = [&publisher.module, &publisher.class].into_iter().flatten();
    let class = known.map(|part| text::one_line(part)).collect::<Vec<_>>().join(".");
    let service = publisher.service.as_deref().map(text::one_line).unwrap_or_default();
    (!class.is_empty() || !service.is_empty()).then_some([service, class])
}

/// The handlers that somebody noted, with the versions that they ask for.
pub(super) fn subscribers(topic: &TopicVersions<'_>) -> Parties {
    let row = |subscriber: judge::Subscriber| {
        let version = match &subscriber.version {
            SubscriberVersion::Latest => "latest".to_owned(),
            SubscriberVersion::Exact(version) => version.to_string(),
            SubscriberVersion::Unknown => "not known".to_owned(),
        };
        vec![code(text::one_line(&subscriber.name)), vec![Span::Text(version)]]
    };
    let noted = judge::subscribers(topic.versions.iter().copied());
    Parties {
        columns: vec!["Subscriber", "Version"],
        rows: noted.into_iter().map(row).collect(),
        nobody: "No subscriber is recorded.",
    }
}

/// Whether the note about subscribers says nothing beyond the table.
pub(super) fn is_in_table(document: &SchemaDocument) -> bool {
    let note = document.annotations.get(judge::SUBSCRIBERS);
    let count = note.and_then(|note| note.as_array()).map_or(0, Vec::len);
    count > 0 && judge::subscribers([document]).len() == count
}

fn code(text: String) -> Vec<Span> {
    if text.is_empty() { Vec::new() } else { vec![Span::Code(text)] }
}
