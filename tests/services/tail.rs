//! `celerysalt tail` against a real broker and real Python publishers.

use std::io::Write;
use std::process::Stdio;

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::harness::{Library, Running, Space, eventually, own_sandbox};

/// A tail whose queue is bound, so that nothing published from now on can be missed.
pub fn tailing(space: &Space, arguments: &[&str]) -> Running {
    let before = tail_queues(space);
    let running = space.celerysalt(&["tail"]).args(arguments).spawn();
    eventually("the tail's queue is bound", || {
        let queues = tail_queues(space);
        let new = queues.iter().find(|queue| !before.contains(queue))?;
        is_bound(space, new).then_some(())
    });
    running
}

pub fn is_bound(space: &Space, queue: &str) -> bool {
    !space.bindings(queue).is_empty()
}

pub fn tail_queues(space: &Space) -> Vec<String> {
    let queues = space.management.get(&format!("queues/{}", space.vhost));
    let is_for_events =
        |name: &&str| name.starts_with("celerysalt.tail.") && name.matches('.').count() == 2;
    let names = queues.as_array().into_iter().flatten().filter_map(|queue| queue["name"].as_str());
    names.filter(is_for_events).map(str::to_owned).collect()
}

fn publish(space: &Space, topic: &str, body: &str) {
    space.publish(topic, &json!({"content_type": "application/json"}), body.as_bytes());
}

fn record(tail: &mut Running) -> Value {
    serde_json::from_str(&tail.line().unwrap()).unwrap()
}

