use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::*;
use crate::wire::{
    Decoder, Incoming, Kind, Limits, Outgoing, Properties, Protocol, json as wire_json,
};

/// What the real libraries published; see `tests/data/make_encoded.py`.
const ENCODED: &str = include_str!("../../../tests/data/celery_encoded.jsonl");

#[derive(Deserialize)]
struct Case {
    kind: String,
    name: String,
    topic: String,
    id: String,
    origin: String,
    given: Map<String, Value>,
    message: Published,
}

#[derive(Deserialize)]
struct Published {
    routing_key: String,
    properties: Map<String, Value>,
    headers: Vec<(String, Value)>,
    body: String,
}

fn headers_of(options: &Value) -> Vec<(String, Value)> {
    let headers = options["headers"].as_object().cloned().unwrap_or_default();
    headers.into_iter().collect()
}

fn encode(case: &Case) -> Outgoing {
    let text = |name: &str| case.given.get(name).and_then(Value::as_str);
    let options = case.given.get("options").cloned().unwrap_or_default();
    let option = |name: &str| options[name].as_str();
    let headers = headers_of(&options);
    let mut envelope = NewEnvelope::new(&case.id, &case.origin);
    envelope.headers = &headers;
    envelope.priority = options["priority"].as_u64().map(|priority| priority as u8);
    envelope.eta = option("eta");
    envelope.root_id = option("root_id");
    envelope.parent_id = option("parent_id");
    envelope.retries = options["retries"].as_i64().unwrap_or(0);
    if case.kind == "kombu_event" {
        envelope.protocol = Protocol::One;
    }
    if case.kind == "task" {
        envelope.task = "tasks.add";
        let (args, kwargs) = (text("args").unwrap(), text("kwargs").unwrap());
        return NewTask { routing_key: &case.topic, args, kwargs, envelope }.encode().unwrap();
    }
    NewEvent {
        is_rpc: case.given["is_rpc"] == json!(true),
        version: text("version"),
        correlation_id: text("correlation_id"),
        ..NewEvent::new(&case.topic, text("payload").unwrap(), envelope)
    }
    .encode()
    .unwrap()
}

#[test]
fn messages_are_byte_for_byte_what_the_libraries_publish() {
    let mut count = 0;
    for line in ENCODED.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        let name = format!("{} {}", case.kind, case.name);
        let ours = encode(&case);
        let theirs = &case.message;
        assert_eq!(String::from_utf8(ours.body).unwrap(), theirs.body, "{name}");
        assert_eq!(ours.headers, theirs.headers, "{name}");
        assert_eq!(ours.routing_key, theirs.routing_key, "{name}");
        let properties = ours.properties;
        let mut ours = json!({
            "content_type": properties.content_type,
            "content_encoding": properties.content_encoding,
            "priority": properties.priority,
            "delivery_mode": properties.delivery_mode.unwrap_or(2),
            "correlation_id": properties.correlation_id,
        });
        ours.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let mut theirs = theirs.properties.clone();
        theirs.entry("delivery_mode").or_insert(json!(2));
        assert_eq!(ours, Value::Object(theirs), "{name}");
        count += 1;
    }
    assert!(count > 40, "{count}");
}

