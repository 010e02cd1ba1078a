//! One queue at a time: who reads it, what it may hold, and how it was declared.

use serde_json::Value;

use super::super::model::Queue;
use super::rules::{
    BACKLOG, NO_CONSUMER, NO_DEAD_LETTER, OWN_NAME_ONLY, QUEUE_ARGUMENTS, UNBOUNDED,
};
use super::{Audit, EventQueue, Finding, Level, Repair};
use crate::event::service_matcher::ServiceLibrary;

/// What celery-salt declares unless told otherwise.
const MAX_PRIORITY: u64 = 10;
const LIMITS: [&str; 3] = ["max-length", "max-length-bytes", "message-ttl"];
/// The limit that the fix proposes.
const PROPOSED_LENGTH: u64 = 100_000;

pub(super) fn check(audit: &Audit<'_>, found: &mut Vec<Finding>) {
    let libraries = audit.libraries();
    for (name, event_queue) in &audit.event_queues {
        if event_queue.subscriptions(name).next().is_none() {
            own_name_only(audit, name, event_queue, found);
            continue;
        }
        let Some(queue) = event_queue.queue else { continue };
        no_consumer(queue, found);
        backlog(audit, queue, found);
        limits(audit, queue, found);
        if libraries.get(name) != Some(&ServiceLibrary::TchuTchu) {
            arguments(queue, found);
        }
    }
}

fn own_name_only(audit: &Audit<'_>, name: &str, queue: &EventQueue<'_>, found: &mut Vec<Finding>) {
    let is_read = queue.queue.and_then(|queue| queue.consumers) != Some(0);
    let level = if is_read { Level::Error } else { Level::Warning };
    let message = format!("{name} is bound to {} under its own name only", audit.exchange);
    found.push(Finding::new(&OWN_NAME_ONLY, level, name, message).about(name));
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
        _ => finding,
    });
}

fn backlog(audit: &Audit<'_>, queue: &Queue, found: &mut Vec<Finding>) {
    let waiting = queue.messages_ready.unwrap_or_default();
    if waiting > audit.input.backlog && queue.consumers != Some(0) {
        let message = format!("{waiting} messages wait in {}", queue.name);
        found.push(Finding::new(&BACKLOG, Level::Warning, &queue.name, message));
    }
}

fn limits(audit: &Audit<'_>, queue: &Queue, found: &mut Vec<Finding>) {
    let name = &queue.name;
    if queue.setting("dead-letter-exchange").is_none() {
        let message = format!("what {name} cannot keep is dropped");
        found.push(Finding::new(&NO_DEAD_LETTER, Level::Info, name, message));
    }
    if LIMITS.iter().any(|limit| queue.setting(limit).is_some()) {
        return;
    }
    let is_growing = queue.messages_ready.unwrap_or_default() > audit.input.backlog;
    let level = if is_growing { Level::Warning } else { Level::Info };
    let message = format!("{name} may grow without end");
    let finding = Finding::new(&UNBOUNDED, level, name, message);
    found.push(match queue.policy.is_empty() {
        true => finding.mended_by(Repair::SetPolicy {
            queue: name.clone(),
            setting: "max-length",
            value: PROPOSED_LENGTH,
        }),
        // Only one policy counts for a queue: another one would take the place of the first.
        false => finding.fix("add max-length or max-length-bytes to the queue's policy"),
    });
}

fn arguments(queue: &Queue, found: &mut Vec<Finding>) {
    let declared = queue.arguments.get("x-max-priority");
    if declared.and_then(Value::as_u64) == Some(MAX_PRIORITY) {
        return;
    }
    // A worker that reads the queue has declared it as it is.
    let level = if queue.consumers == Some(0) { Level::Warning } else { Level::Info };
    let name = &queue.name;
    let message = match declared {
        None => format!("{name} has no x-max-priority, and celery-salt declares {MAX_PRIORITY}"),
        Some(value) => {
            format!("{name} has x-max-priority {value}, and celery-salt declares {MAX_PRIORITY}")
        }
    };
    let finding = Finding::new(&QUEUE_ARGUMENTS, level, name, message);
    let is_read = queue.consumers.is_some_and(|count| count > 0);
    found.push(match is_read {
        true => finding,
        false => finding.mended_by(Repair::DeleteQueue { queue: name.clone() }),
    });
}
