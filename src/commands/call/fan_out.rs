//! Whether a request reaches more than one queue: then several services write the same result, and
//! the caller may get any of them, even `no_handlers`.

use std::time::Duration;

use tokio::task::JoinHandle;

use crate::broker::Management;
use crate::broker::amqp::AmqpTarget;
use crate::commands::connect::tls_files;
use crate::commands::context::Context;
use crate::topology::{Router, Topology, is_own_queue};

/// How long an answer that is printed already waits for the check: longer where somebody told us
/// where the management API is than where we guess.
const PATIENCE_CONFIGURED: Duration = Duration::from_millis(500);
const PATIENCE_GUESSED: Duration = Duration::from_millis(150);

/// A look at the bindings that runs beside the call. Ends when it is dropped.
pub struct FanOutCheck {
    looking: JoinHandle<Option<Vec<String>>>,
    patience: Duration,
}

impl FanOutCheck {
    /// Starts to look for the queues that receive `topic`. A management API that cannot be used is
    /// nobody's problem here.
    pub fn start(context: &Context, target: &AmqpTarget, topic: &str) -> Option<Self> {
        let (url, patience) = match context.management_url().ok()? {
            Some(url) => (url, PATIENCE_CONFIGURED),
            None => (Management::guess_from(target), PATIENCE_GUESSED),
        };
        let (tls, vhost) = (tls_files(context), target.first().vhost.clone());
        let (exchange, topic) = (context.exchange().to_owned(), topic.to_owned());
        let looking = tokio::spawn(async move {
            // Reading the system's certificates takes longer than many a call.
            let management = Management::new(&url, &tls).ok()?;
            let topology = management.routes_from(&vhost, &exchange).await.ok()?;
            Some(receivers(&topology, &exchange, &topic))
        });
        Some(Self { looking, patience })
    }

    /// The warning, if there is one to give and it is known soon.
    pub async fn warning(mut self) -> Option<String> {
        let looked = tokio::time::timeout(self.patience, &mut self.looking).await;
        let queues = looked.ok()?.ok()??;
        (queues.len() > 1).then(|| {
            format!(
                "{} queues receive the request: {}; the first answer counts, and it may come from \
                 the wrong service",
                queues.len(),
                queues.join(", ")
            )
        })
    }
}

impl Drop for FanOutCheck {
    fn drop(&mut self) {
        self.looking.abort();
    }
}

/// The queues that receive a request. Those of `celerysalt tail` never answer.
fn receivers(topology: &Topology, exchange: &str, topic: &str) -> Vec<String> {
    let queues = Router::new(topology).queues(exchange, topic).into_iter();
    queues.filter(|queue| !is_own_queue(queue)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::{Binding, Exchange, ExchangeKind, TopologyParts};

    #[test]
    fn a_queue_counts_once_and_our_own_do_not() {
        let bound = [
            ("a", "rpc.#"),
            ("a", "rpc.add"),
            ("b", "rpc.*"),
            ("c", "other"),
            ("celerysalt.tail.1", "#"),
        ];
        let bindings = bound.map(|(queue, key)| Binding::to_queue("e", queue, key)).to_vec();
        let exchanges = vec![Exchange::new("e", ExchangeKind::Topic)];
        let parts = TopologyParts { exchanges, bindings, ..TopologyParts::default() };
        let topology = Topology::new("/", parts);
        assert_eq!(receivers(&topology, "e", "rpc.add"), ["a", "b"]);
        assert_eq!(receivers(&topology, "e", "other"), ["c"]);
        assert!(receivers(&topology, "e", "nobody").is_empty());
    }
}
