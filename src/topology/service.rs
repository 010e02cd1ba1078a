//! The second hop: what a service's own registry makes of an event that its queue received.

use crate::event::service_matcher::{ServiceLibrary, finds_handler};

use super::model::{Binding, Queue};

/// Which library reads a queue, and how that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LibraryGuess {
    /// Its workers or its arguments say so.
    Known(ServiceLibrary),
    /// Nothing says so; celery-salt is the newer of the two.
    Assumed(ServiceLibrary),
}

impl LibraryGuess {
    pub fn library(self) -> ServiceLibrary {
        match self {
            Self::Known(library) | Self::Assumed(library) => library,
        }
    }
}

/// Only celery-salt declares its queues with a highest priority.
pub fn guess_library(queue: Option<&Queue>) -> LibraryGuess {
    match queue.is_some_and(|queue| queue.arguments.contains_key("x-max-priority")) {
        true => LibraryGuess::Known(ServiceLibrary::CelerySalt),
        false => LibraryGuess::Assumed(ServiceLibrary::CelerySalt),
    }
}

/// What the service subscribed to, as far as its bindings tell: both libraries bind a queue once
/// for each pattern, and Celery itself may bind it under its own name.
pub fn service_patterns<'a>(queue: &str, bindings: &[&'a Binding]) -> Vec<&'a str> {
    let keys = bindings.iter().map(|binding| binding.routing_key.as_str());
    let mut patterns: Vec<&str> = keys.filter(|key| *key != queue).collect();
    patterns.sort_unstable();
    patterns.dedup();
    patterns
}

/// Whether a registry that holds `patterns` finds a handler for `topic`.
pub fn would_handle(library: ServiceLibrary, patterns: &[&str], topic: &str) -> bool {
    patterns.iter().any(|pattern| finds_handler(library, pattern, topic))
}
