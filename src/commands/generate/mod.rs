//! `generate`: code, schemas and pages out of a registry.

mod documents;
mod folder;
mod jsonschema;
mod report;
mod stubs;
mod target;
mod whole;

use clap::{Args, Subcommand};

use super::context::Context;
use super::error::{CommandError, ExitKind};

pub use jsonschema::JsonSchemaArgs;
pub use report::GenerateReport;
pub use stubs::StubsArgs;
pub use whole::WholeArgs;

use whole::Language;

const EXAMPLES: &str = "\
Examples:
  celerysalt generate stubs                              the package celerysalt_types
  celerysalt generate stubs 'order.#' --out shop/events
  celerysalt generate stubs --check                      in CI: are the files up to date?
  celerysalt generate stubs user.signup --style pydantic
  celerysalt generate docs --all-versions";

const TYPESCRIPT_EXAMPLES: &str = "\
Examples:
  celerysalt generate typescript --out web/src/events
  celerysalt generate typescript user.signup";

const ASYNCAPI_EXAMPLES: &str = "\
Examples:
  celerysalt generate asyncapi --out docs/asyncapi.json
  celerysalt generate asyncapi 'order.#' --check";

const DOCS_EXAMPLES: &str = "\
Examples:
  celerysalt generate docs --all-versions --out docs/events
  celerysalt generate docs order.placed";

/// Generate types, documents and pages from the registry
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
    /// Generate TypeScript types and a map of topics
    ///
    /// One module for each topic and version, and index.ts. One topic without --out is printed.
    #[command(disable_version_flag = true, after_help = TYPESCRIPT_EXAMPLES)]
    Typescript(WholeArgs),
    /// Generate an AsyncAPI 3.0 document
    ///
    /// Channels, operations, RPC replies and AMQP bindings of the exchange of the settings.
    #[command(disable_version_flag = true, after_help = ASYNCAPI_EXAMPLES)]
    Asyncapi(WholeArgs),
    /// Generate documentation: Markdown, and one HTML page that needs no network
    ///
    /// With --all-versions it says what changed between versions, and what that breaks.
    #[command(disable_version_flag = true, after_help = DOCS_EXAMPLES)]
    Docs(WholeArgs),
}

pub async fn run(args: GenerateArgs, context: &Context) -> Result<ExitKind, CommandError> {
    match args.command {
        GenerateCommand::Stubs(args) => stubs::run(&args, context).await,
        GenerateCommand::JsonSchema(args) => jsonschema::run(&args, context).await,
        GenerateCommand::Typescript(args) => whole::run(&args, Language::TypeScript, context).await,
        GenerateCommand::Asyncapi(args) => whole::run(&args, Language::AsyncApi, context).await,
        GenerateCommand::Docs(args) => whole::run(&args, Language::Docs, context).await,
    }
}
