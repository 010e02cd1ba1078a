//! One spelling per JSON value, to compare and to hash by.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// `value` without white space and with the members of every object sorted by name.
///
/// Numbers keep their digits, so `1` and `1.0` are two texts.
pub fn canonical_json(value: &Value) -> String {
    let mut text = String::new();
    push_canonical(value, &mut text);
    text
}

/// SHA-256 of `text`, as 64 lower-case hexadecimal digits.
pub fn sha256_hex(text: &str) -> String {
    use std::fmt::Write;

    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// [`canonical_json`] behind a text.
pub(super) fn push_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(number.as_str()),
        Value::String(text) => push_string(text, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(index, out);
                push_canonical(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| *name);
            out.push('{');
            for (index, (name, member)) in sorted.into_iter().enumerate() {
                separate(index, out);
                push_string(name, out);
                out.push(':');
                push_canonical(member, out);
            }
            out.push('}');
        }
    }
}

/// Most strings need no escape.
fn push_string(text: &str, out: &mut String) {
    let is_plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    if text.bytes().all(is_plain) {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&Value::from(text).to_string());
    }
}

fn separate(index: usize, out: &mut String) {
    if index > 0 {
        out.push(',');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_sorted_at_every_depth_and_digits_are_kept() {
        let value = serde_json::from_str(
            r#"{"b": [1.0, 1e-7, {"z": null, "a": "é\n"}], "a": 12345678901234567890123}"#,
        )
        .unwrap();
        assert_eq!(
            canonical_json(&value),
            r#"{"a":12345678901234567890123,"b":[1.0,1e-7,{"a":"é\n","z":null}]}"#
        );
    }

    #[test]
    fn the_hash_is_the_sha256_of_the_utf8_text() {
        assert_eq!(
            sha256_hex("{}"),
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        );
    }
}
