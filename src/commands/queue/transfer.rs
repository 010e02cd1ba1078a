//! Sending the messages of a queue somewhere else, so that none is ever lost.
//!
//! Each message is taken without acknowledging it, published with a confirm and the mandatory flag,
//! and acknowledged only once the broker has confirmed it; [`Custody`] says what that costs.

use std::collections::HashMap;

use tokio::time::Instant;

use super::custody::{Custody, UNDER_WAY};
use super::selector::Selector;
use super::shown::{Aftermath, ShownMessage};
use super::tally::TransferReport;
use crate::broker::amqp::{Connector, Destination, Forward, HeldMessage, HeldQueue, Settled};
use crate::commands::batch::{Flight, Opening, Parcel, Sent, Stop};
use crate::commands::dlq::History;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::rate::{Pace, Rate};
use crate::commands::stored_results::StoredResults;
use crate::commands::{Context, Interrupt};
use crate::ui::Work;
use crate::wire::Decoder;

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
    /// Its queue does not exist any more.
    Unroutable,
    RpcRequest,
    /// It cannot be sent on as it is.
    Unfaithful,
}

/// Decides about one message.
pub type Plan = Box<dyn Fn(&ShownMessage<'_>) -> Verdict + Send + Sync>;

/// A transfer before it begins.
pub struct Transfer {
    pub queue: String,
    /// The exchange of the topics; the default exchange (the empty name) where there are none, so
    /// that no right or exchange is asked for that is not needed.
    pub exchange: String,
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

impl Transfer {
    /// Sends what is there at the beginning and reports; messages that come back meanwhile are left
    /// for another time. The report is printed also when an error ends the transfer.
    pub async fn run(
        self,
        (context, connector): (&Context, &Connector),
    ) -> Result<ExitKind, CommandError> {
        let mut interrupt = Interrupt::listen()?;
        let queue = tokio::select! {
            kind = interrupt.received() => return Ok(kind),
            opened = HeldQueue::open(connector, &self.queue) => opened?,
        };
        let mut running = match Running::open(self, queue, (context, connector, interrupt)).await {
            Ok(running) => running,
            Err(Stop::Signal(kind)) => return Ok(kind),
            Err(Stop::Failed(error)) => return Err(error),
        };
        let started = Instant::now();
        let stopped = running.all().await.err();
        let stopped = running.settle(stopped).await.err();
        let Running { custody, flight, transfer, mut report, .. } = running;
        flight.problems.finish();
        custody.close().await.into_iter().for_each(|id| report.duplicates.add(id));
        flight.close().await;
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

struct Running<'c> {
    transfer: Transfer,
    custody: Custody,
    flight: Flight<'c>,
    settled: Vec<(u64, Settled)>,
    report: TransferReport,
    decoder: Decoder,
    /// Where the messages under way go, by their positions.
    routes: HashMap<u64, Route>,
    pace: Option<Pace>,
}

/// What is chosen, and by what a person finds it again.
struct Chosen {
    route: Route,
    retries: Option<u32>,
    id: Option<String>,
}

impl<'c> Running<'c> {
    async fn open(
        transfer: Transfer,
        queue: HeldQueue,
        (context, connector, interrupt): (&'c Context, &Connector, Interrupt),
    ) -> Result<Self, Stop> {
        let ready = u64::from(queue.ready());
        let total = transfer.limit.map_or(ready, |limit| limit.min(ready));
        let work = Work { doing: transfer.doing, unit: "messages", total: Some(total) };
        let flight = match transfer.dry_run {
            true => Flight::rehearsal(interrupt, work, &context.ui),
            false => {
                let connector = connector.clone();
                let exchange = &transfer.exchange;
                let opening = Opening { connector, exchange, window: UNDER_WAY, work };
                Flight::open(interrupt, opening, &context.ui).await?
            }
        };
        // With a rate each message is on its own, so that a crash leaves one duplicate at most.
        let window = if transfer.rate.is_some() { 1 } else { UNDER_WAY };
        Ok(Self {
            custody: Custody::new(queue, window),
            flight,
            settled: Vec::new(),
            report: TransferReport {
                queue: transfer.queue.clone(),
                dry_run: transfer.dry_run,
                ready,
                ..TransferReport::default()
            },
            decoder: Decoder::default(),
            routes: HashMap::new(),
            pace: transfer.rate.map(Pace::new),
            transfer,
        })
    }

    async fn all(&mut self) -> Result<(), Stop> {
        while self.report.read < self.report.ready && !self.has_enough() {
            let taking = self.custody.take();
            let taken = self.flight.wait_for(taking, &mut self.settled).await??;
            let Some(message) = taken else { break };
            self.report.read += 1;
            if let Some(chosen) = self.judge(&message).await? {
                self.report.selected += 1;
                match self.transfer.dry_run {
                    true => self.report.count_destination(&chosen.route),
                    false => self.send(message, chosen).await?,
                }
            }
            self.flight.problems.progress.set(self.report.selected);
        }
        Ok(())
    }

    fn has_enough(&self) -> bool {
        self.transfer.limit.is_some_and(|limit| self.report.selected >= limit)
    }

    async fn judge(&mut self, message: &HeldMessage) -> Result<Option<Chosen>, CommandError> {
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
            Verdict::Send { .. } if !message.is_faithful() => {
                self.report.leave(Leave::Unfaithful);
                Ok(None)
            }
            Verdict::Send { route, retries } => {
                let id = decoded.id.map(std::borrow::Cow::into_owned);
                Ok(Some(Chosen { route, retries, id }))
            }
            Verdict::Leave(reason) => {
                self.report.leave(reason);
                Ok(None)
            }
        }
    }

    async fn send(&mut self, message: HeldMessage, chosen: Chosen) -> Result<(), Stop> {
        if let Some(pace) = &mut self.pace {
            let due = pace.take_slot(Instant::now());
            self.flight.wait_until(due, &mut self.settled).await?;
        }
        let Chosen { route, retries, id } = chosen;
        let to = match &route {
            Route::Queue(queue) => Destination::Queue(queue),
            Route::Topic(topic) => Destination::Topic(topic),
        };
        let position = self.report.read;
        let parcel = Parcel::Held(&message, Forward { to, retries });
        match self.flight.submit(position, parcel).await? {
            Sent::Away => {}
            Sent::Unsendable(_) => {
                self.report.left.refused += 1;
                return Ok(());
            }
        }
        self.custody.sent(position, &message, id.as_deref());
        self.routes.insert(position, route);
        drop(message);
        if self.custody.is_full() {
            self.settle(None).await?;
        }
        Ok(())
    }

    /// Waits for every confirm and acknowledges. Once stopped, not for long.
    async fn settle(&mut self, mut stopped: Option<Stop>) -> Result<(), Stop> {
        self.flight.drain(&mut stopped, &mut self.settled).await;
        for (position, outcome) in std::mem::take(&mut self.settled) {
            let route = self.routes.remove(&position);
            match outcome {
                Settled::Confirmed => {
                    self.report.sent += 1;
                    route.iter().for_each(|route| self.report.count_destination(route));
                    // After a failure the others are confirmed as well, and their acknowledgement
                    // fails too: they are all named.
                    if let Err(error) = self.custody.confirmed(position).await {
                        stopped = Some(error.into());
                    }
                }
                Settled::Unroutable { .. } => {
                    self.report.left.unroutable += 1;
                    self.custody.stays(position);
                }
                Settled::Nacked => {
                    self.report.left.refused += 1;
                    self.custody.stays(position);
                }
                Settled::InDoubt => {
                    self.custody
                        .stays(position)
                        .into_iter()
                        .for_each(|id| self.report.duplicates.add(id));
                }
            }
        }
        self.routes.clear();
        self.custody.give_up().into_iter().for_each(|id| self.report.duplicates.add(id));
        stopped.map_or(Ok(()), Err)
    }
}
