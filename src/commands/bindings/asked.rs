//! Whether the workers told what an audit wants to know of them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use crate::quantity::counted;
use crate::topology::WorkerNode;
use crate::topology::audit::WorkerFacts;

/// How many workers there are, and how many of them told what they subscribe to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WorkersAsked {
    /// By their mailboxes, or because they answered.
    pub connected: usize,
    /// Without an answer, the rules about a worker's handlers and tasks stay silent.
    pub answered: usize,
    /// The names of those that are connected.
    #[serde(skip)]
    pub nodes: Vec<String>,
}

impl WorkersAsked {
    /// A user without the tag `monitoring` sees no mailboxes, and knows only those that answered.
    pub(super) fn new(connected: &[WorkerNode], facts: &BTreeMap<String, WorkerFacts>) -> Self {
        let connected = connected.iter().map(|worker| &worker.node);
        let nodes: BTreeSet<&String> = connected.chain(facts.keys()).collect();
        let nodes: Vec<String> = nodes.into_iter().cloned().collect();
        Self { connected: nodes.len(), answered: facts.len(), nodes }
    }

    /// Nothing where all of them answered.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let silent = self.connected - self.answered;
        if silent == 0 {
            return Ok(());
        }
        let workers = counted(self.connected, "worker");
        writeln!(out, "{silent} of {workers} did not answer: what they subscribe to is not known")
    }
}
