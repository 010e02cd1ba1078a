//! `dlq show`: dead letters with their history and the exception of their task.

use clap::Args;

use super::advice;
use crate::commands::Context;
use crate::commands::connect::connector;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::queue::{LookArgs, look};
use crate::commands::stored_results::StoredResults;
use crate::ui::OutputFormat;

const EXAMPLES: &str = "\
Examples:
  celerysalt dlq show service_queue.dead
  celerysalt dlq show service_queue.dead -n 100 --filter '.dead_letter.exception | test(\"Timeout\")'
  celerysalt dlq show service_queue.dead -o jsonl | jq .dead_letter";

/// Show dead letters without removing them
///
/// For each message: the event in it, where and why it died, the topic it was published to, and the
/// exception of its task where the result backend has it.
///
/// Messages are taken, not acknowledged, and put back where they were when the command ends. A
/// consumer does not see them meanwhile, and sees them marked as redelivered afterwards: the broker
/// has no way to show a message that leaves no trace. A quorum queue counts each look as a failed
/// delivery, so it is not touched without --count-delivery.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ShowArgs {
    #[command(flatten)]
    look: LookArgs,
}

pub async fn run(args: &ShowArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let connector = connector(context, "dlq show")?;
    let mut results = StoredResults::open(context, &connector).await?;
    let looked = look(&args.look, (context, &connector), &mut results).await?;
    if context.ui.output() != OutputFormat::Human {
        return Ok(looked.end);
    }
    context.ui.note(&looked.summary(&args.look.queue));
    if let (Some(reason), true) = (results.why_not(), looked.shown > 0) {
        context.ui.note(&format!("without the exceptions of the tasks: {reason}"));
    }
    if results.unreadable() > 0 {
        context.ui.warn(&format!("{} stored results could not be read", results.unreadable()));
    }
    if looked.ready == 0 && looked.end == ExitKind::Done {
        context.ui.note(&advice::why_empty());
    }
    Ok(looked.end)
}
