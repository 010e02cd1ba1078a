//! Listening to the results of every task as workers store them. Reads only.

use futures_util::StreamExt;
use redis::aio::{PubSubSink, PubSubStream};

use super::super::super::tls::TlsFiles;
use super::super::retry::Backoff;
use super::super::{BackendError, BackendOptions, RedisTarget, ResultBytes};
use super::{Endpoint, TASK_KEY_PREFIX, client};

/// An open ear for results. A task's result may come several times, with each of its states.
pub struct ResultWatch {
    endpoint: Endpoint,
    link: Link,
}

enum Link {
    Up {
        messages: PubSubStream,
        /// The subscription ends with it.
        _subscriptions: PubSubSink,
    },
    Down(Backoff),
}

/// What a watch hears.
#[derive(Debug)]
pub enum Heard {
    Result {
        task_id: String,
        document: ResultBytes,
    },
    /// Results are missed until [`Heard::Restored`].
    Lost,
    Restored,
}

impl ResultWatch {
    /// Connects and subscribes: what is stored from now on is heard.
    ///
    /// # Errors
    /// As for [`super::super::ResultBackend::open`].
    pub async fn open(
        target: &RedisTarget,
        options: &BackendOptions,
    ) -> Result<Self, BackendError> {
        let tls: &TlsFiles = &options.tls;
        let endpoint = Endpoint {
            client: client(target, tls)?,
            name: target.endpoint.clone(),
            key_prefix: target.key_prefix.clone(),
            deadline: options.deadline,
        };
        let link = subscribe(&endpoint).await?;
        Ok(Self { endpoint, link })
    }

    /// The next result, or news about the connection, which is restored for as long as it takes.
    /// Safe to drop and call again.
    pub async fn next(&mut self) -> Heard {
        loop {
            match &mut self.link {
                Link::Up { messages, .. } => {
                    let Some(message) = messages.next().await else {
                        self.link = Link::Down(Backoff::default());
                        return Heard::Lost;
                    };
                    let start = self.endpoint.key("");
                    let task_id = message.get_channel_name().strip_prefix(&start);
                    if let Some(task_id) = task_id {
                        return Heard::Result {
                            task_id: task_id.to_owned(),
                            document: ResultBytes::bare(message.get_payload_bytes().to_vec()),
                        };
                    }
                }
                Link::Down(backoff) => {
                    backoff.pause().await;
                    match subscribe(&self.endpoint).await {
                        Ok(link) => {
                            self.link = link;
                            return Heard::Restored;
                        }
                        Err(error) => tracing::debug!(%error, "no result watch yet"),
                    }
                }
            }
        }
    }
}

async fn subscribe(endpoint: &Endpoint) -> Result<Link, BackendError> {
    let open = async {
        let (mut subscriptions, messages) = endpoint.client.get_async_pubsub().await?.split();
        let pattern = format!("{}{TASK_KEY_PREFIX}*", literal(&endpoint.key_prefix));
        subscriptions.psubscribe(pattern).await?;
        Ok(Link::Up { messages, _subscriptions: subscriptions })
    };
    endpoint.within_deadline(open).await
}

/// `text` as a Redis glob that matches nothing else.
fn literal(text: &str) -> String {
    let special = |c: char| matches!(c, '*' | '?' | '[' | ']' | '\\' | '^');
    text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_prefix_is_no_pattern() {
        assert_eq!(literal("prod_"), "prod_");
        assert_eq!(literal("a*[b]?\\"), r"a\*\[b\]\?\\");
    }
}
