//! The queues that an event went to, from the management API.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::broker::Management;
use crate::commands::routes::Routes;

/// How long an answer is good for.
const FRESH: Duration = Duration::from_secs(10);
/// Queues of `celerysalt` itself, ours among them.
const OWN_QUEUES: &str = "celerysalt.tail.";

/// Who is bound to the exchange.
pub struct Receivers {
    management: Result<Management, String>,
    vhost: String,
    exchange: String,
    known: Option<Known>,
}

struct Known {
    routes: Routes,
    consumers: HashMap<String, Option<u64>>,
    at: Instant,
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
        if self.known.as_ref().is_none_or(|known| known.at.elapsed() > FRESH) {
            let management = self.management.as_ref().ok()?;
            match load(management, &self.vhost, &self.exchange).await {
                Ok(known) => self.known = Some(known),
                Err(error) => self.management = Err(error.to_string()),
            }
        }
        let known = self.known.as_ref()?;
        let reached = known.routes.reached(&self.exchange, Some(topic)).into_iter();
        let others = reached.filter(|queue| !queue.starts_with(OWN_QUEUES));
        let with_consumers = others.map(|queue| {
            let consumers = known.consumers.get(&queue).copied().flatten();
            (queue, consumers)
        });
        Some(with_consumers.collect())
    }
}

async fn load(
    management: &Management,
    vhost: &str,
    exchange: &str,
) -> Result<Known, crate::broker::BrokerError> {
    let routes = Routes::load((management, vhost), [exchange.to_owned()]).await?;
    let queues = management.queue_states(vhost).await?;
    let consumers = queues.into_iter().map(|queue| (queue.name, queue.consumers)).collect();
    Ok(Known { routes, consumers, at: Instant::now() })
}
