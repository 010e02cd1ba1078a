//! `generate`: code, schemas and pages out of a registry.

mod documents;
mod folder;
mod report;
mod stubs;

use clap::{Args, Subcommand};

use super::context::Context;
use super::error::{CommandError, ExitKind};

pub use report::GenerateReport;
pub use stubs::StubsArgs;

const EXAMPLES: &str = "\
Examples:
  celerysalt generate stubs                              the package celerysalt_types
  celerysalt generate stubs 'order.#' --out shop/events
  celerysalt generate stubs --check                      in CI: are the files up to date?
  celerysalt generate stubs user.signup --style pydantic";

/// Generate types from the registry
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct GenerateArgs {
    #[command(subcommand)]
    command: GenerateCommand,
}

#[derive(Debug, Subcommand)]
enum GenerateCommand {
    Stubs(StubsArgs),
}

pub async fn run(args: GenerateArgs, context: &Context) -> Result<ExitKind, CommandError> {
    match args.command {
        GenerateCommand::Stubs(args) => stubs::run(&args, context).await,
    }
}
