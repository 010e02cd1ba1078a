//! `bindings`: who receives which topics, why not, and what is wrong with it.

mod asked;
mod check;
mod code;
mod graph;
mod list;
mod listen;
mod path;
mod plan;
mod repair;
mod route;
mod source;
mod topics;
mod why;

use clap::{Args, Subcommand};

use super::context::Context;
use super::error::{CommandError, ExitKind};

pub(super) use check::look;
pub use check::{BindingsCheck, CheckArgs, LevelArg, Scope};
pub use graph::{BindingsGraph, GraphArgs};
pub use list::{BindingsList, ListArgs};
pub use plan::{BindingsPlan, PlanArgs};
pub use route::{BindingsRoute, RouteArgs};
pub(super) use source::{Loaded, of_management};
pub(super) use why::nearest;

const EXAMPLES: &str = "\
Examples:
  celerysalt bindings                                who is bound to what
  celerysalt bindings --topic user.created           the bindings that apply to a topic
  celerysalt bindings route user.created --explain   who receives it, and why others do not
  celerysalt bindings graph --format mermaid
  celerysalt bindings plan --add service_queue='user.#'
  celerysalt bindings check";

/// Show who receives which topics, and why not
///
/// Nothing is changed: the answers come from the broker's management API, or from a file of
/// definitions that was exported earlier.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct BindingsArgs {
    #[command(subcommand)]
    command: Option<BindingsCommand>,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(Debug, Subcommand)]
enum BindingsCommand {
    List(ListArgs),
    Route(RouteArgs),
    Graph(GraphArgs),
    Plan(PlanArgs),
    Check(CheckArgs),
}

pub async fn run(args: BindingsArgs, context: &Context) -> Result<ExitKind, CommandError> {
    match args.command.unwrap_or(BindingsCommand::List(args.list)) {
        BindingsCommand::List(args) => list::run(&args, context).await,
        BindingsCommand::Route(args) => route::run(&args, context).await,
        BindingsCommand::Graph(args) => graph::run(&args, context).await,
        BindingsCommand::Plan(args) => plan::run(&args, context).await,
        BindingsCommand::Check(args) => check::run(&args, context).await,
    }
}
