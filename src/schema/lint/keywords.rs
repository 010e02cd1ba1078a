//! Keywords that do not do what they seem to.

use regex_syntax::ParserBuilder;
use serde_json::{Value, json};

use super::rules;
use super::walk::{Node, nodes};
use super::{DECIMAL_PATTERN, LintFinding, LintLevel, PartSchema};
use crate::schema::formats::STANDARD_FORMATS;
use crate::schema::rules::Rule;

/// Formats that Pydantic writes beside those of JSON Schema. Source: `pydantic.json_schema` 2.12.
const PYDANTIC_FORMATS: [&str; 26] = [
    "base64url",
    "binary",
    "byte",
    "color",
    "decimal",
    "directory-path",
    "file-path",
    "fraction",
    "ipv4interface",
    "ipv4network",
    "ipv6interface",
    "ipv6network",
    "ipvanyaddress",
    "ipvanyinterface",
    "ipvanynetwork",
    "json-string",
    "multi-host-uri",
    "name-email",
    "password",
    "path",
    "phone",
    "socket-path",
    "uuid4",
    "uuid7",
    "uuid8",
    "zoneinfo",
];
/// Formats of numbers in OpenAPI, and versions of UUIDs.
const OTHER_FORMATS: [&str; 8] =
    ["int32", "int64", "float", "double", "uuid1", "uuid3", "uuid5", "uuid6"];

pub(super) fn lint(part: &PartSchema<'_>, findings: &mut Vec<LintFinding>) {
    for node in nodes(part.schema) {
        let mut find = |(rule, keyword): (&'static Rule, &str), level, message| {
            findings.push(LintFinding {
                path: node.path.clone(),
                pointer: format!("{}{}/{keyword}", part.member(), node.pointer),
                ..part.finding(rule, level, message)
            });
        };
        if let Some(format) = node.schema.get("format").and_then(Value::as_str)
            && !is_known(format)
        {
            let message =
                format!("{} has the format {}, which nobody checks", what(&node), json!(format));
            find((&rules::UNKNOWN_FORMAT, "format"), LintLevel::Warning, message);
        }
        if let Some(pattern) = node.schema.get("pattern").and_then(Value::as_str)
            && !pattern.starts_with(DECIMAL_PATTERN)
            && let Err(problem) = check(pattern)
        {
            let message = format!("{} has a pattern that Pydantic refuses: {problem}", what(&node));
            find((&rules::PATTERN_UNUSABLE, "pattern"), LintLevel::Warning, message);
        }
        if let Some([only]) = node.schema.get("enum").and_then(Value::as_array).map(Vec::as_slice) {
            let message = format!("{} is an enum whose only value is {only}", what(&node));
            find((&rules::ENUM_OF_ONE, "enum"), LintLevel::Info, message);
        }
    }
}

fn what<'a>(node: &'a Node<'_>) -> &'a str {
    if node.path.is_empty() { "the event" } else { &node.path }
}

fn is_known(format: &str) -> bool {
    [&STANDARD_FORMATS[..], &PYDANTIC_FORMATS, &OTHER_FORMATS]
        .iter()
        .any(|all| all.contains(&format))
}

/// What Rust's regular expressions do not have, in a few words.
fn check(pattern: &str) -> Result<(), String> {
    let Err(error) = ParserBuilder::new().nest_limit(100).build().parse(pattern) else {
        return Ok(());
    };
    Err(match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        _ => "it cannot be read".to_owned(),
    })
}
