//! The task that events are sent with, against the tasks that the workers know.

use std::collections::{BTreeMap, BTreeSet};

use super::super::pattern::can_both_match;
use super::names::{SALT_TASK, TCHU_TASK};
use super::rules::UNKNOWN_TASK;
use super::{Audit, EventQueue, Finding, Level, is_plumbing_queue};

pub(super) fn check(audit: &Audit<'_>, found: &mut Vec<Finding>) {
    let queues = audit.event_queues.iter();
    let served: Vec<Served<'_>> = queues
        .filter_map(|(name, queue)| Some(Served { name, queue, tasks: audit.tasks_behind(name)? }))
        .collect();
    for service in &served {
        no_dispatcher(service, found);
    }
    mixed(&served, found);
    in_flight(audit, &served, found);
}

/// A queue whose workers told their tasks.
struct Served<'a> {
    name: &'a str,
    queue: &'a EventQueue<'a>,
    tasks: BTreeSet<&'a str>,
}

fn no_dispatcher(service: &Served<'_>, found: &mut Vec<Finding>) {
    let Served { name, queue, tasks } = service;
    let has_any = tasks.contains(SALT_TASK) || tasks.contains(TCHU_TASK);
    if !has_any && queue.subscriptions(name).next().is_some() {
        let message = format!("the workers of {name} register no dispatcher task for events");
        let finding = Finding::new(&UNKNOWN_TASK, Level::Error, name, message);
        found.push(finding.fix(
            "call setup_salt_queue in the service's app, or create_topic_dispatcher(app), and \
             restart the worker",
        ));
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
            let finding = Finding::new(&UNKNOWN_TASK, Level::Error, tchu.name, message).about(key);
            found
                .push(finding.fix(&registering(&[(tchu.name, SALT_TASK), (salt.name, TCHU_TASK)])));
        }
    }
}

/// What was seen on the exchange while somebody listened.
fn in_flight(audit: &Audit<'_>, served: &[Served<'_>], found: &mut Vec<Finding>) {
    let Some(traffic) = audit.input.traffic else { return };
    let mut rejected: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for (topic, task) in traffic.events.keys() {
        for queue in audit.router.queues(audit.exchange, topic) {
            if is_plumbing_queue(queue) {
                continue;
            }
            let service = served.iter().find(|service| service.name == queue);
            if service.is_some_and(|service| !service.tasks.contains(task.as_str())) {
                rejected.entry((queue, task)).or_default().insert(topic);
            }
        }
    }
    for ((queue, task), topics) in rejected {
        let Some(first) = topics.first() else { continue };
        let more = match topics.len() {
            1 => String::new(),
            count => format!(" and {} more topics", count - 1),
        };
        let message = format!(
            "events for {first}{more} come with the task {task}, which the workers of {queue} do \
             not know: they drop them"
        );
        let finding = Finding::new(&UNKNOWN_TASK, Level::Error, queue, message).about(first);
        found.push(finding.fix(&registering(&[(queue, task)])));
    }
}

fn registering(missing: &[(&str, &str)]) -> String {
    let line = |(queue, task): &(&str, &str)| {
        format!("create_topic_dispatcher(app, task_name=\"{task}\") in the app of {queue}")
    };
    let lines: Vec<String> = missing.iter().map(line).collect();
    format!(
        "let publishers and subscribers of the topic use the same library; or register the other \
         task too, and restart the worker: {}",
        lines.join(", ")
    )
}
