//! `celerysalt follow` against a real broker, a real Redis and real Python workers.

use serde_json::{Value, json};

use super::tail::tail_queues;
use crate::harness::{Celerysalt, Library, Results, Running, Space, Worker, eventually};

/// A `follow` that misses nothing from now on.
fn following(space: &Space, arguments: &[&str]) -> Running {
    let running = follow(space, arguments).spawn();
    eventually("its queue is bound", || {
        tail_queues(space).iter().any(|queue| !space.bindings(queue).is_empty()).then_some(())
    });
    running
}

fn follow(space: &Space, arguments: &[&str]) -> Celerysalt {
    space.celerysalt(&["follow", "-o", "jsonl"]).args(arguments)
}

fn story(running: &mut Running) -> Value {
    serde_json::from_str(&running.line().expect("a story")).unwrap()
}

fn published(space: &Space, arguments: &[&str]) -> String {
    let outcome = space.celerysalt(&["publish", "-o", "json"]).args(arguments).run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    report["id"].as_str().unwrap().to_owned()
}

/// `role step` of everything that happened.
fn steps(story: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let steps = story["steps"].as_array().unwrap().iter();
    steps.map(|step| format!("{} {}", text(&step["role"]), text(&step["step"]))).collect()
}

const ORDER: &str = r#"{"order_id":7,"total":1.5,"created_at":"2026-01-02T03:04:05Z"}"#;

#[test]
fn an_event_is_followed_from_its_publisher_to_its_handler() {
    let space = Space::new();
    let _worker = Worker::start_with(&space, (Library::CelerySalt, Results::Redis), &["-E"]);
    let mut running = following(&space, &["order.*"]);
    let id = published(&space, &["order.created", ORDER, "--version", "v2"]);
    let story = story(&mut running);
    assert_eq!(running.wait().code, Some(0));
    assert_eq!((&story["id"], &story["topic"]), (&json!(id), &json!("order.created")));
    assert_eq!(
        (&story["outcome"], &story["remarks"]),
        (&json!("succeeded"), &json!([])),
        "{story}"
    );
    let told = steps(&story);
    for step in [
        "event published",
        "dispatcher received",
        "dispatcher started",
        "dispatcher succeeded",
        "handler received",
        "handler started",
        "handler succeeded",
    ] {
        assert_eq!(told.iter().filter(|told| *told == step).count(), 1, "{step}: {story}");
    }
    assert_eq!(story["steps"][0]["queues"], json!([{"queue": "service_queue", "consumers": 1}]));
    let handler = story["tasks"].as_array().unwrap().iter().find(|t| t["role"] == "handler");
    let handler = handler.unwrap();
    assert_eq!(handler["name"], "celery_salt.order.created.book");
    assert!(handler["id"].as_str().unwrap().starts_with(&format!("{id}:")), "{handler}");
    assert!(handler["worker"].as_str().unwrap().starts_with("salt@"), "{handler}");

    let past = space.celerysalt(&["follow", &id]).run();
    assert_eq!(past.code, Some(0), "{past}");
    assert!(past.stdout.contains("order.created"), "{past}");
    assert!(past.stdout.contains("it had passed already"), "{past}");
    assert!(!past.stdout.contains("-E"), "the worker does send events: {past}");
}

#[test]
fn workers_that_send_neither_events_nor_heartbeats_are_named_when_waiting_for_them_ends() {
    let space = Space::new();
    let arguments = ["--without-heartbeat"];
    let _worker = Worker::start_with(&space, (Library::CelerySalt, Results::Redis), &arguments);
    let mut running = following(&space, &["order.created"]);
    let event = r#"{"order_id":1,"total":2.5,"created_at":"2026-01-02T03:04:05Z"}"#;
    published(&space, &["order.created", event, "--version", "v2"]);
    let story = story(&mut running);
    assert_eq!(story["outcome"], "succeeded", "{story}");
    let remarks = story["remarks"].as_array().unwrap();
    let expected = format!(
        "10 s were waited for what salt@{} may have to tell, without a heartbeat: workers send one \
         unless started with --without-heartbeat",
        space.vhost
    );
    assert!(remarks.contains(&json!(expected)), "{story}");
    assert_eq!(running.wait().code, Some(0));
}

