use crate::commands::tail::RecordingError;

use super::{CommandError, ExitKind};

impl From<RecordingError> for CommandError {
    fn from(error: RecordingError) -> Self {
        let (kind, hint) = match &error {
            RecordingError::Exists { .. } => {
                (ExitKind::Usage, "record to another file, or add to this one with --append")
            }
            RecordingError::Open { .. } => {
                (ExitKind::Config, "check the folder and its permissions")
            }
            RecordingError::Write { .. } => (
                ExitKind::Partial,
                "make room and go on with --append; all but the last line can be replayed",
            ),
        };
        Self::from_error(kind, &error).hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn every_failed_recording_says_how_to_go_on() {
        let path = || PathBuf::from("a.jsonl");
        let source = || io::Error::from_raw_os_error(28);
        let errors = [
            RecordingError::Exists { path: path() },
            RecordingError::Open { path: path(), source: source() },
            RecordingError::Write { path: path(), source: source() },
        ];
        let shown: Vec<String> = errors
            .into_iter()
            .map(CommandError::from)
            .map(|error| {
                let (message, code) = (&error.message, error.kind.code());
                format!("{message} ({code}): {}", error.hints.join(" "))
            })
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @"
        the recording a.jsonl exists already (2): record to another file, or add to this one with --append
        cannot open the recording a.jsonl (3): check the folder and its permissions
        cannot write to the recording a.jsonl (8): make room and go on with --append; all but the last line can be replayed
        ");
    }
}
