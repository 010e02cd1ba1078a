//! Why a queue does not get a topic: the binding that came nearest, and what differs.

use std::collections::{BTreeSet, HashMap};

use serde_json::Map;

use super::model::{Binding, Destination, ExchangeKind, Topology};
use super::router::{Message, Route, Router};
use super::trie::words;

/// What a word more or less costs.
const WHOLE: u32 = 150;
/// What a word that differs costs, from the least to the most. At the first word everything costs
/// double: it names the kind of event.
const WORD: (u32, u32) = (30, 140);
/// What a `*` costs, so that a word meets its like rather than a wildcard.
const STAR: u32 = 1;

/// Why a queue does not get a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotReceived {
    /// No binding leads to it.
    NoBinding,
    /// It is bound under its own name only, as Celery does for plain tasks.
    OwnNameOnly,
    /// Its bindings are at exchanges that no event ever comes to.
    OtherExchanges(Vec<String>),
    Nearest(Nearest),
}

/// The binding that would need the least change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest {
    /// Where the binding is.
    pub exchange: String,
    pub routing_key: String,
    /// The exchange it leads to, where it does not lead to the queue itself.
    pub leads_to: Option<String>,
    pub differences: Vec<Difference>,
    /// How much differs; less is nearer.
    pub cost: u32,
}

impl Nearest {
    /// Whether a slip of the pen explains it: a word misspelt, or one too many or too few after the
    /// first.
    pub fn is_close(&self) -> bool {
        match self.differences.as_slice() {
            [Difference::Word { binding, topic, .. }] => {
                2 * edits(binding, topic) <= binding.chars().count().max(topic.chars().count())
            }
            [Difference::Missing { .. } | Difference::Extra { .. }] => self.cost < 2 * WHOLE,
            [] | [Difference::Headers] | [_, _, ..] => false,
        }
    }
}

/// One place where a pattern and a topic part ways. Positions count words from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Another word.
    Word { position: usize, binding: String, topic: String },
    /// The binding asks for a word that the topic does not have.
    Missing { position: usize, binding: String },
    /// The topic has a word that the binding has no place for.
    Extra { position: usize, topic: String },
    /// The binding is at a headers exchange, which does not look at the topic.
    Headers,
}

/// Answers for one topic why queues do not get it.
#[derive(Debug)]
pub struct Explainer<'a> {
    topology: &'a Topology,
    topic: &'a str,
    route: Route<'a>,
    bindings: HashMap<&'a str, Vec<&'a Binding>>,
}

impl<'a> Explainer<'a> {
    pub fn new(router: &Router<'a>, exchange: &str, topic: &'a str) -> Self {
        let headers = &Map::new();
        let route = router.route(exchange, Message { routing_key: topic, headers });
        let topology = router.topology();
        Self { topology, topic, route, bindings: topology.bindings_by_queue() }
    }

    /// `None` where the queue does get the topic.
    pub fn queue(&self, queue: &str) -> Option<NotReceived> {
        if self.route.reached.iter().any(|reached| reached.queue == queue) {
            return None;
        }
        let Some(bindings) = self.bindings.get(queue) else { return Some(NotReceived::NoBinding) };
        if bindings.iter().all(|binding| binding.routing_key == queue) {
            return Some(NotReceived::OwnNameOnly);
        }
        let compared = bindings
            .iter()
            .flat_map(|binding| self.candidates(binding))
            .filter(|(binding, _)| binding.routing_key != queue)
            .map(|(binding, leads_to)| self.nearness(binding, leads_to));
        let nearest = compared.min_by_key(|nearest| nearest.cost);
        Some(nearest.map_or_else(
            || {
                let sources = bindings.iter().map(|binding| binding.source.clone());
                let sources: BTreeSet<String> = sources.collect();
                NotReceived::OtherExchanges(sources.into_iter().collect())
            },
            NotReceived::Nearest,
        ))
    }

    fn nearness(&self, binding: &Binding, leads_to: Option<String>) -> Nearest {
        let (cost, differences) = compare(self.topology, binding, self.topic);
        let (exchange, routing_key) = (binding.source.clone(), binding.routing_key.clone());
        Nearest { exchange, routing_key, leads_to, differences, cost }
    }

