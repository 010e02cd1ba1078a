//! What a command's failure means to the caller: kind, causes, hint, exit code.

mod backend;
mod broker;
mod config;
mod encode;
mod extract;
mod filter;
mod git;
mod payload;
mod prompt;
mod recording;
mod registry;
mod replay;
mod sample;
mod sandbox;

use std::error::Error;
use std::fmt;
use std::io;

use crate::ui::Failure;

/// Why the process ends, and with which exit code; [`ExitKind::meaning`] is the table of the manual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitKind {
    Done,
    No,
    Usage,
    Config,
    Unreachable,
    Timeout,
    Undecodable,
    Unroutable,
    Partial,
    Internal,
    Interrupted,
    Terminated,
    /// What the command that `sandbox` ran ended with.
    Command(u8),
    /// What another program's protocol asks for: a Nagios plugin's status.
    Foreign(u8),
}

impl ExitKind {
    /// In the order of their codes.
    pub const ALL: [Self; 12] = [
        Self::Done,
        Self::No,
        Self::Usage,
        Self::Config,
        Self::Unreachable,
        Self::Timeout,
        Self::Undecodable,
        Self::Unroutable,
        Self::Partial,
        Self::Internal,
        Self::Interrupted,
        Self::Terminated,
    ];

    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Usage => 2,
            Self::Config => 3,
            Self::Unreachable => 4,
            Self::Timeout => 5,
            Self::Undecodable => 6,
            Self::Unroutable => 7,
            Self::Partial => 8,
            Self::Internal => 70,
            Self::Interrupted => 130,
            Self::Terminated => 143,
            Self::Command(code) | Self::Foreign(code) => code,
        }
    }

    /// What the code tells a script, for `--help` and the manual.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done; also when the reader of the output closed the pipe",
            Self::No => "the answer is no: a breaking change, an invalid payload, an error answer",
            Self::Usage => "wrong command line",
            Self::Config => "configuration: an unknown profile, an unreadable file",
            Self::Unreachable => "a service is unreachable or refused us",
            Self::Timeout => "time ran out",
            Self::Undecodable => "a message nobody can read, with --strict",
            Self::Unroutable => "nobody is bound to the topic",
            Self::Partial => "partly done: some of a batch failed",
            Self::Internal => "a bug of celerysalt",
            Self::Interrupted => "interrupted (Ctrl-C), after a clean summary",
            Self::Terminated => "terminated (SIGTERM), after a clean summary",
            Self::Command(_) => "what the command run by `sandbox` ended with",
            Self::Foreign(_) => "the status of a Nagios plugin",
        }
    }

    /// The name in JSON errors.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::No => "no",
            Self::Usage => "usage",
            Self::Config => "config",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Undecodable => "undecodable",
            Self::Unroutable => "unroutable",
            Self::Partial => "partial",
            Self::Internal => "internal",
            Self::Interrupted => "interrupted",
            Self::Terminated => "terminated",
            Self::Command(_) => "command",
            Self::Foreign(_) => "foreign",
        }
    }
}

/// A failure, ready to be shown: `error:`, `caused by:` lines, `hint:` lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandError {
    pub kind: ExitKind,
    pub message: String,
    pub causes: Vec<String>,
    pub hints: Vec<String>,
}

impl CommandError {
    pub fn new(kind: ExitKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), causes: Vec::new(), hints: Vec::new() }
    }

    /// The message and the cause chain of `error`.
    pub fn from_error(kind: ExitKind, error: &dyn Error) -> Self {
        let mut texts = vec![error.to_string()];
        let mut next = error.source();
        while let Some(cause) = next {
            texts.push(cause.to_string());
            next = cause.source();
        }
        // Some libraries repeat the cause as their own message.
        texts.dedup();
        let message = texts.remove(0);
        Self { kind, message, causes: texts, hints: Vec::new() }
    }

    /// As it is shown.
    pub fn failure(&self) -> Failure<'_> {
        Failure {
            kind: self.kind.name(),
            message: &self.message,
            causes: &self.causes,
            hints: &self.hints,
            exit_code: self.kind.code(),
        }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

/// Writing to stdout failed: when the reader closed the pipe we are done, silently.
impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::new(ExitKind::Done, "the reader closed the pipe"),
            _ => Self {
                causes: vec![error.to_string()],
                ..Self::new(ExitKind::Internal, "cannot write the output")
                    .hint("check that the disk it goes to is not full")
            },
        }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for CommandError {}
