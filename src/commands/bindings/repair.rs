//! A repair as a command for the shell: the management API by `curl`, which every version of
//! RabbitMQ understands.

use crate::topology::Topology;
use crate::topology::audit::Repair;

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
                let path = ["bindings", self.vhost, "e", exchange, "q", queue];
                let body = serde_json::json!({"routing_key": routing_key, "arguments": {}});
                self.curl("POST", &path, "", Some(&body))
            }
            Repair::RemoveBinding { exchange, queue, properties_key } => {
                let path = ["bindings", self.vhost, "e", exchange, "q", queue, properties_key];
                self.curl("DELETE", &path, "", None)
            }
            Repair::DeleteQueue { queue } => {
                let query = "?if-empty=true&if-unused=true";
                self.curl("DELETE", &["queues", self.vhost, queue], query, None)
            }
            Repair::DeleteExchange { exchange } => {
                self.curl("DELETE", &["exchanges", self.vhost, exchange], "", None)
            }
            Repair::SetPolicy { queue, setting, value } => {
                let name = format!("{queue}-{setting}");
                let body = serde_json::json!({
                    "pattern": format!("^{}$", literal(queue)),
                    "apply-to": "queues",
                    "definition": {*setting: value},
                });
                self.curl("PUT", &["policies", self.vhost, &name], "", Some(&body))
            }
        }
    }

    fn curl(
        &self,
        method: &str,
        path: &[&str],
        query: &str,
        body: Option<&serde_json::Value>,
    ) -> String {
        let path: Vec<String> = path.iter().map(|segment| encoded(segment)).collect();
        let url = quoted(&format!("{}/api/{}{query}", self.base, path.join("/")));
        let body = body.map(|body| {
            format!(" -H 'content-type: application/json' -d {}", quoted(&body.to_string()))
        });
        let body = body.unwrap_or_default();
        format!("curl -fsS -u \"${LOGIN_VARIABLE}\" -X {method}{body} {url}")
    }
}

/// One segment of a path.
fn encoded(segment: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let write = |byte: u8| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    segment.bytes().map(write).collect()
}

/// A regular expression for exactly this text.
fn literal(text: &str) -> String {
    let special = |c: char| r"\^$.|?*+()[]{}".contains(c);
    text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

/// One word of a shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_for_the_shell_the_url_and_the_pattern() {
        let topology = Topology { vhost: "/".to_owned(), ..Topology::default() };
        let shell = Shell::new(&topology, Some("http://h:15672".to_owned()));
        let remove = Repair::RemoveBinding {
            exchange: "tchu_events".into(),
            queue: "it's".into(),
            properties_key: "user.%23".into(),
        };
        let limit =
            Repair::SetPolicy { queue: "a.b".into(), setting: "max-length", value: 100_000 };
        let delete = Repair::DeleteQueue { queue: "old queue".into() };
        let shown = [remove, limit, delete].map(|repair| shell.command(&repair)).join("\n");
        insta::assert_snapshot!(shown);
    }
}
