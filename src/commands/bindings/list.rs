use std::collections::HashSet;
use std::io::{self, Write};

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::source::SourceArgs;
use crate::broker::Messages;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::event::RoutingPattern;
use crate::topology::{
    Binding, Destination, ExchangeKind, Message, Router, Topology, can_both_match,
    is_plumbing_exchange, is_plumbing_queue,
};
use crate::ui::{Report, Style, Table};

/// List bindings with the queues they lead to
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  celerysalt bindings list --queue billing\n  \
    celerysalt bindings list --topic 'order.#' -o json")]
pub struct ListArgs {
    /// Only those that lead to this queue
    #[arg(long, value_name = "Q")]
    queue: Option<String>,
    /// Only those that a topic matched by this pattern could take
    #[arg(long, value_name = "PATTERN")]
    topic: Option<RoutingPattern>,
    /// Also what Celery and this tool need for themselves: mailboxes, worker events, reply queues,
    /// and every queue's implicit binding to the default exchange
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    source: SourceArgs,
}

/// The bindings.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct BindingsList(Vec<Row>);

#[derive(Debug, Serialize, JsonSchema)]
struct Row {
    /// Empty for the default exchange.
    exchange: String,
    /// Null for a binding to another exchange.
    queue: Option<String>,
    /// The exchange that a binding to another exchange leads to.
    to_exchange: Option<String>,
    routing_key: String,
    /// Null where it is not known, as in a definitions file; the two below as well.
    consumers: Option<u64>,
    messages_ready: Option<u64>,
    messages_unacknowledged: Option<u64>,
    /// Of the queue, or of the exchange it leads to.
    durable: bool,
    auto_delete: bool,
    /// The arguments of the queue.
    arguments: Map<String, Value>,
    /// The arguments of the binding.
    binding_arguments: Map<String, Value>,
}

pub(super) async fn run(args: &ListArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let topology = args.source.load(context, Messages::Counted).await?.topology;
    let report = BindingsList::new(&topology, args, context.exchange());
    context.ui.report(&report)?;
    if report.0.is_empty() {
        context.ui.note("no binding fits; --all shows Celery's own as well");
    }
    Ok(ExitKind::Done)
}

impl BindingsList {
    fn new(topology: &Topology, args: &ListArgs, exchange: &str) -> Self {
        let implicit: Vec<Binding> = match args.all {
            true => {
                let names = topology.queues.iter().map(|queue| queue.name.as_str());
                names.map(|name| Binding::to_queue("", name, name)).collect()
            }
            false => Vec::new(),
        };
        let taken = args.topic.as_ref().map(|topic| {
            let taken = taken(topology, exchange, topic);
            taken.into_iter().map(std::ptr::from_ref).collect::<HashSet<*const Binding>>()
        });
        let bindings = implicit.iter().chain(&topology.bindings);
        let wanted = bindings.filter(|binding| {
            let is_taken = |taken: &HashSet<_>| taken.contains(&std::ptr::from_ref(*binding));
            args.wants(binding) && taken.as_ref().is_none_or(is_taken)
        });
        let mut rows: Vec<Row> = wanted.map(|binding| Row::new(topology, binding)).collect();
        rows.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        Self(rows)
    }
}

impl ListArgs {
    /// A queue that was asked for by name is shown whatever it is.
    fn wants(&self, binding: &Binding) -> bool {
        let plumbing =
            is_plumbing_exchange(&binding.source) || binding.queue().is_some_and(is_plumbing_queue);
        let queue = self.queue.as_deref().is_none_or(|queue| binding.queue() == Some(queue));
        (self.all || self.queue.is_some() || !plumbing) && queue
    }
}

/// The bindings over which a topic that the pattern matches could go; for one topic exactly those
/// over which it goes.
fn taken<'a>(topology: &'a Topology, exchange: &str, topic: &RoutingPattern) -> Vec<&'a Binding> {
    let router = Router::new(topology);
    if !topic.has_wildcard() {
        let (routing_key, headers) = (topic.as_str(), &Map::new());
        return router.route(exchange, Message { routing_key, headers }).bindings();
    }
    let reachable = router.reachable_exchanges(exchange);
    let could_take = |binding: &&Binding| {
        let kind = topology.exchange(&binding.source).map(|exchange| &exchange.kind);
        reachable.contains(&binding.source.as_str())
            && match kind {
                Some(ExchangeKind::Topic) => can_both_match(&binding.routing_key, topic.as_str()),
                Some(ExchangeKind::Direct) => topic.matches(&binding.routing_key),
                Some(ExchangeKind::Fanout | ExchangeKind::Headers | ExchangeKind::Other) => true,
                None => false,
            }
    };
    topology.bindings.iter().filter(could_take).collect()
}

impl Row {
    fn new(topology: &Topology, binding: &Binding) -> Self {
        let (queue, to_exchange) = match binding.destination() {
            Destination::Queue(name) => (Some(name.to_owned()), None),
            Destination::Exchange(name) => (None, Some(name.to_owned())),
        };
        let found = queue.as_deref().and_then(|name| topology.queue(name));
        let exchange = to_exchange.as_deref().and_then(|name| topology.exchange(name));
        let flag = |of_queue: Option<bool>, of_exchange: Option<bool>| {
            of_queue.or(of_exchange).unwrap_or_default()
        };
        Self {
            exchange: binding.source.clone(),
            routing_key: binding.routing_key.clone(),
            consumers: found.and_then(|queue| queue.consumers),
            messages_ready: found.and_then(|queue| queue.messages_ready),
            messages_unacknowledged: found.and_then(|queue| queue.messages_unacknowledged),
            durable: flag(found.map(|q| q.durable), exchange.map(|e| e.durable)),
            auto_delete: flag(found.map(|q| q.auto_delete), exchange.map(|e| e.auto_delete)),
            arguments: found.map(|queue| queue.arguments.clone()).unwrap_or_default(),
            binding_arguments: binding.arguments.clone(),
            queue,
            to_exchange,
        }
    }

    fn sort_key(&self) -> (&str, Option<&str>, Option<&str>, &str) {
        (&self.exchange, self.queue.as_deref(), self.to_exchange.as_deref(), &self.routing_key)
    }

    fn destination(&self) -> String {
        match (&self.queue, &self.to_exchange) {
            (Some(queue), _) => queue.clone(),
            (None, Some(exchange)) => format!("exchange {exchange}"),
            (None, None) => String::new(),
        }
    }
}

impl Report for BindingsList {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut table = Table::new([
            "exchange",
            "queue",
            "routing key",
            "consumers",
            "ready",
            "unacked",
            "arguments",
        ]);
        for column in 3..6 {
            table = table.numeric(column);
        }
        for row in &self.0 {
            let count = |count: Option<u64>| count.map_or("?".to_owned(), |n| n.to_string());
            let counts = [row.consumers, row.messages_ready, row.messages_unacknowledged];
            let counts = counts.map(|n| if row.queue.is_some() { count(n) } else { String::new() });
            let exchange = if row.exchange.is_empty() { "(default)" } else { &row.exchange };
            let text = [exchange.to_owned(), row.destination(), row.routing_key.clone()];
            let arguments = arguments(&row.arguments);
            table.row(text.into_iter().chain(counts).chain([arguments]));
        }
        table.write(out, style)
    }
}

fn arguments(arguments: &Map<String, Value>) -> String {
    let shown = arguments.iter().map(|(name, value)| match value {
        Value::String(text) => format!("{name}={text}"),
        other => format!("{name}={other}"),
    });
    shown.collect::<Vec<_>>().join(" ")
}
