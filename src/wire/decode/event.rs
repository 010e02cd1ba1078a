//! The event's own JSON: payload and `_tchu_meta` told apart.

use std::borrow::Cow;

use super::super::json::{self, JsonError, Span, Watch, members, string_value};
use super::super::{Decoded, Kind, Meta};
use super::Scratch;

/// The reserved key, as it stands in compact JSON.
const META_KEY: &str = "\"_tchu_meta\"";

/// Reads the event in `text`.
pub(super) fn read<'d>(
    text: &str,
    scratch: Scratch<'d>,
    max_depth: usize,
    decoded: &mut Decoded<'d>,
) -> Result<(), JsonError> {
    let Scratch { payload, meta, trace } = scratch;
    let mut watch = Watch::key(META_KEY);
    json::compact_watching(text, max_depth, payload, &mut watch)?;
    if let Some(span) = watch.found {
        let value = &payload[span.value..span.end];
        // Anything but an object or null is data that happens to have the name.
        if value.starts_with('{') || value == "null" {
            meta.push_str(value);
            if watch.count == 1 {
                remove(payload, span);
            } else {
                remove_all(payload);
            }
        }
    }
    decoded.meta = read_meta(meta, trace);
    decoded.kind = if decoded.meta.is_rpc { Kind::RpcRequest } else { Kind::Event };
    decoded.payload = Some(Cow::Borrowed(payload));
    Ok(())
}

/// Takes one member out of an object, and one comma with it.
fn remove(object: &mut String, span: Span) {
    let bytes = object.as_bytes();
    let (start, end) = if bytes[span.key - 1] == b',' {
        (span.key - 1, span.end)
    } else {
        (span.key, span.end + usize::from(bytes[span.end] == b','))
    };
    object.replace_range(start..end, "");
}

/// The rare case of a repeated key.
fn remove_all(object: &mut String) {
    let mut kept = String::with_capacity(object.len());
    for member in members(object).filter(|member| !member.is("_tchu_meta")) {
        kept.push(if kept.is_empty() { '{' } else { ',' });
        kept.push_str(member.quoted_key());
        kept.push(':');
        kept.push_str(member.value);
    }
    if kept.is_empty() {
        kept.push('{');
    }
    kept.push('}');
    *object = kept;
}

fn read_meta<'d>(meta: &'d str, trace: &'d mut String) -> Meta<'d> {
    let mut read = Meta::default();
    for member in members(meta) {
        if member.is("is_rpc") {
            read.is_rpc = is_truthy(member.value);
        } else if member.is("version") {
            read.version = text(member.value);
        } else if member.is("correlation_id") {
            read.correlation_id = text(member.value);
        } else {
            trace.push(if trace.is_empty() { '{' } else { ',' });
            trace.push_str(member.quoted_key());
            trace.push(':');
            trace.push_str(member.value);
        }
    }
    if !trace.is_empty() {
        trace.push('}');
        read.trace = Some(Cow::Borrowed(trace));
    }
    read
}

/// A string's text, nothing for null, and any other value as its JSON text.
fn text(value: &str) -> Option<Cow<'_, str>> {
    match value {
        "null" => None,
        value => Some(string_value(value).unwrap_or(Cow::Borrowed(value))),
    }
}

/// Python's notion, which is what the dispatcher applies.
fn is_truthy(value: &str) -> bool {
    match value {
        "false" | "null" | "\"\"" | "[]" | "{}" => false,
        number if number.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
            number.parse().is_ok_and(|number: f64| number != 0.0)
        }
        _ => true,
    }
}
