use regex_lite::Regex;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::tolerant;

/// A rule of the broker that gives settings to queues and exchanges by their names.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Policy {
    #[serde(default, deserialize_with = "tolerant::text")]
    pub name: String,
    #[serde(default, deserialize_with = "tolerant::text")]
    pattern: String,
    #[serde(default, rename = "apply-to", deserialize_with = "tolerant::text")]
    apply_to: String,
    #[serde(default, deserialize_with = "tolerant::signed")]
    pub priority: i64,
    #[serde(default, deserialize_with = "tolerant::object")]
    pub definition: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Queue,
    Exchange,
}

/// The policy that counts for a name: of those whose pattern is found in it, the one with the
/// highest priority. Policies are never merged.
pub(super) fn effective<'a>(
    policies: &'a [Policy],
    name: &str,
    target: Target,
) -> Option<&'a Policy> {
    let concerned = policies.iter().filter(|policy| policy.applies_to(target));
    let matching = concerned
        .filter(|policy| Regex::new(&policy.pattern).is_ok_and(|pattern| pattern.is_match(name)));
    matching.max_by_key(|policy| policy.priority)
}

impl Policy {
    fn applies_to(&self, target: Target) -> bool {
        match self.apply_to.as_str() {
            "" | "all" => true,
            "exchanges" => target == Target::Exchange,
            // classic_queues, quorum_queues and streams are told apart since RabbitMQ 3.12 only.
            _ => target == Target::Queue,
        }
    }
}
