//! `celerysalt publish`: send events, one or many.

mod batch;
mod build;
mod dry_run;
mod example;
mod interactive;
pub(super) mod lines;
mod report;
mod single;
mod source;

use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use self::build::{EventTemplate, InputMode, NewMessage};
use self::source::Source;
use super::batch::{BatchPublished, Unroutable};
use super::context::Context;
use super::error::{CommandError, ExitKind};
use super::event_args::EventArgs;
use super::payload::PayloadArg;
use super::rate::Rate;
use super::validation::{Admission, Checks, Gate};
use super::{duration, sender};
use crate::event::{Topic, TopicError};
use crate::wire::Protocol;

const EXAMPLES: &str = "\
Examples:
  celerysalt publish user.created '{\"user_id\": 1}' --version v1
  celerysalt publish user.created @event.json
  jq -c '.users[]' users.json | celerysalt publish user.created -
  celerysalt publish - < recording.jsonl       Every record under its own topic
  celerysalt publish user.created --example   Made up from its schema
  celerysalt publish user.created '{}' --dry-run";

/// Publish events, and say whether anybody receives them
///
/// Without a version only handlers that subscribe to `latest` take an event: see --version.
///
/// An event that does not fit the schema registered for its topic and version (the latest where it
/// has none) is refused; one without a registered schema is sent with a note.
#[derive(Debug, Args)]
#[command(disable_version_flag = true, after_help = EXAMPLES)]
pub struct PublishArgs {
    /// The topic of the events; left out, records keep their own
    #[arg(value_name = "TOPIC", required_unless_present = "interactive")]
    pub topic: Option<TopicArg>,
    /// One event as JSON, a file with one event or with JSON Lines, or - for JSON Lines on standard
    /// input
    #[arg(value_name = "JSON | @FILE | -")]
    pub payload: Option<PayloadArg>,
    #[command(flatten)]
    pub event: EventArgs,
    /// From 0 to 9, higher is sooner, in queues that have priorities
    #[arg(long, value_name = "N")]
    pub priority: Option<u8>,
    /// Drop the event when no worker has started it within this time
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub expires: Option<Duration>,
    /// Workers wait this long before they handle the event
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub countdown: Option<Duration>,
    /// The Celery message protocol: 2, or 1 as celery-salt publishes without an app [default: 2]
    #[arg(long, value_name = "2 | 1", value_parser = protocol)]
    pub protocol: Option<Protocol>,
    /// What the input lines are
    #[arg(long, value_name = "KIND", default_value = "auto")]
    pub input: InputMode,
    /// At most so many events a second: 100/s, 30/m, 5/h
    #[arg(long, value_name = "N/s")]
    pub rate: Option<Rate>,
    /// Skip so many lines of the input, to go on with a batch that was interrupted
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub skip: u64,
    /// An event that no queue receives is fine
    #[arg(long)]
    pub allow_unroutable: bool,
    /// Print the exact message instead of sending it
    #[arg(long)]
    pub dry_run: bool,
    /// Ask for the fields of the registered schema, and show the event before it is sent
    #[arg(long, conflicts_with_all = ["payload", "dry_run", "rate", "skip"])]
    pub interactive: bool,
    /// Send an event made up from the registered schema, as `celerysalt schema example` shows it
    #[arg(long, requires = "topic", conflicts_with_all = ["payload", "interactive", "rate", "skip"])]
    pub example: bool,
    /// With --example: other numbers give other events
    #[arg(long, value_name = "S", default_value_t = 0, requires = "example")]
    pub seed: u64,
}

/// The first argument: a topic, or already the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TopicArg {
    Topic(Topic),
    Input(PayloadArg),
}

impl FromStr for TopicArg {
    type Err = TopicError;

    fn from_str(text: &str) -> Result<Self, TopicError> {
        if text == "-" || text.starts_with('@') {
            let Ok(input) = text.parse();
            return Ok(Self::Input(input));
        }
        text.parse().map(Self::Topic)
    }
}

fn protocol(text: &str) -> Result<Protocol, &'static str> {
    match text {
        "1" => Ok(Protocol::One),
        "2" => Ok(Protocol::Two),
        _ => Err("Celery messages have protocol 2 or protocol 1"),
    }
}

/// What `publish` prints, depending on what was asked.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum PublishOutput {
    One(report::PublishedReport),
    Batch(BatchPublished),
    DryRun(dry_run::WireMessage),
}

/// What to do with the messages.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub unroutable: Unroutable,
    pub rate: Option<Rate>,
    /// Lines of the input to pass over.
    pub skip: u64,
}

pub async fn run(args: PublishArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let unroutable = if args.allow_unroutable { Unroutable::IsFine } else { Unroutable::Fails };
    let plan = Plan { unroutable, rate: args.rate, skip: args.skip };
    let (topic, payload) = match args.topic {
        Some(TopicArg::Topic(topic)) => (Some(topic), args.payload),
        Some(TopicArg::Input(input)) if args.payload.is_none() => (None, Some(input)),
        // `publish - @FILE`: no topic, and the file.
        Some(TopicArg::Input(_)) | None => (None, args.payload),
    };
    let mut template = EventTemplate {
        topic,
        event: args.event,
        priority: args.priority,
        expires: args.expires,
        countdown: args.countdown,
        protocol: args.protocol,
        input: args.input,
        origin: sender::origin(),
    };
    if args.interactive {
        return interactive::run(template, plan, context).await;
    }
    let source = match args.example {
        true => example::made_up(&mut template, args.seed, context).await?,
        false => Source::open(payload.as_ref(), &template).await?,
    };
    if let Source::One(message) = &source {
        check(message, template.event.checks(), context).await?;
    }
    match (source, args.dry_run) {
        (Source::One(message), false) => single::publish(*message, plan, context).await,
        (Source::One(message), true) => dry_run::show_one(*message, context),
        (Source::Lines(lines), false) => batch::publish(lines, (&template, plan), context).await,
        (Source::Lines(lines), true) => dry_run::show_all(lines, (&template, plan), context).await,
    }
}

/// Refuses the only event of a command where it does not fit its schema.
async fn check(
    message: &NewMessage,
    checks: Checks,
    context: &Context,
) -> Result<(), CommandError> {
    let Some(claim) = message.claim() else { return Ok(()) };
    let mut gate = Gate::open(checks, context).await?;
    let admission = gate.admit(claim).await;
    gate.close().await;
    gate.speak(&context.ui);
    match admission? {
        Admission::Admitted => Ok(()),
        Admission::Refused(refusal) => Err(refusal.into_error("payload")),
    }
}
