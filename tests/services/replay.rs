//! `celerysalt replay` against a real broker and a real Python worker.

use std::path::Path;

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use super::tail::tailing;
use crate::harness::{Library, Results, Space, Worker};

fn event(topic: &str, id: u64, second: f64) -> Value {
    let received_at = format!("2026-01-02T03:04:{second:06.3}Z");
    json!({
        "kind": "event", "topic": topic, "id": "old", "payload": {"id": id},
        "meta": {"version": "v3", "correlation_id": "c-1", "trace": {"traceparent": "00-a"}},
        "envelope": {"protocol": 2, "task": "celery_salt.dispatch_event", "priority": 4,
                     "expires": "2026-01-02T03:05:00Z", "headers": {"tenant": "acme"}},
        "delivery": {"exchange": "old", "routing_key": topic, "received_at": received_at},
    })
}

fn write(folder: &Path, lines: &[Value]) -> String {
    let path = folder.join("recording.jsonl");
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn events_come_back_with_their_metadata_and_a_new_id() {
    let space = Space::new();
    space.declare_queue("sink", &["user.#"]);
    let folder = tempfile::tempdir().unwrap();
    let file = write(
        folder.path(),
        &[
            json!({"kind": "party"}),
            event("user.created", 1, 5.0),
            json!({"kind": "gap", "since": "2026-01-02T03:04:05Z", "until": "2026-01-02T03:04:06Z"}),
            json!({"kind": "rpc_request", "topic": "rpc.add", "payload": {}}),
            json!({"kind": "undecodable", "topic": "user.x", "body_base64": "/w=="}),
            event("nobody.listens", 2, 5.1),
        ],
    );
    let mut tail = tailing(&space, &["-o", "jsonl", "-n", "1", "user.#"]);
    let outcome = space.celerysalt(&["replay", &file, "-o", "json"]).run();
    assert_eq!(outcome.code, Some(8), "{outcome}");
    let mut report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert!(report["elapsed_seconds"].as_f64() >= Some(0.1), "{report}");
    for timing in ["elapsed_seconds", "rate_per_second"] {
        report[timing].take();
    }
    insta::assert_snapshot!(format!("{report}\n{}", outcome.stderr));

    let seen: Value = serde_json::from_str(&tail.line().unwrap()).unwrap();
    assert_ne!(seen["id"], "old");
    assert_eq!(seen["payload"], json!({"id": 1}));
    assert_eq!(seen["meta"]["version"], "v3");
    assert_eq!(seen["meta"]["correlation_id"], "c-1");
    assert_eq!(seen["meta"]["trace"], json!({"traceparent": "00-a"}));
    assert_eq!(seen["envelope"]["priority"], 4);
    assert_eq!(seen["envelope"]["headers"], json!({"tenant": "acme"}));
    assert_eq!(seen["envelope"]["expires"], Value::Null);
}

#[test]
fn what_was_tailed_from_a_python_service_is_received_again_by_one() {
    let space = Space::new();
    let worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    let file = path.to_str().unwrap();
    let tail = tailing(&space, &["user.#", "-n", "1", "-q", "--record", file]);
    Library::CelerySalt.python(
        &space,
        "from service.app import app\n\
         from service.events import UserSignupCompleted\n\
         UserSignupCompleted.publish(user_id=1, email='a@b.c', company_id=7)",
    );
    assert_eq!(tail.wait().code, Some(0));
    let outcome = space.celerysalt(&["replay", file, "--speed", "max"]).run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let events = worker.wait_for_events(2);
    assert_eq!(events[0], events[1]);
}

#[test]
fn topics_the_filter_and_another_topic_are_chosen_at_replay() {
    let space = Space::new();
    space.declare_queue("sink", &["copy"]);
    let folder = tempfile::tempdir().unwrap();
    let file = write(
        folder.path(),
        &[
            event("user.created", 1, 1.0),
            event("user.created", 2, 2.0),
            event("order.created", 3, 3.0),
        ],
    );
    let choice = ["--topic", "user.*", "--filter", ".payload.id > 1", "--to", "copy"];
    let rehearsed = space.celerysalt(&["replay", &file, "--dry-run"]).args(&choice).run();
    insta::assert_snapshot!(rehearsed);
    assert_eq!(space.queue("sink").unwrap()["messages"].as_u64().unwrap_or(0), 0);
    let arguments = [&["replay", &file, "--rate", "1000/s"], &choice[..]].concat();
    let outcome = space.celerysalt(&arguments).args(&["-o", "json"]).run();
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((&report["published"], &report["skipped"]), (&json!(1), &json!(2)), "{outcome}");
}

#[test]
fn an_interrupted_replay_says_where_to_go_on() {
    let space = Space::new();
    space.declare_queue("sink", &["#"]);
    let folder = tempfile::tempdir().unwrap();
    // The third event is due an hour later.
    let mut late = event("user.created", 3, 5.0);
    late["delivery"]["received_at"] = json!("2026-01-02T04:04:05.000Z");
    let file =
        write(folder.path(), &[event("user.created", 1, 5.0), event("user.created", 2, 5.0), late]);
    let mut tail = tailing(&space, &["--payload-only"]);
    let replay = space.celerysalt(&["replay", &file, "-o", "json"]).spawn();
    assert_eq!(tail.line().as_deref(), Some(r#"{"id":1}"#));
    assert_eq!(tail.line().as_deref(), Some(r#"{"id":2}"#));
    replay.signal(Signal::SIGINT);
    let outcome = replay.wait();
    assert_eq!(outcome.code, Some(130), "{outcome}");
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((&report["published"], &report["in_doubt"]), (&json!(2), &json!(0)), "{outcome}");
    let go_on =
        format!("note: interrupted after 2 lines; go on with: celerysalt replay {file} --skip 2\n");
    assert_eq!(outcome.stderr, go_on);
    let rest = space.celerysalt(&["replay", &file, "--skip", "2", "-o", "json"]).run();
    let report: Value = serde_json::from_str(&rest.stdout).unwrap();
    assert_eq!((rest.code, &report["published"]), (Some(0), &json!(1)));
    assert_eq!(tail.line().as_deref(), Some(r#"{"id":3}"#));
}
