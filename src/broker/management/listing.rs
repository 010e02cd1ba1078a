//! A whole virtual host, several requests at a time.
//!
//! Queues are the long list. Measured on RabbitMQ 3.10 with 5,000 queues and 20,000 bindings, in
//! seconds of the broker's processor:
//!
//! | request | cost |
//! |---|---|
//! | queues without statistics | 0.2 |
//! | queues with statistics, three columns | 0.5 |
//! | the same, all that we need; all columns | 1.5; 3 |
//! | queues with the totals of this moment, which each queue's process is asked for | 3 |
//! | bindings, whole | 0.6 |
//! | bindings, with the columns that we need, which are nearly all | 1.9 |
//!
//! So queues come without statistics, and the numbers of messages by themselves: of this moment
//! where there are few queues, else from the statistics. Without statistics the broker leaves out
//! what policies give, so that whoever may not read policies gets the list with statistics, page by
//! page.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use futures_util::future::try_join_all;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::super::error::BrokerError;
use super::Management;
use crate::topology::{Binding, Consumer, Exchange, Policy, Queue, Topology, TopologyParts};

/// For each request: the lists of a large broker take a while.
const DEADLINE: Duration = Duration::from_secs(30);
/// The most that the API allows.
const PAGE: usize = 500;
/// The most queues that are asked for their messages at this moment.
const MAX_COUNTED: usize = 500;
/// A broker answers one request with one of its own processes; more at a time would crowd it.
pub(super) const AT_A_TIME: usize = 4;

pub(super) const EXCHANGE_COLUMNS: &str = "name,type,durable,auto_delete,internal,arguments,policy";
const QUEUE_COLUMNS: &str = "name,type,durable,auto_delete,exclusive,arguments,consumers,\
     messages_ready,messages_unacknowledged,policy,effective_policy_definition";
const COUNT_COLUMNS: &str = "name,messages_ready,messages_unacknowledged";
const CONSUMER_COLUMNS: &str = "queue.name,channel_details.connection_name";
const POLICY_COLUMNS: &str = "name,pattern,apply-to,priority,definition";

#[derive(Deserialize)]
struct Page<T> {
    #[serde(default = "Vec::new")]
    items: Vec<T>,
    #[serde(default)]
    page_count: Value,
}

impl Management {
    /// The exchanges, queues, bindings and consumers of a virtual host.
    ///
    /// The numbers of messages are those of this moment for up to 500 queues, and up to five seconds
    /// old for more. Policies need a tag of their own (`policymaker`); without it the numbers are that
    /// old as well, and the answer holds no alternate exchange that a policy gives.
    ///
    /// # Errors
    /// [`BrokerError::VhostRefused`], and what any request can fail with.
    pub async fn topology(&self, vhost: &str) -> Result<Topology, BrokerError> {
        let of_consumers = [("columns", CONSUMER_COLUMNS)];
        let (exchanges, (queues, policies), bindings, consumers) = tokio::try_join!(
            self.paged::<Exchange>("exchanges", vhost, EXCHANGE_COLUMNS),
            self.queues_and_policies(vhost),
            self.whole::<Binding>("bindings", vhost, &[]),
            self.whole::<Value>("consumers", vhost, &of_consumers),
        )?;
        let consumers: Vec<Consumer> = consumers.iter().filter_map(consumer).collect();
        let queues = with_consumers(queues, &consumers);
        let parts = TopologyParts { exchanges, queues, bindings, consumers, policies };
        Ok(Topology::new(vhost, parts))
    }

    /// How many messages wait in each queue of a virtual host at this moment.
    ///
    /// # Errors
    /// [`BrokerError::VhostRefused`], and what any request can fail with.
    pub async fn waiting(&self, vhost: &str) -> Result<BTreeMap<String, u64>, BrokerError> {
        let query = [
            ("disable_stats", "true"),
            ("enable_queue_totals", "true"),
            ("columns", "name,messages_ready"),
        ];
        let queues: Vec<Queue> = self.whole("queues", vhost, &query).await?;
        Ok(queues
            .into_iter()
            .filter_map(|queue| Some((queue.name, queue.messages_ready?)))
            .collect())
    }

