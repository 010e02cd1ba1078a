//! `celerysalt replay`: publish what a recording or a queue holds, with its original timing.

mod conductor;
mod letters;
mod misfits;
mod player;
mod recording;
mod rehearsal;
mod report;
mod selection;
mod source;
mod timeline;

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::Context;
use super::error::{CommandError, ExitKind};
use super::rate::Rate;
use crate::event::RoutingPattern;
use crate::filter::Filter;
use selection::{RpcRequests, Selection};

pub use recording::ReplayError;
pub use report::Replayed;
pub use source::{Source, Target, TargetError};
pub use timeline::{Speed, SpeedError};

const EXAMPLES: &str = "\
Examples:
  celerysalt tail --record events.jsonl 'user.#'
  celerysalt replay events.jsonl --dry-run
  celerysalt replay events.jsonl --speed 10x       Ten times as fast as it happened
  celerysalt replay events.jsonl --rate 100/s --topic 'user.*'
  celerysalt replay events.jsonl --filter '.payload.user_id == 7' --to user.replayed
  celerysalt replay service_queue.dead -n 1        Every subscriber gets it; the queue keeps it
  celerysalt replay service_queue.dead --remove --rate 10/s
  celerysalt replay parked --to queue:service_queue";

/// How often a message may have been sent again before `replay QUEUE` leaves it.
const MAX_RETRIES: u32 = 3;

/// Publish the events of a recording, or of a queue, again
///
/// A recording is what `celerysalt tail --record FILE` or `tail -o jsonl` wrote. Events keep their
/// payload, version, correlation id, trace context, headers, priority and task name, and get new
/// message ids. Left out, with a count: messages nobody could read, RPC requests (nobody waits for
/// their answers), and the notes about gaps.
///
/// A name that is no file's is a queue's, for example one with dead letters. What is in the queue at
/// the beginning is published to its topics, so every subscriber receives it, and stays in the queue
/// unless --remove is given. Left out, with a count: messages that were sent again three times
/// already (--max-retries), and tasks, which belong to no topic. `celerysalt dlq retry` sends
/// messages back to the one queue they died in, and with them tasks.
///
/// With --remove each message is acknowledged only after the broker has confirmed its successor:
/// nothing is lost, whatever happens in between, but up to 64 messages (1 with --rate) may then be at
/// both places. They are named, unless the process itself was killed.
///
/// Events that do not fit their registered schemas are sent all the same, since they are what was
/// observed; they are named and counted.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ReplayArgs {
    /// The recording, or the queue; queue:NAME where a file has the name of the queue
    #[arg(value_name = "FILE | QUEUE", value_hint = ValueHint::FilePath)]
    pub source: PathBuf,
    /// 1x is the original timing, 2x twice as fast, max without waiting; in a queue the times are
    /// those of the deaths [default: 1x for a recording, max for a queue]
    #[arg(long, value_name = "SPEED", conflicts_with = "rate")]
    pub speed: Option<Speed>,
    /// Publish at most so many events a second instead, for example 100/s
    #[arg(long, value_name = "N/s")]
    pub rate: Option<Rate>,
    /// Only topics that match; may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub topic: Vec<RoutingPattern>,
    /// Only events whose record makes this jq expression true
    #[arg(long, value_name = "JQ")]
    pub filter: Option<String>,
    /// Publish everything to this topic, or to this queue only
    #[arg(long, value_name = "TOPIC | queue:NAME")]
    pub to: Option<Target>,
    /// Publish at most N events
    #[arg(short = 'n', value_name = "N")]
    pub count: Option<u64>,
    /// Also send RPC requests, although nobody waits for the answers
    #[arg(long)]
    pub include_rpc: bool,
    /// Pass over the first N lines, or messages of the queue, to resume an interrupted replay
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub skip: u64,
    /// Do not check the events against their registered schemas
    #[arg(long)]
    pub no_validate: bool,
    /// Remove each message from the queue once the broker has confirmed that it is published
    #[arg(long)]
    pub remove: bool,
    /// Leave messages of the queue that were sent again N times already [default: 3]
    #[arg(long, value_name = "N")]
    pub max_retries: Option<u32>,
    /// Read a quorum queue too, which counts what stays in it as a failed delivery
    #[arg(long)]
    pub count_delivery: bool,
    /// Show what would be published and when; of a recording without a connection
    #[arg(long)]
    pub dry_run: bool,
}

/// `celerysalt replay`.
pub async fn run(args: ReplayArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let filter = args.filter.as_deref().map(Filter::compile).transpose()?;
    let rpc = if args.include_rpc { RpcRequests::Publish } else { RpcRequests::Skip };
    let selection = Selection { topics: args.topic.clone(), filter, rpc };
    match Source::of(&args.source) {
        Source::Recording(path) => {
            refuse_options_of_queues(&args)?;
            recording::replay(&args, (&path, selection), context).await
        }
        Source::Queue(queue) => letters::replay(&args, (&queue, selection), context).await,
    }
}

fn refuse_options_of_queues(args: &ReplayArgs) -> Result<(), CommandError> {
    let given = [
        ("--remove", args.remove),
        ("--max-retries", args.max_retries.is_some()),
        ("--count-delivery", args.count_delivery),
    ];
    let Some((option, _)) = given.into_iter().find(|(_, is_given)| *is_given) else {
        return Ok(());
    };
    let message = format!("{} is a recording, and {option} is for queues", args.source.display());
    let hint = format!("leave out {option}, or name the queue as queue:NAME");
    Err(CommandError::new(ExitKind::Usage, message).hint(hint))
}
