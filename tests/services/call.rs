//! Calling real Python handlers: every way a call can end, over both result backends.

use std::io::{Read, Write};
use std::net::TcpStream;

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::harness::{Celerysalt, Library, Results, Space, Worker, eventually};

impl Results {
    /// `celerysalt call` with the backend that the worker uses.
    fn call(self, space: &Space, arguments: &[&str]) -> Celerysalt {
        let call = space.celerysalt(&["call"]).args(arguments);
        match self {
            Self::Redis => call,
            Self::Rpc => call.env("CELERYSALT_BACKEND_URL", "rpc://"),
        }
    }

    /// The exit code and the parts of the report that do not change from run to run.
    fn outcome(self, space: &Space, arguments: &[&str]) -> (i32, Value) {
        let outcome = self.call(space, arguments).args(&["-o", "jsonl"]).run();
        let report: Value = serde_json::from_str(&outcome.stdout)
            .unwrap_or_else(|error| panic!("{error}: {outcome}"));
        assert!(report["elapsed_ms"].is_f64(), "{outcome}");
        let facts = json!({
            "outcome": report["outcome"], "result": report["result"], "error": report["error"],
        });
        (outcome.code.unwrap(), facts)
    }
}

fn facts(outcome: &str, result: &Value, error: &Value) -> Value {
    json!({"outcome": outcome, "result": result, "error": error})
}

