use std::fmt;
use std::path::PathBuf;

use super::given::Given;
use super::key::Key;
use crate::schema::Waiver;
use crate::topology::audit::Suppression;

/// Everything that decides which servers a command talks to.
///
/// A secret may be a reference that is followed only when a command needs the value: see
/// [`Given::fetch`].
#[derive(Debug, Clone)]
pub struct Settings {
    pub profile: Option<Setting<String>>,
    /// A broker URL: `amqp://`, `amqps://`, `redis://`, `rediss://`.
    pub broker: Setting<Given>,
    /// The RabbitMQ management API; guessed from the broker URL when absent.
    pub management: Option<Setting<Given>>,
    /// The Celery result backend: `redis://`, `rediss://`, `rpc://`.
    pub backend: Option<Setting<Given>>,
    /// The schema registry: `file:DIR` and others.
    pub registry: Setting<Given>,
    /// The project's own schemas: `python:MODULE[,MODULE…]` or a directory.
    pub source: Option<Setting<String>>,
    pub api_key: Option<Setting<Given>>,
    pub exchange: Setting<String>,
    pub tls: TlsSettings,
    /// Findings of `schema diff` that the project's file accepts.
    pub waivers: Option<Setting<Vec<Waiver>>>,
    /// Findings of `bindings check` that the project's file accepts.
    pub suppressions: Vec<Suppression>,
}

impl Settings {
    /// The setting called `key`, for those who go through all of them.
    pub fn get(&self, key: Key) -> Option<Setting<Given>> {
        let path = |setting: Setting<PathBuf>| {
            setting.map(|path| Given::text(path.to_string_lossy().into_owned()))
        };
        match key {
            Key::Broker => Some(self.broker.clone()),
            Key::Management => self.management.clone(),
            Key::Backend => self.backend.clone(),
            Key::Registry => Some(self.registry.clone()),
            Key::Source => self.source.clone().map(|setting| setting.map(Given::text)),
            Key::ApiKey => self.api_key.clone(),
            Key::Exchange => Some(self.exchange.clone().map(Given::text)),
            Key::TlsCa => self.tls.ca_file.clone().map(path),
            Key::TlsCert => self.tls.cert_file.clone().map(path),
            Key::TlsKey => self.tls.key_file.clone().map(path),
        }
    }
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

impl<T> Setting<T> {
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Setting<U> {
        Setting { value: change(self.value), origin: self.origin }
    }
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
    /// What `config use` remembered; only a profile's name comes from here.
    StateFile(PathBuf),
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "the flag {flag}"),
            Self::Environment(name) => write!(f, "the environment variable {name}"),
            Self::ProjectFile(path) => write!(f, "{}", path.display()),
            Self::UserFile { path, profile } => {
                write!(f, "profile {profile:?} in {}", path.display())
            }
            Self::StateFile(_) => f.write_str("`celerysalt config use`"),
            Self::Default => f.write_str("default"),
        }
    }
}