    /// The binding itself where its exchange sees the message, else those that would take the
    /// message one exchange further towards it.
    fn candidates(&self, binding: &'a Binding) -> Vec<(&'a Binding, Option<String>)> {
        let is_seen = |exchange: &str| self.route.exchanges.contains(&exchange);
        if is_seen(&binding.source) {
            return vec![(binding, None)];
        }
        let mut wanted = vec![binding.source.as_str()];
        let mut found = Vec::new();
        let mut next = 0;
        while let Some(exchange) = wanted.get(next).copied() {
            next += 1;
            let to = Destination::Exchange(exchange);
            for hop in self.topology.bindings.iter().filter(|hop| hop.destination() == to) {
                if is_seen(&hop.source) {
                    found.push((hop, Some(exchange.to_owned())));
                } else if !wanted.contains(&hop.source.as_str()) {
                    wanted.push(&hop.source);
                }
            }
        }
        found
    }
}

fn compare(topology: &Topology, binding: &Binding, topic: &str) -> (u32, Vec<Difference>) {
    match topology.exchange(&binding.source).map(|exchange| &exchange.kind) {
        Some(ExchangeKind::Headers) => (u32::MAX, vec![Difference::Headers]),
        Some(ExchangeKind::Topic) => align(&binding.routing_key, topic, Wildcards::Wild),
        Some(ExchangeKind::Direct | ExchangeKind::Fanout | ExchangeKind::Other) | None => {
            align(&binding.routing_key, topic, Wildcards::Literal)
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wildcards {
    Wild,
    /// At a direct exchange they are words like any other.
    Literal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Start,
    Both,
    Binding,
    Topic,
}

/// The cheapest way to read the topic as the pattern, and where they part.
fn align(pattern: &str, topic: &str, wildcards: Wildcards) -> (u32, Vec<Difference>) {
    let pattern: Vec<&str> = words(pattern).collect();
    let topic: Vec<&str> = words(topic).collect();
    let is_hash = |word: &str| wildcards == Wildcards::Wild && word == "#";
    let at = |word: usize, cost: u32| if word == 0 { 2 * cost } else { cost };
    let mut best = vec![vec![(0, Step::Start); topic.len() + 1]; pattern.len() + 1];
    for i in 0..=pattern.len() {
        for j in 0..=topic.len() {
            let mut ways = Vec::with_capacity(3);
            // Of equals the first counts: what is too much is looked for at the end.
            if let Some(before) = j.checked_sub(1) {
                let swallowed = i.checked_sub(1).is_some_and(|i| is_hash(pattern[i]));
                let cost = if swallowed { STAR } else { at(before, WHOLE) };
                ways.push((best[i][before].0 + cost, Step::Topic));
            }
            if let Some(before) = i.checked_sub(1) {
                let cost = if is_hash(pattern[before]) { 0 } else { at(j, WHOLE) };
                ways.push((best[before][j].0 + cost, Step::Binding));
            }
            if let (Some(before_i), Some(before_j)) = (i.checked_sub(1), j.checked_sub(1)) {
                let cost = at(before_j, word_cost(pattern[before_i], topic[before_j], wildcards));
                ways.push((best[before_i][before_j].0 + cost, Step::Both));
            }
            best[i][j] = ways.into_iter().min_by_key(|(cost, _)| *cost).unwrap_or((0, Step::Start));
        }
    }
    (best[pattern.len()][topic.len()].0, differences(&best, &pattern, &topic))
}

fn word_cost(pattern: &str, topic: &str, wildcards: Wildcards) -> u32 {
    match (wildcards, pattern) {
        (Wildcards::Wild, "#") => 0,
        (Wildcards::Wild, "*") => STAR,
        (Wildcards::Wild | Wildcards::Literal, _) if pattern == topic => 0,
        (Wildcards::Wild | Wildcards::Literal, _) => {
            let count = |count: usize| u32::try_from(count).unwrap_or(WHOLE);
            let longest = count(pattern.chars().count().max(topic.chars().count()).max(1));
            let (least, most) = WORD;
            least + (most - least) * count(edits(pattern, topic)) / longest
        }
    }
}

/// Levenshtein's distance.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

fn differences(best: &[Vec<(u32, Step)>], pattern: &[&str], topic: &[&str]) -> Vec<Difference> {
    let (mut i, mut j) = (pattern.len(), topic.len());
    let mut found = Vec::new();
    loop {
        let (cost, step) = best[i][j];
        let (before_i, before_j) = match step {
            Step::Start => break,
            Step::Both => (i - 1, j - 1),
            Step::Binding => (i - 1, j),
            Step::Topic => (i, j - 1),
        };
        if cost > best[before_i][before_j].0 + 2 * STAR {
            found.push(match step {
                Step::Start | Step::Both => Difference::Word {
                    position: j,
                    binding: pattern[i - 1].to_owned(),
                    topic: topic[j - 1].to_owned(),
                },
                Step::Binding => {
                    Difference::Missing { position: j + 1, binding: pattern[i - 1].to_owned() }
                }
                Step::Topic => Difference::Extra { position: j, topic: topic[j - 1].to_owned() },
            });
        }
        (i, j) = (before_i, before_j);
    }
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::super::model::{Exchange, TopologyParts};
    use super::*;

    fn why(topic: &str, bindings: &[(&str, &str)]) -> Option<NotReceived> {
        let mut bindings: Vec<Binding> =
            bindings.iter().map(|(source, key)| Binding::to_queue(source, "q", key)).collect();
        bindings.push(Binding::to_exchange("events", "audit", "audit.*"));
        let kinds = [
            ("events", ExchangeKind::Topic),
            ("audit", ExchangeKind::Topic),
            ("elsewhere", ExchangeKind::Direct),
        ];
        let exchanges = kinds.map(|(name, kind)| Exchange::new(name, kind)).to_vec();
        let parts = TopologyParts { exchanges, bindings, ..TopologyParts::default() };
        let topology = Topology::new("/", parts);
        Explainer::new(&Router::new(&topology), "events", topic).queue("q")
    }

    fn nearest(topic: &str, bindings: &[(&str, &str)]) -> String {
        let Some(NotReceived::Nearest(found)) = why(topic, bindings) else { return "-".into() };
        let shown = found.differences.iter().map(|difference| match difference {
            Difference::Word { position, binding, topic } => {
                format!("{position}:{binding}!={topic}")
            }
            Difference::Missing { position, binding } => format!("{position}:-{binding}"),
            Difference::Extra { position, topic } => format!("{position}:+{topic}"),
            Difference::Headers => "headers".to_owned(),
        });
        let differences: Vec<String> = shown.collect();
        format!("{}[{}] {}", found.exchange, found.routing_key, differences.join(" "))
    }

    #[test]
    fn the_nearest_binding_and_its_differences_are_named() {
        type Case = (&'static str, &'static [(&'static str, &'static str)], &'static str);
        let table: [Case; 9] = [
            (
                "user.created",
                &[("events", "order.*"), ("events", "user.create")],
                "events[user.create] 2:create!=created",
            ),
            ("user", &[("events", "user.*")], "events[user.*] 2:-*"),
            (
                "user.deleted",
                &[("events", "audit.#"), ("events", "user.signup.completed")],
                "events[user.signup.completed] 2:-signup 2:completed!=deleted",
            ),
            ("user.a.b", &[("events", "user.*")], "events[user.*] 3:+b"),
            ("user.a.b", &[("events", "user.*.c")], "events[user.*.c] 3:c!=b"),
            ("a.x.y", &[("events", "a.#.z")], "events[a.#.z] 3:z!=y"),
            ("User.created", &[("events", "user.created")], "events[user.created] 1:user!=User"),
            // The second exchange never saw it.
            ("audits.login", &[("audit", "#")], "events[audit.*] 1:audit!=audits"),
            ("audit.login", &[("audit", "audit.logout")], "audit[audit.logout] 2:logout!=login"),
        ];
        for (topic, bindings, expected) in table {
            assert_eq!(nearest(topic, bindings), expected, "{topic} {bindings:?}");
        }
    }

    #[test]
    fn only_a_slip_of_the_pen_is_close() {
        let table = [
            ("user.create", "user.created", true),
            ("user.*", "user.created.late", true),
            ("user.*", "user", true),
            ("usr.created", "user.created", true),
            ("rpc.echo.*", "rpc.nobody.home", false),
            ("user.updated", "order.create", false),
            ("user", "created", false),
        ];
        for (binding, topic, expected) in table {
            let Some(NotReceived::Nearest(nearest)) = why(topic, &[("events", binding)]) else {
                panic!("{binding} takes {topic}");
            };
            assert_eq!(nearest.is_close(), expected, "{binding} {topic} {nearest:?}");
        }
    }

    #[test]
    fn a_queue_without_a_binding_that_could_matter_is_told_apart() {
        assert_eq!(why("user", &[]), Some(NotReceived::NoBinding));
        assert_eq!(why("user", &[("events", "q")]), Some(NotReceived::OwnNameOnly));
        let elsewhere = NotReceived::OtherExchanges(vec!["elsewhere".into()]);
        assert_eq!(why("user", &[("elsewhere", "user")]), Some(elsewhere));
        assert_eq!(why("user", &[("events", "#")]), None);
    }
}
