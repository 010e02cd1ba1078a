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
            ExtractError::Git { .. } => {
                (ExitKind::Config, "install git, or name a directory or a registry".to_owned())
            }
            ExtractError::NoRepository { .. } => (
                ExitKind::Config,
                "run inside the repository, or name two directories or registries".to_owned(),
            ),
            ExtractError::OutsideRepository { .. } => (
                ExitKind::Config,
                "name a directory of the repository: git:REV:DIR, relative to the working \
                 directory"
                    .to_owned(),
            ),
            ExtractError::UnknownRevision { fetch: Some(fetch), .. } => {
                (ExitKind::Config, format!("get it with `{fetch}`"))
            }
            ExtractError::UnknownRevision { fetch: None, .. } => {
                (ExitKind::Config, "`git log --oneline --all` shows what there is".to_owned())
            }
            ExtractError::NotInRevision { revision, .. } => (
                ExitKind::Config,
                format!(
                    "`git ls-tree -r --name-only {revision}` shows what there is; name the \
                         directory with git:REV:DIR"
                ),
            ),
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
        if let ExtractError::NoRepository { said } = &error {
            shown.causes.push(said.clone());
        }
        shown.hint(hint)
    }
}
