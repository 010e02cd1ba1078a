//! `--format`: one line for each event, from fields of its record.

use std::borrow::Cow;
use std::str::FromStr;

use thiserror::Error;

use crate::wire::json::{elements, members, string_value};

/// A checked format string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A path of member names and array indexes into the record.
    Field(Vec<String>),
}

/// Why a text is not a format.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateError {
    #[error("there is no field {field:?}; the fields are {}", known.join(", "))]
    UnknownField { field: String, known: Vec<&'static str> },
    #[error("{field:?} names a part of `{whole}`, which has none")]
    NoParts { field: String, whole: &'static str },
    #[error("a `{{` at character {0} is never closed; write `{{{{` for the character itself")]
    Unclosed(usize),
    #[error("a `}}` at character {0} closes nothing; write `}}}}` for the character itself")]
    Unopened(usize),
    #[error("the escape `\\{0}` has no meaning; there are \\n, \\t and \\\\")]
    UnknownEscape(char),
}

/// The members of a record, and of those that have members of their own; `*` stands for any name.
const FIELDS: &[(&str, &[&str])] = &[
    ("kind", &[]),
    ("topic", &[]),
    ("id", &[]),
    ("payload", &["*"]),
    ("meta", &["is_rpc", "version", "correlation_id", "trace"]),
    ("envelope", ENVELOPE),
    ("delivery", &["exchange", "routing_key", "redelivered", "received_at", "size"]),
    ("schema", &["status", "version", "errors"]),
    ("error", &["message"]),
    ("body_base64", &[]),
];
const ENVELOPE: &[&str] = &[
    "protocol",
    "task",
    "root_id",
    "parent_id",
    "retries",
    "eta",
    "expires",
    "priority",
    "origin",
    "content_type",
    "content_encoding",
    "compression",
    "reply_to",
    "correlation_id",
    "headers",
];

/// Short names for what stands deeper in a record.
const SHORT: &[(&str, [&str; 2])] = &[
    ("received_at", ["delivery", "received_at"]),
    ("routing_key", ["delivery", "routing_key"]),
    ("exchange", ["delivery", "exchange"]),
    ("size", ["delivery", "size"]),
    ("version", ["meta", "version"]),
    ("correlation_id", ["meta", "correlation_id"]),
    ("task", ["envelope", "task"]),
];

/// What a text value goes through on its way out.
pub(super) type Clean = fn(&str) -> Cow<'_, str>;

impl Template {
    /// Appends the line for `record`, one compact JSON object, without a line break at its end.
    /// Texts stand for themselves after `clean`, other values are JSON; what is missing or null is
    /// empty.
    pub(super) fn render(&self, out: &mut String, record: &str, clean: Clean) {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Field(path) => match find(record, path) {
                    None | Some("null") => {}
                    Some(value) => match string_value(value) {
                        Some(text) => out.push_str(&clean(&text)),
                        None => out.push_str(value),
                    },
                },
            }
        }
    }
}

fn find<'r>(record: &'r str, path: &[String]) -> Option<&'r str> {
    path.iter().try_fold(record, |value, name| {
        if value.starts_with('[') {
            elements(value).nth(name.parse().ok()?)
        } else {
            // Of repeated keys the last one counts, as everywhere in Python.
            members(value).filter(|member| member.key() == name.as_str()).last().map(|m| m.value)
        }
    })
}

impl FromStr for Template {
    type Err = TemplateError;

    fn from_str(format: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut chars = format.chars().enumerate().peekable();
        while let Some((at, c)) = chars.next() {
            match c {
                '{' | '}' if chars.next_if(|(_, next)| *next == c).is_some() => text.push(c),
                '}' => return Err(TemplateError::Unopened(at + 1)),
                '{' => {
                    if !text.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut text)));
                    }
                    let mut name = String::new();
                    loop {
                        match chars.next() {
                            Some((_, '}')) => break,
                            Some((_, c)) => name.push(c),
                            None => return Err(TemplateError::Unclosed(at + 1)),
                        }
                    }
                    parts.push(Part::Field(resolve(name.trim())?));
                }
                '\\' => text.push(escape(chars.next().map(|(_, c)| c))?),
                c => text.push(c),
            }
        }
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(Self { parts })
    }
}

fn escape(c: Option<char>) -> Result<char, TemplateError> {
    match c {
        Some('n') => Ok('\n'),
        Some('t') => Ok('\t'),
        Some('\\') | None => Ok('\\'),
        Some(c) => Err(TemplateError::UnknownEscape(c)),
    }
}

