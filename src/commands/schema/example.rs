use std::io::{self, Write};

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::part::PartArg;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::schema::{Sampler, SchemaReference};
use crate::ui::{Report, Style, push_whole};

const EXAMPLES: &str = "\
Examples:
  celerysalt schema example user.signup.completed
  celerysalt schema example user.signup.completed@v1 -n 100 --seed 7 > events.jsonl
  celerysalt schema example user.signup.completed -n 5 | celerysalt publish user.signup.completed -";

/// Make up events that fit a registered schema
///
/// The same seed gives the same events on every machine. Names of fields, formats, patterns and the
/// examples and defaults of the schema say what values look like; every event is validated before
/// it is printed. One event is shown over several lines, more are JSON Lines.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ExampleArgs {
    #[arg(value_name = "TOPIC[@VERSION]")]
    reference: SchemaReference,
    /// How many
    #[arg(short = 'n', value_name = "N", default_value_t = 1)]
    count: u64,
    /// Other numbers give other events
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    /// Which schema of the document
    #[arg(long, value_name = "PART", default_value = "request")]
    part: PartArg,
}

/// One made-up payload.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Example(Value);

pub(super) async fn run(args: &ExampleArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let document = super::document(&args.reference, context).await?;
    let sampler = Sampler::new(&args.part.of(&document)?.value())?;
    let ui = &context.ui;
    if args.count == 1 {
        ui.report(&Example(sampler.sample(args.seed, 0)?))?;
        return Ok(ExitKind::Done);
    }
    let mut out = ui.stdout();
    for number in 0..args.count {
        let example = sampler.sample(args.seed, number)?;
        serde_json::to_writer(&mut out, &example).map_err(io::Error::from)?;
        writeln!(out)?;
    }
    out.flush()?;
    Ok(ExitKind::Done)
}

impl Report for Example {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let mut text = String::new();
        push_whole(&mut text, &self.0.to_string(), style);
        out.write_all(text.as_bytes())
    }
}
