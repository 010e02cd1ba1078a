//! One file per subcommand: arguments, report, run.
//!
//! A command reads as its own summary: gather, call the core, report, outcome. `context` opens what
//! a command needs, `error` says what a failure means to the caller.

pub mod batch;
pub mod bindings;
pub mod call;
pub mod completions;
pub mod config;
pub mod connect;
mod context;
pub mod dlq;
pub mod doctor;
pub mod duration;
pub mod error;
pub mod event_args;
pub mod follow;
pub mod generate;
mod interrupt;
pub mod man;
pub mod payload;
pub mod publish;
pub mod queue;
pub mod rate;
pub mod replay;
pub mod sandbox;
pub mod schema;
pub mod schema_of;
mod sender;
mod stored_results;
pub mod tail;
pub mod top;
mod unroutable;
mod validation;
pub mod workers;

pub use context::{Context, Session};
pub use interrupt::Interrupt;
