//! What looking at messages and moving them does to properties and headers that no Celery client
//! sends, compared on the wire.

use serde_json::{Value, json};

use super::dead_letters::{records, report};
use crate::harness::{RawAmqp, RawMessage, Space, eventually, long, short};

fn entry(name: &[u8], kind: u8, value: &[u8]) -> Vec<u8> {
    [&[u8::try_from(name.len()).unwrap()], name, &[kind], value].concat()
}

/// Every field type of RabbitMQ, in the order of the names.
fn every_type() -> Vec<u8> {
    let inner = [entry(b"i", b'I', &[0, 0, 0, 7]), entry(b"v", b'V', &[])].concat();
    let list = [&b"t\x01"[..], b"V", b"F", &long(&inner), b"S", &long(b"\xff\xfe")].concat();
    [
        entry(b"a-bool", b't', &[1]),
        entry(b"b-i8", b'b', &[0xFF]),
        entry(b"c-u8", b'B', &[0xFF]),
        entry(b"d-i16", b's', &[0xFF, 0xFE]),
        entry(b"e-u16", b'u', &[0xFF, 0xFE]),
        entry(b"f-i32", b'I', &[0x80, 0, 0, 0]),
        entry(b"g-u32", b'i', &[0xFF, 0, 0, 0]),
        entry(b"h-i64", b'l', &[0x80, 0, 0, 0, 0, 0, 0, 1]),
        entry(b"i-f32", b'f', &[0x3F, 0xC0, 0, 1]),
        entry(b"j-f64", b'd', &[0x3F, 0xF8, 0, 0, 0, 0, 0, 1]),
        entry(b"k-decimal", b'D', &[2, 0xFF, 0xFF, 0xFF, 0xFF]),
        entry("l-text-é".as_bytes(), b'S', &long("é\u{1b}[31m".as_bytes())),
        entry(b"m-latin1", b'S', &long(b"\xe9\x00")),
        entry(b"n-bytes", b'x', &long(b"\x00\xff")),
        entry(b"o-time", b'T', &[0, 0, 0, 0, 0x65, 0, 0, 0]),
        entry(b"p-list", b'A', &long(&list)),
        entry(b"q-table", b'F', &long(&entry(b"deeper", b'F', &long(&inner)))),
        entry(b"r-void", b'V', &[]),
    ]
    .concat()
}

/// All properties but the user id, which a broker checks.
fn every_property(headers: &[u8]) -> Vec<u8> {
    [
        &[0xFF, 0xEC][..],
        &short("application/json"),
        &short("utf-8"),
        &long(headers),
        &[2, 7],
        &short("correlation"),
        &short("reply-to"),
        &short("3600000"),
        &short("message"),
        &[0, 0, 0, 0, 0x65, 0, 0, 0],
        &short("type"),
        &short("app"),
        &short("cluster"),
    ]
    .concat()
}

#[test]
fn messages_are_moved_byte_for_byte_with_every_field_type() {
    let space = Space::new();
    space.declare_queue("from", &[]);
    space.declare_queue("to", &[]);
    let mut raw = RawAmqp::connect(&space);
    let sent = [
        RawMessage { properties: every_property(&every_type()), body: b"\xff\x00{".to_vec() },
        RawMessage { properties: vec![0, 0], body: Vec::new() },
        RawMessage { properties: every_property(b""), body: vec![b'x'; 300_000] },
    ];
    for message in &sent {
        raw.publish("", b"from", message);
    }
    raw.flush();
    let seen = records(&space, "from");
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[0]["envelope"]["headers"]["k-decimal"].to_string(), "-1e-2", "{}", seen[0]);
    let moved = space.celerysalt(&["queue", "move", "from", "to", "-o", "json"]).run();
    assert_eq!(moved.code, Some(0), "{moved}");
    let arrived: Vec<RawMessage> = std::iter::from_fn(|| raw.get("to")).collect();
    // An empty header table is no header table.
    let mut expected = sent.to_vec();
    expected[2].properties = every_property(b"");
    expected[2].properties[0] &= !0x20;
    let table_at = 2 + short("application/json").len() + short("utf-8").len();
    expected[2].properties.drain(table_at..table_at + 4);
    assert_eq!(arrived, expected);
}

