//! `celerysalt queue`: look into any queue, empty it, move its messages. What `dlq` does to
//! dead-letter queues rests on the same parts.

mod custody;
mod duplicates;
mod kind;
mod look;
mod move_messages;
mod peek;
mod purge;
mod selector;
mod shown;
mod tally;
mod transfer;

use clap::{Args, Subcommand};

use super::Context;
use super::error::{CommandError, ExitKind};

pub use custody::{Custody, UNDER_WAY};
pub use duplicates::PossibleDuplicates;
pub use kind::{Counting, check as check_kind};
pub use look::{LookArgs, Looked, look};
pub use move_messages::QueueMove;
pub use purge::{Confirmation, PurgeArgs, Purged, purge};
pub use selector::Selector;
pub use shown::{Aftermath, ShownMessage, topic_of};
pub use tally::TransferReport;
pub use transfer::{Leave, Plan, Route, Transfer, Verdict};

const EXAMPLES: &str = "\
Examples:
  celerysalt queue peek service_queue -n 3
  celerysalt queue move service_queue.dead service_queue --dry-run
  celerysalt queue purge service_queue.dead";

/// Look into a queue, empty it, move its messages
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct QueueArgs {
    #[command(subcommand)]
    command: QueueCommand,
}

#[derive(Debug, Subcommand)]
enum QueueCommand {
    Peek(peek::PeekArgs),
    Purge(PurgeArgs),
    Move(move_messages::MoveArgs),
}

pub async fn run(args: QueueArgs, context: &Context) -> Result<ExitKind, CommandError> {
    match args.command {
        QueueCommand::Peek(args) => peek::run(&args, context).await,
        QueueCommand::Purge(args) => purge::run(&args, context).await,
        QueueCommand::Move(args) => move_messages::run(args, context).await,
    }
}
