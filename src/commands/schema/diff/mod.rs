//! `schema diff`: what a change of the schemas breaks, for whom, with a proof.

mod choose;
mod compare;
mod formats;
mod judged;
mod lines;
mod options;
mod report;
mod side;
mod waived;

use clap::Args;
use jiff::Zoned;

use super::extract::PythonArgs;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::event::RoutingPattern;
use crate::extract::folder_in_git_tree;
use crate::schema::judge::Scope;
use crate::ui::OutputFormat;

use compare::Comparing;
use formats::Format;
use options::{FailOn, JudgeArgs};
use side::Side;

pub(super) use formats::write_findings;
pub(super) use judged::judge_all;
pub(super) use lines::locate_lines;
pub(super) use options::{JudgeArgs as JudgingArgs, subscribers};
pub use report::SchemaDiff;

const EXAMPLES: &str = "\
Examples:
  celerysalt schema diff                            the registry and the project's schemas
  celerysalt schema diff git:origin/main            what this branch changes, without a server
  celerysalt schema diff git:HEAD~1 schemas --show-schema-diff
  celerysalt schema diff file:schemas python:shop.events,shop.handlers
  celerysalt schema diff git:origin/main --format github --fail-on breaking";

/// Say what a change of the schemas breaks, for whom, and prove it with an event
///
/// FROM and TO are each python:MODULE[,MODULE…], a directory of JSON files, a registry URL, or
/// git:REV[:DIR] (DIR relative to the working directory). FROM is the registry unless it is given,
/// TO the setting `source`; without that setting both are the registry's directory, and its last
/// commit is compared with its files.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct DiffArgs {
    /// The schemas before the change
    #[arg(value_name = "FROM")]
    from: Option<Side>,
    /// The schemas after the change
    #[arg(value_name = "TO")]
    to: Option<Side>,
    /// Only topics that this routing pattern matches
    #[arg(long, value_name = "PATTERN", default_value = "#")]
    topic: RoutingPattern,
    #[command(flatten)]
    judge: JudgeArgs,
    /// How to write the answer [default: as --output says]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// End with exit code 1 from this level on
    #[arg(long, value_name = "LEVEL", default_value = "undecided")]
    fail_on: FailOn,
    /// Show the changed lines of the schemas, too (--verbose does the same)
    #[arg(long)]
    show_schema_diff: bool,
    #[command(flatten)]
    python: PythonArgs,
}

pub(super) async fn run(args: DiffArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let chosen = choose::sides((args.from, args.to), context).await?;
    let python = args.python.options();
    let old = chosen.from.read((&args.topic, &chosen.directory), &python, context).await?;
    let new = chosen.to.read((&args.topic, &chosen.directory), &python, context).await?;
    let comparing = Comparing { judge: &args.judge, fail_on: args.fail_on, scope: chosen.scope };
    let mut report = comparing.compare(old, new);
    if args.format.is_some_and(Format::names_files) {
        report.folder = folder_in_git_tree().await;
    }
    locate_lines(&mut report.changes);
    let is_whole = args.topic.as_str() == "#" && comparing.scope == Scope::Whole;
    let scope = if is_whole { Scope::Whole } else { Scope::Part };
    report.waive(context.waivers(), Zoned::now().date(), scope);
    report.compatible = comparing.is_compatible(&report.summary);
    if !(args.show_schema_diff || context.ui.is_verbose()) {
        report.schema_differences.clear();
    }
    match args.format {
        None => context.ui.report(&report)?,
        Some(Format::Human) if context.ui.output() == OutputFormat::Human => {
            context.ui.report(&report)?;
        }
        Some(format) => formats::write_as(format, &report, &context.ui)?,
    }
    Ok(report.outcome())
}
