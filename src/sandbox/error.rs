use std::io;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

/// Why a sandbox could not be started or used. `log` holds the last lines a server wrote.
#[derive(Debug, Error)]
pub enum SandboxError {
    #[error("{server} is not installed")]
    MissingServer { server: &'static str },
    #[error("{} cannot be run", path.display())]
    CannotRun { path: PathBuf, source: io::Error },
    #[error("the sandbox directory cannot be prepared")]
    Directory(#[source] io::Error),
    #[error("the process that clears up after a crash cannot be started")]
    Reaper(#[source] io::Error),
    #[error("no free port was found between {first} and {last}")]
    NoPort { first: u16, last: u16 },
    #[error("{server} stopped while it was starting")]
    Exited { server: &'static str, log: Vec<String> },
    #[error("{server} stopped by itself")]
    Died { server: &'static str, log: Vec<String> },
    #[error("{server} was not ready within {} seconds", deadline.as_secs())]
    NotReady { server: &'static str, deadline: Duration, log: Vec<String> },
    #[error("rabbitmqctl {arguments} failed")]
    Control { arguments: String, log: Vec<String> },
    #[error("the start was interrupted")]
    Stopped,
}

impl SandboxError {
    /// Whether another process took one of our ports between the choice and its use.
    pub(super) fn is_port_conflict(&self) -> bool {
        let Self::Exited { log, .. } = self else { return false };
        log.iter().any(|line| {
            let line = line.to_lowercase();
            line.contains("eaddrinuse") || line.contains("address already in use")
        })
    }
}
