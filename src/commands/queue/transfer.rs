//! Sending the messages of a queue somewhere else, so that none is ever lost.
//!
//! Each message is taken without acknowledging it, published with a confirm and the mandatory flag,
//! and acknowledged only once the broker has confirmed it. Whatever ends the process in between, the
//! broker puts back what was not acknowledged. The price is that up to [`WINDOW`] messages may then
//! be at both places; where this process lives to tell, it names them.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::selector::Selector;
use super::shown::{Aftermath, ShownMessage};
use super::tally::TransferReport;
use crate::broker::BrokerError;
use crate::broker::amqp::{
    Connector, Destination, Forward, HeldMessage, HeldQueue, Publisher, Settled,
};
use crate::commands::dlq::History;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::rate::{Pace, Rate};
use crate::commands::stored_results::StoredResults;
use crate::commands::{Context, Interrupt};
use crate::ui::{Progress, Work};
use crate::wire::Decoder;

/// Messages that are published and not acknowledged at a time.
pub const WINDOW: usize = 64;
/// The bytes of their bodies, besides the first.
const WINDOW_BYTES: usize = 8 << 20;
/// How long confirms are waited for after a signal.
const LAST_CONFIRMS: Duration = Duration::from_secs(5);

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// To this queue and no other.
    Queue(String),
    /// To everybody who is bound to the topic.
    Topic(String),
}

/// What becomes of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Send {
        route: Route,
        /// What the message's own count of retries becomes.
        retries: Option<u32>,
    },
    Leave(Leave),
}

/// Why a message stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    Looping,
    NoOrigin,
    /// The queue that its headers name does not dead-letter here.
    ForeignOrigin,
    NoTopic,
    RpcRequest,
}

