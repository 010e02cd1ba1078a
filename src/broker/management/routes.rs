//! Where an exchange leads: only the bindings that its messages can pass, for a question about a
//! few exchanges on a broker with many.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;

use super::super::error::BrokerError;
use super::Management;
use super::listing::{AT_A_TIME, DEADLINE, EXCHANGE_COLUMNS};
use crate::topology::{Binding, Destination, Exchange, Topology, TopologyParts};

/// Exchanges that are followed at most; beyond it somebody's topology is no topology.
const MAX_EXCHANGES: usize = 1_000;

impl Management {
    /// All exchanges, and the bindings of `exchange` and of those that its messages may come to.
    /// Without queues and consumers. An exchange that does not exist has no bindings.
    ///
    /// # Errors
    /// What any request can fail with.
    pub async fn routes_from(&self, vhost: &str, exchange: &str) -> Result<Topology, BrokerError> {
        let (exchanges, policies, bindings) = tokio::try_join!(
            self.paged::<Exchange>("exchanges", vhost, EXCHANGE_COLUMNS),
            self.policies(vhost),
            self.bindings_from(vhost, exchange),
        )?;
        let policies = policies.unwrap_or_default();
        let parts = TopologyParts { exchanges, policies, bindings, ..TopologyParts::default() };
        let mut topology = Topology::new(vhost, parts);
        let mut followed = BTreeSet::from([exchange.to_owned()]);
        while followed.len() < MAX_EXCHANGES {
            let mut next = ahead(&topology, &followed);
            next.truncate(AT_A_TIME);
            if next.is_empty() {
                break;
            }
            let found = try_join_all(next.iter().map(|name| self.bindings_from(vhost, name)));
            topology.bindings.extend(found.await?.into_iter().flatten());
            followed.extend(next);
        }
        Ok(topology)
    }

    pub(super) async fn bindings_from(
        &self,
        vhost: &str,
        exchange: &str,
    ) -> Result<Vec<Binding>, BrokerError> {
        let path = ["exchanges", vhost, exchange, "bindings", "source"];
        Ok(self.ask(&path, &[], DEADLINE).await?.unwrap_or_default())
    }
}

/// The exchanges that those followed lead to, and that are not followed yet.
fn ahead(topology: &Topology, followed: &BTreeSet<String>) -> Vec<String> {
    let bound = topology.bindings.iter().filter_map(|binding| match binding.destination() {
        Destination::Exchange(name) => Some(name),
        Destination::Queue(_) => None,
    });
    let sources = topology.exchanges.iter().filter(|exchange| followed.contains(&exchange.name));
    let alternates = sources.filter_map(|exchange| exchange.alternate.as_deref());
    let ahead: BTreeSet<&str> = bound.chain(alternates).collect();
    let ahead = ahead.into_iter().filter(|name| !followed.contains(*name));
    ahead.map(str::to_owned).collect()
}
