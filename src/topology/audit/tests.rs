//! Every rule: a topology that has the fault, and what is found.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::model::TopologyParts;
use super::super::{Consumer, Exchange, ExchangeKind};
use super::*;

/// A sound service, to which each test adds its fault.
struct World {
    exchange: Exchange,
    queues: Vec<Value>,
    bindings: Vec<(&'static str, &'static str)>,
    consumers: Vec<(&'static str, &'static str)>,
    registered: Option<BTreeMap<String, TopicMode>>,
    tasks: BTreeMap<String, Vec<String>>,
}

impl World {
    fn new() -> Self {
        Self {
            exchange: Exchange::new("events", ExchangeKind::Topic),
            queues: vec![sound("shop")],
            bindings: vec![("shop", "shop"), ("shop", "user.created"), ("shop", "order.*")],
            consumers: vec![("shop", "1"), ("salt@h.celery.pidbox", "1")],
            registered: None,
            tasks: BTreeMap::from([(
                "salt@h".to_owned(),
                [
                    "celery_salt.dispatch_event",
                    "celery_salt.user.created.f",
                    "celery_salt.order.*.g",
                ]
                .map(str::to_owned)
                .to_vec(),
            )]),
        }
    }

    fn found(&self) -> Vec<String> {
        let consumer = |(queue, connection): &(&str, &str)| Consumer {
            queue: (*queue).to_owned(),
            connection: (*connection).to_owned(),
        };
        let parts = TopologyParts {
            exchanges: vec![self.exchange.clone()],
            queues: self
                .queues
                .iter()
                .map(|q| serde_json::from_value(q.clone()).unwrap())
                .collect(),
            bindings: self
                .bindings
                .iter()
                .map(|(q, key)| Binding::to_queue("events", q, key))
                .collect(),
            consumers: self.consumers.iter().map(consumer).collect(),
            policies: Vec::new(),
        };
        let topology = Topology::new("/", parts);
        let input = AuditInput {
            topology: &topology,
            exchange: "events",
            registered: self.registered.as_ref(),
            tasks: &self.tasks,
            backlog: 1000,
        };
        let shown = |finding: &Finding| {
            let level = match finding.level {
                Level::Error => "error",
                Level::Warning => "warning",
                Level::Info => "info",
            };
            format!("{} {level}: {}", finding.rule.code, finding.message)
        };
        audit(&input).iter().map(shown).collect()
    }
}

fn sound(name: &str) -> Value {
    json!({"name": name, "durable": true, "consumers": 1, "messages_ready": 0,
           "arguments": {"x-max-priority": 10, "x-max-length": 9, "x-dead-letter-exchange": "dead"}})
}

#[track_caller]
fn check(change: impl FnOnce(&mut World), expected: &[&str]) {
    let mut world = World::new();
    change(&mut world);
    assert_eq!(world.found(), expected);
}

#[test]
fn a_sound_service_has_no_findings() {
    check(|_| {}, &[]);
}

#[test]
fn faults_of_the_exchange() {
    check(
        |world| world.exchange = Exchange::new("events", ExchangeKind::Fanout),
        &["CB015 error: the exchange events is of type fanout"],
    );
    check(
        |world| world.exchange.durable = false,
        &["CB016 error: the exchange events is not durable"],
    );
}

#[test]
fn faults_of_a_queue() {
    check(
        |world| {
            world.bindings.truncate(1);
            world.tasks.clear();
        },
        &["CB001 error: shop is bound to events under its own name only"],
    );
    check(
        |world| {
            world.consumers.clear();
            world.queues[0]["consumers"] = json!(0);
            world.queues[0]["messages_ready"] = json!(5);
        },
        &["CB002 error: nobody reads from shop, and 5 messages wait"],
    );
    check(
        |world| world.queues[0]["messages_ready"] = json!(1001),
        &["CB013 warning: 1001 messages wait in shop"],
    );
    check(
        |world| world.queues[0]["arguments"] = json!({}),
        &[
            "CB010 info: shop has no x-max-priority, and celery-salt declares 10",
            "CB012 info: what shop cannot keep is dropped",
            "CB014 info: shop may grow without end",
        ],
    );
    check(
        |world| {
            world.queues[0]["arguments"]["x-max-priority"] = json!(5);
            world.queues[0]["consumers"] = json!(0);
        },
        &[
            "CB002 warning: nobody reads from shop",
            "CB010 warning: shop has x-max-priority 5, and celery-salt declares 10",
        ],
    );
}

