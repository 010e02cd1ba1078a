//! Whether a request reaches more than one queue: then several services write the same result, and
//! the caller may get any of them, even `no_handlers`.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::broker::amqp::AmqpTarget;
use crate::broker::{Binding, Management};
use crate::commands::connect::tls_files;
use crate::commands::context::Context;
use crate::event::RoutingPattern;

/// How long an answer that is printed already waits for the check: longer where somebody told us
/// where the management API is than where we guess.
const PATIENCE_CONFIGURED: Duration = Duration::from_millis(500);
const PATIENCE_GUESSED: Duration = Duration::from_millis(150);
/// The queues of `celerysalt tail`, which never answer.
const OWN_QUEUES: &str = "celerysalt.tail.";

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
            let bindings = management.bindings_of_exchange(&vhost, &exchange).await.ok()?;
            Some(receivers(&bindings, &topic))
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

/// The queues that a message with the routing key `topic` reaches, each once.
fn receivers(bindings: &[Binding], topic: &str) -> Vec<String> {
    let queues: BTreeSet<&str> = bindings
        .iter()
        .filter(|binding| !binding.queue.starts_with(OWN_QUEUES))
        .filter(|binding| {
            binding.routing_key.parse::<RoutingPattern>().is_ok_and(|key| key.matches(topic))
        })
        .map(|binding| binding.queue.as_str())
        .collect();
    queues.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_counts_once_and_our_own_do_not() {
        let bindings: Vec<Binding> = [
            ("a", "rpc.#"),
            ("a", "rpc.add"),
            ("b", "rpc.*"),
            ("c", "other"),
            ("celerysalt.tail.1", "#"),
        ]
        .iter()
        .map(|(queue, key)| {
            serde_json::from_value(serde_json::json!({"destination": queue, "routing_key": key}))
                .unwrap()
        })
        .collect();
        assert_eq!(receivers(&bindings, "rpc.add"), ["a", "b"]);
        assert_eq!(receivers(&bindings, "other"), ["c"]);
        assert!(receivers(&bindings, "nobody").is_empty());
    }
}
