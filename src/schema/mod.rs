//! Event schemas as data: the document a registry keeps per topic and version, and how documents
//! are named and compared.
//!
//! Pure text and values. Where documents are kept is `registry`'s business, where they come from
//! is `extract`'s.

mod canonical;
pub mod compat;
mod contract;
mod document;
mod finding;
pub mod form;
mod formats;
mod json_text;
pub mod judge;
pub mod lint;
mod locate;
mod parse;
mod reference;
mod rejection;
mod resolve;
pub mod rules;
mod sample;
mod validate;
pub mod waiver;

pub use canonical::{canonical_json, sha256_hex};
pub use contract::Contract;
pub use document::{
    ContractPart, Deprecation, Mode, Publisher, SchemaDocument, SerializationSchemas,
};
pub use finding::{Age, Direction, Finding, FindingLevel, Place, SchemaPart, Witness};
pub use json_text::{JsonText, JsonTextError};
pub use locate::line_of;
pub use parse::DocumentError;
pub use reference::{ReferenceError, SchemaReference, VersionSelector};
pub use sample::{SampleError, Sampler};
pub use validate::{EventValidator, Misfit, UnusableSchema};
pub use waiver::{Waiver, WaiverOutcome, WaiverTarget};
