//! Where schemas are kept: one trait, and its stores.
//!
//! `file:DIR` is a directory of JSON files made for git, one per topic and version; `sqlite:FILE`
//! is one database file. Every store passes the same conformance suite. Which registry is meant,
//! and what a conflict means to the user, is for others to decide.

mod amend;
mod empty;
mod error;
mod file;
mod mark;
mod open;
mod sqlite;
mod store;

#[cfg(test)]
mod conformance_tests;

pub use amend::{Amended, amend};
pub use error::RegistryError;
pub use file::FileStore;
pub use open::{Access, Revision, open, revision};
pub use sqlite::SqliteStore;
pub use store::{Listing, RegisterMode, Registration, RegistryStore, Replacement};
