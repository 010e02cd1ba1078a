//! What is wrong with a topology, rule by rule.

mod exchange;
mod finding;
mod names;
mod patterns;
mod queues;
pub mod rules;
mod topics;
mod workers;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::model::{Binding, Destination, Queue, Topology};
use super::plumbing::is_plumbing_queue;
use super::router::Router;
use super::workers::{WorkerNode, connected_workers};

pub use finding::{Finding, Level, Repair, Suppression};
pub use names::handled_topics;

/// What an audit looks at.
#[derive(Debug, Clone, Copy)]
pub struct AuditInput<'a> {
    pub topology: &'a Topology,
    /// The event exchange.
    pub exchange: &'a str,
    /// The registered topics, and whether each is a request; `None` where nobody could tell.
    pub registered: Option<&'a BTreeMap<String, TopicMode>>,
    /// What workers answered: the names of their tasks, by node. A worker that did not answer is
    /// not among them.
    pub tasks: &'a BTreeMap<String, Vec<String>>,
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
        Self { input, topology, exchange: input.exchange, router, event_queues, workers }
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

    /// The tasks of the workers that read a queue; `None` unless every one of them answered, and
    /// everybody who reads it is a worker that is known.
    fn tasks_behind(&self, queue: &str) -> Option<BTreeSet<&'a str>> {
        let mut tasks = BTreeSet::new();
        let mut readers: u64 = 0;
        for worker in self.readers(queue) {
            tasks.extend(self.input.tasks.get(&worker.node)?.iter().map(String::as_str));
            readers += u64::try_from(worker.connections).unwrap_or(u64::MAX);
        }
        let consumers = self.topology.consumers.iter().filter(|one| one.queue == queue).count();
        (readers > 0 && u64::try_from(consumers).is_ok_and(|count| count == readers))
            .then_some(tasks)
    }

    /// By the queue's workers, or its arguments; `None` where neither tells.
    fn libraries(&self) -> HashMap<&'a str, names::Known> {
        let known = |(name, queue): (&&'a str, &EventQueue<'a>)| {
            let tasks = self.tasks_behind(name);
            Some((*name, names::library(tasks.as_ref(), queue.queue)?))
        };
        self.event_queues.iter().filter_map(known).collect()
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
