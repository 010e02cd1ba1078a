//! `bindings` against a real broker: it must say what the broker does.

use std::collections::{BTreeMap, BTreeSet};

use celerysalt::broker::{Management, Messages, TlsFiles};
use celerysalt::secret::Secret;
use celerysalt::topology::{Message, Router, Topology};
use serde_json::{Map, Value, json};

use super::broker_lab::ctl;
use crate::harness::{Library, Results, Space, Worker, eventually};

/// A small generator, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end).unwrap()).unwrap()
    }

    fn key(&mut self, words: &[&str], longest: usize) -> String {
        let length = self.below(longest + 1);
        let word = |_| words[self.below(words.len())];
        (0..length).map(word).collect::<Vec<_>>().join(".")
    }

    /// One that does not match everything: nothing would be left for the alternate exchanges.
    fn pattern(&mut self, longest: usize) -> String {
        loop {
            let pattern = self.key(PATTERN_WORDS, longest);
            let is_literal = |word: &str| !matches!(word, "" | "*" | "#");
            if !pattern.contains('#') || pattern.split('.').any(is_literal) {
                return pattern;
            }
        }
    }
}

const PATTERN_WORDS: &[&str] = &["a", "b", "c", "", "*", "#", "*", "#", "a*"];
const TOPIC_WORDS: &[&str] = &["a", "b", "c", "a", "b", "c", "", "a*"];

fn bind(source: &str, to: (&str, &str), key: &str) -> Value {
    json!({"source": source, "destination_type": to.0, "destination": to.1, "routing_key": key,
           "arguments": {}})
}

/// Topic exchanges behind the event exchange, over one hop and over two, with a way back; a direct
/// and a fanout exchange; alternate exchanges by argument and by policy.
fn definitions(random: &mut Random) -> Value {
    let exchange = |name: &str, kind: &str, arguments: Value| {
        json!({"name": name, "type": kind, "durable": true, "auto_delete": false,
               "internal": false, "arguments": arguments})
    };
    let exchanges = json!([
        exchange("tchu_events", "topic", json!({"alternate-exchange": "lost"})),
        exchange("near", "topic", json!({"alternate-exchange": "lost2"})),
        exchange("far", "topic", json!({})),
        exchange("direct", "direct", json!({})),
        exchange("all", "fanout", json!({})),
        exchange("lost", "fanout", json!({})),
        exchange("lost2", "fanout", json!({})),
        exchange("lost3", "topic", json!({})),
    ]);
    let mut bindings = vec![
        bind("near", ("exchange", "tchu_events"), "#.c"),
        bind("tchu_events", ("exchange", "all"), "c.#"),
        bind("tchu_events", ("exchange", "near"), "a.#"),
        bind("near", ("exchange", "far"), "#.b"),
        bind("tchu_events", ("exchange", "direct"), "b.#"),
        bind("all", ("queue", "q-all"), "x"),
        bind("lost", ("queue", "q-lost"), ""),
        bind("lost2", ("queue", "q-lost2"), ""),
        bind("lost3", ("queue", "q-lost3"), "#"),
    ];
    let mut queues: Vec<String> =
        ["q-all", "q-lost", "q-lost2", "q-lost3"].map(str::to_owned).to_vec();
    for (from, to) in [("tchu_events", "near"), ("near", "far"), ("tchu_events", "direct")] {
        for _ in 0..2 {
            bindings.push(bind(from, ("exchange", to), &random.pattern(3)));
        }
    }
    for (index, source) in
        ["tchu_events", "tchu_events", "near", "far", "direct"].iter().cycle().take(60).enumerate()
    {
        let queue = format!("q{index}");
        let key = match *source {
            "direct" => format!("b.{}", random.key(TOPIC_WORDS, 1)),
            _ => random.pattern(3),
        };
        bindings.push(bind(source, ("queue", &queue), &key));
        queues.push(queue);
    }
    let queue = |name: &String| json!({"name": name, "durable": true, "auto_delete": false, "arguments": {}});
    json!({
        "exchanges": exchanges,
        "queues": queues.iter().map(queue).collect::<Vec<_>>(),
        "bindings": bindings,
        "policies": [{"name": "far", "pattern": "^far$", "apply-to": "exchanges",
                      "definition": {"alternate-exchange": "lost3"}, "priority": 1}],
    })
}

async fn topology(space: &Space) -> Topology {
    let url = Secret::new(space.management_url());
    Management::new(&url, &TlsFiles::default())
        .unwrap()
        .topology(&space.vhost, Messages::Counted)
        .await
        .unwrap()
}

#[tokio::test]
async fn route_agrees_with_the_broker_on_random_patterns_and_topics() {
    let mut random = Random(0x5eed_cafe_f00d);
    let space = Space::new();
    space.management.try_delete(&format!("exchanges/{}/tchu_events", space.vhost));
    space.management.post(&format!("definitions/{}", space.vhost), &definitions(&mut random));
    let topics: BTreeSet<String> = (0..120).map(|_| random.key(TOPIC_WORDS, 4)).collect();
    for topic in &topics {
        space.publish(topic, &json!({}), topic.as_bytes());
    }

    let topology = topology(&space).await;
    let router = Router::new(&topology);
    let headers = Map::new();
    let mut expected: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for topic in &topics {
        let route = router.route("tchu_events", Message { routing_key: topic, headers: &headers });
        for reached in &route.reached {
            expected.entry(reached.queue).or_default().insert(topic);
        }
    }
    let mut tally = Tally::default();
    for queue in &topology.queues {
        let received = received(&space, &queue.name);
        let foreseen = expected.remove(queue.name.as_str()).unwrap_or_default();
        assert_eq!(foreseen.iter().copied().collect::<Vec<_>>(), received, "{}", queue.name);
        tally.count(&topology, &queue.name, (topics.len(), received.len()));
    }
    assert_eq!(expected, BTreeMap::new(), "queues that do not exist");
    tally.assert_says_something();
}

