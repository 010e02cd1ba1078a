use crate::filter::FilterError;

use super::{CommandError, ExitKind};

impl From<FilterError> for CommandError {
    fn from(error: FilterError) -> Self {
        let kind = match error {
            FilterError::Syntax { .. } | FilterError::TooSlow(_) => ExitKind::Usage,
            FilterError::Runtime(_) | FilterError::NoJson(_) | FilterError::BadRecord(_) => {
                ExitKind::No
            }
            FilterError::Crashed => ExitKind::Internal,
        };
        Self::from_error(kind, &error).hint(hint(&error))
    }
}

fn hint(error: &FilterError) -> &'static str {
    match error {
        FilterError::Syntax { .. } => {
            "a filter is a jq expression over the record that `celerysalt tail -o jsonl` prints, \
             for example '.payload.user_id == 7'"
        }
        FilterError::Runtime(_) | FilterError::NoJson(_) => {
            "not every record has every field; add a default, as in '.payload.total // 0 > 100'"
        }
        FilterError::BadRecord(_) => "leave the filter out, or choose by topic instead",
        FilterError::TooSlow(_) => {
            "look for a loop without an end, such as `[repeat(1)]` or `[range(1e9)]`; \
             `limit(10; …)` or `first(…)` bounds one"
        }
        FilterError::Crashed => "please report this expression as a bug",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_wrong_expression_is_a_wrong_command_line_and_shows_an_example() {
        let error = crate::filter::Filter::compile(".a |").err().map(CommandError::from).unwrap();
        assert_eq!(error.kind, ExitKind::Usage);
        assert_eq!(error.message, r#"the jq expression ".a |" is wrong at its end: term expected"#);
        assert!(error.hints[0].contains("'.payload.user_id == 7'"));
        let slow = CommandError::from(FilterError::TooSlow(Duration::from_secs(2)));
        assert_eq!(slow.message, "the jq expression did not finish within 2s on one record");
        assert_eq!(slow.kind, ExitKind::Usage);
    }
}
