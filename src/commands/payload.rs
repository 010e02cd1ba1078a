//! The `[JSON | @FILE | -]` argument: where a payload comes from, and reading exactly one.

use std::convert::Infallible;
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;

use crate::wire::json::{self, JsonError};

/// RabbitMQ's own limit for one message (`max_message_size`) is at most this.
pub const MAX_PAYLOAD_BYTES: usize = 128 * 1024 * 1024;

/// What was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayloadArg {
    Inline(String),
    File(PathBuf),
    Stdin,
}

impl FromStr for PayloadArg {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.strip_prefix('@') {
            Some("-") => Self::Stdin,
            Some(path) => Self::File(path.into()),
            None if text == "-" => Self::Stdin,
            None => Self::Inline(text.to_owned()),
        })
    }
}

/// One JSON object on one line, as it will be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonObject(String);

impl JsonObject {
    /// # Errors
    /// Text that is not JSON, or JSON that is not an object.
    pub fn parse(text: &[u8]) -> Result<Self, PayloadError> {
        let compact = json::compact(text, json::DEFAULT_MAX_DEPTH)
            .map_err(|source| PayloadError::NotJson { shown: excerpt(text), source })?;
        match Self::check(&compact) {
            Ok(()) => Ok(Self(compact)),
            Err(found) => Err(PayloadError::NotAnObject { found }),
        }
    }

    /// Whether compact JSON is an object; what it is instead.
    pub fn check(compact: &str) -> Result<(), &'static str> {
        match compact.as_bytes().first() {
            Some(b'{') => Ok(()),
            Some(b'[') => Err("a list"),
            Some(b'"') => Err("a string"),
            Some(b't' | b'f') => Err("true or false"),
            Some(b'n') => Err("null"),
            Some(_) | None => Err("a number"),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why there is no payload to send.
#[derive(Debug, Error)]
pub enum PayloadError {
    #[error("no payload was given")]
    Missing,
    #[error("no payload was given, and standard input is empty")]
    EmptyInput,
    #[error("cannot read {}", .path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("the payload is larger than {} MiB", MAX_PAYLOAD_BYTES / 1024 / 1024)]
    TooLarge,
    #[error("the payload is not JSON")]
    NotJson { shown: String, source: JsonError },
    #[error("the payload is {found}, but an event is a JSON object")]
    NotAnObject { found: &'static str },
}

/// Reads the one payload that `arg` names. Without an argument it is standard input, unless that is
/// a terminal: nobody should wait for a program that silently waits for them.
pub fn read_payload(arg: Option<&PayloadArg>) -> Result<JsonObject, PayloadError> {
    let bytes = match arg {
        Some(PayloadArg::Inline(text)) => return JsonObject::parse(text.as_bytes()),
        Some(PayloadArg::File(path)) => read_file(path)?,
        Some(PayloadArg::Stdin) => read_stdin()?,
        None if io::stdin().is_terminal() => return Err(PayloadError::Missing),
        None => read_stdin()?,
    };
    JsonObject::parse(&bytes)
}

fn read_file(path: &PathBuf) -> Result<Vec<u8>, PayloadError> {
    let unreadable = |source| PayloadError::Unreadable { path: path.clone(), source };
    let file = File::open(path).map_err(unreadable)?;
    read_limited(file, MAX_PAYLOAD_BYTES).map_err(unreadable)?.ok_or(PayloadError::TooLarge)
}

fn read_stdin() -> Result<Vec<u8>, PayloadError> {
    let unreadable = |source| PayloadError::Unreadable { path: "standard input".into(), source };
    let bytes = read_limited(io::stdin().lock(), MAX_PAYLOAD_BYTES)
        .map_err(unreadable)?
        .ok_or(PayloadError::TooLarge)?;
    match bytes.iter().all(u8::is_ascii_whitespace) {
        true => Err(PayloadError::EmptyInput),
        false => Ok(bytes),
    }
}

/// All that is left in `source`; `None` where that is more than `limit` bytes.
fn read_limited(source: impl Read, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    source.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= limit).then_some(bytes))
}

/// The start of a text for an error message.
pub fn excerpt(text: &[u8]) -> String {
    const LONGEST: usize = 40;
    let start = &text[..text.len().min(4 * LONGEST)];
    let start = String::from_utf8_lossy(start);
    let mut shown: String = start.trim_start().chars().take(LONGEST).collect();
    if shown.len() < start.trim_start().len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_payload_argument_is_text_a_file_or_standard_input() {
        let table = [
            ("{\"a\": 1}", PayloadArg::Inline("{\"a\": 1}".into())),
            ("", PayloadArg::Inline(String::new())),
            ("@event.json", PayloadArg::File("event.json".into())),
            ("-", PayloadArg::Stdin),
            ("@-", PayloadArg::Stdin),
            ("--", PayloadArg::Inline("--".into())),
        ];
        for (text, expected) in table {
            assert_eq!(text.parse(), Ok(expected));
        }
    }

    fn parsed(text: &str) -> String {
        match JsonObject::parse(text.as_bytes()) {
            Ok(object) => object.as_str().to_owned(),
            Err(error) => match std::error::Error::source(&error) {
                Some(source) => format!("{error}: {source}"),
                None => error.to_string(),
            },
        }
    }

    #[test]
    fn only_a_json_object_is_an_event() {
        let table = [
            ("{ \"b\": 1.50,\n \"a\": 1e-7 }", "{\"b\":1.50,\"a\":1e-7}"),
            ("{}", "{}"),
            ("[1]", "the payload is a list, but an event is a JSON object"),
            ("\"x\"", "the payload is a string, but an event is a JSON object"),
            ("7", "the payload is a number, but an event is a JSON object"),
            ("null", "the payload is null, but an event is a JSON object"),
            ("true", "the payload is true or false, but an event is a JSON object"),
            (
                "{a: 1}",
                "the payload is not JSON: 'a' stands where a key in double quotes should be (at byte 1)",
            ),
            ("", "the payload is not JSON: the text ends where a value should be (at byte 0)"),
        ];
        for (text, expected) in table {
            assert_eq!(parsed(text), expected, "{text}");
        }
    }

    #[test]
    fn reading_stops_at_the_limit() {
        assert_eq!(read_limited(&b"12345"[..], 5).unwrap(), Some(b"12345".to_vec()));
        assert_eq!(read_limited(&b"123456"[..], 5).unwrap(), None);
    }

    #[test]
    fn an_excerpt_is_short_and_starts_at_the_first_word() {
        assert_eq!(excerpt(b"  {broken"), "{broken");
        assert_eq!(excerpt("é".repeat(50).as_bytes()), format!("{}…", "é".repeat(40)));
        assert_eq!(excerpt(b"\xff\xfe"), "\u{fffd}\u{fffd}");
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_object_or_an_error(bytes: Vec<u8>) {
            let _ = JsonObject::parse(&bytes);
            let _ = excerpt(&bytes);
        }
    }
}
