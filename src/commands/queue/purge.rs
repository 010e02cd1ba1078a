//! `queue purge` and the part of `dlq purge` that empties: asks first.

use std::io::{self, Write};

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::broker::amqp::{Connector, HeldQueue};
use crate::commands::Context;
use crate::commands::connect::connector;
use crate::commands::error::{CommandError, ExitKind};
use crate::quantity::counted;
use crate::ui::{Question, Report, Style, Ui, sanitize};

const EXAMPLES: &str = "\
Examples:
  celerysalt queue purge service_queue            Asks for the queue's name
  celerysalt queue purge service_queue --yes";

/// Remove all messages of a queue
///
/// Asks for the queue's name first. Messages that a consumer has received and not acknowledged stay.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct PurgeArgs {
    /// The queue
    #[arg(value_name = "QUEUE")]
    pub queue: String,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// What was removed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Purged {
    pub queue: String,
    /// Messages that are gone.
    pub purged: u64,
}

/// Whether a person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// Somebody types the queue's name.
    Typed,
    /// `--yes`
    Given,
}

impl From<&PurgeArgs> for Confirmation {
    fn from(args: &PurgeArgs) -> Self {
        if args.yes { Self::Given } else { Self::Typed }
    }
}

pub async fn run(args: &PurgeArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let connector = connector(context, "queue purge")?;
    let purged = purge(&connector, &args.queue, (args.into(), &context.ui)).await?;
    context.ui.report(&purged)?;
    Ok(ExitKind::Done)
}

/// Empties a queue. An empty one needs no asking.
pub async fn purge(
    connector: &Connector,
    name: &str,
    (confirmation, ui): (Confirmation, &Ui),
) -> Result<Purged, CommandError> {
    let queue = HeldQueue::open(connector, name).await?;
    let ready = queue.ready();
    if confirmation == Confirmation::Typed && ready > 0 {
        queue.close().await?;
        ask(name, ready, ui)?;
        // A person may take longer than a broker waits for a heartbeat.
        return Ok(empty(HeldQueue::open(connector, name).await?, name).await?);
    }
    Ok(empty(queue, name).await?)
}

async fn empty(queue: HeldQueue, name: &str) -> Result<Purged, crate::broker::BrokerError> {
    let purged = queue.purge().await?;
    queue.close().await?;
    Ok(Purged { queue: name.to_owned(), purged: purged.into() })
}

fn ask(name: &str, ready: u32, ui: &Ui) -> Result<(), CommandError> {
    let text = format!(
        "{} will be lost for good. To remove them type the name of the queue, {}",
        counted(ready, "message"),
        sanitize(name)
    );
    let check = |answer: &str| match answer == name {
        true => Ok(()),
        false => Err(format!("that is not {:?}; Ctrl-C removes nothing", sanitize(name))),
    };
    ui.ask(Question { text: &text, instead: "--yes" }, "", check)?;
    Ok(())
}

impl Report for Purged {
    fn write_human(&self, out: &mut dyn Write, _style: &Style) -> io::Result<()> {
        writeln!(out, "{} removed from {}", counted(self.purged, "message"), sanitize(&self.queue))
    }
}
