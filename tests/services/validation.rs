//! Where schemas meet events: real messages, real handlers, and a registry of the service's own
//! schemas.

use std::fs;
use std::path::Path;

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Celerysalt, Library, Results, Space, Worker, eventually, root};
use crate::tail::tailing;

/// What the example service's classes say, extracted by its own interpreter.
fn registry() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("schemas");
    let python = root().join("target/venvs/salt/bin/python");
    let outcome = Celerysalt::sealed(&["schema", "extract", "python:service.events"])
        .args(&["--python", python.to_str().unwrap(), "--out", out.to_str().unwrap()])
        .env("PYTHONPATH", root().join("examples").to_str().unwrap())
        .run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let url = format!("file:{}", out.display());
    (folder, url)
}

fn register(folder: &Path, (topic, version): (&str, &str), document: &Value) {
    let mut document = document.clone();
    document["topic"] = json!(topic);
    document["version"] = json!(version);
    fs::create_dir_all(folder.join(topic)).unwrap();
    fs::write(folder.join(topic).join(format!("{version}.json")), document.to_string()).unwrap();
}

fn publish(space: &Space, topic: &str, body: &str) {
    space.publish(topic, &json!({"content_type": "application/json"}), body.as_bytes());
}

const GOOD: &str = r#"{"user_id": 1, "email": "zoe@example.com", "company_id": 7}"#;
const BAD: &str = r#"{"user_id": "x", "company_id": 7.5}"#;

