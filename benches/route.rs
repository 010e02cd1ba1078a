//! One topic against 100,000 bindings.

use celerysalt::topology::{
    Binding, Exchange, ExchangeKind, Message, Queue, Router, Topology, TopologyParts,
};
use divan::{Bencher, black_box};
use serde_json::Map;

const BINDINGS: usize = 100_000;
const QUEUES: usize = 5_000;

fn main() {
    divan::main();
}

/// Most patterns are plain topics of a few words, some end in a wildcard, some begin with one.
fn usual(number: usize) -> String {
    let (area, name) = (number % 997, number % 7919);
    match number % 10 {
        0 => format!("area{area}.*.done"),
        1 => format!("area{area}.#"),
        2 => format!("#.event{name}"),
        3 => format!("*.event{name}.*"),
        _ => format!("area{area}.event{name}.v{}", number % 3),
    }
}

/// Every pattern begins with a wildcard and has several, so that no first word rules any out.
fn wild(number: usize) -> String {
    let (area, name) = (number % 997, number % 7919);
    match number % 6 {
        0 => format!("#.event{name}.#"),
        1 => format!("*.event{name}.#"),
        2 => format!("#.area{area}.*.event{name}"),
        3 => format!("*.*.event{name}.#.v{area}"),
        4 => format!("#.*.#.event{name}.#"),
        _ => format!("*.#.area{area}.#.event{name}.*"),
    }
}

fn topology(key: fn(usize) -> String) -> Topology {
    let queue = |number: usize| format!("queue{}", number % QUEUES);
    let bindings = (0..BINDINGS)
        .map(|number| Binding::to_queue("events", &queue(number), &key(number)))
        .collect();
    let queues =
        (0..QUEUES).map(|number| Queue { name: queue(number), ..Queue::default() }).collect();
    let exchanges = vec![Exchange::new("events", ExchangeKind::Topic)];
    Topology::new("/", TopologyParts { exchanges, queues, bindings, ..TopologyParts::default() })
}

#[divan::bench(args = ["area5.event12.v1", "area5.x.done", "nobody", "a.b.c.d.e.f.g.h.i.j"])]
fn route(bencher: Bencher, topic: &str) {
    bench(bencher, usual, topic);
}

#[divan::bench(args = ["area5.event12.v1", "a.event5.area7.event9.v3", "nobody", "a.b.c.d.e.f.g.h.i.j"])]
fn route_among_wildcards(bencher: Bencher, topic: &str) {
    bench(bencher, wild, topic);
}

fn bench(bencher: Bencher, key: fn(usize) -> String, topic: &str) {
    let topology = topology(key);
    let router = Router::new(&topology);
    let headers = Map::new();
    bencher.bench_local(|| {
        let message = Message { routing_key: black_box(topic), headers: &headers };
        router.route("events", message)
    });
}

/// Every one of 100,000 bindings applies.
#[divan::bench]
fn route_to_all(bencher: Bencher) {
    let bindings =
        (0..BINDINGS).map(|n| Binding::to_queue("events", &format!("q{}", n % QUEUES), "#"));
    let parts = TopologyParts {
        exchanges: vec![Exchange::new("events", ExchangeKind::Topic)],
        bindings: bindings.collect(),
        ..TopologyParts::default()
    };
    let topology = Topology::new("/", parts);
    let router = Router::new(&topology);
    let headers = Map::new();
    bencher.bench_local(|| {
        router.route("events", Message { routing_key: black_box("a.b"), headers: &headers })
    });
}

#[divan::bench(sample_count = 5)]
fn load(bencher: Bencher) {
    let topology = topology(usual);
    bencher.bench_local(|| Router::new(black_box(&topology)));
}
