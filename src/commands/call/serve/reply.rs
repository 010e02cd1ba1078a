//! Where the answers of a stand-in come from: a jq expression or a command.

use std::process::Stdio;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::value::RawValue;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::ServeArgs;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::payload::excerpt;
use crate::filter::{Filter, FilterError};
use crate::wire::record::{Observation, SchemaOutcome, SchemaStatus, write_message};
use crate::wire::{Decoded, Incoming, json};

/// A command that hangs must not hang the stand-in.
const COMMAND_DEADLINE: Duration = Duration::from_secs(60);
/// How much of what a failing command said goes into the error.
const MAX_ERROR_CHARACTERS: usize = 500;

pub enum Replier {
    Expression { filter: Filter, record: Vec<u8> },
    Command(String),
}

/// The answer, or the text of the error that the handler "raised".
pub type Reply = Result<Box<RawValue>, String>;

impl Replier {
    pub fn new(args: &ServeArgs) -> Result<Self, CommandError> {
        match (&args.reply, &args.exec) {
            (Some(expression), _) => {
                let filter = Filter::compile(expression)?;
                Ok(Self::Expression { filter, record: Vec::new() })
            }
            (None, Some(command)) => Ok(Self::Command(command.clone())),
            (None, None) => {
                Err(CommandError::new(ExitKind::Usage, "there is nothing to answer with")
                    .hint("give the answer with --reply '{ok: true}' or --exec COMMAND"))
            }
        }
    }

    /// # Errors
    /// Only what makes going on senseless; everything else is the reply of a failing handler.
    pub async fn reply(
        &mut self,
        message: &Incoming<'_>,
        decoded: &Decoded<'_>,
        now: Timestamp,
    ) -> Result<Reply, CommandError> {
        match self {
            Self::Command(command) => {
                let payload = decoded.payload.as_deref().unwrap_or("null");
                Ok(run(command, (&decoded.topic, payload)).await)
            }
            Self::Expression { filter, record } => {
                record.clear();
                let schema = SchemaStatus {
                    status: SchemaOutcome::Unchecked,
                    version: None,
                    errors: Vec::new(),
                };
                let received_at = format!("{now:.3}");
                let seen = Observation { received_at: &received_at, schema: &schema };
                write_message(record, decoded, message, &seen);
                match filter.transform(record) {
                    Ok(answer) => Ok(raw(answer.as_bytes())),
                    Err(error) if is_fatal(&error) => Err(error.into()),
                    Err(error) => Ok(Err(error.to_string())),
                }
            }
        }
    }
}

fn is_fatal(error: &FilterError) -> bool {
    error.is_final()
}

fn raw(answer: &[u8]) -> Reply {
    json::compact(answer, json::DEFAULT_MAX_DEPTH)
        .map_err(|error| format!("the answer {:?} is not JSON: {error}", excerpt(answer)))
        .and_then(|text| RawValue::from_string(text).map_err(|error| error.to_string()))
}

async fn run(command: &str, (topic, payload): (&str, &str)) -> Reply {
    let failed = |error: std::io::Error| format!("the command cannot be run: {error}");
    let mut child = Command::new("sh")
        .args(["-c", command])
        .env("CELERYSALT_TOPIC", topic)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    let input = child.stdin.take();
    let feed = async {
        if let Some(mut input) = input {
            // A command that does not read its input closes it early.
            let _ = input.write_all(payload.as_bytes()).await;
        }
    };
    let both = async { tokio::join!(feed, child.wait_with_output()).1 };
    let output = tokio::time::timeout(COMMAND_DEADLINE, both)
        .await
        .map_err(|_elapsed| format!("the command took longer than {COMMAND_DEADLINE:?}"))?
        .map_err(failed)?;
    if output.status.success() {
        return raw(&output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    match said.trim() {
        "" => Err(format!("the command ended with {}", output.status)),
        said => Err(said.chars().take(MAX_ERROR_CHARACTERS).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(reply: &Reply) -> String {
        match reply {
            Ok(answer) => answer.get().to_owned(),
            Err(error) => format!("error: {error}"),
        }
    }

    #[tokio::test]
    async fn a_command_answers_with_what_it_prints_and_fails_with_what_it_complains() {
        let table = [
            ("cat", r#"{"a":1}"#),
            ("echo '{\"ok\": true}'", r#"{"ok":true}"#),
            ("printf '\"%s\"' \"$CELERYSALT_TOPIC\"", r#""math.add""#),
            ("echo no money >&2; exit 3", "error: no money"),
            ("exit 3", "error: the command ended with exit status: 3"),
            (
                "echo hello",
                "error: the answer \"hello\\n\" is not JSON: 'h' stands where a value should be (at byte 0)",
            ),
        ];
        for (command, expected) in table {
            let reply = run(command, ("math.add", r#"{"a":1}"#)).await;
            assert_eq!(shown(&reply), expected, "{command}");
        }
    }
}
