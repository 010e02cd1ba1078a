//! Which queues hold dead letters, and which queues lose theirs. Pure.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::topology::{Queue, Router, Topology, is_own_queue};

/// A queue that others dead-letter to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DeadLetterQueue {
    pub queue: String,
    /// `classic`, `quorum` or `stream`.
    #[serde(rename = "type")]
    pub queue_type: String,
    /// Messages that nobody holds; up to five seconds old, like the other counts.
    pub messages_ready: Option<u64>,
    pub messages_unacknowledged: Option<u64>,
    pub consumers: Option<u64>,
    pub sources: Vec<Source>,
}

/// How one queue dead-letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Source {
    /// The queue that messages die in.
    pub queue: String,
    /// Its dead-letter exchange; empty for the default exchange.
    pub exchange: String,
    /// The routing key of its dead letters; without one they keep their own.
    pub routing_key: Option<String>,
    /// `arguments`, or `policy NAME`.
    pub set_by: String,
}

/// A queue whose dead letters reach no queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LostLetters {
    #[serde(flatten)]
    pub source: Source,
    pub reason: Loss,
}

/// Why dead letters are lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// The dead-letter exchange does not exist.
    NoExchange,
    /// No queue is bound to the dead-letter exchange for the routing key.
    NotBound,
    /// The default exchange looks for a queue of the routing key's name, and there is none.
    NoSuchQueue,
    /// The default exchange gets the routing keys of the events, which are no names of queues.
    NoRoutingKey,
}

impl Loss {
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NoExchange => "its dead-letter exchange does not exist",
            Self::NotBound => "no queue is bound to its dead-letter exchange for them",
            Self::NoSuchQueue => "the queue named by its dead-letter routing key does not exist",
            Self::NoRoutingKey => {
                "it uses the default exchange without x-dead-letter-routing-key, so they would need \
                 a queue named like their topic"
            }
        }
    }
}

/// Where the dead letters of a virtual host go.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct DeadLetters {
    pub queues: Vec<DeadLetterQueue>,
    pub lost: Vec<LostLetters>,
    /// The names of all queues.
    pub existing: BTreeSet<String>,
}

impl DeadLetters {
    pub fn of(topology: &Topology) -> Self {
        let router = Router::new(topology);
        let mut found: BTreeMap<String, Vec<Source>> = BTreeMap::new();
        let mut lost = Vec::new();
        let queues = topology.queues.iter().filter(|queue| !is_own_queue(&queue.name));
        for source in queues.filter_map(source) {
            match targets(&router, &source) {
                Ok(targets) => {
                    for target in targets {
                        found.entry(target.to_owned()).or_default().push(source.clone());
                    }
                }
                Err(reason) => lost.push(LostLetters { source, reason }),
            }
        }
        let queues = found.into_iter().filter_map(|(name, mut sources)| {
            let state = topology.queue(&name)?;
            sources.sort();
            Some(DeadLetterQueue {
                queue: name,
                queue_type: state.type_name.clone(),
                messages_ready: state.messages_ready,
                messages_unacknowledged: state.messages_unacknowledged,
                consumers: state.consumers,
                sources,
            })
        });
        let queues = queues.collect();
        lost.sort_by(|a, b| a.source.cmp(&b.source));
        let existing = topology.queues.iter().map(|queue| queue.name.clone()).collect();
        Self { queues, lost, existing }
    }

    /// The queues whose dead letters come into `queue`, also by way of others that dead-letter to it.
    pub fn origins_of(&self, queue: &str) -> BTreeSet<String> {
        let (mut origins, mut next) = (BTreeSet::new(), vec![queue]);
        while let Some(queue) = next.pop() {
            let found = self.queues.iter().filter(|found| found.queue == queue);
            for source in found.flat_map(|found| &found.sources) {
                if origins.insert(source.queue.clone()) {
                    next.push(&source.queue);
                }
            }
        }
        origins
    }
}

/// The queues that the dead letters of `source` reach.
fn targets<'a>(router: &Router<'a>, source: &Source) -> Result<Vec<&'a str>, Loss> {
    let key = source.routing_key.as_deref();
    if source.exchange.is_empty() {
        let named = router.topology().queue(key.ok_or(Loss::NoRoutingKey)?);
        return named.map(|queue| vec![queue.name.as_str()]).ok_or(Loss::NoSuchQueue);
    }
    if router.topology().exchange(&source.exchange).is_none() {
        return Err(Loss::NoExchange);
    }
    let reached = router.possible_queues(&source.exchange, key);
    if reached.is_empty() { Err(Loss::NotBound) } else { Ok(reached) }
}

