use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::key::Key;
use super::settings::Origin;
use super::suppressions::SuppressionProblem;
use super::waivers::WaiverProblem;

/// What is wrong with the configuration. Messages hold names and places, never values: a value may
/// be a password.
#[derive(Debug, Error)]
pub enum ConfigError {
    #[error("cannot read {}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("cannot write {}", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("{}:{line}: not valid TOML: {reason}", path.display())]
    Syntax { path: PathBuf, line: usize, reason: String },
    #[error("{}:{line}: unknown key `{name}`", path.display())]
    UnknownKey {
        path: PathBuf,
        line: usize,
        name: String,
        suggestion: Option<String>,
        known: String,
    },
    #[error("{}:{line}: `{name}` must be {expected}, not {found}", path.display())]
    WrongType {
        path: PathBuf,
        line: usize,
        name: String,
        expected: &'static str,
        found: &'static str,
    },
    #[error("{}:{line}: a file found in a folder may not set `{name}` {what}", path.display())]
    NotTrusted { path: PathBuf, line: usize, name: String, what: &'static str },
    #[error("{}:{line}: this suppression {problem}", path.display())]
    Suppression { path: PathBuf, line: usize, problem: SuppressionProblem },
    #[error("{}:{line}: this waiver {problem}", path.display())]
    Waiver { path: PathBuf, line: usize, problem: WaiverProblem },
    #[error("there is no profile {:?}, asked for by {}", profile.name, profile.origin)]
    UnknownProfile { profile: Box<UnknownProfile> },
    #[error("the environment variable {name} is not UTF-8 text")]
    VariableNotText { name: String },
    #[error("`{}` refers to the environment variable {name}, which is not set", key.name())]
    ReferenceUnset { key: Key, name: String },
    #[error("`{}` refers to the file {}, which cannot be read", key.name(), path.display())]
    ReferenceFile { key: Key, path: PathBuf, source: io::Error },
    #[error("`{}` refers to the command `{program}`, which does not start", key.name())]
    ReferenceCommand { key: Key, program: String, source: io::Error },
    #[error("`{}` refers to the command `{program}`, which failed ({status})", key.name())]
    ReferenceCommandFailed { key: Key, program: String, status: String },
    #[error("`{}` refers to {reference}, which gives an empty line", key.name())]
    ReferenceEmpty { key: Key, reference: String },
    #[error("there is no previous profile to go back to")]
    NoPreviousProfile,
    #[error("neither HOME nor the XDG variables say where the user's files are")]
    NoHome,
}

/// A profile that is in nobody's file, and what is there instead.
#[derive(Debug)]
pub struct UnknownProfile {
    pub name: String,
    pub origin: Origin,
    pub user_file: Option<PathBuf>,
    pub known: Vec<String>,
    pub suggestion: Option<String>,
}