#[test]
fn tail_says_what_does_not_fit_and_where() {
    let space = Space::new();
    let (_folder, registry) = registry();
    let all = ["--registry", &registry, "-n", "4", "-o", "jsonl"];
    let records = tailing(&space, &all);
    let human = tailing(&space, &["--registry", &registry, "-n", "4"]);
    let strict =
        tailing(&space, &["--registry", &registry, "-n", "4", "--strict", "--payload-only"]);
    let mut only =
        tailing(&space, &["--registry", &registry, "--validate", "only-invalid", "-o", "jsonl"]);
    let off =
        tailing(&space, &["--registry", &registry, "--validate", "off", "-n", "4", "-o", "jsonl"]);
    Library::CelerySalt.python(
        &space,
        "from service.app import app\n\
         from service.events import UserSignupCompleted\n\
         UserSignupCompleted.publish(user_id=1, email='zoe@example.com', company_id=7)",
    );
    publish(&space, "user.signup.completed", BAD);
    publish(&space, "other.topic", "{}");
    let task =
        json!({"content_type": "application/json", "headers": {"task": "shop.sum", "id": "1"}});
    space.publish("user.signup.completed", &task, b"[[1, 2], {}, {}]");
    let outcome = records.wait();
    let schemas: Vec<Value> = outcome
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["schema"].clone())
        .collect();
    let errors = json!([
        {"path": "company_id", "message": "7.5 is not of type \"integer\""},
        {"path": "", "message": "\"email\" is a required property"},
        {"path": "user_id", "message": "\"x\" is not of type \"integer\""},
    ]);
    let mut sorted = schemas[1].clone();
    sorted["errors"].as_array_mut().unwrap().sort_by_key(|error| error["message"].to_string());
    let mut expected = errors.as_array().unwrap().clone();
    expected.sort_by_key(|error| error["message"].to_string());
    assert_eq!(schemas[0], json!({"status": "valid", "version": "v1", "errors": []}));
    assert_eq!(sorted, json!({"status": "invalid", "version": "v1", "errors": expected}));
    assert_eq!(schemas[2], json!({"status": "unknown", "version": null, "errors": []}));
    assert_eq!(schemas[3], json!({"status": "unchecked", "version": null, "errors": []}));

    let outcome = human.wait();
    let lines: Vec<&str> =
        outcome.stdout.lines().filter(|line| line.contains("does not fit")).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    does not fit v1: the payload: "email" is a required property
    does not fit v1: user_id: "x" is not of type "integer"
    does not fit v1: company_id: 7.5 is not of type "integer"
    "#);
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert_eq!(strict.wait().code, Some(1));

    let record: Value = serde_json::from_str(&only.line().unwrap()).unwrap();
    assert_eq!(record["schema"]["status"], "invalid");
    only.signal(Signal::SIGINT);
    let outcome = only.wait();
    assert_eq!(outcome.code, Some(130));
    insta::assert_snapshot!(outcome.stderr, @"note: 4 events received, 1 shown, 1 invalid, 3 left out as not invalid");
    let outcome = off.wait();
    assert_eq!(outcome.stdout.matches(r#""status":"unchecked""#).count(), 4, "{outcome}");
}

#[test]
fn a_schema_that_is_registered_while_a_tail_runs_is_noticed() {
    let space = Space::new();
    let folder = tempfile::tempdir().unwrap();
    let registry = format!("file:{}", folder.path().display());
    let mut tail = tailing(&space, &["--registry", &registry, "-o", "jsonl"]);
    let mut status = || {
        publish(&space, "user.created", "{}");
        let record: Value = serde_json::from_str(&tail.line().unwrap()).unwrap();
        record["schema"]["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status(), "unknown");
    let schema = json!({"schema": {"type": "object", "required": ["id"]}});
    register(folder.path(), ("user.created", "v1"), &schema);
    eventually("the schema is noticed", || (status() == "invalid").then_some(()));
}

#[test]
fn a_tail_goes_on_without_the_registry_and_past_a_broken_schema() {
    let space = Space::new();
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("user.created")).unwrap();
    fs::write(folder.path().join("user.created/v1.json"), "<<<<<<<").unwrap();
    let broken = format!("file:{}", folder.path().display());
    let without = tailing(&space, &["--registry", "file:nowhere", "-n", "2", "-o", "jsonl"]);
    let tail = tailing(&space, &["--registry", &broken, "-n", "2", "-o", "jsonl"]);
    publish(&space, "user.created", "{}");
    publish(&space, "user.created", "{}");
    for tail in [without, tail] {
        let outcome = tail.wait();
        assert_eq!(outcome.stdout.matches(r#""status":"unchecked""#).count(), 2, "{outcome}");
        assert_eq!(outcome.stderr.matches("warning: ").count(), 1, "{outcome}");
        assert_eq!(outcome.code, Some(0), "{outcome}");
    }
}

#[test]
fn what_does_not_fit_never_reaches_the_broker() {
    let space = Space::new();
    let (_folder, registry) = registry();
    space.declare_queue("everything", &["#"]);
    let publish = |arguments: &[&str]| {
        space.celerysalt(&["publish", "user.signup.completed", "--version", "v1"]).args(arguments)
    };
    let outcome = publish(&[BAD, "--registry", &registry]).run();
    assert_eq!(outcome.code, Some(1), "{outcome}");
    let lines = format!("{GOOD}\n{BAD}\n{GOOD}\n");
    let outcome = publish(&["-", "--registry", &registry, "-o", "json"]).input(lines).run();
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(
        (outcome.code, &report["published"], &report["invalid"]),
        (Some(8), &json!(2), &json!(1))
    );
    assert!(
        outcome.stderr.starts_with("warning: line 2 does not fit user.signup.completed@v1: "),
        "{outcome}"
    );
    let outcome = publish(&["--example", "--registry", &registry]).run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let outcome = publish(&[BAD, "--no-validate", "--registry", &registry]).run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    eventually("four events arrive", || {
        (space.queue("everything")?["messages"].as_u64() == Some(4)).then_some(())
    });
}

#[test]
fn an_example_is_an_event_that_the_service_takes() {
    let space = Space::new();
    let (_folder, registry) = registry();
    let worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    let outcome = space
        .celerysalt(&["publish", "user.signup.completed", "--example", "--registry", &registry])
        .run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert!(worker.wait_for_events(1)[0]["payload"]["user_id"].is_i64());
}

#[test]
fn an_answer_is_checked_against_the_response_or_the_error_schema() {
    let space = Space::new();
    let (folder, registry) = registry();
    let _worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    let call = |arguments: &[&str]| {
        let call = space.celerysalt(&["call"]).args(arguments);
        call.args(&["--registry", &registry, "-o", "jsonl"]).run()
    };
    let schema = |arguments: &[&str]| {
        let outcome = call(arguments);
        let report: Value = serde_json::from_str(&outcome.stdout)
            .unwrap_or_else(|error| panic!("{error}: {outcome}"));
        report["schema"].clone()
    };
    let numbers = r#"{"a": 6, "b": 3}"#;
    let valid = json!({"status": "valid", "version": "v1", "errors": []});
    assert_eq!(schema(&["rpc.calculator.add", numbers]), valid);
    assert_eq!(schema(&["rpc.calculator.divide", r#"{"a": 6, "b": 0}"#]), valid);
    assert_eq!(
        schema(&["rpc.calculator.fail", "{}"]),
        json!({"status": "unchecked", "version": null, "errors": []})
    );
    let refused = call(&["rpc.calculator.add", r#"{"a": 6}"#]);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{refused}");

    let number = json!({"type": "object", "properties": {"result": {"type": "string"}}});
    let document = json!({"mode": "rpc", "schema": {}, "response_schema": number});
    let directory = folder.path().join("schemas");
    register(&directory, ("rpc.calculator.add", "v2"), &document);
    assert_eq!(
        schema(&["rpc.calculator.add", numbers]),
        json!({"status": "invalid", "version": "v2", "errors": [
            {"path": "result", "message": "9.0 is not of type \"string\""}
        ]})
    );
    register(&directory, ("rpc.calculator.add", "v3"), &json!({"mode": "rpc", "schema": {}}));
    let unknown = schema(&["rpc.calculator.add", numbers]);
    assert_eq!(unknown["status"], "unknown");
}
