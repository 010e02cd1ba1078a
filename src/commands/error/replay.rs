use crate::commands::replay::ReplayError;

use super::{CommandError, ExitKind};

impl From<ReplayError> for CommandError {
    fn from(error: ReplayError) -> Self {
        let hint = match &error {
            ReplayError::Missing { .. } => {
                "`celerysalt tail --record FILE` makes a recording; a queue with such a name is \
                 queue:NAME"
            }
            ReplayError::Unreadable { .. } => "check the path and its permissions",
        };
        Self::from_error(ExitKind::Config, &error).hint(hint)
    }
}
