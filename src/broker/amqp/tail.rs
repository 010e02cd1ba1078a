//! Watching an exchange for as long as it takes, across restarts of the broker.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::super::error::BrokerError;
use super::backoff::Backoff;
use super::connect::Connector;
use super::delivery::ReceivedMessage;
use super::own_queue::{Drops, QueueLimits};
use super::subscription::{Arrival, Subscription};
use crate::event::RoutingPattern;

/// How long an exchange may be missing after a reconnect: a broker that comes back empty gets it
/// again from the first service that reconnects.
const EXCHANGE_GRACE: Duration = Duration::from_secs(60);

/// What to watch, and how much may wait where.
#[derive(Debug, Clone)]
pub struct TailOptions {
    pub exchange: String,
    pub patterns: Vec<RoutingPattern>,
    /// Limits of the queue on the broker.
    pub limits: QueueLimits,
    /// Messages that wait in this process at most, in bytes. 8 MiB are plenty.
    pub buffer_bytes: usize,
}

impl TailOptions {
    pub fn new(exchange: impl Into<String>, patterns: Vec<RoutingPattern>) -> Self {
        let exchange = exchange.into();
        Self { exchange, patterns, limits: QueueLimits::default(), buffer_bytes: 8 << 20 }
    }
}

/// What a tail reports, in the order it happened.
#[derive(Debug)]
pub enum TailEvent {
    Message(ReceivedMessage),
    /// The reader was too slow; these were dropped some time before the next message.
    Dropped(Drops),
    Lost {
        cause: String,
    },
    /// The next attempt to connect comes after `wait`.
    Retrying {
        attempt: u32,
        wait: Duration,
    },
    /// Connected again. What was published in between was not seen.
    Gap {
        since: Timestamp,
        until: Timestamp,
    },
    /// Trying again makes no sense; nothing follows.
    Fatal(BrokerError),
}

/// A running tail. Dropping it ends the connection, [`Tail::close`] does so politely.
pub struct Tail {
    context: Arc<Context>,
    state: State,
    drops_are_counted: bool,
}

struct Context {
    connector: Connector,
    options: TailOptions,
}

type Opening = Pin<Box<dyn Future<Output = Result<Subscription, BrokerError>> + Send>>;

enum State {
    Live(Box<Subscription>),
    Lost(Outage),
    Over,
}

/// The time between two connections.
struct Outage {
    since: Timestamp,
    started: Instant,
    backoff: Backoff,
    /// The next attempt, begun with its wait.
    attempt: Option<Opening>,
}

impl Tail {
    /// Connects, makes the queue and binds it. Fails at once where any of it does not work.
    ///
    /// # Errors
    /// What [`Connector::connect`] reports, [`BrokerError::NoExchange`] and
    /// [`BrokerError::Forbidden`].
    pub async fn open(connector: Connector, options: TailOptions) -> Result<Self, BrokerError> {
        let subscription = Subscription::open(&connector, &options).await?;
        Ok(Self {
            drops_are_counted: subscription.drops_are_counted(),
            context: Arc::new(Context { connector, options }),
            state: State::Live(Box::new(subscription)),
        })
    }

    /// False where the user may not dead-letter (write to `amq.default`): the broker then drops
    /// without anybody knowing how much.
    pub fn drops_are_counted(&self) -> bool {
        self.drops_are_counted
    }

    /// The next event if it is here already. A printer flushes when there is none.
    pub fn try_next(&mut self) -> Option<TailEvent> {
        let State::Live(subscription) = &mut self.state else { return None };
        let arrival = subscription.try_next()?;
        Some(self.report(arrival))
    }

    /// Waits for the next event; `None` only after [`TailEvent::Fatal`].
    ///
    /// The future can be dropped and asked for again at any time without losing anything.
    pub async fn next(&mut self) -> Option<TailEvent> {
        loop {
            match &mut self.state {
                State::Over => return None,
                State::Live(subscription) => {
                    let arrival = subscription.next().await;
                    return Some(self.report(arrival));
                }
                State::Lost(outage) => {
                    let Some(attempt) = &mut outage.attempt else {
                        return Some(outage.schedule(&self.context));
                    };
                    let outcome = attempt.as_mut().await;
                    if let Some(event) = self.reconnected(outcome) {
                        return Some(event);
                    }
                }
            }
        }
    }

    fn report(&mut self, arrival: Arrival) -> TailEvent {
        match arrival {
            Arrival::Message(message) => TailEvent::Message(message),
            Arrival::Dropped(drops) => TailEvent::Dropped(drops),
            Arrival::Ended(error) => {
                let since = match &self.state {
                    State::Live(subscription) => subscription.last_heard(),
                    State::Lost(_) | State::Over => Timestamp::now(),
                };
                self.state = State::Lost(Outage {
                    since,
                    started: Instant::now(),
                    backoff: Backoff::default(),
                    attempt: None,
                });
                TailEvent::Lost { cause: with_causes(&error) }
            }
        }
    }

    /// What an attempt to reconnect amounts to; `None` when the next one is due.
    fn reconnected(&mut self, outcome: Result<Subscription, BrokerError>) -> Option<TailEvent> {
        let State::Lost(outage) = &mut self.state else { return None };
        outage.attempt = None;
        match outcome {
            Ok(subscription) => {
                let since = outage.since;
                self.drops_are_counted = subscription.drops_are_counted();
                self.state = State::Live(Box::new(subscription));
                Some(TailEvent::Gap { since, until: Timestamp::now() })
            }
            Err(error) if outage.may_pass(&error) => {
                tracing::debug!(%error, "still not connected");
                None
            }
            Err(error) => {
                self.state = State::Over;
                Some(TailEvent::Fatal(error))
            }
        }
    }

    /// Ends the connection and with it the queues. Tells what was dropped since the last report.
    pub async fn close(self) -> Drops {
        match self.state {
            State::Live(subscription) => subscription.close().await,
            State::Lost(_) | State::Over => Drops::default(),
        }
    }
}

impl Outage {
    fn schedule(&mut self, context: &Arc<Context>) -> TailEvent {
        let (attempt, wait) = self.backoff.next();
        let context = Arc::clone(context);
        self.attempt = Some(Box::pin(async move {
            tokio::time::sleep(wait).await;
            Subscription::open(&context.connector, &context.options).await
        }));
        TailEvent::Retrying { attempt, wait }
    }

    fn may_pass(&self, error: &BrokerError) -> bool {
        match error {
            BrokerError::NoExchange { .. } => self.started.elapsed() < EXCHANGE_GRACE,
            other => other.is_transient(),
        }
    }
}

fn with_causes(error: &BrokerError) -> String {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
