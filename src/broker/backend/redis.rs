//! Results in Redis: a key for each task, and a message on the channel of the same name.
//!
//! Source: `celery/backends/redis.py` and `celery/backends/base.py` 5.7.

mod watch;

use std::time::Duration;

use futures_util::StreamExt;
use redis::aio::{MultiplexedConnection, PubSubSink, PubSubStream};
use redis::{
    AsyncCommands, AsyncConnectionConfig, Client, ClientTlsConfig, ErrorKind, RedisError,
    TlsCertificates,
};

use super::super::error::Cause;
use super::super::tls::TlsFiles;
use super::error::BackendError;
use super::retry::Backoff;
use super::target::RedisTarget;
use super::{Arrival, ResultBytes};

pub use watch::{Heard, ResultWatch};

const TASK_KEY_PREFIX: &str = "celery-task-meta-";
/// Celery's default for `result_expires`.
const RESULT_EXPIRES_SECONDS: u64 = 24 * 60 * 60;
/// How often the key is read besides waiting for the message: a proxy without channels and a
/// connection that died without a word both look like silence.
const POLL: Duration = Duration::from_secs(1);

/// A Redis server that holds results.
pub(super) struct RedisBackend {
    endpoint: Endpoint,
    link: Link,
    /// The last document handed over for the task that is waited for.
    seen: Option<Vec<u8>>,
}

struct Endpoint {
    client: Client,
    name: String,
    key_prefix: String,
    deadline: Duration,
}

enum Link {
    Up(Connections),
    /// Lost while waiting; the next wait connects again.
    Down,
}

struct Connections {
    commands: MultiplexedConnection,
    subscriptions: PubSubSink,
    messages: PubSubStream,
}

impl RedisBackend {
    /// Connects, and sees that results may be read; `deadline` is for each attempt, now and after a
    /// loss.
    pub(super) async fn open(
        target: &RedisTarget,
        tls: &TlsFiles,
        deadline: Duration,
    ) -> Result<Self, BackendError> {
        let endpoint = Endpoint {
            client: client(target, tls)?,
            name: target.endpoint.clone(),
            key_prefix: target.key_prefix.clone(),
            deadline,
        };
        let mut connections = endpoint.connect().await?;
        // A server that wants a password refuses the first command, not the connection.
        let first_word = connections.commands.exists::<_, bool>(endpoint.key(""));
        endpoint.within_deadline(first_word).await?;
        Ok(Self { endpoint, link: Link::Up(connections), seen: None })
    }

    /// Subscribes to the result of `task_id`. An answer that is there already comes with the first
    /// [`Self::next`].
    pub(super) async fn subscribe(&mut self, task_id: &str) -> Result<(), BackendError> {
        self.seen = None;
        if let Link::Down = self.link {
            self.link = Link::Up(self.endpoint.connect().await?);
        }
        let Link::Up(connections) = &mut self.link else { return Ok(()) };
        let key = self.endpoint.key(task_id);
        let subscribed = connections.subscriptions.subscribe(&key);
        self.endpoint.within_deadline(subscribed).await
    }

    pub(super) async fn unsubscribe(&mut self, task_id: &str) {
        let Link::Up(connections) = &mut self.link else { return };
        let unsubscribed = connections.subscriptions.unsubscribe(self.endpoint.key(task_id));
        if self.endpoint.within_deadline(unsubscribed).await.is_err() {
            self.link = Link::Down;
        }
    }

    /// The next document for `task_id`, or news about the connection. Safe to drop and call again.
    pub(super) async fn next(&mut self, task_id: &str) -> Result<Arrival, BackendError> {
        let key = self.endpoint.key(task_id);
        let Link::Up(connections) = &mut self.link else { return self.restore(&key).await };
        loop {
            match connections.next_document(&key, self.seen.is_none()).await {
                Ok(document) if self.seen.as_ref() == Some(&document) => {}
                Ok(document) => {
                    self.seen = Some(document.clone());
                    return Ok(Arrival::Document(ResultBytes::bare(document)));
                }
                Err(error) => {
                    let error = self.endpoint.lost(&error);
                    self.link = Link::Down;
                    return if error.is_transient() {
                        Ok(Arrival::Lost(error))
                    } else {
                        Err(error)
                    };
                }
            }
        }
    }

