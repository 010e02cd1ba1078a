//! What becomes of messages that a queue cannot keep: its limits, and its dead letters.

use serde_json::Value;

use super::super::model::Queue;
use super::rules::{NO_DEAD_LETTER, UNBOUNDED};
use super::{Audit, DeadLetterQueue, Finding, Level, PolicyRepair, Repair};

const LIMITS: [&str; 4] = ["max-length", "max-length-bytes", "message-ttl", "max-age"];
const DEAD_LETTERS: &str = "dead-letter-exchange";
/// The limit that the fix proposes.
const PROPOSED_LENGTH: u64 = 100_000;
/// Events a second that make a topic a busy one: a day without workers is close to a million.
const BUSY: u64 = 10;

pub(super) fn check(audit: &Audit<'_>, queue: &Queue, found: &mut Vec<Finding>) {
    let name = &queue.name;
    let repair = repair(audit, queue);
    let words = "let the queue's policy say it as well: only one policy counts for a queue";
    let mended = |finding: Finding| match &repair {
        None if !queue.policy.is_empty() => finding.fix(words),
        repair => finding.mended_if(repair.clone()),
    };
    if queue.setting(DEAD_LETTERS).is_none() {
        let message = format!("what {name} cannot keep is dropped");
        found.push(mended(Finding::new(&NO_DEAD_LETTER, Level::Info, name, message)));
    }
    if is_limited(queue) {
        return;
    }
    let waiting = queue.messages_ready.unwrap_or_default();
    let came = audit.came.get(name.as_str()).copied().unwrap_or_default();
    let rate = audit.input.traffic.map_or(0, |traffic| traffic.per_second(came));
    let (level, message) = match (waiting > audit.input.backlog, rate >= BUSY) {
        (_, true) => {
            (Level::Warning, format!("{name} may grow without end, by {rate} events a second"))
        }
        (true, false) => (Level::Warning, format!("{name} may grow without end, and it grows")),
        (false, false) => (Level::Info, format!("{name} may grow without end")),
    };
    found.push(mended(Finding::new(&UNBOUNDED, level, name, message)));
}

fn is_limited(queue: &Queue) -> bool {
    LIMITS.iter().any(|limit| queue.setting(limit).is_some())
}

/// One policy for all that is missing: a second one would take the place of the first. Nobody can
/// tell what to keep of a policy that is known by its effect only.
fn repair(audit: &Audit<'_>, queue: &Queue) -> Option<Repair> {
    let ours = name_of_policy(&queue.name);
    let priority = match &queue.policy_in_force {
        None if queue.policy.is_empty() => 0,
        None => return None,
        Some(policy) if policy.name == ours => policy.priority,
        Some(policy) => policy.priority.saturating_add(1),
    };
    let mut definition = queue.policy.clone();
    if !is_limited(queue) {
        definition.insert("max-length".to_owned(), Value::from(PROPOSED_LENGTH));
    }
    let mut dead_letter_queue = None;
    if queue.setting(DEAD_LETTERS).is_none() {
        let name = format!("{}.dead", queue.name);
        // The default exchange needs nobody to declare or to bind it.
        definition.insert(DEAD_LETTERS.to_owned(), Value::from(""));
        definition.insert("dead-letter-routing-key".to_owned(), Value::from(name.as_str()));
        let is_there = audit.topology.queue(&name).is_some();
        let new = DeadLetterQueue { name, max_length: PROPOSED_LENGTH };
        dead_letter_queue = (!is_there).then_some(new);
    }
    let queue = queue.name.clone();
    Some(Repair::SetPolicy(PolicyRepair { queue, definition, priority, dead_letter_queue }))
}

/// How a policy that mends a queue is called.
pub fn name_of_policy(queue: &str) -> String {
    format!("celerysalt.{queue}")
}
