//! `bindings check`: every fault is made on a real broker, found, mended as printed, and gone.

use std::process::Command;

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::harness::{Library, Results, Space, Worker, eventually};

/// The findings of one rule.
fn findings(space: &Space, rule: &str, arguments: &[&str]) -> Vec<Value> {
    let run = space.celerysalt(&["bindings", "check", "-o", "json"]).args(arguments).run();
    assert!(matches!(run.code, Some(0 | 1)), "{run}");
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["ok"], run.code == Some(0), "{run}");
    let all = report["findings"].as_array().unwrap().iter();
    all.filter(|finding| finding["rule"] == rule).cloned().collect()
}

#[track_caller]
fn found(space: &Space, rule: &str, subject: &str, arguments: &[&str]) -> Value {
    eventually(&format!("{rule} about {subject} is found"), || {
        let mut all = findings(space, rule, arguments).into_iter();
        all.find(|finding| finding["subject"] == subject)
    })
}

#[track_caller]
fn gone(space: &Space, rule: &str, subject: &str, arguments: &[&str]) {
    eventually(&format!("{rule} about {subject} is gone"), || {
        let all = findings(space, rule, arguments);
        all.iter().all(|finding| finding["subject"] != subject).then_some(())
    });
}

/// Runs the printed command.
#[track_caller]
fn apply(space: &Space, finding: &Value) {
    let command = finding["command"].as_str().unwrap_or_else(|| panic!("no command: {finding}"));
    let url = space.management_url();
    let login = url.split("//").nth(1).unwrap().rsplit_once('@').unwrap().0;
    let output =
        Command::new("sh").args(["-c", command]).env("RABBITMQ_LOGIN", login).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}\n{errors}");
}

/// Finds the fault, applies the printed command, and sees it gone.
#[track_caller]
fn mended(space: &Space, rule: &str, subject: &str) {
    let finding = found(space, rule, subject, &[]);
    apply(space, &finding);
    gone(space, rule, subject, &[]);
}

fn remove_binding(space: &Space, queue: &str, key: &str) {
    let path = format!("bindings/{}/e/tchu_events/q/{queue}", space.vhost);
    let bindings = space.management.get(&path);
    let meant = bindings.as_array().unwrap().iter().find(|one| one["routing_key"] == key);
    let name = meant.unwrap()["properties_key"].as_str().unwrap().replace('%', "%25");
    space.management.try_delete(&format!("{path}/{name}"));
}

fn bind(space: &Space, queue: &str, key: &str) {
    let path = format!("bindings/{}/e/tchu_events/q/{queue}", space.vhost);
    space.management.post(&path, &json!({"routing_key": key}));
}

#[test]
fn bindings_that_do_not_fit_the_handlers_of_a_worker() {
    let space = Space::new();
    let worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    assert_eq!(findings(&space, "CB006", &[]), [Value::Null; 0]);

    bind(&space, "service_queue", "old.#.topic");
    mended(&space, "CB006", "service_queue");
    assert!(!space.bindings("service_queue").contains(&"old.#.topic".to_owned()));

    remove_binding(&space, "service_queue", "order.created");
    mended(&space, "CB018", "service_queue");
    assert!(space.bindings("service_queue").contains(&"order.created".to_owned()));

    bind(&space, "service_queue", "audit.login");
    mended(&space, "CB007", "service_queue");

    bind(&space, "service_queue", "us*r.created");
    let finding = eventually("the pattern is found", || {
        let mut all = findings(&space, "CB008", &[]).into_iter();
        all.find(|finding| finding["level"] == "warning")
    });
    assert_eq!(finding["routing_key"], "us*r.created");
    remove_binding(&space, "service_queue", "us*r.created");
    eventually("the pattern is gone", || {
        let all = findings(&space, "CB008", &[]);
        all.iter().all(|finding| finding["level"] == "info").then_some(())
    });

    // The length of the queue: a policy.
    mended(&space, "CB014", "service_queue");
    found(&space, "CB012", "service_queue", &[]);
    space.management.put(
        &format!("policies/{}/service_queue-max-length", space.vhost),
        &json!({"pattern": "^service_queue$", "apply-to": "queues",
                "definition": {"max-length": 100_000, "dead-letter-exchange": "dead"}}),
    );
    gone(&space, "CB012", "service_queue", &[]);

    worker.signal(Signal::SIGSTOP);
    for _ in 0..6 {
        assert!(space.publish("audit.login", &json!({"content_type": "text/plain"}), b"x"));
    }
    let quick = ["--backlog", "2", "--worker-timeout", "0"];
    found(&space, "CB013", "service_queue", &quick);
    worker.signal(Signal::SIGCONT);
    gone(&space, "CB013", "service_queue", &quick);

    drop(worker);
    found(&space, "CB002", "service_queue", &[]);
    let _worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    gone(&space, "CB002", "service_queue", &[]);
}

