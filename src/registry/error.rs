use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::schema::DocumentError;

/// What can go wrong between us and a registry. `registry` and `url` never hold a password.
#[derive(Debug, Error)]
pub enum RegistryError {
    #[error("{url:?} is not a registry URL")]
    BadUrl { url: String },
    #[error("{scheme} registries are not supported yet")]
    Unsupported { scheme: String },
    #[error("there is no registry at {registry}")]
    Missing { registry: String },
    #[error("the topic {topic:?} cannot be kept in a registry: {reason}")]
    BadTopic { topic: String, reason: &'static str },
    /// `place` is a file or, in a database, `TOPIC@VERSION`.
    #[error("{place} is not a schema document")]
    Broken { place: String, source: DocumentError },
    #[error("{place} {reason}")]
    Misplaced { place: String, reason: String },
    #[error("cannot {action} {}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error("cannot {action} {registry}")]
    Database { action: &'static str, registry: String, source: Box<dyn StdError + Send + Sync> },
}

impl RegistryError {
    pub(super) fn io(action: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io { action, path: path.into(), source }
    }
}
