//! One queue, and all queues with what passes through them.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::super::error::BrokerError;
use super::Management;
use crate::topology::Queue;

/// The fields of a queue that are asked for; a broker with thousands of queues sends many more.
const QUEUE_COLUMNS: &str = "name,messages_ready,messages_unacknowledged,consumers,exclusive,\
    message_stats.publish_details.rate,message_stats.deliver_get_details.rate";

/// A queue as the management API saw it last. Counts are up to five seconds old, and `None` until
/// the first were taken.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct QueueState {
    #[serde(flatten)]
    pub queue: Queue,
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

impl Management {
    /// Every queue of the virtual host, without arguments and policies.
    ///
    /// # Errors
    /// What any request can fail with.
    pub async fn queue_states(&self, vhost: &str) -> Result<Vec<QueueState>, BrokerError> {
        let query = [("columns", QUEUE_COLUMNS)];
        Ok(self.get_with(&["queues", vhost], &query).await?.unwrap_or_default())
    }

    /// One queue, with its stale counts; `None` where there is none.
    ///
    /// # Errors
    /// What any request can fail with.
    pub async fn queue(&self, vhost: &str, name: &str) -> Result<Option<Queue>, BrokerError> {
        self.get(&["queues", vhost, name]).await
    }
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    Ok(Value::deserialize(deserializer)?.as_f64().filter(|rate| rate.is_finite() && *rate >= 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queues_are_read_however_odd_the_answer_is() {
        let text = r#"[
            {"name":"a","type":"quorum","arguments":{"x-dead-letter-exchange":""},"policy":"p",
             "effective_policy_definition":{"max-length":5},"messages_ready":2,
             "messages_unacknowledged":1,"consumers":0,"exclusive":false,
             "message_stats":{"publish_details":{"rate":1.5},"deliver_get_details":{"rate":-1}}},
            {"name":"b","arguments":[],"effective_policy_definition":[],
             "messages_ready":"undefined","policy":null,"consumers":null,"exclusive":"undefined",
             "message_stats":{"publish_details":{"rate":"undefined"}}},
            {}]"#;
        let states: Vec<QueueState> = serde_json::from_str(text).unwrap();
        let shown: Vec<String> = states
            .iter()
            .map(|state| {
                let q = &state.queue;
                let counts = (q.messages_ready, q.messages_unacknowledged, q.consumers);
                let maps = (q.arguments.len(), q.policy.len());
                let names = (&q.name, &q.type_name, &q.policy_name);
                format!("{names:?} {counts:?} {maps:?} {} {}", state.rate_in(), state.rate_out())
            })
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @r#"
        ("a", "quorum", Some("p")) (Some(2), Some(1), Some(0)) (1, 1) 1.5 0
        ("b", "", None) (None, None, None) (0, 0) 0 0
        ("", "", None) (None, None, None) (0, 0) 0 0
        "#);
    }
}
