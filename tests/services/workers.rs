//! The Python services start, bind and consume, with both result backends.

use serde_json::{Value, json};

use crate::harness::{Library, Results, Space, Worker, eventually};

#[test]
fn each_test_has_a_virtual_host_and_a_database_of_its_own() {
    let spaces = [Space::new(), Space::new()];
    let shown = spaces.each_ref().map(|space| {
        let outcome = space.celerysalt(&["config", "show"]).run();
        assert_eq!(outcome.code, Some(0), "{outcome}");
        assert!(outcome.stdout.contains(&format!("/{}", space.vhost)), "{outcome}");
        outcome.stdout
    });
    assert_ne!(shown[0], shown[1]);
    assert_ne!(spaces[0].backend_url(), spaces[1].backend_url());
}

#[test]
fn a_celery_salt_worker_binds_its_topics_and_receives_an_event() {
    let space = Space::new();
    let worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    insta::assert_compact_debug_snapshot!(space.bindings("service_queue"), @r#"["audit.#", "order.created", "rpc.calculator.add", "rpc.calculator.divide", "rpc.calculator.fail", "rpc.echo.*", "rpc.report.build", "user.signup.completed"]"#);

    let body = json!({
        "id": "00000000-0000-4000-8000-000000000001",
        "task": "celery_salt.dispatch_event",
        "args": [r#"{"user_id": 1, "email": "a@b.c", "company_id": 2, "_tchu_meta": {"is_rpc": false, "version": "v1"}}"#],
        "kwargs": {"routing_key": "user.signup.completed"},
    });
    let properties = json!({"content_type": "application/json", "content_encoding": "utf-8"});
    let routed = space.publish("user.signup.completed", &properties, body.to_string().as_bytes());
    assert!(routed);
    assert_eq!(
        worker.wait_for_events(1),
        [json!({
            "topic": "user.signup.completed",
            "payload": {"user_id": 1, "email": "a@b.c", "company_id": 2, "signup_source": "web"},
        })]
    );
}

#[test]
fn a_tchu_tchu_worker_binds_its_topics_and_receives_an_event() {
    let space = Space::new();
    let worker = Worker::start(&space, Library::TchuTchu, Results::Rpc);
    insta::assert_compact_debug_snapshot!(space.bindings("tchu_service_queue"), @r#"["invoice.paid", "rpc.invoice.export", "rpc.invoice.fail", "rpc.invoice.split", "rpc.invoice.total"]"#);

    let body = json!({
        "id": "00000000-0000-4000-8000-000000000002",
        "task": "tchu_tchu.dispatch_event",
        "args": [r#"{"invoice_id": 7}"#],
        "kwargs": {"routing_key": "invoice.paid"},
        "retries": 0, "eta": null, "expires": null,
    });
    let properties = json!({"content_type": "application/json", "content_encoding": "utf-8"});
    assert!(space.publish("invoice.paid", &properties, body.to_string().as_bytes()));
    assert_eq!(
        worker.wait_for_events(1),
        [json!({"topic": "invoice.paid", "payload": {"invoice_id": 7}})]
    );
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
