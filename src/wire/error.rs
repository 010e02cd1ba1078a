use thiserror::Error;

/// Why a message body cannot be shown as data.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct DecodeError {
    pub message: String,
}
