//! Publishing with confirms and the mandatory flag, many messages in flight at once.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::ShortString;
use lapin::{BasicProperties, Channel, Confirmation};
use tokio::sync::mpsc;

use super::super::error::BrokerError;
use super::super::task::OwnedTask;
use super::backoff::Backoff;
use super::connect::{AmqpConnection, Connector};
use super::encode::{properties, short};
use super::failure::Doing;
use super::held_message::{Destination, Forward, HeldMessage};
use super::notice::{Notice, NoticeSender, watch_alarms};
use super::settling::{Identity, Settled, Settling};
use super::topology::require_exchange;
use crate::wire::Outgoing;

/// Bodies in flight at most, besides the limit on their number.
const WINDOW_BYTES: usize = 32 * 1024 * 1024;
/// How long a lost broker is tried again before a batch gives up.
const RECONNECT_FOR: Duration = Duration::from_secs(60);

/// Publishes to one exchange. Nothing is ever sent twice: what is in flight when the connection is
/// lost is reported as [`Settled::InDoubt`], and the messages after it go over a new connection.
pub struct Publisher {
    connector: Connector,
    exchange: String,
    window: usize,
    link: Option<Link>,
    settling: Settling,
    notices: NoticeSender,
    receiver: Option<mpsc::Receiver<Notice>>,
    failure: Option<BrokerError>,
}

/// Where a message goes.
enum Route<'a> {
    Exchange,
    /// Past the exchange, straight to the queue of this name.
    Queue(&'a str),
}

/// A message on its way, in lapin's types.
struct Letter {
    exchange: ShortString,
    routing_key: ShortString,
    properties: BasicProperties,
    body: Vec<u8>,
}

type Answer = Pin<Box<dyn Future<Output = lapin::Result<Confirmation>> + Send>>;

/// One connection and what is in flight on it.
struct Link {
    connection: AmqpConnection,
    channel: Channel,
    in_flight: VecDeque<(Answer, usize)>,
    bytes: usize,
    _alarms: OwnedTask,
}

impl Publisher {
    /// Connects and makes sure that `exchange` exists; the empty name is the default exchange.
    ///
    /// `window` messages at most wait for their confirms at a time.
    ///
    /// # Errors
    /// Everything [`Connector::connect`] reports, and [`BrokerError::NoExchange`].
    pub async fn open(
        connector: Connector,
        exchange: &str,
        window: usize,
    ) -> Result<Self, BrokerError> {
        let (notices, receiver) = NoticeSender::new();
        let link = Link::open(&connector, exchange, &notices).await?;
        Ok(Self {
            connector,
            exchange: exchange.to_owned(),
            window: window.max(1),
            link: Some(link),
            settling: Settling::default(),
            notices,
            receiver: Some(receiver),
            failure: None,
        })
    }

    /// What happens to the connection while [`Publisher::submit`] waits; can be taken once.
    pub fn notices(&mut self) -> Option<mpsc::Receiver<Notice>> {
        self.receiver.take()
    }

    /// Publishes one message and waits for what becomes of it.
    ///
    /// # Errors
    /// [`BrokerError::Forbidden`] and the like; a lost connection is [`Settled::InDoubt`].
    pub async fn publish(&mut self, message: Outgoing) -> Result<Settled, BrokerError> {
        self.submit(0, message).await?;
        self.only_outcome().await
    }

    /// Publishes one message to the queue of this name, past all exchanges.
    ///
    /// # Errors
    /// As for [`Publisher::publish`].
    pub async fn publish_to_queue(
        &mut self,
        queue: &str,
        message: Outgoing,
    ) -> Result<Settled, BrokerError> {
        self.submit_via(0, message, Route::Queue(queue)).await?;
        self.only_outcome().await
    }

    async fn only_outcome(&mut self) -> Result<Settled, BrokerError> {
        let mut settled = self.drain().await;
        if let Some(error) = self.take_failure() {
            return Err(error);
        }
        Ok(settled.pop().map_or(Settled::InDoubt, |(_, outcome)| outcome))
    }

