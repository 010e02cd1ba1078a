//! Topics: those of the registry against those that are bound, and requests with several receivers.

use super::rules::{RPC_FAN_OUT, UNHEARD_TOPIC, UNREGISTERED_TOPIC};
use super::{Audit, Finding, Level, TopicMode, is_plumbing_queue, is_topic};

/// How the topics of requests begin by custom.
const RPC_PREFIX: &str = "rpc.";

pub(super) fn check(audit: &Audit<'_>, found: &mut Vec<Finding>) {
    unregistered(audit, found);
    for topic in audit.known_topics() {
        let mode = audit.input.registered.and_then(|topics| topics.get(topic));
        let mut receivers = audit.router.queues(audit.exchange, topic);
        receivers.retain(|queue| !is_plumbing_queue(queue));
        if mode.is_some() && receivers.is_empty() {
            let message = format!("nobody is bound for the registered topic {topic}");
            found.push(Finding::new(&UNHEARD_TOPIC, Level::Warning, topic, message));
        }
        let is_request =
            mode.map_or(topic.starts_with(RPC_PREFIX), |mode| *mode == TopicMode::Request);
        if is_request && receivers.len() > 1 {
            let message = format!(
                "the request {topic} reaches {} queues: {}",
                receivers.len(),
                receivers.join(", ")
            );
            found.push(Finding::new(&RPC_FAN_OUT, Level::Error, topic, message));
        }
    }
}

/// Without a registry, or with an empty one, nobody registers: then there is nothing to say.
fn unregistered(audit: &Audit<'_>, found: &mut Vec<Finding>) {
    let Some(registered) = audit.input.registered.filter(|topics| !topics.is_empty()) else {
        return;
    };
    for (name, queue) in &audit.event_queues {
        for binding in queue.subscriptions(name) {
            let key = &binding.routing_key;
            if is_topic(key) && !registered.contains_key(key) {
                let message = format!("{name} is bound for {key}, which has no registered schema");
                let finding = Finding::new(&UNREGISTERED_TOPIC, Level::Warning, name, message);
                found.push(finding.about(key));
            }
        }
    }
}
