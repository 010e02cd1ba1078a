use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::policy::{Policies, Policy, Target};
use super::tolerant;

/// The exchanges every virtual host has, which definitions files leave out.
const PREDECLARED: [(&str, ExchangeKind); 6] = [
    ("", ExchangeKind::Direct),
    ("amq.direct", ExchangeKind::Direct),
    ("amq.fanout", ExchangeKind::Fanout),
    ("amq.headers", ExchangeKind::Headers),
    ("amq.match", ExchangeKind::Headers),
    ("amq.topic", ExchangeKind::Topic),
];

/// One virtual host: what messages can reach, and how.
#[derive(Debug, Clone, Default)]
pub struct Topology {
    pub vhost: String,
    /// By name, the predeclared ones included.
    pub exchanges: Vec<Exchange>,
    /// By name.
    pub queues: Vec<Queue>,
    /// Without the implicit bindings of the default exchange.
    pub bindings: Vec<Binding>,
    /// Empty where nobody could tell.
    pub consumers: Vec<Consumer>,
}

/// The lists a topology is made of, as they were read.
#[derive(Debug, Clone, Default)]
pub struct TopologyParts {
    pub exchanges: Vec<Exchange>,
    pub queues: Vec<Queue>,
    pub bindings: Vec<Binding>,
    pub consumers: Vec<Consumer>,
    pub policies: Vec<Policy>,
}

/// How an exchange chooses among its bindings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExchangeKind {
    Topic,
    Direct,
    Fanout,
    Headers,
    /// A plugin's; who receives a message is not known from outside.
    Other,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "RawExchange")]
