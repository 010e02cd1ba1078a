use std::pin::pin;
use std::time::Instant;

use jiff::Timestamp;

use super::TailArgs;
use super::limits::{Clock, Limits};
use super::recording::{Existing, Recording};
use super::stamp::{self, Stamp};
use super::view::{Sink, View};
use super::watch::{Choice, Handled, Undecodable, Watch};
use crate::broker::amqp::{Tail, TailEvent, TailOptions};
use crate::commands::connect::connector;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::{Context, Interrupt, duration};
use crate::filter::Filter;
use crate::ui::{OutputFormat, Ui};

/// Events that are handled before signals, timers and a closed stdout get a look again.
const BURST: usize = 1024;

/// `celerysalt tail`.
pub async fn run(args: TailArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let choice = choice(&args)?;
    let mut interrupt = Interrupt::listen()?;
    let tail = tokio::select! {
        kind = interrupt.received() => return Ok(kind),
        opened = open(&args, context) => opened?,
    };
    let ui = &context.ui;
    let recording = recording(&args)?;
    let limits = Limits { count: args.count, total: args.total, idle: args.idle };
    let sink = Sink::new(ui.stdout(), view(args, ui.output()), ui.style(), recording);
    let mut session = Session {
        watch: Watch::new(choice, sink),
        clock: Clock::start(limits, Instant::now()),
        stamp: Stamp::default(),
        ui,
    };
    let ended = session.follow(tail, &mut interrupt).await;
    session.finish(ended)
}

fn choice(args: &TailArgs) -> Result<Choice, CommandError> {
    let filter = args.filter.as_deref().map(Filter::compile).transpose()?;
    let undecodable = if args.strict { Undecodable::End } else { Undecodable::Show };
    Ok(Choice { exclude: args.exclude.clone(), filter, undecodable })
}

fn recording(args: &TailArgs) -> Result<Option<Recording>, CommandError> {
    let existing = if args.append { Existing::Append } else { Existing::Refuse };
    let open = |path: &std::path::PathBuf| Recording::open(path, existing);
    Ok(args.record.as_ref().map(open).transpose()?)
}

fn view(args: TailArgs, output: OutputFormat) -> View {
    match (args.format, args.payload_only, output) {
        (Some(template), _, _) => View::Lines(template),
        (None, true, _) => View::Payloads,
        (None, false, OutputFormat::Json | OutputFormat::Jsonl) => View::Records,
        (None, false, OutputFormat::Human) => View::Human,
    }
}

async fn open(args: &TailArgs, context: &Context) -> Result<Tail, CommandError> {
    let connector = connector(context, "tail")?;
    let exchange = &context.settings.exchange.value;
    let endpoint = connector.target.endpoint();
    let options = TailOptions {
        exchange: exchange.clone(),
        patterns: args.patterns.clone(),
        queue_limit: args.queue_limit,
    };
    let tail = Tail::open(connector, options).await?;
    if context.ui.output() == OutputFormat::Human {
        let patterns: Vec<&str> = args.patterns.iter().map(|pattern| pattern.as_str()).collect();
        let patterns = patterns.join(" ");
        context.ui.note(&format!("tailing {exchange} on {endpoint}: {patterns} (Ctrl-C to stop)"));
    }
    Ok(tail)
}

/// Why a tail is over.
enum End {
    /// As many events as asked for were shown.
    Enough,
    TimeIsOver,
    Signal(ExitKind),
    /// Nobody reads stdout any more.
    Unread,
}

struct Session<'c, W> {
    watch: Watch<'c, W>,
    clock: Clock,
    stamp: Stamp,
    ui: &'c Ui,
}

impl<W: std::io::Write> Session<'_, W> {
    /// Handles events as they come. Flushes when none is there, so that under load many events
    /// share a write and an idle stream is never behind.
    async fn follow(
        &mut self,
        mut tail: Tail,
        interrupt: &mut Interrupt,
    ) -> Result<End, CommandError> {
        let mut unread = pin!(self.ui.stdout_closed());
        loop {
            if self.clock.has_enough() {
                return Ok(End::Enough);
            }
            if let Some(end) = self.handle_ready(&mut tail)? {
                return Ok(end);
            }
            let event = tokio::select! {
                biased;
                kind = interrupt.received() => return Ok(End::Signal(kind)),
                () = &mut unread => return Ok(End::Unread),
                () = until(self.clock.deadline()) => return Ok(End::TimeIsOver),
                event = tail.next() => event,
            };
            self.handle(event)?;
        }
    }

    /// Handles what is there already, and flushes once nothing is.
    fn handle_ready(&mut self, tail: &mut Tail) -> Result<Option<End>, CommandError> {
        for _ in 0..BURST {
            let Some(event) = tail.try_next() else {
                self.watch.sink().flush()?;
                return Ok(None);
            };
            self.handle(event)?;
            if self.clock.has_enough() {
                return Ok(Some(End::Enough));
            }
        }
        Ok(None)
    }

    fn handle(&mut self, event: TailEvent) -> Result<(), CommandError> {
        match event {
            TailEvent::Message(message) => {
                let received_at = self.stamp.of(Timestamp::now());
                match self.watch.message(&message.incoming(), received_at)? {
                    Handled::Shown => self.clock.event_shown(Instant::now()),
                    Handled::LeftOut => {}
                }
            }
            TailEvent::Dropped { count } => {
                let at = stamp::text(Timestamp::now());
                self.watch.dropped(count, &at)?;
            }
            TailEvent::Lost { cause } => {
                self.watch.sink().flush()?;
                self.ui.warn(&format!("the connection to the broker is lost: {cause}"));
            }
            TailEvent::Retrying { attempt, in_ } => {
                let wait = duration::show(in_);
                self.ui.note(&format!("connecting again in {wait} (attempt {attempt})"));
            }
            TailEvent::Gap { since, until } => {
                let (since, until) = (stamp::text(since), stamp::text(until));
                self.watch.gap(&since, &until)?;
                self.watch.sink().flush()?;
                self.ui.note("connected again");
            }
            TailEvent::Fatal(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// The last words. Everything written so far goes out first, whatever happened.
    fn finish(&mut self, ended: Result<End, CommandError>) -> Result<ExitKind, CommandError> {
        let flushed = self.watch.sink().flush();
        if matches!(ended, Ok(End::Unread)) {
            return Ok(ExitKind::Done);
        }
        self.say_what_was_left_out();
        let end = ended?;
        flushed?;
        if !matches!(end, End::Enough) {
            self.ui.note(&self.watch.tally().to_string());
        }
        Ok(match end {
            End::Enough | End::Unread => ExitKind::Done,
            End::TimeIsOver => self.clock.outcome(),
            End::Signal(kind) => kind,
        })
    }

    fn say_what_was_left_out(&self) {
        let tally = self.watch.tally();
        if let Some(error) = self.watch.first_filter_error() {
            let count = tally.filter_failed;
            self.ui.warn(&format!("the filter failed on {count} events; the first time: {error}"));
        }
        if tally.dropped > 0 {
            self.ui.warn(&format!("{} events were dropped unseen", tally.dropped));
        }
    }
}

/// Waits for `deadline`, for ever where there is none.
async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}