#[test]
fn what_python_services_publish_is_seen_as_they_meant_it() {
    let space = Space::new();
    let mut tail = tailing(&space, &["-o", "jsonl", "-n", "2"]);
    Library::CelerySalt.python(
        &space,
        "from service.app import app\n\
         from service.events import UserSignupCompleted\n\
         UserSignupCompleted.publish(user_id=12345678901234567890, email='zo\u{eb}', company_id=7)",
    );
    Library::TchuTchu.python(
        &space,
        "from tchu_service.app import app\n\
         from tchu_tchu import TchuClient\n\
         TchuClient(app).publish('invoice.paid', {'invoice_id': 7, 'total': 1.5})",
    );
    let salt = record(&mut tail);
    assert_eq!(salt["kind"], "event");
    assert_eq!(salt["topic"], "user.signup.completed");
    let payload =
        r#"{"user_id":12345678901234567890,"email":"zoë","company_id":7,"signup_source":"web"}"#;
    assert_eq!(salt["payload"].to_string(), payload);
    assert_eq!(salt["meta"]["version"], "v1");
    assert_eq!(salt["envelope"]["task"], "celery_salt.dispatch_event");
    let tchu = record(&mut tail);
    assert_eq!(tchu["topic"], "invoice.paid");
    assert_eq!(tchu["payload"].to_string(), r#"{"invoice_id":7,"total":1.5}"#);
    assert_eq!(tchu["envelope"]["task"], "tchu_tchu.dispatch_event");
    let outcome = tail.wait();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    eventually("nothing of ours is left", || tail_queues(&space).is_empty().then_some(()));
}

#[test]
fn messages_that_nobody_can_read_are_shown_and_the_stream_goes_on() {
    let space = Space::new();
    let messages: [(&str, Value, Vec<u8>); 4] = [
        ("bad.junk", json!({}), b"\xff\x00\x1b[2J".to_vec()),
        (
            "bad.gzip",
            json!({"content_type": "application/json",
                   "headers": {"compression": "application/x-gzip"}}),
            b"x\x9c\x03".to_vec(),
        ),
        (
            "bad.pickle",
            json!({"content_type": "application/x-python-serialize"}),
            b"cos\nsystem\n(S'true'\ntR.".to_vec(),
        ),
        ("bad.deep", json!({"content_type": "application/json"}), vec![b'['; 100_000]),
    ];
    let tail = tailing(&space, &["bad.#", "-n", "4"]);
    let strict = tailing(&space, &["bad.#", "--strict", "-o", "jsonl"]);
    for (topic, properties, body) in &messages {
        space.publish(topic, properties, body);
    }
    let outcome = tail.wait();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let without_time = |line: &str| match line.starts_with(' ') {
        true => format!("{line}\n"),
        false => format!("{}\n", &line["HH:MM:SS.mmm ".len()..]),
    };
    insta::assert_snapshot!(outcome.stdout.lines().map(without_time).collect::<String>());
    let outcome = strict.wait();
    assert_eq!((outcome.code, outcome.stdout.lines().count()), (Some(6), 1), "{outcome}");
    assert!(outcome.stdout.contains(r#""body_base64":"/wAbWzJK""#), "{outcome}");
}

#[test]
fn a_message_of_20_megabytes_arrives_whole() {
    let space = Space::new();
    let mut tail = tailing(&space, &["-o", "jsonl", "-n", "1"]);
    let text = "x".repeat(20_000_000);
    let line = json!({"text": text}).to_string();
    let sent = space.celerysalt(&["publish", "big.one", "-", "--allow-unroutable"]).input(line);
    assert_eq!(sent.run().code, Some(0));
    let record = record(&mut tail);
    assert_eq!(record["payload"]["text"].as_str().map(str::len), Some(20_000_000));
    assert_eq!(tail.wait().code, Some(0));
}

#[test]
fn the_limits_end_a_tail_with_their_own_exit_codes() {
    let space = Space::new();
    let table: [(&[&str], i32); 4] = [
        (&["-n", "1"], 0),
        (&["--idle", "300ms"], 0),
        (&["-n", "2", "--for", "500ms"], 5),
        (&["-n", "2", "--idle", "300ms", "-q"], 5),
    ];
    for (limits, code) in table {
        let tail = tailing(&space, &[limits, &["--payload-only"]].concat());
        publish(&space, "user.created", r#"{"id":1}"#);
        let outcome = tail.wait();
        // A tail that was already over when we published has shown nothing.
        assert!(["", "{\"id\":1}\n"].contains(&outcome.stdout.as_str()), "{outcome}");
        assert_eq!(outcome.code, Some(code), "{limits:?}: {outcome}");
    }
}

#[test]
fn a_signal_ends_a_tail_with_a_summary() {
    let space = Space::new();
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let filters = ["--exclude", "user.deleted", "--filter", ".payload.id > 1"];
        let mut tail = tailing(&space, &[&filters[..], &["--payload-only"]].concat());
        for (topic, id) in [("user.deleted", 2), ("user.created", 1), ("user.created", 2)] {
            publish(&space, topic, &format!(r#"{{"id":{id}}}"#));
        }
        assert_eq!(tail.line().as_deref(), Some(r#"{"id":2}"#));
        tail.signal(signal);
        let outcome = tail.wait();
        assert_eq!(outcome.code, Some(code), "{outcome}");
        let summary = "note: 3 events received, 1 shown, 1 excluded, 1 filtered out\n";
        assert!(outcome.stderr.ends_with(summary), "{outcome}");
    }
}

#[test]
fn a_tail_ends_with_its_reader_although_nothing_happens() {
    let space = Space::new();
    let (broker, mark) = (space.broker_url(), space.mark());
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_celerysalt"))
        .args(["tail", "--broker", &broker])
        .envs(mark)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    eventually("the tail's queue exists", || (!tail_queues(&space).is_empty()).then_some(()));
    drop(child.stdout.take());
    let status = eventually("the tail ends", || child.try_wait().unwrap());
    assert_eq!(status.code(), Some(0));
}

#[test]
fn a_slow_reader_loses_events_that_are_counted_and_said() {
    let space = Space::new();
    let mut tail = tailing(&space, &["-o", "jsonl", "--queue-limit", "10"]);
    tail.signal(Signal::SIGSTOP);
    // Far more than the socket's buffers hold, and less than the broker keeps for counting.
    let text = "x".repeat(40_000);
    let lines: String =
        (0..600).map(|id| format!(r#"{{"id":{id},"text":"{text}"}}"#) + "\n").collect();
    let sent = space.celerysalt(&["publish", "user.created", "-"]).input(lines).run();
    assert_eq!(sent.code, Some(0), "{sent}");
    tail.signal(Signal::SIGCONT);
    let (mut received, mut dropped) = (0, 0);
    while received + dropped < 600 {
        let record = record(&mut tail);
        match record["kind"].as_str() {
            Some("dropped") => dropped += record["count"].as_u64().unwrap(),
            _ => received += 1,
        }
    }
    assert_eq!(received + dropped, 600);
    assert!(dropped > 0 && received >= 10, "{received} received, {dropped} dropped");
    tail.signal(Signal::SIGINT);
    let outcome = tail.wait();
    let summary =
        format!("note: {received} events received, {received} shown, {dropped} dropped\n");
    assert!(outcome.stderr.ends_with(&summary), "{}", outcome.stderr);
}

#[test]
fn a_broker_that_restarts_leaves_a_gap_in_the_stream_and_in_the_recording() {
    let mut sandbox = own_sandbox();
    let space = Space::within(&sandbox);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.jsonl");
    let mut tail = tailing(&space, &["-o", "jsonl", "--record", file.to_str().unwrap()]);
    publish(&space, "user.created", r#"{"id":1}"#);
    assert_eq!(record(&mut tail)["payload"]["id"], 1);
    sandbox.restart_broker().unwrap();
    let gap = record(&mut tail);
    assert_eq!(gap["kind"], "gap");
    assert!(gap["since"].as_str() < gap["until"].as_str(), "{gap}");
    publish(&space, "user.created", r#"{"id":2}"#);
    assert_eq!(record(&mut tail)["payload"]["id"], 2);
    tail.signal(Signal::SIGINT);
    let outcome = tail.wait();
    assert_eq!(outcome.code, Some(130), "{outcome}");
    assert!(outcome.stderr.contains("note: connected again\n"), "{outcome}");
    assert!(outcome.stderr.ends_with("2 events received, 2 shown, 1 gap\n"), "{outcome}");
    assert_eq!(std::fs::read_to_string(file).unwrap(), outcome.stdout);
}

#[test]
fn a_recording_is_never_overwritten_but_added_to_on_request() {
    let space = Space::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    std::fs::File::create(&path)
        .unwrap()
        .write_all(b"{\"kind\":\"dropped\",\"count\":1}\n")
        .unwrap();
    let file = path.to_str().unwrap();
    let refused = space.celerysalt(&["tail", "--record", file]).run();
    assert_eq!(refused.code, Some(2), "{refused}");
    assert!(refused.stderr.contains("hint: record to another file, or add to this one"));
    let tail = tailing(&space, &["-n", "1", "-q", "--record", file, "--append"]);
    publish(&space, "user.created", r#"{"id":1}"#);
    assert_eq!(tail.wait().code, Some(0));
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
}
