//! Workers: their names, and whether events come where they read.

use super::super::model::Queue;
use super::super::plumbing::is_plumbing_queue;
use super::rules::{DUPLICATE_NODE, NOT_BOUND};
use super::{Audit, Finding, Level};

pub(super) fn check(audit: &Audit<'_>, found: &mut Vec<Finding>) {
    for worker in &audit.workers {
        let node = &worker.node;
        if worker.connections > 1 {
            let message = format!("{} workers are called {node}", worker.connections);
            found.push(Finding::new(&DUPLICATE_NODE, Level::Warning, node, message));
        }
        let is_bound = |queue: &String| audit.event_queues.contains_key(queue.as_str());
        if !worker.queues.is_empty() && !worker.queues.iter().any(is_bound) {
            let queues = worker.queues.join(", ");
            let message = format!("{node} reads {queues}, where no event comes");
            found.push(Finding::new(&NOT_BOUND, Level::Info, node, message));
        }
    }
    for queue in &audit.topology.queues {
        if is_read_by_a_stranger(audit, queue) {
            let name = &queue.name;
            let message = format!("somebody reads {name}, where no event comes");
            found.push(Finding::new(&NOT_BOUND, Level::Info, name, message));
        }
    }
}

/// A worker without a mailbox (`worker_enable_remote_control=False`) is known by its consumer only.
fn is_read_by_a_stranger(audit: &Audit<'_>, queue: &Queue) -> bool {
    let name = queue.name.as_str();
    audit.consumers.contains_key(name)
        && !queue.exclusive
        && !is_plumbing_queue(name)
        && !audit.event_queues.contains_key(name)
        && audit.readers(name).next().is_none()
}
