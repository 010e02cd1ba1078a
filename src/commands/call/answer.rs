//! What came of a call: the report, the exit code, and what to do about it.

use std::io::{self, Write};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use crate::commands::error::ExitKind;
use crate::schema::SchemaPart;
use crate::ui::{Report, Style, push_whole};
use crate::wire::record::{SchemaStatus, SchemaViolation};
use crate::wire::{Answer, Reply};

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
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

    /// What the handler returned, and the part of the contract that speaks about it; nothing where
    /// no handler answered.
    pub fn returned(&self) -> Option<(SchemaPart, &RawValue)> {
        let Self::Answered(reply) = self else { return None };
        match &reply.answer {
            Answer::Success(value) => Some((SchemaPart::Response, value)),
            Answer::BusinessError(value) => Some((SchemaPart::Error, value)),
            Answer::HandlerError(_)
            | Answer::Dispatched(_)
            | Answer::NoHandlers
            | Answer::Failure(_) => None,
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
#[derive(Debug, Serialize, JsonSchema)]
pub struct CallReport {
    pub id: String,
    pub topic: String,
    pub outcome: Outcome,
    /// What the handler returned; only with `success`.
    #[schemars(with = "Option<Value>")]
    pub result: Option<Box<RawValue>>,
    /// The error object; only with `error`, `handler_error` and `failure`.
    #[schemars(with = "Option<Value>")]
    pub error: Option<Box<RawValue>>,
    pub handler: Option<String>,
    /// How many handlers of the answering service ran; the first one's answer counts.
    pub handlers: usize,
    /// From before the request was sent to when its end was known, in milliseconds.
    #[serde(rename = "elapsed_ms", serialize_with = "as_milliseconds")]
    #[schemars(with = "f64")]
    pub elapsed: Duration,
    pub schema: SchemaCheck,
}

/// Whether the answer fits the response or the error schema that is registered for the topic.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SchemaCheck {
    /// `valid`, `invalid`, `unknown` (no schema is registered) or `unchecked`.
    pub status: &'static str,
    pub version: Option<String>,
    pub errors: Vec<SchemaError>,
}

/// One place where an answer does not fit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SchemaError {
    /// As `items[0].qty`; empty for the answer itself.
    pub path: String,
    pub message: String,
}

impl From<&SchemaStatus> for SchemaCheck {
    fn from(status: &SchemaStatus) -> Self {
        let error = |violation: &SchemaViolation| SchemaError {
            path: violation.path.clone(),
            message: violation.message.clone(),
        };
        Self {
            status: status.status.name(),
            version: status.version.clone(),
            errors: status.errors.iter().map(error).collect(),
        }
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
    pub fn new(
        (id, topic): (String, String),
        (end, elapsed): (&CallEnd, Duration),
        schema: &SchemaStatus,
    ) -> Self {
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
        let schema = SchemaCheck::from(schema);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{TaskState, json, parse_result};

    fn report(document: &str) -> CallReport {
        let document = json::compact(document.as_bytes(), 64).unwrap();
        let end = match parse_result(&document).unwrap() {
            TaskState::Done(reply) => CallEnd::Answered(reply),
            TaskState::Waiting(state) => CallEnd::TimedOut { last_state: Some(state) },
        };
        CallReport::new(
            ("0d0f".into(), "math.add".into()),
            (&end, Duration::from_micros(12_345)),
            &SchemaStatus::default(),
        )
    }

    fn human(report: &CallReport) -> String {
        let mut out = Vec::new();
        report.write_human(&mut out, &Style::new(false)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_success_prints_the_answer_and_nothing_else() {
        let report = report(
            r#"{"status": "SUCCESS", "result": {"status": "completed", "results": [{"handler": "add", "status": "success", "result": {"sum":12345678901234567890.10,"of":[1,2]}}]}}"#,
        );
        insta::assert_snapshot!(human(&report), @r#"
        {
          "sum": 12345678901234567890.10,
          "of": [
            1,
            2
          ]
        }
        "#);
        insta::assert_snapshot!(serde_json::to_string(&report).unwrap(), @r#"{"id":"0d0f","topic":"math.add","outcome":"success","result":{"sum":12345678901234567890.10,"of":[1,2]},"error":null,"handler":"add","handlers":1,"elapsed_ms":12.345,"schema":{"status":"unchecked","version":null,"errors":[]}}"#);
    }

    #[test]
    fn a_business_error_is_the_handlers_answer_too() {
        let report = report(r#"{"status": "SUCCESS", "result": {"error_code":"DIV"}}"#);
        insta::assert_snapshot!(human(&report), @r#"
        {
          "error_code": "DIV"
        }
        "#);
        insta::assert_snapshot!(serde_json::to_string(&report).unwrap(), @r#"{"id":"0d0f","topic":"math.add","outcome":"error","result":null,"error":{"error_code":"DIV"},"handler":null,"handlers":1,"elapsed_ms":12.345,"schema":{"status":"unchecked","version":null,"errors":[]}}"#);
    }

    #[test]
    fn what_is_no_answer_prints_nothing() {
        let documents = [
            r#"{"status": "SUCCESS", "result": {"status": "no_handlers", "routing_key": "t"}}"#,
            r#"{"status": "SUCCESS", "result": {"status": "completed", "results": [{"handler": "h", "status": "error", "error": "boom"}]}}"#,
            r#"{"status": "FAILURE", "result": {"exc_type": "E", "exc_message": ["m"], "exc_module": "x"}, "traceback": "T"}"#,
            r#"{"status": "STARTED", "result": null}"#,
        ];
        let mut all = String::new();
        for document in documents {
            let report = report(document);
            assert_eq!(human(&report), "");
            all += &format!(
                "{} {}\n",
                report.outcome.exit_kind().code(),
                serde_json::to_string(&report).unwrap()
            );
        }
        insta::assert_snapshot!(all);
    }
}
