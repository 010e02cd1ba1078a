//! Schemas out of a code base: a Python project, read by its own interpreter, or a directory of
//! JSON files.
//!
//! Nothing is installed, no server is contacted, and modules that misbehave are reported rather
//! than believed. Where the documents go, and whether a finding stops anybody, is for others.

mod answer;
mod directory;
mod error;
mod extraction;
mod interpreter;
mod python;
mod source;

pub use error::ExtractError;
pub use extraction::{
    Extracted, Extraction, Failure, FailureKind, Frame, Level, Lint, Location, PythonFacts,
    Subscription,
};
pub use python::PythonOptions;
pub use source::{Source, SourceError};

/// Reads the documents of `source`.
pub async fn extract(source: &Source, options: &PythonOptions) -> Result<Extraction, ExtractError> {
    match source {
        Source::Python(modules) => python::extract(modules, options).await,
        Source::Path(path) => directory::extract(path),
    }
}
