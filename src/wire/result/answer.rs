//! What a worker's answer means to the caller.
//!
//! | `status` | `result` | meaning |
//! |---|---|---|
//! | `SUCCESS` | dispatcher report, first entry `success`, its result carries an error code | [`Answer::BusinessError`] |
//! | `SUCCESS` | dispatcher report, first entry `success` | [`Answer::Success`] |
//! | `SUCCESS` | dispatcher report, first entry `error` | [`Answer::HandlerError`] |
//! | `SUCCESS` | dispatcher report, first entry `dispatched` | [`Answer::Dispatched`] |
//! | `SUCCESS` | dispatcher report `no_handlers`, or without entries | [`Answer::NoHandlers`] |
//! | `SUCCESS` | anything else: the return value of a plain task | as a first entry `success` |
//! | `FAILURE`, `REVOKED` | the exception | [`Answer::Failure`] |
//! | anything else | | [`TaskState::Waiting`] |

use serde::Deserialize;
use serde_json::value::RawValue;

use super::document::{Document, Entry, Report, ResultError, TaskFailure, message_text};

/// Where a task stands.
#[derive(Debug)]
pub enum TaskState {
    /// Not finished: `PENDING`, `RECEIVED`, `STARTED`, `RETRY` or a state of the application's own.
    Waiting(String),
    Done(Reply),
}

/// The final answer to a request.
#[derive(Debug)]
pub struct Reply {
    pub answer: Answer,
    /// The name of the handler that gave the answer, where the dispatcher reports one.
    pub handler: Option<String>,
    /// How many handlers of the answering service ran; the first one's answer counts.
    pub handlers: usize,
}

#[derive(Debug)]
pub enum Answer {
    Success(Box<RawValue>),
    /// A successful result that carries `error_code` or `error_message`.
    BusinessError(Box<RawValue>),
    /// The handler raised; its text.
    HandlerError(String),
    /// The service started the handler as a task of its own (its id), so no answer will come.
    Dispatched(Option<String>),
    /// A service received the request, but none of its handlers matches.
    NoHandlers,
    /// The task itself failed or was revoked.
    Failure(TaskFailure),
}

/// Reads a result document. `json` is the whole document as [`crate::wire::json::compact`] text; the
/// answer keeps the digits and the key order of that text.
pub fn parse_result(json: &str) -> Result<TaskState, ResultError> {
    let document: Document<'_> = serde_json::from_str(json)?;
    Ok(match document.status.as_str() {
        "SUCCESS" => TaskState::Done(read_success(document.result)),
        "FAILURE" | "REVOKED" => TaskState::Done(Reply {
            answer: Answer::Failure(document.failure()),
            handler: None,
            handlers: 0,
        }),
        _ => TaskState::Waiting(document.status),
    })
}

