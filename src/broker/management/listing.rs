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
//! | bindings, whole, with one that the default exchange has for each queue | 0.6 |
//! | bindings of every other exchange by itself | a third of that |
//! | bindings, with the columns that we need, which are nearly all | 1.9 |
//!
//! So queues come without statistics, and the numbers of messages by themselves: of this moment
//! where there are few queues, else from the statistics; and not at all for those who ask who
//! receives what. Without statistics the broker leaves out what policies give and how many read a
//! queue, so that whoever may not read policies, or not see the consumers of others, gets the list
//! with statistics, page by page.

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
pub(super) const DEADLINE: Duration = Duration::from_secs(30);
/// The most that the API allows.
const PAGE: usize = 500;
/// The most queues that are asked for their messages at this moment.
const MAX_COUNTED: usize = 500;
/// The most exchanges whose bindings are asked for one by one: each is another request.
const MAX_SOURCES: usize = 24;
/// A broker answers one request with one of its own processes; more at a time would crowd it.
pub(super) const AT_A_TIME: usize = 4;

pub(super) const EXCHANGE_COLUMNS: &str = "name,type,durable,auto_delete,internal,arguments,policy";
const QUEUE_COLUMNS: &str = "name,type,durable,auto_delete,exclusive,arguments,consumers,\
     messages_ready,messages_unacknowledged,policy,effective_policy_definition";
const COUNT_COLUMNS: [(&str, &str); 1] =
    [("columns", "name,messages_ready,messages_unacknowledged")];
const OF_THIS_MOMENT: [(&str, &str); 2] =
    [("disable_stats", "true"), ("enable_queue_totals", "true")];
const CONSUMER_COLUMNS: &str = "queue.name,channel_details.connection_name";
const POLICY_COLUMNS: &str = "name,pattern,apply-to,priority,definition";

/// Whether the numbers of waiting messages are wanted, which cost more than all the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Messages {
    Counted,
    /// They may be missing.
    NotCounted,
}

/// The queues, and who may be asked for more about them.
struct Queues {
    queues: Vec<Queue>,
    policies: Vec<Policy>,
    consumers: ConsumerList,
}

