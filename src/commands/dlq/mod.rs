//! `celerysalt dlq`: find dead letters, look at them, send them back, remove them.

mod advice;
mod discovery;
mod history;
mod list;
mod purge;
mod retry;
mod show;

use clap::{Args, Subcommand};
use schemars::JsonSchema;
use serde::Serialize;

use super::Context;
use super::error::{CommandError, ExitKind};
use super::queue::TransferReport;

pub use history::{Death, History};
pub use list::DlqList;

const EXAMPLES: &str = "\
Examples:
  celerysalt dlq list                                  Where dead letters are
  celerysalt dlq show service_queue.dead
  celerysalt dlq retry service_queue.dead --dry-run
  celerysalt dlq retry service_queue.dead --filter '.topic == \"user.created\"'";

/// Find dead letters, look at them, send them back
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct DlqArgs {
    #[command(subcommand)]
    command: DlqCommand,
}

#[derive(Debug, Subcommand)]
enum DlqCommand {
    /// List the queues that others dead-letter to, and queues whose dead letters get lost
    ///
    /// Read from the policies, queue arguments, exchanges and bindings in the management API.
    #[command(after_help = "Examples:\n  celerysalt dlq list\n  \
        celerysalt dlq list -o json | jq '.queues[] | select(.messages_ready > 0)'")]
    List,
    Show(show::ShowArgs),
    Retry(retry::RetryArgs),
    Purge(purge::PurgeArgs),
}

/// What `dlq retry` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct DlqRetry(TransferReport);

pub async fn run(args: DlqArgs, context: &Context) -> Result<ExitKind, CommandError> {
    match args.command {
        DlqCommand::List => list::run(context).await,
        DlqCommand::Show(args) => show::run(&args, context).await,
        DlqCommand::Retry(args) => retry::run(args, context).await,
        DlqCommand::Purge(args) => purge::run(&args, context).await,
    }
}
