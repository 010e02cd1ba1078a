use std::time::Duration;

use thiserror::Error;

/// What can go wrong between us and a server. `endpoint` never holds a password.
#[derive(Debug, Error)]
pub enum BrokerError {
    #[error("{url:?} is not a broker URL: {reason}")]
    BadUrl { url: String, reason: String },
    #[error("cannot reach {endpoint}")]
    Unreachable { endpoint: String, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("no answer from {endpoint} within {}", humantime(*.deadline))]
    ConnectTimeout { endpoint: String, deadline: Duration },
    #[error("{endpoint} refused the user name or password of {user:?}")]
    BadCredentials { endpoint: String, user: String },
    #[error("{endpoint} has no virtual host {vhost:?} that {user:?} may use")]
    VhostRefused { endpoint: String, vhost: String, user: String },
    #[error("the TLS connection to {endpoint} failed")]
    Tls { endpoint: String, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("the exchange {exchange:?} does not exist on {endpoint}")]
    NoExchange { exchange: String, endpoint: String },
    #[error("{endpoint} does not allow {user:?} to {action}: {reason}")]
    Forbidden { endpoint: String, user: String, action: String, reason: String },
    #[error("the connection to {endpoint} was lost")]
    Lost { endpoint: String, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("{endpoint} answered with an error: {reason}")]
    Refused { endpoint: String, reason: String },
}

fn humantime(duration: Duration) -> String {
    format!("{}s", duration.as_secs_f64())
}
