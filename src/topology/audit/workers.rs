//! Workers: what they read, and what their tasks say they handle.

use std::collections::BTreeSet;

use super::super::model::Binding;
use super::super::pattern::can_both_match;
use super::names::{SALT_TASK, TCHU_TASK, handled_topics};
use super::rules::{DUPLICATE_NODE, MISSING_BINDING, NOT_BOUND, STALE_BINDING, UNKNOWN_TASK};
use super::{Audit, EventQueue, Finding, Level, Repair};

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
    let queues = audit.event_queues.iter();
    let served: Vec<Served<'_>> = queues
        .filter_map(|(name, queue)| Some(Served { name, queue, tasks: audit.tasks_behind(name)? }))
        .collect();
    for service in &served {
        if service.tasks.contains(SALT_TASK) {
            subscriptions(audit, service, found);
        }
        dispatcher(service, found);
    }
    mixed(&served, found);
}

/// A queue whose workers told their tasks.
struct Served<'a> {
    name: &'a str,
    queue: &'a EventQueue<'a>,
    tasks: BTreeSet<&'a str>,
}

/// Only celery-salt's tasks tell what a worker subscribes to.
fn subscriptions(audit: &Audit<'_>, service: &Served<'_>, found: &mut Vec<Finding>) {
    let Served { name, queue, tasks } = service;
    let handled = handled_topics(tasks.iter().copied());
    let bound: Vec<&Binding> = queue.subscriptions(name).collect();
    for topic in &handled {
        if bound.iter().all(|binding| binding.routing_key != *topic) {
            let message = format!("a worker of {name} handles {topic}, and no binding brings it");
            let repair = Repair::AddBinding {
                exchange: audit.exchange.to_owned(),
                queue: (*name).to_owned(),
                routing_key: (*topic).to_owned(),
            };
            let finding = Finding::new(&MISSING_BINDING, Level::Error, name, message);
            found.push(finding.about(topic).mended_by(repair));
        }
    }
    for binding in bound {
        let key = binding.routing_key.as_str();
        if binding.source == audit.exchange && !handled.contains(key) {
            let message = format!("{name} is bound for {key}, and no worker of it handles that");
            let finding = Finding::new(&STALE_BINDING, Level::Warning, name, message);
            found.push(finding.about(key).mended_by(Repair::remove(binding, name)));
        }
    }
}

fn dispatcher(service: &Served<'_>, found: &mut Vec<Finding>) {
    let Served { name, queue, tasks } = service;
    let has_any = tasks.contains(SALT_TASK) || tasks.contains(TCHU_TASK);
    if !has_any && queue.subscriptions(name).next().is_some() {
        let message = format!("the workers of {name} register no dispatcher task for events");
        found.push(Finding::new(&UNKNOWN_TASK, Level::Error, name, message));
    }
}

/// An event carries the task of one library; where two queues of different libraries take the same
/// topic, one of them rejects it.
fn mixed(served: &[Served<'_>], found: &mut Vec<Finding>) {
    let only = |task: &'static str, other: &'static str| {
        let knows = move |one: &&Served<'_>| one.tasks.contains(task) && !one.tasks.contains(other);
        served.iter().filter(knows)
    };
    for tchu in only(TCHU_TASK, SALT_TASK) {
        for salt in only(SALT_TASK, TCHU_TASK) {
            let shared = salt.queue.subscriptions(salt.name).find_map(|theirs| {
                let mut ours = tchu.queue.subscriptions(tchu.name);
                ours.find(|ours| can_both_match(&ours.routing_key, &theirs.routing_key))
            });
            let Some(binding) = shared else { continue };
            let key = &binding.routing_key;
            let message = format!(
                "events for {key} reach {}, whose workers know only {TCHU_TASK}, and {}, whose \
                 workers know only {SALT_TASK}: one of them rejects each event",
                tchu.name, salt.name
            );
            found.push(Finding::new(&UNKNOWN_TASK, Level::Error, tchu.name, message).about(key));
        }
    }
}
