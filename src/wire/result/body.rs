//! The bytes of a result document, in whatever a worker's `result_serializer` and
//! `result_compression` make of it, as JSON text.

use crate::wire::compression::decompress;
use crate::wire::json::{self, compact_into};
use crate::wire::serial::{Bounds, Format, push_json};
use crate::wire::{DecodeError, Limits};

/// What a key/value backend puts before a compressed document, then the compression's content type
/// and a NUL byte (`celery/backends/base.py`, 5.7).
const COMPRESSED_MAGIC: &[u8] = b"\0celery-compressed\0";

/// A result document as it was received.
#[derive(Debug, Clone, Copy)]
pub struct ResultBody<'a> {
    /// `None` where the backend keeps no such thing; then the bytes themselves tell.
    pub content_type: Option<&'a str>,
    pub compression: Option<&'a str>,
    pub bytes: &'a [u8],
}

impl ResultBody<'_> {
    /// The document as compact JSON, fit for [`super::parse_result`].
    ///
    /// # Errors
    /// The sentence that says why the bytes cannot be read.
    pub fn to_json(&self, limits: Limits) -> Result<String, DecodeError> {
        let mut plain = Vec::new();
        let (compression, bytes) = self.compressed_part();
        let bytes = match compression {
            Some(method) => {
                decompress(&method, bytes, limits.max_decompressed_bytes, &mut plain)
                    .map_err(|error| unreadable(&error))?;
                plain.as_slice()
            }
            None => bytes,
        };
        let format = match Format::of(self.content_type) {
            Format::Other => sniff(bytes),
            named => named,
        };
        let mut out = String::new();
        match format {
            Format::Json | Format::Other => {
                compact_into(bytes, limits.max_depth, &mut out).map_err(|e| unreadable(&e))?;
            }
            Format::MessagePack | Format::Yaml | Format::Pickle => {
                let max_bytes = limits.max_decompressed_bytes;
                let bounds = Bounds { max_bytes, max_depth: limits.max_depth };
                push_json(format, bytes, bounds, &mut out).map_err(|e| unreadable(&e))?;
            }
        }
        Ok(out)
    }

    fn compressed_part(&self) -> (Option<String>, &[u8]) {
        if let Some(method) = self.compression.filter(|method| !method.is_empty()) {
            return (Some(method.to_owned()), self.bytes);
        }
        let Some(rest) = self.bytes.strip_prefix(COMPRESSED_MAGIC) else {
            return (None, self.bytes);
        };
        let end = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
        let method = String::from_utf8_lossy(&rest[..end]).into_owned();
        (Some(method), rest.get(end + 1..).unwrap_or_default())
    }
}

/// A document is a mapping with a handful of keys, and every serialiser starts one differently.
fn sniff(bytes: &[u8]) -> Format {
    match bytes.trim_ascii_start() {
        [b'{', ..] => Format::Json,
        [0x80, 2..=5, ..] => Format::Pickle,
        [0x81..=0x8f | 0xde | 0xdf, ..] => Format::MessagePack,
        text if text.is_ascii() && json::compact(text, 8).is_err() => Format::Yaml,
        _ => Format::Json,
    }
}

fn unreadable(error: &dyn std::fmt::Display) -> DecodeError {
    DecodeError { message: error.to_string() }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(body: &ResultBody<'_>) -> String {
        match body.to_json(Limits::default()) {
            Ok(json) => json,
            Err(error) => format!("error: {error}"),
        }
    }

    fn bare(base64: &str) -> String {
        let bytes = STANDARD.decode(base64).unwrap();
        read(&ResultBody { content_type: None, compression: None, bytes: &bytes })
    }

    /// `{"status": "SUCCESS", "result": {"sum": 5}, "task_id": "i"}` as Celery 5.7 stores it.
    #[test]
    fn every_serialiser_of_a_key_value_backend_is_recognised() {
        for (name, stored) in STORED {
            let document: serde_json::Value = serde_json::from_str(&bare(stored)).unwrap();
            let expected = json!({"status": "SUCCESS", "result": {"sum": 5}, "task_id": "i"});
            assert_eq!(document, expected, "{name}");
        }
    }

    const STORED: [(&str, &str); 5] = [
        (
            "json",
            "eyJzdGF0dXMiOiAiU1VDQ0VTUyIsICJyZXN1bHQiOiB7InN1bSI6IDV9LCAidGFza19pZCI6ICJpIn0=",
        ),
        (
            "pickle",
            "gASVOgAAAAAAAAB9lCiMBnN0YXR1c5SMB1NVQ0NFU1OUjAZyZXN1bHSUfZSMA3N1bZRLBXOMB3Rhc2tfaWSUjAFplHUu",
        ),
        ("msgpack", "g6ZzdGF0dXOnU1VDQ0VTU6ZyZXN1bHSBo3N1bQWndGFza19pZKFp"),
        ("yaml", "cmVzdWx0OgogIHN1bTogNQpzdGF0dXM6IFNVQ0NFU1MKdGFza19pZDogaQo="),
        (
            "compressed json",
            "AGNlbGVyeS1jb21wcmVzc2VkAGFwcGxpY2F0aW9uL3gtZ3ppcAB4nKtWKi5JLCktVrJSUAoOdXZ2DQ5W0lFQKkotLs0pAQpWKxWX5gJp01qgaElicXZ8ZgpIbaZSLQAeGhG3",
        ),
    ];

    #[test]
    fn what_cannot_be_read_says_why() {
        let pickled_exception =
            "gASVJgAAAAAAAACMCGJ1aWx0aW5zlIwKVmFsdWVFcnJvcpSTlIwEYm9vbZSFlFKULg==";
        insta::assert_snapshot!(bare(pickled_exception), @r#"error: pickle opcode STACK_GLOBAL (0x93) at offset 35 is refused: it would run code"#);
        let document = ResultBody {
            content_type: Some("application/json"),
            compression: Some("rot13"),
            bytes: b"{}",
        };
        insta::assert_snapshot!(read(&document), @r#"error: the compression "rot13" is not one that kombu knows"#);
        insta::assert_snapshot!(bare(&STANDARD.encode(b"\0celery-compressed\0application/x-gzip\0oops")), @r#"error: the zlib body is broken or cut short: corrupt deflate stream"#);
        insta::assert_snapshot!(bare(&STANDARD.encode(r#"{"status": "SUCCESS", "result": NaN}"#)), @r#"error: NaN is not JSON: Python's json module writes it, but JSON has no such number (at byte 32)"#);
    }

    proptest! {
        #[test]
        fn any_bytes_are_json_or_an_error(bytes: Vec<u8>, magic: bool) {
            let mut stored = if magic { COMPRESSED_MAGIC.to_vec() } else { Vec::new() };
            stored.extend(bytes);
            let body = ResultBody { content_type: None, compression: None, bytes: &stored };
            if let Ok(text) = body.to_json(Limits::default()) {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
            }
        }
    }
}