#[test]
fn trace_context_follows_the_librarys_own_keys_and_an_old_meta_is_replaced() {
    let envelope = NewEnvelope::new("id", "gen1@host");
    let outgoing = NewEvent {
        trace: Some(r#"{"traceparent":"00-1"}"#),
        version: Some("v1"),
        ..NewEvent::new("a.b", r#"{"_tchu_meta":{"is_rpc":true},"a":1}"#, envelope)
    }
    .encode()
    .unwrap();
    assert_eq!(
        String::from_utf8(outgoing.body).unwrap(),
        concat!(
            r#"[["{\"a\": 1, \"_tchu_meta\": {\"is_rpc\": false, \"version\": \"v1\", "#,
            r#"\"traceparent\": \"00-1\"}}"], {"routing_key": "a.b"}, "#,
            r#"{"callbacks": null, "errbacks": null, "chain": null, "chord": null}]"#
        )
    );
}

#[test]
fn a_payload_that_is_no_object_is_refused_in_words() {
    let envelope = NewEnvelope::new("id", "gen1@host");
    let refusal = |payload| NewEvent::new("a", payload, envelope).encode().unwrap_err().to_string();
    assert_eq!(refusal("[1]"), "the payload is a list, but has to be a JSON object");
    assert_eq!(refusal("null"), "the payload is null, but has to be a JSON object");
    assert_eq!(refusal("{"), "the payload is not JSON");
    let raw = NewEnvelope { protocol: Protocol::Raw, ..envelope };
    assert_eq!(NewEvent::new("a", "{}", raw).encode().unwrap_err(), EncodeError::Protocol(0));
}

#[test]
fn a_raw_message_is_its_payload() {
    let raw = NewRaw {
        routing_key: "a.b",
        payload: " [1, 2.50] ",
        message_id: Some("m-1"),
        correlation_id: None,
        reply_to: None,
        priority: None,
        headers: &[],
    };
    let outgoing = raw.encode().unwrap();
    assert_eq!(outgoing.body, b"[1,2.50]");
    assert_eq!(outgoing.properties.message_id.as_deref(), Some("m-1"));
    assert_eq!(outgoing.headers, []);
}

/// An outgoing message as it would be delivered.
fn incoming(outgoing: &Outgoing) -> Incoming<'_> {
    let properties = &outgoing.properties;
    Incoming {
        exchange: "tchu_events",
        routing_key: &outgoing.routing_key,
        redelivered: false,
        properties: Properties {
            content_type: properties.content_type.as_deref(),
            content_encoding: properties.content_encoding.as_deref(),
            priority: properties.priority,
            correlation_id: properties.correlation_id.as_deref(),
            reply_to: properties.reply_to.as_deref(),
            message_id: properties.message_id.as_deref(),
            ..Properties::default()
        },
        headers: &outgoing.headers,
        body: &outgoing.body,
    }
}

mod round_trip {
    use super::*;
    use crate::wire::record::{Observation, Record, SchemaStatus, write_message};
    use proptest::prelude::*;

    fn payload() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            any::<i64>().prop_map(|number| number.to_string()),
            "-?[1-9][0-9]{0,30}",
            "[0-9]\\.[0-9]{1,20}(e-?[0-9]{1,3})?",
            any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        ];
        let value = leaf.prop_recursive(4, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5)
                    .prop_map(|items| format!("[{}]", items.join(","))),
                prop::collection::vec((any::<String>(), inner), 0..5).prop_map(object),
            ]
        });
        prop::collection::vec((any::<String>(), value), 0..5).prop_map(object)
    }

    fn object(members: Vec<(String, String)>) -> String {
        let members: Vec<String> = members
            .into_iter()
            .map(|(key, value)| format!("{}:{value}", serde_json::to_string(&key).unwrap()))
            .collect();
        format!("{{{}}}", members.join(","))
    }

    fn record_of(outgoing: &Outgoing) -> Record {
        let message = incoming(outgoing);
        let mut decoder = Decoder::new(Limits::default());
        let decoded = decoder.decode(&message);
        let mut line = Vec::new();
        let schema = SchemaStatus::default();
        let observation = Observation { received_at: "2026-01-02T03:04:05.678Z", schema: &schema };
        write_message(&mut line, &decoded, &message, &observation);
        let line = String::from_utf8(line).unwrap();
        assert_eq!(line.matches('\n').count(), 1);
        Record::parse(&line).unwrap()
    }

    proptest! {
        #[test]
        fn decoding_gives_back_what_was_encoded_and_replaying_sends_it_again(
            payload in payload(),
            topic in "[a-zé]{1,8}(\\.[a-z]{1,8}){0,3}",
            is_rpc: bool,
            version in prop::option::of("v[0-9]{1,3}(\\.[0-9]{1,3}){0,2}"),
            correlation_id in prop::option::of(".{1,20}"),
            trace in prop::option::of(Just(r#"{"traceparent":"00-ab","n":[1.50]}"#)),
            is_protocol1: bool,
            priority in 0..10_u8,
        ) {
            let headers = [("x-tenant".to_owned(), json!({"a": [1, "b", null]}))];
            let headers = if is_protocol1 { &[][..] } else { &headers[..] };
            let envelope = NewEnvelope {
                protocol: if is_protocol1 { Protocol::One } else { Protocol::Two },
                priority: Some(priority),
                headers,
                ..NewEnvelope::new("id-1", "gen1@host")
            };
            let event = NewEvent {
                is_rpc,
                version: version.as_deref(),
                correlation_id: correlation_id.as_deref(),
                trace,
                ..NewEvent::new(&topic, &payload, envelope)
            };
            let outgoing = event.encode().unwrap();
            let message = incoming(&outgoing);
            let mut decoder = Decoder::new(Limits::default());
            let decoded = decoder.decode(&message);
            prop_assert_eq!(&decoded.error, &None);
            prop_assert_eq!(decoded.kind, if is_rpc { Kind::RpcRequest } else { Kind::Event });
            prop_assert_eq!(&decoded.topic, &topic);
            prop_assert_eq!(decoded.id.as_deref(), Some("id-1"));
            prop_assert_eq!(decoded.envelope.protocol, envelope.protocol);
            prop_assert_eq!(decoded.meta.version.as_deref(), version.as_deref());
            prop_assert_eq!(decoded.meta.correlation_id.as_deref(), correlation_id.as_deref());
            prop_assert_eq!(decoded.meta.trace.as_deref(), trace);
            let sent = wire_json::compact(payload.as_bytes(), 64).unwrap();
            prop_assert_eq!(decoded.payload.as_deref(), Some(sent.as_str()));

            let record = record_of(&outgoing);
            let again = Resend { origin: Some("gen1@host"), ..Resend::new(&record, "id-1") };
            prop_assert_eq!(again.encode().unwrap(), outgoing);
        }
    }

    #[test]
    fn tasks_raw_messages_and_events_without_meta_are_sent_again_as_they_were() {
        let envelope = NewEnvelope { task: "tasks.add", ..NewEnvelope::new("id-1", "gen1@host") };
        let task = NewTask { routing_key: "a", args: "[1,2.50]", kwargs: "{\"k\":null}", envelope };
        let raw = NewRaw {
            routing_key: "a.b",
            payload: "{\"n\":1.0}",
            message_id: Some("id-1"),
            correlation_id: None,
            reply_to: None,
            priority: Some(3),
            headers: &[("id".to_owned(), json!("not Celery's"))],
        };
        let tchu = NewEvent {
            meta: MetaMode::Omitted,
            ..NewEvent::new(
                "a",
                "{\"n\":1}",
                NewEnvelope { task: "tchu_tchu.dispatch_event", ..envelope },
            )
        };
        for outgoing in [task.encode(), raw.encode(), tchu.encode()] {
            let outgoing = outgoing.unwrap();
            let record = record_of(&outgoing);
            assert_eq!(Resend::new(&record, "id-1").encode().unwrap(), outgoing);
        }
    }

    #[test]
    fn what_a_broker_wrote_into_a_message_or_acts_on_is_not_sent_again() {
        let header = |name: &str| (name.to_owned(), json!("x"));
        let names =
            ["tenant", "x-death", "CC", "BCC", "x-first-death-queue", "x-last-death-reason"];
        let headers = names.map(header);
        let envelope = NewEnvelope { headers: &headers, ..NewEnvelope::new("id-1", "gen1@host") };
        let record = record_of(&NewEvent::new("a", "{}", envelope).encode().unwrap());
        let again = Resend::new(&record, "id-1").encode().unwrap();
        let kept: Vec<&str> = names
            .into_iter()
            .filter(|name| again.headers.iter().any(|(sent, _)| sent == name))
            .collect();
        assert_eq!(kept, ["tenant"]);
    }
}
