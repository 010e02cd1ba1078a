//! Live workers without asking them: a worker reads its mailbox and its queues over one connection.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Exchange, ExchangeKind, Topology};
use super::plumbing::{is_plumbing_queue, worker_node};

/// A worker that is connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerNode {
    /// `salt@host`.
    pub node: String,
    /// How many connections read its mailbox: more than one means that a name is taken twice.
    pub connections: usize,
    /// The queues it reads, by name.
    pub queues: Vec<String>,
}

/// The workers whose mailboxes exist, by name. A mailbox nobody reads is a worker that went away.
pub fn connected_workers(topology: &Topology) -> Vec<WorkerNode> {
    let mut read: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for consumer in topology.consumers.iter().filter(|one| !one.connection.is_empty()) {
        read.entry(&consumer.connection).or_default().insert(&consumer.queue);
    }
    let mut nodes: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
    for queues in read.values() {
        for node in queues.iter().filter_map(|queue| worker_node(queue)) {
            let (connections, all) = nodes.entry(node).or_default();
            *connections += 1;
            all.extend(queues.iter().filter(|queue| !is_plumbing_queue(queue)));
        }
    }
    let node = |(node, (connections, queues)): (&str, (usize, BTreeSet<&str>))| WorkerNode {
        node: node.to_owned(),
        connections,
        queues: queues.into_iter().map(str::to_owned).collect(),
    };
    nodes.into_iter().map(node).collect()
}

/// The fanout exchanges behind which workers have their mailboxes, by name.
pub fn mailboxes(topology: &Topology) -> Vec<String> {
    let is_mailbox = |exchange: &&Exchange| {
        exchange.kind == ExchangeKind::Fanout
            && exchange.name.ends_with(".pidbox")
            && !exchange.name.starts_with("reply.")
    };
    topology.exchanges.iter().filter(is_mailbox).map(|exchange| exchange.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::model::Consumer;
    use super::*;

    #[test]
    fn a_worker_is_known_by_the_connection_that_reads_its_mailbox() {
        let consumers = [
            ("salt@h.celery.pidbox", "1"),
            ("service_queue", "1"),
            ("celeryev.c0ffee00-0000-3000-8000-000000000001", "1"),
            ("salt@h.celery.pidbox", "2"),
            ("orders", "2"),
            ("strangers", "3"),
        ];
        let consumers = consumers.map(|(queue, connection)| Consumer {
            queue: queue.to_owned(),
            connection: connection.to_owned(),
        });
        let topology = Topology { consumers: consumers.to_vec(), ..Topology::default() };
        let queues = vec!["orders".to_owned(), "service_queue".to_owned()];
        let expected = WorkerNode { node: "salt@h".to_owned(), connections: 2, queues };
        assert_eq!(connected_workers(&topology), [expected]);
    }
}
