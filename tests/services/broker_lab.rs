//! A virtual host and a user of its own for each broker test, on the sandbox's node.

use std::time::Duration;

use celerysalt::broker::TlsFiles;
use celerysalt::broker::amqp::{AmqpTarget, ConnectOptions, Connector};
use celerysalt::sandbox::{Sandbox, TlsEndpoint};
use serde_json::json;
use uuid::Uuid;

use crate::harness::{Management, own_sandbox, shared_sandbox};

/// `host:port` of the AMQP listener.
pub fn address() -> String {
    address_of(shared_sandbox())
}

fn address_of(sandbox: &Sandbox) -> String {
    format!("127.0.0.1:{}", sandbox.endpoints().amqp_port)
}

/// Runs `rabbitmqctl` on the node of all tests and fails the test when it fails.
pub fn ctl(arguments: &[&str]) -> String {
    ctl_on(shared_sandbox(), arguments)
}

fn ctl_on(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let quiet = [&["-q"], arguments].concat();
    sandbox.rabbitmqctl(&quiet).unwrap_or_else(|error| panic!("{error}: {error:?}"))
}

/// The TLS listener and the files a client needs.
pub fn tls() -> &'static TlsEndpoint {
    shared_sandbox().endpoints().tls.as_ref().unwrap()
}

/// A virtual host with a user of its own, removed again at the end.
pub struct Vhost {
    pub name: String,
    sandbox: &'static Sandbox,
}

impl Vhost {
    pub fn new(test: &str) -> Self {
        Self::within(shared_sandbox(), test)
    }

    /// On a node that no other test uses. It ends with the process.
    pub fn on_own_node(test: &str) -> Self {
        Self::within(Box::leak(Box::new(own_sandbox())), test)
    }

    fn within(sandbox: &'static Sandbox, test: &str) -> Self {
        let vhost = Self { name: format!("broker-{test}-{}", Uuid::new_v4().simple()), sandbox };
        let (name, management) = (&vhost.name, vhost.management());
        management.put(&format!("vhosts/{name}"), &json!({}));
        management.put(&format!("users/{name}"), &json!({"password": "secret", "tags": ""}));
        vhost.allow(".*", ".*", ".*");
        vhost
    }

    pub fn allow(&self, configure: &str, write: &str, read: &str) {
        self.management().put(
            &format!("permissions/{0}/{0}", self.name),
            &json!({"configure": configure, "write": write, "read": read}),
        );
    }

    fn management(&self) -> Management {
        Management::of(self.sandbox.endpoints())
    }

    /// Runs `rabbitmqctl` on the node.
    pub fn ctl(&self, arguments: &[&str]) -> String {
        ctl_on(self.sandbox, arguments)
    }

    pub fn url(&self) -> String {
        format!("amqp://{0}:secret@{1}/{0}", self.name, address_of(self.sandbox))
    }

    pub fn connector(&self) -> Connector {
        connector(&self.url())
    }

    pub fn queues(&self) -> Vec<String> {
        ctl(&["list_queues", "-p", &self.name, "--no-table-headers", "name"])
            .lines()
            .map(str::to_owned)
            .collect()
    }
}

impl Drop for Vhost {
    fn drop(&mut self) {
        // A second panic would end the whole run; the sandbox goes away at its end in any case.
        if std::thread::panicking() {
            return;
        }
        self.management().try_delete(&format!("vhosts/{}", self.name));
        self.management().try_delete(&format!("users/{}", self.name));
    }
}

pub fn connector(url: &str) -> Connector {
    connector_with(url, TlsFiles::default())
}

pub fn connector_with(url: &str, tls: TlsFiles) -> Connector {
    let options = ConnectOptions {
        tls,
        deadline: Some(Duration::from_secs(3)),
        connection_name: "celerysalt test".to_owned(),
        ..ConnectOptions::default()
    };
    Connector::new(AmqpTarget::parse(url).unwrap(), options)
}

impl Vhost {
    /// A plain client with all rights, playing the services around us.
    pub async fn service(&self) -> (lapin::Connection, lapin::Channel) {
        let properties = lapin::ConnectionProperties::default();
        let connection = lapin::Connection::connect(&self.url(), properties).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        (connection, channel)
    }

    /// Declares the topic exchange `events` and the durable queues, each bound by its patterns.
    pub async fn with_queues(&self, queues: &[(&str, &[&str])]) {
        let (connection, channel) = self.service().await;
        let table = lapin::types::FieldTable::default;
        let durable =
            lapin::options::ExchangeDeclareOptions { durable: true, ..Default::default() };
        channel
            .exchange_declare("events".into(), lapin::ExchangeKind::Topic, durable, table())
            .await
            .unwrap();
        for (queue, patterns) in queues {
            let durable =
                lapin::options::QueueDeclareOptions { durable: true, ..Default::default() };
            channel.queue_declare((*queue).into(), durable, table()).await.unwrap();
            for pattern in *patterns {
                let options = lapin::options::QueueBindOptions::default();
                channel
                    .queue_bind(
                        (*queue).into(),
                        "events".into(),
                        (*pattern).into(),
                        options,
                        table(),
                    )
                    .await
                    .unwrap();
            }
        }
        connection.close(200, "done".into()).await.unwrap();
    }

    /// How many messages stand in the queue.
    pub async fn depth(&self, queue: &str) -> u32 {
        let (connection, channel) = self.service().await;
        let passive = lapin::options::QueueDeclareOptions { passive: true, ..Default::default() };
        let table = lapin::types::FieldTable::default();
        let found = channel.queue_declare(queue.into(), passive, table).await.unwrap();
        connection.close(200, "done".into()).await.unwrap();
        found.message_count()
    }
}

/// A message with a body and nothing else.
pub fn message(routing_key: &str, body: impl Into<Vec<u8>>) -> celerysalt::wire::Outgoing {
    celerysalt::wire::Outgoing {
        routing_key: routing_key.to_owned(),
        properties: celerysalt::wire::OutgoingProperties::default(),
        headers: Vec::new(),
        body: body.into(),
    }
}

/// Polls until `condition` holds; fails the test after ten seconds.
pub async fn eventually<F: Future<Output = bool>>(what: &str, condition: impl Fn() -> F) {
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    while !condition().await {
        assert!(std::time::Instant::now() < deadline, "{what} did not happen within 10 s");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
