//! One file per subcommand: arguments, report, run.
//!
//! A command reads as its own summary: gather, call the core, report, outcome. `context` opens what
//! a command needs, `error` says what a failure means to the caller.

pub mod batch;
pub mod completions;
pub mod config;
mod context;
pub mod duration;
pub mod error;
mod interrupt;
pub mod man;
pub mod replay;
pub mod schema;
pub mod schema_of;
pub mod tail;

pub use context::{Context, Session};
pub use interrupt::Interrupt;
