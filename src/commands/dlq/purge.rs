//! `dlq purge`: empties a dead-letter queue, and only such a queue.

use clap::Args;

use super::list::gather;
use crate::broker::Messages;
use crate::commands::Context;
use crate::commands::connect::{connector, management};
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::queue::{Confirmation, Purged, purge};

const EXAMPLES: &str = "\
Examples:
  celerysalt dlq purge service_queue.dead            Asks for the queue's name
  celerysalt dlq purge service_queue.dead --yes";

/// Remove all messages of a dead-letter queue
///
/// Asks for the queue's name first. A queue that no other queue dead-letters to is refused;
/// `celerysalt queue purge` empties any queue. Messages that a consumer has received and not
/// acknowledged stay.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct PurgeArgs {
    /// The dead-letter queue
    #[arg(value_name = "QUEUE")]
    pub queue: String,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

pub async fn run(args: &PurgeArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let connector = connector(context, "dlq purge")?;
    let management = management(context, &connector.target)?;
    let letters = gather(&management, (&connector.target.first().vhost, Messages::NotCounted));
    let letters = letters
        .await
        .map_err(|error| error.hint("`celerysalt queue purge` empties any queue without it"))?;
    if !letters.queues.iter().any(|found| found.queue == args.queue) {
        let message = format!("no queue dead-letters to {:?}", args.queue);
        return Err(CommandError::new(ExitKind::No, message)
            .hint("see `celerysalt dlq list`")
            .hint("`celerysalt queue purge` empties any queue"));
    }
    let confirmation = if args.yes { Confirmation::Given } else { Confirmation::Typed };
    let purged: Purged = purge(&connector, &args.queue, (confirmation, &context.ui)).await?;
    context.ui.report(&purged)?;
    Ok(ExitKind::Done)
}
