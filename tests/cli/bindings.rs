//! `bindings` without a broker: everything out of a file of definitions.

use std::fs;

use celerysalt::topology::audit::rules;
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::sealed::Sealed;

fn definitions() -> Value {
    let exchange = |name: &str, kind: &str, arguments: Value| {
        json!({"name": name, "vhost": "/", "type": kind, "durable": true, "auto_delete": false,
               "internal": false, "arguments": arguments})
    };
    let queue = |name: &str, arguments: Value| {
        json!({"name": name, "vhost": "/", "durable": true, "auto_delete": false,
               "arguments": arguments})
    };
    let bind = |source: &str, kind: &str, to: &str, key: &str| {
        json!({"source": source, "vhost": "/", "destination": to, "destination_type": kind,
               "routing_key": key, "arguments": {}})
    };
    json!({
        "rabbit_version": "3.10.8",
        "vhosts": [{"name": "/"}, {"name": "other"}],
        "exchanges": [
            exchange("tchu_events", "topic", json!({"alternate-exchange": "lost"})),
            exchange("audit", "topic", json!({})),
            exchange("lost", "fanout", json!({})),
        ],
        "queues": [
            queue("service_queue", json!({"x-max-priority": 10})),
            queue("billing", json!({})),
            queue("audit_queue", json!({})),
            queue("lost_queue", json!({})),
            queue("celery", json!({})),
            queue("w@h.celery.pidbox", json!({})),
        ],
        "bindings": [
            bind("tchu_events", "queue", "service_queue", "user.#"),
            bind("tchu_events", "queue", "service_queue", "rpc.user.find"),
            bind("tchu_events", "queue", "billing", "user.create"),
            bind("tchu_events", "queue", "billing", "rpc.#"),
            bind("tchu_events", "queue", "billing", "order.*"),
            bind("tchu_events", "queue", "celery", "celery"),
            bind("tchu_events", "exchange", "audit", "audit.#"),
            bind("audit", "queue", "audit_queue", "audit.login.*"),
            bind("lost", "queue", "lost_queue", ""),
            bind("celery.pidbox", "queue", "w@h.celery.pidbox", ""),
        ],
        "policies": [],
    })
}

fn world() -> Sealed {
    Sealed::new().file("project/definitions.json", &definitions().to_string())
}

fn runs(world: &Sealed, lines: &[&str]) -> String {
    let run = |line: &&str| {
        let whole = format!("bindings {line} --definitions definitions.json");
        format!("$ {whole}\n{}\n", world.line(&whole))
    };
    lines.iter().map(run).collect()
}

#[test]
fn bindings_are_listed_and_filtered() {
    let lines = ["", "list --all", "list --queue billing", "list --topic user.*", "--topic nobody"];
    assert_snapshot!(runs(&world(), &lines));
    assert_snapshot!(runs(&world(), &["list --queue service_queue -o json"]));
}

#[test]
fn a_topic_is_followed_to_every_queue() {
    let lines = [
        "route user.created",
        "route user",
        "route order.paid --library tchu-tchu",
        "route audit.login.web",
        "route nobody.knows",
        "route audit.logout",
        "route rpc.user.find -o json",
    ];
    assert_snapshot!(runs(&world(), &lines));
}

#[test]
fn a_queue_that_does_not_receive_a_topic_is_explained() {
    let lines = [
        "route user.created --explain",
        "route order.paid.late --explain",
        "route audits.login.web --explain -o json",
    ];
    assert_snapshot!(runs(&world(), &lines));
}

#[test]
fn the_graph_is_drawn_in_three_ways() {
    let lines = ["graph", "graph --format dot", "graph --format mermaid", "graph --all -o json"];
    assert_snapshot!(runs(&world(), &lines));
}

#[test]
fn a_plan_says_who_gains_and_loses() {
    let lines = [
        "plan --add billing=user.* --remove service_queue=user.#",
        "plan --add billing=order.* --remove billing=nothing --add nobody=a -o json",
        "plan",
        "plan --add billing",
    ];
    assert_snapshot!(runs(&world(), &lines));
}

