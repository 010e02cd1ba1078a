//! `schema`: what a registry holds, and getting schemas into it.

mod annotate;
mod compat;
mod deprecate;
mod diff;
mod edit;
mod extract;
mod findings;
mod history;
mod lint;
mod list;
mod problem;
mod register;
mod rules;
mod show;

use clap::{Args, Subcommand};

use super::context::Context;
use super::error::{CommandError, ExitKind};
use crate::registry::{self, Access, RegistryStore};

pub use annotate::{AnnotateArgs, SchemaAnnotate};
pub use compat::{CompatArgs, SchemaCompat};
pub use deprecate::{DeprecateArgs, SchemaDeprecate};
pub use diff::{DiffArgs, SchemaDiff};
pub use extract::{ExtractArgs, SchemaExtract};
pub use history::{HistoryArgs, SchemaHistory};
pub use lint::{LintArgs, SchemaLint};
pub use list::{ListArgs, SchemaList};
pub use register::{RegisterArgs, SchemaRegister};
pub use rules::{RulesArgs, SchemaRules};
pub use show::{SchemaShow, ShowArgs};

const EXAMPLES: &str = "\
Examples:
  celerysalt schema extract python:shop.events --out schemas
  celerysalt schema register schemas
  celerysalt schema list 'user.#'
  celerysalt schema show user.signup.completed@v2
  celerysalt schema diff git:origin/main";

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
    }
}

/// The registry of the settings.
async fn open(context: &Context, access: Access) -> Result<Box<dyn RegistryStore>, CommandError> {
    Ok(registry::open(&context.registry_url()?, access).await?)
}

/// The end of a command that could not read everything it was asked for.
fn unless_problems<T>(problems: &[T], otherwise: ExitKind) -> ExitKind {
    if problems.is_empty() { otherwise } else { ExitKind::Partial }
}
