//! `celerysalt tail`: watch events as they pass, without touching anybody's queue.

#[cfg(test)]
mod captures;
mod limits;
mod recording;
// mod run;
mod stamp;
mod tally;
mod template;
mod view;
mod watch;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::duration;
use crate::event::RoutingPattern;

pub use recording::RecordingError;
// pub use run::run;
pub use template::{Template, TemplateError};

/// Watch events as they pass
///
/// Events are copied to a queue of our own, which the broker deletes when we leave: nobody else's
/// queue is touched, and nothing is declared or changed. What was published before is not shown,
/// because classic queues keep no history.
///
/// With `-o jsonl` (or `-o json`, which is the same for a stream) each event is one line of JSON, a
/// record. Times are UTC.
#[derive(Debug, Args)]
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
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Add to the file of --record if it exists
    #[arg(long, requires = "record")]
    pub append: bool,
    /// Check payloads against their registered schemas
    #[arg(long, value_name = "MODE", default_value = "off")]
    pub validate: Validate,
    /// How many events may wait for us before the oldest are dropped
    #[arg(long, value_name = "N", default_value_t = DEFAULT_QUEUE_LIMIT)]
    pub queue_limit: u32,
    /// End with exit code 6 at the first message that nobody can read
    #[arg(long)]
    pub strict: bool,
}

const DEFAULT_QUEUE_LIMIT: u32 = 100_000;

/// `--validate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Validate {
    /// Do not look at schemas
    Off,
}
