//! `generate`: code, schemas and pages out of a registry.

mod documents;
mod folder;
mod jsonschema;
mod report;
mod stubs;
mod target;

use clap::{Args, Subcommand};

use super::context::Context;
use super::error::{CommandError, ExitKind};

pub use jsonschema::JsonSchemaArgs;
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
    #[command(name = "jsonschema")]
    JsonSchema(JsonSchemaArgs),
}

pub async fn run(args: GenerateArgs, context: &Context) -> Result<ExitKind, CommandError> {
    match args.command {
        GenerateCommand::Stubs(args) => stubs::run(&args, context).await,
        GenerateCommand::JsonSchema(args) => jsonschema::run(&args, context).await,
    }
}
