//! `schema`: what a registry holds, and getting schemas into it.

mod annotate;
mod compat;
mod deprecate;
mod diff;
mod edit;
mod example;
mod extract;
mod findings;
mod history;
mod lint;
mod list;
mod part;
mod problem;
mod register;
mod rules;
mod show;
mod validate;

use clap::{Args, Subcommand};

use super::context::Context;
use super::error::{CommandError, ExitKind};
use crate::config::closest;
use crate::event::{RoutingPattern, SchemaVersion, Topic};
use crate::registry::{self, Access, RegistryStore};
use crate::schema::{SchemaDocument, SchemaReference};

pub use annotate::{AnnotateArgs, SchemaAnnotate};
pub use compat::{CompatArgs, SchemaCompat};
pub use deprecate::{DeprecateArgs, SchemaDeprecate};
pub use diff::{DiffArgs, SchemaDiff};
pub use example::ExampleArgs;
pub(super) use extract::hint as failure_hint;
pub use extract::{ExtractArgs, SchemaExtract};
pub use history::{HistoryArgs, SchemaHistory};
pub use lint::{LintArgs, SchemaLint};
pub use list::{ListArgs, SchemaList};
pub(super) use problem::Problem;
pub use register::{RegisterArgs, SchemaRegister};
pub use rules::{RulesArgs, SchemaRules};
pub use show::{SchemaShow, ShowArgs};
pub use validate::{SchemaValidate, ValidateArgs};

const EXAMPLES: &str = "\
Examples:
  celerysalt schema extract python:shop.events --out schemas
  celerysalt schema register schemas
  celerysalt schema list 'user.#'
  celerysalt schema show user.signup.completed@v2
  celerysalt schema diff git:origin/main
  celerysalt schema validate user.signup.completed @event.json
  celerysalt schema example user.signup.completed";

/// Extract, register, look up and compare event schemas
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct SchemaArgs {
    #[command(subcommand)]
    command: SchemaCommand,
}

#[derive(Debug, Subcommand)]
enum SchemaCommand {
    List(ListArgs),
    Show(ShowArgs),
    History(HistoryArgs),
    Register(RegisterArgs),
    Extract(ExtractArgs),
    Diff(Box<DiffArgs>),
    Compat(CompatArgs),
    Lint(LintArgs),
    Rules(RulesArgs),
    Annotate(AnnotateArgs),
    Deprecate(DeprecateArgs),
    Validate(ValidateArgs),
    Example(ExampleArgs),
}

pub async fn run(args: SchemaArgs, context: &Context) -> Result<ExitKind, CommandError> {
    match args.command {
        SchemaCommand::List(args) => list::run(&args, context).await,
        SchemaCommand::Show(args) => show::run(&args, context).await,
        SchemaCommand::History(args) => history::run(&args, context).await,
        SchemaCommand::Register(args) => register::run(args, context).await,
        SchemaCommand::Extract(args) => extract::run(args, context).await,
        SchemaCommand::Diff(args) => diff::run(*args, context).await,
        SchemaCommand::Compat(args) => compat::run(&args, &context.ui),
        SchemaCommand::Lint(args) => lint::run(args, context).await,
        SchemaCommand::Rules(args) => rules::run(&args, &context.ui),
        SchemaCommand::Annotate(args) => annotate::run(&args, context).await,
        SchemaCommand::Deprecate(args) => deprecate::run(&args, context).await,
        SchemaCommand::Validate(args) => validate::run(args, context).await,
        SchemaCommand::Example(args) => example::run(&args, context).await,
    }
}

/// The registry of the settings.
async fn open(context: &Context, access: Access) -> Result<Box<dyn RegistryStore>, CommandError> {
    Ok(registry::open(&context.registry_url()?, access).await?)
}

/// One document of the registry, which has to be there.
pub(super) async fn document(
    reference: &SchemaReference,
    context: &Context,
) -> Result<SchemaDocument, CommandError> {
    let store = open(context, Access::Read).await?;
    let found = store.get(&reference.topic, &reference.version).await?;
    let answer = match found {
        Some(document) => Ok(document),
        None => Err(not_found(reference, &*store).await?),
    };
    store.close().await;
    answer
}

async fn not_found(
    reference: &SchemaReference,
    store: &dyn RegistryStore,
) -> Result<CommandError, CommandError> {
    let versions = store.versions(&reference.topic).await?;
    let versions: Vec<&str> = versions.iter().map(SchemaVersion::as_str).collect();
    if !versions.is_empty() {
        let message = format!("{reference} is not in {}", store.name());
        let hint = format!("the versions that are there: {}", versions.join(" "));
        return Ok(CommandError::new(ExitKind::No, message).hint(hint));
    }
    unknown_topic(&reference.topic, store).await
}

async fn unknown_topic(
    topic: &Topic,
    store: &dyn RegistryStore,
) -> Result<CommandError, CommandError> {
    let listing = store.list(&RoutingPattern::everything()).await?;
    let topics = listing.documents.iter().map(|document| document.topic.as_str());
    let hint = match closest(topic.as_str(), topics) {
        Some(meant) => format!("did you mean {meant}?"),
        None => "`celerysalt schema list` shows the topics that are there".to_owned(),
    };
    let message = format!("{topic} is not in {}", store.name());
    Ok(CommandError::new(ExitKind::No, message).hint(hint))
}

/// The end of a command that could not read everything it was asked for.
fn unless_problems<T>(problems: &[T], otherwise: ExitKind) -> ExitKind {
    if problems.is_empty() { otherwise } else { ExitKind::Partial }
}
