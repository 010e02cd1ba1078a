//! Topics: those of the registry against those that are bound, and requests with several receivers.

use serde_json::Map;

use super::super::router::{HopKind, Message, Path, Reached};
use super::rules::{RPC_FAN_OUT, UNHEARD_TOPIC, UNREGISTERED_TOPIC};
use super::{Audit, Finding, Level, Repair, TopicMode, is_plumbing_queue, is_topic};
use crate::event::RoutingPattern;

/// How the topics of requests begin by custom.
const RPC_PREFIX: &str = "rpc.";

pub(super) fn check(audit: &Audit<'_>, found: &mut Vec<Finding>) {
    unregistered(audit, found);
    for topic in audit.known_topics() {
        let mode = audit.input.registered.and_then(|topics| topics.get(topic));
        let receivers = subscribers(audit, topic);
        let is_meant = mode.is_some() && !audit.input.deprecated.contains(topic);
        if is_meant && receivers.is_empty() {
            found.push(unheard(topic));
        }
        let is_request =
            mode.map_or(topic.starts_with(RPC_PREFIX), |mode| *mode == TopicMode::Request);
        if is_request && receivers.len() > 1 {
            found.push(fan_out(audit, topic, &receivers));
        }
    }
}

/// The queues that receive it, without those that catch what nobody is bound for.
fn subscribers<'a>(audit: &Audit<'a>, topic: &str) -> Vec<&'a str> {
    let headers = &Map::new();
    let route = audit.router.route(audit.exchange, Message { routing_key: topic, headers });
    let is_caught = |path: &Path<'_>| path.0.iter().any(|hop| hop.kind == HopKind::Alternate);
    let is_meant = |reached: &Reached<'_>| {
        !is_plumbing_queue(reached.queue) && !reached.paths.iter().all(is_caught)
    };
    route.reached.iter().filter(|reached| is_meant(reached)).map(|reached| reached.queue).collect()
}

fn unheard(topic: &str) -> Finding {
    let message = format!("nobody is bound for the registered topic {topic}");
    Finding::new(&UNHEARD_TOPIC, Level::Warning, topic, message).fix(&format!(
        "subscribe a handler to it; if nobody needs it any more: `celerysalt schema deprecate \
         {topic} --all-versions`"
    ))
}

fn fan_out(audit: &Audit<'_>, topic: &str, receivers: &[&str]) -> Finding {
    let message =
        format!("the request {topic} reaches {} queues: {}", receivers.len(), receivers.join(", "));
    // Where one of them has no handler for it, its binding is the one too many.
    let left_over = receivers.iter().find_map(|name| {
        let subscribed = audit.subscribed(name);
        let queue = audit.event_queues.get(name).filter(|_| subscribed.is_known())?;
        let mut bindings = queue.subscriptions(name);
        let binding = bindings.find(|binding| {
            let key = &binding.routing_key;
            let matches = key.parse::<RoutingPattern>().is_ok_and(|key| key.matches(topic));
            matches && !subscribed.has(key)
        })?;
        Some(Repair::remove(binding, name))
    });
    let finding = Finding::new(&RPC_FAN_OUT, Level::Error, topic, message);
    match left_over {
        Some(repair) => finding.fix("remove the binding without a handler").mended_by(repair),
        None => finding,
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
            let mut topics = registered.keys();
            let (level, message) = match (is_topic(key), key.parse::<RoutingPattern>()) {
                (true, _) if !registered.contains_key(key) => {
                    let message =
                        format!("{name} is bound for {key}, which has no registered schema");
                    (Level::Warning, message)
                }
                // A handler of a pattern may take what nobody describes.
                (false, Ok(pattern))
                    if !key.is_empty() && !topics.any(|topic| pattern.matches(topic)) =>
                {
                    let message =
                        format!("{name} is bound for {key}, which no registered topic matches");
                    (Level::Info, message)
                }
                (true | false, _) => continue,
            };
            let finding = Finding::new(&UNREGISTERED_TOPIC, level, name, message);
            found.push(finding.about(key));
        }
    }
}
