//! JSON as Python's `json.dumps` writes it: `", "` and `": "` between things, ASCII only.

use super::super::json::{self, push_unicode_escape};
use super::error::EncodeError;

/// Which JSON value a part has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Object,
    List,
    Anything,
}

/// Validates a part and gives it as compact JSON.
pub(super) fn checked(
    text: &str,
    part: &'static str,
    wanted: Wanted,
) -> Result<String, EncodeError> {
    let compact = json::compact(text.as_bytes(), json::DEFAULT_MAX_DEPTH)
        .map_err(|source| EncodeError::NotJson { part, source })?;
    let found = match compact.as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    };
    match wanted {
        Wanted::Object if found != "an object" => {
            Err(EncodeError::WrongKind { part, found, expected: "object" })
        }
        Wanted::List if found != "a list" => {
            Err(EncodeError::WrongKind { part, found, expected: "list" })
        }
        Wanted::Object | Wanted::List | Wanted::Anything => Ok(compact),
    }
}

/// Appends compact JSON in Python's spelling. The escapes of compact text are Python's own.
pub(super) fn push_spaced(out: &mut String, compact: &str) {
    let bytes = compact.as_bytes();
    let mut is_string = false;
    let mut run = 0;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => is_string = !is_string,
            b'\\' => at += 1,
            b',' | b':' if !is_string => {
                out.push_str(&compact[run..=at]);
                out.push(' ');
                run = at + 1;
            }
            0x80.. => {
                out.push_str(&compact[run..at]);
                let Some(c) = compact[at..].chars().next() else { break };
                push_ascii(out, c);
                at += c.len_utf8();
                run = at;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    out.push_str(&compact[run..]);
}

/// Appends `text` as a JSON string of ASCII characters.
pub(super) fn push_string(out: &mut String, text: &str) {
    let mut quoted = String::with_capacity(text.len() + 2);
    json::push_quoted(&mut quoted, text);
    push_spaced(out, &quoted);
}

fn push_ascii(out: &mut String, c: char) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        push_unicode_escape(out, *unit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spacing_and_escapes_are_those_of_json_dumps() {
        let mut out = String::new();
        push_spaced(&mut out, r#"{"a,:\"":[1,{"é😀":"\u007f\n"},-0.0],"b":{},"c":[]}"#);
        assert_eq!(
            out,
            r#"{"a,:\"": [1, {"\u00e9\ud83d\ude00": "\u007f\n"}, -0.0], "b": {}, "c": []}"#
        );
        let mut out = String::new();
        push_string(&mut out, "{\"x\": \"\\u00e9\"}é\u{2028}");
        assert_eq!(out, r#""{\"x\": \"\\u00e9\"}\u00e9\u2028""#);
    }
}