    /// Sends a message; waits while the window is full. The outcome is reported under `tag`.
    ///
    /// After a lost connection it reconnects first, for up to a minute.
    ///
    /// # Errors
    /// The message was not sent. [`BrokerError::BadMessage`] concerns only this message; after any
    /// other error the broker is not usable.
    pub async fn submit(&mut self, tag: u64, message: Outgoing) -> Result<(), BrokerError> {
        self.submit_via(tag, message, Route::Exchange).await
    }

    /// [`Publisher::submit`] to the queue of this name, past all exchanges.
    ///
    /// # Errors
    /// As for [`Publisher::submit`].
    pub async fn submit_to_queue(
        &mut self,
        tag: u64,
        queue: &str,
        message: Outgoing,
    ) -> Result<(), BrokerError> {
        self.submit_via(tag, message, Route::Queue(queue)).await
    }

    /// Sends a message that was taken from a queue, as it is but for [`Forward`]'s own changes.
    ///
    /// # Errors
    /// As for [`Publisher::submit`].
    pub async fn forward(
        &mut self,
        tag: u64,
        message: &HeldMessage,
        forward: &Forward<'_>,
    ) -> Result<(), BrokerError> {
        let (exchange, routing_key) = match forward.to {
            Destination::Topic(topic) => (self.exchange.as_str(), topic),
            Destination::Queue(queue) => ("", queue),
        };
        let letter = Letter {
            exchange: short("exchange name", exchange)?,
            routing_key: short("routing key", routing_key)?,
            properties: message.forwarded_properties(forward),
            body: message.body().to_vec(),
        };
        self.send(tag, letter).await
    }

    async fn submit_via(
        &mut self,
        tag: u64,
        message: Outgoing,
        route: Route<'_>,
    ) -> Result<(), BrokerError> {
        let (exchange, routing_key) = match route {
            Route::Exchange => (self.exchange.as_str(), message.routing_key.as_str()),
            Route::Queue(queue) => ("", queue),
        };
        let letter = Letter {
            exchange: short("exchange name", exchange)?,
            routing_key: short("routing key", routing_key)?,
            properties: properties(&message)?,
            body: message.body,
        };
        self.send(tag, letter).await
    }

    async fn send(&mut self, tag: u64, letter: Letter) -> Result<(), BrokerError> {
        let Letter { exchange, routing_key, properties, body } = letter;
        let ids = [properties.correlation_id(), properties.message_id()];
        let ids = ids.map(|id| id.as_ref().map(ShortString::as_str));
        let identity = Identity::new(routing_key.as_str(), ids, &body);
        let link = self.ready_link().await?;
        let channel = link.channel.clone();
        let size = body.len();
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let mut answer: Answer = Box::pin(async move {
            channel.basic_publish(exchange, routing_key, options, &body, properties).await?.await
        });
        // The first poll hands the frames over, in order. Waking up for every message that has left
        // would cost more than sending it, hence no waker until it is the oldest one in flight.
        let early = answer.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(outcome) = early {
            answer = Box::pin(std::future::ready(outcome));
        }
        link.in_flight.push_back((answer, size));
        link.bytes += size;
        self.settling.sent(tag, identity);
        Ok(())
    }

    /// An open link with room for one more message.
    async fn ready_link(&mut self) -> Result<&mut Link, BrokerError> {
        self.collect_answers();
        while self.link.as_ref().is_some_and(|link| link.is_full(self.window)) {
            self.next_answer().await;
        }
        if self.link.as_ref().is_some_and(|link| !link.channel.status().connected()) {
            self.drop_link().await;
        }
        if let Some(error) = self.take_failure() {
            return Err(error);
        }
        let link = match self.link.take() {
            Some(link) => link,
            None => self.reconnect().await?,
        };
        self.failure = None;
        Ok(self.link.insert(link))
    }

