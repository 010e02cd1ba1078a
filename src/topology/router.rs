use std::collections::HashMap;

use serde_json::{Map, Value};

use super::headers;
use super::model::{Binding, Destination, Exchange, ExchangeKind, Topology};
use super::trie::TopicTrie;

/// Answers where a message goes, as the broker itself would.
///
/// Source: RabbitMQ's `rabbit_exchange:route`. An exchange is visited once for each message. Its
/// alternate exchange gets the message only where none of its own bindings applies; a binding to
/// another exchange counts, even if nobody is behind it.
#[derive(Debug)]
pub struct Router<'a> {
    topology: &'a Topology,
    tables: HashMap<&'a str, Table<'a>>,
}

/// What routing looks at.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    pub routing_key: &'a str,
    /// For headers exchanges.
    pub headers: &'a Map<String, Value>,
}

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Route<'a> {
    /// By name of the queue.
    pub reached: Vec<Reached<'a>>,
    /// Exchanges on the way whose choice is not known from outside; all they could choose is
    /// listed as reached.
    pub uncertain: Vec<&'a str>,
    /// Every exchange that sees the message.
    pub exchanges: Vec<&'a str>,
}

/// A queue that gets the message: once, however many bindings lead to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reached<'a> {
    pub queue: &'a str,
    /// One for each binding that applies.
    pub paths: Vec<Path<'a>>,
}

/// The way from the first exchange to a queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Path<'a>(pub Vec<Hop<'a>>);

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hop<'a> {
    pub from: &'a str,
    pub kind: HopKind<'a>,
    pub to: Destination<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum HopKind<'a> {
    Binding(&'a Binding),
    /// Nothing else applied at the exchange.
    Alternate,
    /// The default exchange: the routing key is the queue's name.
    Direct,
}

/// [`Message`] where some of it may not be known.
#[derive(Clone, Copy)]
struct Known<'m> {
    routing_key: Option<&'m str>,
    headers: Option<&'m Map<String, Value>>,
}

/// The bindings that an exchange sends a message over.
enum Choice<'a> {
    Certain(Vec<&'a Binding>),
    /// Some of these, or none: it depends on what is not known.
    AnyOf(Vec<&'a Binding>),
}

#[derive(Debug)]
struct Table<'a> {
    exchange: &'a Exchange,
    bindings: Vec<&'a Binding>,
    index: Index<'a>,
}

#[derive(Debug)]
enum Index<'a> {
    Topic(TopicTrie),
    Direct(HashMap<&'a str, Vec<u32>>),
    Fanout,
    Headers,
    Unknown,
}

impl<'a> Router<'a> {
    pub fn new(topology: &'a Topology) -> Self {
        let mut tables: HashMap<&str, Table<'a>> = topology
            .exchanges
            .iter()
            .map(|exchange| (exchange.name.as_str(), Table::new(exchange)))
            .collect();
        for binding in &topology.bindings {
            if let Some(table) = tables.get_mut(binding.source.as_str()) {
                table.add(binding);
            }
        }
        Self { topology, tables }
    }

