use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

/// The cause below a [`BrokerError`], without the type of the library it came from.
pub type Cause = Box<dyn Error + Send + Sync>;

/// What can go wrong between us and a server. `endpoint` never holds a password.
#[derive(Debug, Error)]
pub enum BrokerError {
    #[error("{url:?} is not a broker URL: {reason}")]
    BadUrl { url: String, reason: String },
    #[error("cannot use the TLS file {}", path.display())]
    TlsFile { path: PathBuf, source: Cause },
    #[error("the host name {host:?} of {endpoint} cannot be resolved")]
    UnknownHost { endpoint: String, host: String, source: Cause },
    #[error("cannot reach {endpoint}")]
    Unreachable { endpoint: String, source: Cause },
    #[error("no answer from {endpoint} within {}", humantime(*.deadline))]
    ConnectTimeout { endpoint: String, deadline: Duration },
    #[error("what listens at {endpoint} did not complete an AMQP 0-9-1 handshake")]
    NotAmqp { endpoint: String, source: Cause },
    #[error("{endpoint} refused the user name or password of {user:?}")]
    BadCredentials { endpoint: String, user: String },
    #[error("{endpoint} has no virtual host {vhost:?} that {user:?} may use")]
    VhostRefused { endpoint: String, vhost: String, user: String },
    #[error("the TLS connection to {endpoint} failed")]
    Tls { endpoint: String, source: Cause },
    #[error("the exchange {exchange:?} does not exist on {endpoint}")]
    NoExchange { exchange: String, endpoint: String },
    #[error("the queue {queue:?} does not exist on {endpoint}")]
    NoQueue { queue: String, endpoint: String },
    #[error(
        "the queue {queue:?} on {endpoint} is exclusive: only the connection that declared it may use it"
    )]
    Exclusive { queue: String, endpoint: String },
    #[error("the queue {queue:?} on {endpoint} cannot do this: {reason}")]
    Unsupported { queue: String, endpoint: String, reason: String },
    #[error("{endpoint} does not allow {user:?} to {action}: {reason}")]
    Forbidden { endpoint: String, vhost: String, user: String, action: String, reason: String },
    #[error("the connection to {endpoint} was lost")]
    Lost { endpoint: String, source: Cause },
    #[error("no answer from {endpoint} to {action} within {}", humantime(*.deadline))]
    AnswerTimeout { endpoint: String, action: String, deadline: Duration },
    #[error("{endpoint} answered with an error: {reason}")]
    Refused { endpoint: String, reason: String },
    #[error("the message cannot be sent: {reason}")]
    BadMessage { reason: String },
}

impl BrokerError {
    /// Whether the same attempt can succeed a little later without anybody changing a setting.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::UnknownHost { .. }
            | Self::Unreachable { .. }
            | Self::ConnectTimeout { .. }
            | Self::Lost { .. }
            | Self::AnswerTimeout { .. }
            | Self::NotAmqp { .. }
            | Self::Refused { .. } => true,
            Self::BadUrl { .. }
            | Self::TlsFile { .. }
            | Self::BadCredentials { .. }
            | Self::VhostRefused { .. }
            | Self::Tls { .. }
            | Self::NoExchange { .. }
            | Self::NoQueue { .. }
            | Self::Exclusive { .. }
            | Self::Unsupported { .. }
            | Self::Forbidden { .. }
            | Self::BadMessage { .. } => false,
        }
    }
}

impl BrokerError {
    /// Whether nothing answers where the server should be.
    pub fn is_no_server(&self) -> bool {
        match self {
            Self::UnknownHost { .. } | Self::Unreachable { .. } | Self::ConnectTimeout { .. } => {
                true
            }
            Self::BadUrl { .. }
            | Self::TlsFile { .. }
            | Self::NotAmqp { .. }
            | Self::BadCredentials { .. }
            | Self::VhostRefused { .. }
            | Self::Tls { .. }
            | Self::NoExchange { .. }
            | Self::NoQueue { .. }
            | Self::Exclusive { .. }
            | Self::Unsupported { .. }
            | Self::Forbidden { .. }
            | Self::Lost { .. }
            | Self::AnswerTimeout { .. }
            | Self::Refused { .. }
            | Self::BadMessage { .. } => false,
        }
    }
}

fn humantime(duration: Duration) -> String {
    format!("{}s", duration.as_secs_f64())
}