#[test]
fn moving_between_queues_asks_for_no_exchange_and_no_further_right() {
    let space = Space::new();
    space.declare_queue("from", &[]);
    space.declare_queue("to", &[]);
    space.management.try_delete(&format!("exchanges/{}/tchu_events", space.vhost));
    let user = format!("mover-{}", space.vhost);
    let login = json!({"password": "x", "tags": "management"});
    space.management.put(&format!("users/{user}"), &login);
    let allow = |write: &str| {
        let rights = json!({"configure": "", "write": write, "read": "^(from|to)$"});
        space.management.put(&format!("permissions/{}/{user}", space.vhost), &rights);
    };
    let mut raw = RawAmqp::connect(&space);
    raw.publish("", b"from", &RawMessage { properties: vec![0, 0], body: vec![1] });
    raw.flush();
    let address = space.broker_url().split_once('@').unwrap().1.to_owned();
    let broker = format!("amqp://{user}:x@{address}");
    allow("");
    for command in [&["queue", "move", "from", "to"][..], &["replay", "from", "--to", "queue:to"]] {
        let refused = space.celerysalt(command).args(&["--broker", &broker]).run();
        assert_eq!(refused.code, Some(4), "{refused}");
        assert!(refused.stderr.contains(r"'^amq\.default$'"), "{refused}");
        assert_eq!(records(&space, "from").len(), 1, "{refused}");
    }
    allow(r"^amq\.default$");
    let moved =
        space.celerysalt(&["queue", "move", "from", "to", "--broker", &broker, "-o", "json"]).run();
    assert_eq!(moved.code, Some(0), "{moved}");
    assert_eq!(report(&moved.stdout)["sent"], 1, "{moved}");
    let back = ["replay", "to", "--to", "queue:from", "--remove", "--broker", &broker];
    let replayed = space.celerysalt(&back).run();
    assert_eq!(replayed.code, Some(0), "{replayed}");
    assert_eq!((records(&space, "from").len(), records(&space, "to").len()), (1, 0));
    space.management.try_delete(&format!("users/{user}"));
}

#[test]
fn a_connection_that_is_closed_on_the_way_loses_nothing_and_names_what_may_be_twice() {
    let space = Space::new();
    space.declare_queue("from", &[]);
    space.declare_queue("to", &["#"]);
    let mut raw = RawAmqp::connect(&space);
    let count = 200;
    for number in 1..=count {
        let properties = [&[0x80, 0x80][..], &short("text/plain"), &short(&number.to_string())];
        let body = number.to_string().into_bytes();
        raw.publish("", b"from", &RawMessage { properties: properties.concat(), body });
    }
    raw.flush();
    // The broker counts what a channel reads every five seconds.
    let running =
        space.celerysalt(&["queue", "move", "from", "to", "--rate", "10/s", "-o", "json"]).spawn();
    eventually("some are moved", || (records(&space, "to").len() >= 3).then_some(()));
    let name = eventually("the connection that reads is listed", || {
        let channels = space.management.get(&format!("vhosts/{}/channels", space.vhost));
        let reads = |channel: &&Value| {
            channel["messages_unacknowledged"].as_u64() > Some(0)
                || channel["message_stats"]["get"].as_u64() > Some(0)
        };
        let channel = channels.as_array()?.iter().find(reads)?;
        Some(
            channel["connection_details"]["name"].as_str()?.replace(' ', "%20").replace('>', "%3E"),
        )
    });
    let closed = space.management.request("DELETE", &format!("connections/{name}"), None);
    assert_eq!(closed.0, 204, "{name}");
    let outcome = running.wait();
    assert_eq!(outcome.code, Some(4), "{outcome}");
    let report = report(&outcome.stdout);
    let twice = usize::try_from(report["possible_duplicates_count"].as_u64().unwrap()).unwrap();
    assert!(twice <= 1, "{outcome}");
    let (left, sent) = eventually("the broker has put the rest back", || {
        let (left, sent) = (records(&space, "from"), records(&space, "to"));
        (left.len() + sent.len() >= count).then_some((left, sent))
    });
    assert!(left.len() + sent.len() <= count + twice, "{outcome}");
}

