//! Exchanges, queues and bindings: who receives a topic, by which binding, and why not.
//!
//! Pure: a [`Topology`] is read from the JSON of the management API or of a definitions file, and
//! everything else is a function of it. Fetching that JSON is `broker`'s business.

pub mod audit;
mod explain;
mod graph;
mod headers;
mod model;
mod pattern;
mod plan;
mod plumbing;
mod policy;
mod read;
mod router;
mod service;
mod tolerant;
mod trie;
mod workers;

pub use explain::{Difference, Explainer, Nearest, NotReceived};
pub use graph::{Detail, Graph, GraphExchange, GraphQueue, dot, mermaid};
pub use model::{
    Binding, Consumer, Destination, Exchange, ExchangeKind, PolicyInForce, Queue, Topology,
    TopologyParts,
};
pub use pattern::{can_both_match, covers};
pub use plan::{Change, ChangeAction, Effect, Plan, TopicChange, plan};
pub use plumbing::{
    OWN_PREFIX, is_own_queue, is_plumbing_exchange, is_plumbing_queue, worker_node,
};
pub use policy::{Policy, exactly};
pub use read::{Definitions, DefinitionsError};
pub use router::{Hop, HopKind, Message, Path, Reached, Route, Router};
pub use service::{LibraryGuess, guess_library, service_patterns, would_handle};
pub use trie::TopicTrie;
pub use workers::{WorkerNode, connected_workers, mailboxes};
