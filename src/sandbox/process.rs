//! One server process and its group.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::SandboxError;
use super::remains::MARKER;

/// The lines of a server's log that an error shows.
const TAIL_LINES: usize = 8;
const TAIL_BYTES: usize = 16 * 1024;

/// A server in a process group of its own. Killed, with the group, when dropped.
#[derive(Debug)]
pub struct ServerProcess {
    name: &'static str,
    child: Child,
    logs: Vec<PathBuf>,
}

/// What to start and how to call it in messages.
pub struct ServerCommand {
    pub name: &'static str,
    pub command: Command,
    /// The sandbox directory.
    pub directory: PathBuf,
    /// Takes stdout and stderr.
    pub output: PathBuf,
    /// Where the server writes what went wrong, when that is not `output`.
    pub log: Option<PathBuf>,
}

impl ServerProcess {
    pub fn spawn(mut server: ServerCommand) -> Result<Self, SandboxError> {
        let output = File::options()
            .create(true)
            .append(true)
            .open(&server.output)
            .map_err(SandboxError::Directory)?;
        let errors = output.try_clone().map_err(SandboxError::Directory)?;
        let child = server
            .command
            .env(MARKER, &server.directory)
            .current_dir(&server.directory)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .map_err(|source| SandboxError::CannotRun {
                path: server.command.get_program().into(),
                source,
            })?;
        let logs = server.log.into_iter().chain([server.output]).collect();
        Ok(Self { name: server.name, child, logs })
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The process group; its number is the server's process id.
    pub fn group(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    pub fn has_exited(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// The last lines the server wrote, from its log or, if that is empty, its output.
    pub fn log_tail(&self) -> Vec<String> {
        self.logs.iter().map(|log| tail(log)).find(|lines| !lines.is_empty()).unwrap_or_default()
    }

    /// SIGKILL to the whole group; returns when the server is gone.
    pub fn kill(&mut self) {
        // A group that is gone already is what we want.
        let _ = killpg(self.group(), Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

fn tail(path: &Path) -> Vec<String> {
    let Ok(bytes) = fs::read(path) else { return Vec::new() };
    let end =
        String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(TAIL_BYTES)..]).into_owned();
    let lines: Vec<&str> = end.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].iter().map(|line| (*line).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_of_a_log_is_its_last_lines_that_say_something() {
        let directory = tempfile::tempdir().unwrap();
        let log = directory.path().join("log");
        let text: String = (1..20).map(|n| format!("line {n}\n\n")).collect();
        fs::write(&log, text).unwrap();
        let expected: Vec<String> = (12..20).map(|n| format!("line {n}")).collect();
        assert_eq!(tail(&log), expected);
        assert_eq!(tail(&directory.path().join("absent")), Vec::<String>::new());
    }
}
