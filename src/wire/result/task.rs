//! A stored result document seen from outside: not "what is my answer" but "what became of this
//! task", with everything the dispatcher reports about its handlers.
//!
//! Sources: as for [`super::parse_result`], and `celery/backends/base.py` for the keys that
//! `result_extended` adds.

use serde_json::value::RawValue;

use super::document::{Document, Entry, Report, ResultError, TaskFailure, message_text};
use crate::wire::json::elements;

/// Handlers of one event that are read at most; a service has a few.
const MAX_HANDLERS: usize = 1_000;

/// What a backend keeps about one task.
#[derive(Debug)]
pub struct TaskResult {
    /// Celery's state: `SUCCESS`, `FAILURE`, `RETRY`, `STARTED`, `REVOKED` or an application's own.
    pub status: String,
    /// ISO 8601, as stored.
    pub date_done: Option<String>,
    /// The exception of a task that failed, was revoked or will be tried again.
    pub failure: Option<TaskFailure>,
    /// What the dispatcher of an event reports.
    pub report: Option<DispatchReport>,
    /// What any other task that succeeded returned.
    pub value: Option<Box<RawValue>>,
}

/// The dispatcher's own report.
#[derive(Debug)]
pub struct DispatchReport {
    pub topic: String,
    pub handlers: Vec<HandlerOutcome>,
}

/// What the dispatcher did with one handler.
#[derive(Debug)]
pub struct HandlerOutcome {
    pub handler: Option<String>,
    /// `success` or `error` of a handler it called itself, `dispatched` of one that runs as a task.
    pub status: String,
    /// The task of a dispatched handler.
    pub task_id: Option<String>,
    /// The text of what the handler raised.
    pub error: Option<String>,
    pub result: Option<Box<RawValue>>,
}

impl TaskResult {
    /// Reads a document that [`super::ResultBody::to_json`] made.
    ///
    /// # Errors
    /// Where it does not have the shape that Celery gives it.
    pub fn parse(json: &str) -> Result<Self, ResultError> {
        let document: Document<'_> = serde_json::from_str(json)?;
        let mut result = Self {
            status: document.status.clone(),
            date_done: document.date_done(),
            failure: None,
            report: None,
            value: None,
        };
        match result.status.as_str() {
            "SUCCESS" => {
                result.report = document.result.and_then(DispatchReport::read);
                if result.report.is_none() {
                    result.value = document.result.map(ToOwned::to_owned);
                }
            }
            "FAILURE" | "REVOKED" | "RETRY" => result.failure = Some(document.failure()),
            _ => {}
        }
        Ok(result)
    }
}

impl TaskResult {
    /// Whether nothing more will be stored about the task.
    pub fn is_final(&self) -> bool {
        matches!(self.status.as_str(), "SUCCESS" | "FAILURE" | "REVOKED")
    }
}

impl DispatchReport {
    fn read(raw: &RawValue) -> Option<Self> {
        let report: Report<'_> = serde_json::from_str(raw.get()).ok()?;
        let topic = report.routing_key?;
        let handlers = match (report.status.as_str(), report.results) {
            ("no_handlers", None) => Vec::new(),
            ("completed", Some(entries)) => elements(entries.get())
                .take(MAX_HANDLERS)
                .filter_map(|entry| serde_json::from_str::<Entry<'_>>(entry).ok())
                .map(HandlerOutcome::from)
                .collect(),
            _ => return None,
        };
        Some(Self { topic, handlers })
    }
}

impl From<Entry<'_>> for HandlerOutcome {
    fn from(entry: Entry<'_>) -> Self {
        Self {
            handler: entry.handler,
            status: entry.status,
            task_id: entry.task_id,
            error: entry.error.map(message_text),
            result: entry.result.map(ToOwned::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(json: &str) -> String {
        match TaskResult::parse(json) {
            Err(error) => error.to_string(),
            Ok(result) => {
                let failure = result.failure.map(|failure| failure.summary());
                let value = result.value.map(|raw| raw.get().to_owned());
                let report = result.report.map(|report| {
                    let handlers = report.handlers.iter().map(|handler| {
                        let id = handler.task_id.as_deref().or(handler.error.as_deref());
                        let raw = handler.result.as_deref().map(RawValue::get);
                        format!(
                            "{} {} {}",
                            handler.handler.as_deref().unwrap_or("-"),
                            handler.status,
                            id.or(raw).unwrap_or("-")
                        )
                    });
                    format!("{} [{}]", report.topic, handlers.collect::<Vec<_>>().join(", "))
                });
                format!("{} {failure:?} {report:?} {value:?}", result.status)
            }
        }
    }

    #[test]
    fn a_document_says_what_became_of_a_task() {
        let table = [
            r#"{"status":"SUCCESS","result":{"status":"completed","routing_key":"user.created","is_rpc":false,"results":[{"handler":"welcome","status":"dispatched","task_id":"1:a"},{"handler":"audit","status":"error","error":"boom"}]},"date_done":"2026-01-02T03:04:05+00:00"}"#,
            r#"{"status":"SUCCESS","result":{"status":"completed","routing_key":"rpc.add","results":[{"handler":"add","status":"success","result":{"sum":1.10}}]}}"#,
            r#"{"status":"SUCCESS","result":{"status":"no_handlers","routing_key":"x"}}"#,
            r#"{"status":"SUCCESS","result":{"status":"party"},"date_done":5}"#,
            r#"{"status":"SUCCESS","result":null}"#,
            r#"{"status":"FAILURE","result":{"exc_type":"ValueError","exc_message":["boom",1],"exc_module":"builtins"},"traceback":"Traceback"}"#,
            r#"{"status":"RETRY","result":"text"}"#,
            r#"{"status":"REVOKED","result":null}"#,
            r#"{"status":"STARTED","result":{"pid":1}}"#,
            r#"{"state":"none"}"#,
            "[]",
        ];
        insta::assert_snapshot!(table.map(shown).join("\n"));
    }
}
