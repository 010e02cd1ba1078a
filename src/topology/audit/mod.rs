//! What is wrong with a topology, rule by rule.

mod dispatchers;
mod exchange;
mod finding;
mod limits;
mod names;
mod patterns;
mod queues;
pub mod rules;
mod sources;
mod subscribed;
mod subscriptions;
mod topics;
mod workers;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::model::{Binding, Destination, Queue, Topology};
use super::plumbing::is_plumbing_queue;
use super::router::Router;
use super::workers::{WorkerNode, connected_workers};
use crate::event::service_matcher::ServiceLibrary;

pub use finding::{DeadLetterQueue, Finding, Level, PolicyRepair, Repair, Suppression};
pub use limits::name_of_policy;
pub use names::handled_topics;
pub use sources::{CodeService, DeclaredBinding, DeclaredQueue, Traffic, WorkerFacts};

/// What an audit looks at.
#[derive(Debug, Clone, Copy)]
pub struct AuditInput<'a> {
    pub topology: &'a Topology,
    /// The event exchange.
    pub exchange: &'a str,
    /// The registered topics, and whether each is a request; `None` where nobody could tell.
    pub registered: Option<&'a BTreeMap<String, TopicMode>>,
    /// The registered topics of which no version should be used any more.
    pub deprecated: &'a BTreeSet<String>,
    /// What workers answered, by node. A worker that did not answer is not among them.
    pub workers: &'a BTreeMap<String, WorkerFacts>,
    /// What code was read, and for which queues.
    pub code: &'a [CodeService],
    /// `None` where nobody listened.
    pub traffic: Option<&'a Traffic>,
    /// More waiting messages than this are a backlog.
    pub backlog: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopicMode {
    Broadcast,
    Request,
}

/// Everything that is found, the worst first.
pub fn audit(input: &AuditInput<'_>) -> Vec<Finding> {
    let audit = Audit::new(input);
    let mut found = Vec::new();
    exchange::check(&audit, &mut found);
    queues::check(&audit, &mut found);
    patterns::check(&audit, &mut found);
    topics::check(&audit, &mut found);
    workers::check(&audit, &mut found);
    subscriptions::check(&audit, &mut found);
    dispatchers::check(&audit, &mut found);
    found.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    found
}

/// What several rules need.
struct Audit<'a> {
    input: &'a AuditInput<'a>,
    topology: &'a Topology,
    exchange: &'a str,
    router: Router<'a>,
    /// The queues that events can reach, by name, with the bindings that lead into them. Those that
    /// are bound under their own name only are among them.
    event_queues: BTreeMap<&'a str, EventQueue<'a>>,
    workers: Vec<WorkerNode>,
    /// How many read each queue.
    consumers: HashMap<&'a str, usize>,
    /// How many events came into each queue while somebody listened.
    came: HashMap<&'a str, u64>,
}

struct EventQueue<'a> {
    queue: Option<&'a Queue>,
    bindings: Vec<&'a Binding>,
}

impl<'a> Audit<'a> {
    fn new(input: &'a AuditInput<'a>) -> Self {
        let topology = input.topology;
        let router = Router::new(topology);
        let reachable: BTreeSet<&str> =
            router.reachable_exchanges(input.exchange).into_iter().collect();
        let mut event_queues: BTreeMap<&str, EventQueue<'a>> = BTreeMap::new();
        for binding in &topology.bindings {
            let Destination::Queue(name) = binding.destination() else { continue };
            if !reachable.contains(binding.source.as_str()) || is_plumbing_queue(name) {
                continue;
            }
            let new = || EventQueue { queue: topology.queue(name), bindings: Vec::new() };
            event_queues.entry(name).or_insert_with(new).bindings.push(binding);
        }
        let workers = connected_workers(topology);
        let mut consumers: HashMap<&str, usize> = HashMap::new();
        for consumer in &topology.consumers {
            *consumers.entry(&consumer.queue).or_default() += 1;
        }
        let mut came: HashMap<&str, u64> = HashMap::new();
        for ((topic, _task), count) in input.traffic.iter().flat_map(|traffic| &traffic.events) {
            for queue in router.queues(input.exchange, topic) {
                *came.entry(queue).or_default() += count;
            }
        }
        let exchange = input.exchange;
        Self { input, topology, exchange, router, event_queues, workers, consumers, came }
    }

    /// Routing keys without wildcards that a queue is bound with, other than its own name, and the
    /// registered topics.
    fn known_topics(&self) -> BTreeSet<&'a str> {
        let bound = self.event_queues.iter().flat_map(|(name, queue)| queue.subscriptions(name));
        let bound = bound.map(|binding| binding.routing_key.as_str()).filter(|key| is_topic(key));
        let registered = self.input.registered.into_iter().flat_map(BTreeMap::keys);
        bound.chain(registered.map(String::as_str)).collect()
    }

    /// The workers that read a queue.
    fn readers(&self, queue: &str) -> impl Iterator<Item = &WorkerNode> {
        self.workers.iter().filter(move |worker| worker.queues.iter().any(|name| name == queue))
    }

    /// What the workers that read a queue answered; `None` unless every one of them answered, and
    /// everybody who reads it is a worker that is known.
    fn facts_behind(&self, queue: &str) -> Option<Vec<&'a WorkerFacts>> {
        let mut facts = Vec::new();
        let mut readers = 0;
        for worker in self.readers(queue) {
            facts.push(self.input.workers.get(&worker.node)?);
            readers += worker.connections;
        }
        (readers > 0 && self.consumers.get(queue) == Some(&readers)).then_some(facts)
    }

    /// The tasks of all of them.
    fn tasks_behind(&self, queue: &str) -> Option<BTreeSet<&'a str>> {
        let facts = self.facts_behind(queue)?;
        Some(facts.into_iter().flat_map(|worker| &worker.tasks).map(String::as_str).collect())
    }

    /// By the queue's workers, its code or its arguments; `None` where none of them tells.
    fn library(&self, name: &str) -> Option<ServiceLibrary> {
        let tasks = self.tasks_behind(name);
        let code = || self.input.code.iter().find(|service| service.queue == name)?.library;
        names::of_tasks(tasks.as_ref())
            .or_else(code)
            .or_else(|| names::of_queue(self.topology.queue(name)))
    }
}

impl<'a> EventQueue<'a> {
    /// Every binding but those under the queue's own name.
    fn subscriptions(&self, name: &str) -> impl Iterator<Item = &'a Binding> {
        self.bindings.iter().copied().filter(move |binding| binding.routing_key != name)
    }
}

fn is_topic(key: &str) -> bool {
    !key.is_empty() && !key.split('.').any(|word| word == "*" || word == "#")
}
