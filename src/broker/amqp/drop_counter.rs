//! Counts what the broker dropped for as long as a subscription lives.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lapin::Channel;
use tokio::sync::Notify;

use super::super::task::OwnedTask;
use super::own_queue::{Drops, OwnQueue};
use super::tap::Intake;

const INTERVAL: Duration = Duration::from_secs(1);
/// While messages are being dropped, so that few wait to be counted.
const BUSY_INTERVAL: Duration = Duration::from_millis(200);

/// Drops that nobody has been told of yet.
#[derive(Debug)]
pub(super) struct DropCounter {
    shared: Arc<Shared>,
    _task: OwnedTask,
}

#[derive(Debug, Default)]
struct Shared {
    drops: Mutex<Drops>,
    changed: Notify,
}

impl DropCounter {
    /// Asks the broker on `channel`; drops in our own intake are added.
    pub(super) fn start(channel: Channel, queue: OwnQueue, intake: Arc<Intake>) -> Self {
        let shared = Arc::new(Shared::default());
        let counted = Arc::clone(&shared);
        let task = OwnedTask::spawn(async move {
            loop {
                // Fails only when the connection is gone, which the reader learns elsewhere.
                let Ok(drops) = queue.count_drops(&channel).await else { break };
                counted.add(drops);
                counted.add(Drops { count: intake.take_dropped(), ..Drops::default() });
                let is_busy = drops.count > 0;
                tokio::time::sleep(if is_busy { BUSY_INTERVAL } else { INTERVAL }).await;
            }
        });
        Self { shared, _task: task }
    }

    /// What was dropped since the last call, if anything.
    pub(super) fn take(&self) -> Option<Drops> {
        let mut drops = self.shared.drops.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = std::mem::take(&mut *drops);
        (taken.count > 0).then_some(taken)
    }

    pub(super) async fn changed(&self) {
        self.shared.changed.notified().await;
    }
}

impl Shared {
    fn add(&self, drops: Drops) {
        if drops.count > 0 {
            self.drops.lock().unwrap_or_else(PoisonError::into_inner).add(drops);
            self.changed.notify_one();
        }
    }
}
