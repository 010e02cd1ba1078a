use crate::ui::PromptError;

use super::{CommandError, ExitKind};

impl From<PromptError> for CommandError {
    fn from(error: PromptError) -> Self {
        match &error {
            PromptError::NoTerminal { instead, .. } => Self::from_error(ExitKind::Usage, &error)
                .hint(format!("run it in a terminal, or answer with {instead}")),
            // An answer that cannot be read is how a prompt ends on Ctrl-C or Ctrl-D.
            PromptError::Unreadable { .. } => Self::from_error(ExitKind::Interrupted, &error)
                .hint("nothing was done; start again when ready"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_nobody_can_answer_names_the_flag_that_does() {
        let question = "Purge 12 messages?".to_owned();
        let error = CommandError::from(PromptError::NoTerminal { question, instead: "--yes" });
        assert_eq!(error.message, "cannot ask \"Purge 12 messages?\" without a terminal");
        assert_eq!(error.hints, ["run it in a terminal, or answer with --yes"]);
        assert_eq!(error.kind, ExitKind::Usage);
    }
}
