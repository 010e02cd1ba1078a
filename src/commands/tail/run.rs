use std::pin::pin;
use std::time::Instant;

use jiff::Timestamp;

use super::limits::{Clock, Limits};
use super::recording::{Existing, Recording};
use super::stamp::{self, Stamp};
use super::tally::how_many;
use super::view::{Sink, View};
use super::watch::{Choice, Fitting, Handled, Undecodable, Watch};
use super::{TailArgs, Validate};
use crate::broker::amqp::{Drops, QueueLimits, Tail, TailEvent, TailOptions};
use crate::commands::connect::connector;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::validation::{OnFailure, Validation};
use crate::commands::{Context, Interrupt, duration};
use crate::event::RoutingPattern;
use crate::filter::Filter;
use crate::quantity::counted;
use crate::ui::{OutputFormat, Ui};

/// Events that are handled before signals, timers and a closed stdout get a look again.
const BURST: usize = 1024;

/// `celerysalt tail`.
pub async fn run(args: TailArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let choice = choice(&args)?;
    let validation = validation(&args, context).await?;
    let mut interrupt = Interrupt::listen()?;
    let mut tail = tokio::select! {
        kind = interrupt.received() => return Ok(kind),
        opened = open(&args, context) => opened?,
    };
    let ui = &context.ui;
    let recording = recording(&args)?;
    let limits = Limits { count: args.count, total: args.total, idle: args.idle };
    let misfits = if args.strict { Misfits::Fail } else { Misfits::AreShown };
    let sink = Sink::new(ui.stdout(), view(args, ui.output()), ui.style(), recording);
    let mut session = Session {
        watch: Watch::new(choice, validation, sink),
        misfits,
        clock: Clock::start(limits, Instant::now()),
        stamp: Stamp::default(),
        ui,
    };
    let ended = session.follow(&mut tail, &mut interrupt).await;
    let ended = session.hand_over(ended);
    session.watch.close_registry().await;
    // Nobody waits for our goodbye to the broker after a second signal.
    let last_drops = tokio::select! {
        drops = tail.close() => drops,
        _ = interrupt.received() => Drops::default(),
    };
    session.finish(ended, last_drops)
}

fn choice(args: &TailArgs) -> Result<Choice, CommandError> {
    let filter = args.filter.as_deref().map(Filter::compile).transpose()?;
    let undecodable = if args.strict { Undecodable::End } else { Undecodable::Show };
    let fitting = match args.validate {
        Some(Validate::OnlyInvalid) => Fitting::LeaveOut,
        Some(Validate::Off | Validate::Warn) | None => Fitting::Show,
    };
    Ok(Choice { exclude: args.exclude.clone(), filter, undecodable, fitting })
}

/// The registry to check against.
///
/// | `--validate` | no registry, none configured | the registry cannot be opened |
/// |---|---|---|
/// | `off` | nothing is opened | nothing is opened |
/// | absent | no checks | a warning, no checks |
/// | `warn` | an error | a warning, no checks |
/// | `only-invalid` | an error | an error: nothing would ever be shown |
async fn validation(
    args: &TailArgs,
    context: &Context,
) -> Result<Option<Validation>, CommandError> {
    if args.validate == Some(Validate::Off) {
        return Ok(None);
    }
    let opened = Validation::open(context, OnFailure::Remark).await;
    match (opened, args.validate) {
        (Ok(Some(validation)), _) => Ok(Some(validation)),
        (Ok(None), None | Some(Validate::Off)) => Ok(None),
        (Ok(None), Some(Validate::Warn | Validate::OnlyInvalid)) => {
            let message = "there is no schema registry to check events against";
            Err(CommandError::new(ExitKind::Config, message).hint(
                "name one with --registry, or make the default one with `celerysalt schema \
                 register`",
            ))
        }
        (Err(error), Some(Validate::OnlyInvalid)) => Err(error),
        (Err(error), None | Some(Validate::Warn | Validate::Off)) => {
            context.ui.warn(&format!("{error}; events are not checked against schemas"));
            Ok(None)
        }
    }
}