fn read_success(result: Option<&RawValue>) -> Reply {
    let report = result.and_then(|raw| serde_json::from_str::<Report<'_>>(raw.get()).ok());
    let Some(Report { status, results, routing_key }) = report else { return plain(result) };
    let entries = match (status.as_str(), results, routing_key) {
        ("no_handlers", None, Some(_)) => Vec::<Entry<'_>>::new(),
        ("completed", Some(entries), _) => match serde_json::from_str(entries.get()) {
            Ok(entries) => entries,
            Err(_) => return plain(result),
        },
        _ => return plain(result),
    };
    let handlers = entries.len();
    match entries.into_iter().next() {
        Some(entry) => Reply { answer: read_entry(&entry), handler: entry.handler, handlers },
        None => Reply { answer: Answer::NoHandlers, handler: None, handlers: 0 },
    }
}

fn plain(result: Option<&RawValue>) -> Reply {
    Reply { answer: success(result), handler: None, handlers: 1 }
}

fn read_entry(entry: &Entry<'_>) -> Answer {
    match entry.status.as_str() {
        "success" => success(entry.result),
        "dispatched" => Answer::Dispatched(entry.task_id.clone()),
        other => Answer::HandlerError(match entry.error {
            Some(error) => message_text(error),
            None => format!("the dispatcher reports the handler as {other:?}"),
        }),
    }
}

fn success(result: Option<&RawValue>) -> Answer {
    let raw = result.unwrap_or(RawValue::NULL).to_owned();
    if is_business_error(&raw) { Answer::BusinessError(raw) } else { Answer::Success(raw) }
}

/// The libraries look for either key. A `null` one is not counted: it is what a response model with
/// an optional error field writes on success.
fn is_business_error(result: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Carrier<'a> {
        #[serde(borrow)]
        error_code: Option<&'a RawValue>,
        #[serde(borrow)]
        error_message: Option<&'a RawValue>,
    }
    result.get().starts_with('{')
        && serde_json::from_str::<Carrier<'_>>(result.get())
            .is_ok_and(|carrier| carrier.error_code.is_some() || carrier.error_message.is_some())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{NewResult, encode_result};
    use super::*;

    /// The state in one line, for tables.
    fn shown(json: &str) -> String {
        let state = match parse_result(json) {
            Ok(state) => state,
            Err(error) => return format!("error: {error}"),
        };
        let reply = match state {
            TaskState::Waiting(state) => return format!("waiting {state}"),
            TaskState::Done(reply) => reply,
        };
        let answer = match &reply.answer {
            Answer::Success(raw) => format!("success {raw}"),
            Answer::BusinessError(raw) => format!("error {raw}"),
            Answer::HandlerError(text) => format!("handler_error {text}"),
            Answer::Dispatched(id) => format!("dispatched {id:?}"),
            Answer::NoHandlers => "no_handlers".to_owned(),
            Answer::Failure(failure) => format!("failure {}", failure.summary()),
        };
        format!("{answer} | {} of {}", reply.handler.as_deref().unwrap_or("-"), reply.handlers)
    }

    fn completed(results: &str) -> String {
        format!(
            r#"{{"status": "SUCCESS", "result": {{"status": "completed", "routing_key": "t", "is_rpc": true, "handlers_executed": 1, "results": {results}}}, "traceback": null, "children": [], "date_done": "2026-01-02T03:04:05+00:00", "task_id": "i"}}"#
        )
    }

    #[test]
    fn every_answer_of_a_dispatcher_is_told_apart() {
        let table = [
            (
                r#"[{"handler": "add", "status": "success", "result": {"sum": 5}}]"#,
                r#"success {"sum": 5} | add of 1"#,
            ),
            (
                r#"[{"handler": "add", "status": "success", "result": {"error_code": "E", "error_message": "no", "details": {}}}]"#,
                r#"error {"error_code": "E", "error_message": "no", "details": {}} | add of 1"#,
            ),
            (
                r#"[{"handler": "add", "status": "success", "result": {"error_message": "no"}}]"#,
                r#"error {"error_message": "no"} | add of 1"#,
            ),
            (
                r#"[{"handler": "add", "status": "success", "result": {"sum": 5, "error_code": null}}]"#,
                r#"success {"sum": 5, "error_code": null} | add of 1"#,
            ),
            (
                r#"[{"handler": "add", "status": "success", "result": ["error_code"]}]"#,
                r#"success ["error_code"] | add of 1"#,
            ),
            (
                r#"[{"handler": "add", "status": "success", "result": null}]"#,
                "success null | add of 1",
            ),
            (
                r#"[{"handler": "add", "status": "error", "error": "boom"}]"#,
                "handler_error boom | add of 1",
            ),
            (
                r#"[{"handler": "add", "status": "error", "error": "first"}, {"handler": "b", "status": "success", "result": 1}]"#,
                "handler_error first | add of 2",
            ),
            (
                r#"[{"handler": "add", "status": "dispatched", "task_id": "x"}]"#,
                r#"dispatched Some("x") | add of 1"#,
            ),
            (
                r#"[{"handler": "add", "status": "odd"}]"#,
                r#"handler_error the dispatcher reports the handler as "odd" | add of 1"#,
            ),
            ("[]", "no_handlers | - of 0"),
        ];
        for (results, expected) in table {
            assert_eq!(shown(&completed(results)), expected, "{results}");
        }
    }

    #[test]
    fn documents_that_are_no_dispatcher_report_are_read_too() {
        let table = [
            (
                r#"{"status": "SUCCESS", "result": {"status": "no_handlers", "routing_key": "t"}}"#,
                "no_handlers | - of 0",
            ),
            // tchu-tchu writes no is_rpc.
            (
                r#"{"status": "SUCCESS", "result": {"status": "completed", "routing_key": "t", "handlers_executed": 1, "results": [{"handler": "h", "status": "success", "result": 1}]}}"#,
                "success 1 | h of 1",
            ),
            (r#"{"status": "SUCCESS", "result": 7}"#, "success 7 | - of 1"),
            (r#"{"status": "SUCCESS"}"#, "success null | - of 1"),
            (
                r#"{"status": "SUCCESS", "result": {"status": "completed", "order": 1}}"#,
                r#"success {"status": "completed", "order": 1} | - of 1"#,
            ),
            (
                r#"{"status": "SUCCESS", "result": {"error_code": "E"}}"#,
                r#"error {"error_code": "E"} | - of 1"#,
            ),
            (
                r#"{"status": "FAILURE", "result": {"exc_type": "ValueError", "exc_message": ["bad", 3], "exc_module": "builtins"}, "traceback": "Traceback"}"#,
                "failure ValueError: bad, 3 | - of 0",
            ),
            (
                r#"{"status": "FAILURE", "result": {"exc_type": "KeyError", "exc_message": "k"}}"#,
                "failure KeyError: k | - of 0",
            ),
            (
                r#"{"status": "FAILURE", "result": "gone"}"#,
                "failure the task failed: gone | - of 0",
            ),
            (r#"{"status": "FAILURE", "result": null}"#, "failure the task failed | - of 0"),
            (
                r#"{"status": "REVOKED", "result": {"exc_type": "TaskRevokedError", "exc_message": ["expired"]}}"#,
                "failure TaskRevokedError: expired | - of 0",
            ),
            (r#"{"status": "STARTED", "result": {"pid": 1}}"#, "waiting STARTED"),
            (r#"{"status": "RETRY", "result": null}"#, "waiting RETRY"),
            (r#"{"status": "PROGRESS", "result": 40}"#, "waiting PROGRESS"),
            (r#"{"result": 1}"#, "error: the result document is not what Celery writes"),
            ("[1]", "error: the result document is not what Celery writes"),
            ("", "error: the result document is not what Celery writes"),
        ];
        for (document, expected) in table {
            assert_eq!(shown(document), expected, "{document}");
        }
    }

    #[test]
    fn an_answer_keeps_every_digit_and_the_order_of_its_keys() {
        let text = r#"{"z": 123456789012345678901234567890, "a": -0.0, "e": 1e-7, "f": 1.10}"#;
        let document =
            completed(&format!(r#"[{{"handler": "h", "status": "success", "result": {text}}}]"#));
        assert_eq!(shown(&document), format!("success {text} | h of 1"));
    }

    fn written(outcome: Result<&RawValue, &str>) -> String {
        let result = NewResult {
            task_id: "0d0f",
            routing_key: "math.add",
            handler: "celerysalt",
            date_done: "2026-01-02T03:04:05.000006+00:00",
            outcome,
        };
        String::from_utf8(encode_result(&result).unwrap()).unwrap()
    }

    #[test]
    fn a_stand_in_answers_with_a_workers_document() {
        let value: Box<RawValue> = serde_json::from_str(r#"{"sum": 5.0}"#).unwrap();
        insta::assert_snapshot!(written(Ok(&value)), @r#"{"status":"SUCCESS","result":{"status":"completed","routing_key":"math.add","is_rpc":true,"handlers_executed":1,"results":[{"handler":"celerysalt","status":"success","result":{"sum": 5.0}}]},"traceback":null,"children":[],"date_done":"2026-01-02T03:04:05.000006+00:00","task_id":"0d0f"}"#);
        insta::assert_snapshot!(written(Err("boom")), @r#"{"status":"SUCCESS","result":{"status":"completed","routing_key":"math.add","is_rpc":true,"handlers_executed":1,"results":[{"handler":"celerysalt","status":"error","error":"boom"}]},"traceback":null,"children":[],"date_done":"2026-01-02T03:04:05.000006+00:00","task_id":"0d0f"}"#);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(number in any::<i64>(), text in "\\PC*") {
            let raw = RawValue::from_string(format!("{{\"n\":{number}}}")).unwrap();
            let expected = format!("success {raw} | celerysalt of 1");
            prop_assert_eq!(shown(&written(Ok(&raw))), expected);
            let expected = format!("handler_error {text} | celerysalt of 1");
            prop_assert_eq!(shown(&written(Err(&text))), expected);
        }

        #[test]
        fn reading_never_panics(text in "\\PC*|[\\[\\]{}\",:a-z0-9 ]*") {
            let _ = parse_result(&text);
            let _ = parse_result(&format!("{{\"status\":\"SUCCESS\",\"result\":{text}}}"));
            let _ = parse_result(&format!("{{\"status\":\"FAILURE\",\"result\":{text}}}"));
        }
    }
}
