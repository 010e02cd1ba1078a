//! Text for other programs and people, made from event schemas.
//!
//! Every target is a pure function from schema documents to files; where the documents come from,
//! where the files go and which of them are stale is the business of `commands`.

pub mod asyncapi;
#[cfg(test)]
mod corpus;
mod definitions;
pub mod docs;
mod keys;
mod pointer;
mod target;
mod text;
mod topics;
mod type_names;
pub mod typescript;
mod walk;

pub use target::{File, Note, Options, Output};
