//! Who would gain or lose which topics, before anybody changes a binding.

use std::collections::BTreeSet;

use super::model::{Binding, Topology};
use super::router::Router;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeAction {
    Add,
    Remove,
}

/// One binding of a queue to the event exchange that shall come or go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub action: ChangeAction,
    pub queue: String,
    pub routing_key: String,
}

/// What a change amounts to by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Changes,
    /// The binding to add exists.
    AlreadyThere,
    /// The binding to remove does not exist.
    NotThere,
    NoSuchQueue,
}

/// A topic whose receivers change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicChange {
    pub topic: String,
    pub gained: Vec<String>,
    pub lost: Vec<String>,
    /// How many queues get it afterwards.
    pub receivers_after: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub effects: Vec<(Change, Effect)>,
    /// Sorted; only topics whose receivers change.
    pub topics: Vec<TopicChange>,
    /// How many topics were looked at.
    pub topics_checked: usize,
}

/// Looks at `topics`, and at every routing key without a wildcard that is bound or changed.
pub fn plan(topology: &Topology, exchange: &str, changes: &[Change], topics: &[String]) -> Plan {
    let mut after = topology.clone();
    let effects: Vec<(Change, Effect)> = changes
        .iter()
        .map(|change| (change.clone(), apply(&mut after, exchange, change)))
        .collect();
    let topics = all_topics(topology, changes, topics);
    let (router_before, router_after) = (Router::new(topology), Router::new(&after));
    let changed = topics.iter().filter_map(|topic| {
        let receivers_before: BTreeSet<&str> =
            router_before.queues(exchange, topic).into_iter().collect();
        let receivers: BTreeSet<&str> = router_after.queues(exchange, topic).into_iter().collect();
        let names = |a: &BTreeSet<&str>, b: &BTreeSet<&str>| -> Vec<String> {
            a.difference(b).map(|name| (*name).to_owned()).collect()
        };
        let gained = names(&receivers, &receivers_before);
        let lost = names(&receivers_before, &receivers);
        let changes = !gained.is_empty() || !lost.is_empty();
        let receivers_after = receivers.len();
        changes.then(|| TopicChange { topic: topic.clone(), gained, lost, receivers_after })
    });
    Plan { topics: changed.collect(), topics_checked: topics.len(), effects }
}

fn apply(topology: &mut Topology, exchange: &str, change: &Change) -> Effect {
    if topology.queue(&change.queue).is_none() {
        return Effect::NoSuchQueue;
    }
    let is_meant = |binding: &Binding| {
        binding.source == exchange
            && binding.queue() == Some(&change.queue)
            && binding.routing_key == change.routing_key
    };
    let exists = topology.bindings.iter().any(is_meant);
    match (change.action, exists) {
        (ChangeAction::Add, true) => Effect::AlreadyThere,
        (ChangeAction::Remove, false) => Effect::NotThere,
        (ChangeAction::Add, false) => {
            let binding = Binding::to_queue(exchange, &change.queue, &change.routing_key);
            topology.bindings.push(binding);
            Effect::Changes
        }
        (ChangeAction::Remove, true) => {
            topology.bindings.retain(|binding| !is_meant(binding));
            Effect::Changes
        }
    }
}

fn all_topics(topology: &Topology, changes: &[Change], topics: &[String]) -> BTreeSet<String> {
    let bound =
        topology.bindings.iter().filter(|binding| Some(&*binding.routing_key) != binding.queue());
    let keys = bound.map(|binding| &binding.routing_key);
    let keys = keys.chain(changes.iter().map(|change| &change.routing_key));
    let concrete = keys
        .filter(|key| !key.is_empty() && !key.split('.').any(|word| word == "*" || word == "#"));
    topics.iter().chain(concrete).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::super::model::{Exchange, ExchangeKind, Queue, TopologyParts};
    use super::*;

    fn topology() -> Topology {
        let queue = |name: &str| Queue { name: name.to_owned(), ..Queue::default() };
        let bindings = [("a", "user.#"), ("a", "order.created"), ("b", "user.created"), ("b", "b")];
        Topology::new(
            "/",
            TopologyParts {
                exchanges: vec![Exchange::new("events", ExchangeKind::Topic)],
                queues: vec![queue("a"), queue("b")],
                bindings: bindings
                    .map(|(queue, key)| Binding::to_queue("events", queue, key))
                    .to_vec(),
                ..TopologyParts::default()
            },
        )
    }

    fn change(action: ChangeAction, queue: &str, routing_key: &str) -> Change {
        Change { action, queue: queue.to_owned(), routing_key: routing_key.to_owned() }
    }

    #[test]
    fn gains_and_losses_are_told_for_every_topic() {
        use ChangeAction::{Add, Remove};
        let changes = [
            change(Remove, "a", "user.#"),
            change(Add, "b", "order.*"),
            change(Add, "b", "user.created"),
            change(Remove, "b", "nothing"),
            change(Add, "c", "user.created"),
        ];
        let topics = ["user.deleted", "order.paid", "invoice.paid"].map(str::to_owned);
        let found = plan(&topology(), "events", &changes, &topics);
        let effects: Vec<Effect> = found.effects.iter().map(|(_, effect)| *effect).collect();
        use Effect::{AlreadyThere, Changes, NoSuchQueue, NotThere};
        assert_eq!(effects, [Changes, Changes, AlreadyThere, NotThere, NoSuchQueue]);
        let shown: Vec<String> = found
            .topics
            .iter()
            .map(|c| format!("{} +{:?} -{:?} {}", c.topic, c.gained, c.lost, c.receivers_after))
            .collect();
        assert_eq!(
            shown,
            [
                r#"order.created +["b"] -[] 2"#,
                r#"order.paid +["b"] -[] 1"#,
                r#"user.created +[] -["a"] 1"#,
                r#"user.deleted +[] -["a"] 0"#,
            ]
        );
        assert_eq!(found.topics_checked, 6);
    }

    #[test]
    fn what_changes_nothing_has_no_topics() {
        let same = [change(ChangeAction::Add, "b", "user.created")];
        assert_eq!(plan(&topology(), "events", &same, &[]).topics, []);
    }
}
