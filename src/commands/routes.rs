//! Where the exchanges of a virtual host lead, from the management API.

use std::collections::{BTreeSet, HashMap};

use crate::broker::{BrokerError, ExchangeKind, Hop, Management};
use crate::event::RoutingPattern;

/// Exchanges that are followed at most; beyond it somebody's topology is no topology.
const MAX_EXCHANGES: usize = 1_000;

/// The exchanges of a virtual host, and the bindings of those that matter.
#[derive(Debug, Default)]
pub struct Routes {
    pub exchanges: Vec<ExchangeKind>,
    /// The bindings from each exchange.
    pub hops: HashMap<String, Vec<Hop>>,
}

impl Routes {
    /// Asks for the bindings of these exchanges, and of those that they lead to.
    ///
    /// # Errors
    /// What any request to the management API can fail with.
    pub async fn load(
        (management, vhost): (&Management, &str),
        from: impl IntoIterator<Item = String>,
    ) -> Result<Self, BrokerError> {
        let exchanges = management.exchange_kinds(vhost).await?;
        let mut routes = Self { exchanges, hops: HashMap::new() };
        let mut next: Vec<String> = from.into_iter().collect();
        while let Some(exchange) = next.pop() {
            if routes.hops.contains_key(&exchange) || routes.hops.len() >= MAX_EXCHANGES {
                continue;
            }
            let hops = management.hops_from(vhost, &exchange).await?;
            let exchanges = hops.iter().filter(|hop| hop.destination_type == "exchange");
            next.extend(exchanges.map(|hop| hop.destination.clone()));
            routes.hops.insert(exchange, hops);
        }
        Ok(routes)
    }

    pub fn has_exchange(&self, name: &str) -> bool {
        self.exchanges.iter().any(|exchange| exchange.name == name)
    }

    /// The queues that messages with this routing key may reach from an exchange; without a key,
    /// those with any.
    pub fn reached(&self, exchange: &str, key: Option<&str>) -> BTreeSet<String> {
        let (mut reached, mut seen) = (BTreeSet::new(), BTreeSet::new());
        let mut next = vec![exchange];
        while let Some(exchange) = next.pop() {
            if !seen.insert(exchange) {
                continue;
            }
            let kind = self.exchanges.iter().find(|e| e.name == exchange).map(|e| e.kind.as_str());
            let hops = self.hops.get(exchange).into_iter().flatten();
            for hop in hops.filter(|hop| passes(kind.unwrap_or_default(), &hop.routing_key, key)) {
                match hop.destination_type.as_str() {
                    "exchange" => next.push(&hop.destination),
                    _ => drop(reached.insert(hop.destination.clone())),
                }
            }
        }
        reached
    }
}

/// Whether a binding may pass messages with this routing key; without one they have any. What a
/// `headers` exchange or a plugin's own does, depends on more than the key.
fn passes(kind: &str, binding_key: &str, key: Option<&str>) -> bool {
    let Some(key) = key else { return true };
    match kind {
        "direct" => binding_key == key,
        "topic" => binding_key.parse::<RoutingPattern>().is_ok_and(|pattern| pattern.matches(key)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_exchange_does_with_a_key_depends_on_its_kind() {
        let table = [
            ("direct", "a.b", Some("a.b"), true),
            ("direct", "a.*", Some("a.b"), false),
            ("topic", "a.*", Some("a.b"), true),
            ("topic", "a.*", Some("b"), false),
            ("fanout", "x", Some("a.b"), true),
            ("headers", "", Some("a.b"), true),
            ("topic", "a.*", None, true),
        ];
        for (kind, binding, key, expected) in table {
            assert_eq!(passes(kind, binding, key), expected, "{kind} {binding} {key:?}");
        }
    }
}
