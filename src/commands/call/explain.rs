//! Why a call has no good answer, and what to do next.

use std::time::Duration;

use serde_json::value::RawValue;

use super::answer::{CallEnd, Outcome};
use crate::commands::duration;
use crate::commands::error::CommandError;
use crate::commands::unroutable::unroutable;
use crate::wire::json::{members, string_value};
use crate::wire::{Answer, Reply, TaskFailure};

const SALT_TASK: &str = "celery_salt.dispatch_event";
const TCHU_TASK: &str = "tchu_tchu.dispatch_event";

/// What was asked, as far as it matters for what may have gone wrong.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub topic: &'a str,
    pub exchange: &'a str,
    pub task: &'a str,
    pub version: Option<&'a str>,
    pub timeout: Duration,
    /// Where the answer was looked for, without a password.
    pub backend: &'a str,
}

/// The error for everything but a success.
pub fn explain(end: &CallEnd, request: &Request<'_>) -> Option<CommandError> {
    let outcome = end.outcome();
    let error = |message: String| CommandError::new(outcome.exit_kind(), message);
    Some(match end {
        CallEnd::Answered(reply) => return explain_reply(reply, outcome, request),
        CallEnd::TimedOut { last_state } => {
            let error = error(format!(
                "no answer to {:?} within {}",
                request.topic,
                duration::show(request.timeout)
            ));
            timeout_hints(error, last_state.as_deref(), request)
        }
        CallEnd::Unroutable => unroutable(
            request.topic,
            request.exchange,
            "a service binds its queue when its worker starts; is it running on this broker?",
        ),
    })
}

fn explain_reply(reply: &Reply, outcome: Outcome, request: &Request<'_>) -> Option<CommandError> {
    let error = |message: String| CommandError::new(outcome.exit_kind(), message);
    let handler = match &reply.handler {
        Some(name) => format!("the handler {name:?}"),
        None => "the handler".to_owned(),
    };
    Some(match &reply.answer {
        Answer::Success(_) => return None,
        Answer::BusinessError(value) => error(format!(
            "{handler} answered with an error{}",
            error_words(value)
        ))
        .hint("the service handled the request and refused it; -o json gives the error to scripts"),
        Answer::HandlerError(message) => error(format!("{handler} failed: {message}"))
            .hint("the traceback is in the log of the worker that ran it"),
        Answer::Dispatched(_) => {
            error(format!("{handler} was started as a task of its own, so it cannot answer"))
                .hint(
                    "only a handler that the dispatcher runs itself can answer a call: with \
                       tchu-tchu, one without celery_options",
                )
                .hint(format!("to send it an event, use `celerysalt publish {}`", request.topic))
        }
        Answer::NoHandlers => no_handlers(request),
        Answer::Failure(failure) => explain_failure(failure, request),
    })
}

/// `: CODE: message` out of a business error.
fn error_words(value: &RawValue) -> String {
    let word = |name: &str| {
        members(value.get())
            .find(|member| member.is(name))
            .and_then(|member| string_value(member.value))
            .filter(|text| !text.is_empty())
    };
    ["error_code", "error_message"].iter().filter_map(|name| word(name)).fold(
        String::new(),
        |mut words, word| {
            words.push_str(": ");
            words.push_str(&word);
            words
        },
    )
}

fn no_handlers(request: &Request<'_>) -> CommandError {
    let message =
        format!("a service received {:?}, but none of its handlers takes it", request.topic);
    let error = CommandError::new(Outcome::NoHandlers.exit_kind(), message);
    match request.version {
        None => error.hint(
            "the request had no version, and then only handlers subscribed to `latest` take it: \
             try --version v1",
        ),
        Some(version) => error.hint(format!(
            "a handler takes its own version and newer ones: is it subscribed to one above \
             {version}?"
        )),
    }
    .hint(
        "a service that is bound to the topic without handling it can answer first; call again \
           to see whether the answer changes",
    )
}

