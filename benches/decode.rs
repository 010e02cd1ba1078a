//! What one core decodes, records and encodes: `cargo bench --bench decode`.
//!
//! The message is the usual one: protocol 2, an event of 300 bytes, nineteen Celery headers.

use std::hint::black_box;

use celerysalt::wire::encode::{NewEnvelope, NewEvent};
use celerysalt::wire::record::{Observation, Record, SchemaStatus, write_message};
use celerysalt::wire::{
    Decoder, HeaderValue, HeaderVisitor, Headers, Incoming, Limits, Properties, json,
};
use divan::counter::{BytesCount, ItemsCount};
use divan::{AllocProfiler, Bencher};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const ID: &str = "6834878d-5679-4bc1-8e3d-a467b83fcbcb";
const PAYLOAD: &str = concat!(
    r#"{"user_id": 184467, "email": "zoe.example@example.com", "company_id": 7, "#,
    r#""signup_source": "web", "plan": {"name": "team", "seats": 12, "price": 99.5}, "#,
    r#""tags": ["new", "trial", "eu-west-1"], "created_at": "2026-01-02T03:04:05+00:00", "#,
    r#""referrer": null, "newsletter": true}"#
);

fn main() {
    divan::main();
}

struct Table(Vec<(String, Field)>);

enum Field {
    Null,
    Int(i64),
    Text(String),
    Table(Table),
}

impl Headers for Table {
    fn visit<'a>(&'a self, visitor: &mut HeaderVisitor<'_, 'a>) {
        for (name, field) in &self.0 {
            let value = match field {
                Field::Null => HeaderValue::Null,
                Field::Int(number) => HeaderValue::Int(*number),
                Field::Text(text) => HeaderValue::Text(text),
                Field::Table(table) => HeaderValue::Table(table),
            };
            visitor(name, value);
        }
    }
}

/// A published message, in the form of a transport.
struct Message {
    headers: Table,
    body: Vec<u8>,
}

impl Message {
    fn new() -> Self {
        let event = NewEvent {
            version: Some("v1"),
            ..NewEvent::new("user.signup.completed", PAYLOAD, NewEnvelope::new(ID, "gen1@host"))
        };
        let outgoing = event.encode().expect("the payload is an object");
        let headers = outgoing.headers.into_iter().map(|(name, value)| {
            let field = match value {
                serde_json::Value::Number(number) => Field::Int(number.as_i64().unwrap_or(0)),
                serde_json::Value::String(text) => Field::Text(text),
                serde_json::Value::Object(_) => Field::Table(Table(Vec::new())),
                _ => Field::Null,
            };
            (name, field)
        });
        Self { headers: Table(headers.collect()), body: outgoing.body }
    }

    fn incoming(&self) -> Incoming<'_> {
        Incoming {
            exchange: "tchu_events",
            routing_key: "user.signup.completed",
            redelivered: false,
            properties: Properties {
                content_type: Some("application/json"),
                content_encoding: Some("utf-8"),
                delivery_mode: Some(2),
                priority: Some(0),
                correlation_id: Some(ID),
                reply_to: Some("c8747e60-be57-3396-9adc-4ebd36b7aa3c"),
                ..Properties::default()
            },
            headers: &self.headers,
            body: &self.body,
        }
    }
}

/// The goal is over one million messages a second.
#[divan::bench]
fn decode_protocol2_event(bencher: Bencher<'_, '_>) {
    let message = Message::new();
    let mut decoder = Decoder::new(Limits::default());
    bencher
        .counter(ItemsCount::new(1_u32))
        .counter(BytesCount::of_slice(&message.body))
        .bench_local(|| {
            let incoming = black_box(message.incoming());
            let decoded = decoder.decode(&incoming);
            decoded.payload.map(|payload| payload.len())
        });
}

#[divan::bench]
fn decode_and_write_record(bencher: Bencher<'_, '_>) {
    let message = Message::new();
    let mut decoder = Decoder::new(Limits::default());
    let mut out = Vec::new();
    let schema = SchemaStatus::default();
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
        out.clear();
        let incoming = black_box(message.incoming());
        let decoded = decoder.decode(&incoming);
        let observation = Observation { received_at: "2026-01-02T03:04:05.678Z", schema: &schema };
        write_message(&mut out, &decoded, &incoming, &observation);
        out.len()
    });
}

#[divan::bench]
fn compact_payload(bencher: Bencher<'_, '_>) {
    let mut out = String::new();
    bencher.counter(BytesCount::of_str(PAYLOAD)).bench_local(|| {
        out.clear();
        json::compact_into(black_box(PAYLOAD.as_bytes()), json::DEFAULT_MAX_DEPTH, &mut out)
    });
}

/// The yardstick: a tree of the same body, without the event in it.
#[divan::bench]
fn serde_json_tree_of_body(bencher: Bencher<'_, '_>) {
    let message = Message::new();
    bencher
        .counter(ItemsCount::new(1_u32))
        .counter(BytesCount::of_slice(&message.body))
        .bench_local(|| serde_json::from_slice::<serde_json::Value>(black_box(&message.body)));
}

#[divan::bench]
fn encode_event(bencher: Bencher<'_, '_>) {
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
        let envelope = NewEnvelope::new(black_box(ID), "gen1@host");
        NewEvent::new("user.signup.completed", PAYLOAD, envelope).encode()
    });
}

#[divan::bench]
fn parse_record(bencher: Bencher<'_, '_>) {
    let message = Message::new();
    let mut decoder = Decoder::new(Limits::default());
    let mut line = Vec::new();
    let schema = SchemaStatus::default();
    let observation = Observation { received_at: "2026-01-02T03:04:05.678Z", schema: &schema };
    let incoming = message.incoming();
    write_message(&mut line, &decoder.decode(&incoming), &incoming, &observation);
    let line = String::from_utf8(line).expect("records are text");
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| Record::parse(black_box(&line)).is_ok());
}
