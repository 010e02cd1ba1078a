//! Queues: who reads them, what they hold, and how they were declared.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use super::{Fault, check, findings, wait_for_log};
use crate::harness::{Launch, Library, Results, Space, Worker, eventually};

const QUEUE: &str = "service_queue";

/// What a service leaves on the broker when it is gone.
fn left_by_a_service(space: &Space) {
    drop(Worker::start(space, Library::CelerySalt, Results::Redis));
    eventually("the broker notices that the worker is gone", || {
        (space.queue(QUEUE)?["consumers"] == 0).then_some(())
    });
}

pub(super) fn no_consumer(fault: &Fault) {
    let space = Space::new();
    left_by_a_service(&space);
    fault.mended(&space, QUEUE, 0);
    assert!(space.queue(QUEUE).is_none());
}

pub(super) fn no_consumer_and_messages(fault: &Fault) {
    let space = Space::new();
    left_by_a_service(&space);
    assert!(space.publish("audit.login", &json!({"content_type": "text/plain"}), b"x"));
    let found = fault.found_where(&space, &[], |finding| finding["level"] == "error");
    assert_eq!(found.finding["command"], Value::Null, "a message would be lost");
    fault.told(&found, ("start the service's ", "worker"));
    let _worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    fault.gone(&found, 1);
}

/// A service moves from tchu-tchu to celery-salt and keeps its queue.
pub(super) fn arguments(fault: &Fault) {
    let space = Space::new();
    let mut before = Launch::example(Library::TchuTchu);
    before.queue = QUEUE;
    drop(Worker::launch(&space, &before));
    let found = fault.found_where(&space, &[], |finding| finding["level"] == "warning");
    assert_eq!(found.finding["subject"], QUEUE);
    let after = Launch::example(Library::CelerySalt);
    let refused = Worker::spawn(&space, &after);
    wait_for_log(&refused, "PRECONDITION_FAILED");
    drop(refused);
    fault.apply(&found);
    let _worker = Worker::launch(&space, &after);
    fault.gone(&found, 1);
    assert_eq!(space.queue(QUEUE).unwrap()["arguments"], json!({"x-max-priority": 10}));
}

/// One policy counts for a queue: the fix keeps what another one says, and mends both faults.
pub(super) fn no_dead_letter(fault: &Fault) {
    let space = Space::new();
    let _worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    let other = json!({"pattern": "^service", "apply-to": "queues", "priority": 3,
                       "definition": {"message-ttl": 3_600_000}});
    space.management.put(&format!("policies/{}/ours", space.vhost), &other);
    fault.mended(&space, QUEUE, 1);
    let policy = eventually("the policy is in force", || {
        let policy = space.queue(QUEUE)?["effective_policy_definition"].clone();
        (policy["dead-letter-exchange"] == "").then_some(policy)
    });
    assert_eq!(policy["message-ttl"], 3_600_000);
    assert_eq!(policy["dead-letter-routing-key"], "service_queue.dead");
    assert!(space.queue("service_queue.dead").is_some());
    // What expires is kept now.
    let list = space.celerysalt(&["dlq", "list", "-o", "json"]).run();
    assert!(list.stdout.contains("service_queue.dead"), "{list}");
}

pub(super) fn backlog(fault: &Fault) {
    let space = Space::new();
    let worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    worker.signal(Signal::SIGSTOP);
    for _ in 0..6 {
        assert!(space.publish("audit.login", &json!({"content_type": "text/plain"}), b"x"));
    }
    let quick = ["--backlog", "2", "--worker-timeout", "0"];
    let found = fault.found(&space, QUEUE, &quick);
    fault.told(&found, ("start more ", "workers"));
    let mut second = Launch::example(Library::CelerySalt);
    second.node = "second";
    let _second = Worker::launch(&space, &second);
    fault.gone(&found, 2);
    worker.signal(Signal::SIGCONT);
}

pub(super) fn unbounded(fault: &Fault) {
    let space = Space::new();
    let _worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    fault.mended(&space, QUEUE, 1);
    // The same policy dead-letters what falls out.
    assert_eq!(findings(&check(&space, &[]), "CB012").len(), 0);
}

pub(super) fn unbounded_and_busy(fault: &Fault) {
    let space = Space::new();
    let _worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let example = r#"{"task": "celery_salt.dispatch_event", "id": "1", "args": ["{}"],
                              "kwargs": {"routing_key": "audit.login"}}"#;
            let properties = json!({"content_type": "application/json"});
            while !is_over.load(Ordering::Relaxed) {
                space.publish("audit.login", &properties, example.as_bytes());
            }
        });
        let busy = |finding: &Value| finding["level"] == "warning";
        let found = fault.found_where(&space, &["--listen", "1s"], busy);
        is_over.store(true, Ordering::Relaxed);
        let message = found.finding["message"].as_str().unwrap();
        assert!(message.ends_with(" events a second"), "{message}");
        fault.apply(&found);
        fault.gone(&found, 1);
    });
}
