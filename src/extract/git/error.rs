use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why nothing could be read out of git.
#[derive(Debug, Error)]
pub enum GitError {
    #[error("cannot run git")]
    CannotRun { source: io::Error },
    /// What git said is its own line about it.
    #[error("the working directory is in no git working tree")]
    NoRepository { said: String },
    #[error("{} is outside of the git working tree", directory.display())]
    OutsideRepository { directory: PathBuf },
    #[error("git does not know the revision {revision:?}")]
    UnknownRevision {
        revision: String,
        /// The command that gets it, where there is one.
        fetch: Option<String>,
    },
    #[error("the revision {revision:?} has no directory {}", directory.display())]
    NotInRevision { revision: String, directory: PathBuf },
}