    async fn restore(&mut self, key: &str) -> Result<Arrival, BackendError> {
        let mut backoff = Backoff::default();
        loop {
            backoff.pause().await;
            match self.endpoint.connect_and_subscribe(key).await {
                Ok(connections) => {
                    self.link = Link::Up(connections);
                    return Ok(Arrival::Restored);
                }
                Err(error) if error.is_transient() => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) async fn stored(&mut self, task_id: &str) -> Result<Option<Vec<u8>>, BackendError> {
        let key = self.endpoint.key(task_id);
        if let Link::Down = self.link {
            self.link = Link::Up(self.endpoint.connect().await?);
        }
        let Link::Up(connections) = &mut self.link else { return Ok(None) };
        let read = connections.commands.get::<_, Option<Vec<u8>>>(key);
        let answer = self.endpoint.within_deadline(read).await;
        if answer.is_err() {
            self.link = Link::Down;
        }
        answer
    }

    /// Stores a result the way a worker does: the key with an expiry, then the message.
    pub(super) async fn store(
        &mut self,
        task_id: &str,
        document: &[u8],
    ) -> Result<(), BackendError> {
        let key = self.endpoint.key(task_id);
        if let Link::Down = self.link {
            self.link = Link::Up(self.endpoint.connect().await?);
        }
        let Link::Up(connections) = &mut self.link else { return Ok(()) };
        let mut transaction = redis::pipe();
        transaction.atomic().set_ex(&key, document, RESULT_EXPIRES_SECONDS).ignore();
        transaction.publish(&key, document).ignore();
        let stored = transaction.query_async::<()>(&mut connections.commands).await;
        stored.map_err(|error| {
            self.link = Link::Down;
            self.endpoint.lost(&error)
        })
    }
}

impl Connections {
    async fn next_document(&mut self, key: &str, first: bool) -> Result<Vec<u8>, RedisError> {
        let mut wait = if first { Duration::ZERO } else { POLL };
        loop {
            tokio::select! {
                biased;
                message = self.messages.next() => match message {
                    Some(message) if message.get_channel_name() == key => {
                        return Ok(message.get_payload_bytes().to_vec());
                    }
                    // A late word on a task nobody waits for any more.
                    Some(_) => {}
                    None => return Err(closed()),
                },
                () = tokio::time::sleep(wait) => {
                    wait = POLL;
                    if let Some(document) = self.commands.get::<_, Option<Vec<u8>>>(key).await? {
                        return Ok(document);
                    }
                }
            }
        }
    }
}

fn closed() -> RedisError {
    std::io::Error::new(std::io::ErrorKind::UnexpectedEof, "the server closed the connection")
        .into()
}

impl Endpoint {
    fn key(&self, task_id: &str) -> String {
        format!("{}{TASK_KEY_PREFIX}{task_id}", self.key_prefix)
    }

    async fn connect(&self) -> Result<Connections, BackendError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.deadline))
            .set_response_timeout(Some(self.deadline));
        let open = async {
            let commands =
                self.client.get_multiplexed_async_connection_with_config(&config).await?;
            let (subscriptions, messages) = self.client.get_async_pubsub().await?.split();
            Ok(Connections { commands, subscriptions, messages })
        };
        self.within_deadline(open).await
    }

    async fn connect_and_subscribe(&self, key: &str) -> Result<Connections, BackendError> {
        let mut connections = self.connect().await?;
        self.within_deadline(connections.subscriptions.subscribe(key)).await?;
        Ok(connections)
    }

    async fn within_deadline<T>(
        &self,
        answer: impl Future<Output = Result<T, RedisError>>,
    ) -> Result<T, BackendError> {
        match tokio::time::timeout(self.deadline, answer).await {
            Ok(answer) => answer.map_err(|error| self.failed(&error)),
            Err(_elapsed) => Err(BackendError::ConnectTimeout {
                endpoint: self.name.clone(),
                deadline: self.deadline,
            }),
        }
    }

    /// The error of connecting or of the first words on a connection.
    fn failed(&self, error: &RedisError) -> BackendError {
        let endpoint = self.name.clone();
        match error.kind() {
            ErrorKind::Io => BackendError::Unreachable { endpoint, source: cause(error) },
            ErrorKind::Parse | ErrorKind::UnexpectedReturnType => {
                BackendError::NotRedis { endpoint, source: cause(error) }
            }
            ErrorKind::AuthenticationFailed => {
                BackendError::BadCredentials { endpoint, source: cause(error) }
            }
            _ if needs_credentials(error) => {
                BackendError::BadCredentials { endpoint, source: cause(error) }
            }
            _ => BackendError::Refused { endpoint, reason: error.to_string() },
        }
    }

    /// The error of a connection that had worked.
    fn lost(&self, error: &RedisError) -> BackendError {
        match self.failed(error) {
            BackendError::Unreachable { endpoint, source }
            | BackendError::NotRedis { endpoint, source } => {
                BackendError::Lost { endpoint, source }
            }
            other => other,
        }
    }
}

/// Redis refuses the first command, not the connection, when a password is missing.
fn needs_credentials(error: &RedisError) -> bool {
    matches!(error.code(), Some("NOAUTH" | "WRONGPASS" | "NOPERM"))
        || error.detail().is_some_and(|detail| detail.contains("Authentication required"))
}

/// The reason without the Redis crate's own wrapping.
fn cause(error: &RedisError) -> Cause {
    if error.kind() == ErrorKind::Parse {
        return "its answer is not one that Redis gives".into();
    }
    match error.detail() {
        Some(detail) => detail.to_owned().into(),
        None => {
            let text = error.to_string();
            let reason = text.split_once(" - ").map_or(text.as_str(), |(reason, _kind)| reason);
            reason.to_owned().into()
        }
    }
}

fn client(target: &RedisTarget, tls: &TlsFiles) -> Result<Client, BackendError> {
    let files = tls.clone().or(target.tls.clone());
    let info = target.info.clone();
    let opened = match target.info.addr() {
        redis::ConnectionAddr::TcpTls { .. } => Client::build_with_tls(
            info,
            certificates(&files).map_err(|error| tls_file(target, error))?,
        ),
        _ => Client::open(info),
    };
    opened.map_err(|error| tls_file(target, error))
}

fn tls_file(target: &RedisTarget, source: impl Into<Cause>) -> BackendError {
    BackendError::TlsFile { endpoint: target.endpoint.clone(), source: source.into() }
}

fn certificates(files: &TlsFiles) -> Result<TlsCertificates, std::io::Error> {
    let root_cert = files.ca_file.as_ref().map(std::fs::read).transpose()?;
    let client_tls = match &files.cert_file {
        None => None,
        Some(cert_file) => Some(ClientTlsConfig {
            client_cert: std::fs::read(cert_file)?,
            client_key: std::fs::read(files.key_file.as_ref().unwrap_or(cert_file))?,
        }),
    };
    Ok(TlsCertificates { client_tls, root_cert })
}
