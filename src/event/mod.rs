//! Topics, routing patterns and versions: the words an event system is described with.
//!
//! Everything here is pure text logic. What a broker does with a pattern and what a service's own
//! Python registry does with it are two different functions ([`RoutingPattern::matches`] and
//! [`service_matcher::finds_handler`]), because they disagree for some patterns.

mod pattern;
pub mod service_matcher;
mod topic;
mod version;

pub use pattern::{PatternError, RoutingPattern};
pub use topic::{MAX_ROUTING_KEY_BYTES, Topic, TopicError};
pub use version::{SchemaVersion, VersionError};

/// The topic exchange that celery-salt and tchu-tchu publish to unless told otherwise.
pub const DEFAULT_EXCHANGE: &str = "tchu_events";

/// The dispatcher task that a celery-salt worker registers.
pub const DEFAULT_TASK: &str = "celery_salt.dispatch_event";
