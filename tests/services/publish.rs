//! Publishing to real brokers and workers: one event, streams of them, and bad days.

use std::io::Write;

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::harness::{Library, Results, Space, Worker, eventually, own_sandbox};

const SIGNUP: &str = r#"{"user_id": 1, "email": "zoë@example.com", "company_id": 7}"#;

fn report(stdout: &str) -> Value {
    serde_json::from_str(stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"))
}

fn messages(space: &Space, queue: &str, count: u64) {
    eventually(&format!("{count} messages in {queue}"), || {
        (space.queue(queue)?["messages"].as_u64() == Some(count)).then_some(())
    });
}

#[test]
fn workers_of_both_libraries_receive_what_we_publish() {
    let space = Space::new();
    let salt = Worker::start(&space, Library::CelerySalt, Results::Redis);
    let tchu = Worker::start(&space, Library::TchuTchu, Results::Redis);
    for protocol in ["2", "1"] {
        let outcome = space
            .celerysalt(&["publish", "user.signup.completed", SIGNUP, "--version", "v1"])
            .args(&["--protocol", protocol, "-o", "jsonl"])
            .run();
        let report = report(&outcome.stdout);
        assert_eq!((outcome.code, &report["routed"]), (Some(0), &json!(true)), "{outcome}");
    }
    let outcome = space
        .celerysalt(&["publish", "invoice.paid", r#"{"invoice_id": 7}"#])
        .args(&["--task", "tchu_tchu.dispatch_event"])
        .run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let signup = json!({
        "topic": "user.signup.completed",
        "payload": {
            "user_id": 1, "email": "zoë@example.com", "company_id": 7, "signup_source": "web",
        },
    });
    assert_eq!(salt.wait_for_events(2), [signup.clone(), signup]);
    assert_eq!(
        tchu.wait_for_events(1),
        [json!({"topic": "invoice.paid", "payload": {"invoice_id": 7}})]
    );
}

#[test]
fn an_event_that_nobody_receives_is_unroutable() {
    let space = Space::new();
    let outcome = space.celerysalt(&["publish", "nobody.listens", "{}"]).run();
    insta::assert_snapshot!(outcome, @r#"
    exit code: 7
    --- stdout ---
    --- stderr ---
    error: no queue is bound to "nobody.listens" on the exchange "tchu_events"

    hint: see why each queue does not: `celerysalt bindings route nobody.listens --explain`
    hint: a service binds its queue when its worker starts; --allow-unroutable if nobody has to listen
    "#);
    let outcome = space.celerysalt(&["publish", "nobody.listens", "{}", "-o", "jsonl"]).run();
    assert_eq!(outcome.code, Some(7));
    let facts = report(&outcome.stdout);
    assert_eq!((&facts["confirmed"], &facts["routed"]), (&json!(true), &json!(false)));
    space.declare_queue("service_queue", &["user.#", "nobody.listened"]);
    let near = space.celerysalt(&["publish", "nobody.listens", "{}"]).run();
    insta::assert_snapshot!(near);
    let allowed = ["publish", "nobody.listens", "{}", "--allow-unroutable"];
    assert_eq!(space.celerysalt(&allowed).run().code, Some(0));
}

#[test]
fn a_broken_line_is_named_and_the_rest_is_published() {
    let space = Space::new();
    space.declare_queue("all", &["#"]);
    let lines = "{\"n\": 1}\n\n{\"n\": \n{\"n\": 3}\n[4]\n{\"n\": 5}\n";
    let outcome = space.celerysalt(&["publish", "numbers", "-"]).input(lines).run();
    let timed = outcome.stdout.lines().last().unwrap_or_default().to_owned();
    let shown = outcome.to_string().replace(&timed, "TIME");
    insta::assert_snapshot!(shown, @r#"
    exit code: 8
    --- stdout ---
    outcome	events
    published	3
    unroutable	0
    invalid	2
    failed	0
    TIME
    --- stderr ---
    warning: line 3: the line is not JSON: the text ends where a value should be (at byte 5)
    warning: line 5: the line is a list, but an event is a JSON object
    "#);
    messages(&space, "all", 3);
}

#[test]
fn a_batch_tells_published_from_unroutable() {
    let space = Space::new();
    space.declare_queue("some", &["known"]);
    let record = |topic: &str| {
        format!(r#"{{"kind":"event","topic":"{topic}","payload":{{}},"delivery":{{}}}}"#)
    };
    let lines: Vec<String> =
        (0..200).map(|n| record(if n % 4 == 0 { "unknown" } else { "known" })).collect();
    let gap = r#"{"kind":"gap","since":"2026-01-02T03:04:05.678Z","until":"2026-01-02T03:04:06Z"}"#;
    let input = format!("{}\n{gap}\n", lines.join("\n"));
    let outcome = space.celerysalt(&["publish", "-", "-o", "json"]).input(input).run();
    let report = report(&outcome.stdout);
    assert_eq!(outcome.code, Some(8), "{outcome}");
    assert_eq!(
        (&report["published"], &report["unroutable"]),
        (&json!(150), &json!(50)),
        "{report}"
    );
    assert_eq!((&report["skipped"], &report["lines_done"]), (&json!(1), &json!(201)), "{report}");
    messages(&space, "some", 150);
}

#[test]
fn ctrl_c_in_a_batch_says_where_to_go_on() {
    let space = Space::new();
    space.declare_queue("all", &["#"]);
    let mut batch =
        space.celerysalt(&["publish", "numbers", "-", "--rate", "50/s", "-o", "json"]).spawn();
    let lines: String = (0..1000).map(|n| format!("{{\"n\": {n}}}\n")).collect();
    batch.stdin.as_mut().unwrap().write_all(lines.as_bytes()).unwrap();
    eventually("some events are published", || {
        (space.queue("all")?["messages"].as_u64() >= Some(5)).then_some(())
    });
    batch.signal(Signal::SIGINT);
    let outcome = batch.wait();
    assert_eq!(outcome.code, Some(130), "{outcome}");
    let first = report(&outcome.stdout);
    let done = first["published"].as_u64().unwrap();
    assert_eq!(first["lines_done"], first["published"], "{outcome}");
    assert!(outcome.stderr.contains(&format!("--skip {done}")), "{outcome}");

    let skip = done.to_string();
    let outcome = space
        .celerysalt(&["publish", "numbers", "-", "--skip", &skip, "-o", "json"])
        .input(lines)
        .run();
    assert_eq!(report(&outcome.stdout)["published"].as_u64(), Some(1000 - done), "{outcome}");
    messages(&space, "all", 1000);
}

#[test]
fn a_broker_that_restarts_under_a_batch_loses_nothing_that_was_confirmed() {
    let mut sandbox = own_sandbox();
    let space = Space::within(&sandbox);
    space.declare_queue("all", &["#"]);
    let mut batch =
        space.celerysalt(&["publish", "numbers", "-", "--rate", "300/s", "-o", "json"]).spawn();
    let lines: String = (0..6000).map(|n| format!("{{\"n\": {n}}}\n")).collect();
    let mut stdin = batch.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    eventually("some events are published", || {
        (space.queue("all")?["messages"].as_u64() >= Some(100)).then_some(())
    });
    sandbox.restart_broker().unwrap();
    writer.join().unwrap().unwrap();
    let outcome = batch.wait();
    let report = report(&outcome.stdout);
    let count = |name: &str| report[name].as_u64().unwrap();
    assert_eq!(count("published") + count("in_doubt"), 6000, "{outcome}");
    assert!(outcome.stderr.contains("connected to the broker again"), "{outcome}");
    assert_eq!(outcome.code, Some(if count("in_doubt") > 0 { 8 } else { 0 }), "{outcome}");
    let doubted: u64 = report["in_doubt_lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|range| range[1].as_u64().unwrap() - range[0].as_u64().unwrap() + 1)
        .sum();
    assert_eq!(doubted, count("in_doubt"), "{report}");
    eventually("everything confirmed is in the queue", || {
        let found = space.queue("all")?["messages"].as_u64()?;
        (count("published")..=6000).contains(&found).then_some(())
    });
}

#[test]
fn an_event_of_20_megabytes_arrives_whole() {
    let space = Space::new();
    space.declare_queue("all", &["#"]);
    let payload = format!("{{\"text\": \"{}\"}}\n", "x".repeat(20 << 20));
    let outcome = space.celerysalt(&["publish", "big", "-", "-o", "json"]).input(payload).run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    eventually("the message is in the queue", || {
        (space.queue("all")?["message_bytes"].as_u64() > Some(20 << 20)).then_some(())
    });
}
