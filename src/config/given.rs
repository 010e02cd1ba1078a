use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::environment::Environment;
use super::error::ConfigError;
use super::key::Key;
use crate::secret::Secret;

/// What was given for a setting: the text itself, or where to find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    Text(Secret),
    Reference(Reference),
}

/// Where a secret is kept, so that no file of ours has to hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// `{ env = "NAME" }`
    Environment(String),
    /// `{ file = "PATH" }`
    File(PathBuf),
    /// `{ command = ["pass", "show", "rabbitmq"] }`: run without a shell.
    Command(Vec<String>),
}

impl Given {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(Secret::new(text))
    }

    /// The value for `key`. Reads a file or runs a command when it is a reference to one; of what
    /// they hold or print, the first line counts (as in `pass`).
    ///
    /// # Errors
    /// When the reference leads nowhere or to an empty line.
    pub fn fetch(&self, key: Key, environment: &Environment) -> Result<Secret, ConfigError> {
        let reference = match self {
            Self::Text(secret) => return Ok(secret.clone()),
            Self::Reference(reference) => reference,
        };
        let text = reference.read(key, environment)?;
        match text.lines().next().map(str::trim).filter(|line| !line.is_empty()) {
            Some(line) => Ok(Secret::new(line)),
            None => Err(ConfigError::ReferenceEmpty { key, reference: reference.to_string() }),
        }
    }
}

impl Reference {
    fn read(&self, key: Key, environment: &Environment) -> Result<String, ConfigError> {
        match self {
            Self::Environment(name) => environment
                .text(name)?
                .map(str::to_owned)
                .ok_or_else(|| ConfigError::ReferenceUnset { key, name: name.clone() }),
            Self::File(path) => fs::read_to_string(path)
                .map_err(|source| ConfigError::ReferenceFile { key, path: path.clone(), source }),
            Self::Command(words) => run(key, words),
        }
    }
}

/// Runs the command. Stdin stays ours, as `publish -` reads events from it; a prompt for a
/// passphrase finds the terminal through `/dev/tty`.
fn run(key: Key, words: &[String]) -> Result<String, ConfigError> {
    let program = words.first().cloned().unwrap_or_default();
    let output = Command::new(&program)
        .args(words.get(1..).unwrap_or_default())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| ConfigError::ReferenceCommand {
            key,
            program: program.clone(),
            source,
        })?;
    if !output.status.success() {
        let status = output.status.to_string();
        return Err(ConfigError::ReferenceCommandFailed { key, program, status });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(f, "env {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
            // Without its arguments: somebody may have put a password among them.
            Self::Command(words) => match words.as_slice() {
                [] => f.write_str("command"),
                [program] => write!(f, "command {program}"),
                [program, ..] => write!(f, "command {program} …"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetch(reference: Reference) -> Result<Secret, String> {
        let environment = Environment::from([("PASS", "amqp://u:p@h")]);
        Given::Reference(reference).fetch(Key::Broker, &environment).map_err(|e| e.to_string())
    }

    fn command(words: &[&str]) -> Reference {
        Reference::Command(words.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_reference_leads_to_its_first_line() {
        let secret = Secret::new("amqp://u:p@h");
        assert_eq!(fetch(Reference::Environment("PASS".into())), Ok(secret.clone()));
        assert_eq!(fetch(command(&["printf", "amqp://u:p@h\nuser: u\n"])), Ok(secret));
    }

    #[test]
    fn a_reference_that_leads_nowhere_says_so() {
        let table = [
            (
                Reference::Environment("GONE".into()),
                "`broker` refers to the environment variable GONE, which is not set",
            ),
            (
                Reference::File("/nowhere/secret".into()),
                "`broker` refers to the file /nowhere/secret, which cannot be read",
            ),
            (
                command(&["/nowhere/pass"]),
                "`broker` refers to the command `/nowhere/pass`, which does not start",
            ),
            (
                command(&["false"]),
                "`broker` refers to the command `false`, which failed (exit status: 1)",
            ),
            (command(&["true"]), "`broker` refers to command true, which gives an empty line"),
        ];
        for (reference, message) in table {
            assert_eq!(fetch(reference), Err(message.to_owned()));
        }
    }
}
