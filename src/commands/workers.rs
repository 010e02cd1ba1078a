//! `workers`: who is there, what they read, what they know.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::bindings::of_management;
use super::connect::{connector, management};
use super::context::Context;
use super::duration;
use super::error::{CommandError, ExitKind};
use crate::broker::{DEFAULT_MAILBOX, Messages, Question, WorkerAnswer, WorkerStats, ask_workers};
use crate::topology::audit::WorkerFacts;
use crate::topology::{Topology, WorkerNode, connected_workers, mailboxes};
use crate::ui::{Report, Style, Table, sanitize};

const EXAMPLES: &str = "\
Examples:
  celerysalt workers
  celerysalt workers --tasks
  celerysalt workers -o json --timeout 3s";

/// List the Celery workers, the queues they read and the tasks they know
///
/// Workers are found by their mailboxes in the management API, and then asked through the broker.
/// Without a management API only those that answer are listed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct WorkersArgs {
    /// How long to wait for answers
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = duration::parse)]
    timeout: Duration,
    /// Show the names of the tasks as well
    #[arg(long)]
    tasks: bool,
}

/// The workers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WorkersReport {
    workers: Vec<Worker>,
    #[serde(skip)]
    with_tasks: bool,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
struct Worker {
    node: String,
    /// Whether it told everything in time. A busy worker of the pool `solo` answers when it has
    /// finished its task.
    answered: bool,
    queues: Vec<String>,
    /// Null where it did not answer; so the numbers below.
    tasks: Option<Vec<String>>,
    pid: Option<u64>,
    concurrency: Option<u64>,
    /// How many tasks it has started.
    processed: Option<u64>,
    uptime_seconds: Option<u64>,
    /// How many connections read its mailbox, where the management API tells: with more than one,
    /// a name is taken twice.
    connections: Option<usize>,
}

/// The workers as the broker sees them and as they answer.
pub struct Found {
    pub answers: Vec<WorkerAnswer>,
    /// Empty without a management API.
    pub connected: Vec<WorkerNode>,
}

pub async fn run(args: &WorkersArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let connector = connector(context, "workers")?;
    let management = management(context, &connector.target)?;
    let vhost = &connector.target.first().vhost;
    let topology = match management.topology(vhost, Messages::NotCounted).await {
        Ok(topology) => Some(topology),
        Err(error) => {
            let problem = of_management(error).message;
            context.ui.warn(&format!("only workers that answer are listed: {problem}"));
            None
        }
    };
    let found = ask(context, topology.as_ref(), args.timeout).await?;
    let report = WorkersReport { workers: found.workers(), with_tasks: args.tasks };
    context.ui.report(&report)?;
    if report.workers.is_empty() {
        context.ui.note(&format!("no worker is connected to the virtual host {vhost:?}"));
    }
    Ok(ExitKind::Done)
}

/// Asks the workers that a topology shows, or whoever is there.
pub async fn ask(
    context: &Context,
    topology: Option<&Topology>,
    deadline: Duration,
) -> Result<Found, CommandError> {
    let connected = topology.map(connected_workers).unwrap_or_default();
    let mailboxes = match topology {
        Some(topology) => mailboxes(topology),
        None => vec![DEFAULT_MAILBOX.to_owned()],
    };
    let question = Question { mailboxes, expected: connected.len(), deadline };
    let answers = ask_workers(&connector(context, "workers")?, &question).await?;
    Ok(Found { answers, connected })
}

impl Found {
    /// What every worker told that told its tasks, by node.
    pub fn facts(&self) -> BTreeMap<String, WorkerFacts> {
        let facts = |answer: &WorkerAnswer| {
            let (tasks, queues) = (answer.tasks.clone()?, answer.queues.clone());
            let queues = queues.unwrap_or_default();
            Some((answer.node.clone(), WorkerFacts { tasks, queues }))
        };
        self.answers.iter().filter_map(facts).collect()
    }

    fn workers(self) -> Vec<Worker> {
        let mut workers: BTreeMap<String, Worker> = BTreeMap::new();
        for known in self.connected {
            let worker = Worker {
                node: known.node.clone(),
                queues: known.queues,
                connections: Some(known.connections),
                ..Worker::default()
            };
            workers.insert(known.node, worker);
        }
        for answer in self.answers {
            let worker = workers.entry(answer.node.clone()).or_default();
            worker.take(answer);
        }
        workers.into_values().collect()
    }
}

impl Worker {
    fn take(&mut self, answer: WorkerAnswer) {
        self.answered = answer.tasks.is_some() && answer.queues.is_some() && answer.stats.is_some();
        let stats = answer.stats.unwrap_or_default();
        let WorkerStats { pid, uptime, concurrency, processed } = stats;
        self.node = answer.node;
        self.tasks = answer.tasks;
        if let Some(queues) = answer.queues {
            self.queues = queues.into_iter().map(|queue| queue.name).collect();
        }
        (self.pid, self.uptime_seconds) = (pid, uptime);
        (self.concurrency, self.processed) = (concurrency, processed);
    }
}

impl Report for WorkersReport {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        if self.workers.is_empty() {
            return Ok(());
        }
        let mut table = Table::new([
            "worker",
            "queues",
            "tasks",
            "concurrency",
            "started",
            "uptime",
            "answered",
        ]);
        for column in 2..6 {
            table = table.numeric(column);
        }
        for worker in &self.workers {
            let number = |number: Option<u64>| number.map_or("?".to_owned(), |n| n.to_string());
            let tasks = worker.tasks.as_ref().map_or("?".to_owned(), |t| t.len().to_string());
            let uptime = worker.uptime_seconds.map_or("?".to_owned(), |s| format!("{s}s"));
            let twice = worker.connections.filter(|count| *count > 1);
            let node = match twice {
                Some(count) => format!("{} (×{count})", worker.node),
                None => worker.node.clone(),
            };
            table.row([
                node,
                worker.queues.join(", "),
                tasks,
                number(worker.concurrency),
                number(worker.processed),
                uptime,
                if worker.answered { "yes" } else { "no" }.to_owned(),
            ]);
        }
        table.write(out, style)?;
        if self.with_tasks {
            for worker in &self.workers {
                writeln!(out, "\n{}", style.heading.apply_to(sanitize(&worker.node)))?;
                for task in worker.tasks.iter().flatten() {
                    writeln!(out, "  {}", sanitize(task))?;
                }
            }
        }
        Ok(())
    }
}
