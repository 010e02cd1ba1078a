//! One connection's life of a tail: its queue, its consumer and the count of what was dropped.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::super::error::BrokerError;
use super::connect::{AmqpConnection, Connector};
use super::delivery::ReceivedMessage;
use super::drop_counter::DropCounter;
use super::flow::Flow;
use super::own_queue::{Drops, OwnQueue};
use super::tail::TailOptions;
use super::tap::Intake;
use super::topology::require_exchange;

/// How long the last count may take when the tail ends.
const LAST_COUNT: Duration = Duration::from_secs(1);

pub(super) struct Subscription {
    connection: Arc<AmqpConnection>,
    queue: OwnQueue,
    intake: Arc<Intake>,
    taken: VecDeque<ReceivedMessage>,
    flow: Flow,
    drops: DropCounter,
}

/// What a subscription has for its reader.
pub(super) enum Arrival {
    Message(ReceivedMessage),
    Dropped(Drops),
    Ended(BrokerError),
}

impl Subscription {
    pub(super) async fn open(
        connector: &Connector,
        options: &TailOptions,
    ) -> Result<Self, BrokerError> {
        let intake = Arc::new(Intake::new(options.buffer_bytes));
        let connection = Arc::new(connector.connect_tapped(Arc::clone(&intake)).await?);
        let set_up = async {
            require_exchange(&connection, &options.exchange).await?;
            let queue = OwnQueue::declare(&connection, &options.limits).await?;
            queue.bind(&connection, &options.exchange, &options.patterns).await?;
            let counting = connection.open_channel().await?;
            let drops = DropCounter::start(counting, queue.clone(), Arc::clone(&intake));
            let (name, fed) = (queue.name.clone(), Arc::clone(&intake));
            let flow = Flow::start(Arc::clone(&connection), name, fed).await?;
            Ok((queue, drops, flow))
        };
        let (queue, drops, flow) = connector.in_time(&connection, set_up).await?;
        Ok(Self { connection, queue, intake, taken: VecDeque::new(), flow, drops })
    }

    pub(super) fn drops_are_counted(&self) -> bool {
        self.queue.drops_are_counted
    }

    pub(super) fn last_heard(&self) -> jiff::Timestamp {
        self.intake.last_heard()
    }

    /// What has arrived already, without waiting.
    pub(super) fn try_next(&mut self) -> Option<Arrival> {
        if self.taken.is_empty() {
            if let Some(drops) = self.drops.take() {
                return Some(Arrival::Dropped(drops));
            }
            self.intake.take_all(&mut self.taken);
        }
        self.taken.pop_front().map(Arrival::Message)
    }

    /// The next arrival. Nothing is lost when the future is dropped.
    pub(super) async fn next(&mut self) -> Arrival {
        loop {
            if let Some(arrival) = self.try_next() {
                return arrival;
            }
            tokio::select! {
                biased;
                () = self.intake.arrival() => {}
                () = self.drops.changed() => {}
                error = self.flow.end() => return Arrival::Ended(error),
            }
        }
    }

    /// Counts the drops a last time, then ends the connection and with it the queues.
    pub(super) async fn close(self) -> Drops {
        let mut drops = self.drops.take().unwrap_or_default();
        let last_count = async {
            let channel = self.connection.open_channel().await.ok()?;
            self.queue.count_drops(&channel).await.ok()
        };
        self.intake.discard();
        if let Ok(Some(last)) = tokio::time::timeout(LAST_COUNT, last_count).await {
            drops.add(last);
        }
        self.connection.close().await;
        drops
    }
}