/// The routing keys of everything in a queue, sorted. Each came once, however many ways led there.
fn received(space: &Space, queue: &str) -> Vec<String> {
    let path = format!("queues/{}/{queue}/get", space.vhost);
    let wanted = json!({"count": 1000, "ackmode": "ack_requeue_false", "encoding": "base64"});
    let messages = space.management.post(&path, &wanted);
    let key = |message: &Value| message["routing_key"].as_str().unwrap().to_owned();
    let mut keys: Vec<String> = messages.as_array().unwrap().iter().map(key).collect();
    keys.sort();
    keys
}

/// What was observed: pairs of a random pattern and a topic, and how many of them were delivered.
#[derive(Debug, Default)]
struct Tally {
    pairs: usize,
    delivered: usize,
    patterns: BTreeSet<String>,
    /// Over other exchanges than the event exchange, by the exchange that the queue is bound to.
    behind: BTreeMap<String, usize>,
}

impl Tally {
    fn count(&mut self, topology: &Topology, queue: &str, (topics, received): (usize, usize)) {
        let mut bindings = topology.bindings.iter();
        let binding = bindings.find(|binding| binding.queue() == Some(queue)).unwrap();
        *self.behind.entry(binding.source.clone()).or_default() += received;
        // The queues q0 to q59 have one random binding each; the others are there to catch.
        if queue[1..].parse::<usize>().is_ok() {
            self.pairs += topics;
            self.delivered += received;
            self.patterns.insert(binding.routing_key.clone());
        }
    }

    /// A test in which hardly anything is delivered, or everything, would agree with anybody.
    /// Messages come over every hop, and by each of the alternate exchanges.
    fn assert_says_something(&self) {
        let Self { pairs, delivered, patterns, behind } = self;
        assert!(*pairs >= 2_000, "{self:?}");
        assert!(*delivered > 100 && *delivered < pairs / 2, "{self:?}");
        assert!(patterns.len() >= 30, "{self:?}");
        for exchange in ["tchu_events", "near", "far", "direct", "all", "lost", "lost2", "lost3"] {
            assert!(behind.get(exchange).is_some_and(|count| *count > 0), "{exchange}: {self:?}");
        }
    }
}

#[test]
fn a_worker_is_found_behind_its_bindings() {
    let space = Space::new();
    let _worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    let list = eventually("the broker's statistics know the consumer", || {
        let run = space.celerysalt(&["bindings", "-o", "json"]).run();
        let rows: Vec<Value> = serde_json::from_str(&run.stdout).unwrap();
        (rows.len() == 8 && rows[0]["consumers"] == 1).then_some(rows)
    });
    let keys: Vec<&str> = list.iter().filter_map(|row| row["routing_key"].as_str()).collect();
    assert_eq!(keys, space.bindings("service_queue"));
    assert_eq!(list[0]["arguments"], json!({"x-max-priority": 10}));

    let route = space.celerysalt(&["bindings", "route", "rpc.echo.hello", "-o", "json"]).run();
    let route: Value = serde_json::from_str(&route.stdout).unwrap();
    let queue = &route["queues"][0];
    assert_eq!(queue["queue"], "service_queue");
    assert_eq!(queue["via"], json!(["rpc.echo.*"]));
    assert_eq!((&queue["consumers"], &queue["service_matches"]), (&json!(1), &json!(true)));
    assert_eq!(route["unroutable"], false);

    let nobody = space.celerysalt(&["bindings", "route", "user.deleted", "--explain"]).run();
    assert_eq!(nobody.code, Some(7), "{nobody}");
    assert!(nobody.stdout.contains("nearest is `user.signup.completed`"), "{nobody}");

    let graph = space.celerysalt(&["bindings", "graph"]).run();
    assert!(graph.stdout.contains(&format!("worker salt@{}", space.vhost)), "{graph}");
    let all = space.celerysalt(&["bindings", "list", "--all"]).run();
    assert!(all.stdout.contains("celery.pidbox"), "{all}");
}

#[test]
fn a_file_of_definitions_gives_the_same_routes_as_the_broker() {
    let space = Space::new();
    let mut random = Random(7);
    space.management.try_delete(&format!("exchanges/{}/tchu_events", space.vhost));
    space.management.post(&format!("definitions/{}", space.vhost), &definitions(&mut random));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("definitions.json");
    let file = file.to_str().unwrap();
    ctl(&["export_definitions", file]);
    for topic in ["a.b", "c", "a.b.c", "d.d.d.d"] {
        let live = space.celerysalt(&["bindings", "route", topic, "-o", "json"]).run();
        let offline = ["bindings", "route", topic, "-o", "json", "--vhost", &space.vhost];
        let offline = space.celerysalt(&offline).args(&["--definitions", file]).run();
        assert_eq!(live.code, offline.code, "{live}{offline}");
        let queues = |text: &str| -> Vec<Value> {
            let route: Value = serde_json::from_str(text).unwrap();
            let queues = route["queues"].as_array().unwrap().iter();
            queues.map(|queue| json!([queue["queue"], queue["paths"]])).collect()
        };
        assert_eq!(queues(&live.stdout), queues(&offline.stdout), "{topic}");
    }
}
