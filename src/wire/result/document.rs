//! The parts of a result document, as Celery and the dispatchers write them.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use thiserror::Error;

/// A result document that does not have the shape Celery gives it.
#[derive(Debug, Error)]
#[error("the result document is not what Celery writes")]
pub struct ResultError(#[from] serde_json::Error);

/// An exception as Celery's JSON result backends store it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TaskFailure {
    pub exc_type: Option<String>,
    pub exc_module: Option<String>,
    /// Usually the list of the exception's arguments; older Celery stored text.
    pub exc_message: Option<Box<RawValue>>,
    pub traceback: Option<String>,
}

impl TaskFailure {
    /// One line: `ValueError: boom`.
    pub fn summary(&self) -> String {
        let name = self.exc_type.as_deref().unwrap_or("the task failed");
        match self.exc_message.as_deref().map(message_text) {
            Some(message) if !message.is_empty() => format!("{name}: {message}"),
            Some(_) | None => name.to_owned(),
        }
    }
}

/// The text of an exception: its arguments, without the list around them.
pub(super) fn message_text(message: &RawValue) -> String {
    let part = |raw: &RawValue| {
        serde_json::from_str::<String>(raw.get()).unwrap_or_else(|_| raw.get().to_owned())
    };
    match serde_json::from_str::<Vec<Box<RawValue>>>(message.get()) {
        Ok(parts) => parts.iter().map(|raw| part(raw)).collect::<Vec<_>>().join(", "),
        Err(_) => part(message),
    }
}

#[derive(Deserialize)]
pub(super) struct Document<'a> {
    pub(super) status: String,
    #[serde(borrow)]
    pub(super) result: Option<&'a RawValue>,
    #[serde(borrow)]
    traceback: Option<&'a RawValue>,
    #[serde(borrow)]
    date_done: Option<&'a RawValue>,
}

impl Document<'_> {
    pub(super) fn date_done(&self) -> Option<String> {
        self.date_done.and_then(text)
    }

    /// The exception, where the status says that there is one.
    pub(super) fn failure(&self) -> TaskFailure {
        read_exception(self.result, self.traceback.and_then(text))
    }
}

/// The dispatcher's own report; a plain task's return value is most likely not of this shape.
#[derive(Deserialize)]
pub(super) struct Report<'a> {
    pub(super) status: String,
    #[serde(borrow)]
    pub(super) results: Option<&'a RawValue>,
    pub(super) routing_key: Option<String>,
}

/// What the report says of one handler.
#[derive(Deserialize)]
pub(super) struct Entry<'a> {
    pub(super) handler: Option<String>,
    pub(super) status: String,
    #[serde(borrow)]
    pub(super) result: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
    pub(super) task_id: Option<String>,
}

fn read_exception(result: Option<&RawValue>, traceback: Option<String>) -> TaskFailure {
    #[derive(Deserialize)]
    struct Exception<'a> {
        exc_type: Option<String>,
        exc_module: Option<String>,
        #[serde(borrow)]
        exc_message: Option<&'a RawValue>,
    }
    let raw = result.unwrap_or(RawValue::NULL);
    match serde_json::from_str::<Exception<'_>>(raw.get()) {
        Ok(exception) if raw.get().starts_with('{') => TaskFailure {
            exc_type: exception.exc_type,
            exc_module: exception.exc_module,
            exc_message: exception.exc_message.map(ToOwned::to_owned),
            traceback,
        },
        Ok(_) | Err(_) => TaskFailure {
            exc_message: result.map(ToOwned::to_owned),
            traceback,
            ..TaskFailure::default()
        },
    }
}

fn text(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}