/// What the list of consumers holds, which depends on the user's tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ConsumerList {
    Everybody,
    /// The user's own connections only; how many read a queue is told by its statistics.
    OwnOnly,
}

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
    /// old as well, and the answer holds no alternate exchange that a policy gives. Without the tag
    /// `monitoring` there are no consumers, and how many read a queue is that old, too.
    ///
    /// # Errors
    /// [`BrokerError::VhostRefused`], and what any request can fail with.
    pub async fn topology(&self, vhost: &str, messages: Messages) -> Result<Topology, BrokerError> {
        let of_consumers = [("columns", CONSUMER_COLUMNS)];
        let ((exchanges, bindings), found, consumers) = tokio::try_join!(
            self.exchanges_and_bindings(vhost),
            self.queues_and_policies(vhost, messages),
            self.whole::<Value>("consumers", vhost, &of_consumers),
        )?;
        let (queues, consumers) = match found.consumers {
            ConsumerList::Everybody => {
                let consumers: Vec<Consumer> = consumers.iter().filter_map(consumer).collect();
                (with_consumers(found.queues, &consumers), consumers)
            }
            ConsumerList::OwnOnly => (found.queues, Vec::new()),
        };
        let policies = found.policies;
        let parts = TopologyParts { exchanges, queues, bindings, consumers, policies };
        Ok(Topology::new(vhost, parts))
    }

    /// How many messages wait in each queue of a virtual host at this moment.
    ///
    /// # Errors
    /// [`BrokerError::VhostRefused`], and what any request can fail with.
    pub async fn waiting(&self, vhost: &str) -> Result<BTreeMap<String, u64>, BrokerError> {
        let query = [&[("columns", "name,messages_ready")][..], &OF_THIS_MOMENT].concat();
        let queues: Vec<Queue> = self.whole("queues", vhost, &query).await?;
        Ok(queues
            .into_iter()
            .filter_map(|queue| Some((queue.name, queue.messages_ready?)))
            .collect())
    }

    /// The bindings of the default exchange may be missing.
    async fn exchanges_and_bindings(
        &self,
        vhost: &str,
    ) -> Result<(Vec<Exchange>, Vec<Binding>), BrokerError> {
        let exchanges: Vec<Exchange> = self.paged("exchanges", vhost, EXCHANGE_COLUMNS).await?;
        let names = exchanges.iter().map(|exchange| exchange.name.as_str());
        let sources: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
        if sources.len() > MAX_SOURCES {
            let bindings = self.whole("bindings", vhost, &[]).await?;
            return Ok((exchanges, bindings));
        }
        let mut bindings: Vec<Binding> = Vec::new();
        for names in sources.chunks(2 * AT_A_TIME) {
            let found = try_join_all(names.iter().map(|name| self.bindings_from(vhost, name)));
            bindings.extend(found.await?.into_iter().flatten());
        }
        Ok((exchanges, bindings))
    }

    async fn queues_and_policies(
        &self,
        vhost: &str,
        messages: Messages,
    ) -> Result<Queues, BrokerError> {
        let without_statistics = [("disable_stats", "true"), ("columns", QUEUE_COLUMNS)];
        let (policies, consumers, mut queues, counted) = tokio::try_join!(
            self.policies(vhost),
            self.consumer_list(),
            self.whole::<Queue>("queues", vhost, &without_statistics),
            self.counted(vhost, messages),
        )?;
        let policies = match (policies, consumers) {
            (Some(policies), ConsumerList::Everybody) => policies,
            (policies, consumers) => {
                let queues = self.paged("queues", vhost, QUEUE_COLUMNS).await?;
                return Ok(Queues { queues, policies: policies.unwrap_or_default(), consumers });
            }
        };
        // The statistics are asked for at the same time as the queues, so that a long list is not
        // waited for twice; a short one is soon counted again.
        let counted = match (messages, queues.len()) {
            (Messages::Counted, 1..=MAX_COUNTED) => {
                let query = [&COUNT_COLUMNS[..], &OF_THIS_MOMENT].concat();
                self.whole("queues", vhost, &query).await?
            }
            (Messages::Counted | Messages::NotCounted, _) => counted,
        };
        let mut counted: HashMap<String, Queue> =
            counted.into_iter().map(|queue| (queue.name.clone(), queue)).collect();
        for queue in &mut queues {
            if let Some(counts) = counted.remove(&queue.name) {
                queue.messages_ready = counts.messages_ready;
                queue.messages_unacknowledged = counts.messages_unacknowledged;
            }
        }
        Ok(Queues { queues, policies, consumers })
    }

    /// Whose consumers this user sees.
    ///
    /// Source: RabbitMQ's `rabbit_mgmt_wm_consumers`, which filters by the tags that
    /// `rabbit_mgmt_wm_whoami` tells: a list, or before RabbitMQ 3.9 text with commas.
    async fn consumer_list(&self) -> Result<ConsumerList, BrokerError> {
        let told: Value = self.get(&["whoami"]).await?.unwrap_or_default();
        let sees_all = |tag: &str| matches!(tag, "monitoring" | "administrator");
        let is_monitor = match told.get("tags") {
            Some(Value::Array(tags)) => tags.iter().filter_map(Value::as_str).any(sees_all),
            Some(Value::String(tags)) => tags.split(',').map(str::trim).any(sees_all),
            Some(_) | None => true,
        };
        Ok(if is_monitor { ConsumerList::Everybody } else { ConsumerList::OwnOnly })
    }

    /// The numbers of messages in the statistics; none where they are not wanted.
    async fn counted(&self, vhost: &str, messages: Messages) -> Result<Vec<Queue>, BrokerError> {
        match messages {
            Messages::Counted => self.whole("queues", vhost, &COUNT_COLUMNS).await,
            Messages::NotCounted => Ok(Vec::new()),
        }
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
