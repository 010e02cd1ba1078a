//! The serialisers a Celery app can choose, each read into compact JSON text.
//!
//! JSON itself needs no reading here. MessagePack is written out as it is read; pickle and YAML,
//! which can point back at earlier values, go through a tree whose size is limited when it is
//! built and again when it is written.

mod error;
mod msgpack;
mod pickle;
mod python;
mod tree;
mod yaml;

pub use error::SerialError;
pub(super) use python::float_repr;

use super::json::Sink;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What a body can be serialised with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    MessagePack,
    Yaml,
    Pickle,
    /// Text, binary or nothing said.
    Other,
}

impl Format {
    /// Reads a content type, parameters such as `; charset=utf-8` aside.
    pub fn of(content_type: Option<&str>) -> Self {
        let full = content_type.unwrap_or_default();
        let name = full.split(';').next().unwrap_or_default().trim();
        match name {
            "application/json" | "text/json" | "json" => Self::Json,
            "application/x-msgpack" | "application/msgpack" | "application/vnd.msgpack" => {
                Self::MessagePack
            }
            "application/x-yaml" | "application/yaml" | "text/yaml" | "text/x-yaml" => Self::Yaml,
            "application/x-python-serialize" => Self::Pickle,
            name if name.ends_with("+json") => Self::Json,
            _ => Self::Other,
        }
    }
}

/// How much a body may unfold to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Of the JSON text.
    pub max_bytes: usize,
    pub max_depth: usize,
}

/// Appends a binary value in the form kombu's JSON serialiser gives it.
pub(super) fn push_bytes(out: &mut impl Sink, bytes: &[u8]) {
    match str::from_utf8(bytes) {
        Ok(text) => {
            out.push_text(r#"{"__type__":"bytes","__value__":"#);
            super::json::push_quoted(out, text);
            out.push_text("}");
        }
        Err(_) => {
            out.push_text(r#"{"__type__":"base64","__value__":""#);
            out.push_text(&STANDARD.encode(bytes));
            out.push_text("\"}");
        }
    }
}

/// Appends the JSON form of a body in one of the formats that are not JSON.
pub(super) fn push_json(
    format: Format,
    body: &[u8],
    bounds: Bounds,
    out: &mut String,
) -> Result<(), SerialError> {
    match format {
        Format::MessagePack => msgpack::push_json(body, bounds, out),
        Format::Yaml => yaml::push_json(body, bounds, out),
        Format::Pickle => pickle::push_json(body, bounds, out),
        Format::Json | Format::Other => Err(SerialError::NotSerialised),
    }
}

#[cfg(test)]
mod tests;
