//! From an event to the message that a Celery app with celery-salt would publish, byte for byte.
//!
//! The caller brings everything that changes from one message to the next: ids, instants, the
//! name of the sender.

mod body;
mod error;
mod message;
mod python_json;
mod python_repr;
mod replay;

pub use error::EncodeError;
pub use message::{MetaMode, NewEnvelope, NewEvent, NewRaw, NewTask};
pub use replay::Resend;

#[cfg(test)]
mod tests;
