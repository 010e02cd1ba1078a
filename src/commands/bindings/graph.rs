use std::io::{self, Write};

use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Serialize;

use super::source::SourceArgs;
use crate::broker::Messages;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::topology::{Detail, Graph, GraphExchange, GraphQueue, dot, mermaid};
use crate::ui::{Report, Style, sanitize};

const EXAMPLES: &str = "\
Examples:
  celerysalt bindings graph
  celerysalt bindings graph --format dot | dot -Tsvg > bindings.svg
  celerysalt bindings graph --format mermaid >> ARCHITECTURE.md";

/// Draw exchanges, queues, bindings and workers
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct GraphArgs {
    /// How to draw
    #[arg(long, value_name = "FORMAT", default_value = "tree")]
    format: Format,
    /// Also what Celery and this tool need for themselves
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    source: SourceArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For a terminal
    Tree,
    /// For Graphviz
    Dot,
    /// For Mermaid, as many wikis draw it
    Mermaid,
}

/// Exchanges and what they lead to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BindingsGraph {
    exchanges: Vec<ExchangeNode>,
    #[serde(skip)]
    drawing: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ExchangeNode {
    exchange: String,
    kind: String,
    alternate: Option<String>,
    queues: Vec<QueueNode>,
    exchanges: Vec<Link>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct QueueNode {
    queue: String,
    routing_keys: Vec<String>,
    /// Null where it is not known.
    consumers: Option<u64>,
    messages_ready: Option<u64>,
    /// The names of the Celery nodes that read it.
    workers: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Link {
    exchange: String,
    routing_keys: Vec<String>,
}

pub(super) async fn run(args: &GraphArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let topology = args.source.load(context, Messages::Counted).await?.topology;
    let detail = if args.all { Detail::Everything } else { Detail::Services };
    let graph = Graph::new(&topology, detail);
    let drawing = match args.format {
        Format::Tree => tree(&graph),
        Format::Dot => dot(&graph),
        Format::Mermaid => mermaid(&graph),
    };
    let exchanges = graph.0.into_iter().map(ExchangeNode::new).collect();
    context.ui.report(&BindingsGraph { exchanges, drawing })?;
    Ok(ExitKind::Done)
}

impl ExchangeNode {
    fn new(exchange: GraphExchange) -> Self {
        let link = |(exchange, routing_keys)| Link { exchange, routing_keys };
        Self {
            exchange: exchange.name,
            kind: exchange.kind,
            alternate: exchange.alternate,
            queues: exchange.queues.into_iter().map(QueueNode::new).collect(),
            exchanges: exchange.exchanges.into_iter().map(link).collect(),
        }
    }
}

impl QueueNode {
    fn new(queue: GraphQueue) -> Self {
        Self {
            queue: queue.name,
            routing_keys: queue.routing_keys,
            consumers: queue.consumers,
            messages_ready: queue.messages_ready,
            workers: queue.workers,
        }
    }
}

/// A node of the tree and what hangs below it.
struct Twig(String, Vec<Twig>);

fn tree(graph: &Graph) -> String {
    let mut text = String::new();
    for exchange in &graph.0 {
        let mut twigs: Vec<Twig> = exchange.queues.iter().map(queue_twig).collect();
        for (name, keys) in &exchange.exchanges {
            let keys = keys.iter().map(|key| Twig(key_shown(key), Vec::new())).collect();
            twigs.push(Twig(format!("exchange {name}"), keys));
        }
        if let Some(alternate) = &exchange.alternate {
            twigs.push(Twig(format!("exchange {alternate} (alternate)"), Vec::new()));
        }
        let title = format!("{} ({})", exchange.name, exchange.kind);
        text += &format!("{}\n", sanitize(&title));
        draw(&mut text, "", &twigs);
    }
    text
}

fn queue_twig(queue: &GraphQueue) -> Twig {
    let counts = queue.counts();
    let title = match counts.is_empty() {
        true => queue.name.clone(),
        false => format!("{} ({})", queue.name, counts.join(", ")),
    };
    let keys = queue.routing_keys.iter().map(|key| key_shown(key));
    let workers = queue.workers.iter().map(|worker| format!("worker {worker}"));
    Twig(title, keys.chain(workers).map(|line| Twig(line, Vec::new())).collect())
}

fn key_shown(key: &str) -> String {
    if key.is_empty() { "(empty)".to_owned() } else { key.to_owned() }
}

fn draw(text: &mut String, indent: &str, twigs: &[Twig]) {
    for (index, Twig(title, below)) in twigs.iter().enumerate() {
        let (branch, next) = if index + 1 == twigs.len() {
            ("└── ", "    ")
        } else {
            ("├── ", "│   ")
        };
        *text += &format!("{indent}{branch}{}\n", sanitize(title));
        draw(text, &format!("{indent}{next}"), below);
    }
}

impl Report for BindingsGraph {
    fn write_human(&self, out: &mut dyn Write, _style: &Style) -> io::Result<()> {
        out.write_all(self.drawing.as_bytes())
    }
}
