use std::io::{self, Write};
use std::str::FromStr;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::source::SourceArgs;
use super::topics::RegisteredTopics;
use crate::broker::Messages;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::event::RoutingPattern;
use crate::topology::{Change, ChangeAction, Effect, Plan, TopicChange, plan};
use crate::ui::{Report, Style, sanitize};

const EXAMPLES: &str = "\
Examples:
  celerysalt bindings plan --add billing_queue='order.*'
  celerysalt bindings plan --remove service_queue='user.#' --add service_queue=user.created";

/// Show who would gain or lose which topics if bindings changed
///
/// Changes nothing. Looks at the topics of the registry and at every routing key without wildcards
/// that is bound.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[group(id = "changes", required = true, multiple = true, args = ["add", "remove"])]
pub struct PlanArgs {
    /// Bind this queue to the exchange with this pattern. May be repeated
    #[arg(long, value_name = "QUEUE=PATTERN")]
    add: Vec<BindingArg>,
    /// Remove this binding of a queue to the exchange. May be repeated
    #[arg(long, value_name = "QUEUE=PATTERN")]
    remove: Vec<BindingArg>,
    #[command(flatten)]
    source: SourceArgs,
}

/// A queue's name may hold `=`, a pattern hardly ever does: the last one divides.
#[derive(Debug, Clone)]
struct BindingArg {
    queue: String,
    routing_key: RoutingPattern,
}

impl FromStr for BindingArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (queue, pattern) = text
            .rsplit_once('=')
            .ok_or("write QUEUE=PATTERN, for example billing_queue=order.*")?;
        if queue.is_empty() {
            return Err("the name of the queue is missing".to_owned());
        }
        let routing_key = pattern.parse().map_err(|error| format!("{error}"))?;
        Ok(Self { queue: queue.to_owned(), routing_key })
    }
}

impl BindingArg {
    fn change(&self, action: ChangeAction) -> Change {
        let routing_key = self.routing_key.as_str().to_owned();
        Change { action, queue: self.queue.clone(), routing_key }
    }
}

/// What a change of bindings would do.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BindingsPlan {
    exchange: String,
    changes: Vec<PlannedChange>,
    /// The topics whose receivers change.
    topics: Vec<TopicOutcome>,
    topics_checked: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PlannedChange {
    action: Action,
    queue: String,
    routing_key: String,
    effect: Outcome,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Action {
    Add,
    Remove,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Changes,
    AlreadyThere,
    NotThere,
    NoSuchQueue,
}

#[derive(Debug, Serialize, JsonSchema)]
struct TopicOutcome {
    topic: String,
    gained_by: Vec<String>,
    lost_by: Vec<String>,
    /// How many queues receive it afterwards.
    receivers_after: usize,
}

pub(super) async fn run(args: &PlanArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let topology = args.source.load(context, Messages::NotCounted).await?.topology;
    let registered = RegisteredTopics::read(context).await;
    let removed = args.remove.iter().map(|arg| arg.change(ChangeAction::Remove));
    let added = args.add.iter().map(|arg| arg.change(ChangeAction::Add));
    let changes: Vec<Change> = removed.chain(added).collect();
    let found = plan(&topology, context.exchange(), &changes, &registered.names());
    let report = BindingsPlan::new(context.exchange(), found);
    context.ui.report(&report)?;
    let is_missing = |change: &PlannedChange| change.effect == Outcome::NoSuchQueue;
    Ok(if report.changes.iter().any(is_missing) { ExitKind::No } else { ExitKind::Done })
}

impl BindingsPlan {
    fn new(exchange: &str, plan: Plan) -> Self {
        Self {
            exchange: exchange.to_owned(),
            changes: plan.effects.into_iter().map(PlannedChange::new).collect(),
            topics: plan.topics.into_iter().map(TopicOutcome::new).collect(),
            topics_checked: plan.topics_checked,
        }
    }
}

impl PlannedChange {
    fn new((change, effect): (Change, Effect)) -> Self {
        Self {
            action: match change.action {
                ChangeAction::Add => Action::Add,
                ChangeAction::Remove => Action::Remove,
            },
            queue: change.queue,
            routing_key: change.routing_key,
            effect: match effect {
                Effect::Changes => Outcome::Changes,
                Effect::AlreadyThere => Outcome::AlreadyThere,
                Effect::NotThere => Outcome::NotThere,
                Effect::NoSuchQueue => Outcome::NoSuchQueue,
            },
        }
    }
}

impl TopicOutcome {
    fn new(change: TopicChange) -> Self {
        Self {
            topic: change.topic,
            gained_by: change.gained,
            lost_by: change.lost,
            receivers_after: change.receivers_after,
        }
    }
}

impl Report for BindingsPlan {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        for change in &self.changes {
            let (sign, look) = match change.action {
                Action::Add => ("+", &style.good),
                Action::Remove => ("-", &style.bad),
            };
            let effect = match change.effect {
                Outcome::Changes => "",
                Outcome::AlreadyThere => " (is there already)",
                Outcome::NotThere => " (there is no such binding)",
                Outcome::NoSuchQueue => " (there is no such queue)",
            };
            let line = format!("{sign} {} = {}", change.queue, change.routing_key);
            writeln!(out, "{}{effect}", look.apply_to(sanitize(&line)))?;
        }
        writeln!(out)?;
        for topic in &self.topics {
            let parts = [("gained by", &topic.gained_by), ("lost by", &topic.lost_by)];
            let parts: Vec<String> = parts
                .into_iter()
                .filter(|(_, names)| !names.is_empty())
                .map(|(what, names)| format!("{what} {}", names.join(", ")))
                .collect();
            let nobody = match topic.receivers_after {
                0 => "; nobody receives it then",
                _ => "",
            };
            let line = format!("{}: {}{nobody}", topic.topic, parts.join("; "));
            writeln!(out, "{}", sanitize(&line))?;
        }
        let (changed, checked) = (self.topics.len(), self.topics_checked);
        writeln!(out, "{changed} of {checked} known topics change their receivers")
    }
}
