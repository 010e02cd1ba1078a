//! What a document says about its event beside the schemas.

use super::rules;
use super::{LintFinding, LintLevel};
use crate::schema::document::{Mode, SchemaDocument};
use crate::schema::rules::Rule;

pub(super) fn lint(document: &SchemaDocument) -> Vec<LintFinding> {
    let mut findings = names(document);
    let schema = document.schema.value();
    let described = schema.get("description").and_then(serde_json::Value::as_str);
    if document.description.is_empty() && described.is_none_or(str::is_empty) {
        let message = "nobody says when the event is published".to_owned();
        findings.push(about(&rules::EVENT_UNDESCRIBED, (LintLevel::Info, "/description"), message));
    }
    match document.mode {
        Mode::Rpc if document.response_schema.is_none() => {
            let message = "the response is not described".to_owned();
            let place = (LintLevel::Warning, "/mode");
            findings.push(about(&rules::RPC_WITHOUT_RESPONSE, place, message));
        }
        Mode::Broadcast if document.response_schema.is_some() => {
            let message = "a broadcast event has a response schema".to_owned();
            let place = (LintLevel::Warning, "/response_schema");
            findings.push(about(&rules::BROADCAST_WITH_RESPONSE, place, message));
        }
        Mode::Rpc | Mode::Broadcast => {}
    }
    if document.publisher.is_none() && document.owner.is_none() {
        let message = "neither a publisher nor an owner is named".to_owned();
        findings.push(about(&rules::PUBLISHER_UNKNOWN, (LintLevel::Info, ""), message));
    }
    if let Some(deprecation) = &document.deprecated
        && deprecation.reason.is_none()
    {
        let message = "the version is deprecated, and nobody says what replaces it".to_owned();
        let place = (LintLevel::Warning, "/deprecated");
        findings.push(about(&rules::DEPRECATED_WITHOUT_REASON, place, message));
    }
    findings
}

fn names(document: &SchemaDocument) -> Vec<LintFinding> {
    let mut findings = Vec::new();
    let topic = document.topic.as_str();
    let words: Vec<&str> = topic.split('.').collect();
    if words.len() < 2 || !words.iter().all(|word| is_plain_word(word)) {
        let message = if words.len() < 2 {
            "the topic is a single word"
        } else {
            "the topic is not made of lower-case words"
        };
        let place = (LintLevel::Warning, "/topic");
        findings.push(about(&rules::TOPIC_NAMING, place, message.to_owned()));
    }
    if let Some(word) = words.iter().find(|word| is_version(word)) {
        let message = format!("the topic has the version {word} in its name");
        findings.push(about(&rules::VERSION_IN_TOPIC, (LintLevel::Warning, "/topic"), message));
    }
    let version = document.version.as_str();
    if !is_version(version) {
        let message = format!("{version} is not written like v1 or v1.2");
        findings.push(about(&rules::VERSION_NAMING, (LintLevel::Warning, "/version"), message));
    }
    findings
}

fn is_plain_word(word: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    word.starts_with(|c: char| c.is_ascii_lowercase()) && word.chars().all(is_letter)
}

/// `v1`, `v1.2`: numbers without leading zeros.
fn is_version(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|numbers| {
        numbers.split('.').all(|number| {
            let is_number =
                !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
            is_number && (number == "0" || !number.starts_with('0'))
        })
    })
}

fn about(rule: &'static Rule, (level, pointer): (LintLevel, &str), message: String) -> LintFinding {
    let pointer = pointer.to_owned();
    LintFinding { rule, level, part: None, path: String::new(), pointer, message }
}
