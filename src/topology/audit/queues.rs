//! One queue at a time: who reads it, what waits in it, and how it was declared.

use serde_json::Value;

use super::super::model::Queue;
use super::names::name_of;
use super::rules::{BACKLOG, NO_CONSUMER, OWN_NAME_ONLY, QUEUE_ARGUMENTS};
use super::{Audit, EventQueue, Finding, Level, Repair, limits};
use crate::event::service_matcher::ServiceLibrary;

/// What celery-salt declares unless told otherwise.
const MAX_PRIORITY: u64 = 10;
const PRIORITY: &str = "x-max-priority";
/// A backlog that grows is told from this part of the limit on.
const NOTICE_PART: u64 = 10;

pub(super) fn check(audit: &Audit<'_>, found: &mut Vec<Finding>) {
    for (name, event_queue) in &audit.event_queues {
        let library = audit.library(name);
        if event_queue.subscriptions(name).next().is_none() {
            own_name_only(audit, event_queue, (name, library), found);
            continue;
        }
        let Some(queue) = event_queue.queue else { continue };
        no_consumer(queue, found);
        backlog(audit, queue, found);
        limits::check(audit, queue, found);
        arguments(queue, library, found);
    }
}

fn own_name_only(
    audit: &Audit<'_>,
    queue: &EventQueue<'_>,
    (name, library): (&str, Option<ServiceLibrary>),
    found: &mut Vec<Finding>,
) {
    let is_read = queue.queue.and_then(|queue| queue.consumers) != Some(0);
    let level = if is_read { Level::Error } else { Level::Warning };
    let message = format!("{name} is bound to {} under its own name only", audit.exchange);
    let finding = Finding::new(&OWN_NAME_ONLY, level, name, message).about(name);
    found.push(match library {
        Some(ServiceLibrary::CelerySalt) | None => finding,
        Some(ServiceLibrary::TchuTchu) => finding.fix(
            "tchu-tchu 2: list the modules with the handlers in \
             setup_celery_queue(subscriber_modules=[…]), and restart the worker. tchu-tchu 3 loses \
             its own start-up code, whatever is listed: name the modules in Celery(include=[…]), \
             restart the worker, and add the bindings with the commands that `celerysalt bindings \
             check --code python:MODULE` prints; or move the service to celery-salt",
        ),
    });
}

fn no_consumer(queue: &Queue, found: &mut Vec<Finding>) {
    if queue.consumers != Some(0) {
        return;
    }
    let waiting = queue.messages_ready.unwrap_or_default();
    let (level, message) = match waiting {
        0 => (Level::Warning, format!("nobody reads from {}", queue.name)),
        1 => (Level::Error, format!("nobody reads from {}, and a message waits", queue.name)),
        _ => {
            let message = format!("nobody reads from {}, and {waiting} messages wait", queue.name);
            (Level::Error, message)
        }
    };
    let finding = Finding::new(&NO_CONSUMER, level, &queue.name, message);
    found.push(match waiting {
        0 => finding.mended_by(Repair::DeleteQueue { queue: queue.name.clone() }),
        _ => finding.fix(&format!(
            "start the service's worker; if the service is gone, look at what waits with \
             `celerysalt queue peek {0}`, and delete the queue when `celerysalt queue purge {0}` \
             has emptied it",
            queue.name
        )),
    });
}

fn backlog(audit: &Audit<'_>, queue: &Queue, found: &mut Vec<Finding>) {
    if queue.consumers == Some(0) {
        return;
    }
    let waiting = queue.messages_ready.unwrap_or_default();
    let later = audit.input.traffic.and_then(|traffic| {
        let ready = *traffic.ready.get(&queue.name)?;
        Some((ready, traffic.per_second(ready.saturating_sub(waiting))))
    });
    let (waiting, growth) = later.unwrap_or((waiting, 0));
    let limit = audit.input.backlog;
    let level = match (waiting > limit, growth > 0 && waiting > limit / NOTICE_PART) {
        (true, _) => Level::Warning,
        (false, true) => Level::Info,
        (false, false) => return,
    };
    let more = match growth {
        0 => String::new(),
        _ => format!(", and it grows by {growth} a second"),
    };
    let message = format!("{waiting} messages wait in {}{more}", queue.name);
    found.push(Finding::new(&BACKLOG, level, &queue.name, message));
}

/// Whether the library could declare the queue again.
fn arguments(queue: &Queue, library: Option<ServiceLibrary>, found: &mut Vec<Finding>) {
    let differences = differences(queue, library);
    if differences.is_empty() {
        return;
    }
    let name = &queue.name;
    // A worker that reads the queue has declared it as it is.
    let level = if queue.consumers == Some(0) { Level::Warning } else { Level::Info };
    let message = format!("{name} {}", differences.join(", and "));
    let finding = Finding::new(&QUEUE_ARGUMENTS, level, name, message);
    let is_read = queue.consumers.is_some_and(|count| count > 0);
    let waiting = queue.messages_ready.unwrap_or_default();
    found.push(match (is_read, waiting) {
        (true, _) => finding,
        (false, 0) => finding.mended_by(Repair::DeleteQueue { queue: name.clone() }),
        (false, _) => finding.fix(&format!(
            "{waiting} messages wait in it: move them to another queue with `celerysalt queue move \
             {name} OTHER`, delete the queue, start the worker, and move them back; or declare the \
             queue as it is: max_priority=None, or the value it has, in setup_salt_queue"
        )),
    });
}

fn differences(queue: &Queue, library: Option<ServiceLibrary>) -> Vec<String> {
    let mut found = Vec::new();
    let by = name_of(library.unwrap_or(ServiceLibrary::CelerySalt));
    let declared = queue.arguments.get(PRIORITY);
    let is_read = queue.consumers != Some(0);
    match (library, declared) {
        (Some(ServiceLibrary::TchuTchu), Some(value)) if !is_read => {
            found.push(format!("has {PRIORITY} {value}, and {by} declares none"));
        }
        (Some(ServiceLibrary::TchuTchu), _) => {}
        (Some(ServiceLibrary::CelerySalt) | None, None) => {
            found.push(format!("has no {PRIORITY}, and {by} declares {MAX_PRIORITY}"));
        }
        (Some(ServiceLibrary::CelerySalt) | None, Some(value)) => {
            if value.as_u64() != Some(MAX_PRIORITY) {
                found.push(format!("has {PRIORITY} {value}, and {by} declares {MAX_PRIORITY}"));
            }
        }
    }
    // What a running worker declared is its own affair.
    if is_read || queue.exclusive {
        return found;
    }
    if !queue.durable {
        found.push(format!("is not durable, and {by} declares it durable"));
    }
    if queue.auto_delete {
        found.push(format!("deletes itself, and {by} declares one that stays"));
    }
    let others = queue.arguments.iter().filter(|(name, _)| *name != PRIORITY);
    found.extend(others.map(|(name, value)| match value {
        Value::String(text) => format!("has {name} {text}, which {by} does not declare"),
        value => format!("has {name} {value}, which {by} does not declare"),
    }));
    found
}