#[test]
fn a_worker_that_no_event_reaches() {
    let space = Space::new();
    let worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    let bound = space.bindings("service_queue");
    for key in &bound {
        remove_binding(&space, "service_queue", key);
    }
    found(&space, "CB003", &format!("salt@{}", space.vhost), &[]);
    bind(&space, "service_queue", "service_queue");
    found(&space, "CB001", "service_queue", &[]);
    // As told: restart the worker, which finds its handlers.
    drop(worker);
    let _worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    gone(&space, "CB001", "service_queue", &[]);
    gone(&space, "CB003", &format!("salt@{}", space.vhost), &[]);
}

#[test]
fn a_queue_that_would_stop_a_worker_at_its_start() {
    let space = Space::new();
    space.declare_queue("service_queue", &["order.created"]);
    mended(&space, "CB010", "service_queue");
    let _worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    gone(&space, "CB010", "service_queue", &[]);
}

#[test]
fn two_libraries_two_workers_and_requests_with_two_receivers() {
    let space = Space::new();
    let _salt = Worker::start(&space, Library::CelerySalt, Results::Redis);
    let _tchu = Worker::start(&space, Library::TchuTchu, Results::Redis);
    bind(&space, "tchu_service_queue", "order.created");
    let finding = found(&space, "CB011", "tchu_service_queue", &[]);
    assert_eq!(finding["routing_key"], "order.created");
    remove_binding(&space, "tchu_service_queue", "order.created");
    gone(&space, "CB011", "tchu_service_queue", &[]);

    bind(&space, "tchu_service_queue", "rpc.calculator.*");
    found(&space, "CB009", "rpc.calculator.add", &[]);
    remove_binding(&space, "tchu_service_queue", "rpc.calculator.*");
    gone(&space, "CB009", "rpc.calculator.add", &[]);
}

#[test]
fn registered_topics_and_bindings() {
    let space = Space::new();
    space.declare_queue("shop", &["order.paid", "user.#"]);
    let folder = tempfile::tempdir().unwrap();
    let schemas = folder.path().join("schemas");
    let register = |topic: &str| {
        let document = json!({"topic": topic, "version": "v1", "mode": "broadcast",
                              "schema": {"type": "object"}});
        std::fs::create_dir_all(schemas.join(topic)).unwrap();
        std::fs::write(schemas.join(topic).join("v1.json"), document.to_string()).unwrap();
    };
    register("invoice.paid");
    let registry = format!("file:{}", schemas.display());
    let arguments = ["--registry", &registry];
    found(&space, "CB004", "shop", &arguments);
    register("order.paid");
    gone(&space, "CB004", "shop", &arguments);
    found(&space, "CB005", "invoice.paid", &arguments);
    bind(&space, "shop", "invoice.*");
    gone(&space, "CB005", "invoice.paid", &arguments);
}

#[test]
fn an_exchange_that_services_cannot_declare() {
    let space = Space::new();
    let path = format!("exchanges/{}/tchu_events", space.vhost);
    space.management.try_delete(&path);
    space.management.put(&path, &json!({"type": "fanout", "durable": false}));
    let finding = found(&space, "CB015", "tchu_events", &[]);
    found(&space, "CB016", "tchu_events", &[]);
    apply(&space, &finding);
    let _worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    gone(&space, "CB015", "tchu_events", &[]);
    gone(&space, "CB016", "tchu_events", &[]);
}

#[test]
fn workers_are_listed_with_their_queues_and_tasks() {
    let space = Space::new();
    let _salt = Worker::start(&space, Library::CelerySalt, Results::Redis);
    let _tchu = Worker::start(&space, Library::TchuTchu, Results::Redis);
    let workers = eventually("both workers answer", || {
        let run = space.celerysalt(&["workers", "-o", "json", "--timeout", "5s"]).run();
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        let workers = report["workers"].as_array().unwrap().clone();
        let known = workers.iter().filter(|worker| worker["answered"] == true);
        (known.count() == 2).then_some(workers)
    });
    assert_eq!(workers[0]["node"], format!("salt@{}", space.vhost));
    assert_eq!(workers[0]["queues"], json!(["service_queue"]));
    let tasks = workers[0]["tasks"].as_array().unwrap();
    assert!(tasks.contains(&json!("celery_salt.dispatch_event")), "{tasks:?}");
    assert!(tasks.contains(&json!("celery_salt.audit.#.record")) || tasks.len() > 8, "{tasks:?}");
    assert_eq!(workers[1]["queues"], json!(["tchu_service_queue"]));
    assert!(workers[0]["pid"].is_u64() && workers[0]["concurrency"] == 1, "{}", workers[0]);

    // Without a management API those that answer are listed.
    let blind = ["workers", "--tasks", "--management", "http://127.0.0.1:1"];
    let run = space.celerysalt(&blind).run();
    assert_eq!(run.code, Some(0), "{run}");
    assert!(run.stdout.contains("tchu_tchu.dispatch_event"), "{run}");
    assert!(run.stderr.contains("only workers that answer are listed"), "{run}");
}
