//! Records: the JSON lines of `tail -o jsonl` and `tail --record`, and back.
//!
//! The key order is part of the format: people read it, and recordings are compared.

mod read;
mod write;

pub use read::{Record, RecordDelivery, RecordEnvelope, RecordError, RecordLine, RecordMeta};
pub use write::{
    Observation, SchemaOutcome, SchemaStatus, SchemaViolation, write_dropped, write_gap,
    write_message,
};
