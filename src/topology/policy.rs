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

/// The policies of a virtual host, ready to be asked for thousands of names.
pub(super) struct Policies<'a>(Vec<(&'a Policy, Regex)>);

impl<'a> Policies<'a> {
    /// A policy whose pattern is no regular expression applies to nothing.
    pub fn new(policies: &'a [Policy]) -> Self {
        let ready = |policy: &'a Policy| Some((policy, Regex::new(&policy.pattern).ok()?));
        Self(policies.iter().filter_map(ready).collect())
    }

    pub fn named(&self, name: &str) -> Option<&'a Policy> {
        self.0.iter().map(|(policy, _)| *policy).find(|policy| policy.name == name)
    }

    /// The policy that counts for a name: of those whose pattern is found in it, the one with the
    /// highest priority. Policies are never merged.
    pub fn effective(&self, name: &str, target: Target) -> Option<&'a Policy> {
        let concerned = self.0.iter().filter(|(policy, _)| policy.applies_to(target));
        let matching = concerned.filter(|(_, pattern)| pattern.is_match(name));
        matching.map(|(policy, _)| *policy).max_by_key(|policy| policy.priority)
    }
}

/// A regular expression for exactly this name, as policies and permissions want it.
pub fn exactly(name: &str) -> String {
    let special = |c: char| r"\^$.|?*+()[]{}".contains(c);
    let escaped = name.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c]));
    format!("^{}$", escaped.collect::<String>())
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