#[test]
fn faults_of_patterns() {
    check(
        |world| {
            world.bindings.extend([("shop", "user.#"), ("shop", "us*r")]);
            world.tasks.clear();
        },
        &[
            "CB007 warning: the binding user.created of shop adds nothing to user.#",
            "CB008 warning: the broker reads us*r in the pattern us*r of shop letter by letter, and \
             celery-salt reads a wildcard in it",
            "CB008 info: shop receives user by user.#, and celery-salt finds no handler for it",
        ],
    );
    check(
        |world| {
            world.bindings.extend([("shop", "user.#"), ("shop", "user")]);
            world.tasks.clear();
        },
        &[
            "CB008 error: shop receives user by user.#, and celery-salt finds no handler for it",
            "CB007 warning: the binding user of shop adds nothing to user.#",
            "CB007 warning: the binding user.created of shop adds nothing to user.#",
        ],
    );
    check(
        |world| {
            world.tasks =
                BTreeMap::from([("salt@h".into(), vec!["tchu_tchu.dispatch_event".into()])]);
            world.bindings.push(("shop", "audit.#"));
        },
        &["CB008 warning: shop receives audit.x by audit.#, and tchu-tchu finds no handler for it"],
    );
}

#[test]
fn handlers_for_a_topic_and_for_a_wider_pattern_are_no_fault() {
    check(
        |world| {
            world.bindings.push(("shop", "order.paid"));
            world.tasks.values_mut().for_each(|t| t.push("celery_salt.order.paid.h".into()));
        },
        &["CB007 info: the binding order.paid of shop adds nothing to order.*"],
    );
}

#[test]
fn faults_of_topics() {
    let registered = |topics: &[(&str, TopicMode)]| {
        Some(topics.iter().map(|(topic, mode)| ((*topic).to_owned(), *mode)).collect())
    };
    check(
        |world| {
            world.registered = registered(&[
                ("order.paid", TopicMode::Broadcast),
                ("invoice.paid", TopicMode::Broadcast),
            ]);
        },
        &[
            "CB004 warning: shop is bound for user.created, which has no registered schema",
            "CB005 warning: nobody is bound for the registered topic invoice.paid",
        ],
    );
    check(
        |world| {
            world.queues.push(sound("other"));
            world.bindings.extend([
                ("other", "rpc.#"),
                ("other", "order.find"),
                ("shop", "rpc.add"),
            ]);
            world.registered = registered(&[
                ("order.find", TopicMode::Request),
                ("user.created", TopicMode::Broadcast),
                ("rpc.add", TopicMode::Broadcast),
            ]);
            world.tasks.clear();
        },
        &[
            "CB009 error: the request order.find reaches 2 queues: other, shop",
            "CB008 info: other receives rpc by rpc.#, and celery-salt finds no handler for it",
        ],
    );
}

#[test]
fn faults_of_workers() {
    check(
        |world| {
            world.consumers = vec![
                ("shop", "1"),
                ("salt@h.celery.pidbox", "1"),
                ("shop", "2"),
                ("salt@h.celery.pidbox", "2"),
                ("celery", "3"),
                ("plain@h.celery.pidbox", "3"),
            ];
        },
        &[
            "CB017 warning: 2 workers are called salt@h",
            "CB003 info: plain@h reads celery, where no event comes",
        ],
    );
    check(
        |world| {
            world.bindings.retain(|(_, key)| *key != "order.*");
            world.bindings.push(("shop", "old.topic"));
        },
        &[
            "CB018 error: a worker of shop handles order.*, and no binding brings it",
            "CB006 warning: shop is bound for old.topic, and no worker of it handles that",
        ],
    );
    check(
        |world| {
            world.queues.push(sound("legacy"));
            world.bindings.push(("legacy", "order.paid"));
            world.consumers.extend([("legacy", "2"), ("tchu@h.celery.pidbox", "2")]);
            world.tasks.insert("tchu@h".into(), vec!["tchu_tchu.dispatch_event".into()]);
        },
        &["CB011 error: events for order.paid reach legacy, whose workers know only \
           tchu_tchu.dispatch_event, and shop, whose workers know only celery_salt.dispatch_event: \
           one of them rejects each event"],
    );
    check(
        |world| world.tasks = BTreeMap::from([("salt@h".into(), vec!["tasks.mail".into()])]),
        &["CB011 error: the workers of shop register no dispatcher task for events"],
    );
}

#[test]
fn workers_that_did_not_answer_are_not_judged() {
    check(
        |world| {
            world.tasks.clear();
            world.bindings.push(("shop", "old.topic"));
        },
        &[],
    );
}