fn resolve(name: &str) -> Result<Vec<String>, TemplateError> {
    let path: Vec<&str> = name.split('.').collect();
    if let [short] = path[..]
        && let Some((_, long)) = SHORT.iter().find(|(known, _)| *known == short)
    {
        return Ok(long.map(str::to_owned).to_vec());
    }
    let unknown =
        |known: Vec<&'static str>| TemplateError::UnknownField { field: name.to_owned(), known };
    let top = path.first().copied().unwrap_or_default();
    let Some((whole, inner)) = FIELDS.iter().find(|(known, _)| *known == top) else {
        let short = SHORT.iter().map(|(known, _)| *known);
        return Err(unknown(FIELDS.iter().map(|(known, _)| *known).chain(short).collect()));
    };
    match path.get(1) {
        Some(_) if inner.is_empty() => {
            Err(TemplateError::NoParts { field: name.to_owned(), whole })
        }
        Some(second) if !inner.contains(second) && !inner.contains(&"*") => {
            Err(unknown(inner.to_vec()))
        }
        Some(_) | None => Ok(path.into_iter().map(str::to_owned).collect()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::captures::{Capture, captures};
    use super::super::view::{Sink, View};
    use super::super::watch::{Choice, Watch};
    use super::*;
    use crate::ui::{Style, sanitize};

    const RECORD: &str = r#"{"kind":"event","topic":"user.created","id":"7a","payload":{"user":{"id":12345678901234567890,"name":"zo\u001b[2Jë\n"},"tags":["a",{"b":1.10}],"n":null,"user.id":1},"meta":{"is_rpc":false,"version":"v1"},"delivery":{"received_at":"2026-01-02T03:04:05.678Z","size":276}}"#;

    fn rendered(format: &str) -> Result<String, String> {
        let template: Template =
            format.parse().map_err(|error: TemplateError| error.to_string())?;
        let mut out = String::new();
        template.render(&mut out, RECORD, sanitize);
        Ok(out)
    }

    #[test]
    fn fields_are_texts_or_json_by_dotted_path() {
        let table = [
            ("{topic} {id}", "user.created 7a"),
            ("{payload.user.id}", "12345678901234567890"),
            ("{payload.tags}", r#"["a",{"b":1.10}]"#),
            ("{payload.tags.0}/{payload.tags.1.b}/{payload.tags.7}", "a/1.10/"),
            ("{received_at} {size} {version}", "2026-01-02T03:04:05.678Z 276 v1"),
            ("{meta.is_rpc}", "false"),
            ("[{payload.n}{payload.missing.deeper}{error.message}]", "[]"),
            (r"{{{topic}}}\t\\ é", "{user.created}\t\\ é"),
            ("{payload.user.name}", "zo\\u{1b}[2Jë\\n"),
            ("{ topic }", "user.created"),
            ("", ""),
        ];
        for (format, expected) in table {
            assert_eq!(rendered(format).as_deref(), Ok(expected), "{format}");
        }
    }

    #[test]
    fn texts_are_left_alone_where_no_terminal_reads_them() {
        let template: Template = "{payload.user.name}".parse().unwrap();
        let mut out = String::new();
        template.render(&mut out, RECORD, |text| Cow::Borrowed(text));
        assert_eq!(out, "zo\u{1b}[2Jë\n");
    }

    #[test]
    fn a_wrong_format_says_what_there_is() {
        let messages: Vec<String> =
            ["{tpoic}", "{envelope.tsk}", "{topic.x}", "{}", "a {topic", "a } b", r"\x"]
                .iter()
                .map(|format| rendered(format).unwrap_err())
                .collect();
        insta::assert_snapshot!(messages.join("\n"));
    }

    #[test]
    fn every_field_that_can_be_named_stands_in_a_record() {
        let style = Style::new(false);
        let mut out = Vec::new();
        let mut watch =
            Watch::new(Choice::default(), None, Sink::new(&mut out, View::Records, &style, None));
        let messages = captures().into_iter().chain([Capture::raw("x", [0xff])]);
        for message in messages {
            let incoming = message.incoming();
            let handled = watch.message(&incoming, "2026-01-02T03:04:05.678Z");
            futures_util::FutureExt::now_or_never(handled).unwrap().unwrap();
        }
        let records = String::from_utf8(out).unwrap();
        let stands_somewhere = |path: &[&str]| {
            let path: Vec<String> = path.iter().map(|&name| name.to_owned()).collect();
            records.lines().any(|record| find(record, &path).is_some())
        };
        for (top, inner) in FIELDS {
            assert!(stands_somewhere(&[top]), "{top}");
            for name in inner.iter().filter(|name| **name != "*") {
                assert!(stands_somewhere(&[top, name]), "{top}.{name}");
            }
        }
        assert!(SHORT.iter().all(|(_, path)| stands_somewhere(path)));
    }

    proptest! {
        #[test]
        fn parsing_and_rendering_never_panic(format in r"[{}\\a-z.0-9 \PC]{0,30}|(\{(payload|meta)[.a-z]{0,8}\}|[{}]){0,5}") {
            if let Ok(template) = format.parse::<Template>() {
                template.render(&mut String::new(), RECORD, sanitize);
            }
        }

        #[test]
        fn text_without_braces_and_backslashes_stands_for_itself(text in r"[^{}\\]{0,40}") {
            prop_assert_eq!(rendered(&text), Ok(text));
        }
    }
}
