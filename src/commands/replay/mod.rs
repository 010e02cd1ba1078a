//! `celerysalt replay`: publish what a recording holds, with its original timing.

mod conductor;
mod misfits;
mod player;
mod rehearsal;
mod run;
mod selection;
mod timeline;

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::rate::Rate;
use crate::event::{RoutingPattern, Topic};

pub use run::{ReplayError, run};
pub use timeline::{Speed, SpeedError};

const EXAMPLES: &str = "\
Examples:
  celerysalt tail --record events.jsonl 'user.#'
  celerysalt replay events.jsonl --dry-run
  celerysalt replay events.jsonl --speed 10x       Ten times as fast as it happened
  celerysalt replay events.jsonl --rate 100/s --topic 'user.*'
  celerysalt replay events.jsonl --filter '.payload.user_id == 7' --to user.replayed";

/// Publish the events of a recording again
///
/// Reads what `celerysalt tail --record FILE` or `tail -o jsonl` wrote. Events keep their payload,
/// version, correlation id, trace context, headers, priority and task name, and get new message
/// ids. Left out, with a count: messages nobody could read, RPC requests (nobody waits for their
/// answers), and the notes about gaps.
///
/// Events that do not fit their registered schemas are sent all the same, since they are what was
/// observed; they are named and counted.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ReplayArgs {
    /// The recording
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// 1x is the original timing, 2x twice as fast, max without waiting
    #[arg(long, value_name = "SPEED", default_value = "1x", conflicts_with = "rate")]
    pub speed: Speed,
    /// Publish at most so many events a second instead, for example 100/s
    #[arg(long, value_name = "N/s")]
    pub rate: Option<Rate>,
    /// Only topics that match; may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub topic: Vec<RoutingPattern>,
    /// Only events whose record makes this jq expression true
    #[arg(long, value_name = "JQ")]
    pub filter: Option<String>,
    /// Publish everything to this topic
    #[arg(long, value_name = "TOPIC")]
    pub to: Option<Topic>,
    /// Also send RPC requests, although nobody waits for the answers
    #[arg(long)]
    pub include_rpc: bool,
    /// Pass over the first N lines, to resume an interrupted replay
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub skip: u64,
    /// Do not check the events against their registered schemas
    #[arg(long)]
    pub no_validate: bool,
    /// Show what would be published and when; connect to nothing
    #[arg(long)]
    pub dry_run: bool,
}
