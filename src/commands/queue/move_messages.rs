//! `queue move`: the messages of one queue into another.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::kind::{self, Counting};
use super::selector::Selector;
use super::tally::TransferReport;
use super::transfer::{Route, Transfer, Verdict};
use crate::commands::Context;
use crate::commands::connect::connector;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::rate::Rate;
use crate::commands::stored_results::StoredResults;

const EXAMPLES: &str = "\
Examples:
  celerysalt queue move service_queue.dead service_queue --dry-run
  celerysalt queue move parked service_queue -n 100 --rate 10/s
  celerysalt queue move parked service_queue --filter '.topic == \"user.created\"'";

/// Move messages from one queue to another
///
/// Messages keep their body, properties and headers (without CC and BCC, by which more queues would
/// get them). Each is acknowledged only after the broker has confirmed it in its new queue: nothing
/// is lost, whatever happens in between, but up to 64 messages (1 with --rate) may then be in both
/// queues. They are named, unless the process itself was killed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct MoveArgs {
    /// The queue the messages are in
    #[arg(value_name = "FROM")]
    pub from: String,
    /// The queue they go to, which must exist
    #[arg(value_name = "TO")]
    pub to: String,
    /// Move at most N messages
    #[arg(short = 'n', value_name = "N")]
    pub count: Option<u64>,
    /// Only messages whose record (see `queue peek`) makes this jq expression true
    #[arg(long, value_name = "JQ")]
    pub filter: Option<String>,
    /// Move at most so many messages a second, for example 100/s
    #[arg(long, value_name = "N/s")]
    pub rate: Option<Rate>,
    /// Count what would be moved; move nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Read a quorum queue too, which counts what stays in it as a failed delivery
    #[arg(long)]
    pub count_delivery: bool,
}

/// What `queue move` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct QueueMove(TransferReport);

pub async fn run(args: MoveArgs, context: &Context) -> Result<ExitKind, CommandError> {
    if args.from == args.to {
        let message = format!("{:?} cannot be moved into itself", args.from);
        return Err(CommandError::new(ExitKind::Usage, message).hint("name two different queues"));
    }
    let selector = Selector::new(args.filter.as_deref())?;
    let connector = connector(context, "queue move")?;
    let counting = if args.count_delivery { Counting::Accepted } else { Counting::Refused };
    kind::check(context, (&connector.target, &args.from), counting).await?;
    let to = args.to;
    let transfer = Transfer {
        queue: args.from,
        exchange: String::new(),
        plan: Box::new(move |_message| Verdict::Send {
            route: Route::Queue(to.clone()),
            retries: None,
        }),
        selector,
        results: StoredResults::none("queue move looks at the queue only"),
        limit: args.count,
        rate: args.rate,
        dry_run: args.dry_run,
        doing: "moving",
    };
    transfer.run((context, &connector)).await
}
