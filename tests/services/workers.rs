//! The Python services start, bind and consume, with both result backends.

use serde_json::json;

use crate::harness::{Library, Results, Space, Worker};

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