/// How a queue dead-letters. Its own arguments win over a policy, each for itself.
fn source(queue: &Queue) -> Option<Source> {
    let text = |name: &str| queue.setting(name).and_then(Value::as_str).map(str::to_owned);
    let exchange = text("dead-letter-exchange")?;
    let routing_key = text("dead-letter-routing-key");
    let set_by = match (queue.arguments.contains_key("x-dead-letter-exchange"), &queue.policy_name)
    {
        (true, _) => "arguments".to_owned(),
        (false, Some(policy)) => format!("policy {policy}"),
        (false, None) => "operator policy".to_owned(),
    };
    Some(Source { queue: queue.name.clone(), exchange, routing_key, set_by })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::topology::{Binding, Exchange, TopologyParts};

    fn topology(queues: Value, exchanges: &[(&str, &str)], bindings: Value) -> Topology {
        let exchange = |(name, kind): &(&str, &str)| -> Exchange {
            serde_json::from_value(json!({"name": name, "type": kind})).unwrap()
        };
        let parts = TopologyParts {
            exchanges: exchanges.iter().map(exchange).collect(),
            queues: serde_json::from_value(queues).unwrap(),
            bindings: serde_json::from_value::<Vec<Binding>>(bindings).unwrap(),
            ..TopologyParts::default()
        };
        Topology::new("/", parts)
    }

    fn shown(topology: &Topology) -> String {
        let letters = DeadLetters::of(topology);
        let queue = |queue: &DeadLetterQueue| {
            let sources = queue.sources.iter().map(|s| format!("{} ({})", s.queue, s.set_by));
            format!("{} <- {}\n", queue.queue, sources.collect::<Vec<_>>().join(", "))
        };
        let lost =
            |lost: &LostLetters| format!("{} -> lost: {:?}\n", lost.source.queue, lost.reason);
        letters.queues.iter().map(queue).chain(letters.lost.iter().map(lost)).collect()
    }

    fn queue(name: &str, exchange: Option<&str>, key: Option<&str>) -> Value {
        let mut arguments = json!({});
        if let Some(exchange) = exchange {
            arguments["x-dead-letter-exchange"] = json!(exchange);
        }
        if let Some(key) = key {
            arguments["x-dead-letter-routing-key"] = json!(key);
        }
        json!({"name": name, "arguments": arguments})
    }

    fn hop(source: &str, key: &str, to: &str, kind: &str) -> Value {
        json!({"source": source, "routing_key": key, "destination": to, "destination_type": kind})
    }

    #[test]
    fn dead_letters_are_followed_through_arguments_policies_and_exchanges() {
        let mut by_policy = queue("mail", None, Some("mail.dead"));
        by_policy["policy"] = json!("dlx");
        by_policy["effective_policy_definition"] =
            json!({"dead-letter-exchange": "dead", "dead-letter-routing-key": "ignored"});
        let topology = topology(
            json!([
                queue("orders", Some(""), Some("orders.dead")),
                by_policy,
                queue("any", Some("dead"), None),
                queue("looped", Some("ring"), None),
                queue("fan", Some("fan"), Some("whatever")),
                queue("quiet", None, None),
                queue("celerysalt.tail.1", Some(""), Some("celerysalt.tail.1.dropped")),
                queue("celerysalt.tail.1.dropped", None, None),
                queue("orders.dead", None, None),
                queue("mail.dead", None, None),
                queue("all.dead", None, None),
            ]),
            &[("dead", "topic"), ("ring", "direct"), ("fan", "fanout")],
            json!([
                hop("dead", "mail.#", "mail.dead", "queue"),
                hop("dead", "order.*", "orders.dead", "queue"),
                hop("ring", "x", "ring", "exchange"),
                hop("ring", "x", "dead", "exchange"),
                hop("fan", "", "all.dead", "queue"),
            ]),
        );
        insta::assert_snapshot!(shown(&topology), @"
        all.dead <- fan (arguments)
        mail.dead <- any (arguments), looped (arguments), mail (policy dlx)
        orders.dead <- any (arguments), looped (arguments), orders (arguments)
        ");
    }

    #[test]
    fn the_origins_of_a_queue_are_found_over_several_hops() {
        let topology = topology(
            json!([
                queue("work", Some(""), Some("wait")),
                queue("wait", Some(""), Some("parked")),
                queue("parked", Some(""), Some("wait")),
                queue("other", None, None),
            ]),
            &[],
            json!([]),
        );
        let letters = DeadLetters::of(&topology);
        let names = |queue: &str| letters.origins_of(queue).into_iter().collect::<Vec<_>>();
        assert_eq!(names("parked"), ["parked", "wait", "work"]);
        assert!(names("other").is_empty());
    }

    #[test]
    fn dead_letters_that_reach_no_queue_are_named() {
        let topology = topology(
            json!([
                queue("a", Some("missing"), None),
                queue("b", Some("dead"), Some("b.dead")),
                queue("c", Some(""), Some("nowhere")),
                queue("d", Some(""), None),
                queue("e.dead", None, None),
            ]),
            &[("dead", "direct")],
            json!([hop("dead", "e.dead", "e.dead", "queue")]),
        );
        insta::assert_snapshot!(shown(&topology), @"
        a -> lost: NoExchange
        b -> lost: NotBound
        c -> lost: NoSuchQueue
        d -> lost: NoRoutingKey
        ");
    }
}
