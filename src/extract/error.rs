use std::io;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

/// Why nothing could be extracted at all. What is wrong with single modules or files is a
/// [`Failure`](super::Failure) beside the documents.
#[derive(Debug, Error)]
pub enum ExtractError {
    #[error("cannot read {}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("there is no Python interpreter: no --python, no $VIRTUAL_ENV, no .venv, no python3")]
    NoInterpreter,
    #[error("cannot run {}", interpreter.display())]
    CannotRun { interpreter: PathBuf, source: io::Error },
    #[error("{} did not finish within {}s", interpreter.display(), timeout.as_secs_f64())]
    Timeout { interpreter: PathBuf, timeout: Duration, last_output: Vec<String> },
    #[error("{} ended early with {status}", interpreter.display())]
    Crashed { interpreter: PathBuf, status: String, last_output: Vec<String> },
    #[error("{} gave an answer that is no JSON", interpreter.display())]
    BadAnswer { interpreter: PathBuf, source: serde_json::Error },
}
