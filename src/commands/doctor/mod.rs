//! `doctor`: is everything reachable, and does it fit together?

mod checks;
mod formats;
mod report;

use clap::{Args, ValueEnum};

use self::checks::Examination;
use super::bindings::Scope;
use super::context::Context;
use super::error::{CommandError, ExitKind};
use crate::ui::OutputFormat;

pub use report::DoctorReport;

const EXAMPLES: &str = "\
Examples:
  celerysalt doctor
  celerysalt --profile production doctor -o json
  celerysalt doctor --format nagios
  celerysalt doctor --format prometheus > /var/lib/node_exporter/celerysalt.prom";

/// Check everything that can be reached, and say how to mend what is wrong
///
/// Connects to the broker, its management API, the result backend and the registry, asks the workers
/// and looks for bindings that do not fit together. Changes nothing. The exit status is 1 where
/// something is wrong; with `--format nagios` it is that of a Nagios plugin: 0, 1 for warnings, 2 for
/// errors.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct DoctorArgs {
    /// How to print for a monitoring system, in place of the checklist
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    #[command(flatten)]
    scope: Scope,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One line and an exit status, as a Nagios plugin
    Nagios,
    /// Metrics for the textfile collector of Prometheus' node exporter
    Prometheus,
}

pub async fn run(args: &DoctorArgs, context: &Context) -> Result<ExitKind, CommandError> {
    if args.format.is_some() && context.ui.output() != OutputFormat::Human {
        let message = "--format and --output each choose how to print";
        return Err(CommandError::new(ExitKind::Usage, message).hint("leave out one of them"));
    }
    let report = Examination::run(&args.scope, context).await;
    match args.format {
        None => context.ui.report(&report)?,
        Some(Format::Nagios) => {
            context.ui.report(&formats::Nagios(&report))?;
            return Ok(formats::nagios_exit(&report));
        }
        Some(Format::Prometheus) => context.ui.report(&formats::Prometheus(&report))?,
    }
    Ok(if report.ok { ExitKind::Done } else { ExitKind::No })
}
