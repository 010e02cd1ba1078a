//! `celerysalt top` against a real broker, a real Redis and a real Python worker.

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use super::tail::tail_queues;
use crate::harness::{Library, Results, Running, Space, Worker, eventually};

/// A `top` whose queue is bound.
fn topping(space: &Space, arguments: &[&str]) -> Running {
    let running = space.celerysalt(&["top", "-o", "jsonl"]).args(arguments).spawn();
    eventually("its queue is bound", || {
        let queues = tail_queues(space);
        (!space.bindings(queues.first()?).is_empty()).then_some(())
    });
    running
}

/// Frames until one has what is looked for.
#[track_caller]
fn frame_with(top: &mut Running, is_right: impl Fn(&Value) -> bool) -> Value {
    loop {
        let line = top.line().expect("a frame");
        let frame: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(frame["kind"], "frame");
        if is_right(&frame) {
            return frame;
        }
    }
}

fn topic<'f>(frame: &'f Value, name: &str) -> &'f Value {
    let rows = frame["topics"].as_array().unwrap().iter();
    rows.into_iter().find(|row| row["topic"] == name).unwrap_or(&Value::Null)
}

#[test]
fn topics_requests_and_queues_of_a_real_service_are_counted() {
    let space = Space::new();
    let _worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    let mut top = topping(&space, &["--interval", "1s"]);
    for number in 0..3 {
        let sum = format!(r#"{{"a":{number},"b":1}}"#);
        let answer = space.celerysalt(&["call", "rpc.calculator.add", &sum]).run();
        assert_eq!(answer.code, Some(0), "{answer}");
    }
    space.publish("bad.bytes", &json!({}), b"\xff\x00");
    let frame = frame_with(&mut top, |frame| {
        topic(frame, "rpc.calculator.add")["rpc"]["answered"] == 3
            && topic(frame, "bad.bytes")["undecodable"] == 1
            && frame["queues"].as_array().is_some_and(|queues| !queues.is_empty())
    });
    let add = topic(&frame, "rpc.calculator.add");
    assert_eq!((&add["events"], &add["rpc"]["requests"]), (&json!(3), &json!(3)), "{frame}");
    assert!(add["rpc"]["p99_ms"].as_f64() < Some(60_000.0), "{frame}");
    assert!(add["bytes"].as_u64() > Some(100), "{frame}");
    assert_eq!(frame["events"], 4);
    let queue = &frame["queues"][0];
    assert_eq!(queue["queue"], "service_queue");
    let counted = frame_with(&mut top, |frame| frame["queues"][0]["consumers"] == 1);
    assert_eq!(counted["remarks"], json!([]));
    top.signal(Signal::SIGINT);
    let outcome = top.wait();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(130), ""));
    eventually("nothing of ours is left", || tail_queues(&space).is_empty().then_some(()));
}

#[test]
fn events_that_do_not_fit_their_schema_are_counted() {
    let space = Space::new();
    let folder = tempfile::tempdir().unwrap();
    let document = json!({
        "topic": "user.created", "version": "v1", "mode": "broadcast",
        "schema": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
    });
    let topic_folder = folder.path().join("user.created");
    std::fs::create_dir_all(&topic_folder).unwrap();
    std::fs::write(topic_folder.join("v1.json"), document.to_string()).unwrap();
    let registry = format!("file:{}", folder.path().display());
    let mut top = topping(&space, &["--interval", "500ms", "--registry", &registry, "user.#"]);
    for payload in [r#"{"id":1}"#, r#"{"id":"one"}"#, "{}"] {
        let publish = ["publish", "user.created", payload, "--version", "v1", "--allow-unroutable"];
        let outcome = space.celerysalt(&publish).run();
        assert_eq!(outcome.code, Some(0), "{outcome}");
    }
    let frame = frame_with(&mut top, |frame| topic(frame, "user.created")["events"] == 3);
    assert_eq!(topic(&frame, "user.created")["invalid"], 2, "{frame}");
}

#[test]
fn it_ends_after_its_frames_or_its_time_and_says_what_is_missing() {
    let space = Space::new();
    let frames = ["top", "-n", "2", "--interval", "200ms", "--management", "http://127.0.0.1:1"];
    let outcome = space.celerysalt(&frames).args(&["--backend", "rpc://"]).run();
    assert_eq!((outcome.code, outcome.stdout.lines().count()), (Some(0), 2), "{outcome}");
    let last: Value = serde_json::from_str(outcome.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(last["queues"], Value::Null);
    let remarks = last["remarks"].to_string();
    assert!(remarks.contains("no RPC latency: results of rpc://"), "{remarks}");
    assert!(remarks.contains("no queues: "), "{remarks}");
    let outcome = space.celerysalt(&["top", "--for", "300ms"]).run();
    assert_eq!((outcome.code, outcome.stdout.lines().count()), (Some(0), 1), "{outcome}");
}
