use crate::broker::BrokerError;

use super::{CommandError, ExitKind};

impl From<&BrokerError> for CommandError {
    fn from(error: &BrokerError) -> Self {
        Self::from_error(ExitKind::Unreachable, error)
    }
}

impl From<BrokerError> for CommandError {
    fn from(error: BrokerError) -> Self {
        Self::from(&error)
    }
}
