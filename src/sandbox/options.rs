use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::event::DEFAULT_EXCHANGE;

/// Whether a sandbox has a Redis server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RedisChoice {
    #[default]
    Start,
    Skip,
}

/// What becomes of the sandbox directory (data, logs, configuration) at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DataChoice {
    #[default]
    Remove,
    Keep,
}

/// Asks a start that is still under way to give up.
#[derive(Debug, Clone, Default)]
pub struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    pub fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How to start a [`Sandbox`](super::Sandbox).
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// The `celerysalt` binary: a second process of it clears up after a crash.
    pub celerysalt: PathBuf,
    pub redis: RedisChoice,
    pub data: DataChoice,
    /// The durable topic exchange that exists from the start, as it does where a service has run.
    pub exchange: String,
    /// `rabbitmq-server`, when it is not where packages put it.
    pub rabbitmq_server: Option<PathBuf>,
    /// `redis-server`, when it is not on the search path.
    pub redis_server: Option<PathBuf>,
    /// How long the servers may take to become ready, together.
    pub deadline: Duration,
    pub stop: StopFlag,
}

impl SandboxOptions {
    pub fn new(celerysalt: impl Into<PathBuf>) -> Self {
        Self {
            celerysalt: celerysalt.into(),
            redis: RedisChoice::default(),
            data: DataChoice::default(),
            exchange: DEFAULT_EXCHANGE.to_owned(),
            rabbitmq_server: None,
            redis_server: None,
            deadline: Duration::from_secs(60),
            stop: StopFlag::default(),
        }
    }
}
