//! The header table: Celery's own headers apart from everybody else's.

use super::super::json::push_quoted;
use super::super::message::{HeaderValue, Headers};
use super::super::serial::{float_repr, push_bytes};

/// Tables in tables in tables: brokers write three levels (`x-death`).
const MAX_HEADER_DEPTH: usize = 32;

/// Celery's headers as far as the envelope shows them.
#[derive(Default)]
pub(super) struct KnownHeaders<'d> {
    pub task: Option<&'d str>,
    pub id: Option<&'d str>,
    pub root_id: Option<&'d str>,
    pub parent_id: Option<&'d str>,
    pub retries: Option<i64>,
    pub eta: Option<&'d str>,
    pub expires: Option<&'d str>,
    pub origin: Option<&'d str>,
    pub compression: Option<&'d str>,
}

impl<'d> KnownHeaders<'d> {
    /// Reads the table; headers that are not Celery's go to `others` as one JSON object.
    pub fn read(headers: &'d dyn Headers, others: &mut String) -> Self {
        let mut known = Self::default();
        headers.visit(&mut |name, value| {
            if !known.accept(name, value) {
                push_header(others, name, value);
            }
        });
        if known.task.is_none() && !others_only(headers) {
            // Without a task none of the names is Celery's, except what kombu itself writes.
            others.clear();
            let compression = known.compression;
            headers.visit(&mut |name, value| {
                if name != "compression" {
                    push_header(others, name, value);
                }
            });
            known = Self { compression, ..Self::default() };
        }
        if !others.is_empty() {
            others.push('}');
        }
        known
    }

    /// Whether the header is Celery's own.
    fn accept(&mut self, name: &str, value: HeaderValue<'d>) -> bool {
        match name {
            "task" => self.task = text(value),
            "id" => self.id = text(value),
            "root_id" => self.root_id = text(value),
            "parent_id" => self.parent_id = text(value),
            "eta" => self.eta = text(value),
            "expires" => self.expires = text(value),
            "origin" => self.origin = text(value),
            "compression" => self.compression = text(value),
            "retries" => {
                self.retries = match value {
                    HeaderValue::Int(count) => Some(count),
                    HeaderValue::UInt(count) => i64::try_from(count).ok(),
                    HeaderValue::Null
                    | HeaderValue::Bool(_)
                    | HeaderValue::Float(_)
                    | HeaderValue::Decimal { .. }
                    | HeaderValue::Text(_)
                    | HeaderValue::Bytes(_)
                    | HeaderValue::Timestamp(_)
                    | HeaderValue::List(_)
                    | HeaderValue::Table(_) => None,
                }
            }
            "lang"
            | "shadow"
            | "group"
            | "group_index"
            | "timelimit"
            | "argsrepr"
            | "kwargsrepr"
            | "ignore_result"
            | "replaced_task_nesting"
            | "stamped_headers"
            | "stamps" => {}
            _ => return false,
        }
        true
    }
}

/// Whether no header of the table has a name that Celery uses.
fn others_only(headers: &dyn Headers) -> bool {
    let mut only = true;
    headers.visit(&mut |name, value| only &= !KnownHeaders::default().accept(name, value));
    only
}

fn text(value: HeaderValue<'_>) -> Option<&str> {
    match value {
        HeaderValue::Text(text) => Some(text),
        HeaderValue::Bytes(bytes) => str::from_utf8(bytes).ok(),
        HeaderValue::Null
        | HeaderValue::Bool(_)
        | HeaderValue::Int(_)
        | HeaderValue::UInt(_)
        | HeaderValue::Float(_)
        | HeaderValue::Decimal { .. }
        | HeaderValue::Timestamp(_)
        | HeaderValue::List(_)
        | HeaderValue::Table(_) => None,
    }
}

fn push_header(out: &mut String, name: &str, value: HeaderValue<'_>) {
    out.push(if out.is_empty() { '{' } else { ',' });
    push_quoted(out, name);
    out.push(':');
    push_value(out, value, MAX_HEADER_DEPTH);
}

fn push_value(out: &mut String, value: HeaderValue<'_>, depth_left: usize) {
    match value {
        HeaderValue::Null => out.push_str("null"),
        HeaderValue::Bool(value) => out.push_str(if value { "true" } else { "false" }),
        HeaderValue::Int(value) => out.push_str(&value.to_string()),
        HeaderValue::UInt(value) | HeaderValue::Timestamp(value) => {
            out.push_str(&value.to_string());
        }
        HeaderValue::Float(value) => match float_repr(value) {
            Ok(text) => out.push_str(&text),
            Err(_) => push_quoted(out, &value.to_string()),
        },
        HeaderValue::Decimal { scale: 0, value } => out.push_str(&value.to_string()),
        HeaderValue::Decimal { scale, value } => out.push_str(&format!("{value}e-{scale}")),
        HeaderValue::Text(text) => push_quoted(out, text),
        HeaderValue::Bytes(bytes) => push_bytes(out, bytes),
        HeaderValue::List(_) | HeaderValue::Table(_) if depth_left == 0 => {
            out.push_str("\"(nested too deep)\"");
        }
        HeaderValue::List(list) => {
            out.push('[');
            let start = out.len();
            list.visit(&mut |item| {
                if out.len() > start {
                    out.push(',');
                }
                push_value(out, item, depth_left - 1);
            });
            out.push(']');
        }
        HeaderValue::Table(table) => {
            out.push('{');
            let start = out.len();
            table.visit(&mut |name, item| {
                if out.len() > start {
                    out.push(',');
                }
                push_quoted(out, name);
                out.push(':');
                push_value(out, item, depth_left - 1);
            });
            out.push('}');
        }
    }
}
