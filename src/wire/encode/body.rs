//! The bodies of tasks and the text of an event.

use super::super::Protocol;
use super::super::json::members;
use super::error::EncodeError;
use super::message::{MetaMode, NewEnvelope, NewEvent};
use super::python_json::{Wanted, checked, push_spaced, push_string};

/// The first argument of the dispatcher: the payload with `_tchu_meta` as its last member.
pub(super) fn event_text(event: &NewEvent<'_>) -> Result<String, EncodeError> {
    let payload = checked(event.payload, "payload", Wanted::Object)?;
    let mut out = String::with_capacity(payload.len() + 128);
    out.push('{');
    for member in members(&payload).filter(|member| !member.is("_tchu_meta")) {
        separate(&mut out);
        push_spaced(&mut out, member.quoted_key());
        out.push_str(": ");
        push_spaced(&mut out, member.value);
    }
    if let Some(meta) = meta_text(event)? {
        separate(&mut out);
        out.push_str("\"_tchu_meta\": ");
        out.push_str(&meta);
    }
    out.push('}');
    Ok(out)
}

/// The library's metadata, in its order; nothing where the sender is one that sends none.
fn meta_text(event: &NewEvent<'_>) -> Result<Option<String>, EncodeError> {
    if event.meta == MetaMode::Omitted {
        return Ok(None);
    }
    let mut meta = String::from("{\"is_rpc\": ");
    meta.push_str(if event.is_rpc { "true" } else { "false" });
    for (key, value) in [("version", event.version), ("correlation_id", event.correlation_id)] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            meta.push_str(&format!(", \"{key}\": "));
            push_string(&mut meta, value);
        }
    }
    let trace = checked(event.trace.unwrap_or("{}"), "trace context", Wanted::Object)?;
    for member in members(&trace) {
        meta.push_str(", ");
        push_spaced(&mut meta, member.quoted_key());
        meta.push_str(": ");
        push_spaced(&mut meta, member.value);
    }
    meta.push('}');
    Ok(Some(meta))
}

fn separate(object: &mut String) {
    if object.len() > 1 {
        object.push_str(", ");
    }
}

/// The body of a task, from compact JSON arguments.
pub(super) fn task_body(
    envelope: &NewEnvelope<'_>,
    args: &str,
    kwargs: &str,
) -> Result<String, EncodeError> {
    let mut out = String::with_capacity(args.len() + args.len() / 4 + 256);
    match envelope.protocol {
        Protocol::Two => {
            out.push('[');
            push_spaced(&mut out, args);
            out.push_str(", ");
            push_spaced(&mut out, kwargs);
            out.push_str(
                r#", {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]"#,
            );
        }
        Protocol::One => {
            out.push_str("{\"id\": ");
            push_string(&mut out, envelope.id);
            out.push_str(", \"task\": ");
            push_string(&mut out, envelope.task);
            out.push_str(", \"args\": ");
            push_spaced(&mut out, args);
            out.push_str(", \"kwargs\": ");
            push_spaced(&mut out, kwargs);
            out.push('}');
        }
        Protocol::Raw => return Err(EncodeError::Protocol(envelope.protocol.number())),
    }
    Ok(out)
}
