//! `rpc://`: results come back as messages to a queue of the caller's own.
//!
//! Source: `celery/backends/rpc.py` 5.7. Where Celery keeps a durable queue for each process, ours
//! is exclusive and goes away with the connection.

use uuid::Uuid;

use super::super::amqp::{Connector, OutgoingReply, ReplyQueue};
use super::error::BackendError;
use super::retry::Backoff;
use super::{AnsweredTask, Arrival, ResultBytes};

/// A reply queue on the broker. After a loss it comes back under the same name, so that an answer
/// that is still on its way finds it.
pub(super) struct RpcBackend {
    connector: Connector,
    name: String,
    /// `None` between a loss and the next wait.
    queue: Option<ReplyQueue>,
}

impl RpcBackend {
    pub(super) async fn open(connector: Connector) -> Result<Self, BackendError> {
        let name = Uuid::new_v4().to_string();
        let queue = Some(ReplyQueue::open(&connector, &name).await?);
        Ok(Self { connector, name, queue })
    }

    pub(super) fn queue_name(&self) -> &str {
        &self.name
    }

    /// The queue, declared again where it was lost.
    pub(super) async fn listen(&mut self) -> Result<&mut ReplyQueue, BackendError> {
        let queue = match self.queue.take() {
            Some(queue) => queue,
            None => ReplyQueue::open(&self.connector, &self.name).await?,
        };
        Ok(self.queue.insert(queue))
    }

    /// See [`super::Waiter::next`].
    pub(super) async fn next(&mut self, task_id: &str) -> Result<Arrival, BackendError> {
        let Some(queue) = &mut self.queue else { return self.restore().await };
        loop {
            let reply = match queue.next().await {
                Ok(reply) => reply,
                Err(error) => {
                    self.queue = None;
                    return Ok(Arrival::Lost(error.into()));
                }
            };
            // Old Celery versions send no correlation id; then the only caller is meant. A late
            // reply to a task nobody waits for any more is passed over.
            if reply.correlation_id.is_none_or(|id| id == task_id) {
                return Ok(Arrival::Document(ResultBytes {
                    content_type: reply.content_type,
                    content_encoding: reply.content_encoding,
                    compression: reply.compression,
                    body: reply.body,
                }));
            }
        }
    }

    async fn restore(&mut self) -> Result<Arrival, BackendError> {
        let mut backoff = Backoff::default();
        loop {
            backoff.pause().await;
            match self.listen().await {
                Ok(_queue) => return Ok(Arrival::Restored),
                Err(error) if error.is_transient() => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Sends a result to the caller's reply queue; a caller that named none gets nothing, as with a
    /// real worker.
    pub(super) async fn send(&mut self, task: &AnsweredTask<'_>) -> Result<(), BackendError> {
        let Some(reply_to) = task.reply_to else { return Ok(()) };
        let reply = OutgoingReply {
            queue: reply_to,
            correlation_id: task.correlation_id.unwrap_or(task.id),
            body: task.document,
        };
        let sent = self.listen().await?.send(&reply).await;
        if sent.is_err() {
            self.queue = None;
        }
        Ok(sent?)
    }
}
