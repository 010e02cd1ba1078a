//! A repair as a command for the shell: the management API by `curl`, which every version of
//! RabbitMQ understands.

use serde_json::{Value, json};

use crate::broker::percent_encoded;
use crate::shell::quoted;
use crate::topology::audit::{PolicyRepair, Repair, name_of_policy};
use crate::topology::{Topology, exactly};

/// Where the commands take the login from, so that no password is ever printed.
pub const LOGIN_VARIABLE: &str = "RABBITMQ_LOGIN";

/// Writes commands for one virtual host of one broker.
#[derive(Debug, Clone)]
pub struct Shell<'a> {
    /// The management API without credentials; a placeholder where it is not known.
    base: String,
    vhost: &'a str,
}

impl<'a> Shell<'a> {
    pub fn new(topology: &'a Topology, management: Option<String>) -> Self {
        let base = management.unwrap_or_else(|| "http://HOST:15672".to_owned());
        Self { base, vhost: &topology.vhost }
    }

    pub fn command(&self, repair: &Repair) -> String {
        match repair {
            Repair::AddBinding { exchange, queue, routing_key } => {
                let url = self.url(&["bindings", self.vhost, "e", exchange, "q", queue]);
                let body = json!({"routing_key": routing_key, "arguments": {}});
                curl("POST", &url, Some(&body))
            }
            Repair::RemoveBinding { exchange, queue, properties_key } => {
                let path = ["bindings", self.vhost, "e", exchange, "q", queue, properties_key];
                curl("DELETE", &self.url(&path), None)
            }
            Repair::DeleteQueue { queue } => {
                let url = self.url(&["queues", self.vhost, queue]);
                curl("DELETE", &format!("{url}?if-empty=true&if-unused=true"), None)
            }
            Repair::DeleteExchange { exchange } => {
                curl("DELETE", &self.url(&["exchanges", self.vhost, exchange]), None)
            }
            Repair::SetPolicy(policy) => self.policy(policy),
        }
    }

    fn policy(&self, repair: &PolicyRepair) -> String {
        let PolicyRepair { queue, definition, priority, dead_letter_queue } = repair;
        let url = self.url(&["policies", self.vhost, &name_of_policy(queue)]);
        let body = json!({
            "pattern": exactly(queue),
            "apply-to": "queues",
            "priority": priority,
            "definition": definition,
        });
        let set = curl("PUT", &url, Some(&body));
        let Some(dead) = dead_letter_queue else { return set };
        let url = self.url(&["queues", self.vhost, &dead.name]);
        let body = json!({"durable": true, "arguments": {"x-max-length": dead.max_length}});
        format!("{} && {set}", curl("PUT", &url, Some(&body)))
    }

    fn url(&self, path: &[&str]) -> String {
        let path: Vec<String> = path.iter().map(|segment| percent_encoded(segment)).collect();
        format!("{}/api/{}", self.base, path.join("/"))
    }
}

fn curl(method: &str, url: &str, body: Option<&Value>) -> String {
    let body = body.map(|body| {
        format!(" -H 'content-type: application/json' -d {}", quoted(&body.to_string()))
    });
    let (body, url) = (body.unwrap_or_default(), quoted(url));
    format!("curl -fsS -u \"${LOGIN_VARIABLE}\" -X {method}{body} {url}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::audit::DeadLetterQueue;

    #[test]
    fn names_are_quoted_for_the_shell_the_url_and_the_pattern() {
        let topology = Topology { vhost: "/".to_owned(), ..Topology::default() };
        let shell = Shell::new(&topology, Some("http://h:15672".to_owned()));
        let remove = Repair::RemoveBinding {
            exchange: "tchu_events".into(),
            queue: "it's".into(),
            properties_key: "user.%23".into(),
        };
        let definition = json!({"max-length": 100_000, "dead-letter-routing-key": "a.b.dead"});
        let limit = Repair::SetPolicy(PolicyRepair {
            queue: "a.b".into(),
            definition: definition.as_object().unwrap().clone(),
            priority: 1,
            dead_letter_queue: Some(DeadLetterQueue { name: "a.b.dead".into(), max_length: 9 }),
        });
        let delete = Repair::DeleteQueue { queue: "old queue".into() };
        let shown = [remove, limit, delete].map(|repair| shell.command(&repair)).join("\n");
        insta::assert_snapshot!(shown);
    }
}