#[test]
fn a_handler_that_raised_is_a_failure_with_its_exception() {
    let space = Space::new();
    let _worker = Worker::start_with(&space, (Library::CelerySalt, Results::Redis), &["-E"]);
    let mut running = following(&space, &["order.#"]);
    published(&space, &["order.created", r#"{"order_id":"seven"}"#, "--version", "v2"]);
    let story = story(&mut running);
    assert_eq!(running.wait().code, Some(1));
    assert_eq!(story["outcome"], "failed", "{story}");
    let handler = story["tasks"].as_array().unwrap().iter().find(|t| t["role"] == "handler");
    let exception = handler.unwrap()["exception"].as_str().unwrap();
    assert!(exception.contains("validation errors for OrderCreated"), "{story}");
}

#[test]
fn a_request_and_its_reply_are_a_pair_also_without_worker_events() {
    let space = Space::new();
    let _worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    let mut running = following(&space, &["rpc.#", "-n", "2"]);
    let called = space.celerysalt(&["call", "rpc.calculator.add", r#"{"a":1,"b":2}"#]).run();
    assert_eq!(called.code, Some(0), "{called}");
    let divide = ["call", "rpc.calculator.fail", r#"{"reason":"of this test"}"#];
    assert_eq!(space.celerysalt(&divide).run().code, Some(1));
    let (first, second) = (story(&mut running), story(&mut running));
    assert_eq!(running.wait().code, Some(1), "{first} {second}");
    let pair = &first["exchanges"][0];
    assert_eq!(pair["request"], json!({"a": 1, "b": 2}), "{first}");
    assert_eq!(pair["reply"], json!({"result": 3.0}), "{first}");
    assert!(pair["elapsed_ms"].as_f64() >= Some(0.0), "{first}");
    assert_eq!((&first["kind"], &first["outcome"]), (&json!("rpc_request"), &json!("succeeded")));
    assert!(first["remarks"].to_string().contains("-E"), "{first}");
    assert_eq!(second["outcome"], "failed", "{second}");
    let error = second["exchanges"][0]["error"].as_str().unwrap();
    assert!(error.contains("the handler failed: of this test"), "{second}");
}

#[test]
fn a_service_of_the_other_library_that_does_not_know_the_dispatcher_shows_in_the_story() {
    let space = Space::new();
    let _salt = Worker::start_with(&space, (Library::CelerySalt, Results::Redis), &["-E"]);
    let _tchu = Worker::start_with(&space, (Library::TchuTchu, Results::Redis), &["-E"]);
    let path = format!("bindings/{}/e/tchu_events/q/tchu_service_queue", space.vhost);
    space.management.post(&path, &json!({"routing_key": "order.created"}));
    let mut running = following(&space, &["order.created"]);
    published(&space, &["order.created", ORDER, "--version", "v2"]);
    let story = story(&mut running);
    running.wait();
    let queues: Vec<&Value> =
        story["steps"][0]["queues"].as_array().unwrap().iter().map(|q| &q["queue"]).collect();
    assert_eq!(queues, ["service_queue", "tchu_service_queue"], "{story}");
    assert_eq!(story["outcome"], "failed", "{story}");
    let failed = story["tasks"].as_array().unwrap().iter().find(|task| task["state"] == "failed");
    let exception = failed.unwrap()["exception"].as_str().unwrap();
    assert!(exception.contains("NotRegistered"), "{story}");
    let told = steps(&story);
    assert!(told.iter().any(|step| step == "handler succeeded"), "{story}");
}

#[test]
fn an_event_that_nobody_receives_is_told_at_once() {
    let space = Space::new();
    let mut running = following(&space, &["nobody.listens"]);
    published(&space, &["nobody.listens", "{}", "--allow-unroutable"]);
    let story = story(&mut running);
    assert_eq!(running.wait().code, Some(7));
    assert_eq!(
        (&story["outcome"], &story["steps"][0]["queues"]),
        (&json!("unroutable"), &json!([]))
    );
}

#[test]
fn what_does_not_come_or_is_not_known_ends_with_the_time() {
    let space = Space::new();
    let nothing = follow(&space, &["quiet.topic", "--for", "300ms"]).run();
    assert_eq!(nothing.code, Some(5), "{nothing}");
    assert!(nothing.stderr.contains("no event on quiet.topic within 300ms"), "{nothing}");
    let id = "00000000-0000-4000-8000-000000000000";
    let unknown = follow(&space, &[id, "--for", "300ms"]).run();
    assert_eq!(unknown.code, Some(5), "{unknown}");
    let story: Value = serde_json::from_str(&unknown.stdout).unwrap();
    assert_eq!((&story["outcome"], &story["id"]), (&json!("unknown"), &json!(id)));
    space.declare_queue("sink", &["user.#"]);
    let mut running = following(&space, &["user.#", "--for", "3s"]);
    published(&space, &["user.created", "{}", "--correlation-id", "c-1"]);
    let unfinished = self::story(&mut running);
    assert_eq!(running.wait().code, Some(5));
    assert_eq!(unfinished["outcome"], "unfinished", "{unfinished}");
    assert_eq!(unfinished["correlation_id"], "c-1");
    eventually("nothing of ours is left", || tail_queues(&space).is_empty().then_some(()));
}
