//! `celerysalt tail`: watch events as they pass, without touching anybody's queue.

#[cfg(test)]
mod captures;
mod limits;
mod recording;
mod run;
mod stamp;
mod tally;
mod template;
mod view;
mod watch;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint, value_parser};

use super::duration;
use crate::event::RoutingPattern;

pub use recording::RecordingError;
pub use run::run;
pub use template::{Template, TemplateError};

const EXAMPLES: &str = "\
Examples:
  celerysalt tail
  celerysalt tail 'user.#' 'order.created' --exclude '*.internal'
  celerysalt tail --filter '.payload.user_id == 7' -o jsonl | jq .payload
  celerysalt tail -n 1 --for 30s user.created      Exit code 5 when none came
  celerysalt tail --record events.jsonl            For celerysalt replay
  celerysalt tail --validate only-invalid          What does not fit its schema
  celerysalt tail --format '{received_at} {topic} {payload.user_id}'";

/// Watch events as they pass
///
/// Events are copied to a queue of our own, which the broker deletes when we leave: nobody else's
/// queue is touched, and nothing is declared or changed. What was published before is not shown,
/// because classic queues keep no history.
///
/// With `-o jsonl` (or `-o json`, which is the same for a stream) each event is one line of JSON, a
/// record. Times are UTC.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct TailArgs {
    /// Topics to watch: `*` stands for one word, `#` for any number of words
    #[arg(value_name = "PATTERN", default_value = "#")]
    pub patterns: Vec<RoutingPattern>,
    /// Leave out topics that match; may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub exclude: Vec<RoutingPattern>,
    /// Show only events whose record makes this jq expression true, for example
    /// '.payload.user_id == 7'
    #[arg(long, value_name = "JQ")]
    pub filter: Option<String>,
    /// End after N events shown
    #[arg(short = 'n', value_name = "N")]
    pub count: Option<u64>,
    /// End after this time, for example 30s or 5m
    #[arg(long = "for", value_name = "DURATION", value_parser = duration::parse)]
    pub total: Option<Duration>,
    /// End when no event was shown for this time
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub idle: Option<Duration>,
    /// Print only the payload, a line of JSON for each event
    #[arg(long, conflicts_with = "format")]
    pub payload_only: bool,
    /// Print a line of this form for each event, for example '{received_at} {topic} {payload.id}'
    ///
    /// Fields are dotted paths into the record; `{{` and `}}` stand for braces, `\n` and `\t` for a
    /// line break and a tab. What is missing is empty.
    #[arg(long, value_name = "STRING")]
    pub format: Option<Template>,
    /// Also write the records to this new file, for `celerysalt replay`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub record: Option<PathBuf>,
    /// Add to the file of --record if it exists
    #[arg(long, requires = "record")]
    pub append: bool,
    /// Check payloads against their registered schemas [default: warn where there is a registry]
    #[arg(long, value_name = "MODE")]
    pub validate: Option<Validate>,
    /// How many events may wait for us before the oldest are dropped [default: 100000]
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    pub queue_limit: Option<u32>,
    /// End with exit code 6 at the first message that nobody can read, and with exit code 1 after a
    /// run in which an event did not fit its schema
    #[arg(long)]
    pub strict: bool,
}

/// `--validate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Validate {
    /// Do not look at schemas
    Off,
    /// Say what does not fit below each event, and in `schema` of its record
    Warn,
    /// Show only events that do not fit
    OnlyInvalid,
}
