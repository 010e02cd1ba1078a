use crate::wire::encode::EncodeError;

use super::{CommandError, ExitKind};

impl From<EncodeError> for CommandError {
    fn from(error: EncodeError) -> Self {
        let hint = match &error {
            EncodeError::NotJson { .. } => {
                "one event is one JSON object, for example '{\"user_id\": 1}'"
            }
            EncodeError::WrongKind { .. } => "an event is a JSON object: give its data a name",
            EncodeError::Protocol(_) => "Celery messages have --protocol 2 or --protocol 1",
            EncodeError::Undecodable => "only messages that could be read can be published again",
        };
        Self::from_error(ExitKind::Usage, &error).hint(hint)
    }
}
