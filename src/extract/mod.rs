//! Schemas out of a code base: a Python project, read by its own interpreter, a directory of JSON
//! files, or such a directory in a revision of git.
//!
//! Nothing is installed, no server is contacted, and modules that misbehave are reported rather
//! than believed. Where the documents go, and whether a finding stops anybody, is for others.

mod answer;
mod directory;
mod error;
mod extraction;
mod git;
mod interpreter;
mod python;
mod source;

pub use error::ExtractError;
pub use extraction::{
    Extracted, Extraction, Failure, FailureKind, Frame, Level, Lint, Location, PythonFacts,
    ServiceQueue, Subscription,
};
use python::Wanted;

pub use git::{
    GitError, GitSource, GitSourceError, extract_revision, folder_in_git_tree, is_in_git_tree,
};
pub use python::PythonOptions;
pub use source::{Source, SourceError};

/// Reads the documents of `source`.
pub async fn extract(source: &Source, options: &PythonOptions) -> Result<Extraction, ExtractError> {
    match source {
        Source::Python(modules) => python::extract(modules, Wanted::Events, options).await,
        Source::Path(path) => directory::extract(path),
    }
}

/// Reads what services subscribe to: the queues that `modules` set up as well, and the handlers that
/// a worker would find.
pub async fn extract_services(
    modules: &[String],
    options: &PythonOptions,
) -> Result<Extraction, ExtractError> {
    python::extract(modules, Wanted::Services, options).await
}
