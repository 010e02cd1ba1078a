//! The RabbitMQ node that the broker tests run against, and one virtual host for each test.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use celerysalt::broker::TlsFiles;
use celerysalt::broker::amqp::{AmqpTarget, ConnectOptions, Connector};

/// `host:port` of the AMQP listener.
pub fn address() -> String {
    std::env::var("CELERYSALT_TEST_BROKER").expect("CELERYSALT_TEST_BROKER=host:port")
}

/// Runs `rabbitmqctl` on the node and fails the test when it fails.
pub fn ctl(arguments: &[&str]) -> String {
    let program = std::env::var("CELERYSALT_TEST_RABBITMQCTL").expect("path of rabbitmqctl");
    let output = Command::new(program).arg("-q").args(arguments).output().expect("rabbitmqctl");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "rabbitmqctl {arguments:?}: {text}");
    text
}

/// A virtual host with a user of its own, removed again at the end.
pub struct Vhost {
    pub name: String,
}

impl Vhost {
    pub fn new(test: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{test}-{}-{number}", std::process::id());
        ctl(&["add_vhost", &name]);
        ctl(&["add_user", &name, "secret"]);
        let vhost = Self { name };
        vhost.allow(".*", ".*", ".*");
        vhost
    }

    pub fn allow(&self, configure: &str, write: &str, read: &str) {
        ctl(&["set_permissions", "-p", &self.name, &self.name, configure, write, read]);
    }

    pub fn url(&self) -> String {
        format!("amqp://{0}:secret@{1}/{0}", self.name, address())
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
        ctl(&["delete_vhost", &self.name]);
        ctl(&["delete_user", &self.name]);
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