fn every_end_of_a_call_to_celery_salt(results: Results) {
    let space = Space::new();
    let _worker = Worker::start(&space, Library::CelerySalt, results);
    let calls: [(&[&str], i32, Value); 6] = [
        (
            &["rpc.calculator.add", r#"{"a": 2, "b": 3.5}"#],
            0,
            facts("success", &json!({"result": 5.5}), &Value::Null),
        ),
        (
            &["rpc.calculator.divide", r#"{"a": 1, "b": 0}"#, "--version", "v1"],
            1,
            facts(
                "error",
                &Value::Null,
                &json!({
                    "error_code": "DIVISION_BY_ZERO",
                    "error_message": "Cannot divide by zero",
                    "details": {"a": 1.0, "b": 0.0},
                }),
            ),
        ),
        (
            &["rpc.calculator.fail", "{}"],
            1,
            facts(
                "handler_error",
                &Value::Null,
                &json!({"message": "the handler failed: it was asked to"}),
            ),
        ),
        (
            &["order.created", r#"{"order_id": 1}"#, "--version", "v1"],
            7,
            facts("no_handlers", &Value::Null, &Value::Null),
        ),
        (&["nobody.listens", "{}"], 7, facts("unroutable", &Value::Null, &Value::Null)),
        (
            &["rpc.report.build", r#"{"seconds": 2}"#, "--timeout", "200ms"],
            5,
            facts("timeout", &Value::Null, &Value::Null),
        ),
    ];
    for (arguments, code, expected) in calls {
        assert_eq!(results.outcome(&space, arguments), (code, expected), "{arguments:?}");
    }
}

#[test]
fn every_end_of_a_call_to_celery_salt_over_redis() {
    every_end_of_a_call_to_celery_salt(Results::Redis);
}

#[test]
fn every_end_of_a_call_to_celery_salt_over_rpc() {
    every_end_of_a_call_to_celery_salt(Results::Rpc);
}

fn every_end_of_a_call_to_tchu_tchu(results: Results) {
    let space = Space::new();
    let _worker = Worker::start(&space, Library::TchuTchu, results);
    let task = ["--task", "tchu_tchu.dispatch_event"];
    let calls: [(&[&str], i32, Value); 3] = [
        (
            &["rpc.invoice.total", r#"{"amounts": [1, 2.5]}"#],
            0,
            facts("success", &json!({"total": 3.5}), &Value::Null),
        ),
        (
            &["rpc.invoice.split", r#"{"amount": 1, "parts": 0}"#],
            1,
            facts("error", &Value::Null, &Value::Null),
        ),
        (&["rpc.invoice.fail", "{}"], 1, facts("handler_error", &Value::Null, &Value::Null)),
    ];
    for (arguments, code, expected) in calls {
        let arguments = [arguments, &task].concat();
        let (found_code, mut found) = results.outcome(&space, &arguments);
        if expected["error"].is_null() && !found["error"].is_null() {
            // What exactly the example says is its own business.
            found["error"] = Value::Null;
        }
        assert_eq!((found_code, found), (code, expected), "{arguments:?}");
    }
}

#[test]
fn every_end_of_a_call_to_tchu_tchu_over_redis() {
    every_end_of_a_call_to_tchu_tchu(Results::Redis);
}

#[test]
fn every_end_of_a_call_to_tchu_tchu_over_rpc() {
    every_end_of_a_call_to_tchu_tchu(Results::Rpc);
}

#[test]
fn a_worker_that_does_not_know_the_dispatcher_task_is_a_failure_with_a_hint() {
    let space = Space::new();
    let _worker = Worker::start(&space, Library::TchuTchu, Results::Redis);
    let outcome = space.celerysalt(&["call", "rpc.invoice.total", r#"{"amounts": []}"#]).run();
    insta::assert_snapshot!(outcome, @r#"
    exit code: 1
    --- stdout ---
    --- stderr ---
    error: the task failed: NotRegistered: celery_salt.dispatch_event

    hint: the worker does not know the task "celery_salt.dispatch_event"; try --task tchu_tchu.dispatch_event
    "#);
}

#[test]
fn a_stand_in_answers_like_a_worker_until_it_has_answered_enough() {
    for results in [Results::Redis, Results::Rpc] {
        let space = Space::new();
        let answer =
            ["--serve", "quote.*", "--reply", "{price: (.payload.items * 2.5)}", "-n", "2"];
        let mut stand_in = results.call(&space, &answer).args(&["-o", "jsonl"]).spawn();
        let request = ["quote.get", r#"{"items": 3}"#];
        eventually("the stand-in is bound", || {
            let (code, facts) = results.outcome(&space, &request);
            (facts["outcome"] != "unroutable").then(|| {
                assert_eq!((code, &facts["result"]), (0, &json!({"price": 7.5})), "{results:?}");
            })
        });
        let (code, facts) = results.outcome(&space, &["quote.get", r#"{"items": "none"}"#]);
        assert_eq!((code, &facts["outcome"]), (1, &json!("handler_error")), "{facts}");
        let first: Value = serde_json::from_str(&stand_in.line().unwrap()).unwrap();
        assert_eq!((&first["topic"], &first["outcome"]), (&json!("quote.get"), &json!("success")));
        assert_eq!(stand_in.wait().code, Some(0));
    }
}

#[test]
fn repeated_calls_are_measured_in_one_process() {
    let space = Space::new();
    let stand_in = space.celerysalt(&["call", "--serve", "ping", "--reply", "1"]).spawn();
    eventually("the stand-in is bound", || {
        (Results::Redis.outcome(&space, &["ping", "{}"]).0 == 0).then_some(())
    });
    let outcome = space.celerysalt(&["call", "ping", "{}", "--repeat", "25", "-o", "json"]).run();
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(report["outcomes"], json!({"success": 25}), "{outcome}");
    assert!(report["round_trip_ms"]["p99"].as_f64() > Some(0.0), "{outcome}");
    stand_in.signal(Signal::SIGINT);
    assert_eq!(stand_in.wait().code, Some(130));
}

#[test]
fn ctrl_c_during_a_call_says_that_the_request_may_still_be_handled() {
    let space = Space::new();
    space.declare_queue("slow", &["slow.thing"]);
    let call = space.celerysalt(&["call", "slow.thing", "{}"]).spawn();
    eventually("the request is in the queue", || {
        (space.queue("slow")?["messages"].as_u64() == Some(1)).then_some(())
    });
    call.signal(Signal::SIGINT);
    let outcome = call.wait();
    assert_eq!(outcome.code, Some(130), "{outcome}");
    assert!(outcome.stderr.contains("may still be handled"), "{outcome}");
}

#[test]
fn a_backend_that_refuses_us_is_exit_4_before_anything_is_published() {
    let space = Space::new();
    space.declare_queue("requests", &["#"]);
    let backend = space.backend_url();
    let (password, _) = backend.trim_start_matches("redis://:").split_once('@').unwrap();
    let wrong_password = backend.replace(password, "wrong-password");
    let no_password = backend.replace(&format!(":{password}@"), "");
    // The broker's port, where nobody speaks Redis.
    let broker = space.broker_url();
    let address = broker.rsplit('@').next().unwrap().split('/').next().unwrap();
    let not_redis = format!("redis://{address}/0");
    for backend in ["redis://127.0.0.1:1/0", &wrong_password, &no_password, &not_redis] {
        let outcome = space.celerysalt(&["call", "a.b", "{}", "--backend", backend]).run();
        assert_eq!(outcome.code, Some(4), "{outcome}");
        assert!(outcome.stderr.contains("hint:"), "{outcome}");
        assert!(!outcome.stderr.contains("wrong-password"), "{outcome}");
    }
    assert_eq!(space.take("requests"), json!([]));
}

#[test]
fn a_request_that_reaches_two_queues_is_warned_about() {
    let space = Space::new();
    space.declare_queue("billing", &["rpc.price"]);
    space.declare_queue("shop", &["rpc.*", "rpc.price"]);
    space.declare_queue("other", &["orders.#"]);
    let outcome = space.celerysalt(&["call", "rpc.price", "{}", "--timeout", "100ms"]).run();
    assert_eq!(outcome.code, Some(5), "{outcome}");
    let warning = "2 queues receive the request: billing, shop;";
    assert!(outcome.stderr.contains(warning), "{outcome}");
    let no_management = space
        .celerysalt(&["call", "rpc.price", "{}", "--timeout", "100ms"])
        .env("CELERYSALT_MANAGEMENT_URL", "http://127.0.0.1:1");
    assert!(!no_management.run().stderr.contains("queues receive"));
}

#[test]
fn an_answer_arrives_although_redis_dropped_the_connection_meanwhile() {
    let space = Space::new();
    let answer = ["call", "--serve", "slow", "--exec", "sleep 2; echo 1", "-n", "1"];
    let _stand_in = space.celerysalt(&answer).spawn();
    eventually("the stand-in is bound", || {
        space.publish("slow", &json!({}), b"not a request").then_some(())
    });
    let call = space.celerysalt(&["call", "slow", "{}", "-o", "jsonl"]).spawn();
    eventually("the call waits on its channel", || {
        redis(&space, "PUBSUB CHANNELS celery-task-meta-*")
            .contains("celery-task-meta")
            .then_some(())
    });
    let listening = redis(&space, "CLIENT LIST TYPE pubsub");
    let database = format!(" db={} ", space.redis_database());
    let ours = listening.lines().filter(|client| client.contains(&database));
    let ids: Vec<&str> =
        ours.filter_map(|client| client.trim_start_matches("id=").split(' ').next()).collect();
    assert!(!ids.is_empty(), "{listening}");
    for id in ids {
        redis(&space, &format!("CLIENT KILL ID {id}"));
    }
    let outcome = call.wait();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert!(outcome.stderr.contains("connecting again"), "{outcome}");
}

/// One command to the space's Redis, as an inline command; the first answer as text.
fn redis(space: &Space, command: &str) -> String {
    let url = space.backend_url();
    let (password, rest) = url.trim_start_matches("redis://:").split_once('@').unwrap();
    let address = rest.split('/').next().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "AUTH {password}\r\n{command}\r\nQUIT\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
