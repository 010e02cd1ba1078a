use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::wire::record::{Observation, SchemaStatus, write_message};
use crate::wire::{Headers, NoHeaders, Properties};

const CAPTURES: &str = include_str!("../../../tests/data/captures.jsonl");
const META: &str = r#"[["{\"a\": 1}"], {"routing_key": "t"}, {"callbacks": null}]"#;

fn properties(table: &Value) -> Properties<'_> {
    let text = |name: &str| table[name].as_str();
    Properties {
        content_type: text("content_type"),
        content_encoding: text("content_encoding"),
        priority: table["priority"].as_u64().map(|priority| priority as u8),
        correlation_id: text("correlation_id"),
        reply_to: text("reply_to"),
        message_id: text("message_id"),
        ..Properties::default()
    }
}

/// A message with the headers of a table and a routing key that the body does not repeat.
fn message<'a>(headers: &'a dyn Headers, content_type: &'a str, body: &'a [u8]) -> Incoming<'a> {
    Incoming {
        exchange: "tchu_events",
        routing_key: "from.broker",
        redelivered: false,
        properties: Properties { content_type: Some(content_type), ..Properties::default() },
        headers,
        body,
    }
}

fn record(message: &Incoming<'_>) -> String {
    let mut decoder = Decoder::new(Limits::default());
    let schema = SchemaStatus::default();
    let observation = Observation { received_at: "2026-01-02T03:04:05.678Z", schema: &schema };
    let mut line = Vec::new();
    write_message(&mut line, &decoder.decode(message), message, &observation);
    String::from_utf8(line).unwrap()
}

fn table(headers: &Value) -> Map<String, Value> {
    headers.as_object().cloned().unwrap()
}

fn dispatcher() -> Map<String, Value> {
    table(&json!({"task": "celery_salt.dispatch_event", "id": "t-1"}))
}

#[test]
fn every_captured_message_is_decoded_exactly() {
    let mut lines = String::new();
    for line in CAPTURES.lines() {
        let capture: Value = serde_json::from_str(line).unwrap();
        let body = STANDARD.decode(capture["body_base64"].as_str().unwrap()).unwrap();
        let headers = table(&capture["properties"]["headers"]);
        lines.push_str(&record(&Incoming {
            exchange: capture["exchange"].as_str().unwrap(),
            routing_key: capture["routing_key"].as_str().unwrap(),
            redelivered: false,
            properties: properties(&capture["properties"]),
            headers: &headers,
            body: &body,
        }));
    }
    insta::assert_snapshot!(lines);
}

/// Kind, topic, id, payload and error of a message, as one line of text.
fn summary(message: &Incoming<'_>) -> String {
    let mut decoder = Decoder::new(Limits::default());
    let decoded = decoder.decode(message);
    let outcome = match &decoded.error {
        Some(error) => error.to_string(),
        None => decoded.payload.as_deref().unwrap_or_default().to_owned(),
    };
    format!(
        "{:?} {} {} {outcome}",
        decoded.kind,
        decoded.topic,
        decoded.id.as_deref().unwrap_or("-")
    )
}

#[test]
fn bodies_of_a_dispatcher_task_are_events_in_every_shape() {
    let mut report = String::new();
    for body in [
        r#"[["{\"a\": 1, \"_tchu_meta\": {\"is_rpc\": true}}"], {"routing_key": "t"}, {}]"#,
        r#"[["{\"_tchu_meta\": {\"is_rpc\": 0}, \"a\": 1}"], {"routing_key": "t"}, {}]"#,
        r#"[["{\"_tchu_meta\": {}}"], {"routing_key": "t"}, {}]"#,
        r#"[["{\"_tchu_meta\": {}, \"a\": 1, \"_tchu_meta\": {\"is_rpc\": 1}}"], {}, {}]"#,
        r#"[["{\"_tchu_meta\": 5, \"a\": {\"_tchu_meta\": {}}}"], {}, {}]"#,
        r#"[["{\"_tchu_\\u006deta\": null}"], {"routing_key": "\u00e9"}, {}]"#,
        r#"[[{"a": 1, "_tchu_meta": {"is_rpc": true}}], {"routing_key": "t"}, {}]"#,
        r#"[[" [1, 2] "], {"routing_key": "t"}, {}]"#,
        r#"[[7], {"routing_key": "t"}, {}]"#,
        r#"[["{\"a\": 1}", "positional.key"], {}, {}]"#,
        r#"[[], {"message_body": "{}", "routing_key": "t"}, {}]"#,
        r#"[[], {"routing_key": "t"}, {}]"#,
        r#"[["{\"a\": NaN}"], {"routing_key": "t"}, {}]"#,
        r#"[["not JSON"], {"routing_key": "t"}, {}]"#,
        r#"[["{\"a\": \"\\ud800\"}"], {"routing_key": "t"}, {}]"#,
        r#"[["\ud800"], {"routing_key": "t"}, {}]"#,
        r#"[["{}"], {"routing_key": 5}, {}]"#,
        r#"[["{}"], {"routing_key": "t"}]"#,
        r#"[["{}"], {"routing_key": "t"}, {}] x"#,
        r#"{"args": []}"#,
        "[[[",
        "",
        "\u{1b}[31m",
    ] {
        let headers = dispatcher();
        let line = summary(&message(&headers, "application/json", body.as_bytes()));
        report.push_str(&format!("{body}\n    {line}\n"));
    }
    insta::assert_snapshot!(report);
}

