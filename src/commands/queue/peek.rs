//! `queue peek`: the messages at the head of a queue.

use clap::Args;

use super::look::{LookArgs, look};
use crate::commands::Context;
use crate::commands::connect::connector;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::stored_results::StoredResults;
use crate::ui::OutputFormat;

const EXAMPLES: &str = "\
Examples:
  celerysalt queue peek service_queue
  celerysalt queue peek service_queue -n 1000 --filter '.topic == \"user.created\"'
  celerysalt queue peek service_queue -o jsonl | jq .payload";

/// Show messages of a queue without removing them
///
/// Messages are taken, not acknowledged, and put back where they were when the command ends. A
/// consumer does not see them meanwhile, and sees them marked as redelivered afterwards: the broker
/// has no way to show a message that leaves no trace. A quorum queue counts each look as a failed
/// delivery, so it is not touched without --count-delivery.
///
/// With `-o jsonl` each message is the record that `celerysalt tail -o jsonl` prints, with its
/// `position` in the queue and, for a dead letter, `dead_letter`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct PeekArgs {
    #[command(flatten)]
    look: LookArgs,
}

pub async fn run(args: &PeekArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let connector = connector(context, "queue peek")?;
    let mut results = StoredResults::none("queue peek looks at the queue only");
    let looked = look(&args.look, (context, &connector), &mut results).await?;
    if context.ui.output() == OutputFormat::Human {
        context.ui.note(&looked.summary(&args.look.queue));
    }
    Ok(looked.end)
}
