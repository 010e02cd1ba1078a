//! Celery messages as bytes: decoding what a broker delivers, encoding what a Celery app would send.
//!
//! No I/O, no clock, no ids: bytes in, values out. Message bodies are hostile input, so every
//! reader here has a limit on size and depth and reports an error instead of panicking.

mod compression;
mod decode;
mod decoded;
pub mod encode;
mod error;
pub mod json;
mod json_headers;
mod message;
pub mod record;
mod result;
mod serial;

pub use decode::{Decoder, Limits};
pub use decoded::{Decoded, Envelope, Kind, Meta, Protocol};
pub use error::DecodeError;
pub use message::{
    HeaderList, HeaderValue, HeaderVisitor, Headers, Incoming, NoHeaders, Outgoing,
    OutgoingProperties, Properties,
};
pub use result::{
    Answer, DispatchReport, HandlerOutcome, NewResult, Reply, ResultBody, ResultError, TaskFailure,
    TaskResult, TaskState, encode_result, parse_result,
};
