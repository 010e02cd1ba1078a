//! One spelling per JSON value, to compare and to hash by.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// `value` without white space and with the members of every object sorted by name.
///
/// Numbers keep their digits, so `1` and `1.0` are two texts.
pub fn canonical_json(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
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

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&value.to_string());
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(index, out);
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| *name);
            out.push('{');
            for (index, (name, member)) in sorted.into_iter().enumerate() {
                separate(index, out);
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write(member, out);
            }
            out.push('}');
        }
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
