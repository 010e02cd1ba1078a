//! Running `celerysalt` with a sealed environment, to its end or in the background.

use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use super::space::CELERYSALT;
use super::{PATIENCE, eventually};

/// A run of the binary that has not started yet.
pub struct Celerysalt {
    command: Command,
    input: Option<Vec<u8>>,
    home: TempDir,
}

impl Celerysalt {
    /// Nothing of the caller's environment but the search path.
    pub fn sealed(arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new(CELERYSALT);
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home.path())
            .env("TZ", "UTC")
            .env("COLUMNS", "80")
            .env("NO_COLOR", "1")
            .current_dir(home.path());
        Self { command, input: None, home }
    }

    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.command.env(name, value.into());
        self
    }

    pub fn args(mut self, arguments: &[&str]) -> Self {
        self.command.args(arguments);
        self
    }

    /// Where it runs, instead of an empty folder.
    pub fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// What the program reads; nothing when not called.
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = Some(input.into());
        self
    }

    /// Runs to the end, which must come within [`PATIENCE`].
    #[track_caller]
    pub fn run(mut self) -> Outcome {
        let input = self.input.take();
        let mut running = self.spawn();
        let stdin = running.stdin.take();
        let writer = thread::spawn(move || {
            if let (Some(mut stdin), Some(input)) = (stdin, input) {
                // A program that does not read its input to the end is no failure of the test.
                let _ = stdin.write_all(&input);
            }
        });
        let outcome = running.wait();
        writer.join().unwrap();
        outcome
    }

    /// Starts in the background. Killed when dropped.
    pub fn spawn(mut self) -> Running {
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let stderr = child.stderr.take().unwrap();
        let (send, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
                if send.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    return;
                }
            }
        });
        let errors = thread::spawn(move || {
            let mut text = Vec::new();
            let mut stderr = stderr;
            let _ = stderr.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        });
        let stdin = child.stdin.take();
        Running { child, stdin, lines, errors: Some(errors), seen: Vec::new(), _home: self.home }
    }
}

/// A `celerysalt` that runs in the background.
pub struct Running {
    child: Child,
    /// Drop it to close the program's stdin.
    pub stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    errors: Option<JoinHandle<String>>,
    seen: Vec<String>,
    _home: TempDir,
}

impl Running {
    /// The next line of stdout; `None` when it closed. Panics when nothing comes.
    #[track_caller]
    pub fn line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => {
                self.seen.push(line.clone());
                Some(line)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                let last = self.seen.last().map_or("", |line| line.get(..300).unwrap_or(line));
                panic!("no line within {} s after {last:?}", PATIENCE.as_secs())
            }
        }
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
    }

    /// Waits for the end. Stdin is closed first.
    #[track_caller]
    pub fn wait(mut self) -> Outcome {
        drop(self.stdin.take());
        let began = Instant::now();
        let deadline_lines = || self.lines.recv_timeout(PATIENCE.saturating_sub(began.elapsed()));
        while let Ok(line) = deadline_lines() {
            self.seen.push(line);
        }
        let child = &mut self.child;
        let status = eventually("the program ends", || child.try_wait().unwrap());
        let stderr = self.errors.take().map(|errors| errors.join().unwrap()).unwrap_or_default();
        let stdout = self.seen.iter().map(|line| format!("{line}\n")).collect();
        Outcome { code: status.code(), stdout, stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How a run ended. `Display` is meant for snapshots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, stdout, stderr } = self;
        match code {
            Some(code) => writeln!(f, "exit code: {code}")?,
            None => writeln!(f, "ended by a signal")?,
        }
        write!(f, "--- stdout ---\n{stdout}--- stderr ---\n{stderr}")
    }
}
