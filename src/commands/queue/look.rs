//! Looking into a queue without removing anything, for `queue peek` and `dlq show`.

use std::io::{self, Write};

use clap::Args;
use jiff::Timestamp;

use super::kind::{self, Counting};
use super::selector::Selector;
use super::shown::{Aftermath, ShownMessage};
use crate::broker::amqp::{Connector, HeldMessage, HeldQueue};
use crate::commands::dlq::History;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::stored_results::StoredResults;
use crate::commands::{Context, Interrupt};
use crate::quantity::counted;
use crate::ui::{OutputFormat, Style};
use crate::wire::Decoder;

/// What both commands are told.
#[derive(Debug, Args)]
pub struct LookArgs {
    /// The queue
    #[arg(value_name = "QUEUE")]
    pub queue: String,
    /// Show at most N messages, from the head of the queue
    #[arg(short = 'n', value_name = "N", default_value_t = 10)]
    pub count: u64,
    /// Show only messages whose record makes this jq expression true, for example
    /// '.dead_letter.deaths[0].reason == "expired"'
    #[arg(long, value_name = "JQ")]
    pub filter: Option<String>,
    /// Look into a quorum queue too, which counts every look as a failed delivery
    #[arg(long)]
    pub count_delivery: bool,
}

/// What was seen.
pub struct Looked {
    pub shown: u64,
    /// Messages that were read, shown or not.
    pub read: u64,
    /// Messages in the queue that nobody held when it was opened.
    pub ready: u64,
    pub end: ExitKind,
}

/// Shows the messages. `results` is asked about each of them.
pub async fn look(
    args: &LookArgs,
    (context, connector): (&Context, &Connector),
    results: &mut StoredResults,
) -> Result<Looked, CommandError> {
    let mut selector = Selector::new(args.filter.as_deref())?;
    let counting = if args.count_delivery { Counting::Accepted } else { Counting::Refused };
    let mut interrupt = Interrupt::listen()?;
    let queue = tokio::select! {
        kind = interrupt.received() => {
            return Ok(Looked { shown: 0, read: 0, ready: 0, end: kind });
        }
        opened = open(args, (context, connector), counting) => opened?,
    };
    let mut viewer = Viewer::new(context.ui.output(), context.ui.style());
    let looked = {
        let mut out = context.ui.stdout();
        let outcome = tokio::select! {
            kind = interrupt.received() => Err(kind),
            outcome = viewer.show(args, (&queue, &mut selector, results), &mut out) => Ok(outcome),
        };
        // Whatever happened, the array of JSON is closed and the messages go back.
        let finished = viewer.finish(&mut out);
        outcome.map(|shown| shown.and_then(|()| Ok(finished?)))
    };
    let ready = queue.ready().into();
    let closed = queue.close().await;
    let end = match looked {
        Err(kind) => kind,
        Ok(shown) => shown.map(|()| ExitKind::Done)?,
    };
    closed?;
    selector.say_what_failed(&context.ui);
    Ok(Looked { shown: viewer.shown, read: viewer.read, ready, end })
}

async fn open(
    args: &LookArgs,
    (context, connector): (&Context, &Connector),
    counting: Counting,
) -> Result<HeldQueue, CommandError> {
    kind::check(context, (&connector.target, &args.queue), counting).await?;
    Ok(HeldQueue::open(connector, &args.queue).await?)
}

struct Viewer<'s> {
    output: OutputFormat,
    style: &'s Style,
    decoder: Decoder,
    shown: u64,
    read: u64,
    text: String,
    record: Vec<u8>,
}

impl<'s> Viewer<'s> {
    fn new(output: OutputFormat, style: &'s Style) -> Self {
        Self {
            output,
            style,
            decoder: Decoder::default(),
            shown: 0,
            read: 0,
            text: String::new(),
            record: Vec::new(),
        }
    }

    /// Never reads more than was there at the beginning, however much comes in meanwhile.
    async fn show(
        &mut self,
        args: &LookArgs,
        (queue, selector, results): (&HeldQueue, &mut Selector, &mut StoredResults),
        out: &mut impl Write,
    ) -> Result<(), CommandError> {
        let ready = u64::from(queue.ready());
        while self.shown < args.count && self.read < ready {
            let Some(message) = queue.take().await? else { break };
            self.read += 1;
            self.one(&message, (selector, results), out).await?;
        }
        Ok(())
    }

    async fn one(
        &mut self,
        message: &HeldMessage,
        (selector, results): (&mut Selector, &mut StoredResults),
        out: &mut impl Write,
    ) -> Result<(), CommandError> {
        let incoming = message.incoming();
        let decoded = self.decoder.decode(&incoming);
        let history = History::read(incoming.headers);
        let aftermath = Aftermath::look_up(&decoded, results).await;
        let shown = ShownMessage {
            position: self.read,
            decoded: &decoded,
            incoming: &incoming,
            history: &history,
            aftermath: &aftermath,
        };
        if !selector.chooses(&shown)? {
            return Ok(());
        }
        self.shown += 1;
        let now = Timestamp::now();
        match self.output {
            OutputFormat::Human => {
                self.text.clear();
                shown.push_human(&mut self.text, now, self.style);
                out.write_all(self.text.as_bytes())?;
            }
            OutputFormat::Json | OutputFormat::Jsonl => {
                self.record.clear();
                shown.write_record(&mut self.record, now);
                match self.output {
                    OutputFormat::Json if self.shown == 1 => out.write_all(b"[\n")?,
                    OutputFormat::Json => out.write_all(b",\n")?,
                    OutputFormat::Human | OutputFormat::Jsonl => {}
                }
                let end = self.record.len() - usize::from(self.output == OutputFormat::Json);
                out.write_all(&self.record[..end])?;
            }
        }
        out.flush()?;
        Ok(())
    }

    fn finish(&self, out: &mut impl Write) -> io::Result<()> {
        match (self.output, self.shown) {
            (OutputFormat::Json, 0) => out.write_all(b"[]\n")?,
            (OutputFormat::Json, _) => out.write_all(b"\n]\n")?,
            (OutputFormat::Human | OutputFormat::Jsonl, _) => {}
        }
        out.flush()
    }
}

impl Looked {
    /// `3 of 12 messages shown; …`
    pub fn summary(&self, queue: &str) -> String {
        match (self.ready, self.read) {
            (0, _) => format!("{queue} has no messages waiting"),
            (ready, read) => format!(
                "{} of {} shown, none removed from {queue}; read, and from now on marked as \
                 redelivered: {read}",
                self.shown,
                counted(ready, "message")
            ),
        }
    }
}
