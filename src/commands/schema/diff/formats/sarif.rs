//! SARIF 2.1.0, for code scanning.
//!
//! Source: OASIS "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".

use std::io::{self, Write};

use serde_json::{Value, json};

use super::facts;
use crate::commands::schema::diff::SchemaDiff;
use crate::schema::rules::Rule;
use crate::schema::{Finding, FindingLevel};
use crate::ui::sanitize;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// One run; the rules that have findings, and every finding, waived ones as suppressed.
pub fn write(report: &SchemaDiff, out: &mut dyn Write) -> io::Result<()> {
    let rules = rules_in_use(&report.changes);
    let results: Vec<Value> =
        report.changes.iter().map(|finding| result(report, finding, &rules)).collect();
    let unread = facts::unread(report);
    let notifications: Vec<Value> =
        unread.iter().map(|unread| notification(report, unread)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "celerysalt",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "automationDetails": {"id": "celerysalt/schema-diff/"},
            "invocations": [{
                "executionSuccessful": unread.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
            "properties": {
                "compatible": report.compatible,
                "from": report.from,
                "to": report.to,
                "topics": report.topics,
            },
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn rules_in_use(findings: &[Finding]) -> Vec<&'static Rule> {
    let mut rules: Vec<&'static Rule> = findings.iter().map(|finding| finding.rule).collect();
    rules.sort_by_key(|rule| rule.code);
    rules.dedup_by_key(|rule| rule.code);
    rules
}

fn descriptor(rule: &Rule) -> Value {
    let Rule { code, name, summary, explanation, example, advice } = rule;
    json!({
        "id": code,
        "name": name,
        "shortDescription": {"text": sentence(summary)},
        "fullDescription": {"text": explanation},
        "help": {"text": format!("{explanation}\n\nExample: {example}\n\nWhat to do: {advice}")},
    })
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).chain(['.']).collect()
}

fn result(report: &SchemaDiff, finding: &Finding, rules: &[&Rule]) -> Value {
    let mut result = json!({
        "ruleId": finding.rule.code,
        "ruleIndex": rules.iter().position(|rule| rule.code == finding.rule.code),
        "level": match finding.level {
            FindingLevel::Breaking => "error",
            FindingLevel::Undecided | FindingLevel::Warning => "warning",
            FindingLevel::Info => "note",
        },
        "message": {"text": message(finding)},
        "locations": [location(report, finding)],
        "partialFingerprints": {"celerysaltFinding/v1": finding.fingerprint},
        "properties": finding,
    });
    if let Some(reason) = &finding.waived {
        result["suppressions"] =
            json!([{"kind": "external", "status": "accepted", "justification": reason}]);
    }
    result
}

/// Square brackets and a number in round ones would be a link to a related location.
fn message(finding: &Finding) -> String {
    let mut lines = vec![format!("{}: {}", finding.topic, finding.message)];
    if let Some(witness) = &finding.witness {
        lines.push(format!("Witness: {}", witness.instance));
    }
    lines.extend(finding.suggestion.iter().map(|text| format!("Try: {text}")));
    let lines: Vec<_> = lines.iter().map(|line| sanitize(line)).collect();
    let text = lines.join("\n");
    if text.contains("](") { text.replace('[', "\\[").replace(']', "\\]") } else { text }
}

/// Code scanning refuses a result without a file. What is in no file any more, or never was in one,
/// is shown where its document would be.
fn location(report: &SchemaDiff, finding: &Finding) -> Value {
    let (file, line) = match &finding.location {
        Some(place) => (place.file.clone(), place.line),
        None => (document_file(report, finding), 1),
    };
    let version = finding.to_version.as_ref().or(finding.from_version.as_ref());
    let version = version.map(|version| format!("@{version}")).unwrap_or_default();
    json!({
        "physicalLocation": {
            "artifactLocation": {"uri": file_uri(&report.in_repository(&file))},
            "region": {"startLine": line.max(1)},
        },
        "logicalLocations": [{
            "fullyQualifiedName":
                format!("{}{version} {}", finding.topic, finding.path).trim_end(),
            "kind": "member",
        }],
    })
}

fn document_file(report: &SchemaDiff, finding: &Finding) -> String {
    let side = report.to.strip_prefix("file:").unwrap_or(&report.to);
    let directory = if side.contains(':') { "schemas" } else { side.trim_end_matches('/') };
    let version = finding.to_version.as_ref().or(finding.from_version.as_ref());
    let version = version.map_or("latest", String::as_str);
    format!("{directory}/{}/{version}.json", finding.topic)
}

/// A relative path as a relative reference, an absolute one as a `file` URI. RFC 3986.
fn file_uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len() + 8);
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' | b'@' => {
                uri.push(char::from(byte));
            }
            byte => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}

fn notification(report: &SchemaDiff, unread: &facts::Unread<'_>) -> Value {
    let mut notification = json!({"level": "error", "message": {"text": sanitize(&unread.text)}});
    if let Some((file, line)) = unread.place {
        notification["locations"] = json!([{"physicalLocation": {
            "artifactLocation": {"uri": file_uri(&report.in_repository(file))},
            "region": {"startLine": line.max(1)},
        }}]);
    }
    notification
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::super::sample::{empty, hostile, sample, written};
    use super::*;
    use crate::schema::EventValidator;

    /// The schema that the standard's committee publishes.
    static STANDARD: LazyLock<EventValidator> = LazyLock::new(|| {
        let text = include_str!("../../../../../tests/data/sarif-schema-2.1.0.json");
        // A bracket too many in the pattern of a member that we do not write.
        let text = text.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
        EventValidator::compile(&serde_json::from_str(&text).unwrap()).unwrap()
    });

    fn check(report: &SchemaDiff) -> String {
        let text = written(write, report);
        let log: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(STANDARD.misfits(&log), [], "{text}");
        text
    }

    #[test]
    fn findings_are_results_that_the_standard_accepts() {
        let text = check(&sample()).replace(env!("CARGO_PKG_VERSION"), "[VERSION]");
        insta::assert_snapshot!(text);
        check(&empty());
    }

    #[test]
    fn the_schema_of_the_standard_refuses_what_is_not_sarif() {
        assert!(!STANDARD.is_valid(&json!({"version": "2.1.0", "runs": [{}]})));
    }

    #[test]
    fn a_path_becomes_a_reference() {
        assert_eq!(file_uri("schemas/a b/v1.json"), "schemas/a%20b/v1.json");
        assert_eq!(file_uri("/srv/ü#.json"), "file:///srv/%C3%BC%23.json");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_text_gives_sarif_that_the_standard_accepts(text in "(?s).{0,30}") {
            check(&hostile(&text));
        }
    }
}