fn recording(args: &TailArgs) -> Result<Option<Recording>, CommandError> {
    let existing = if args.append { Existing::Append } else { Existing::Refuse };
    let open = |path| Recording::open(path, existing);
    Ok(args.record.as_deref().map(open).transpose()?)
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
    let exchange = context.exchange();
    let endpoint = connector.target.endpoint();
    let defaults = TailOptions::new(exchange, args.patterns.clone());
    let messages = args.queue_limit.unwrap_or(defaults.limits.messages);
    let limits = QueueLimits { messages, ..defaults.limits };
    let options = TailOptions { limits, ..defaults };
    let tail = Tail::open(connector, options).await?;
    if context.ui.output() == OutputFormat::Human {
        let patterns: Vec<&str> = args.patterns.iter().map(RoutingPattern::as_str).collect();
        let patterns = patterns.join(" ");
        context.ui.note(&format!("tailing {exchange} on {endpoint}: {patterns} (Ctrl-C to stop)"));
    }
    if !tail.drops_are_counted() {
        context.ui.note(
            "events that come faster than they are read are dropped without being counted: this \
             user may not write to amq.default",
        );
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

/// What events that do not fit their schemas mean for the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Misfits {
    AreShown,
    /// `--strict`.
    Fail,
}

struct Session<'c, W> {
    misfits: Misfits,
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
        tail: &mut Tail,
        interrupt: &mut Interrupt,
    ) -> Result<End, CommandError> {
        let mut unread = pin!(self.ui.stdout_closed());
        loop {
            if self.clock.has_enough() {
                return Ok(End::Enough);
            }
            if let Some(end) = self.handle_ready(tail).await? {
                return Ok(end);
            }
            let event = tokio::select! {
                biased;
                kind = interrupt.received() => return Ok(End::Signal(kind)),
                () = &mut unread => return Ok(End::Unread),
                () = until(self.clock.deadline()) => return Ok(End::TimeIsOver),
                event = tail.next() => event,
            };
            match event {
                Some(event) => self.handle(event).await?,
                // A tail only ends after it has said why, which is an error handled above.
                None => return Ok(End::TimeIsOver),
            }
        }
    }

    /// Handles what is there already, and flushes once nothing is.
    async fn handle_ready(&mut self, tail: &mut Tail) -> Result<Option<End>, CommandError> {
        for _ in 0..BURST {
            let Some(event) = tail.try_next() else {
                self.watch.sink().flush()?;
                return Ok(None);
            };
            self.handle(event).await?;
            if self.clock.has_enough() {
                return Ok(Some(End::Enough));
            }
        }
        Ok(None)
    }

    async fn handle(&mut self, event: TailEvent) -> Result<(), CommandError> {
        match event {
            TailEvent::Message(message) => {
                let received_at = self.stamp.of(Timestamp::now());
                let handled = self.watch.message(&message.incoming(), received_at).await?;
                for remark in self.watch.take_remarks() {
                    self.ui.warn(&remark);
                }
                match handled {
                    Handled::Shown => self.clock.event_shown(Instant::now()),
                    Handled::LeftOut => {}
                }
            }
            TailEvent::Dropped(drops) => {
                let at = stamp::text(Timestamp::now());
                self.watch.dropped(drops, &at)?;
            }
            TailEvent::Lost { cause } => {
                self.watch.sink().flush()?;
                self.ui.warn(&cause);
            }
            TailEvent::Retrying { attempt, wait } => {
                let wait = duration::show(wait);
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

    /// Brings everything to its reader and to the disk, whatever happened, before the connection
    /// takes its time to close.
    fn hand_over(&mut self, ended: Result<End, CommandError>) -> Result<End, CommandError> {
        let flushed = self.watch.sink().flush();
        let is_unread = |error: &CommandError| error.kind == ExitKind::Done;
        match (ended, flushed) {
            (Err(error), _) | (Ok(_), Err(error)) if is_unread(&error) => Ok(End::Unread),
            (Err(error), _) | (Ok(_), Err(error)) => Err(error),
            (Ok(end), Ok(())) => Ok(end),
        }
    }

    /// The last words; none for a reader that has gone.
    fn finish(
        &mut self,
        ended: Result<End, CommandError>,
        last_drops: Drops,
    ) -> Result<ExitKind, CommandError> {
        if matches!(ended, Ok(End::Unread)) {
            return Ok(ExitKind::Done);
        }
        if last_drops.count > 0 {
            self.watch.dropped(last_drops, &stamp::text(Timestamp::now()))?;
            self.watch.sink().flush()?;
        }
        self.say_what_was_left_out();
        if !matches!(ended, Ok(End::Enough)) {
            self.ui.note(&self.watch.tally().to_string());
        }
        let kind = match ended? {
            End::Enough | End::Unread => ExitKind::Done,
            End::TimeIsOver => self.clock.outcome(),
            End::Signal(kind) => kind,
        };
        let has_misfits = self.watch.tally().invalid > 0;
        Ok(match (kind, self.misfits) {
            (ExitKind::Done, Misfits::Fail) if has_misfits => ExitKind::No,
            (kind, Misfits::Fail | Misfits::AreShown) => kind,
        })
    }

    fn say_what_was_left_out(&self) {
        let tally = self.watch.tally();
        if let Some(error) = self.watch.first_filter_error() {
            let events = counted(tally.filter_failed, "event");
            self.ui.warn(&format!("the filter failed on {events}; the first time: {error}"));
        }
        if tally.dropped.count > 0 {
            let count = how_many(tally.dropped);
            self.ui.warn(&format!(
                "{count} events were dropped because they came faster than they were read; \
                 --queue-limit lets more of them wait"
            ));
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
