//! The picture: exchanges, the queues behind them, their bindings and who reads them.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::model::{Destination, Topology};
use super::plumbing::{is_plumbing_exchange, is_plumbing_queue};
use super::workers::connected_workers;

/// What one exchange leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphExchange {
    pub name: String,
    pub kind: String,
    pub alternate: Option<String>,
    /// By name.
    pub queues: Vec<GraphQueue>,
    /// Other exchanges, each with the routing keys that lead there.
    pub exchanges: Vec<(String, Vec<String>)>,
}

/// A queue behind an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphQueue {
    pub name: String,
    pub routing_keys: Vec<String>,
    pub consumers: Option<u64>,
    pub messages_ready: Option<u64>,
    /// The workers that read it.
    pub workers: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph(pub Vec<GraphExchange>);

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Without what Celery and this tool need for themselves.
    Services,
    Everything,
}

impl Graph {
    /// The exchanges that lead anywhere, by name.
    pub fn new(topology: &Topology, detail: Detail) -> Self {
        let workers = workers_by_queue(topology);
        let hides = |plumbing: bool| detail == Detail::Services && plumbing;
        let mut exchanges: BTreeMap<&str, GraphExchange> = topology
            .exchanges
            .iter()
            .filter(|exchange| !hides(is_plumbing_exchange(&exchange.name)))
            .map(|exchange| {
                let graph = GraphExchange {
                    name: exchange.name.clone(),
                    kind: exchange.type_name.clone(),
                    alternate: exchange.alternate.clone(),
                    queues: Vec::new(),
                    exchanges: Vec::new(),
                };
                (exchange.name.as_str(), graph)
            })
            .collect();
        for binding in &topology.bindings {
            let Some(exchange) = exchanges.get_mut(binding.source.as_str()) else { continue };
            match binding.destination() {
                Destination::Queue(queue) if hides(is_plumbing_queue(queue)) => {}
                Destination::Queue(queue) => {
                    let new = || GraphQueue::new(topology, queue, &workers);
                    exchange.add_queue(queue, &binding.routing_key, new);
                }
                Destination::Exchange(to) => exchange.add_exchange(to, &binding.routing_key),
            }
        }
        let is_used = |exchange: &GraphExchange| {
            !exchange.queues.is_empty()
                || !exchange.exchanges.is_empty()
                || exchange.alternate.is_some()
        };
        let mut found: Vec<GraphExchange> = exchanges.into_values().filter(is_used).collect();
        found.iter_mut().for_each(GraphExchange::sort);
        Self(found)
    }
}

fn workers_by_queue(topology: &Topology) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for worker in connected_workers(topology) {
        for queue in worker.queues {
            found.entry(queue).or_default().push(worker.node.clone());
        }
    }
    found
}

impl GraphQueue {
    fn new(topology: &Topology, name: &str, workers: &BTreeMap<String, Vec<String>>) -> Self {
        let queue = topology.queue(name);
        Self {
            name: name.to_owned(),
            routing_keys: Vec::new(),
            consumers: queue.and_then(|queue| queue.consumers),
            messages_ready: queue.and_then(|queue| queue.messages_ready),
            workers: workers.get(name).cloned().unwrap_or_default(),
        }
    }
}

impl GraphExchange {
    fn add_queue(&mut self, name: &str, key: &str, new: impl FnOnce() -> GraphQueue) {
        let known = self.queues.iter().position(|queue| queue.name == name);
        let place = known.unwrap_or_else(|| {
            self.queues.push(new());
            self.queues.len() - 1
        });
        self.queues[place].routing_keys.push(key.to_owned());
    }

    fn add_exchange(&mut self, name: &str, key: &str) {
        match self.exchanges.iter_mut().find(|(known, _)| known == name) {
            Some((_, keys)) => keys.push(key.to_owned()),
            None => self.exchanges.push((name.to_owned(), vec![key.to_owned()])),
        }
    }

    fn sort(&mut self) {
        self.queues.sort_by(|a, b| a.name.cmp(&b.name));
        self.exchanges.sort();
        self.queues.iter_mut().for_each(|queue| queue.routing_keys.sort());
        self.exchanges.iter_mut().for_each(|(_, keys)| keys.sort());
    }
}

impl GraphQueue {
    /// `1 consumer` and `0 ready`, as far as they are known.
    pub fn counts(&self) -> Vec<String> {
        let consumers = self.consumers.map(|count| match count {
            1 => "1 consumer".to_owned(),
            count => format!("{count} consumers"),
        });
        let ready = self.messages_ready.map(|count| format!("{count} ready"));
        consumers.into_iter().chain(ready).collect()
    }
}

