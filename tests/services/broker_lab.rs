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
