//! Bindings, their patterns, and the exchange they are of.

use serde_json::json;

use super::{
    Fault, bind, check, findings, has_binding, remove_binding, run_command, salt_project,
    wait_for_log,
};
use crate::harness::{Launch, Library, Project, Results, Space, Worker};

const SALT_QUEUE: &str = "service_queue";
const TCHU_QUEUE: &str = "tchu_service_queue";

pub(super) fn service<'a>(venv: &'a str, project: &Project) -> Launch<'a> {
    let results = if venv == "tchu3-drf" { Results::Rpc } else { Results::Redis };
    Launch {
        venv,
        app: "shop",
        folder: project.path(),
        queue: "shop",
        results,
        node: "shop",
        arguments: &[],
    }
}

pub(super) fn own_name_only(fault: &Fault) {
    let space = Space::new();
    let project = salt_project("@subscribe('audit.#')\ndef record(event): pass");
    let app = std::fs::read_to_string(project.path().join("shop.py")).unwrap();
    project.write("shop.py", &app.replace("include=['handlers'], ", ""));
    let worker = Worker::launch(&space, &service("salt", &project));
    assert_eq!(space.bindings("shop"), ["shop"]);
    let found = fault.found(&space, "shop", &[]);
    assert_eq!(found.finding["level"], "error");

    assert_eq!(fault.told(&found, ("Celery(include=", "[…])")), "Celery(include=[…])");
    fault.told(&found, ("restart ", "the worker"));
    drop(worker);
    project.write("shop.py", &app);
    let _worker = Worker::launch(&space, &service("salt", &project));
    fault.gone(&found, 1);
}

pub(super) fn stale(fault: &Fault) {
    let space = Space::new();
    let _worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    assert_eq!(findings(&check(&space, &[]), fault.rule).len(), 0);
    bind(&space, SALT_QUEUE, "old.#.topic");
    fault.mended(&space, SALT_QUEUE, 1);
    assert!(!has_binding(&space, SALT_QUEUE, "old.#.topic"));
}

pub(super) fn stale_of_tchu_tchu(fault: &Fault) {
    let space = Space::new();
    let _worker = Worker::start(&space, Library::TchuTchu, Results::Redis);
    bind(&space, TCHU_QUEUE, "invoice.sent");
    let found = fault.found(&space, TCHU_QUEUE, &[]);
    assert_eq!(found.finding["routing_key"], "invoice.sent");
    fault.apply(&found);
    fault.gone(&found, 1);
    assert!(has_binding(&space, TCHU_QUEUE, "invoice.paid"));
}

pub(super) fn missing(fault: &Fault) {
    let space = Space::new();
    let _worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    remove_binding(&space, SALT_QUEUE, "order.created");
    fault.mended(&space, SALT_QUEUE, 1);
    assert!(has_binding(&space, SALT_QUEUE, "order.created"));
}

pub(super) fn missing_of_tchu_tchu(fault: &Fault) {
    let space = Space::new();
    let _worker = Worker::start(&space, Library::TchuTchu, Results::Redis);
    remove_binding(&space, TCHU_QUEUE, "invoice.paid");
    let found = fault.found(&space, TCHU_QUEUE, &[]);
    assert_eq!(found.finding["routing_key"], "invoice.paid");
    fault.apply(&found);
    fault.gone(&found, 1);
    assert!(has_binding(&space, TCHU_QUEUE, "invoice.paid"));
}

pub(super) fn shadowed(fault: &Fault) {
    let space = Space::new();
    let _worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    bind(&space, SALT_QUEUE, "audit.login");
    let found = fault.found_where(&space, &[], |finding| finding["level"] == "warning");
    assert_eq!(found.finding["routing_key"], "audit.login");
    fault.apply(&found);
    fault.gone(&found, 1);
    assert!(!has_binding(&space, SALT_QUEUE, "audit.login"));
}

pub(super) fn duplicate(fault: &Fault) {
    let space = Space::new();
    let _worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    let path = format!("bindings/{}/e/tchu_events/q/{SALT_QUEUE}", space.vhost);
    let twice = json!({"routing_key": "order.created", "arguments": {"x-made-by": "hand"}});
    space.management.post(&path, &twice);
    let found = fault.found(&space, SALT_QUEUE, &[]);
    assert_eq!(found.finding["routing_key"], "order.created");
    fault.apply(&found);
    fault.gone(&found, 1);
    let kept = space.bindings(SALT_QUEUE);
    assert_eq!(kept.iter().filter(|key| *key == "order.created").count(), 1);
}

pub(super) fn disagreement(fault: &Fault) {
    let space = Space::new();
    let project = salt_project("@subscribe('user.#')\ndef record(event): pass");
    let worker = Worker::launch(&space, &service("salt", &project));
    // Somebody publishes the topic that only the broker finds in the pattern.
    space.declare_queue("statistics", &["user"]);
    let found = fault.found(&space, "shop", &[]);
    assert_eq!(found.finding["level"], "error");
    let decorator = fault.told(&found, ("@subscribe(", ")"));
    drop(worker);
    let handler = format!("@event('user')\nclass User: pass\n{decorator}\ndef take(event): pass");
    project.append("handlers.py", &handler);
    let _worker = Worker::launch(&space, &service("salt", &project));
    fault.gone(&found, 1);
}

pub(super) fn disagreement_left_over(fault: &Fault) {
    let space = Space::new();
    let _worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    bind(&space, SALT_QUEUE, "us*r.created");
    let found = fault.found_where(&space, &[], |finding| finding["level"] == "warning");
    assert_eq!(found.finding["routing_key"], "us*r.created");
    fault.apply(&found);
    fault.gone(&found, 1);
}

pub(super) fn exchange_type(fault: &Fault) {
    exchange_that_services_cannot_declare(fault, &json!({"type": "fanout", "durable": true}));
}

pub(super) fn exchange_durability(fault: &Fault) {
    exchange_that_services_cannot_declare(fault, &json!({"type": "topic", "durable": false}));
}

fn exchange_that_services_cannot_declare(fault: &Fault, exchange: &serde_json::Value) {
    let space = Space::new();
    let path = format!("exchanges/{}/tchu_events", space.vhost);
    space.management.try_delete(&path);
    space.management.put(&path, exchange);
    let found = fault.found(&space, "tchu_events", &[]);
    let service = Launch::example(Library::CelerySalt);
    let refused = Worker::spawn(&space, &service);
    wait_for_log(&refused, "PRECONDITION_FAILED");
    // As told: the services are stopped, the exchange deleted, and they declare it themselves.
    drop(refused);
    run_command(&space, &found.finding);
    fault.told(&found, ("stop the services", "start them again"));
    let _worker = Worker::launch(&space, &service);
    fault.gone(&found, 1);
}