pub struct Exchange {
    /// Empty for the default exchange.
    pub name: String,
    /// What it routes like: the inner type of a delayed-message exchange.
    pub kind: ExchangeKind,
    /// The type as the broker names it.
    pub type_name: String,
    pub durable: bool,
    pub auto_delete: bool,
    pub internal: bool,
    pub arguments: Map<String, Value>,
    /// Where a message goes that reaches nobody here.
    pub alternate: Option<String>,
    /// The name of the policy that counts, where the broker told it.
    pub(super) policy: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct Queue {
    #[serde(default, deserialize_with = "tolerant::text")]
    pub name: String,
    /// `classic`, `quorum` or `stream`; empty where nobody could tell.
    #[serde(default, rename = "type", deserialize_with = "tolerant::text")]
    pub type_name: String,
    #[serde(default, deserialize_with = "tolerant::flag")]
    pub durable: bool,
    #[serde(default, deserialize_with = "tolerant::flag")]
    pub auto_delete: bool,
    #[serde(default, deserialize_with = "tolerant::flag")]
    pub exclusive: bool,
    #[serde(default, deserialize_with = "tolerant::object")]
    pub arguments: Map<String, Value>,
    /// The name of the policy that counts, where there is one.
    #[serde(default, rename = "policy", deserialize_with = "tolerant::known_text")]
    pub policy_name: Option<String>,
    /// What policies add to the arguments.
    #[serde(default, rename = "effective_policy_definition")]
    #[serde(deserialize_with = "tolerant::object")]
    pub policy: Map<String, Value>,
    /// The policy that counts; `None` where there is none, or nobody could tell.
    #[serde(skip)]
    pub policy_in_force: Option<PolicyInForce>,
    /// `None` where nobody could tell; so the two below.
    #[serde(default, deserialize_with = "tolerant::number")]
    pub consumers: Option<u64>,
    #[serde(default, deserialize_with = "tolerant::number")]
    pub messages_ready: Option<u64>,
    #[serde(default, deserialize_with = "tolerant::number")]
    pub messages_unacknowledged: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyInForce {
    pub name: String,
    pub priority: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Destination<'a> {
    Queue(&'a str),
    Exchange(&'a str),
}

#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct Binding {
    /// The exchange; empty for the default one.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub source: String,
    #[serde(default, deserialize_with = "tolerant::text")]
    destination: String,
    #[serde(default, deserialize_with = "tolerant::text")]
    destination_type: String,
    #[serde(default, deserialize_with = "tolerant::text")]
    pub routing_key: String,
    #[serde(default, deserialize_with = "tolerant::object")]
    pub arguments: Map<String, Value>,
    /// The name of the binding among those of the same two ends, in the management API.
    #[serde(default, deserialize_with = "tolerant::known_text")]
    pub properties_key: Option<String>,
}

/// Somebody who reads from a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consumer {
    pub queue: String,
    /// The broker's name of the connection, `127.0.0.1:50012 -> 127.0.0.1:5672`; empty while its
    /// statistics do not tell.
    pub connection: String,
}

#[derive(Deserialize)]
struct RawExchange {
    #[serde(default, deserialize_with = "tolerant::text")]
    name: String,
    #[serde(default, rename = "type", deserialize_with = "tolerant::text")]
    type_name: String,
    #[serde(default, deserialize_with = "tolerant::flag")]
    durable: bool,
    #[serde(default, deserialize_with = "tolerant::flag")]
    auto_delete: bool,
    #[serde(default, deserialize_with = "tolerant::flag")]
    internal: bool,
    #[serde(default, deserialize_with = "tolerant::object")]
    arguments: Map<String, Value>,
    #[serde(default, deserialize_with = "tolerant::known_text")]
    policy: Option<String>,
}

impl From<RawExchange> for Exchange {
    fn from(raw: RawExchange) -> Self {
        let argument = |name: &str| raw.arguments.get(name).and_then(Value::as_str);
        let kind = match raw.type_name.as_str() {
            "x-delayed-message" => ExchangeKind::named(argument("x-delayed-type").unwrap_or("")),
            name => ExchangeKind::named(name),
        };
        Self {
            kind,
            alternate: argument("alternate-exchange").map(str::to_owned),
            name: raw.name,
            type_name: raw.type_name,
            durable: raw.durable,
            auto_delete: raw.auto_delete,
            internal: raw.internal,
            arguments: raw.arguments,
            policy: raw.policy,
        }
    }
}

impl ExchangeKind {
    fn named(name: &str) -> Self {
        match name {
            "topic" => Self::Topic,
            "direct" => Self::Direct,
            "fanout" => Self::Fanout,
            "headers" => Self::Headers,
            _ => Self::Other,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Topic => "topic",
            Self::Direct => "direct",
            Self::Fanout => "fanout",
            Self::Headers => "headers",
            Self::Other => "",
        }
    }
}

impl Exchange {
    /// A durable exchange without arguments.
    pub fn new(name: &str, kind: ExchangeKind) -> Self {
        Self {
            name: name.to_owned(),
            type_name: kind.name().to_owned(),
            kind,
            durable: true,
            auto_delete: false,
            internal: false,
            arguments: Map::new(),
            alternate: None,
            policy: None,
        }
    }
}

impl Queue {
    /// A setting of the queue: its argument, or what a policy gives (`dead-letter-exchange` for
    /// the argument `x-dead-letter-exchange`).
    pub fn setting(&self, name: &str) -> Option<&Value> {
        self.arguments.get(&format!("x-{name}")).or_else(|| self.policy.get(name))
    }
}

impl Binding {
    pub fn to_queue(source: &str, queue: &str, routing_key: &str) -> Self {
        Self {
            source: source.to_owned(),
            destination: queue.to_owned(),
            destination_type: "queue".to_owned(),
            routing_key: routing_key.to_owned(),
            ..Self::default()
        }
    }

    pub fn to_exchange(source: &str, exchange: &str, routing_key: &str) -> Self {
        let destination_type = "exchange".to_owned();
        Self { destination_type, ..Self::to_queue(source, exchange, routing_key) }
    }

    pub fn destination(&self) -> Destination<'_> {
        match self.destination_type.as_str() {
            "exchange" => Destination::Exchange(&self.destination),
            _ => Destination::Queue(&self.destination),
        }
    }

    /// The queue it leads to, if it is one.
    pub fn queue(&self) -> Option<&str> {
        match self.destination() {
            Destination::Queue(queue) => Some(queue),
            Destination::Exchange(_) => None,
        }
    }
}

impl Topology {
    /// Sorts the lists, adds the exchanges that always exist, and lets policies speak.
    pub fn new(vhost: &str, parts: TopologyParts) -> Self {
        let TopologyParts { mut exchanges, mut queues, mut bindings, consumers, policies } = parts;
        for (name, kind) in PREDECLARED {
            if !exchanges.iter().any(|exchange| exchange.name == name) {
                exchanges.push(Exchange::new(name, kind));
            }
        }
        let policies = Policies::new(&policies);
        for exchange in &mut exchanges {
            if exchange.alternate.is_none() {
                exchange.alternate = policy_alternate(exchange, &policies);
            }
        }
        for queue in &mut queues {
            let Some(policy) = policies.effective(&queue.name, Target::Queue) else { continue };
            let (name, priority) = (policy.name.clone(), policy.priority);
            queue.policy_in_force = Some(PolicyInForce { name, priority });
            if queue.policy.is_empty() {
                queue.policy = policy.definition.clone();
                queue.policy_name = Some(policy.name.clone());
            }
        }
        exchanges.sort_by(|a, b| a.name.cmp(&b.name));
        queues.sort_by(|a, b| a.name.cmp(&b.name));
        bindings.retain(|binding| !binding.source.is_empty());
        Self { vhost: vhost.to_owned(), exchanges, queues, bindings, consumers }
    }

    pub fn exchange(&self, name: &str) -> Option<&Exchange> {
        let found = self.exchanges.binary_search_by(|exchange| exchange.name.as_str().cmp(name));
        self.exchanges.get(found.ok()?)
    }

    pub fn queue(&self, name: &str) -> Option<&Queue> {
        let found = self.queues.binary_search_by(|queue| queue.name.as_str().cmp(name));
        self.queues.get(found.ok()?)
    }

    /// The bindings of every queue, by its name.
    pub fn bindings_by_queue(&self) -> HashMap<&str, Vec<&Binding>> {
        let mut found: HashMap<&str, Vec<&Binding>> = HashMap::new();
        for binding in &self.bindings {
            if let Some(queue) = binding.queue() {
                found.entry(queue).or_default().push(binding);
            }
        }
        found
    }
}

fn policy_alternate(exchange: &Exchange, policies: &Policies<'_>) -> Option<String> {
    let policy = match &exchange.policy {
        Some(name) => policies.named(name),
        None => policies.effective(&exchange.name, Target::Exchange),
    };
    policy?.definition.get("alternate-exchange")?.as_str().map(str::to_owned)
}
