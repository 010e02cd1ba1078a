//! Sandboxes and a test's own place in one.

use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use celerysalt::sandbox::{Endpoints, Sandbox, SandboxOptions, TlsChoice};
use serde_json::{Value, json};

use super::{Celerysalt, Management};

/// The `celerysalt` binary under test.
pub const CELERYSALT: &str = env!("CARGO_BIN_EXE_celerysalt");

const EXCHANGE: &str = "tchu_events";

static NEXT: AtomicU16 = AtomicU16::new(1);

/// The sandbox of all tests that do not hurt it.
pub fn shared_sandbox() -> &'static Sandbox {
    static SHARED: OnceLock<Sandbox> = OnceLock::new();
    SHARED.get_or_init(own_sandbox)
}

/// A sandbox for a test that stops servers. It ends when it is dropped.
pub fn own_sandbox() -> Sandbox {
    let mut options = SandboxOptions::new(CELERYSALT);
    options.tls = TlsChoice::PlainAndTls;
    Sandbox::start(&options).unwrap_or_else(|error| panic!("{error}: {error:?}\nrun `make setup`"))
}

/// A virtual host with the event exchange, and a Redis database, for one test.
pub struct Space {
    pub vhost: String,
    pub management: Management,
    endpoints: Endpoints,
    redis_database: u16,
    sandbox_mark: Command,
}

impl Space {
    /// In the shared sandbox.
    pub fn new() -> Self {
        Self::within(shared_sandbox())
    }

    pub fn within(sandbox: &Sandbox) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        assert!(number < 256, "the sandbox's Redis has 256 databases");
        let mut sandbox_mark = Command::new("true");
        sandbox.adopt(&mut sandbox_mark);
        let space = Self {
            vhost: format!("test-{number}"),
            management: Management::of(sandbox.endpoints()),
            endpoints: sandbox.endpoints().clone(),
            redis_database: number,
            sandbox_mark,
        };
        space.management.put(&format!("vhosts/{}", space.vhost), &json!({}));
        space.management.put(
            &format!("permissions/{}/sandbox", space.vhost),
            &json!({"configure": ".*", "write": ".*", "read": ".*"}),
        );
        let exchange = format!("exchanges/{}/{EXCHANGE}", space.vhost);
        space.management.put(&exchange, &json!({"type": "topic", "durable": true}));
        space
    }

    pub fn broker_url(&self) -> String {
        self.endpoints.vhost_url(&self.vhost).expose().to_owned()
    }

    pub fn management_url(&self) -> String {
        self.endpoints.management_url().expose().to_owned()
    }

    pub fn backend_url(&self) -> String {
        let url = self.endpoints.redis_url().expect("the sandbox has Redis");
        let server = url.expose().strip_suffix("/0").expect("the URL of database 0");
        format!("{server}/{}", self.redis_database)
    }

    /// The number of the space's database, by which its connections are known.
    pub fn redis_database(&self) -> u16 {
        self.redis_database
    }

    /// `celerysalt` with a sealed environment that points at this space.
    pub fn celerysalt(&self, arguments: &[&str]) -> Celerysalt {
        let mut celerysalt = Celerysalt::sealed(arguments)
            .env("CELERYSALT_BROKER_URL", self.broker_url())
            .env("CELERYSALT_BACKEND_URL", self.backend_url())
            .env("CELERYSALT_MANAGEMENT_URL", self.management_url());
        for (name, value) in self.mark() {
            celerysalt = celerysalt.env(&name, value);
        }
        celerysalt
    }

    /// The variable by which a process is killed with the sandbox.
    pub fn mark(&self) -> Vec<(String, String)> {
        let text = |text: &std::ffi::OsStr| text.to_string_lossy().into_owned();
        self.sandbox_mark
            .get_envs()
            .filter_map(|(name, value)| Some((text(name), text(value?))))
            .collect()
    }

    /// A queue's state as the management API sees it; `None` while there is no such queue.
    pub fn queue(&self, name: &str) -> Option<Value> {
        self.management.find(&format!("queues/{}/{name}", self.vhost))
    }

    /// The routing keys by which the exchange delivers to a queue, sorted.
    pub fn bindings(&self, queue: &str) -> Vec<String> {
        let path = format!("bindings/{}/e/{EXCHANGE}/q/{queue}", self.vhost);
        let Some(bindings) = self.management.find(&path) else { return Vec::new() };
        let mut keys: Vec<String> = bindings
            .as_array()
            .unwrap_or_else(|| panic!("GET {path}: {bindings}"))
            .iter()
            .map(|binding| binding["routing_key"].as_str().unwrap().to_owned())
            .collect();
        keys.sort();
        keys
    }

    /// Declares a durable queue bound to the exchange with each of the keys.
    pub fn declare_queue(&self, name: &str, routing_keys: &[&str]) {
        let (vhost, management) = (&self.vhost, &self.management);
        management.put(&format!("queues/{vhost}/{name}"), &json!({"durable": true}));
        for key in routing_keys {
            let path = format!("bindings/{vhost}/e/{EXCHANGE}/q/{name}");
            management.post(&path, &json!({"routing_key": key}));
        }
    }

    /// Removes what is in a queue at this moment, at most ten messages. The counts of [`Self::queue`]
    /// are seconds old; this is not.
    pub fn take(&self, queue: &str) -> Value {
        self.management.post(
            &format!("queues/{}/{queue}/get", self.vhost),
            &json!({"count": 10, "ackmode": "ack_requeue_false", "encoding": "auto"}),
        )
    }

    /// Publishes any bytes with any properties; says whether a queue took them.
    pub fn publish(&self, routing_key: &str, properties: &Value, body: &[u8]) -> bool {
        let answer = self.management.post(
            &format!("exchanges/{}/{EXCHANGE}/publish", self.vhost),
            &json!({
                "routing_key": routing_key,
                "properties": properties,
                "payload": BASE64_STANDARD.encode(body),
                "payload_encoding": "base64",
            }),
        );
        answer["routed"] == true
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        // Queues that nobody needs any more would keep the broker busy.
        self.management.try_delete(&format!("vhosts/{}", self.vhost));
    }
}
