use super::{CommandError, ExitKind};
use crate::extract::GitError;

impl From<GitError> for CommandError {
    fn from(error: GitError) -> Self {
        let hint = match &error {
            GitError::CannotRun { .. } => {
                "install git, or name a directory or a registry".to_owned()
            }
            GitError::NoRepository { .. } => {
                "run inside the repository, or name two directories or registries".to_owned()
            }
            GitError::OutsideRepository { .. } => {
                "name a directory of the repository, relative to the working directory: \
                 git:REV:DIR"
                    .to_owned()
            }
            GitError::UnknownRevision { fetch: Some(fetch), .. } => {
                format!("get it with `{fetch}`")
            }
            GitError::UnknownRevision { fetch: None, .. } => {
                "`git log --oneline --all` shows what there is".to_owned()
            }
            GitError::NotInRevision { revision, .. } => format!(
                "`git ls-tree -r --name-only {revision}` shows what there is; name the directory \
                 with git:REV:DIR"
            ),
        };
        let mut shown = Self::from_error(ExitKind::Config, &error);
        if let GitError::NoRepository { said } = &error {
            shown.causes.push(said.clone());
        }
        shown.hint(hint)
    }
}
