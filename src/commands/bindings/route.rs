use std::io::{self, Write};

use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Map;

use super::path::{Step, shown, steps};
use super::source::SourceArgs;
use super::topics::RegisteredTopics;
use super::why::{Missed, missed};
use crate::broker::Messages;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::event::Topic;
use crate::event::service_matcher::ServiceLibrary;
use crate::topology::{
    LibraryGuess, Message, Reached, Router, Topology, guess_library, is_plumbing_queue,
    service_patterns, would_handle,
};
use crate::ui::{Report, Style, Table, sanitize};

const EXAMPLES: &str = "\
Examples:
  celerysalt bindings route user.created
  celerysalt bindings route user.created --explain
  celerysalt bindings route user.created --definitions definitions.json";

/// Show who receives a topic, by which binding
///
/// Follows bindings between exchanges and alternate exchanges as the broker does. The column
/// `handler` tells whether the service's own library would then find a handler: it reads some
/// patterns differently. The exit status is 7 where nobody receives the topic.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct RouteArgs {
    /// A topic, without wildcards
    #[arg(value_name = "TOPIC")]
    topic: Topic,
    /// Tell for each queue that does not receive it which binding comes nearest and what differs
    #[arg(long)]
    explain: bool,
    /// The library that the services use, where their queues do not tell
    #[arg(long, value_name = "NAME")]
    library: Option<Library>,
    /// Also queues that no service reads events from, such as those of `celerysalt tail`
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    source: SourceArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Library {
    CelerySalt,
    TchuTchu,
}

/// Who receives a topic.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BindingsRoute {
    topic: String,
    exchange: String,
    queues: Vec<Receiver>,
    /// Whether no queue receives it.
    unroutable: bool,
    /// Whether it is a request that somebody waits for.
    is_rpc: bool,
    warnings: Vec<String>,
    /// The queues that do not receive it, the nearest first; with --explain only.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_received: Option<Vec<Missed>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Receiver {
    queue: String,
    /// The routing keys of the bindings that lead into the queue.
    via: Vec<String>,
    /// The whole way, once for each binding.
    paths: Vec<Vec<Step>>,
    /// Null where it is not known.
    consumers: Option<u64>,
    /// Whether the service's library finds a handler among what the queue is bound to.
    service_matches: bool,
    library: Library,
    /// Whether nothing tells which library it is.
    library_assumed: bool,
}

pub(super) async fn run(args: &RouteArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let topology = args.source.load(context, Messages::NotCounted).await?.topology;
    let topics = RegisteredTopics::read(context).await;
    let report =
        BindingsRoute::new(&topology, context.exchange(), args, topics.is_rpc(&args.topic));
    context.ui.report(&report)?;
    report.warnings.iter().for_each(|warning| context.ui.warn(warning));
    Ok(if report.unroutable { ExitKind::Unroutable } else { ExitKind::Done })
}

impl BindingsRoute {
    fn new(topology: &Topology, exchange: &str, args: &RouteArgs, is_rpc: bool) -> Self {
        let router = Router::new(topology);
        let topic = args.topic.as_str();
        let headers = &Map::new();
        let route = router.route(exchange, Message { routing_key: topic, headers });
        let bindings = topology.bindings_by_queue();
        let is_wanted = |reached: &&Reached<'_>| args.all || !is_plumbing_queue(reached.queue);
        let receiver = |reached: &Reached<'_>| {
            let bound = bindings.get(reached.queue).map(Vec::as_slice).unwrap_or_default();
            let patterns = service_patterns(reached.queue, bound);
            Receiver::new(topology, reached, &patterns, args)
        };
        let queues: Vec<Receiver> = route.reached.iter().filter(is_wanted).map(receiver).collect();
        let not_received = args.explain.then(|| missed(&router, exchange, topic, args.all));
        let mut report = Self {
            topic: topic.to_owned(),
            exchange: exchange.to_owned(),
            unroutable: queues.is_empty(),
            queues,
            is_rpc,
            warnings: Vec::new(),
            not_received,
        };
        report.warn(&route.uncertain);
        report
    }

    fn warn(&mut self, uncertain: &[&str]) {
        let names: Vec<&str> = self.queues.iter().map(|queue| queue.queue.as_str()).collect();
        if self.is_rpc && names.len() > 1 {
            self.warnings.push(format!(
                "{} queues receive the request: {}; the first answer counts, and it may come from \
                 the wrong service",
                names.len(),
                names.join(", ")
            ));
        }
        let unread = self.queues.iter().filter(|queue| queue.consumers == Some(0));
        let unread: Vec<&str> = unread.map(|queue| queue.queue.as_str()).collect();
        match unread.as_slice() {
            [] => {}
            [name] => self.warnings.push(format!("nobody reads from {name}: its messages wait")),
            names => self.warnings.push(format!(
                "nobody reads from {} of these queues, whose messages wait: {}",
                names.len(),
                names.join(", ")
            )),
        }
        let mismatches = self.queues.iter().filter(|queue| !queue.service_matches);
        self.warnings.extend(mismatches.map(Receiver::mismatch));
        for exchange in uncertain {
            self.warnings.push(format!(
                "the exchange {exchange} is of a type whose choice cannot be foreseen; every queue \
                 behind it is listed"
            ));
        }
    }
}