fn explain_failure(failure: &TaskFailure, request: &Request<'_>) -> CommandError {
    let message = format!("the task failed: {}", failure.summary());
    let mut error = CommandError::new(Outcome::Failure.exit_kind(), message);
    if let Some(traceback) = &failure.traceback {
        error.causes.extend(traceback.trim_end().lines().map(str::to_owned));
    }
    match failure.exc_type.as_deref() {
        Some("NotRegistered") => error.hint(format!(
            "the worker does not know the task {:?}; try --task {}",
            request.task,
            other_task(request.task)
        )),
        Some("TaskRevokedError") => {
            error.hint("a request that is older than --timeout when a worker gets to it is revoked")
        }
        Some(_) | None => error.hint("the dispatcher itself failed; see the log of the worker"),
    }
}

fn timeout_hints(
    error: CommandError,
    last_state: Option<&str>,
    request: &Request<'_>,
) -> CommandError {
    if let Some(state) = last_state {
        return error.hint(format!("a worker has the request ({state}); raise --timeout"));
    }
    error
        .hint(format!(
            "the request is in a queue or lost: is a worker running, and does it store results in \
             {}?",
            request.backend
        ))
        .hint(format!(
            "a worker that does not know the task {:?} drops the request: try --task {}",
            request.task,
            other_task(request.task)
        ))
}

fn other_task(task: &str) -> &'static str {
    if task == SALT_TASK { TCHU_TASK } else { SALT_TASK }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{TaskState, json, parse_result};

    fn end(result: &str) -> CallEnd {
        let document = format!(r#"{{"status": "SUCCESS", "result": {result}}}"#);
        ended(&document)
    }

    fn ended(document: &str) -> CallEnd {
        let document = json::compact(document.as_bytes(), 64).unwrap();
        match parse_result(&document).unwrap() {
            TaskState::Done(reply) => CallEnd::Answered(reply),
            TaskState::Waiting(state) => CallEnd::TimedOut { last_state: Some(state) },
        }
    }

    fn entry(entry: &str) -> CallEnd {
        end(&format!(r#"{{"status": "completed", "routing_key": "t", "results": [{entry}]}}"#))
    }

    fn explained(end: &CallEnd, version: Option<&str>) -> String {
        let request = Request {
            topic: "math.add",
            exchange: "tchu_events",
            task: SALT_TASK,
            version,
            timeout: Duration::from_secs(30),
            backend: "redis://localhost/0",
        };
        let Some(error) = explain(end, &request) else { return "no error".to_owned() };
        let mut text = format!("{:?} exit {}: {error}\n", end.outcome(), error.kind.code());
        error.causes.iter().for_each(|cause| text += &format!("  {cause}\n"));
        error.hints.iter().for_each(|hint| text += &format!("  hint: {hint}\n"));
        text
    }

    #[test]
    fn every_end_of_a_call_says_what_happened_and_what_to_do() {
        let ends = [
            entry(r#"{"handler": "add", "status": "success", "result": {"sum": 5}}"#),
            entry(
                r#"{"handler": "add", "status": "success", "result": {"error_code": "DIV", "error_message": "by zero"}}"#,
            ),
            entry(r#"{"handler": "add", "status": "error", "error": "boom"}"#),
            entry(r#"{"handler": "add", "status": "dispatched", "task_id": "x"}"#),
            end(r#"{"status": "no_handlers", "routing_key": "math.add"}"#),
            ended(
                r#"{"status": "FAILURE", "result": {"exc_type": "TypeError", "exc_message": ["no"]}, "traceback": "Traceback\n  line 1\nTypeError: no\n"}"#,
            ),
            ended(
                r#"{"status": "FAILURE", "result": {"exc_type": "NotRegistered", "exc_message": ["celery_salt.dispatch_event"]}}"#,
            ),
            ended(
                r#"{"status": "REVOKED", "result": {"exc_type": "TaskRevokedError", "exc_message": ["expired"]}}"#,
            ),
            ended(r#"{"status": "STARTED", "result": null}"#),
            CallEnd::TimedOut { last_state: None },
            CallEnd::Unroutable,
        ];
        let all: Vec<_> = ends.iter().map(|end| explained(end, None)).collect();
        insta::assert_snapshot!(all.join("\n"));
    }

    #[test]
    fn without_a_handler_the_version_is_looked_at() {
        let end = end(r#"{"status": "no_handlers", "routing_key": "math.add"}"#);
        insta::assert_snapshot!(explained(&end, Some("v2")));
    }
}
