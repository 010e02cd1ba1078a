use thiserror::Error;

use super::super::json::JsonError;

/// Why something cannot be sent as an event.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EncodeError {
    #[error("the {part} is not JSON")]
    NotJson {
        part: &'static str,
        #[source]
        source: JsonError,
    },
    #[error("the {part} is {found}, but has to be a JSON {expected}")]
    WrongKind { part: &'static str, found: &'static str, expected: &'static str },
    #[error("protocol {0} is not one that a task can be sent with")]
    Protocol(u8),
    #[error("the message was undecodable when it was recorded")]
    Undecodable,
}
