use serde_json::Value;

use super::super::document::SchemaDocument;
use super::super::finding::{Direction, Finding, FindingLevel, SchemaPart};
use super::super::json_text::JsonText;
use super::super::rules::Rule;
use super::pairs::Pair;

/// What all findings about one pair, part and direction share.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) topic: String,
    pub(super) from_version: Option<String>,
    pub(super) to_version: Option<String>,
    pub(super) part: SchemaPart,
    pub(super) direction: Option<Direction>,
}

impl Draft {
    pub(super) fn of_pair(pair: &Pair<'_>, part: SchemaPart) -> Self {
        Self {
            topic: pair.to.topic.to_string(),
            from_version: Some(pair.from.version.to_string()),
            to_version: Some(pair.to.version.to_string()),
            part,
            direction: None,
        }
    }

    /// About one document alone.
    pub(super) fn of_document(document: &SchemaDocument, part: SchemaPart) -> Self {
        Self {
            topic: document.topic.to_string(),
            from_version: None,
            to_version: Some(document.version.to_string()),
            part,
            direction: None,
        }
    }

    pub(super) fn towards(self, direction: Direction) -> Self {
        Self { direction: Some(direction), ..self }
    }

    pub(super) fn finding(
        &self,
        rule: &'static Rule,
        level: FindingLevel,
        message: String,
    ) -> Finding {
        Finding {
            rule,
            level,
            topic: self.topic.clone(),
            from_version: self.from_version.clone(),
            to_version: self.to_version.clone(),
            part: self.part,
            direction: self.direction,
            path: String::new(),
            old_pointer: None,
            new_pointer: None,
            before: None,
            after: None,
            message,
            witness: None,
            suggestion: Some(rule.advice.to_owned()),
            affected: Vec::new(),
            location: None,
            fingerprint: String::new(),
            waived: None,
        }
    }
}

/// The schema of a part as readers have it.
pub(super) fn read_schema(document: &SchemaDocument, part: SchemaPart) -> Option<&JsonText> {
    match part {
        SchemaPart::Request => Some(&document.schema),
        SchemaPart::Response => document.response_schema.as_ref(),
        SchemaPart::Error => document.error_schema.as_ref(),
    }
}

/// The schema of a part as it leaves the sender, where that is kept.
pub(super) fn sent_schema(document: &SchemaDocument, part: SchemaPart) -> Option<&JsonText> {
    match part {
        SchemaPart::Request => document.serialization.request.as_ref(),
        SchemaPart::Response => document.serialization.response.as_ref(),
        SchemaPart::Error => document.serialization.error.as_ref(),
    }
}

/// [`read_schema`] as a tree.
pub(super) fn read_value(document: &SchemaDocument, part: SchemaPart) -> Option<Value> {
    read_schema(document, part).map(JsonText::value)
}

/// [`sent_schema`] as a tree.
pub(super) fn sent_value(document: &SchemaDocument, part: SchemaPart) -> Option<Value> {
    sent_schema(document, part).map(JsonText::value)
}
