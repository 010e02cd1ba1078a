use super::{CommandError, ExitKind};
use crate::extract::ExtractError;

impl From<ExtractError> for CommandError {
    fn from(error: ExtractError) -> Self {
        let (kind, hint) = match &error {
            ExtractError::Unreadable { .. } => (
                ExitKind::Config,
                "name a JSON file, a directory of JSON files, or python:MODULE".to_owned(),
            ),
            ExtractError::NoInterpreter => (
                ExitKind::Config,
                "activate the service's virtual environment, or name it with --python".to_owned(),
            ),
            ExtractError::CannotRun { .. } => {
                (ExitKind::Config, "name the service's interpreter with --python".to_owned())
            }
            ExtractError::Timeout { .. } => (
                ExitKind::Timeout,
                "see what the modules wait for while they are imported, or give them more time \
                 with --timeout"
                    .to_owned(),
            ),
            ExtractError::Crashed { .. } => {
                (ExitKind::No, "import the modules by hand to see why it ends".to_owned())
            }
            ExtractError::BadAnswer { .. } => (
                ExitKind::Internal,
                "check that --python is a Python interpreter, version 3.8 or newer".to_owned(),
            ),
        };
        let mut shown = Self::from_error(kind, &error);
        if let ExtractError::Timeout { last_output, .. }
        | ExtractError::Crashed { last_output, .. } = &error
        {
            shown.causes.extend(last_output.iter().cloned());
        }
        shown.hint(hint)
    }
}
