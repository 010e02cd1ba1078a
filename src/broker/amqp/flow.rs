//! Starts and stops the consumer of a tail as its reader keeps up or does not.
//!
//! Deliveries need no acknowledgement, because acknowledging costs a broker about a quarter of its
//! rate. The price is that a reader who stalls stops the TCP connection, and RabbitMQ ends connections
//! it cannot write to for half a minute. So after a few seconds without room the consumer is
//! cancelled, the little that is still on its way is taken in, and the broker's queue fills instead,
//! under its limits, until there is room again.
//!
//! The queue would be deleted with its last consumer, so there is a second one, the anchor. It takes
//! one message (delivered like any other, and in order, since both share a channel), never
//! acknowledges it, and so gets no other but keeps the queue.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Consumer};
use tokio::sync::Notify;

use super::super::error::BrokerError;
use super::super::task::OwnedTask;
use super::connect::AmqpConnection;
use super::failure::Doing;
use super::tap::Intake;
use super::url::AmqpEndpoint;

const INTERVAL: Duration = Duration::from_secs(1);
/// How long a reader may stall before the consumer is cancelled.
const PATIENCE: Duration = Duration::from_secs(4);

/// The consumer of a subscription.
pub(super) struct Flow {
    shared: Arc<Shared>,
    _task: OwnedTask,
}

#[derive(Default)]
struct Shared {
    end: Mutex<Option<BrokerError>>,
    changed: Notify,
}

impl Flow {
    /// Starts to consume `queue` into `intake`.
    pub(super) async fn start(
        connection: Arc<AmqpConnection>,
        queue: String,
        intake: Arc<Intake>,
    ) -> Result<Self, BrokerError> {
        let channel = connection.open_channel().await?;
        intake.tap(channel.id());
        let started = async {
            channel.basic_qos(1, BasicQosOptions::default()).await?;
            let anchor = consume(&channel, &queue, Acknowledge::First).await?;
            let consumer = consume(&channel, &queue, Acknowledge::Never).await?;
            Ok((anchor, consumer))
        };
        let doing = consuming(connection.endpoint());
        let (anchor, consumer) =
            started.await.map_err(|error: lapin::Error| doing.failed(&error))?;
        let shared = Arc::new(Shared::default());
        let ended = Arc::clone(&shared);
        let consumer = Some(consumer);
        let mut valve = Valve { connection, channel, queue, intake, anchor, consumer };
        let task = OwnedTask::spawn(async move {
            let end = valve.run().await;
            *ended.end.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
            ended.changed.notify_one();
        });
        Ok(Self { shared, _task: task })
    }

    /// Waits until nothing more will come, and tells why; then waits for ever.
    pub(super) async fn end(&self) -> BrokerError {
        loop {
            self.shared.changed.notified().await;
            let end = self.shared.end.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(end) = end {
                return end;
            }
        }
    }
}

fn consuming(endpoint: &AmqpEndpoint) -> Doing<'_> {
    Doing { endpoint, action: "read from its own queue", exchange: None }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Acknowledge {
    /// The broker forgets a message once it is sent.
    Never,
    /// The broker waits for the acknowledgement of the first message.
    First,
}

async fn consume(
    channel: &Channel,
    queue: &str,
    acknowledge: Acknowledge,
) -> lapin::Result<Consumer> {
    let no_ack = acknowledge == Acknowledge::Never;
    let options = BasicConsumeOptions { no_ack, ..BasicConsumeOptions::default() };
    channel.basic_consume(queue.into(), "".into(), options, FieldTable::default()).await
}

struct Valve {
    connection: Arc<AmqpConnection>,
    channel: Channel,
    queue: String,
    intake: Arc<Intake>,
    anchor: Consumer,
    /// `None` while the reader stalls.
    consumer: Option<Consumer>,
}

impl Valve {
    /// Ends when the broker cancels the consumers or the connection is lost.
    async fn run(&mut self) -> BrokerError {
        let mut full_since: Option<Instant> = None;
        loop {
            // The messages go to the intake, so all that comes out here is the end.
            match tokio::time::timeout(INTERVAL, self.anchor.next()).await {
                Ok(Some(Err(error))) => return self.failed(&error),
                Ok(Some(Ok(_)) | None) => return self.cancelled(),
                Err(_elapsed) => {}
            }
            self.intake.nudge();
            let turned = match (&self.consumer, self.intake.is_full()) {
                (Some(_), true) => {
                    let since = *full_since.get_or_insert_with(Instant::now);
                    if since.elapsed() < PATIENCE { Ok(()) } else { self.shut().await }
                }
                (None, false) => self.open().await,
                (Some(_), false) => {
                    full_since = None;
                    Ok(())
                }
                (None, true) => Ok(()),
            };
            if let Err(error) = turned {
                return self.failed(&error);
            }
        }
    }

    async fn shut(&mut self) -> lapin::Result<()> {
        let Some(consumer) = self.consumer.take() else { return Ok(()) };
        tracing::debug!(queue = self.queue, "the reader stalls, the consumer stops");
        // The broker's answers come behind the messages on their way.
        self.intake.open_wide();
        self.channel.basic_cancel(consumer.tag(), BasicCancelOptions::default()).await
    }

    async fn open(&mut self) -> lapin::Result<()> {
        tracing::debug!(queue = self.queue, "there is room again, the consumer starts");
        self.consumer = Some(consume(&self.channel, &self.queue, Acknowledge::Never).await?);
        self.intake.close_again();
        Ok(())
    }

    fn failed(&self, error: &lapin::Error) -> BrokerError {
        consuming(self.connection.endpoint()).failed(error)
    }

    fn cancelled(&self) -> BrokerError {
        BrokerError::Lost {
            endpoint: self.connection.endpoint().to_string(),
            source: "the broker cancelled the consumer".into(),
        }
    }
}