    pub fn topology(&self) -> &'a Topology {
        self.topology
    }

    /// The queues that get a message published to `exchange`. An exchange that does not exist
    /// reaches nobody.
    pub fn route(&self, exchange: &str, message: Message<'_>) -> Route<'a> {
        let Message { routing_key, headers } = message;
        self.walk(exchange, Known { routing_key: Some(routing_key), headers: Some(headers) })
    }

    fn walk(&self, exchange: &str, message: Known<'_>) -> Route<'a> {
        let mut walk = Walk::default();
        if exchange.is_empty() {
            if let Some(queue) = message.routing_key.and_then(|key| self.topology.queue(key)) {
                let to = Destination::Queue(&queue.name);
                walk.reach(&queue.name, Path(vec![Hop { from: "", kind: HopKind::Direct, to }]));
            }
            return walk.finish();
        }
        if let Some(table) = self.tables.get(exchange) {
            walk.visit(&table.exchange.name, Path(Vec::new()));
        }
        while let Some((exchange, path)) = walk.open.pop() {
            if let Some(table) = self.tables.get(exchange) {
                walk.pass(table, &path, message);
            }
        }
        walk.finish()
    }

    /// The queues that a message for `routing_key`, without headers, reaches, by name.
    pub fn queues(&self, exchange: &str, routing_key: &str) -> Vec<&'a str> {
        let headers = &Map::new();
        let route = self.route(exchange, Message { routing_key, headers });
        route.reached.iter().map(|reached| reached.queue).collect()
    }

    /// The queues that messages may reach whose headers, and without a key whose routing key, are
    /// not known, by name.
    pub fn possible_queues(&self, exchange: &str, routing_key: Option<&str>) -> Vec<&'a str> {
        let route = self.walk(exchange, Known { routing_key, headers: None });
        route.reached.iter().map(|reached| reached.queue).collect()
    }

    /// The exchanges that a message published to `exchange` may see, whatever its routing key.
    pub fn reachable_exchanges(&self, exchange: &str) -> Vec<&'a str> {
        let mut found: Vec<&'a str> = Vec::new();
        let mut open: Vec<&str> = vec![exchange];
        while let Some(table) = open.pop().and_then(|name| self.tables.get(name)) {
            if found.contains(&table.exchange.name.as_str()) {
                continue;
            }
            found.push(&table.exchange.name);
            open.extend(table.bindings.iter().filter_map(|binding| match binding.destination() {
                Destination::Exchange(name) => Some(name),
                Destination::Queue(_) => None,
            }));
            open.extend(table.exchange.alternate.as_deref());
            open.retain(|name| self.tables.contains_key(name));
        }
        found
    }
}

impl<'a> Table<'a> {
    fn new(exchange: &'a Exchange) -> Self {
        let index = match exchange.kind {
            ExchangeKind::Topic => Index::Topic(TopicTrie::default()),
            ExchangeKind::Direct => Index::Direct(HashMap::new()),
            ExchangeKind::Fanout => Index::Fanout,
            ExchangeKind::Headers => Index::Headers,
            ExchangeKind::Other => Index::Unknown,
        };
        Self { exchange, bindings: Vec::new(), index }
    }

    fn add(&mut self, binding: &'a Binding) {
        let number = u32::try_from(self.bindings.len()).unwrap_or(u32::MAX);
        match &mut self.index {
            Index::Topic(trie) => trie.insert(&binding.routing_key, number),
            Index::Direct(keys) => keys.entry(&binding.routing_key).or_default().push(number),
            Index::Fanout | Index::Headers | Index::Unknown => {}
        }
        self.bindings.push(binding);
    }

    fn chosen(&self, message: Known<'_>) -> Choice<'a> {
        let numbered = |mut numbers: Vec<u32>| {
            numbers.sort_unstable();
            let bindings = numbers.iter().map(|number| self.bindings[*number as usize]);
            Choice::Certain(bindings.collect())
        };
        match (&self.index, message.routing_key, message.headers) {
            (Index::Topic(trie), Some(key), _) => numbered(trie.matches(key)),
            (Index::Direct(keys), Some(key), _) => {
                numbered(keys.get(key).cloned().unwrap_or_default())
            }
            (Index::Fanout, _, _) => Choice::Certain(self.bindings.clone()),
            (Index::Headers, _, Some(headers)) => {
                let applies = |binding: &&&Binding| headers::matches(&binding.arguments, headers);
                Choice::Certain(self.bindings.iter().filter(applies).copied().collect())
            }
            (Index::Topic(_) | Index::Direct(_), None, _)
            | (Index::Headers, _, None)
            | (Index::Unknown, _, _) => Choice::AnyOf(self.bindings.clone()),
        }
    }
}

#[derive(Default)]
struct Walk<'a> {
    open: Vec<(&'a str, Path<'a>)>,
    route: Route<'a>,
    places: HashMap<&'a str, usize>,
}

