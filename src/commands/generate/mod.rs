//! `generate`: code, schemas and pages out of a registry.

mod arguments;
mod folder;
mod report;
mod run;
mod selection;
mod stubs;
mod target;
mod watch;

use clap::{Args, Subcommand, ValueHint};

use super::context::Context;
use super::error::{CommandError, ExitKind};

pub use arguments::GenerateTargetArgs;
pub use report::GenerateReport;
pub use stubs::StubsArgs;

use target::Target;

const EXAMPLES: &str = "\
Examples:
  celerysalt generate stubs                              the package celerysalt_types
  celerysalt generate stubs 'order.#' --out shop/events
  celerysalt generate stubs --check                      in CI: are the files up to date?
  celerysalt generate stubs user.signup --style pydantic
  celerysalt generate docs --all-versions";

const JSONSCHEMA_EXAMPLES: &str = "\
Examples:
  celerysalt generate jsonschema --out events.schema.json
  celerysalt generate jsonschema user.signup";

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
    /// Generate one JSON Schema file with the schemas of every event
    ///
    /// Each schema stands under $defs as it was registered, with an $id of its own:
    /// urn:celerysalt:TOPIC:VERSION. One topic without --out is printed.
    #[command(name = "jsonschema", after_help = JSONSCHEMA_EXAMPLES)]
    #[command(mut_arg("out", |out| out
        .help("The file [default: celerysalt.schema.json]")
        .value_hint(ValueHint::FilePath)))]
    JsonSchema(GenerateTargetArgs),
    /// Generate TypeScript types and a map of topics
    ///
    /// One module for each topic and version, and index.ts. One topic without --out is printed.
    #[command(after_help = TYPESCRIPT_EXAMPLES)]
    #[command(mut_arg("out", |out| out
        .help("The folder [default: events-ts]")
        .value_hint(ValueHint::DirPath)))]
    Typescript(GenerateTargetArgs),
    /// Generate an AsyncAPI 3.0 document
    ///
    /// Channels, operations, RPC replies and AMQP bindings of the exchange of the settings.
    #[command(after_help = ASYNCAPI_EXAMPLES)]
    #[command(mut_arg("out", |out| out
        .help("The file [default: asyncapi.json]")
        .value_hint(ValueHint::FilePath)))]
    Asyncapi(GenerateTargetArgs),
    /// Generate documentation: Markdown, and one HTML page that needs no network
    ///
    /// With --all-versions it says what changed between versions, and what that breaks.
    #[command(after_help = DOCS_EXAMPLES)]
    #[command(mut_arg("out", |out| out
        .help("The folder [default: event-docs]")
        .value_hint(ValueHint::DirPath)))]
    Docs(GenerateTargetArgs),
}

pub async fn run(args: &GenerateArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let (target, args) = match &args.command {
        GenerateCommand::Stubs(args) => (Target::Stubs(args.style), &args.target),
        GenerateCommand::JsonSchema(args) => (Target::JsonSchema, args),
        GenerateCommand::Typescript(args) => (Target::TypeScript, args),
        GenerateCommand::Asyncapi(args) => (Target::AsyncApi, args),
        GenerateCommand::Docs(args) => (Target::Docs, args),
    };
    run::run(target, args, context).await
}
