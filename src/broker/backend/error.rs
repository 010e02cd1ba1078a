use std::time::Duration;

use thiserror::Error;

use super::super::error::{BrokerError, Cause};

/// What can go wrong between us and a Celery result backend. `endpoint` never holds a password.
#[derive(Debug, Error)]
pub enum BackendError {
    #[error("{url:?} is not a result backend URL: {reason}")]
    BadUrl { url: String, reason: String },
    #[error("results in a {scheme:?} backend cannot be read yet")]
    Unsupported { scheme: String },
    #[error("cannot use the TLS files for {endpoint}")]
    TlsFile { endpoint: String, source: Cause },
    #[error("cannot reach the result backend {endpoint}")]
    Unreachable { endpoint: String, source: Cause },
    #[error("no answer from the result backend {endpoint} within {}s", .deadline.as_secs_f64())]
    ConnectTimeout { endpoint: String, deadline: Duration },
    #[error("the result backend {endpoint} refused the user name or password")]
    BadCredentials { endpoint: String, source: Cause },
    #[error("what listens at {endpoint} does not speak Redis")]
    NotRedis { endpoint: String, source: Cause },
    #[error("the result backend {endpoint} answered with an error: {reason}")]
    Refused { endpoint: String, reason: String },
    #[error("the connection to the result backend {endpoint} was lost")]
    Lost { endpoint: String, source: Cause },
    /// The `rpc://` backend is the broker itself.
    #[error(transparent)]
    Broker(#[from] BrokerError),
}

impl BackendError {
    /// Whether the same attempt can succeed a little later without anybody changing a setting.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::ConnectTimeout { .. }
            | Self::Refused { .. }
            | Self::Lost { .. } => true,
            Self::BadUrl { .. }
            | Self::Unsupported { .. }
            | Self::TlsFile { .. }
            | Self::BadCredentials { .. }
            | Self::NotRedis { .. } => false,
            Self::Broker(error) => error.is_transient(),
        }
    }
}
