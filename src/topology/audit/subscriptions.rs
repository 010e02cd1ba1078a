//! Bindings against what the services behind a queue subscribe to now.

use std::collections::BTreeSet;

use super::super::model::Binding;
use super::super::pattern::covers;
use super::rules::{MISSING_BINDING, STALE_BINDING};
use super::subscribed::Subscribed;
use super::{Audit, Finding, Level, Repair};
use crate::quantity::counted;

pub(super) fn check(audit: &Audit<'_>, found: &mut Vec<Finding>) {
    let of_code = audit.input.code.iter().map(|service| service.queue.as_str());
    let queues: BTreeSet<&str> = audit.event_queues.keys().copied().chain(of_code).collect();
    for name in queues {
        let service = Service { audit, name, subscribed: audit.subscribed(name) };
        if !service.subscribed.is_known() {
            continue;
        }
        service.missing(found);
        service.stale(found);
    }
}

struct Service<'a> {
    audit: &'a Audit<'a>,
    name: &'a str,
    subscribed: Subscribed<'a>,
}

impl Service<'_> {
    fn missing(&self, found: &mut Vec<Finding>) {
        let Self { audit, name, subscribed } = self;
        let topics = subscribed.all();
        if audit.topology.queue(name).is_none() {
            let message = format!(
                "there is no queue {name}, with which the code subscribes to {}",
                counted(topics.len(), "topic")
            );
            let finding = Finding::new(&MISSING_BINDING, Level::Warning, name, message);
            found.push(
                finding.fix("start the service's worker: it declares the queue and binds it"),
            );
            return;
        }
        let siblings = self.siblings();
        let is_brought = |topic: &str| {
            let bindings = siblings.iter().filter_map(|queue| audit.event_queues.get(queue));
            let mut bindings = bindings.flat_map(|queue| &queue.bindings);
            bindings.any(|binding| covers(&binding.routing_key, topic))
        };
        for topic in topics.into_iter().filter(|topic| !is_brought(topic)) {
            found.push(self.without_binding(topic));
        }
    }

    fn without_binding(&self, topic: &str) -> Finding {
        let Self { audit, name, subscribed } = self;
        let add = Repair::AddBinding {
            exchange: audit.exchange.to_owned(),
            queue: (*name).to_owned(),
            routing_key: topic.to_owned(),
        };
        if subscribed.workers_have(topic) {
            let message = format!("a worker of {name} handles {topic}, and no binding brings it");
            let finding = Finding::new(&MISSING_BINDING, Level::Error, name, message);
            return finding.about(topic).mended_by(add);
        }
        let message = format!("the code of {name} subscribes to {topic}, and no binding brings it");
        let level = match audit.readers(name).next() {
            Some(_) => Level::Error,
            None => Level::Warning,
        };
        let finding = Finding::new(&MISSING_BINDING, level, name, message).about(topic);
        match subscribed.workers {
            // They would take the event from the queue and lose it.
            Some(_) => finding.fix(
                "restart the workers of the queue with this code: those that run now have no \
                 handler for it",
            ),
            None => finding.mended_by(add),
        }
    }

    /// A worker may read several queues, and a binding of any of them brings its events.
    fn siblings(&self) -> BTreeSet<&str> {
        let readers = self.audit.readers(self.name);
        let queues = readers.flat_map(|worker| worker.queues.iter().map(String::as_str));
        queues.chain([self.name]).collect()
    }

    fn stale(&self, found: &mut Vec<Finding>) {
        let Self { audit, name, subscribed } = self;
        let Some(queue) = audit.event_queues.get(name) else { return };
        let direct = queue.subscriptions(name).filter(|one| one.source == audit.exchange);
        for binding in direct {
            let key = binding.routing_key.as_str();
            if !subscribed.has(key) {
                found.push(self.left_over(binding));
            } else if subscribed.code.as_ref().is_some_and(|code| !code.contains(key)) {
                let message = format!(
                    "{name} is bound for {key}, which a worker handles and its code no longer does"
                );
                let finding = Finding::new(&STALE_BINDING, Level::Info, name, message);
                found.push(finding.about(key).fix(
                    "restart the workers with this code, and check again: the command to \
                              remove the binding is printed then",
                ));
            }
        }
    }

    fn left_over(&self, binding: &Binding) -> Finding {
        let (name, key) = (self.name, binding.routing_key.as_str());
        let nobody = match self.subscribed.workers {
            Some(_) => "no worker of it handles that",
            None => "its code does not subscribe to that",
        };
        let message = format!("{name} is bound for {key}, and {nobody}");
        let finding = Finding::new(&STALE_BINDING, Level::Warning, name, message);
        finding.about(key).mended_by(Repair::remove(binding, name))
    }
}
