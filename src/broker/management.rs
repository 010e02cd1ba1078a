//! The RabbitMQ management API, for what AMQP itself does not tell: who is bound to what.
//!
//! Versions differ in what they send, so every field may be missing, and some numbers are the text
//! `"undefined"` for a while after a node has started.

mod listing;
mod overview;
mod queue_state;
mod routes;

use std::time::Duration;

use reqwest::{Client, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::amqp::{AmqpTarget, Transport, percent_decode};
use super::error::{BrokerError, Cause};
use super::tls::TlsFiles;
use crate::secret::{Secret, mask_url};

pub use listing::Messages;
pub use overview::Overview;
pub use queue_state::QueueState;

const PLAIN_PORT: u16 = 15672;
const TLS_PORT: u16 = 15671;
/// The answer is a help, not the point: a command must not wait long for it.
const DEADLINE: Duration = Duration::from_secs(5);

/// A client of one broker's management API.
#[derive(Debug, Clone)]
pub struct Management {
    client: Client,
    base: Url,
    user: String,
    password: Secret,
}

impl Management {
    /// Reads `http(s)://user:password@host:port`; the credentials default to `guest:guest`.
    ///
    /// # Errors
    /// [`BrokerError::BadUrl`] and [`BrokerError::TlsFile`].
    pub fn new(url: &Secret, tls: &TlsFiles) -> Result<Self, BrokerError> {
        let bad = |reason: String| BrokerError::BadUrl { url: mask_url(url.expose()), reason };
        let mut base = Url::parse(url.expose()).map_err(|error| bad(error.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(bad("the management API is reached by http:// or https://".to_owned()));
        }
        let decoded =
            |text: &str| percent_decode(text).ok_or_else(|| bad("it is not UTF-8".to_owned()));
        let user =
            decoded(Some(base.username()).filter(|user| !user.is_empty()).unwrap_or("guest"))?;
        let password = Secret::new(decoded(base.password().unwrap_or("guest"))?);
        let cleared = base.set_username("").and_then(|()| base.set_password(None));
        cleared.map_err(|()| bad("it has no host".to_owned()))?;
        let client = Client::builder()
            .timeout(DEADLINE)
            .tls_backend_preconfigured(tls.client_config()?)
            .build()
            .map_err(|error| bad(error.to_string()))?;
        Ok(Self { client, base, user, password })
    }

    /// Where a broker usually has its management API: the same host and credentials, port 15672, or
    /// 15671 with TLS.
    pub fn guess_from(target: &AmqpTarget) -> Secret {
        let endpoint = target.first();
        let (scheme, port) = match endpoint.transport {
            Transport::Plain => ("http", PLAIN_PORT),
            Transport::Tls => ("https", TLS_PORT),
        };
        let host = match endpoint.host.contains(':') {
            true => format!("[{}]", endpoint.host),
            false => endpoint.host.clone(),
        };
        let (user, password) =
            (percent_encoded(&endpoint.user), percent_encoded(endpoint.password.expose()));
        Secret::new(format!("{scheme}://{user}:{password}@{host}:{port}"))
    }

    /// The resource at `path` below `/api`; `None` where there is none.
    async fn get<T: DeserializeOwned>(&self, path: &[&str]) -> Result<Option<T>, BrokerError> {
        self.get_with(path, &[]).await
    }

    async fn get_with<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Option<T>, BrokerError> {
        self.ask(path, query, DEADLINE).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        deadline: Duration,
    ) -> Result<Option<T>, BrokerError> {
        let Some(answer) = self.send(path, query, deadline).await? else { return Ok(None) };
        self.read(answer, deadline).await.map(Some)
    }

    async fn send(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        deadline: Duration,
    ) -> Result<Option<Response>, BrokerError> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("api").extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self.client.get(url).timeout(deadline);
        let request = request.basic_auth(&self.user, Some(self.password.expose()));
        let answer = request.send().await.map_err(|error| self.unreachable(error, deadline))?;
        match answer.status() {
            StatusCode::OK => Ok(Some(answer)),
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::UNAUTHORIZED => Err(self.unauthorized(answer, path).await),
            status => Err(BrokerError::Refused {
                endpoint: self.endpoint(),
                reason: format!("HTTP status {status}"),
            }),
        }
    }

    async fn read<T: DeserializeOwned>(
        &self,
        answer: Response,
        deadline: Duration,
    ) -> Result<T, BrokerError> {
        let body = answer.bytes().await.map_err(|error| self.unreachable(error, deadline))?;
        serde_json::from_slice(&body).map_err(|error| BrokerError::Refused {
            endpoint: self.endpoint(),
            reason: format!("not the answer of a management API: {error}"),
        })
    }

    /// A wrong password, a user without a management tag and one who may not enter the virtual host
    /// get the same status.
    async fn unauthorized(&self, answer: Response, path: &[&str]) -> BrokerError {
        let (endpoint, user) = (self.endpoint(), self.user.clone());
        let body = answer.text().await.unwrap_or_default();
        let told: Map<String, Value> = serde_json::from_str(&body).unwrap_or_default();
        let reason = told.get("reason").and_then(Value::as_str).unwrap_or_default();
        if let (true, Some(vhost)) = (reason.contains("virtual host"), path.get(1)) {
            return BrokerError::VhostRefused { endpoint, vhost: (*vhost).to_owned(), user };
        }
        if !reason.contains("Not management user") {
            return BrokerError::BadCredentials { endpoint, user };
        }
        let action = "use the management API".to_owned();
        BrokerError::Forbidden {
            endpoint,
            vhost: String::new(),
            user,
            action,
            reason: reason.to_owned(),
        }
    }

    fn unreachable(&self, error: reqwest::Error, deadline: Duration) -> BrokerError {
        let endpoint = self.endpoint();
        if error.is_timeout() {
            return BrokerError::ConnectTimeout { endpoint, deadline };
        }
        BrokerError::Unreachable { endpoint, source: Cause::from(error.without_url()) }
    }

    /// Where the requests go, without the password.
    pub fn endpoint(&self) -> String {
        self.base.as_str().trim_end_matches('/').to_owned()
    }
}

/// One segment of a URL's path, or its user or password.
pub fn percent_encoded(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let encoded = |byte: u8| match plain(&byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(encoded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(broker: &str) -> String {
        Management::guess_from(&AmqpTarget::parse(broker).unwrap()).expose().to_owned()
    }

    #[test]
    fn the_management_url_is_guessed_from_the_broker() {
        let table = [
            ("amqp://h", "http://guest:guest@h:15672"),
            ("amqp://u:p%40%2F@h:5673//", "http://u:p%40%2F@h:15672"),
            ("amqps://u:p@[::1]/v", "https://u:p@[::1]:15671"),
        ];
        for (broker, expected) in table {
            assert_eq!(guess(broker), expected);
        }
    }

    #[test]
    fn a_url_is_read_without_showing_its_password() {
        let url = Secret::new("http://u:p%40ss@h:15672/prefix/");
        let management = Management::new(&url, &TlsFiles::default()).unwrap();
        assert_eq!(management.endpoint(), "http://h:15672/prefix");
        assert_eq!((management.user.as_str(), management.password.expose()), ("u", "p@ss"));
        assert!(!format!("{management:?}").contains("p@ss"));
        let error = Management::new(&Secret::new("amqp://u:pw@h"), &TlsFiles::default());
        insta::assert_snapshot!(error.unwrap_err(), @r#""amqp://u:***@h" is not a broker URL: the management API is reached by http:// or https://"#);
    }
}
