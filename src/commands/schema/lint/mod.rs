//! `schema lint`: style and traps of schemas as they are, compared with nothing.

mod read;
mod report;

use clap::{Args, ValueEnum};

use super::extract::PythonArgs;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::extract::Source;
use crate::schema::lint::LintLevel;
use read::Subject;

pub use report::SchemaLint;

/// Look for traps and poor style in schemas
///
/// `celerysalt schema rules CODE` explains a finding.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  celerysalt schema lint\n  \
    celerysalt schema lint schemas --fail-on warning\n  \
    celerysalt schema lint --from python:shop.events\n  \
    celerysalt schema lint -o json | jq -r '.findings[].rule'")]
pub struct LintArgs {
    /// JSON files, python:MODULE[,MODULE…], or a registry URL [default: the registry]
    #[arg(value_name = "SOURCE", conflicts_with = "from")]
    subject: Option<Subject>,
    /// The same as SOURCE, as in `schema register`
    #[arg(long, value_name = "SOURCE")]
    from: Option<Source>,
    /// The least finding that makes the command exit with 1
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = FailOn::Error)]
    fail_on: FailOn,
    #[command(flatten)]
    python: PythonArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Info,
}

pub(super) async fn run(args: LintArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let subject = match args.subject.or(args.from.map(Subject::Source)) {
        Some(subject) => subject,
        None => Subject::Registry(context.registry_url()?),
    };
    let report = SchemaLint::new(subject.read(&args.python.options()).await?);
    context.ui.report(&report)?;
    Ok(report.outcome(args.fail_on.level()))
}

impl FailOn {
    fn level(self) -> LintLevel {
        match self {
            Self::Error => LintLevel::Error,
            Self::Warning => LintLevel::Warning,
            Self::Info => LintLevel::Info,
        }
    }
}
