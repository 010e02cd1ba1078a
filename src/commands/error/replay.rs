use crate::commands::replay::ReplayError;

use super::{CommandError, ExitKind};

impl From<ReplayError> for CommandError {
    fn from(error: ReplayError) -> Self {
        let hint = match &error {
            ReplayError::Missing { path } if is_like_a_queue(path) => {
                "`celerysalt tail --record FILE` makes a recording, and `celerysalt queue peek \
                 QUEUE -n 1000 -o jsonl > FILE` one of the messages in a queue"
            }
            ReplayError::Missing { .. } => "`celerysalt tail --record FILE` makes a recording",
            ReplayError::Unreadable { .. } => "check the path and its permissions",
        };
        Self::from_error(ExitKind::Config, &error).hint(hint)
    }
}

/// A bare name without an extension is more likely a queue's than a file's.
fn is_like_a_queue(path: &std::path::Path) -> bool {
    path.components().count() == 1 && path.extension().is_none_or(|name| name != "jsonl")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_name_is_told_apart_from_a_mistyped_file() {
        let error = |path: &str| CommandError::from(ReplayError::Missing { path: path.into() });
        assert_eq!(error("orders").message, "there is no recording orders");
        assert!(error("orders").hints[0].contains("queue"));
        assert!(error("mail.service").hints[0].contains("queue"));
        assert!(!error("a.jsonl").hints[0].contains("queue"));
        assert!(!error("./orders").hints[0].contains("queue"));
        assert_eq!(error("orders").kind, ExitKind::Config);
    }
}
