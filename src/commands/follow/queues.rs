//! The queues that an event went to, from the management API.

use std::time::{Duration, Instant};

use crate::broker::{Management, Messages};
use crate::topology::{Router, Topology, connected_workers, is_own_queue};

/// How long an answer is good for.
const FRESH: Duration = Duration::from_secs(10);

/// Who is bound to the exchange.
pub struct Receivers {
    management: Result<Management, String>,
    vhost: String,
    exchange: String,
    known: Option<(Topology, Instant)>,
}

impl Receivers {
    pub fn new(management: Result<Management, String>, vhost: &str, exchange: &str) -> Self {
        Self { management, vhost: vhost.to_owned(), exchange: exchange.to_owned(), known: None }
    }

    /// Why nobody can tell.
    pub fn why_not(&self) -> Option<&str> {
        self.management.as_ref().err().map(String::as_str)
    }

    /// The queues that receive a topic, with their consumers. A broker that does not answer once is
    /// not asked again.
    pub async fn of(&mut self, topic: &str) -> Option<Vec<(String, Option<u64>)>> {
        if self.known.as_ref().is_none_or(|(_, at)| at.elapsed() > FRESH) {
            let management = self.management.as_ref().ok()?;
            match management.topology(&self.vhost, Messages::NotCounted).await {
                Ok(topology) => self.known = Some((topology, Instant::now())),
                Err(error) => self.management = Err(error.to_string()),
            }
        }
        let (topology, _) = self.known.as_ref()?;
        let reached = Router::new(topology).queues(&self.exchange, topic).into_iter();
        let with_consumers = reached.filter(|queue| !is_own_queue(queue)).map(|queue| {
            let consumers = topology.queue(queue).and_then(|queue| queue.consumers);
            (queue.to_owned(), consumers)
        });
        Some(with_consumers.collect())
    }

    /// The workers that read one of these queues, as far as the last look tells.
    pub fn workers_of(&self, queues: &[&str]) -> Vec<String> {
        let Some((topology, _)) = &self.known else { return Vec::new() };
        let workers = connected_workers(topology).into_iter();
        let reading = workers
            .filter(|worker| worker.queues.iter().any(|queue| queues.contains(&queue.as_str())));
        reading.map(|worker| worker.node).collect()
    }
}
