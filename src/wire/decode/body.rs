//! The body: decompressed, in UTF-8, as compact JSON.

use std::borrow::Cow;

use super::super::compression::decompress;
use super::super::json::{self, JsonError, Scanner, Watch, push_quoted};
use super::super::message::Incoming;
use super::super::serial::{Bounds, Format, push_json};
use super::headers::KnownHeaders;
use super::{Limits, call};

/// What the bytes hold.
pub(super) enum Body<'d> {
    /// The usual event, taken apart in one pass.
    Dispatch(Dispatch<'d>),
    /// Compact JSON.
    Json(&'d str),
}

/// `[["<event>"], {"routing_key": …}, {…}]`
pub(super) struct Dispatch<'d> {
    /// JSON text, not yet looked at.
    pub event: &'d str,
    pub routing_key: Option<Cow<'d, str>>,
}

/// The buffers that opening needs.
pub(super) struct Workspace<'d> {
    pub plain: &'d mut Vec<u8>,
    pub json: &'d mut String,
    pub event: &'d mut String,
}

/// Opens the body; an error is the sentence for the reader.
pub(super) fn open<'d>(
    message: &Incoming<'d>,
    known: &KnownHeaders<'d>,
    limits: Limits,
    work: Workspace<'d>,
) -> Result<Body<'d>, String> {
    let properties = message.properties;
    let format = Format::of(properties.content_type);
    let Workspace { plain, json, event } = work;
    let mut is_copied = false;
    if let Some(method) = known.compression.filter(|method| !method.is_empty()) {
        decompress(method, message.body, limits.max_decompressed_bytes, plain)
            .map_err(|error| error.to_string())?;
        is_copied = true;
    }
    if is_latin1(properties.content_encoding)
        && !matches!(format, Format::MessagePack | Format::Pickle)
    {
        let bytes = if is_copied { plain.as_slice() } else { message.body };
        if str::from_utf8(bytes).is_err() {
            *plain = bytes.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes();
            is_copied = true;
        }
    }
    let bytes: &'d [u8] = if is_copied { plain } else { message.body };
    match format {
        Format::Json => {
            let text = utf8(bytes)?;
            if known.task.is_some_and(call::is_dispatcher)
                && let Some(dispatch) = open_dispatch(text, limits.max_depth, (json, event))
            {
                let kwargs: &'d str = &json[..dispatch.kwargs_end];
                let routing_key = call::routing_key(kwargs);
                return Ok(Body::Dispatch(Dispatch { event, routing_key }));
            }
            json.clear();
            json::compact_watching(text, limits.max_depth, json, &mut Watch::nothing())
                .map_err(|error| broken_json(&error))?;
        }
        Format::MessagePack | Format::Yaml | Format::Pickle => {
            let bounds =
                Bounds { max_bytes: limits.max_decompressed_bytes, max_depth: limits.max_depth };
            push_json(format, bytes, bounds, json).map_err(|error| error.to_string())?;
        }
        Format::Other => open_text(bytes, properties.content_type, limits, json)?,
    }
    Ok(Body::Json(json))
}

/// A body that names no serialiser: JSON where it reads as JSON, else text.
fn open_text(
    bytes: &[u8],
    content_type: Option<&str>,
    limits: Limits,
    json: &mut String,
) -> Result<(), String> {
    let Ok(text) = str::from_utf8(bytes) else {
        let content_type = content_type.filter(|name| !name.is_empty()).unwrap_or("none");
        return Err(format!(
            "the body is {} bytes of binary data (content type: {content_type})",
            bytes.len()
        ));
    };
    let nothing = &mut Watch::nothing();
    if json::compact_watching(text, limits.max_depth, json, nothing).is_err() {
        push_quoted(json, text);
    }
    Ok(())
}

struct DispatchEnds {
    /// Where the keyword arguments end in the JSON buffer.
    kwargs_end: usize,
}

/// The one pass over a usual event: its text unescaped, the keyword arguments compacted, the rest
/// validated. `None` for every body that looks otherwise, which then takes the long way.
fn open_dispatch(
    text: &str,
    max_depth: usize,
    (json, event): (&mut String, &mut String),
) -> Option<DispatchEnds> {
    // The body's own list is a level of nesting too.
    let mut scanner = Scanner::new(text, max_depth.checked_sub(1)?);
    let mut nothing = Watch::nothing();
    if !(scanner.take(b'[') && scanner.take(b'[')) {
        return None;
    }
    if !scanner.string_text(event).ok()? {
        return None;
    }
    if !(scanner.take(b']') && scanner.take(b',')) {
        return None;
    }
    scanner.value(json, &mut nothing).ok()?;
    let kwargs_end = json.len();
    if !(json.starts_with('{') && scanner.take(b',')) {
        return None;
    }
    scanner.value(json, &mut nothing).ok()?;
    (scanner.take(b']') && scanner.end().is_ok()).then_some(DispatchEnds { kwargs_end })
}

fn is_latin1(encoding: Option<&str>) -> bool {
    encoding.is_some_and(|encoding| {
        ["latin-1", "latin1", "iso-8859-1", "iso8859-1"]
            .iter()
            .any(|name| encoding.eq_ignore_ascii_case(name))
    })
}

fn utf8(bytes: &[u8]) -> Result<&str, String> {
    str::from_utf8(bytes)
        .map_err(|error| format!("the body is not UTF-8 (at byte {})", error.valid_up_to()))
}

fn broken_json(error: &JsonError) -> String {
    format!("the body is not JSON: {error}")
}
