//! The state of queues and exchanges, as far as dead letters and a live view need it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::super::error::BrokerError;
use super::{Management, object, text};

/// The fields of a queue that are asked for; a broker with thousands of queues sends many more.
const QUEUE_COLUMNS: &str = "name,type,arguments,policy,effective_policy_definition,messages,\
    messages_ready,messages_unacknowledged,consumers,exclusive,auto_delete,\
    message_stats.publish_details.rate,message_stats.deliver_get_details.rate";

/// A queue as the management API saw it last. Counts are up to five seconds old, and `None` until
/// the first were taken.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct QueueState {
    #[serde(deserialize_with = "text")]
    pub name: String,
    /// `classic`, `quorum` or `stream`.
    #[serde(rename = "type", deserialize_with = "text")]
    pub queue_type: String,
    #[serde(deserialize_with = "object")]
    pub arguments: Map<String, Value>,
    /// The name of the policy that applies; empty where none does.
    #[serde(deserialize_with = "text")]
    pub policy: String,
    /// What that policy and an operator policy set together.
    #[serde(rename = "effective_policy_definition", deserialize_with = "object")]
    pub policy_definition: Map<String, Value>,
    #[serde(deserialize_with = "count")]
    pub messages: Option<u64>,
    #[serde(deserialize_with = "count")]
    pub messages_ready: Option<u64>,
    #[serde(deserialize_with = "count")]
    pub messages_unacknowledged: Option<u64>,
    #[serde(deserialize_with = "count")]
    pub consumers: Option<u64>,
    #[serde(deserialize_with = "flag")]
    pub exclusive: bool,
    #[serde(deserialize_with = "flag")]
    pub auto_delete: bool,
    message_stats: MessageStats,
}

#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
struct MessageStats {
    publish_details: Details,
    deliver_get_details: Details,
}

#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
struct Details {
    #[serde(deserialize_with = "rate")]
    rate: Option<f64>,
}

impl QueueState {
    /// Messages that came in, a second.
    pub fn rate_in(&self) -> f64 {
        self.message_stats.publish_details.rate.unwrap_or(0.0)
    }

    /// Messages that were handed out, a second.
    pub fn rate_out(&self) -> f64 {
        self.message_stats.deliver_get_details.rate.unwrap_or(0.0)
    }
}

/// An exchange and what kind of routing it does.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct ExchangeKind {
    #[serde(deserialize_with = "text")]
    pub name: String,
    /// `topic`, `direct`, `fanout`, `headers` or a plugin's own.
    #[serde(rename = "type", deserialize_with = "text")]
    pub kind: String,
}

/// A binding of an exchange to a queue or to another exchange.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Hop {
    #[serde(deserialize_with = "text")]
    pub source: String,
    #[serde(deserialize_with = "text")]
    pub destination: String,
    /// `queue` or `exchange`.
    #[serde(deserialize_with = "text")]
    pub destination_type: String,
    #[serde(deserialize_with = "text")]
    pub routing_key: String,
}

impl Management {
    /// Every queue of the virtual host.
    ///
    /// # Errors
    /// What any request can fail with.
    pub async fn queue_states(&self, vhost: &str) -> Result<Vec<QueueState>, BrokerError> {
        self.listed(&["queues", vhost], &[("columns", QUEUE_COLUMNS)]).await
    }

    /// One queue, with its stale counts; `None` where there is none.
    ///
    /// # Errors
    /// What any request can fail with.
    pub async fn queue_state(
        &self,
        vhost: &str,
        queue: &str,
    ) -> Result<Option<QueueState>, BrokerError> {
        self.get(&["queues", vhost, queue]).await
    }

    /// Every exchange of the virtual host.
    ///
    /// # Errors
    /// What any request can fail with.
    pub async fn exchange_kinds(&self, vhost: &str) -> Result<Vec<ExchangeKind>, BrokerError> {
        self.listed(&["exchanges", vhost], &[("columns", "name,type")]).await
    }

    /// The bindings of an exchange to queues and to other exchanges; none where there is no such
    /// exchange.
    ///
    /// # Errors
    /// What any request can fail with.
    pub async fn hops_from(&self, vhost: &str, exchange: &str) -> Result<Vec<Hop>, BrokerError> {
        self.listed(&["exchanges", vhost, exchange, "bindings", "source"], &[]).await
    }

    async fn listed<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Vec<T>, BrokerError> {
        Ok(self.get_with(path, query).await?.unwrap_or_default())
    }
}

/// The text `"undefined"` and everything else that is no count is none.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(Value::deserialize(deserializer)?.as_u64())
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    Ok(Value::deserialize(deserializer)?.as_f64().filter(|rate| rate.is_finite() && *rate >= 0.0))
}

fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Value::deserialize(deserializer)?.as_bool().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queues_are_read_however_odd_the_answer_is() {
        let text = r#"[
            {"name":"a","type":"quorum","arguments":{"x-dead-letter-exchange":""},"policy":"p",
             "effective_policy_definition":{"max-length":5},"messages":3,"messages_ready":2,
             "messages_unacknowledged":1,"consumers":0,"exclusive":false,
             "message_stats":{"publish_details":{"rate":1.5},"deliver_get_details":{"rate":-1}}},
            {"name":"b","arguments":[],"effective_policy_definition":[],"messages":"undefined",
             "policy":null,"consumers":null,"exclusive":"undefined",
             "message_stats":{"publish_details":{"rate":"undefined"}}},
            {}]"#;
        let queues: Vec<QueueState> = serde_json::from_str(text).unwrap();
        let shown: Vec<String> = queues
            .iter()
            .map(|q| {
                let counts = (q.messages, q.messages_ready, q.messages_unacknowledged, q.consumers);
                let maps = (q.arguments.len(), q.policy_definition.len());
                format!(
                    "{} {} {} {counts:?} {maps:?} {} {}",
                    q.name,
                    q.queue_type,
                    q.policy,
                    q.rate_in(),
                    q.rate_out()
                )
            })
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @"
        a quorum p (Some(3), Some(2), Some(1), Some(0)) (1, 1) 1.5 0
        b   (None, None, None, None) (0, 0) 0 0
           (None, None, None, None) (0, 0) 0 0
        ");
    }
}
