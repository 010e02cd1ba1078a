use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use super::model::{Binding, Exchange, Queue, Topology, TopologyParts};
use super::policy::Policy;
use super::tolerant;

/// What `rabbitmqctl export_definitions` and the management API's `/api/definitions` write.
#[derive(Debug, Clone, Deserialize)]
pub struct Definitions {
    #[serde(default, deserialize_with = "tolerant::list")]
    exchanges: Vec<Value>,
    #[serde(default, deserialize_with = "tolerant::list")]
    queues: Vec<Value>,
    #[serde(default, deserialize_with = "tolerant::list")]
    bindings: Vec<Value>,
    #[serde(default, deserialize_with = "tolerant::list")]
    policies: Vec<Value>,
    #[serde(default, deserialize_with = "tolerant::list")]
    vhosts: Vec<Value>,
}

#[derive(Debug, Error)]
pub enum DefinitionsError {
    #[error("it is not JSON")]
    NotJson { source: serde_json::Error },
    #[error("it is JSON, but not what a broker exports: it has no exchanges, queues or bindings")]
    NotDefinitions,
}

impl Definitions {
    /// # Errors
    /// [`DefinitionsError`]; fields that are missing or odd are none.
    pub fn parse(text: &[u8]) -> Result<Self, DefinitionsError> {
        let json: Value =
            serde_json::from_slice(text).map_err(|source| DefinitionsError::NotJson { source })?;
        let is_list = |name: &str| json.get(name).is_some_and(Value::is_array);
        if !["exchanges", "queues", "bindings"].into_iter().any(is_list) {
            return Err(DefinitionsError::NotDefinitions);
        }
        Self::deserialize(json).map_err(|source| DefinitionsError::NotJson { source })
    }

    /// The virtual hosts that occur, sorted. The export of a single one does not name it.
    pub fn vhosts(&self) -> Vec<String> {
        let named = self.vhosts.iter().filter_map(|vhost| vhost.get("name"));
        let lists = [&self.exchanges, &self.queues, &self.bindings];
        let used = lists.into_iter().flatten().filter_map(|item| item.get("vhost"));
        let names: BTreeSet<&str> = named.chain(used).filter_map(Value::as_str).collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// Those that have an exchange of this name.
    pub fn vhosts_with(&self, exchange: &str) -> Vec<String> {
        let has = |vhost: &String| {
            let mut here = self.exchanges.iter().filter(|item| is_in(item, vhost));
            here.any(|item| item.get("name").and_then(Value::as_str) == Some(exchange))
        };
        self.vhosts().into_iter().filter(has).collect()
    }

    /// One virtual host. Exclusive queues, consumers and message counts are not in such a file.
    pub fn topology(&self, vhost: &str) -> Topology {
        let parts = TopologyParts {
            exchanges: items::<Exchange>(&self.exchanges, vhost),
            queues: items::<Queue>(&self.queues, vhost),
            bindings: items::<Binding>(&self.bindings, vhost),
            policies: items::<Policy>(&self.policies, vhost),
            consumers: Vec::new(),
        };
        Topology::new(vhost, parts)
    }
}

fn is_in(item: &Value, vhost: &str) -> bool {
    item.get("vhost").is_none_or(|own| own.as_str() == Some(vhost))
}

/// What cannot be read at all (a number in place of an object) is no item.
fn items<T: for<'de> Deserialize<'de>>(list: &[Value], vhost: &str) -> Vec<T> {
    let here = list.iter().filter(|item| is_in(item, vhost));
    here.filter_map(|item| T::deserialize(item).ok()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_virtual_host_is_read_out_of_many() {
        let text = br#"{"vhosts":[{"name":"/"},{"name":"b"}],
          "exchanges":[{"name":"e","vhost":"/","type":"topic","durable":true,"arguments":{}},
                       {"name":"e","vhost":"b","type":"x-delayed-message",
                        "arguments":{"x-delayed-type":"topic"}}],
          "queues":[{"name":"q","vhost":"/","arguments":[]}, 7, {"name":null,"vhost":"b"}],
          "bindings":[{"source":"e","vhost":"/","destination":"q","destination_type":"queue",
                       "routing_key":"a.#"}],
          "policies":[{"vhost":"/","name":"low","pattern":"^e$","apply-to":"exchanges",
                       "definition":{"alternate-exchange":"x"},"priority":0},
                      {"vhost":"/","name":"high","pattern":"^.$","apply-to":"all",
                       "definition":{"alternate-exchange":"y","max-length":9},"priority":"undefined"}]}"#;
        let definitions = Definitions::parse(text).unwrap();
        assert_eq!(definitions.vhosts(), ["/", "b"]);
        assert_eq!(definitions.vhosts_with("e"), ["/", "b"]);
        let topology = definitions.topology("/");
        assert_eq!(topology.exchanges.len(), 7);
        assert_eq!(topology.exchange("e").unwrap().alternate.as_deref(), Some("y"));
        assert_eq!(topology.queue("q").unwrap().setting("max-length").unwrap(), 9);
        assert_eq!(topology.queue("q").unwrap().consumers, None);
        assert_eq!(topology.bindings[0].queue(), Some("q"));
        let other = definitions.topology("b");
        assert_eq!(other.exchange("e").unwrap().kind, super::super::ExchangeKind::Topic);
        assert_eq!(other.exchange("e").unwrap().type_name, "x-delayed-message");
    }

    #[test]
    fn other_files_are_refused() {
        assert!(matches!(Definitions::parse(b"["), Err(DefinitionsError::NotJson { .. })));
        assert!(matches!(Definitions::parse(b"{}"), Err(DefinitionsError::NotDefinitions)));
        assert!(matches!(Definitions::parse(b"[1]"), Err(DefinitionsError::NotDefinitions)));
        let text = br#"{"queues":[],"bindings":7}"#;
        assert!(Definitions::parse(text).unwrap().topology("/").bindings.is_empty());
    }

    proptest! {
        #[test]
        fn no_field_is_trusted_to_have_its_type(
            field in prop::sample::select(vec!["name", "type", "durable", "arguments", "vhost",
                "source", "destination", "destination_type", "routing_key", "messages_ready",
                "consumers", "pattern", "priority", "definition", "effective_policy_definition"]),
            value in prop::sample::select(vec!["null", "\"undefined\"", "7", "-1", "1.5", "[]",
                "{}", "true", "\"\"", "{\"alternate-exchange\":[]}"]),
        ) {
            let item = format!("{{\"name\":\"x\",\"{field}\":{value}}}");
            let text = format!("{{\"exchanges\":[{item}],\"queues\":[{item}],\"bindings\":[{item}],\
                \"policies\":[{item}]}}").replace("\"name\":\"x\",\"name\"", "\"name\"");
            let topology = Definitions::parse(text.as_bytes()).unwrap().topology("/");
            prop_assert!(topology.exchanges.len() >= 6);
        }
    }
}