/// Decides about one message.
pub type Plan = Box<dyn Fn(&ShownMessage<'_>) -> Verdict + Send + Sync>;

/// A transfer before it begins.
pub struct Transfer {
    pub queue: String,
    pub plan: Plan,
    pub selector: Selector,
    /// Asked about each message that is looked at.
    pub results: StoredResults,
    /// Messages to send at most.
    pub limit: Option<u64>,
    pub rate: Option<Rate>,
    /// Send nothing.
    pub dry_run: bool,
    /// For the progress bar: `retrying`, `moving`.
    pub doing: &'static str,
}

/// Why a transfer ends before its queue does.
enum Stop {
    Signal(ExitKind),
    Failed(CommandError),
}

impl<E: Into<CommandError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Transfer {
    /// Sends what is there at the beginning and reports; messages that come back meanwhile are left
    /// for another time. The report is printed also when an error ends the transfer.
    pub async fn run(
        self,
        (context, connector): (&Context, &Connector),
    ) -> Result<ExitKind, CommandError> {
        let mut interrupt = Interrupt::listen()?;
        let mut running = tokio::select! {
            kind = interrupt.received() => return Ok(kind),
            opened = Running::open(self, (context, connector)) => opened?,
        };
        let started = Instant::now();
        let stopped = running.all(&mut interrupt).await.err();
        let stopped = running.settle(&mut interrupt).await.err().or(stopped);
        let Running { queue, publisher, transfer, mut report, unsure, progress, .. } = running;
        progress.finish();
        // An answer to the goodbye says that every acknowledgement has arrived.
        if queue.close().await.is_err() {
            unsure.into_iter().for_each(|id| report.doubt(id));
        }
        if let Some(publisher) = publisher {
            publisher.close().await;
        }
        report.left.filtered = transfer.selector.filtered;
        report.left.filter_failed = transfer.selector.filter_failed;
        report.after(started.elapsed());
        transfer.selector.say_what_failed(&context.ui);
        context.ui.report(&report)?;
        match stopped {
            Some(Stop::Failed(error)) => Err(error),
            Some(Stop::Signal(kind)) => Ok(kind),
            None => Ok(report.outcome()),
        }
    }
}

struct Running {
    transfer: Transfer,
    queue: HeldQueue,
    /// `None` for a dry run.
    publisher: Option<Publisher>,
    report: TransferReport,
    decoder: Decoder,
    in_flight: HashMap<u64, (HeldMessage, Route)>,
    bytes: usize,
    /// Acknowledged, but nothing that came back from the broker since says that it knows.
    unsure: Vec<String>,
    pace: Option<Pace>,
    progress: Progress,
}

impl Running {
    async fn open(
        transfer: Transfer,
        (context, connector): (&Context, &Connector),
    ) -> Result<Self, CommandError> {
        let queue = HeldQueue::open(connector, &transfer.queue).await?;
        let publisher = match transfer.dry_run {
            true => None,
            false => Some(Publisher::open(connector.clone(), context.exchange(), WINDOW).await?),
        };
        let ready = u64::from(queue.ready());
        let total = transfer.limit.map_or(ready, |limit| limit.min(ready));
        let work = Work { doing: transfer.doing, unit: "messages", total: Some(total) };
        Ok(Self {
            queue,
            publisher,
            report: TransferReport {
                queue: transfer.queue.clone(),
                dry_run: transfer.dry_run,
                ready,
                ..TransferReport::default()
            },
            decoder: Decoder::default(),
            in_flight: HashMap::new(),
            bytes: 0,
            unsure: Vec::new(),
            pace: transfer.rate.map(Pace::new),
            progress: context.ui.progress(work),
            transfer,
        })
    }

    async fn all(&mut self, interrupt: &mut Interrupt) -> Result<(), Stop> {
        while self.report.read < self.report.ready && !self.has_enough() {
            let taken = tokio::select! {
                biased;
                // A message that is on its way to us goes back with the channel.
                kind = interrupt.received() => return Err(Stop::Signal(kind)),
                taken = self.queue.take() => taken?,
            };
            let Some(message) = taken else { break };
            self.unsure.clear();
            self.report.read += 1;
            if let Some((route, retries)) = self.judge(&message).await? {
                self.report.selected += 1;
                match self.transfer.dry_run {
                    true => self.report.count_destination(&route),
                    false => self.send(message, (route, retries), interrupt).await?,
                }
            }
            self.progress.set(self.report.selected);
        }
        Ok(())
    }

    fn has_enough(&self) -> bool {
        self.transfer.limit.is_some_and(|limit| self.report.selected >= limit)
    }

    async fn judge(
        &mut self,
        message: &HeldMessage,
    ) -> Result<Option<(Route, Option<u32>)>, CommandError> {
        let Transfer { plan, selector, results, .. } = &mut self.transfer;
        let incoming = message.incoming();
        let decoded = self.decoder.decode(&incoming);
        let history = History::read(incoming.headers);
        let aftermath = Aftermath::look_up(&decoded, results).await;
        let shown = ShownMessage {
            position: self.report.read,
            decoded: &decoded,
            incoming: &incoming,
            history: &history,
            aftermath: &aftermath,
        };
        if !selector.chooses(&shown)? {
            return Ok(None);
        }
        match plan(&shown) {
            Verdict::Send { route, retries } => Ok(Some((route, retries))),
            Verdict::Leave(reason) => {
                self.report.leave(reason);
                Ok(None)
            }
        }
    }

    async fn send(
        &mut self,
        message: HeldMessage,
        (route, retries): (Route, Option<u32>),
        interrupt: &mut Interrupt,
    ) -> Result<(), Stop> {
        if let Some(pace) = &mut self.pace {
            let due = pace.take_slot(Instant::now());
            tokio::select! {
                kind = interrupt.received() => return Err(Stop::Signal(kind)),
                () = tokio::time::sleep_until(due) => {}
            }
        }
        let Some(publisher) = &mut self.publisher else { return Ok(()) };
        let to = match &route {
            Route::Queue(queue) => Destination::Queue(queue),
            Route::Topic(topic) => Destination::Topic(topic),
        };
        let tag = self.report.read;
        let forward = Forward { to, retries };
        let forwarded = tokio::select! {
            biased;
            forwarded = publisher.forward(tag, &message, &forward) => forwarded,
            // It waits only before it sends, so nothing is under way when it is dropped.
            kind = interrupt.received() => return Err(Stop::Signal(kind)),
        };
        match forwarded {
            Ok(()) => {}
            Err(BrokerError::BadMessage { .. }) => {
                self.report.left.refused += 1;
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
        self.bytes += message.body().len();
        self.in_flight.insert(tag, (message, route));
        // With a rate each message is on its own, so that a crash leaves one duplicate at most.
        let window = if self.pace.is_some() { 1 } else { WINDOW };
        if self.in_flight.len() >= window || self.bytes >= WINDOW_BYTES {
            self.settle(interrupt).await?;
        }
        Ok(())
    }

    /// Waits for every confirm and acknowledges. After a signal not for long.
    async fn settle(&mut self, interrupt: &mut Interrupt) -> Result<(), Stop> {
        let mut stopped = None;
        let mut deadline = None;
        while let Some(publisher) = &mut self.publisher
            && publisher.in_flight() > 0
        {
            let settled = tokio::select! {
                settled = publisher.wait_settled() => settled,
                kind = interrupt.received(), if deadline.is_none() => {
                    stopped = Some(Stop::Signal(kind));
                    deadline = Some(Instant::now() + LAST_CONFIRMS);
                    continue;
                }
                () = until(deadline) => break,
            };
            stopped = self.note_all(settled).await.err().or(stopped);
        }
        let rest = self.publisher.as_mut().map(Publisher::settled).unwrap_or_default();
        stopped = self.note_all(rest).await.err().or(stopped);
        for (position, (message, _route)) in std::mem::take(&mut self.in_flight) {
            self.report.doubt(name(position, &message));
        }
        self.bytes = 0;
        stopped.map_or(Ok(()), Err)
    }

    async fn note_all(&mut self, settled: Vec<(u64, Settled)>) -> Result<(), Stop> {
        let mut failed = None;
        for (position, outcome) in settled {
            let Some((message, route)) = self.in_flight.remove(&position) else { continue };
            match outcome {
                Settled::Confirmed => {
                    self.report.sent += 1;
                    self.report.count_destination(&route);
                    self.unsure.push(name(position, &message));
                    // The others are confirmed as well, and their acknowledgement fails too: they
                    // are all named.
                    failed = self.queue.acknowledge(&message).await.err().or(failed);
                }
                Settled::Unroutable { .. } => self.report.left.unroutable += 1,
                Settled::Nacked => self.report.left.refused += 1,
                Settled::InDoubt => self.report.doubt(name(position, &message)),
            }
        }
        failed.map_or(Ok(()), |error| Err(error.into()))
    }
}

/// The id by which a person finds the message again.
fn name(position: u64, message: &HeldMessage) -> String {
    let incoming = message.incoming();
    let mut decoder = Decoder::default();
    let id = decoder.decode(&incoming).id.map(std::borrow::Cow::into_owned);
    id.unwrap_or_else(|| format!("position {position}"))
}

/// Waits for `deadline`, for ever where there is none.
async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
