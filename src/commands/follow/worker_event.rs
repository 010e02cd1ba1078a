//! The events that Celery workers send about tasks when they run with `-E`.
//!
//! Source: `celery/events/event.py`, `celery/events/dispatcher.py` and `celery/worker/request.py`
//! 5.7. A body is one event, or a list of them on the routing key `task.multi`.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::wire::json::elements;

/// Events of one list that are read at most; workers send two dozen.
const MAX_IN_LIST: usize = 10_000;
/// Characters of a result or an exception that are kept; Celery itself cuts most of them.
const MAX_TEXT: usize = 10_000;

/// What a worker says about a task.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkerEvent {
    pub what: Happening,
    pub task_id: String,
    /// By the worker's clock.
    pub at: Timestamp,
    pub worker: String,
    /// Only with [`Happening::Sent`] and [`Happening::Received`], like the next two.
    pub name: Option<String>,
    pub root_id: Option<String>,
    pub parent_id: Option<String>,
    /// What `repr()` made of the return value.
    pub result: Option<String>,
    /// What `repr()` made of the exception.
    pub exception: Option<String>,
    pub runtime_seconds: Option<f64>,
}

/// The task events of Celery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    Sent,
    Received,
    Started,
    Succeeded,
    Failed,
    Retried,
    Rejected,
    Revoked,
}

#[derive(Deserialize)]
struct Written<'a> {
    #[serde(rename = "type")]
    kind: String,
    uuid: String,
    timestamp: f64,
    #[serde(default)]
    hostname: String,
    name: Option<String>,
    root_id: Option<String>,
    parent_id: Option<String>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    exception: Option<&'a RawValue>,
    runtime: Option<f64>,
}

/// Reads a body. What is no task event is left out and counted.
pub fn read(json: &str) -> (Vec<WorkerEvent>, u64) {
    if !json.starts_with('[') {
        let event = one(json);
        let unread = u64::from(event.is_none());
        return (event.into_iter().collect(), unread);
    }
    let read: Vec<Option<WorkerEvent>> = elements(json).take(MAX_IN_LIST).map(one).collect();
    let unread = read.iter().filter(|event| event.is_none()).count() as u64;
    (read.into_iter().flatten().collect(), unread)
}

fn one(json: &str) -> Option<WorkerEvent> {
    let event: Written<'_> = serde_json::from_str(json).ok()?;
    let what = match event.kind.as_str() {
        "task-sent" => Happening::Sent,
        "task-received" => Happening::Received,
        "task-started" => Happening::Started,
        "task-succeeded" => Happening::Succeeded,
        "task-failed" => Happening::Failed,
        "task-retried" => Happening::Retried,
        "task-rejected" => Happening::Rejected,
        "task-revoked" => Happening::Revoked,
        _ => return None,
    };
    let microseconds = event.timestamp * 1_000_000.0;
    if !microseconds.is_finite() {
        return None;
    }
    Some(WorkerEvent {
        what,
        task_id: event.uuid,
        at: Timestamp::from_microsecond(microseconds as i64).ok()?,
        worker: event.hostname,
        name: event.name,
        root_id: event.root_id,
        parent_id: event.parent_id,
        result: event.result.and_then(text),
        exception: event.exception.and_then(text),
        runtime_seconds: event.runtime,
    })
}

fn text(raw: &RawValue) -> Option<String> {
    let text = serde_json::from_str::<Option<String>>(raw.get());
    let text = text.unwrap_or_else(|_| Some(raw.get().to_owned()))?;
    Some(match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_events_and_lists_are_read_and_the_rest_is_counted() {
        let received = r#"{"type":"task-received","uuid":"a","timestamp":1767323045.678,"hostname":"w@h","name":"t","root_id":"r","parent_id":null}"#;
        let failed = r#"{"type":"task-failed","uuid":"a","timestamp":1767323046,"hostname":"w@h","exception":"ValueError('boom')","traceback":"…"}"#;
        let done = r#"{"type":"task-succeeded","uuid":"b","timestamp":1767323047.5,"result":{"a":1},"runtime":0.25}"#;
        let (events, unread) = read(received);
        assert_eq!((events.len(), unread), (1, 0));
        assert_eq!(events[0].at.to_string(), "2026-01-02T03:04:05.678Z");
        assert_eq!(events[0].root_id.as_deref(), Some("r"));
        let list = format!(r#"[{failed},{{"type":"worker-heartbeat"}},{done},5]"#);
        let (events, unread) = read(&list);
        assert_eq!((events.len(), unread), (2, 2));
        assert_eq!(events[0].exception.as_deref(), Some("ValueError('boom')"));
        assert_eq!(events[1].result.as_deref(), Some(r#"{"a":1}"#));
        assert_eq!((events[1].what, events[1].runtime_seconds), (Happening::Succeeded, Some(0.25)));
    }

    #[test]
    fn hostile_events_are_left_out() {
        for json in [
            "",
            "null",
            "{",
            "[[[",
            r#"{"type":"task-sent","uuid":"a","timestamp":1e300}"#,
            r#"{"type":"task-sent","uuid":5,"timestamp":1}"#,
            r#"{"type":"task-boom","uuid":"a","timestamp":1}"#,
        ] {
            assert_eq!(read(json).0, [], "{json}");
        }
        let long = format!(
            r#"{{"type":"task-failed","uuid":"a","timestamp":1,"exception":"{}"}}"#,
            "é".repeat(MAX_TEXT + 1)
        );
        assert_eq!(read(&long).0[0].exception.as_ref().unwrap().chars().count(), MAX_TEXT + 1);
    }
}
