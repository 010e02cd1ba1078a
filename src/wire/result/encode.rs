//! The answer of a stand-in responder, as a worker would store it.

use serde::Serialize;
use serde_json::value::RawValue;

use super::document::ResultError;

/// What a stand-in responder answers.
#[derive(Debug, Clone, Copy)]
pub struct NewResult<'a> {
    pub task_id: &'a str,
    pub routing_key: &'a str,
    /// The handler's name in the report.
    pub handler: &'a str,
    /// ISO 8601, UTC.
    pub date_done: &'a str,
    /// The handler's return value, or the text of what it raised.
    pub outcome: Result<&'a RawValue, &'a str>,
}

/// The JSON result document that a celery-salt worker would store for `result`.
pub fn encode_result(result: &NewResult<'_>) -> Result<Vec<u8>, ResultError> {
    #[derive(Serialize)]
    struct WrittenEntry<'a> {
        handler: &'a str,
        status: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        result: Option<&'a RawValue>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<&'a str>,
    }
    #[derive(Serialize)]
    struct WrittenReport<'a> {
        status: &'a str,
        routing_key: &'a str,
        is_rpc: bool,
        handlers_executed: u8,
        results: [WrittenEntry<'a>; 1],
    }
    #[derive(Serialize)]
    struct WrittenDocument<'a> {
        status: &'a str,
        result: WrittenReport<'a>,
        traceback: Option<&'a str>,
        children: [&'a str; 0],
        date_done: &'a str,
        task_id: &'a str,
    }
    let entry = WrittenEntry {
        handler: result.handler,
        status: if result.outcome.is_ok() { "success" } else { "error" },
        result: result.outcome.ok(),
        error: result.outcome.err(),
    };
    let report = WrittenReport {
        status: "completed",
        routing_key: result.routing_key,
        is_rpc: true,
        handlers_executed: 1,
        results: [entry],
    };
    Ok(serde_json::to_vec(&WrittenDocument {
        status: "SUCCESS",
        result: report,
        traceback: None,
        children: [],
        date_done: result.date_done,
        task_id: result.task_id,
    })?)
}