impl<'a> Walk<'a> {
    fn pass(&mut self, table: &Table<'a>, path: &Path<'a>, message: Known<'_>) {
        let from = table.exchange.name.as_str();
        let (may_be_none, chosen) = match table.chosen(message) {
            Choice::Certain(bindings) => (bindings.is_empty(), bindings),
            Choice::AnyOf(bindings) => {
                self.route.uncertain.push(from);
                (true, bindings)
            }
        };
        if may_be_none && let Some(alternate) = table.exchange.alternate.as_deref() {
            let to = Destination::Exchange(alternate);
            self.visit(alternate, path.with(Hop { from, kind: HopKind::Alternate, to }));
        }
        for binding in chosen {
            let to = binding.destination();
            let path = path.with(Hop { from, kind: HopKind::Binding(binding), to });
            match to {
                Destination::Queue(queue) => self.reach(queue, path),
                Destination::Exchange(exchange) => self.visit(exchange, path),
            }
        }
    }

    fn visit(&mut self, exchange: &'a str, path: Path<'a>) {
        if !self.route.exchanges.contains(&exchange) {
            self.route.exchanges.push(exchange);
            self.open.push((exchange, path));
        }
    }

    fn reach(&mut self, queue: &'a str, path: Path<'a>) {
        let next = self.route.reached.len();
        let place = *self.places.entry(queue).or_insert(next);
        if place == next {
            self.route.reached.push(Reached { queue, paths: Vec::new() });
        }
        self.route.reached[place].paths.push(path);
    }

    fn finish(mut self) -> Route<'a> {
        self.route.reached.sort_by(|a, b| a.queue.cmp(b.queue));
        self.route
    }
}

impl<'a> Route<'a> {
    /// Every binding on the way to a queue, each once for each path.
    pub fn bindings(&self) -> Vec<&'a Binding> {
        let hops = self.reached.iter().flat_map(|reached| &reached.paths).flat_map(|path| &path.0);
        hops.filter_map(|hop| match hop.kind {
            HopKind::Binding(binding) => Some(binding),
            HopKind::Alternate | HopKind::Direct => None,
        })
        .collect()
    }
}

impl<'a> Path<'a> {
    fn with(&self, hop: Hop<'a>) -> Self {
        let mut hops = self.0.clone();
        hops.push(hop);
        Self(hops)
    }

