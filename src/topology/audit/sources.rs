//! What an audit is told beside the topology: by workers, by code, and by listening.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::event::service_matcher::ServiceLibrary;

/// What one worker answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkerFacts {
    /// The names of its tasks.
    pub tasks: Vec<String>,
    /// The queues it reads, as it declared them.
    pub queues: Vec<DeclaredQueue>,
}

/// A queue as a worker declared it when it started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeclaredQueue {
    pub name: String,
    pub bindings: Vec<DeclaredBinding>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredBinding {
    pub exchange: String,
    pub routing_key: String,
}

/// What a code base subscribes to with one queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeService {
    pub queue: String,
    /// Topics and patterns.
    pub topics: Vec<String>,
    /// `None` where there are handlers of neither library, or of both.
    pub library: Option<ServiceLibrary>,
}

/// What was seen on the event exchange for a while.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traffic {
    pub period: Duration,
    /// How many events came, by topic and by the name of their task.
    pub events: BTreeMap<(String, String), u64>,
    /// How many messages wait in each queue at the end.
    pub ready: BTreeMap<String, u64>,
}

impl Traffic {
    /// So many in the period, as a number for each second.
    pub(super) fn per_second(&self, count: u64) -> u64 {
        let millis = u64::try_from(self.period.as_millis()).unwrap_or(u64::MAX).max(1);
        count.saturating_mul(1000) / millis
    }
}
