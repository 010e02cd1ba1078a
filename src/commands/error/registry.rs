use super::{CommandError, ExitKind};
use crate::registry::RegistryError;

impl From<RegistryError> for CommandError {
    fn from(error: RegistryError) -> Self {
        let (kind, hint) = match &error {
            RegistryError::BadUrl { .. } => (
                ExitKind::Config,
                "write file:DIR for a directory of JSON files, or sqlite:FILE".to_owned(),
            ),
            RegistryError::Unsupported { .. } => {
                (ExitKind::Config, "use file:DIR or sqlite:FILE".to_owned())
            }
            RegistryError::Missing { .. } => (
                ExitKind::Config,
                "`celerysalt schema extract` and `celerysalt schema register` make it from a \
                 publisher's code; --registry names another; `celerysalt config show --origin` \
                 says where the setting comes from"
                    .to_owned(),
            ),
            RegistryError::BadTopic { .. } => {
                (ExitKind::No, "choose a topic of plain words joined by dots".to_owned())
            }
            RegistryError::Broken { source, .. } => (
                ExitKind::Config,
                format!("mend line {}, or restore it from version control", source.line),
            ),
            RegistryError::Misplaced { .. } => (
                ExitKind::Config,
                "keep each document in <topic>/<version>.json, with the same two inside".to_owned(),
            ),
            RegistryError::Io { .. } => {
                (ExitKind::Config, "check that it exists and that you may use it".to_owned())
            }
            RegistryError::Database { .. } => (
                ExitKind::Unreachable,
                "check that the file is a registry and that you may write to its folder".to_owned(),
            ),
        };
        Self::from_error(kind, &error).hint(hint)
    }
}