/// The graph for Graphviz.
pub fn dot(graph: &Graph) -> String {
    let mut text = String::from(
        "digraph bindings {\n  rankdir=LR;\n  node [fontname=\"sans\"];\n  \
         edge [fontname=\"sans\", fontsize=12];\n",
    );
    for exchange in &graph.0 {
        let from = quoted(&format!("exchange:{}", exchange.name));
        let label = quoted(&format!("{}\n({})", exchange.name, exchange.kind));
        line(&mut text, &format!("{from} [shape=box, label={label}]"));
        for queue in &exchange.queues {
            let to = quoted(&format!("queue:{}", queue.name));
            let label = quoted(&queue_label(queue, "\n"));
            // What nobody reads stands out.
            let colour = match queue.consumers {
                Some(0) => ", color=red, fontcolor=red",
                Some(_) | None => "",
            };
            line(&mut text, &format!("{to} [shape=cylinder, label={label}{colour}]"));
            let keys = left_aligned(&queue.routing_keys);
            line(&mut text, &format!("{from} -> {to} [label={keys}]"));
            for worker in &queue.workers {
                let node = quoted(&format!("worker:{worker}"));
                line(&mut text, &format!("{node} [shape=ellipse, label={}]", quoted(worker)));
                line(&mut text, &format!("{to} -> {node}"));
            }
        }
        for (to, keys) in &exchange.exchanges {
            let to = quoted(&format!("exchange:{to}"));
            line(&mut text, &format!("{from} -> {to} [label={}]", left_aligned(keys)));
        }
        if let Some(alternate) = &exchange.alternate {
            let to = quoted(&format!("exchange:{alternate}"));
            line(&mut text, &format!("{from} -> {to} [style=dashed, label=\"alternate\"]"));
        }
    }
    text.push_str("}\n");
    text
}

fn line(text: &mut String, content: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "  {content};");
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// A line for each, all beginning at the same place.
fn left_aligned(lines: &[String]) -> String {
    let lines: String = lines.iter().map(|line| format!("{}\\l", escaped(line))).collect();
    format!("\"{lines}\"")
}

fn escaped(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    without_controls(&escaped)
}

fn without_controls(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

fn queue_label(queue: &GraphQueue, new_line: &str) -> String {
    [std::slice::from_ref(&queue.name), &queue.counts()].concat().join(new_line)
}

/// The graph for Mermaid, as GitHub and many wikis draw it.
pub fn mermaid(graph: &Graph) -> String {
    let mut text = String::from("flowchart LR\n");
    let mut ids = Ids::default();
    let edge = |text: &mut String, from: &str, arrow: &str, to: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {from} {arrow} {to}");
    };
    for exchange in &graph.0 {
        let label = format!("{}<br>({})", plain(&exchange.name), plain(&exchange.kind));
        let from = format!("{}[\"{label}\"]", ids.of(&format!("exchange:{}", exchange.name)));
        for queue in &exchange.queues {
            let id = ids.of(&format!("queue:{}", queue.name));
            let to = format!("{id}[(\"{}\")]", plain(&queue_label(queue, "\n")));
            edge(&mut text, &from, &arrow(&queue.routing_keys), &to);
            for worker in &queue.workers {
                let node = ids.of(&format!("worker:{worker}"));
                edge(&mut text, &id, "-->", &format!("{node}([\"{}\"])", plain(worker)));
            }
        }
        let mut other = |name: &str| {
            let id = ids.of(&format!("exchange:{name}"));
            // Where it has a box of its own, that box names its type as well.
            match graph.0.iter().any(|exchange| exchange.name == name) {
                true => id,
                false => format!("{id}[\"{}\"]", plain(name)),
            }
        };
        for (to, keys) in &exchange.exchanges {
            let to = other(to);
            edge(&mut text, &from, &arrow(keys), &to);
        }
        if let Some(to) = &exchange.alternate {
            let to = other(to);
            edge(&mut text, &from, "-. alternate .->", &to);
        }
    }
    text
}

fn arrow(keys: &[String]) -> String {
    if keys.iter().all(String::is_empty) {
        return "-->".to_owned();
    }
    format!("-- \"{}\" -->", plain(&keys.join("\n")))
}

/// Text inside quotes; what means something to Mermaid becomes an entity.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => plain.push_str("<br>"),
            '"' | '#' | '<' | '>' | '&' | '*' | '_' | '`' => {
                // Writing to a String cannot fail.
                let _ = write!(plain, "#{};", u32::from(c));
            }
            c if c.is_control() => {}
            c => plain.push(c),
        }
    }
    plain
}

/// Names that are safe in Mermaid, in the order of appearance.
#[derive(Default)]
struct Ids(BTreeMap<String, usize>);

impl Ids {
    fn of(&mut self, name: &str) -> String {
        let next = self.0.len();
        format!("n{}", self.0.entry(name.to_owned()).or_insert(next))
    }
}
