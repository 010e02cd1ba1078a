use std::path::PathBuf;

use crate::secret::Secret;

/// Everything that decides which servers a command talks to.
#[derive(Debug, Clone)]
pub struct Settings {
    pub profile: Option<Setting<String>>,
    /// A broker URL: `amqp://`, `amqps://`, `redis://`, `rediss://`.
    pub broker: Setting<Secret>,
    /// The RabbitMQ management API; guessed from the broker URL when absent.
    pub management: Option<Setting<Secret>>,
    /// The Celery result backend: `redis://`, `rediss://`, `rpc://`.
    pub backend: Option<Setting<Secret>>,
    /// The schema registry: `file:DIR` and others.
    pub registry: Setting<Secret>,
    pub api_key: Option<Setting<Secret>>,
    pub exchange: Setting<String>,
    pub tls: TlsSettings,
}

/// Files for TLS connections to any of the servers. PEM.
#[derive(Debug, Clone, Default)]
pub struct TlsSettings {
    pub ca_file: Option<Setting<PathBuf>>,
    pub cert_file: Option<Setting<PathBuf>>,
    pub key_file: Option<Setting<PathBuf>>,
}

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    pub value: T,
    pub origin: Origin,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A command line flag, with its dashes.
    Flag(&'static str),
    /// An environment variable.
    Environment(String),
    ProjectFile(PathBuf),
    UserFile {
        path: PathBuf,
        profile: String,
    },
    Default,
}
