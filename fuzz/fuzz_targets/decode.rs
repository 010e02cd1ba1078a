//! Any bytes under any serialiser and compression are an answer: `cargo fuzz run decode`.
//!
//! The first byte chooses the serialiser, the second the compression and the headers.

#![no_main]

use celerysalt::wire::record::{Observation, Record, SchemaStatus, write_message};
use celerysalt::wire::{Decoder, Incoming, Limits, Properties};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

const CONTENT_TYPES: [&str; 6] = [
    "application/json",
    "application/x-msgpack",
    "application/x-yaml",
    "application/x-python-serialize",
    "text/plain",
    "",
];

const COMPRESSIONS: [&str; 6] = [
    "",
    "application/x-gzip",
    "application/x-bz2",
    "application/x-lzma",
    "application/x-brotli",
    "application/zstd",
];

fuzz_target!(|data: &[u8]| {
    let [content_type, choices, body @ ..] = data else { return };
    let mut headers = Map::new();
    if choices & 0x80 != 0 {
        headers.insert("task".to_owned(), Value::from("celery_salt.dispatch_event"));
    }
    let compression = COMPRESSIONS[usize::from(choices & 0x7f) % COMPRESSIONS.len()];
    headers.insert("compression".to_owned(), Value::from(compression));
    let message = Incoming {
        exchange: "tchu_events",
        routing_key: "a.b",
        redelivered: false,
        properties: Properties {
            content_type: Some(CONTENT_TYPES[usize::from(*content_type) % CONTENT_TYPES.len()]),
            ..Properties::default()
        },
        headers: &headers,
        body,
    };
    let limits = Limits { max_decompressed_bytes: 1 << 20, ..Limits::default() };
    let mut decoder = Decoder::new(limits);
    let mut line = Vec::new();
    let schema = SchemaStatus::default();
    let observation = Observation { received_at: "2026-01-02T03:04:05.678Z", schema: &schema };
    write_message(&mut line, &decoder.decode(&message), &message, &observation);
    let line = String::from_utf8(line).expect("a record is text");
    Record::parse(&line).expect("what we write we read");
});
