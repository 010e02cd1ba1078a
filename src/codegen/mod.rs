//! Schema documents as types, and types as source text.
//!
//! A document is read once into a language-neutral [`model`]; every target is a writer over it. Pure
//! text and values: which documents are meant, and where the files go, is for others to decide.

mod files;
pub mod jsonschema;
pub mod model;
mod names;
pub mod python;
mod read;

pub use files::{GeneratedFile, HEADER, Loss};
pub use read::{ReadError, read_schema};
