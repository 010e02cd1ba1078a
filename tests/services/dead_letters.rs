//! `celerysalt dlq` and `celerysalt queue` against a real broker and a real Python worker.

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::harness::{
    Library, RawAmqp, RawMessage, Results, Space, Worker, eventually, long, short,
};

/// The queue `work`, bound to the topics, and `work.dead` behind it.
pub(super) fn work_and_its_dead(space: &Space, topics: &[&str]) {
    space.declare_queue("work.dead", &[]);
    let arguments = json!({"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "work.dead"});
    let queue = format!("queues/{}/work", space.vhost);
    space.management.put(&queue, &json!({"durable": true, "arguments": arguments}));
    for topic in topics {
        let path = format!("bindings/{}/e/tchu_events/q/work", space.vhost);
        space.management.post(&path, &json!({"routing_key": topic}));
    }
}

/// An event that dies in every queue at once, because it expires.
pub(super) fn publish_dying(space: &Space, topic: &str, number: u64, meta: &str) {
    let event = format!(r#"{{"n":{number},"_tchu_meta":{{{meta}}}}}"#);
    let body = json!([[event], {"routing_key": topic}, {"callbacks": null}]).to_string();
    let properties = json!({
        "content_type": "application/json", "content_encoding": "utf-8", "expiration": "0",
        "correlation_id": format!("id-{number}"),
        "headers": {"task": "celery_salt.dispatch_event", "id": format!("id-{number}"),
                    "lang": "py", "tenant": "acme"},
    });
    assert!(space.publish(topic, &properties, body.as_bytes()));
}

/// Events for `user.created`, numbered from 1, that die at once.
fn publish_many_dying(space: &Space, count: u64) {
    let mut raw = RawAmqp::connect(space);
    let headers = [&short("task")[..], b"S", &long(b"celery_salt.dispatch_event")].concat();
    // Content type, content encoding, headers, expiration.
    let properties = [
        &[0xE1, 0x00][..],
        &short("application/json"),
        &short("utf-8"),
        &long(&headers),
        &short("0"),
    ]
    .concat();
    for number in 1..=count {
        let event = format!(r#"{{"n":{number}}}"#);
        let body = json!([[event], {"routing_key": "user.created"}, {"callbacks": null}]);
        let message =
            RawMessage { properties: properties.clone(), body: body.to_string().into_bytes() };
        raw.publish("tchu_events", b"user.created", &message);
    }
    raw.flush();
}

/// The records of what is in a queue, through `queue peek`.
pub(super) fn records(space: &Space, queue: &str) -> Vec<Value> {
    first_records(space, queue, 100_000)
}

fn first_records(space: &Space, queue: &str, count: u32) -> Vec<Value> {
    let peek = ["queue", "peek", queue, "-n", &count.to_string(), "-o", "json"];
    let outcome = space.celerysalt(&peek).run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    serde_json::from_str(&outcome.stdout).unwrap()
}

pub(super) fn ids(records: &[Value]) -> Vec<String> {
    records.iter().map(|record| record["id"].as_str().unwrap_or("-").to_owned()).collect()
}

pub(super) fn wait_for_dead(space: &Space, count: usize) -> Vec<Value> {
    eventually("the messages are dead", || {
        Some(records(space, "work.dead")).filter(|records| records.len() >= count)
    })
}

pub(super) fn report(stdout: &str) -> Value {
    serde_json::from_str(stdout).unwrap()
}

#[test]
fn a_host_without_dead_letters_is_told_what_to_set() {
    let space = Space::new();
    let outcome = space.celerysalt(&["dlq", "list"]).run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert!(outcome.stdout.starts_with("No queue of this virtual host dead-letters"), "{outcome}");
    assert!(outcome.stdout.contains("task_acks_late = True"), "{outcome}");
    let json = space.celerysalt(&["dlq", "list", "-o", "json"]).run();
    assert_eq!(report(&json.stdout)["queues"], json!([]), "{json}");
}

#[test]
fn dead_letter_queues_are_found_through_arguments_and_policies() {
    let space = Space::new();
    work_and_its_dead(&space, &[]);
    let (management, vhost) = (&space.management, &space.vhost);
    management.put(&format!("exchanges/{vhost}/dead"), &json!({"type": "topic"}));
    space.declare_queue("mail", &[]);
    space.declare_queue("mail.dead", &[]);
    space.declare_queue("lossy", &[]);
    let path = format!("bindings/{vhost}/e/dead/q/mail.dead");
    management.post(&path, &json!({"routing_key": "mail.#"}));
    for (name, pattern, exchange, key) in
        [("to-dead", "^mail$", "dead", "mail.x"), ("to-nowhere", "^lossy$", "not.there", "lossy")]
    {
        let definition = json!({"dead-letter-exchange": exchange, "dead-letter-routing-key": key});
        let policy = json!({"pattern": pattern, "apply-to": "queues", "definition": definition});
        management.put(&format!("policies/{vhost}/{name}"), &policy);
    }
    let list = eventually("the policies are in effect", || {
        let outcome = space.celerysalt(&["dlq", "list", "-o", "json"]).run();
        assert_eq!(outcome.code, Some(0), "{outcome}");
        let list = report(&outcome.stdout);
        let is_whole =
            list["queues"].as_array()?.len() == 2 && !list["lost"].as_array()?.is_empty();
        is_whole.then_some(list)
    });
    let source = |queue: &Value| queue["sources"].clone();
    assert_eq!(list["queues"][0]["queue"], "mail.dead");
    assert_eq!(
        source(&list["queues"][0]),
        json!([{"queue": "mail", "exchange": "dead", "routing_key": "mail.x",
                "set_by": "policy to-dead"}])
    );
    assert_eq!(source(&list["queues"][1])[0]["set_by"], "arguments");
    assert_eq!(
        (&list["lost"][0]["queue"], &list["lost"][0]["reason"]),
        (&json!("lossy"), &json!("no_exchange"))
    );
}

#[test]
fn a_handler_that_raised_is_shown_with_its_exception_and_only_it_runs_again() {
    let space = Space::new();
    let settings = ["--", "task.acks_late=1", "task.acks_on_failure_or_timeout=0"];
    let worker = Worker::start_with(&space, (Library::CelerySalt, Results::Redis), &settings);
    space.declare_queue("service.dead", &[]);
    let policy = json!({
        "pattern": "^service_queue$", "apply-to": "queues",
        "definition": {"dead-letter-exchange": "", "dead-letter-routing-key": "service.dead"},
    });
    space.management.put(&format!("policies/{}/dead", space.vhost), &policy);
    let bad = r#"{"order_id":"seven","total":1}"#;
    let show = ["dlq", "show", "service.dead", "-o", "jsonl"];
    // Until the policy has reached the queue, a rejected message is gone.
    let letter = eventually("a dead letter", || {
        let publish = ["publish", "order.created", bad, "--version", "v2"];
        let published = space.celerysalt(&publish).run();
        assert_eq!(published.code, Some(0), "{published}");
        let outcome = space.celerysalt(&show).run();
        assert_eq!(outcome.code, Some(0), "{outcome}");
        let line = outcome.stdout.lines().next()?.to_owned();
        Some(report(&line))
    });
    let past = &letter["dead_letter"];
    assert_eq!(past["original_queue"], "service_queue", "{letter}");
    assert_eq!(past["original_topic"], "order.created", "{letter}");
    assert_eq!(past["deaths"][0]["reason"], "rejected", "{letter}");
    assert!(past["exception"].as_str().unwrap().starts_with("CelerySaltError: Event validation"));
    assert!(past["traceback"].as_str().unwrap().contains("validated_handler"), "{letter}");
    assert_eq!(letter["envelope"]["task"], "celery_salt.order.created.book");

    eventually("the policy is listed", || {
        let list = space.celerysalt(&["dlq", "list", "-o", "json"]).run();
        (!report(&list.stdout)["queues"].as_array()?.is_empty()).then_some(())
    });
    let only_this = format!(".id == {}", letter["id"]);
    let retry = ["dlq", "retry", "service.dead", "--filter", &only_this, "-o", "json"];
    let retried = space.celerysalt(&retry).run();
    assert_eq!(retried.code, Some(0), "{retried}");
    assert_eq!(report(&retried.stdout)["destinations"], json!({"queue service_queue": 1}));
    let again = eventually("it died again", || {
        let outcome = space
            .celerysalt(&["dlq", "show", "service.dead"])
            .args(&["-n", "1000", "--filter", &only_this, "-o", "jsonl"])
            .run();
        let record = report(outcome.stdout.lines().next()?);
        (record["dead_letter"]["retries"] == 1).then_some(record)
    });
    assert_eq!(again["dead_letter"]["deaths"][0]["count"], 2, "{again}");
    let id = letter["id"].as_str().unwrap();
    let (event, _handler) = id.split_once(':').unwrap();
    let runs = |name: String| worker.log().matches(&format!("{name} received")).count();
    assert_eq!(runs(format!("celery_salt.order.created.book[{id}]")), 2, "{}", worker.log());
    assert_eq!(runs(format!("celery_salt.dispatch_event[{event}]")), 1);

    let guarded = space.celerysalt(&retry).args(&["--max-retries", "1"]).run();
    assert_eq!(guarded.code, Some(8), "{guarded}");
    assert_eq!(report(&guarded.stdout)["left"]["looping"], 1, "{guarded}");
    let deaths = space.celerysalt(&retry).args(&["--max-deaths", "2"]).run();
    assert_eq!(report(&deaths.stdout)["left"]["looping"], 1, "{deaths}");
}

#[test]
fn looking_changes_nothing_but_the_redelivered_flag() {
    let space = Space::new();
    work_and_its_dead(&space, &["user.#"]);
    for number in 1..=5 {
        publish_dying(&space, "user.created", number, "");
    }
    let first = wait_for_dead(&space, 5);
    let expected = ["id-1", "id-2", "id-3", "id-4", "id-5"];
    assert_eq!(ids(&first), expected);
    let outcome = space.celerysalt(&["dlq", "show", "work.dead", "-n", "2"]).run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert_eq!(outcome.stdout.matches("died in work: expired").count(), 2, "{outcome}");
    assert!(outcome.stderr.contains("2 of 5 messages shown, none removed"), "{outcome}");
    let filtered =
        ["queue", "peek", "work.dead", "--filter", ".payload.n > 3", "-o", "jsonl", "-n", "1"];
    let outcome = space.celerysalt(&filtered).run();
    let record = report(&outcome.stdout);
    assert_eq!((&record["id"], &record["position"]), (&json!("id-4"), &json!(4)), "{outcome}");
    let again = records(&space, "work.dead");
    assert_eq!(ids(&again), expected);
    assert!(again.iter().all(|record| record["delivery"]["redelivered"] == true));
}

#[test]
fn a_retry_reaches_the_original_queue_only_and_keeps_the_message_whole() {
    let space = Space::new();
    work_and_its_dead(&space, &["user.#"]);
    for number in 1..=100 {
        publish_dying(&space, "user.created", number, r#""version":"v3""#);
    }
    let dead = wait_for_dead(&space, 100);
    space.declare_queue("other", &["user.#"]);
    let rehearsed = space.celerysalt(&["dlq", "retry", "work.dead", "--dry-run"]).run();
    assert_eq!(
        rehearsed.stdout.lines().last().unwrap(),
        "100 of 100 messages in work.dead would be sent"
    );
    let outcome = space.celerysalt(&["dlq", "retry", "work.dead", "-o", "json"]).run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let report = report(&outcome.stdout);
    assert_eq!((&report["sent"], &report["possible_duplicates"]), (&json!(100), &json!([])));
    assert!(records(&space, "work.dead").is_empty());
    assert!(records(&space, "other").is_empty());
    let back = records(&space, "work");
    assert_eq!(ids(&back), ids(&dead));
    for (before, after) in dead.iter().zip(&back) {
        assert_eq!(before["payload"], after["payload"]);
        assert_eq!(before["meta"], after["meta"]);
        assert_eq!(after["envelope"]["headers"]["tenant"], "acme");
        assert_eq!(after["envelope"]["correlation_id"], before["envelope"]["correlation_id"]);
        assert_eq!(after["dead_letter"]["retries"], 1);
    }
}

#[test]
fn a_retry_to_the_topic_reaches_every_subscriber_but_no_request_without_being_asked() {
    let space = Space::new();
    work_and_its_dead(&space, &["user.#", "rpc.#"]);
    publish_dying(&space, "user.created", 1, "");
    publish_dying(&space, "rpc.add", 2, r#""is_rpc":true"#);
    wait_for_dead(&space, 2);
    space.declare_queue("other", &["user.#"]);
    let outcome =
        space.celerysalt(&["dlq", "retry", "work.dead", "--to-topic", "-o", "json"]).run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let report = report(&outcome.stdout);
    assert_eq!(report["destinations"], json!({"topic user.created": 1}), "{outcome}");
    assert_eq!(report["left"]["rpc_requests"], 1, "{outcome}");
    assert_eq!(ids(&records(&space, "other")), ["id-1"]);
    assert_eq!(ids(&records(&space, "work")), ["id-1"]);
    let outcome = space.celerysalt(&["dlq", "retry", "work.dead", "--include-rpc"]).run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert_eq!(ids(&records(&space, "work")), ["id-1", "id-2"]);
}

#[test]
fn what_cannot_be_delivered_stays() {
    let space = Space::new();
    work_and_its_dead(&space, &["user.#"]);
    publish_dying(&space, "user.created", 1, "");
    wait_for_dead(&space, 1);
    space.management.try_delete(&format!("queues/{}/work", space.vhost));
    // Nobody but the message says now that there was such a queue.
    for trust in [&[][..], &["--trust-headers"]] {
        let outcome = space.celerysalt(&["dlq", "retry", "work.dead"]).args(trust).run();
        assert_eq!(outcome.code, Some(7), "{outcome}");
        assert!(outcome.stdout.contains("1 left: the destination does not exist"), "{outcome}");
    }
    let moved = space.celerysalt(&["queue", "move", "work.dead", "nowhere"]).run();
    assert_eq!(moved.code, Some(7), "{moved}");
    assert_eq!(ids(&records(&space, "work.dead")), ["id-1"]);
}

/// Commands that take messages out of `work.dead`, and the queue they go to.
const MOVERS: [(&[&str], &str); 3] = [
    (&["dlq", "retry", "work.dead"], "work"),
    (&["queue", "move", "work.dead", "parked"], "parked"),
    (&["replay", "work.dead", "--remove"], "parked"),
];

/// The numbers in the payloads, which outlive every change of the ids.
fn numbers(records: &[Value]) -> Vec<u64> {
    records.iter().filter_map(|record| record["payload"]["n"].as_u64()).collect()
}

#[test]
fn whoever_is_killed_while_moving_messages_loses_none() {
    // With a rate each message is on its own; at full speed a window of 64 is under way.
    for ((command, to), (rate, count, duplicates)) in MOVERS
        .into_iter()
        .flat_map(|mover| [(&["--rate", "20/s"][..], 40, 1), (&[], 5_000, 64)].map(|r| (mover, r)))
    {
        let space = Space::new();
        work_and_its_dead(&space, &["user.#"]);
        publish_many_dying(&space, count);
        let dead = wait_for_dead(&space, usize::try_from(count).unwrap());
        space.declare_queue("parked", &["user.created"]);
        let running = space.celerysalt(command).args(rate).spawn();
        eventually("some are sent", || (first_records(&space, to, 3).len() >= 3).then_some(()));
        running.signal(Signal::SIGKILL);
        let killed = running.wait();
        assert_eq!(killed.code, None, "{command:?} was too fast: {killed}");
        let (sent, left) = eventually("the broker has put the rest back", || {
            let (sent, left) = (records(&space, to), records(&space, "work.dead"));
            (sent.len() + left.len() >= dead.len()).then_some((sent, left))
        });
        let twice = sent.len() + left.len() - dead.len();
        assert!(twice <= duplicates, "{command:?} left {twice} at both places");
        let mut all = [numbers(&sent), numbers(&left)].concat();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all, (1..=count).collect::<Vec<_>>(), "{command:?}");
    }
}

#[test]
fn an_interrupted_retry_reports_what_it_did() {
    let space = Space::new();
    work_and_its_dead(&space, &["user.#"]);
    for number in 1..=40 {
        publish_dying(&space, "user.created", number, "");
    }
    wait_for_dead(&space, 40);
    let retry = ["dlq", "retry", "work.dead", "--rate", "20/s", "-o", "json"];
    let running = space.celerysalt(&retry).spawn();
    eventually("some are sent", || (records(&space, "work").len() >= 3).then_some(()));
    running.signal(Signal::SIGINT);
    let outcome = running.wait();
    assert_eq!(outcome.code, Some(130), "{outcome}");
    let report = report(&outcome.stdout);
    assert_eq!(report["possible_duplicates"], json!([]), "{outcome}");
    let sent = usize::try_from(report["sent"].as_u64().unwrap()).unwrap();
    assert_eq!(records(&space, "work").len(), sent);
    assert_eq!(records(&space, "work.dead").len(), 40 - sent);
}

#[test]
fn messages_that_nobody_can_read_are_shown_and_moved_unchanged() {
    let space = Space::new();
    space.declare_queue("from", &["bad.#"]);
    space.declare_queue("to", &[]);
    let bodies: [&[u8]; 3] = [b"\xff\x00\x1b[2J", b"", b"cos\nsystem\n(S'true'\ntR."];
    for body in bodies {
        let properties = json!({"content_type": "application/x-python-serialize",
                                "headers": {"esc": "\u{1b}[31m", "x-death": "forged"}});
        assert!(space.publish("bad.body", &properties, body));
    }
    let shown = space.celerysalt(&["dlq", "show", "from"]).run();
    assert_eq!(shown.code, Some(0), "{shown}");
    assert!(!shown.stdout.chars().any(|c| c.is_control() && c != '\n'), "{shown}");
    let moved = space.celerysalt(&["queue", "move", "from", "to", "-n", "2", "-o", "json"]).run();
    assert_eq!(moved.code, Some(0), "{moved}");
    assert_eq!(report(&moved.stdout)["sent"], 2);
    let taken = space.take("to");
    assert_eq!(taken.as_array().unwrap().len(), 2);
    assert_eq!(taken[1]["payload_bytes"], 0);
    assert_eq!(taken[0]["properties"]["headers"]["esc"], "\u{1b}[31m");
    assert_eq!(records(&space, "from").len(), 1);
}

#[test]
fn purging_asks_first_and_dlq_purge_only_empties_dead_letter_queues() {
    let space = Space::new();
    work_and_its_dead(&space, &["user.#"]);
    publish_dying(&space, "user.created", 1, "");
    wait_for_dead(&space, 1);
    let asked = space.celerysalt(&["dlq", "purge", "work.dead"]).run();
    assert_eq!(asked.code, Some(2), "{asked}");
    assert!(asked.stderr.contains("--yes"), "{asked}");
    let refused = space.celerysalt(&["dlq", "purge", "work", "--yes"]).run();
    assert_eq!(refused.code, Some(1), "{refused}");
    assert_eq!(records(&space, "work.dead").len(), 1);
    let purged = space.celerysalt(&["dlq", "purge", "work.dead", "--yes", "-o", "json"]).run();
    assert_eq!(report(&purged.stdout), json!({"queue": "work.dead", "purged": 1}), "{purged}");
    let purged = space.celerysalt(&["queue", "purge", "work"]).run();
    assert_eq!((purged.code, purged.stdout.as_str()), (Some(0), "0 messages removed from work\n"));
}

#[test]
fn queues_that_cannot_be_looked_into_without_harm_are_refused() {
    let space = Space::new();
    for kind in ["quorum", "stream"] {
        let queue = json!({"durable": true, "arguments": {"x-queue-type": kind}});
        space.management.put(&format!("queues/{}/{kind}", space.vhost), &queue);
    }
    let refused = space.celerysalt(&["queue", "peek", "quorum"]).run();
    assert_eq!(refused.code, Some(2), "{refused}");
    assert!(refused.stderr.contains("--count-delivery"), "{refused}");
    let accepted = space.celerysalt(&["queue", "peek", "quorum", "--count-delivery"]).run();
    assert_eq!(accepted.code, Some(0), "{accepted}");
    let stream = space.celerysalt(&["dlq", "show", "stream", "--count-delivery"]).run();
    assert_eq!(stream.code, Some(2), "{stream}");
    let missing = space.celerysalt(&["dlq", "show", "not.there"]).run();
    assert_eq!(missing.code, Some(4), "{missing}");
    assert!(missing.stderr.contains("the queue \"not.there\" does not exist"), "{missing}");
}

/// `first` rejects into `second`, where messages expire into `third`, which keeps none and drops
/// them into `end`. RabbitMQ turns the list of earlier deaths round each time.
fn three_deaths(space: &Space, topic: &str, properties: &Value, body: &[u8]) {
    let queue = |name: &str, next: &str, limits: Value| {
        let mut arguments =
            json!({"x-dead-letter-exchange": "", "x-dead-letter-routing-key": next});
        arguments.as_object_mut().unwrap().extend(limits.as_object().unwrap().clone());
        let path = format!("queues/{}/{name}", space.vhost);
        space.management.put(&path, &json!({"durable": true, "arguments": arguments}));
    };
    space.declare_queue("end", &[]);
    queue("third", "end", json!({"x-max-length": 0}));
    queue("second", "third", json!({"x-message-ttl": 0}));
    queue("first", "second", json!({"x-max-length": 0}));
    let path = format!("bindings/{}/e/tchu_events/q/first", space.vhost);
    space.management.post(&path, &json!({"routing_key": "#"}));
    assert!(space.publish(topic, properties, body));
    eventually("the message died three times", || {
        (space.queue("end")?["messages_ready"] == 1).then_some(())
    });
}

#[test]
fn after_several_deaths_a_message_still_belongs_to_the_topic_it_was_published_to() {
    let space = Space::new();
    three_deaths(&space, "user.created", &json!({"content_type": "text/plain"}), b"plain");
    let records = records(&space, "end");
    let deaths = records[0]["dead_letter"]["deaths"].as_array().unwrap();
    let queues: Vec<&str> = deaths.iter().map(|death| death["queue"].as_str().unwrap()).collect();
    assert_eq!((queues[0], queues[2]), ("third", "first"), "{}", records[0]);
    let dry = ["dlq", "retry", "end", "--to-topic", "--dry-run", "-o", "json"];
    let run = space.celerysalt(&dry).run();
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run}"));
    assert_eq!(report["destinations"], json!({"topic user.created": 1}), "{run}");
}

#[test]
fn queues_that_cannot_be_read_say_why() {
    let space = Space::new();
    let stream = json!({"durable": true, "arguments": {"x-queue-type": "stream"}});
    space.management.put(&format!("queues/{}/log", space.vhost), &stream);
    let tail = space.celerysalt(&["tail", "-o", "jsonl"]).spawn();
    let own = eventually("the tail has its queue", || {
        let queues = space.management.get(&format!("queues/{}", space.vhost));
        let queues = queues.as_array().unwrap().clone();
        let names = queues.iter().filter_map(|queue| queue["name"].as_str());
        names.filter(|name| name.starts_with("celerysalt.tail.")).map(str::to_owned).next()
    });
    for (arguments, reason) in [
        (&["queue", "purge", "log", "--yes"][..], "not supported by stream queues"),
        (&["queue", "peek", &own], "is exclusive: only the connection that declared it"),
        (&["queue", "purge", &own, "--yes"], "is exclusive: only the connection that declared it"),
    ] {
        let run = space.celerysalt(arguments).run();
        assert_eq!(run.code, Some(4), "{run}");
        assert!(run.stderr.contains(reason) && !run.stderr.contains("log_tail"), "{run}");
    }
    tail.signal(Signal::SIGINT);
}

#[test]
fn without_the_management_api_the_hint_is_about_that_and_not_the_broker() {
    let space = Space::new();
    space.declare_queue("dead", &[]);
    for arguments in [&["list"][..], &["retry", "dead"], &["purge", "dead", "--yes"]] {
        let run = space
            .celerysalt(&["dlq"])
            .args(arguments)
            .env("CELERYSALT_MANAGEMENT_URL", "http://127.0.0.1:1")
            .run();
        assert_eq!(run.code, Some(4), "{run}");
        let hint =
            "hint: dead-letter queues are found through the management API, which has a port";
        assert!(run.stderr.contains(hint) && !run.stderr.contains("start the broker"), "{run}");
    }
}
