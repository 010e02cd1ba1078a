//! Text for other programs and people, made from event schemas.
//!
//! Every target is a pure function from schema documents to files. Python is written from a
//! language-neutral [`model`] that is read once. Where the documents come from, where the files go
//! and which of them are stale is the business of `commands`.

pub mod asyncapi;
#[cfg(test)]
mod corpus;
mod definitions;
pub mod docs;
pub mod jsonschema;
mod keys;
mod limits;
mod merge;
pub mod model;
mod names;
mod pointer;
pub mod python;
mod read;
mod target;
mod text;
mod topics;
mod type_names;
pub mod typescript;
mod walk;

pub use read::{ReadError, read_schema};
pub use target::{Failure, GeneratedFile, HEADER, Loss, Options, Output};