impl Receiver {
    fn new(
        topology: &Topology,
        reached: &Reached<'_>,
        patterns: &[&str],
        args: &RouteArgs,
    ) -> Self {
        let queue = topology.queue(reached.queue);
        let (library, library_assumed) = match (guess_library(queue), args.library) {
            (LibraryGuess::Known(library), _) => (Library::of(library), false),
            (LibraryGuess::Assumed(_), Some(given)) => (given, false),
            (LibraryGuess::Assumed(library), None) => (Library::of(library), true),
        };
        let mut via: Vec<String> =
            reached.paths.iter().filter_map(|path| path.last_key().map(str::to_owned)).collect();
        via.sort();
        via.dedup();
        Self {
            queue: reached.queue.to_owned(),
            via,
            paths: reached.paths.iter().map(steps).collect(),
            consumers: queue.and_then(|queue| queue.consumers),
            service_matches: would_handle(library.service(), patterns, args.topic.as_str()),
            library,
            library_assumed,
        }
    }
}

impl Receiver {
    fn mismatch(&self) -> String {
        let (name, library) = (&self.queue, self.library.name());
        let keys: Vec<&str> =
            self.via.iter().map(String::as_str).filter(|key| !key.is_empty()).collect();
        match keys.is_empty() {
            true => format!("{name} receives the topic, but no binding of it names a topic"),
            false => format!(
                "{name} receives the topic, but {library} finds no handler for it: it reads {} \
                 differently from the broker",
                keys.join(", ")
            ),
        }
    }
}

impl Library {
    fn of(library: ServiceLibrary) -> Self {
        match library {
            ServiceLibrary::CelerySalt => Self::CelerySalt,
            ServiceLibrary::TchuTchu => Self::TchuTchu,
        }
    }

    fn service(self) -> ServiceLibrary {
        match self {
            Self::CelerySalt => ServiceLibrary::CelerySalt,
            Self::TchuTchu => ServiceLibrary::TchuTchu,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::CelerySalt => "celery-salt",
            Self::TchuTchu => "tchu-tchu",
        }
    }
}

impl Report for BindingsRoute {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let topic = style.heading.apply_to(sanitize(&self.topic));
        let exchange = sanitize(&self.exchange);
        match self.queues.len() {
            0 => writeln!(out, "{topic} reaches nobody through {exchange}")?,
            1 => writeln!(out, "{topic} reaches one queue through {exchange}")?,
            count => writeln!(out, "{topic} reaches {count} queues through {exchange}")?,
        }
        if !self.queues.is_empty() {
            let mut table = Table::new(["queue", "via", "consumers", "handler"]).numeric(2);
            for queue in &self.queues {
                let paths: Vec<String> = queue.paths.iter().map(|path| shown(path)).collect();
                let handler = match (queue.service_matches, queue.library_assumed) {
                    (true, _) => "yes".to_owned(),
                    (false, false) => format!("no ({})", queue.library.name()),
                    (false, true) => format!("no (if it is {})", queue.library.name()),
                };
                let consumers = queue.consumers.map_or("?".to_owned(), |count| count.to_string());
                table.row([queue.queue.clone(), paths.join("; "), consumers, handler]);
            }
            table.write(out, style)?;
        }
        let Some(missed) = self.not_received.as_ref().filter(|missed| !missed.is_empty()) else {
            return Ok(());
        };
        writeln!(out, "\nnot received by:")?;
        missed.iter().try_for_each(|missed| missed.write(out, style))
    }
}
