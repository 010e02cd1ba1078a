//! The way of a message through exchanges, for people and for scripts.

use schemars::JsonSchema;
use serde::Serialize;

use crate::topology::{Destination, Hop, HopKind, Path};

/// One step on the way to a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Step {
    exchange: String,
    kind: StepKind,
    /// The key of the binding; null for an alternate exchange.
    routing_key: Option<String>,
    /// The exchange or the queue that the step leads to.
    to: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum StepKind {
    Binding,
    /// No binding of the exchange applied.
    AlternateExchange,
    /// The default exchange takes the routing key for the name of a queue.
    DefaultExchange,
}

pub(super) fn steps(path: &Path<'_>) -> Vec<Step> {
    path.0.iter().map(step).collect()
}

fn step(hop: &Hop<'_>) -> Step {
    let to = match hop.to {
        Destination::Queue(name) | Destination::Exchange(name) => name.to_owned(),
    };
    let (kind, routing_key) = match hop.kind {
        HopKind::Binding(binding) => (StepKind::Binding, Some(binding.routing_key.clone())),
        HopKind::Alternate => (StepKind::AlternateExchange, None),
        HopKind::Direct => (StepKind::DefaultExchange, Some(to.clone())),
    };
    Step { exchange: hop.from.to_owned(), kind, routing_key, to }
}

/// `user.#`, or with the exchanges in between: `audit.# → audit, login.*`.
pub(super) fn shown(steps: &[Step]) -> String {
    let last = steps.len().saturating_sub(1);
    let step = |(index, step): (usize, &Step)| {
        let key = match (step.kind, step.routing_key.as_deref()) {
            (StepKind::AlternateExchange, _) => "(alternate)",
            (StepKind::Binding | StepKind::DefaultExchange, None | Some("")) => "(empty)",
            (StepKind::Binding | StepKind::DefaultExchange, Some(key)) => key,
        };
        if index == last { key.to_owned() } else { format!("{key} → {}, ", step.to) }
    };
    steps.iter().enumerate().map(step).collect()
}