    /// The routing key of the binding that leads into the queue.
    pub fn last_key(&self) -> Option<&'a str> {
        match self.0.last()?.kind {
            HopKind::Binding(binding) => Some(&binding.routing_key),
            HopKind::Alternate => None,
            HopKind::Direct => match self.0.last()?.to {
                Destination::Queue(queue) | Destination::Exchange(queue) => Some(queue),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::model::{Queue, TopologyParts};
    use super::*;

    fn queue(name: &str) -> Queue {
        Queue { name: name.to_owned(), durable: true, ..Queue::default() }
    }

    fn exchange(name: &str, kind: ExchangeKind, alternate: Option<&str>) -> Exchange {
        Exchange { alternate: alternate.map(str::to_owned), ..Exchange::new(name, kind) }
    }

    fn topology() -> Topology {
        let mut headers = Binding::to_queue("h", "q-headers", "");
        headers.arguments = json!({"x-match": "any", "kind": "a"}).as_object().unwrap().clone();
        Topology::new(
            "/",
            TopologyParts {
                exchanges: vec![
                    exchange("events", ExchangeKind::Topic, Some("lost")),
                    exchange("audit", ExchangeKind::Topic, Some("fan")),
                    exchange("direct", ExchangeKind::Direct, None),
                    exchange("fan", ExchangeKind::Fanout, None),
                    exchange("lost", ExchangeKind::Fanout, None),
                    exchange("h", ExchangeKind::Headers, None),
                    exchange("plugin", ExchangeKind::Other, None),
                ],
                queues: ["q-user", "q-all", "q-audit", "q-direct", "q-fan", "q-lost", "q-headers"]
                    .map(queue)
                    .to_vec(),
                bindings: vec![
                    Binding::to_queue("events", "q-user", "user.*"),
                    Binding::to_queue("events", "q-user", "user.#"),
                    Binding::to_exchange("events", "audit", "audit.#"),
                    Binding::to_exchange("events", "direct", "user.created"),
                    Binding::to_exchange("events", "h", "headers"),
                    Binding::to_exchange("events", "plugin", "plugin"),
                    Binding::to_queue("direct", "q-direct", "user.created"),
                    Binding::to_queue("direct", "q-direct", "user.*"),
                    Binding::to_queue("audit", "q-audit", "audit.*"),
                    Binding::to_exchange("audit", "events", "#.loop"),
                    Binding::to_queue("fan", "q-fan", "whatever"),
                    Binding::to_queue("lost", "q-lost", ""),
                    Binding::to_queue("plugin", "q-all", "0"),
                    headers,
                ],
                ..TopologyParts::default()
            },
        )
    }

    fn shown(exchange: &str, key: &str, headers: &Value) -> String {
        let topology = topology();
        let router = Router::new(&topology);
        let headers = headers.as_object().unwrap();
        let route = router.route(exchange, Message { routing_key: key, headers });
        let path = |path: &Path<'_>| -> String {
            let hop = |hop: &Hop<'_>| match hop.kind {
                HopKind::Binding(binding) => format!("{}[{}]", hop.from, binding.routing_key),
                HopKind::Alternate => format!("{}[alternate]", hop.from),
                HopKind::Direct => "default".to_owned(),
            };
            path.0.iter().map(hop).collect::<Vec<_>>().join(" ")
        };
        let lines = route.reached.iter().flat_map(|reached| {
            reached.paths.iter().map(move |hops| format!("{} {}", reached.queue, path(hops)))
        });
        lines.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn messages_go_where_the_broker_sends_them() {
        let table = [
            (
                "events",
                "user.created",
                "q-direct events[user.created] direct[user.created]; \
                q-user events[user.*]; q-user events[user.#]",
            ),
            ("events", "user", "q-user events[user.#]"),
            // Nobody takes it: the alternate exchange.
            ("events", "other", "q-lost events[alternate]  lost[]"),
            ("events", "audit.login", "q-audit events[audit.#] audit[audit.*]"),
            // The second exchange's own alternate; the first one had a binding that applied.
            ("events", "audit.a.b", "q-fan events[audit.#] audit[alternate] fan[whatever]"),
            // A loop between exchanges ends.
            ("events", "audit.a.loop", ""),
            ("events", "audit.loop", "q-audit events[audit.#] audit[audit.*]"),
            ("events", "plugin", "q-all events[plugin] plugin[0]"),
            ("", "q-user", "q-user default"),
            ("", "nobody", ""),
            ("missing", "user", ""),
        ];
        for (exchange, key, expected) in table {
            let expected = expected.replace("]  ", "] ");
            assert_eq!(shown(exchange, key, &json!({})), expected, "{exchange:?} {key}");
        }
        assert_eq!(
            shown("events", "headers", &json!({"kind": "a"})),
            "q-headers events[headers] h[]"
        );
        assert_eq!(shown("events", "headers", &json!({"kind": "b"})), "");
    }

    #[test]
    fn an_exchange_of_an_unknown_type_makes_the_answer_uncertain() {
        let topology = topology();
        let headers = Map::new();
        let route = Router::new(&topology)
            .route("events", Message { routing_key: "plugin", headers: &headers });
        assert_eq!(route.uncertain, ["plugin"]);
        assert_eq!(route.exchanges, ["events", "plugin"]);
        let mut reachable = Router::new(&topology).reachable_exchanges("events");
        reachable.sort_unstable();
        assert_eq!(reachable, ["audit", "direct", "events", "fan", "h", "lost", "plugin"]);
    }

    #[test]
    fn what_is_not_known_of_a_message_opens_every_way_that_it_decides_about() {
        let topology = topology();
        let possible = |exchange: &str, key: Option<&str>| {
            Router::new(&topology).possible_queues(exchange, key).join(" ")
        };
        let table = [
            ("direct", Some("user.created"), "q-direct"),
            ("direct", Some("user"), ""),
            ("direct", None, "q-direct"),
            ("h", Some("headers"), "q-headers"),
            ("audit", Some("audit.login"), "q-audit"),
            ("fan", None, "q-fan"),
            ("events", None, "q-all q-audit q-direct q-fan q-headers q-lost q-user"),
            ("missing", None, ""),
        ];
        for (exchange, key, expected) in table {
            assert_eq!(possible(exchange, key), expected, "{exchange} {key:?}");
        }
    }
}