#[test]
fn a_retry_adds_its_count_to_the_headers_and_changes_nothing_else() {
    let space = Space::new();
    space.declare_queue("from", &[]);
    space.declare_queue("work", &[]);
    let mut raw = RawAmqp::connect(&space);
    let origin = entry(b"x-first-death-queue", b'S', &long(b"work"));
    let headers = [every_type(), origin.clone()].concat();
    raw.publish("", b"from", &RawMessage { properties: every_property(&headers), body: vec![7] });
    raw.flush();
    let retried = space.celerysalt(&["dlq", "retry", "from", "--trust-headers"]).run();
    assert_eq!(retried.code, Some(0), "{retried}");
    let count = entry(b"x-celerysalt-retries", b'l', &[0, 0, 0, 0, 0, 0, 0, 1]);
    let headers = [every_type(), count, origin].concat();
    let expected = RawMessage { properties: every_property(&headers), body: vec![7] };
    assert_eq!(raw.get("work"), Some(expected));
}

#[test]
fn messages_that_are_not_utf_8_are_shown_and_stay_as_they_are() {
    let space = Space::new();
    space.declare_queue("from", &["#"]);
    space.declare_queue("to", &[]);
    let mut nested = entry(b"x", b'V', &[]);
    for _ in 0..9_000 {
        nested = entry(b"x", b'F', &long(&nested));
    }
    let headers = |table: &[u8]| [&[0x20, 0x00][..], &long(table)].concat();
    let message = |properties: Vec<u8>| RawMessage { properties, body: b"1".to_vec() };
    let odd = [
        message([&[0x04, 0x00][..], &[2, 0xFF, 0xFE]].concat()),
        message(headers(&entry(b"\xe9", b'V', &[]))),
        message(headers(&nested)),
    ];
    let plain = message([&[0x04, 0x00][..], &short("c-1")].concat());
    let mut raw = RawAmqp::connect(&space);
    for odd in &odd {
        raw.publish("", b"from", odd);
        raw.publish("", b"from", &plain);
    }
    raw.publish("tchu_events", b"user.\xff", &plain);
    raw.flush();
    let seen = records(&space, "from");
    let correlations: Vec<&Value> =
        seen.iter().map(|record| &record["envelope"]["correlation_id"]).collect();
    assert_eq!(
        json!(correlations),
        json!(["\u{fffd}\u{fffd}", "c-1", null, "c-1", null, "c-1", "c-1"])
    );
    assert_eq!(seen[1]["envelope"]["headers"], json!({}));
    assert_eq!(seen[6]["delivery"]["routing_key"], "user.?");
    let rehearsed = space.celerysalt(&["queue", "move", "from", "to", "--dry-run"]).run();
    assert_eq!(rehearsed.code, Some(8), "{rehearsed}");
    let replayed = space.celerysalt(&["replay", "from", "--dry-run", "-o", "json"]).run();
    assert_eq!(report(&replayed.stdout)["published"], 0, "{replayed}");
    let moved = space.celerysalt(&["queue", "move", "from", "to"]).run();
    assert_eq!(moved.code, Some(8), "{moved}");
    assert!(moved.stdout.contains("4 left: properties that are not UTF-8"), "{moved}");
    let arrived: Vec<RawMessage> = std::iter::from_fn(|| raw.get("to")).collect();
    assert_eq!(arrived, vec![plain.clone(); 3]);
    let left: Vec<RawMessage> = std::iter::from_fn(|| raw.get("from")).collect();
    assert_eq!(left, [&odd[..], &[plain]].concat());
}
