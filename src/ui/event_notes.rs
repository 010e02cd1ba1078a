use super::event_view::{EventView, size};
use super::sanitize::sanitize;
use crate::wire::{Envelope, Kind, Protocol};

/// What is worth knowing about a message besides its payload; nothing for the usual event.
pub(super) fn notes(event: &EventView<'_>) -> Vec<String> {
    let decoded = event.decoded;
    let envelope = &decoded.envelope;
    let mut notes = Vec::new();
    let mut note = |label: &str, value: Option<&str>| {
        if let Some(value) = value {
            notes.push(format!("{label} {}", sanitize(value)));
        }
    };
    note("correlation", decoded.meta.correlation_id.as_deref());
    match decoded.kind {
        Kind::Task => note("task", envelope.task.as_deref()),
        Kind::Event | Kind::RpcRequest => {
            note("for", envelope.task.as_deref().filter(|task| !is_usual_task(task)));
        }
        Kind::Raw => note("answer to", envelope.reply_to.as_deref()),
        Kind::Undecodable => {}
    }
    let child =
        envelope.parent_id.as_deref().filter(|parent| Some(*parent) != decoded.id.as_deref());
    note("child of", child);
    note("not before", envelope.eta.as_deref());
    note("expires", envelope.expires.as_deref());
    notes.extend(envelope.retries.filter(|count| *count > 0).map(|count| format!("retry {count}")));
    notes.extend(envelope.priority.filter(|p| *p > 0).map(|p| format!("priority {p}")));
    notes.extend(encoding(envelope));
    if envelope.protocol == Protocol::One {
        notes.push("protocol 1".to_owned());
    }
    if event.redelivered {
        notes.push("redelivered".to_owned());
    }
    notes.extend(json_note("headers", envelope.headers.as_deref()));
    notes.extend(json_note("trace", decoded.meta.trace.as_deref()));
    notes
}

/// The dispatchers of celery-salt and tchu-tchu carry every event.
fn is_usual_task(task: &str) -> bool {
    task.ends_with(".dispatch_event")
        && (task.starts_with("celery_salt.") || task.starts_with("tchu_tchu."))
}

/// Serialisers and compressions other than plain JSON.
fn encoding(envelope: &Envelope<'_>) -> Option<String> {
    let serializer = match envelope.content_type.as_deref() {
        Some("application/json") | None => None,
        Some("application/x-python-serialize") => Some("pickle"),
        Some("application/x-msgpack") => Some("msgpack"),
        Some("application/x-yaml") => Some("yaml"),
        Some(other) => Some(other),
    };
    let compression = envelope
        .compression
        .as_deref()
        .map(|name| name.trim_start_matches("application/").trim_start_matches("x-"));
    match (serializer, compression) {
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => Some(sanitize(one).into_owned()),
        (Some(serializer), Some(compression)) => {
            Some(format!("{} in {}", sanitize(serializer), sanitize(compression)))
        }
    }
}

/// An object of unusual members, in full while it is short.
fn json_note(label: &str, object: Option<&str>) -> Option<String> {
    const LONGEST: usize = 400;
    let object = object.filter(|text| *text != "{}")?;
    Some(match object.len() {
        0..=LONGEST => format!("{label} {}", sanitize(object)),
        length => format!("{label} ({})", size(length)),
    })
}
