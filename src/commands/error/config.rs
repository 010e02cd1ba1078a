use super::{CommandError, ExitKind};
use crate::config::{ConfigError, SuppressionProblem, UnknownProfile, WaiverProblem};

impl From<ConfigError> for CommandError {
    fn from(error: ConfigError) -> Self {
        let hint = hint(&error);
        Self::from_error(ExitKind::Config, &error).hint(hint)
    }
}

fn hint(error: &ConfigError) -> String {
    match error {
        ConfigError::Unreadable { .. } => {
            "check that the file exists and that you may read it".to_owned()
        }
        ConfigError::Unwritable { .. } => {
            "check that the folder exists and that you may write to it".to_owned()
        }
        ConfigError::Syntax { line, .. } => {
            format!("mend line {line}, then run `celerysalt config check`")
        }
        ConfigError::UnknownKey { suggestion: Some(name), .. } => {
            format!("did you mean `{name}`?")
        }
        ConfigError::UnknownKey { suggestion: None, known, .. } => {
            format!("the keys known here are: {known}")
        }
        ConfigError::WrongType { name, .. } => {
            format!("mend `{name}`, then run `celerysalt config check`")
        }
        ConfigError::NotTrusted { path, .. } => format!(
            "put it into a profile of your own config file (`celerysalt config check` names it), \
             or trust this file with `--config {}`",
            path.display()
        ),
        ConfigError::Suppression { problem, .. } => suppression_hint(problem),
        ConfigError::Waiver { problem, .. } => waiver_hint(problem),
        ConfigError::UnknownProfile { profile } => profile_hint(profile),
        ConfigError::VariableNotText { name } => format!("unset {name} or set it to plain text"),
        ConfigError::ReferenceUnset { name, .. } => {
            format!("set {name}, or see where the reference is: `celerysalt config show --origin`")
        }
        ConfigError::ReferenceFile { .. }
        | ConfigError::ReferenceCommand { .. }
        | ConfigError::ReferenceCommandFailed { .. }
        | ConfigError::ReferenceEmpty { .. } => {
            "see where the reference is: `celerysalt config show --origin`".to_owned()
        }
        ConfigError::NoPreviousProfile => {
            "select one by name: `celerysalt config list`, then `celerysalt config use NAME`"
                .to_owned()
        }
        ConfigError::NoHome => "set HOME, or XDG_CONFIG_HOME and XDG_STATE_HOME".to_owned(),
    }
}

fn suppression_hint(problem: &SuppressionProblem) -> String {
    match problem {
        SuppressionProblem::Missing("reason") => {
            "say why the finding is accepted: reason = \"…\"".to_owned()
        }
        SuppressionProblem::Missing(_) => "name the rule: rule = \"CB012\"".to_owned(),
        SuppressionProblem::UnknownRule { suggestion: Some(name) } => {
            format!(
                "did you mean {name:?}? `celerysalt bindings check --explain all` lists the rules"
            )
        }
        SuppressionProblem::UnknownRule { suggestion: None } => {
            "`celerysalt bindings check --explain all` lists the rules".to_owned()
        }
    }
}

fn waiver_hint(problem: &WaiverProblem) -> String {
    match problem {
        WaiverProblem::Missing("reason") => "say why the finding is accepted: reason = \"…\"",
        WaiverProblem::Missing(_) => {
            "name what is accepted: `fingerprint`, or `rule`, `topic` and `path` (\"\" is the event \
             itself); `celerysalt schema diff -o json` shows all of them"
        }
        WaiverProblem::TwoTargets(_) => {
            "keep the fingerprint, or else rule, topic and path; two findings are two waivers"
        }
        WaiverProblem::UnknownRule { suggestion: Some(name) } => {
            return format!("did you mean {name}? `celerysalt schema rules` lists all rules");
        }
        WaiverProblem::UnknownRule { suggestion: None } => {
            "`celerysalt schema rules` lists the rules; those of `schema diff` begin with CS"
        }
        WaiverProblem::BadTopic => "write a topic, or a pattern such as order.# or order.*",
        WaiverProblem::BadFingerprint => "copy it from `celerysalt schema diff -o json`",
    }
    .to_owned()
}

fn profile_hint(profile: &UnknownProfile) -> String {
    match (&profile.suggestion, &profile.user_file) {
        (Some(name), _) => {
            format!("did you mean {name:?}? `celerysalt config list` shows all profiles")
        }
        (None, Some(path)) if profile.known.is_empty() => {
            format!("there are no profiles yet; add a table [profiles.NAME] to {}", path.display())
        }
        (None, _) => "`celerysalt config list` shows the profiles; \
                      `celerysalt config use --none` selects none"
            .to_owned(),
    }
}