    async fn reconnect(&mut self) -> Result<Link, BrokerError> {
        let started = Instant::now();
        let mut backoff = Backoff::default();
        loop {
            let (attempt, wait) = backoff.next();
            self.notices.send(Notice::Retrying { attempt, wait });
            tokio::time::sleep(wait).await;
            match Link::open(&self.connector, &self.exchange, &self.notices).await {
                Ok(link) => {
                    self.notices.send(Notice::Reconnected);
                    return Ok(link);
                }
                Err(error) if error.is_transient() && started.elapsed() < RECONNECT_FOR => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The outcomes known by now, without waiting.
    pub fn settled(&mut self) -> Vec<(u64, Settled)> {
        self.collect_answers();
        self.settling.take_settled()
    }

    /// Waits until at least one more outcome is known or nothing is in flight.
    pub async fn wait_settled(&mut self) -> Vec<(u64, Settled)> {
        loop {
            let settled = self.settled();
            if !settled.is_empty() || self.in_flight() == 0 {
                return settled;
            }
            self.next_answer().await;
        }
    }

    /// Waits for the outcome of everything that was submitted.
    pub async fn drain(&mut self) -> Vec<(u64, Settled)> {
        while self.in_flight() > 0 {
            self.next_answer().await;
        }
        self.settling.take_settled()
    }

    /// Why the broker takes no more messages, where it is not for waiting.
    pub fn take_failure(&mut self) -> Option<BrokerError> {
        self.failure.take_if(|error| !error.is_transient())
    }

    /// How many messages wait for their confirm.
    pub fn in_flight(&self) -> usize {
        self.link.as_ref().map_or(0, |link| link.in_flight.len())
    }

    /// Ends the connection. Outcomes that were not waited for are given up.
    pub async fn close(mut self) {
        if let Some(link) = self.link.take() {
            link.close().await;
        }
    }

    async fn next_answer(&mut self) {
        let Some(link) = &mut self.link else { return };
        let outcome = std::future::poll_fn(|context| link.poll_oldest(context)).await;
        self.take_answer(outcome);
        self.collect_answers();
    }

    fn collect_answers(&mut self) {
        let mut context = Context::from_waker(Waker::noop());
        while let Some(link) = &mut self.link {
            let Poll::Ready(outcome) = link.poll_oldest(&mut context) else { break };
            if outcome.is_none() {
                break;
            }
            self.take_answer(outcome);
        }
    }

    fn take_answer(&mut self, outcome: Option<lapin::Result<Confirmation>>) {
        match outcome {
            None => {}
            Some(Ok(confirmation)) => self.settling.answered(confirmation),
            Some(Err(error)) => self.lose(&error),
        }
    }

    fn lose(&mut self, error: &lapin::Error) {
        self.settling.lost();
        let Some(mut link) = self.link.take() else { return };
        link.in_flight.clear();
        let error = Doing {
            endpoint: link.connection.endpoint(),
            action: &format!("publish to the exchange {:?}", self.exchange),
            exchange: Some(&self.exchange),
        }
        .failed(error);
        // What cannot be helped ends the batch, which says it then.
        if error.is_transient() {
            self.notices.send(Notice::Lost { cause: error.to_string() });
        }
        self.failure = Some(error);
    }

    async fn drop_link(&mut self) {
        while self.in_flight() > 0 {
            self.next_answer().await;
        }
        self.link = None;
    }
}

impl Link {
    async fn open(
        connector: &Connector,
        exchange: &str,
        notices: &NoticeSender,
    ) -> Result<Self, BrokerError> {
        let connection = connector.connect().await?;
        let alarms = watch_alarms(&connection, notices.clone());
        let set_up = async {
            require_exchange(&connection, exchange).await?;
            let channel = connection.open_channel().await?;
            let confirms = channel.confirm_select(ConfirmSelectOptions::default()).await;
            confirms.map_err(|error| {
                let endpoint = connection.endpoint();
                Doing { endpoint, action: "ask for confirms", exchange: None }.failed(&error)
            })?;
            Ok(channel)
        };
        let channel = connector.in_time(&connection, set_up).await?;
        let in_flight = VecDeque::new();
        Ok(Self { connection, channel, in_flight, bytes: 0, _alarms: alarms })
    }

    fn is_full(&self, window: usize) -> bool {
        self.in_flight.len() >= window || (self.bytes >= WINDOW_BYTES && !self.in_flight.is_empty())
    }

    /// The outcome of the oldest message; ready with `None` when nothing is in flight.
    fn poll_oldest(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<lapin::Result<Confirmation>>> {
        let Some((answer, size)) = self.in_flight.front_mut() else { return Poll::Ready(None) };
        let size = *size;
        let outcome = std::task::ready!(answer.as_mut().poll(context));
        self.in_flight.pop_front();
        self.bytes -= size;
        Poll::Ready(Some(outcome))
    }

    async fn close(self) {
        self.connection.close().await;
    }
}
