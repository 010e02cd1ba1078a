//! `celerysalt replay QUEUE` against a real broker.

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use super::dead_letters::{ids, publish_dying, records, report, wait_for_dead, work_and_its_dead};
use crate::harness::{Celerysalt, Space, eventually};

/// The report without what differs from run to run.
fn settled(mut report: Value) -> Value {
    for timing in ["elapsed_seconds", "rate_per_second"] {
        report[timing].take();
    }
    report
}

fn replay(space: &Space, arguments: &[&str]) -> Celerysalt {
    space.celerysalt(&["replay", "work.dead", "-o", "json"]).args(arguments)
}

#[test]
fn a_replay_reaches_every_subscriber_and_leaves_the_queue_as_it_was() {
    let space = Space::new();
    work_and_its_dead(&space, &["user.#"]);
    for number in 1..=3 {
        publish_dying(&space, "user.created", number, r#""version":"v3","correlation_id":"c-1""#);
    }
    let dead = wait_for_dead(&space, 3);
    space.declare_queue("other", &["user.#"]);
    let outcome = replay(&space, &[]).run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    insta::assert_snapshot!(format!("{:#}\n{}", settled(report(&outcome.stdout)), outcome.stderr));
    let kept = records(&space, "work.dead");
    assert_eq!(ids(&kept), ids(&dead));
    for queue in ["work", "other"] {
        let copies = records(&space, queue);
        assert_eq!(copies.len(), 3, "{queue}");
        for (before, after) in dead.iter().zip(&copies) {
            assert_eq!(before["payload"], after["payload"]);
            assert_eq!(before["meta"], after["meta"]);
            assert_eq!(after["topic"], "user.created");
            assert_ne!(after["id"], before["id"]);
            assert_eq!(after["dead_letter"], Value::Null);
            let headers = json!({"tenant": "acme", "x-celerysalt-retries": 1});
            assert_eq!(after["envelope"]["headers"], headers);
        }
    }
}

#[test]
fn what_is_published_is_removed_only_when_asked() {
    let space = Space::new();
    work_and_its_dead(&space, &["user.#", "lost.#"]);
    for number in 1..=150 {
        publish_dying(&space, "user.created", number, "");
    }
    publish_dying(&space, "lost.event", 151, "");
    wait_for_dead(&space, 151);
    // Nobody is bound to the topic of the last one any more.
    let (vhost, queue) = (&space.vhost, "work");
    let unbind = format!("bindings/{vhost}/e/tchu_events/q/{queue}/lost.%23");
    assert_eq!(space.management.request("DELETE", &unbind, None).0, 204);
    let outcome = replay(&space, &["--remove"]).run();
    assert_eq!(outcome.code, Some(8), "{outcome}");
    assert_eq!(outcome.stderr, "warning: message 151: no queue is bound to its topic\n");
    let report = report(&outcome.stdout);
    assert_eq!((&report["published"], &report["unroutable"]), (&json!(150), &json!(1)));
    assert_eq!(report["queue"]["removed"], 150, "{outcome}");
    assert_eq!(report["queue"]["possible_duplicates"], json!([]), "{outcome}");
    assert_eq!(ids(&records(&space, "work.dead")), ["id-151"]);
    assert_eq!(records(&space, "work").len(), 150);
    let only = replay(&space, &[]).run();
    assert_eq!(only.code, Some(7), "{only}");
}

#[test]
fn what_is_not_replayed_is_counted_by_its_reason() {
    let space = Space::new();
    work_and_its_dead(&space, &["#"]);
    publish_dying(&space, "user.created", 1, "");
    publish_dying(&space, "user.created", 2, "");
    publish_dying(&space, "order.created", 3, "");
    publish_dying(&space, "rpc.add", 4, r#""is_rpc":true"#);
    let dying = |headers: Value| {
        json!({"content_type": "application/json", "expiration": "0",
                                        "headers": headers})
    };
    let task = dying(json!({"task": "service.book", "id": "1:handler"}));
    assert!(space.publish("work", &task, br#"[[1],{},{"callbacks":null}]"#));
    assert!(space.publish("user.created", &dying(json!({"task": "x", "id": "2"})), b"{"));
    let often = dying(json!({"x-celerysalt-retries": 3}));
    assert!(space.publish("user.raw", &often, br#"{"n":5}"#));
    wait_for_dead(&space, 7);
    space.declare_queue("sink", &["user.#", "order.#", "rpc.#"]);
    let choice = ["--topic", "user.*", "--topic", "rpc.*", "--filter", ".payload.n != 2"];
    let mut shown = String::new();
    for (arguments, published) in [(&choice[..], 1), (&[], 3)] {
        let outcome = replay(&space, arguments).run();
        assert_eq!(outcome.code, Some(8), "{outcome}");
        let report = report(&outcome.stdout);
        assert_eq!(report["published"], published, "{outcome}");
        assert_eq!(report["skipped"], 7 - published, "{outcome}");
        shown.push_str(&format!("{:#}\n{}", report["queue"], outcome.stderr));
    }
    insta::assert_snapshot!(shown);
    assert_eq!(records(&space, "sink").len(), 4);
    let all = replay(&space, &["--max-retries", "9", "--to", "queue:parked"]);
    space.declare_queue("parked", &[]);
    let outcome = all.args(&["--include-rpc"]).run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let parked = records(&space, "parked");
    let kinds: Vec<&str> = parked.iter().filter_map(|record| record["kind"].as_str()).collect();
    assert_eq!(kinds, ["event", "event", "event", "rpc_request", "task", "raw"]);
    assert_eq!(records(&space, "sink").len(), 4);
}

#[test]
fn a_dry_run_of_a_queue_publishes_and_removes_nothing() {
    let space = Space::new();
    work_and_its_dead(&space, &["user.#"]);
    for number in 1..=3 {
        publish_dying(&space, "user.created", number, "");
    }
    wait_for_dead(&space, 3);
    let rehearse = ["replay", "work.dead", "--dry-run", "--skip", "1", "--to", "copy"];
    let outcome = space.celerysalt(&rehearse).run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    insta::assert_snapshot!(outcome);
    assert_eq!(records(&space, "work.dead").len(), 3);
    assert_eq!(records(&space, "work").len(), 0);
}

#[test]
fn what_cannot_be_replayed_explains_itself() {
    let space = Space::new();
    work_and_its_dead(&space, &["user.#"]);
    space.management.put(
        &format!("queues/{}/quorum", space.vhost),
        &json!({"durable": true, "arguments": {"x-queue-type": "quorum"}}),
    );
    let run = |arguments: &[&str]| {
        let outcome = space.celerysalt(&["replay"]).args(arguments).run();
        let broker = format!("127.0.0.1:{}", port(&space.broker_url()));
        format!("{arguments:?}\n{outcome}\n").replace(&broker, "BROKER").replace(&space.vhost, "V")
    };
    let mut shown = String::new();
    for arguments in [
        &["work.dead", "-q"][..],
        &["work.dead"],
        &["not.there"],
        &["queue:not.there"],
        &["quorum"],
        &["work.dead", "--to", "queue:work.dead"],
    ] {
        shown.push_str(&run(arguments));
    }
    let shown: String = shown
        .lines()
        .map(|line| match line.contains(" events/s") {
            true => "0s, 0 events/s\n".to_owned(),
            false => format!("{line}\n"),
        })
        .collect();
    insta::assert_snapshot!(shown);
}

fn port(url: &str) -> &str {
    let host = url.rsplit('@').next().unwrap();
    host.split_once(':').unwrap().1.split('/').next().unwrap()
}

#[test]
fn an_interrupted_replay_of_a_queue_says_where_to_go_on() {
    let space = Space::new();
    work_and_its_dead(&space, &["user.#"]);
    for number in 1..=40 {
        publish_dying(&space, "user.created", number, "");
    }
    wait_for_dead(&space, 40);
    space.declare_queue("sink", &["user.#"]);
    let running = replay(&space, &["--rate", "20/s"]).spawn();
    eventually("some are sent", || (records(&space, "sink").len() >= 3).then_some(()));
    running.signal(Signal::SIGINT);
    let outcome = running.wait();
    assert_eq!(outcome.code, Some(130), "{outcome}");
    let report = report(&outcome.stdout);
    let done = report["lines_done"].as_u64().unwrap();
    assert_eq!(report["published"], done, "{outcome}");
    let note = format!(
        "note: interrupted after {done} messages; go on with --skip {done}, as long as nobody else \
         reads work.dead\n"
    );
    assert_eq!(outcome.stderr, note);
    assert_eq!(records(&space, "work.dead").len(), 40);
    let rest = replay(&space, &["--skip", &done.to_string()]).run();
    assert_eq!(rest.code, Some(0), "{rest}");
    let mut numbers: Vec<u64> = records(&space, "sink")
        .iter()
        .filter_map(|record| record["payload"]["n"].as_u64())
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=40).collect::<Vec<_>>());
}