    async fn queues_and_policies(
        &self,
        vhost: &str,
    ) -> Result<(Vec<Queue>, Vec<Policy>), BrokerError> {
        let without_statistics = [("disable_stats", "true"), ("columns", QUEUE_COLUMNS)];
        let (policies, mut queues) = tokio::try_join!(
            self.policies(vhost),
            self.whole::<Queue>("queues", vhost, &without_statistics),
        )?;
        let Some(policies) = policies else {
            return Ok((self.paged("queues", vhost, QUEUE_COLUMNS).await?, Vec::new()));
        };
        let mut counted = self.counted(vhost, queues.len()).await?;
        for queue in &mut queues {
            if let Some(counts) = counted.remove(&queue.name) {
                queue.messages_ready = counts.messages_ready;
                queue.messages_unacknowledged = counts.messages_unacknowledged;
            }
        }
        Ok((queues, policies))
    }

    /// The numbers of messages, by the name of the queue.
    async fn counted(
        &self,
        vhost: &str,
        queues: usize,
    ) -> Result<HashMap<String, Queue>, BrokerError> {
        let of_this_moment = [
            ("columns", COUNT_COLUMNS),
            ("disable_stats", "true"),
            ("enable_queue_totals", "true"),
        ];
        let query = if queues <= MAX_COUNTED { &of_this_moment[..] } else { &of_this_moment[..1] };
        let counted = self.whole::<Queue>("queues", vhost, query).await?;
        Ok(counted.into_iter().map(|queue| (queue.name.clone(), queue)).collect())
    }

    /// `None` where they are not for this user to see.
    pub(super) async fn policies(&self, vhost: &str) -> Result<Option<Vec<Policy>>, BrokerError> {
        match self.whole("policies", vhost, &[("columns", POLICY_COLUMNS)]).await {
            Ok(policies) => Ok(Some(policies)),
            Err(BrokerError::Forbidden { .. } | BrokerError::BadCredentials { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn whole<T: DeserializeOwned>(
        &self,
        resource: &str,
        vhost: &str,
        query: &[(&str, &str)],
    ) -> Result<Vec<T>, BrokerError> {
        let found = self.ask(&[resource, vhost], query, DEADLINE).await?;
        found.ok_or_else(|| self.no_vhost(vhost))
    }

    pub(super) async fn paged<T: DeserializeOwned>(
        &self,
        resource: &str,
        vhost: &str,
        columns: &str,
    ) -> Result<Vec<T>, BrokerError> {
        let size = PAGE.to_string();
        let page = async |number: u64| -> Result<Page<T>, BrokerError> {
            let number = number.to_string();
            let query = [("page", number.as_str()), ("page_size", &size), ("columns", columns)];
            let found = self.ask(&[resource, vhost], &query, DEADLINE).await?;
            found.ok_or_else(|| self.no_vhost(vhost))
        };
        let first = page(1).await?;
        let mut items = first.items;
        let rest: Vec<u64> = (2..=first.page_count.as_u64().unwrap_or(1)).collect();
        for numbers in rest.chunks(AT_A_TIME) {
            let pages = try_join_all(numbers.iter().map(|number| page(*number))).await?;
            items.extend(pages.into_iter().flat_map(|page| page.items));
        }
        Ok(items)
    }

    fn no_vhost(&self, vhost: &str) -> BrokerError {
        BrokerError::VhostRefused {
            endpoint: self.endpoint(),
            vhost: vhost.to_owned(),
            user: self.user.clone(),
        }
    }
}

fn consumer(item: &Value) -> Option<Consumer> {
    let queue = item.pointer("/queue/name")?.as_str()?.to_owned();
    let connection = item.pointer("/channel_details/connection_name").and_then(Value::as_str);
    Some(Consumer { queue, connection: connection.unwrap_or_default().to_owned() })
}

/// Unlike the statistics, the list of consumers is that of this moment.
fn with_consumers(mut queues: Vec<Queue>, consumers: &[Consumer]) -> Vec<Queue> {
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for consumer in consumers {
        *counts.entry(&consumer.queue).or_default() += 1;
    }
    for queue in &mut queues {
        queue.consumers = Some(counts.get(queue.name.as_str()).copied().unwrap_or_default());
    }
    queues
}
