use std::time::{Duration, Instant};

use super::queues::Receivers;
use super::report::{FollowOutcome, FollowReport};
use super::session::{HEARTBEAT, Session};
use super::{FollowArgs, Subject};
use crate::broker::BrokerError;
use crate::broker::amqp::{Connector, Drops, Tail, TailEvent, TailOptions};
use crate::commands::connect::{connector, management};
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::stored_results::StoredResults;
use crate::commands::{Context, Interrupt, duration};
use crate::ui::OutputFormat;

/// Where Celery's workers send their events; the name is a setting that nobody changes.
const WORKER_EVENTS: &str = "celeryev";
/// How often the result backend is asked.
const LOOK_UP: Duration = Duration::from_millis(250);
/// Messages that are read before signals and timers get a look again.
const BURST: usize = 256;

/// `celerysalt follow`.
pub async fn run(args: FollowArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let mut interrupt = Interrupt::listen()?;
    let mut running = tokio::select! {
        kind = interrupt.received() => return Ok(kind),
        opened = Running::open(&args, context) => opened?,
    };
    let ended = running.follow_all(&args, &mut interrupt).await;
    // Nobody waits for our goodbye to the broker after a second signal.
    tokio::select! {
        () = running.close() => {}
        _ = interrupt.received() => {}
    }
    ended
}

struct Running<'c> {
    context: &'c Context,
    session: Session,
    events: Tail,
    workers: Option<Tail>,
    worst: Option<FollowOutcome>,
}

impl<'c> Running<'c> {
    async fn open(args: &FollowArgs, context: &'c Context) -> Result<Self, CommandError> {
        let connector = connector(context, "follow")?;
        let results = StoredResults::open(context, &connector).await?;
        let target = &connector.target;
        let management = management(context, target).map_err(|error| error.to_string());
        let exchange = context.exchange();
        let receivers = Receivers::new(management, &target.first().vhost, exchange);
        let subject = args.resolved();
        let mut session = Session::new((subject.clone(), args.count), results, receivers);
        // Who listens to the workers first misses nothing of what comes of an event.
        let workers = match tail(&connector, WORKER_EVENTS, &["task.#", HEARTBEAT]).await {
            Ok(tail) => Some(tail),
            Err(BrokerError::NoExchange { .. }) => None,
            Err(error @ BrokerError::Forbidden { .. }) => {
                session.remarks.push(error.to_string());
                None
            }
            Err(error) => return Err(error.into()),
        };
        let events = tail(&connector, exchange, &["#"]).await?;
        if context.ui.output() == OutputFormat::Human {
            let what = match &subject {
                Subject::Topic(pattern) => format!("waiting for an event on {}", pattern.as_str()),
                Subject::Id(id) => format!("looking for {id}"),
            };
            let endpoint = target.endpoint();
            context.ui.note(&format!(
                "{what}, {exchange} on {endpoint}, for {} (Ctrl-C to stop)",
                duration::show(args.total)
            ));
        }
        Ok(Self { context, session, events, workers, worst: None })
    }

    async fn follow_all(
        &mut self,
        args: &FollowArgs,
        interrupt: &mut Interrupt,
    ) -> Result<ExitKind, CommandError> {
        let end = tokio::time::Instant::from_std(Instant::now() + args.total);
        let mut ticks = tokio::time::interval(LOOK_UP);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !self.session.is_over() {
            tokio::select! {
                biased;
                kind = interrupt.received() => {
                    let rest = self.session.take_rest();
                    self.print(rest)?;
                    return Ok(kind);
                }
                () = tokio::time::sleep_until(end) => {
                    let rest = self.session.take_rest();
                    self.print(rest)?;
                    return self.out_of_time(args);
                }
                _ = ticks.tick() => {
                    self.session.look_up().await;
                    let finished = self.session.take_finished();
                    self.print(finished)?;
                }
                event = next(self.workers.as_mut()) => self.worker_event(event)?,
                event = self.events.next() => {
                    let Some(event) = event else { break };
                    self.event(event).await?;
                }
            }
        }
        Ok(self.worst.map_or(ExitKind::Done, FollowOutcome::exit_kind))
    }

    async fn event(&mut self, first: TailEvent) -> Result<(), CommandError> {
        let mut next = Some(first);
        for _ in 0..BURST {
            match next {
                Some(TailEvent::Message(message)) => self.session.event(&message).await,
                Some(other) => self.incident(other, "events")?,
                None => break,
            }
            next = self.events.try_next();
        }
        Ok(())
    }

    fn worker_event(&mut self, event: TailEvent) -> Result<(), CommandError> {
        match event {
            TailEvent::Message(message) => self.session.worker_message(&message),
            other => self.incident(other, "worker events")?,
        }
        Ok(())
    }

    fn incident(&mut self, event: TailEvent, what: &str) -> Result<(), CommandError> {
        match event {
            TailEvent::Message(_) | TailEvent::Retrying { .. } => {}
            TailEvent::Dropped(drops) => {
                let count = drops.count;
                let text =
                    format!("{count} {what} were dropped: they came faster than they were read");
                self.session.remarks.push(text);
            }
            TailEvent::Lost { cause } => self.context.ui.warn(&cause),
            TailEvent::Gap { since, until } => self.session.remarks.push(format!(
                "the connection was lost: {what} between {since:.3} and {until:.3} were not seen"
            )),
            TailEvent::Fatal(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Prints stories and remembers the worst end.
    fn print(&mut self, reports: Vec<FollowReport>) -> Result<(), CommandError> {
        for report in reports {
            self.context.ui.report(&report)?;
            let outcome = report.outcome;
            self.worst = Some(self.worst.map_or(outcome, |worst| worst.worse_of(outcome)));
        }
        Ok(())
    }

    fn out_of_time(&self, args: &FollowArgs) -> Result<ExitKind, CommandError> {
        match (self.worst, args.resolved()) {
            (None, Subject::Topic(pattern)) => {
                let waited = duration::show(args.total);
                let message = format!("no event on {} within {waited}", pattern.as_str());
                Err(CommandError::new(ExitKind::Timeout, message)
                    .hint("wait longer with --for, or see what passes with `celerysalt tail`"))
            }
            // Nothing is missing: the time ended the waiting for more.
            (Some(worst), _) if !self.session.is_waiting() => Ok(worst.exit_kind()),
            (Some(FollowOutcome::Failed), _) => Ok(ExitKind::No),
            (Some(_) | None, _) => Ok(ExitKind::Timeout),
        }
    }

    async fn close(self) {
        let _last_drops: Drops = self.events.close().await;
        if let Some(workers) = self.workers {
            workers.close().await;
        }
    }
}

async fn tail(
    connector: &Connector,
    exchange: &str,
    patterns: &[&str],
) -> Result<Tail, BrokerError> {
    let patterns = patterns.iter().filter_map(|pattern| pattern.parse().ok()).collect();
    Tail::open(connector.clone(), TailOptions::new(exchange, patterns)).await
}

/// The next event of a worker; never where there is nothing to listen to.
async fn next(workers: Option<&mut Tail>) -> TailEvent {
    if let Some(workers) = workers
        && let Some(event) = workers.next().await
    {
        return event;
    }
    std::future::pending().await
}