#[test]
fn what_carries_no_dispatcher_is_told_apart() {
    let mut report = String::new();
    let add = table(&json!({"task": "tasks.add", "id": "t-2"}));
    let none = Map::new();
    for (headers, content_type, body) in [
        (&add, "application/json", r#"[[1, 2], {"x": null}, {}]"#),
        (&add, "application/json", r#"[["{\"a\": 1}"], {"routing_key": "t"}, {}]"#),
        (&add, "application/json", r#"[["{template}"], {"routing_key": "t"}, {}]"#),
        (&add, "application/json", r#"[["{\"a\": 1}", 2], {"routing_key": "t"}, {}]"#),
        (&none, "application/json", META),
        (&none, "application/json", "[[1], {}, {}]"),
        (&none, "application/json", r#"{"task": "x.dispatch_event", "id": "b", "args": ["{}"]}"#),
        (&none, "application/json", r#"{"task": "add", "id": "b", "args": [1], "kwargs": {}}"#),
        (&none, "application/json", r#"{"task": "wash up", "id": 5}"#),
        (&none, "application/json", r#"{"n": 1.0, "n": 1e-7, "big": 12345678901234567890123}"#),
        (&none, "application/json; charset=utf-8", "[1 , 2]"),
        (&none, "application/vnd.acme+json", "null"),
        (&none, "application/json", "{broken"),
        (&none, "text/plain", "hello \"world\"\n"),
        (&none, "text/plain", "{\"a\": 1}"),
        (&none, "", "{\"a\": 1"),
        (&none, "", ""),
        (&none, "application/x-yaml", "a: [yes, 010, 1_000, 2026-01-02]\n"),
    ] {
        let line = summary(&message(headers, content_type, body.as_bytes()));
        report.push_str(&format!("{content_type} {body:?}\n    {line}\n"));
    }
    insta::assert_snapshot!(report);
}

#[test]
fn binary_and_latin1_bodies_are_named_or_read() {
    let mut binary = message(&NoHeaders, "application/octet-stream", b"\xff\xfe\x00");
    assert_eq!(
        summary(&binary),
        "Undecodable from.broker - the body is 3 bytes of binary data \
         (content type: application/octet-stream)"
    );
    binary.properties.content_encoding = Some("latin-1");
    binary.properties.content_type = Some("application/json");
    binary.body = b"{\"name\": \"zo\xeb\"}";
    assert_eq!(summary(&binary), "Raw from.broker - {\"name\":\"zoë\"}");
    binary.properties.content_encoding = Some("utf-8");
    assert_eq!(summary(&binary), "Undecodable from.broker - the body is not UTF-8 (at byte 12)");
}

#[test]
fn a_raw_body_with_an_address_for_the_answer_is_a_request() {
    let mut request = message(&NoHeaders, "application/json", b"{\"a\": 1}");
    request.properties.message_id = Some("m-1");
    assert_eq!(summary(&request), "Raw from.broker m-1 {\"a\":1}");
    request.properties.reply_to = Some("amq.gen-1");
    request.properties.correlation_id = Some("c-1");
    assert_eq!(summary(&request), "RpcRequest from.broker m-1 {\"a\":1}");
}

#[test]
fn foreign_headers_are_kept_and_celerys_are_not() {
    let mut headers = dispatcher();
    headers.extend(table(&json!({
        "x-death": [{"count": 1, "queue": "q", "routing-keys": ["a"]}],
        "compression": null, "stamps": {}, "ratio": 0.5, "esc": "\u{1b}[2J", "n": u64::MAX,
    })));
    let mut decoder = Decoder::default();
    let event = message(&headers, "application/json", META.as_bytes());
    assert_eq!(
        decoder.decode(&event).envelope.headers.as_deref().unwrap(),
        concat!(
            r#"{"x-death":[{"count":1,"queue":"q","routing-keys":["a"]}],"ratio":0.5,"#,
            r#""esc":"\u001b[2J","n":18446744073709551615}"#
        )
    );
    let foreign = table(&json!({"id": 5, "lang": "go"}));
    let raw = message(&foreign, "application/json", b"1");
    let decoded = decoder.decode(&raw);
    assert_eq!(decoded.envelope.headers.as_deref(), Some(r#"{"id":5,"lang":"go"}"#));
    assert_eq!(decoded.id, None);
}

#[test]
fn an_undecodable_message_is_recorded_with_all_that_is_known() {
    let mut headers = dispatcher();
    headers.insert("compression".to_owned(), json!("application/x-gzip"));
    let line = record(&message(&headers, "application/json", b"\x78\x9cnot zlib"));
    insta::assert_snapshot!(line);
}

#[test]
fn bombs_are_errors() {
    let headers = dispatcher();
    let deep = format!(r#"[["{}"], {{}}, {{}}]"#, "[".repeat(100_000));
    let deep_body = "[".repeat(100_000);
    let laughs: String = std::iter::once("a0: &a0 [x, x]\n".to_owned())
        .chain((1..40).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1)))
        .collect();
    // Each list holds the one before it twice: 2^60 ends, 240 bytes.
    let mut pickled = b"\x80\x04]\x94".to_vec();
    for index in 0..60_u8 {
        pickled.extend([b']', 0x94, b'(', b'h', index, b'h', index, b'e']);
    }
    pickled.push(b'.');
    let mut report = String::new();
    for (content_type, body) in [
        ("application/json", deep.as_bytes()),
        ("application/json", deep_body.as_bytes()),
        ("application/x-yaml", deep_body.as_bytes()),
        ("application/x-yaml", laughs.as_bytes()),
        ("application/x-python-serialize", pickled.as_slice()),
        ("application/x-msgpack", &[0x91; 100_000]),
        ("application/x-msgpack", b"\xdd\xff\xff\xff\xff"),
        ("application/x-python-serialize", b"\x80\x04X\xff\xff\xff\xffabc"),
    ] {
        let limits = Limits { max_decompressed_bytes: 1 << 20, ..Limits::default() };
        let mut decoder = Decoder::new(limits);
        let bomb = message(&headers, content_type, body);
        let decoded = decoder.decode(&bomb);
        let error = decoded.error.unwrap();
        report.push_str(&format!("{content_type} ({} bytes): {error}\n", body.len()));
    }
    insta::assert_snapshot!(report);
}

#[test]
fn a_large_message_does_not_leave_large_buffers_behind() {
    let mut decoder = Decoder::default();
    let headers = dispatcher();
    let body = format!(r#"[["{{\"a\": \"{}\"}}"], {{}}, {{}}]"#, "x".repeat(5 << 20));
    assert_eq!(decoder.decode(&message(&headers, "application/json", body.as_bytes())).error, None);
    decoder.decode(&message(&headers, "application/json", META.as_bytes()));
    assert!(decoder.buffers.payload.capacity() <= KEPT_BUFFER_BYTES);
    assert!(decoder.buffers.event.capacity() <= KEPT_BUFFER_BYTES);
}

fn content_type() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("application/json"),
        Just("application/x-msgpack"),
        Just("application/x-yaml"),
        Just("application/x-python-serialize"),
        Just("text/plain"),
        Just(""),
    ]
}

fn compression() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![
        4 => Just(None),
        1 => Just(Some("application/x-gzip")),
        1 => Just(Some("application/x-bz2")),
        1 => Just(Some("application/x-lzma")),
        1 => Just(Some("application/x-brotli")),
        1 => Just(Some("application/zstd")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn arbitrary_bytes_are_an_answer_and_never_a_panic(
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            r#"[\[\]{}",:0-9a-e\\ !&*\n-]{0,60}"#.prop_map(String::into_bytes),
        ],
        content_type in content_type(),
        compression in compression(),
        with_task: bool,
    ) {
        let mut headers = if with_task { dispatcher() } else { Map::new() };
        if let Some(compression) = compression {
            headers.insert("compression".to_owned(), json!(compression));
        }
        let incoming = message(&headers, content_type, &body);
        let line = record(&incoming);
        let parsed: Value = serde_json::from_str(&line).unwrap();
        prop_assert_eq!(parsed["error"].is_null(), parsed["kind"] != "undecodable");
        prop_assert!(!line.trim_end_matches('\n').chars().any(char::is_control));
    }

    #[test]
    fn the_quick_way_and_the_long_way_agree(
        event in prop_oneof![
            r#"\{"a": [0-9]{1,3}, "_tchu_meta": \{"is_rpc": (true|false)\}\}"#,
            r#"[\[\]{}",:0-9a-e\\ é-]{0,30}"#,
        ],
        kwargs in prop_oneof![Just(r#"{"routing_key": "t"}"#), Just("{}"), Just("[]"), Just("{")],
        tail in prop_oneof![Just(", {}]"), Just("]"), Just(", {}, 1]"), Just(", [}]"), Just("")],
    ) {
        let first = serde_json::to_string(&event).unwrap();
        let quick = format!("[[{first}], {kwargs}{tail}");
        // A second argument that is left out by the dispatcher takes the long way.
        let long = format!("[[{first}, null], {kwargs}{tail}");
        let headers = dispatcher();
        let quick = summary(&message(&headers, "application/json", quick.as_bytes()));
        let long = summary(&message(&headers, "application/json", long.as_bytes()));
        let without_offsets = |text: &str| match text.find("the body is not JSON") {
            Some(at) => text[..at].to_owned(),
            None => text.to_owned(),
        };
        prop_assert_eq!(without_offsets(&quick), without_offsets(&long));
    }
}