#[test]
fn registered_topics_are_part_of_a_plan_and_tell_requests() {
    let schema =
        json!({"topic": "user.find", "version": "v1", "mode": "rpc", "schema": {"type": "object"}});
    let world = world().file("project/schemas/user.find/v1.json", &schema.to_string());
    let lines = ["plan --add billing=user.*", "route user.find"];
    assert_snapshot!(runs(&world, &lines));
}

#[test]
fn a_file_that_does_not_fit_says_what_to_do() {
    let world = world()
        .file("project/empty.json", "{}")
        .file("project/broken.json", "{")
        .file("project/hostile.json", &hostile().to_string());
    let lines = [
        "bindings --definitions missing.json",
        "bindings --definitions empty.json",
        "bindings --definitions broken.json -o json",
        "bindings --definitions definitions.json --vhost third",
        "bindings --definitions definitions.json --vhost other",
        "bindings --definitions definitions.json --exchange events",
        "bindings --definitions hostile.json",
        "bindings --management http://127.0.0.1:1",
        "bindings route user.* --definitions definitions.json",
    ];
    let shown: String = lines.iter().map(|run| format!("$ {run}\n{}\n", world.line(run))).collect();
    assert_snapshot!(shown);
}

/// Fields of the wrong type, and a name that would steer a terminal.
fn hostile() -> Value {
    json!({
        "exchanges": [{"name": "tchu_events", "type": "undefined", "arguments": []}, 7],
        "queues": [{"name": "q\u{1b}[2J", "arguments": "undefined", "consumers": "undefined"}],
        "bindings": [{"source": "tchu_events", "destination": "q\u{1b}[2J"}],
        "policies": "undefined",
    })
}

#[test]
fn the_terminal_and_the_json_come_from_the_same_file_each_time() {
    let world = world();
    let path = world.path("project/definitions.json");
    let before = fs::read(&path).unwrap();
    let first = runs(&world, &["route user.created -o json", "graph --format dot"]);
    assert_eq!(runs(&world, &["route user.created -o json", "graph --format dot"]), first);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_check_finds_what_does_not_fit() {
    let lines =
        ["check", "check --level error -o json", "check --level error --exchange amq.fanout"];
    assert_snapshot!(runs(&world(), &lines));
}

#[test]
fn a_finding_that_is_accepted_with_a_reason_does_not_count() {
    let accepted = |rule: &str, subject: &str| {
        format!("[[suppressions]]\nrule = '{rule}'\nsubject = '{subject}'\nreason = 'agreed'\n")
    };
    let unused = "[[suppressions]]\nrule = 'CB017'\nreason = 'long ago'\n";
    let file = accepted("CB001", "celery")
        + &accepted("rpc-fan-out", "rpc.user.find")
        + &accepted("CB012", "gone_queue")
        + unused;
    let world = world().file("project/celerysalt.toml", &file);
    assert_snapshot!(runs(&world, &["check --level error", "check --level error -o json"]));
    let broken = world.file("project/celerysalt.toml", "[[suppressions]]\nrule = 'CB001'\n");
    assert_snapshot!(runs(&broken, &["check"]));
}

#[test]
fn rules_are_explained() {
    let world = world();
    let lines = [
        "bindings check --explain CB001",
        "bindings check --explain shadowed-binding -o json",
        "bindings check --explain CB999",
        "bindings check --explain all",
    ];
    let shown: String = lines.iter().map(|run| format!("$ {run}\n{}\n", world.line(run))).collect();
    assert_snapshot!(shown);
    for rule in rules::all() {
        let run = world.line(&format!("bindings check --explain {}", rule.code));
        let shown = run.to_string();
        for text in [rule.code, rule.name, rule.summary, rule.explanation, rule.advice] {
            assert!(shown.contains(text), "{text}: {shown}");
        }
    }
}

#[test]
fn a_doctor_who_reaches_nothing_says_so_in_every_format() {
    let world = Sealed::new();
    let nothing =
        "--broker amqp://127.0.0.1:1 --management http://127.0.0.1:1 --backend redis://127.0.0.1:1";
    let lines = [
        "doctor",
        "doctor --format nagios",
        "doctor --format prometheus",
        "doctor -o json",
        "doctor --format nagios -o json",
    ];
    let run = |line: &&str| {
        let whole = format!("{line} {nothing}");
        format!("$ {line}\n{}\n", world.line(&whole))
    };
    assert_snapshot!(lines.iter().map(run).collect::<String>());
}
