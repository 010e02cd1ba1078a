//! What a person waiting for a publisher should know.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::mpsc;

use super::super::task::OwnedTask;
use super::connect::AmqpConnection;

/// Something that happened to a publisher's connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The broker has stopped reading what we publish (a memory or disk alarm).
    Blocked {
        reason: String,
    },
    Unblocked,
    Lost {
        cause: String,
    },
    /// The next attempt to connect comes after `wait`.
    Retrying {
        attempt: u32,
        wait: Duration,
    },
    Reconnected,
}

/// Notices nobody reads are dropped rather than kept.
const KEPT: usize = 64;

#[derive(Debug, Clone)]
pub(super) struct NoticeSender(mpsc::Sender<Notice>);

impl NoticeSender {
    pub(super) fn new() -> (Self, mpsc::Receiver<Notice>) {
        let (sender, receiver) = mpsc::channel(KEPT);
        (Self(sender), receiver)
    }

    pub(super) fn send(&self, notice: Notice) {
        if let Err(error) = self.0.try_send(notice) {
            tracing::trace!(%error, "nobody reads the notices");
        }
    }
}

/// Passes on the broker's alarms until the connection ends.
pub(super) fn watch_alarms(connection: &AmqpConnection, notices: NoticeSender) -> OwnedTask {
    let mut events = Box::pin(connection.events());
    OwnedTask::spawn(async move {
        while let Some(event) = events.next().await {
            match event {
                lapin::Event::ConnectionBlocked(reason) => notices.send(Notice::Blocked { reason }),
                lapin::Event::ConnectionUnblocked => notices.send(Notice::Unblocked),
                lapin::Event::Error(_) => break,
                _ => {}
            }
        }
    })
}
