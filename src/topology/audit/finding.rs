use serde_json::{Map, Value};

use super::rules::Rule;

/// How bad a finding is, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Events are lost, or a service cannot start.
    Error,
    Warning,
    /// Worth knowing; nothing is wrong by itself.
    Info,
}

/// One thing that a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub rule: &'static Rule,
    pub level: Level,
    /// What it is about: a queue, an exchange, a topic or a worker.
    pub subject: String,
    /// The binding's key, where it is about one.
    pub routing_key: Option<String>,
    pub message: String,
    /// What to do, in words.
    pub fix: String,
    /// What to do, as far as the broker can do it.
    pub repair: Option<Repair>,
}

/// Findings that somebody accepts: of one rule, about one subject or any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    pub rule: &'static Rule,
    pub subject: Option<String>,
    pub reason: String,
}

impl Suppression {
    pub fn applies_to(&self, finding: &Finding) -> bool {
        self.rule.code == finding.rule.code
            && self.subject.as_ref().is_none_or(|subject| *subject == finding.subject)
    }
}

/// A change on the broker that mends a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repair {
    AddBinding {
        exchange: String,
        queue: String,
        routing_key: String,
    },
    RemoveBinding {
        exchange: String,
        queue: String,
        properties_key: String,
    },
    /// Only where it is empty and nobody reads it.
    DeleteQueue {
        queue: String,
    },
    DeleteExchange {
        exchange: String,
    },
    SetPolicy(PolicyRepair),
}

/// A policy for one queue, which takes the place of the one that counts for it now: only one counts,
/// so that it says everything that the other says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRepair {
    pub queue: String,
    pub definition: Map<String, Value>,
    pub priority: i64,
    /// A queue that is not there yet, and must be first.
    pub dead_letter_queue: Option<DeadLetterQueue>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterQueue {
    pub name: String,
    pub max_length: u64,
}

impl Finding {
    pub(super) fn new(rule: &'static Rule, level: Level, subject: &str, message: String) -> Self {
        Self {
            rule,
            level,
            subject: subject.to_owned(),
            routing_key: None,
            message,
            fix: rule.advice.to_owned(),
            repair: None,
        }
    }

    pub(super) fn about(self, routing_key: &str) -> Self {
        Self { routing_key: Some(routing_key.to_owned()), ..self }
    }

    pub(super) fn mended_by(self, repair: Repair) -> Self {
        Self { repair: Some(repair), ..self }
    }

    pub(super) fn fix(self, fix: &str) -> Self {
        Self { fix: fix.to_owned(), ..self }
    }

    pub(super) fn mended_if(self, repair: Option<Repair>) -> Self {
        Self { repair, ..self }
    }

    pub(super) fn sort_key(&self) -> (Level, &'static str, &str, Option<&str>) {
        (self.level, self.rule.code, &self.subject, self.routing_key.as_deref())
    }
}

impl Repair {
    /// The name that the management API gives a binding is kept where it told it.
    pub(super) fn remove(binding: &super::Binding, queue: &str) -> Self {
        let plain = if binding.routing_key.is_empty() { "~" } else { &binding.routing_key };
        let properties_key = binding.properties_key.as_deref().unwrap_or(plain);
        Self::RemoveBinding {
            exchange: binding.source.clone(),
            queue: queue.to_owned(),
            properties_key: properties_key.to_owned(),
        }
    }
}
