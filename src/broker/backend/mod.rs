//! Celery result backends: waiting for the result of a task, and storing one for somebody else.
//!
//! What a result document *means* is `wire`'s business; here documents are bytes. Nothing is ever
//! deleted: the worker gave the result its expiry.

mod error;
mod redis;
mod retry;
mod rpc;
mod target;

use std::time::Duration;

pub use error::BackendError;
pub use redis::{Heard, ResultWatch};
pub use target::{BackendTarget, RedisTarget};

use super::amqp::Connector;
use super::tls::TlsFiles;
use redis::RedisBackend;
use rpc::RpcBackend;

/// A result document as it was stored or sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultBytes {
    /// `None` where the backend keeps no such thing (Redis).
    pub content_type: Option<String>,
    pub content_encoding: Option<String>,
    /// The kombu compression of a reply message.
    pub compression: Option<String>,
    pub body: Vec<u8>,
}

impl ResultBytes {
    fn bare(body: Vec<u8>) -> Self {
        Self { content_type: None, content_encoding: None, compression: None, body }
    }
}

/// What a wait brings.
#[derive(Debug)]
pub enum Arrival {
    Document(ResultBytes),
    /// The connection is gone; the next wait connects again.
    Lost(BackendError),
    Restored,
}

/// How to reach a backend.
#[derive(Debug, Clone)]
pub struct BackendOptions {
    pub tls: TlsFiles,
    /// For each attempt to connect and for each answer. Not for results.
    pub deadline: Duration,
}

/// An open result backend.
pub struct ResultBackend(Kind);

enum Kind {
    Redis(Box<RedisBackend>),
    Rpc(Box<RpcBackend>),
}

impl ResultBackend {
    /// Connects. `broker` is where the reply queue of `rpc://` lives.
    pub async fn open(
        target: &BackendTarget,
        options: &BackendOptions,
        broker: &Connector,
    ) -> Result<Self, BackendError> {
        Ok(Self(match target {
            BackendTarget::Redis(target) => {
                let backend = RedisBackend::open(target, &options.tls, options.deadline).await?;
                Kind::Redis(Box::new(backend))
            }
            BackendTarget::Rpc => Kind::Rpc(Box::new(RpcBackend::open(broker.clone()).await?)),
        }))
    }

    /// The queue that a request must name in `reply_to` for its answer to arrive here.
    pub fn reply_queue(&self) -> Option<&str> {
        match &self.0 {
            Kind::Redis(_) => None,
            Kind::Rpc(backend) => Some(backend.queue_name()),
        }
    }

    /// Starts to listen for the result of `task_id`. Publish the request only after this.
    pub async fn prepare<'b>(&'b mut self, task_id: &str) -> Result<Waiter<'b>, BackendError> {
        match &mut self.0 {
            Kind::Redis(backend) => backend.subscribe(task_id).await?,
            Kind::Rpc(backend) => drop(backend.listen().await?),
        }
        Ok(Waiter { backend: self, task_id: task_id.to_owned() })
    }

    /// What is stored about a task at this moment. Nothing for `rpc://`, whose results are messages
    /// to whoever asked.
    pub async fn stored(&mut self, task_id: &str) -> Result<Option<ResultBytes>, BackendError> {
        match &mut self.0 {
            Kind::Redis(backend) => Ok(backend.stored(task_id).await?.map(ResultBytes::bare)),
            Kind::Rpc(_) => Ok(None),
        }
    }

    /// Stores a JSON result document, as the worker that handled `task` would.
    pub async fn store(&mut self, task: &AnsweredTask<'_>) -> Result<(), BackendError> {
        match &mut self.0 {
            Kind::Redis(backend) => backend.store(task.id, task.document).await,
            Kind::Rpc(backend) => backend.send(task).await,
        }
    }
}

/// The task that a document to be stored belongs to.
#[derive(Debug, Clone, Copy)]
pub struct AnsweredTask<'a> {
    pub id: &'a str,
    /// From the request; without it an `rpc://` caller cannot be reached.
    pub reply_to: Option<&'a str>,
    /// From the request.
    pub correlation_id: Option<&'a str>,
    pub document: &'a [u8],
}

/// Listens for one task's result.
pub struct Waiter<'b> {
    backend: &'b mut ResultBackend,
    task_id: String,
}

impl Waiter<'_> {
    /// The next document about the task, or news about the connection. There may be several
    /// documents before the final one. Safe to drop and call again.
    ///
    /// # Errors
    /// Only what waiting longer cannot mend.
    pub async fn next(&mut self) -> Result<Arrival, BackendError> {
        match &mut self.backend.0 {
            Kind::Redis(backend) => backend.next(&self.task_id).await,
            Kind::Rpc(backend) => backend.next(&self.task_id).await,
        }
    }

    /// Stops listening.
    pub async fn finish(self) {
        match &mut self.backend.0 {
            Kind::Redis(backend) => backend.unsubscribe(&self.task_id).await,
            Kind::Rpc(_) => {}
        }
    }
}
