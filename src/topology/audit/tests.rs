//! Every rule: a topology that has the fault, and what is found.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

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
    /// What each worker declared: its node, the queue and the key.
    declared: Vec<(&'static str, &'static str, &'static str)>,
    code: Vec<CodeService>,
    traffic: Option<Traffic>,
    deprecated: BTreeSet<String>,
    /// The queue behind the alternate exchange.
    caught: Option<&'static str>,
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
            declared: Vec::new(),
            code: Vec::new(),
            traffic: None,
            deprecated: BTreeSet::new(),
            caught: None,
        }
    }

    fn facts(&self) -> BTreeMap<String, WorkerFacts> {
        let of = |node: &String, tasks: &Vec<String>| {
            let declared = self.declared.iter().filter(|(name, ..)| name == node);
            let queue = |(_, queue, key): &(&str, &str, &str)| DeclaredQueue {
                name: (*queue).to_owned(),
                bindings: vec![DeclaredBinding {
                    exchange: "events".to_owned(),
                    routing_key: (*key).to_owned(),
                }],
            };
            WorkerFacts { tasks: tasks.clone(), queues: declared.map(queue).collect() }
        };
        self.tasks.iter().map(|(node, tasks)| (node.clone(), of(node, tasks))).collect()
    }

    /// One worker of tchu-tchu in place of that of celery-salt.
    fn serve_with_tchu(&mut self) {
        self.tasks = BTreeMap::from([("salt@h".into(), vec!["tchu_tchu.dispatch_event".into()])]);
    }

    fn read_code(&mut self, queue: &str, topics: &[&str]) {
        let topics = topics.iter().map(|topic| (*topic).to_owned()).collect();
        self.code.push(CodeService { queue: queue.to_owned(), topics, library: None });
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
                .chain(self.caught.map(|q| Binding::to_queue("amq.fanout", q, "")))
                .collect(),
            consumers: self.consumers.iter().map(consumer).collect(),
            policies: Vec::new(),
        };
        let topology = Topology::new("/", parts);
        let input = AuditInput {
            topology: &topology,
            exchange: "events",
            registered: self.registered.as_ref(),
            deprecated: &self.deprecated,
            workers: &self.facts(),
            code: &self.code,
            traffic: self.traffic.as_ref(),
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
           "arguments": {"x-max-priority": 10},
           "effective_policy_definition": {"max-length": 9, "dead-letter-exchange": "dead"}})
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
        |world| {
            world.queues[0]["arguments"] = json!({});
            world.queues[0]["effective_policy_definition"] = json!({});
        },
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
            world.bindings.extend([("shop", "user.#"), ("shop", "au*it")]);
            world.tasks.clear();
        },
        &[
            "CB007 warning: the binding user.created of shop adds nothing to user.#",
            "CB008 warning: the broker reads au*it in the pattern au*it of shop letter by letter, \
             and celery-salt reads a wildcard in it",
            "CB008 info: shop receives user by user.#, and celery-salt finds no handler for it",
        ],
    );
    check(
        |world| {
            world.bindings.extend([("shop", "user.#")]);
            world.registered = Some(
                ["user", "user.created", "order.paid"]
                    .map(|topic| (topic.to_owned(), TopicMode::Broadcast))
                    .into(),
            );
            world.tasks.clear();
        },
        &[
            "CB008 error: shop receives user by user.#, and celery-salt finds no handler for it",
            "CB007 warning: the binding user.created of shop adds nothing to user.#",
        ],
    );
    check(
        |world| {
            world.serve_with_tchu();
            world.bindings.push(("shop", "audit.#"));
        },
        &["CB008 warning: shop receives audit.x by audit.#, and tchu-tchu finds no handler for it"],
    );
    // A handler for the topic by its name makes up for the pattern.
    check(
        |world| {
            world.bindings.extend([("shop", "user.#"), ("shop", "user")]);
            for name in ["celery_salt.user.#.h", "celery_salt.user.i"] {
                world.tasks.values_mut().for_each(|tasks| tasks.push(name.into()));
            }
        },
        &[
            "CB007 info: the binding user of shop adds nothing to user.#",
            "CB007 info: the binding user.created of shop adds nothing to user.#",
        ],
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
    // A queue that catches what nobody is bound for does not hear it.
    check(
        |world| {
            world.exchange.alternate = Some("amq.fanout".into());
            world.queues.push(sound("caught"));
            world.registered = registered(&[
                ("user.created", TopicMode::Broadcast),
                ("order.paid", TopicMode::Broadcast),
                ("invoice.paid", TopicMode::Broadcast),
            ]);
            world.caught = Some("caught");
        },
        &["CB005 warning: nobody is bound for the registered topic invoice.paid"],
    );
    check(
        |world| {
            world.registered = registered(&[
                ("user.created", TopicMode::Broadcast),
                ("invoice.paid", TopicMode::Broadcast),
            ]);
            world.deprecated.insert("invoice.paid".into());
        },
        &["CB004 info: shop is bound for order.*, which no registered topic matches"],
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
            world.queues.push(json!({"name": "celery", "durable": true}));
            world.consumers.push(("celery", "9"));
        },
        &["CB003 info: somebody reads celery, where no event comes"],
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
fn what_a_worker_of_tchu_tchu_declared_is_what_it_handles() {
    check(
        |world| {
            world.serve_with_tchu();
            world.declared =
                vec![("salt@h", "shop", "user.created"), ("salt@h", "shop", "refund.paid")];
        },
        &[
            "CB018 error: a worker of shop handles refund.paid, and no binding brings it",
            "CB006 warning: shop is bound for order.*, and no worker of it handles that",
        ],
    );
    // Version 3 declares its queue under its own name only, and may handle anything.
    check(
        |world| {
            world.serve_with_tchu();
            world.declared = vec![("salt@h", "shop", "shop")];
            world.bindings.push(("shop", "old.topic"));
        },
        &[],
    );
}

#[test]
fn code_tells_what_workers_do_not() {
    check(
        |world| {
            world.serve_with_tchu();
            world.read_code("shop", &["user.created", "refund.paid"]);
        },
        &[
            "CB018 error: the code of shop subscribes to refund.paid, and no binding brings it",
            "CB006 warning: shop is bound for order.*, and its code does not subscribe to that",
        ],
    );
    // The worker runs older code: it must be started anew before its bindings are touched.
    check(
        |world| world.read_code("shop", &["user.created", "refund.paid"]),
        &[
            "CB018 error: the code of shop subscribes to refund.paid, and no binding brings it",
            "CB006 info: shop is bound for order.*, which a worker handles and its code no longer \
             does",
        ],
    );
    check(
        |world| world.read_code("later", &["a.b", "c.d"]),
        &["CB018 warning: there is no queue later, with which the code subscribes to 2 topics"],
    );
}

#[test]
fn a_wider_binding_brings_the_events_of_a_handler() {
    check(
        |world| world.tasks.values_mut().for_each(|t| t.push("celery_salt.order.paid.h".into())),
        &[],
    );
}

#[test]
fn what_passes_while_somebody_listens() {
    let traffic = |topic: &str, task: &str, count: u64| {
        let events = BTreeMap::from([((topic.to_owned(), task.to_owned()), count)]);
        Some(Traffic { period: Duration::from_secs(2), events, ready: BTreeMap::new() })
    };
    check(
        |world| world.traffic = traffic("order.paid", "tchu_tchu.dispatch_event", 3),
        &[
            "CB011 error: events for order.paid come with the task tchu_tchu.dispatch_event, which the \
           workers of shop do not know: they drop them",
        ],
    );
    check(|world| world.traffic = traffic("order.paid", "celery_salt.dispatch_event", 3), &[]);
    check(|world| world.traffic = traffic("nobody.hears", "tchu_tchu.dispatch_event", 3), &[]);
    let unlimited = |world: &mut World| {
        world.queues[0]["effective_policy_definition"] = json!({"dead-letter-exchange": "dead"});
    };
    check(
        |world| {
            unlimited(world);
            world.traffic = traffic("order.paid", "celery_salt.dispatch_event", 30);
        },
        &["CB014 warning: shop may grow without end, by 15 events a second"],
    );
    check(
        |world| {
            unlimited(world);
            world.traffic = traffic("order.paid", "celery_salt.dispatch_event", 19);
        },
        &["CB014 info: shop may grow without end"],
    );
    for (ready, expected) in [
        (1200, &["CB013 warning: 1200 messages wait in shop, and it grows by 200 a second"][..]),
        (900, &["CB013 info: 900 messages wait in shop, and it grows by 50 a second"]),
        (800, &[]),
    ] {
        check(
            |world| {
                world.queues[0]["messages_ready"] = json!(800);
                let ready = BTreeMap::from([("shop".to_owned(), ready)]);
                let period = Duration::from_secs(2);
                world.traffic = Some(Traffic { period, ready, ..Traffic::default() });
            },
            expected,
        );
    }
}

#[test]
fn a_queue_that_a_worker_could_not_declare_again() {
    let unread = |world: &mut World| {
        world.consumers.clear();
        world.queues[0]["consumers"] = json!(0);
    };
    check(
        |world| {
            unread(world);
            world.queues[0]["arguments"] = json!({"x-max-priority": 10, "x-message-ttl": 5,
                                                  "x-expires": "never"});
            world.queues[0]["durable"] = json!(false);
        },
        &[
            "CB002 warning: nobody reads from shop",
            "CB010 warning: shop is not durable, and celery-salt declares it durable, and has \
             x-message-ttl 5, which celery-salt does not declare, and has x-expires never, which \
             celery-salt does not declare",
        ],
    );
    check(
        |world| {
            unread(world);
            world.read_code("shop", &["user.created", "order.*"]);
            world.code[0].library = Some(ServiceLibrary::TchuTchu);
        },
        &[
            "CB002 warning: nobody reads from shop",
            "CB010 warning: shop has x-max-priority 10, and tchu-tchu declares none",
        ],
    );
}

#[test]
fn one_policy_says_everything_that_a_queue_needs() {
    let repair = |policies: Value, arguments: Value| {
        let parts = TopologyParts {
            exchanges: vec![Exchange::new("events", ExchangeKind::Topic)],
            queues: vec![
                serde_json::from_value(json!({"name": "shop", "arguments": arguments})).unwrap(),
            ],
            bindings: vec![Binding::to_queue("events", "shop", "a.b")],
            consumers: Vec::new(),
            policies: serde_json::from_value(policies).unwrap(),
        };
        let topology = Topology::new("/", parts);
        let input = AuditInput {
            topology: &topology,
            exchange: "events",
            registered: None,
            deprecated: &BTreeSet::new(),
            workers: &BTreeMap::new(),
            code: &[],
            traffic: None,
            backlog: 1000,
        };
        let found = audit(&input);
        let repairs = found.into_iter().filter_map(|finding| match finding.repair? {
            Repair::SetPolicy(policy) => Some((finding.rule.code, policy)),
            Repair::AddBinding { .. }
            | Repair::RemoveBinding { .. }
            | Repair::DeleteQueue { .. }
            | Repair::DeleteExchange { .. } => None,
        });
        let shown = |(code, policy): (&str, PolicyRepair)| {
            let definition = Value::Object(policy.definition);
            let dead = policy.dead_letter_queue.map(|queue| queue.name);
            format!("{code} {} {definition} {dead:?}", policy.priority)
        };
        repairs.map(shown).collect::<Vec<_>>()
    };
    let both = r#"0 {"max-length":100000,"dead-letter-exchange":"","dead-letter-routing-key":"shop.dead"} Some("shop.dead")"#;
    assert_eq!(repair(json!([]), json!({})), [format!("CB012 {both}"), format!("CB014 {both}")]);
    let other = json!([{"name": "all", "pattern": ".*", "apply-to": "queues", "priority": 3,
                        "definition": {"max-length": 5, "ha-mode": "all"}}]);
    let kept = r#"CB012 4 {"max-length":5,"ha-mode":"all","dead-letter-exchange":"","dead-letter-routing-key":"shop.dead"} Some("shop.dead")"#;
    assert_eq!(repair(other, json!({})), [kept]);
    let ours = json!([{"name": "celerysalt.shop", "pattern": "^shop$", "apply-to": "queues",
                       "priority": 4, "definition": {"ha-mode": "all"}}]);
    let limit = r#"CB014 4 {"ha-mode":"all","max-length":100000} None"#;
    assert_eq!(repair(ours, json!({"x-dead-letter-exchange": "dead"})), [limit]);
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
