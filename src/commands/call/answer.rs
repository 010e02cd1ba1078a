//! What came of a call: the report, the exit code, and what to do about it.

use std::io::{self, Write};
use std::time::Duration;

use serde::{Serialize, Serializer};
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use crate::commands::error::ExitKind;
use crate::ui::{Report, Style, push_whole};
use crate::wire::{Answer, Reply};

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Success,
    /// The handler answered with a business error.
    Error,
    HandlerError,
    NoHandlers,
    Failure,
    Timeout,
    Unroutable,
}

impl Outcome {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error => "error",
            Self::HandlerError => "handler_error",
            Self::NoHandlers => "no_handlers",
            Self::Failure => "failure",
            Self::Timeout => "timeout",
            Self::Unroutable => "unroutable",
        }
    }

    pub fn exit_kind(self) -> ExitKind {
        match self {
            Self::Success => ExitKind::Done,
            Self::Error | Self::HandlerError | Self::Failure => ExitKind::No,
            Self::Timeout => ExitKind::Timeout,
            Self::NoHandlers | Self::Unroutable => ExitKind::Unroutable,
        }
    }
}

/// How one request ended, whatever the way.
#[derive(Debug)]
pub enum CallEnd {
    Answered(Reply),
    /// Nothing final came in time. The last state that a worker reported, if any.
    TimedOut {
        last_state: Option<String>,
    },
    /// No queue is bound to the topic.
    Unroutable,
}

impl CallEnd {
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Answered(reply) => match &reply.answer {
                Answer::Success(_) => Outcome::Success,
                Answer::BusinessError(_) => Outcome::Error,
                Answer::HandlerError(_) | Answer::Dispatched(_) => Outcome::HandlerError,
                Answer::NoHandlers => Outcome::NoHandlers,
                Answer::Failure(_) => Outcome::Failure,
            },
            Self::TimedOut { .. } => Outcome::Timeout,
            Self::Unroutable => Outcome::Unroutable,
        }
    }

    /// The answer itself, where there is one: the result or the error object, as JSON.
    fn value(&self) -> Option<Box<RawValue>> {
        let Self::Answered(reply) = self else { return None };
        let object = match &reply.answer {
            Answer::Success(value) | Answer::BusinessError(value) => return Some(value.clone()),
            Answer::HandlerError(message) => to_raw_value(&json!({ "message": message })),
            Answer::Dispatched(task_id) => to_raw_value(&json!({
                "message": "the handler was started as a task of its own, so it cannot answer",
                "task_id": task_id,
            })),
            Answer::Failure(failure) => to_raw_value(failure),
            Answer::NoHandlers => return None,
        };
        object.ok()
    }
}

/// The answer of `celerysalt call`.
#[derive(Debug, Serialize)]
pub struct CallReport {
    pub id: String,
    pub topic: String,
    pub outcome: Outcome,
    /// What the handler returned; only with `success`.
    pub result: Option<Box<RawValue>>,
    /// The error object; only with `error`, `handler_error` and `failure`.
    pub error: Option<Box<RawValue>>,
    pub handler: Option<String>,
    /// How many handlers of the answering service ran; the first one's answer counts.
    pub handlers: usize,
    #[serde(rename = "elapsed_ms", serialize_with = "as_milliseconds")]
    pub elapsed: Duration,
    pub schema: SchemaCheck,
}

/// Whether the payload fits the registered schema.
#[derive(Debug, Serialize)]
pub struct SchemaCheck {
    pub status: &'static str,
    pub version: Option<String>,
    pub errors: Vec<String>,
}

impl SchemaCheck {
    /// For as long as there is no registry to check against.
    pub fn unchecked(version: Option<String>) -> Self {
        Self { status: "unchecked", version, errors: Vec::new() }
    }
}

fn as_milliseconds<S: Serializer>(elapsed: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(milliseconds(*elapsed))
}

/// Rounded to microseconds.
pub fn milliseconds(elapsed: Duration) -> f64 {
    (elapsed.as_secs_f64() * 1e6).round() / 1e3
}

impl CallReport {
    pub fn new(request: (String, String), end: &CallEnd, elapsed: Duration) -> Self {
        let (id, topic) = request;
        let outcome = end.outcome();
        let (result, error) = match outcome {
            Outcome::Success => (end.value(), None),
            Outcome::Error | Outcome::HandlerError | Outcome::Failure => (None, end.value()),
            Outcome::NoHandlers | Outcome::Timeout | Outcome::Unroutable => (None, None),
        };
        let (handler, handlers) = match end {
            CallEnd::Answered(reply) => (reply.handler.clone(), reply.handlers),
            CallEnd::TimedOut { .. } | CallEnd::Unroutable => (None, 0),
        };
        let schema = SchemaCheck::unchecked(None);
        Self { id, topic, outcome, result, error, handler, handlers, elapsed, schema }
    }
}

impl Report for CallReport {
    /// The answer of the handler and nothing else; what went wrong is said on stderr.
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let answer = match self.outcome {
            Outcome::Success => &self.result,
            Outcome::Error => &self.error,
            Outcome::HandlerError
            | Outcome::NoHandlers
            | Outcome::Failure
            | Outcome::Timeout
            | Outcome::Unroutable => &None,
        };
        let Some(answer) = answer else { return Ok(()) };
        let mut text = String::new();
        push_whole(&mut text, answer.get(), style);
        out.write_all(text.as_bytes())
    }
}
