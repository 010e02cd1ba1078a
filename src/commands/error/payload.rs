use crate::commands::payload::PayloadError;

use super::{CommandError, ExitKind};

impl From<PayloadError> for CommandError {
    fn from(error: PayloadError) -> Self {
        let kind = match error {
            PayloadError::Unreadable { .. } => ExitKind::Config,
            PayloadError::Missing
            | PayloadError::EmptyInput
            | PayloadError::TooLarge
            | PayloadError::NotJson { .. }
            | PayloadError::NotAnObject { .. } => ExitKind::Usage,
        };
        Self::from_error(kind, &error).hint(hint(&error))
    }
}

fn hint(error: &PayloadError) -> String {
    match error {
        PayloadError::Missing => {
            "give the payload as JSON ('{\"user_id\": 1}'), as @FILE, or as - for standard input"
                .to_owned()
        }
        PayloadError::EmptyInput => {
            "an event without fields is '{}'; without an argument the payload is read from \
             standard input"
                .to_owned()
        }
        PayloadError::Unreadable { .. } => {
            "check that the file exists and that you may read it".to_owned()
        }
        PayloadError::TooLarge => {
            "put large data somewhere else and publish where it is".to_owned()
        }
        PayloadError::NotJson { shown, .. } => format!(
            "what arrived here starts with {shown:?}; quote JSON for the shell, as in \
             '{{\"user_id\": 1}}', and write @FILE for a file"
        ),
        PayloadError::NotAnObject { .. } => {
            "give it a name, as in '{\"items\": [1, 2]}'; for one event a line, pipe JSON Lines \
             into `celerysalt publish TOPIC -`"
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::payload::JsonObject;

    #[test]
    fn a_payload_that_the_shell_took_apart_shows_what_arrived() {
        let error = CommandError::from(JsonObject::parse(b"{user_id: 1}").unwrap_err());
        assert_eq!(error.kind, ExitKind::Usage);
        insta::assert_snapshot!(format!("{error}\n{:?}\n{}", error.causes, error.hints.join("\n")), @r#"
        the payload is not JSON
        ["'u' stands where a key in double quotes should be (at byte 1)"]
        what arrived here starts with "{user_id: 1}"; quote JSON for the shell, as in '{"user_id": 1}', and write @FILE for a file
        "#);
    }
}
