use super::{CommandError, ExitKind};
use crate::sandbox::SandboxError;

/// | error | kind | why |
/// |---|---|---|
/// | program missing or not runnable | config | this machine is not set up for it; nothing was tried |
/// | no directory, no port, no reaper | config | the same |
/// | a server ended | unreachable | it was started and is not there |
/// | a server is not ready in time | timeout | |
/// | `rabbitmqctl` failed | unreachable | the node refused us |
/// | the start was interrupted | interrupted | |
impl From<SandboxError> for CommandError {
    fn from(error: SandboxError) -> Self {
        let kind = kind(&error);
        let mut shown = Self::from_error(kind, &error);
        if let Some(log) = log(&error) {
            shown.causes.extend(log.iter().cloned());
        }
        match hint(&error) {
            Some(hint) => shown.hint(hint),
            None => shown,
        }
    }
}

fn kind(error: &SandboxError) -> ExitKind {
    match error {
        SandboxError::MissingServer { .. }
        | SandboxError::CannotRun { .. }
        | SandboxError::Directory(_)
        | SandboxError::Reaper(_)
        | SandboxError::NoPort { .. } => ExitKind::Config,
        SandboxError::Exited { .. } | SandboxError::Died { .. } | SandboxError::Control { .. } => {
            ExitKind::Unreachable
        }
        SandboxError::NotReady { .. } => ExitKind::Timeout,
        SandboxError::Stopped => ExitKind::Interrupted,
    }
}

fn log(error: &SandboxError) -> Option<&[String]> {
    match error {
        SandboxError::Exited { log, .. }
        | SandboxError::Died { log, .. }
        | SandboxError::NotReady { log, .. }
        | SandboxError::Control { log, .. } => Some(log),
        SandboxError::MissingServer { .. }
        | SandboxError::CannotRun { .. }
        | SandboxError::Directory(_)
        | SandboxError::Reaper(_)
        | SandboxError::NoPort { .. }
        | SandboxError::Stopped => None,
    }
}

fn hint(error: &SandboxError) -> Option<&'static str> {
    match error {
        SandboxError::MissingServer { .. } => Some(
            "install both servers (`apt-get install rabbitmq-server redis-server`, `brew install \
             rabbitmq redis`), or name the programs in RABBITMQ_SERVER and REDIS_SERVER",
        ),
        SandboxError::CannotRun { .. } => {
            Some("name programs that can be run in RABBITMQ_SERVER and REDIS_SERVER")
        }
        SandboxError::Directory(_) => {
            Some("the sandbox lives in the temporary directory: check its space, or set TMPDIR")
        }
        SandboxError::Reaper(_) => {
            Some("the sandbox starts its own program a second time: check that it is still there")
        }
        SandboxError::NoPort { .. } => Some("end some of the servers that run on this machine"),
        SandboxError::Exited { .. } | SandboxError::Died { .. } => {
            Some("start with `celerysalt sandbox --keep` and read the logs in its directory")
        }
        SandboxError::NotReady { .. } => {
            Some("give a slow machine longer with `celerysalt sandbox --start-timeout SECONDS`")
        }
        SandboxError::Control { .. } => {
            Some("run `rabbitmqctl help` for its commands and their arguments")
        }
        SandboxError::Stopped => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_failure_has_a_kind_and_says_what_to_do() {
        let log = || vec!["2026 [error] disk full".to_owned()];
        let io = || io::Error::from(io::ErrorKind::PermissionDenied);
        let server = "RabbitMQ";
        let errors = [
            SandboxError::MissingServer { server },
            SandboxError::CannotRun { path: "/opt/rabbitmq-server".into(), source: io() },
            SandboxError::Directory(io()),
            SandboxError::Reaper(io()),
            SandboxError::NoPort { first: 20_000, last: 32_000 },
            SandboxError::Exited { server, log: log() },
            SandboxError::Died { server, log: log() },
            SandboxError::NotReady { server, deadline: Duration::from_secs(60), log: log() },
            SandboxError::Control { arguments: "status".to_owned(), log: log() },
            SandboxError::Stopped,
        ];
        let text: String = errors
            .into_iter()
            .map(|error| {
                let CommandError { kind, message, causes, hints } = error.into();
                format!("{}: {message}\n  {causes:?}\n  {hints:?}\n", kind.name())
            })
            .collect();
        insta::assert_snapshot!(text, @r#"
        config: RabbitMQ is not installed
          []
          ["install both servers (`apt-get install rabbitmq-server redis-server`, `brew install rabbitmq redis`), or name the programs in RABBITMQ_SERVER and REDIS_SERVER"]
        config: /opt/rabbitmq-server cannot be run
          ["permission denied"]
          ["name programs that can be run in RABBITMQ_SERVER and REDIS_SERVER"]
        config: the sandbox directory cannot be prepared
          ["permission denied"]
          ["the sandbox lives in the temporary directory: check its space, or set TMPDIR"]
        config: the process that clears up after a crash cannot be started
          ["permission denied"]
          ["the sandbox starts its own program a second time: check that it is still there"]
        config: no free port was found between 20000 and 32000
          []
          ["end some of the servers that run on this machine"]
        unreachable: RabbitMQ stopped while it was starting
          ["2026 [error] disk full"]
          ["start with `celerysalt sandbox --keep` and read the logs in its directory"]
        unreachable: RabbitMQ stopped by itself
          ["2026 [error] disk full"]
          ["start with `celerysalt sandbox --keep` and read the logs in its directory"]
        timeout: RabbitMQ was not ready within 60 seconds
          ["2026 [error] disk full"]
          ["give a slow machine longer with `celerysalt sandbox --start-timeout SECONDS`"]
        unreachable: rabbitmqctl status failed
          ["2026 [error] disk full"]
          ["run `rabbitmqctl help` for its commands and their arguments"]
        interrupted: the start was interrupted
          []
          []
        "#);
    }
}
