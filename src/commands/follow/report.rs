//! A story as a report: what happened in the order of time, and how it ended.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::story::{Published, Story};
use super::task_run::{Outcome, Role, State, TaskRun};
use crate::commands::error::ExitKind;

/// What `follow` prints about one event.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FollowReport {
    /// The event that was followed.
    pub id: String,
    pub topic: Option<String>,
    /// `event`, `rpc_request`, `task` or, where nothing tells, `null`.
    pub kind: Option<&'static str>,
    pub version: Option<String>,
    pub correlation_id: Option<String>,
    pub outcome: FollowOutcome,
    /// From the first step to the last, in milliseconds.
    pub elapsed_ms: Option<f64>,
    /// Requests with their replies; empty for events.
    pub exchanges: Vec<Exchange>,
    /// Everything that happened, in the order of time.
    pub steps: Vec<TimelineStep>,
    pub tasks: Vec<TaskSummary>,
    /// What could not be seen, in words.
    pub remarks: Vec<String>,
}

/// How a story ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FollowOutcome {
    /// Every task that is known of has succeeded.
    Succeeded,
    /// A task failed, was rejected or revoked, or an RPC handler raised.
    Failed,
    /// A service received the event, but none of its handlers matches.
    NoHandlers,
    /// No queue is bound to the topic.
    Unroutable,
    /// Not everything was finished when time ran out.
    Unfinished,
    /// Nothing was seen and nothing is stored.
    Unknown,
}

/// A request and its reply.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Exchange {
    pub topic: String,
    pub id: String,
    #[schemars(with = "Option<Value>")]
    pub request: Option<Box<RawValue>>,
    pub handler: Option<String>,
    #[schemars(with = "Option<Value>")]
    pub reply: Option<Box<RawValue>>,
    /// The text of what the handler raised.
    pub error: Option<String>,
    /// From the request to the end of the task, in milliseconds.
    pub elapsed_ms: Option<f64>,
}

/// One step of the story.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TimelineStep {
    /// RFC 3339; of a task by its worker's clock, of an event when it was seen here, but not after a
    /// worker received it.
    pub at: Option<String>,
    /// Milliseconds since the first step.
    pub offset_ms: Option<f64>,
    /// `published`, `received`, `started`, `retrying`, `succeeded`, `failed`, `rejected`, `revoked`.
    pub step: &'static str,
    /// The event or the task.
    pub id: String,
    /// The topic of an event, the name of a task.
    pub name: Option<String>,
    /// `event`, `dispatcher`, `handler` or `task`.
    pub role: &'static str,
    pub worker: Option<String>,
    /// The queues of an event.
    pub queues: Option<Vec<QueueReached>>,
    /// The exception or the result of a task, as text.
    pub detail: Option<String>,
}

/// A queue that an event went to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct QueueReached {
    pub queue: String,
    pub consumers: Option<u64>,
}

/// A task as a whole.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TaskSummary {
    pub id: String,
    pub event_id: String,
    /// `dispatcher`, `handler` or `task`.
    pub role: &'static str,
    pub name: Option<String>,
    pub worker: Option<String>,
    /// `waiting`, or the name of its last step.
    pub state: &'static str,
    /// By the worker's own measure.
    pub runtime_seconds: Option<f64>,
    /// Times it was tried again.
    pub retries: usize,
    /// The last one, also of a task that succeeded in the end.
    pub exception: Option<String>,
    #[schemars(with = "Option<Value>")]
    pub result: Option<Box<RawValue>>,
}

impl FollowOutcome {
    pub fn exit_kind(self) -> ExitKind {
        match self {
            Self::Succeeded => ExitKind::Done,
            Self::Failed => ExitKind::No,
            Self::NoHandlers | Self::Unroutable => ExitKind::Unroutable,
            Self::Unfinished | Self::Unknown => ExitKind::Timeout,
        }
    }

    /// The one that decides how the process ends.
    #[must_use]
    pub fn worse_of(self, other: Self) -> Self {
        let rank = |outcome: Self| match outcome {
            Self::Failed => 0,
            Self::Unfinished | Self::Unknown => 1,
            Self::Unroutable | Self::NoHandlers => 2,
            Self::Succeeded => 3,
        };
        if rank(other) < rank(self) { other } else { self }
    }

    /// How a story stands.
    ///
    /// | | outcome |
    /// |---|---|
    /// | nothing known | unknown |
    /// | a task failed, or an RPC handler raised | failed |
    /// | something under way | unfinished |
    /// | events, none of which went to a queue | unroutable |
    /// | dispatchers, all without a handler | no handlers |
    /// | else | succeeded |
    fn of(story: &Story) -> Self {
        let is_failed = |task: &TaskRun| {
            let by_state = matches!(task.state, State::Failed | State::Rejected | State::Revoked);
            by_state || task.outcomes.iter().any(|outcome| outcome.error.is_some())
        };
        let is_nowhere = |event: &Published| event.queues.as_ref().is_some_and(Vec::is_empty);
        if story.is_unknown() {
            Self::Unknown
        } else if story.tasks.iter().any(is_failed) {
            Self::Failed
        } else if !story.is_settled() {
            Self::Unfinished
        } else if story.tasks.is_empty() && story.events.iter().all(is_nowhere) {
            Self::Unroutable
        } else if story.tasks.iter().all(|task| task.has_no_handlers) {
            Self::NoHandlers
        } else {
            Self::Succeeded
        }
    }
}

impl FollowReport {
    pub fn of(story: &Story, remarks: Vec<String>) -> Self {
        let subject = story.events.iter().find(|event| event.id == story.subject);
        let subject = subject.or_else(|| story.events.first());
        let steps = timeline(story);
        let (first, last) = ends(story);
        let kind = match (subject, story.tasks.is_empty()) {
            (Some(event), _) if event.is_request => Some("rpc_request"),
            (Some(_), _) => Some("event"),
            (None, false) => Some("task"),
            (None, true) => None,
        };
        let mut remarks = remarks;
        if story.left_out > 0 {
            remarks.push(format!("{} more parts of the story are not shown", story.left_out));
        }
        Self {
            id: subject.map_or_else(|| story.subject.clone(), |event| event.id.clone()),
            topic: subject.map(|event| event.topic.clone()),
            kind,
            version: subject.and_then(|event| event.version.clone()),
            correlation_id: story.correlation_id.clone(),
            outcome: FollowOutcome::of(story),
            elapsed_ms: first.zip(last).map(|(first, last)| milliseconds(first, last)),
            exchanges: story.events.iter().flat_map(|event| exchanges(event, story)).collect(),
            steps,
            tasks: story.tasks.iter().map(TaskSummary::of).collect(),
            remarks,
        }
    }
}

/// When an event was seen here, or received by a worker if that was earlier: a fast worker, or one
/// whose clock is behind ours.
fn published_at(event: &Published, story: &Story) -> Option<Timestamp> {
    let dispatchers = story.tasks.iter().filter(|task| task.id == event.id);
    let received = dispatchers.flat_map(|task| task.steps.iter().map(|step| step.at)).min();
    event.at.map(|seen| received.map_or(seen, |received| received.min(seen)))
}

fn ends(story: &Story) -> (Option<Timestamp>, Option<Timestamp>) {
    let events = story.events.iter().filter_map(|event| published_at(event, story));
    let steps = story.tasks.iter().flat_map(|task| task.steps.iter().map(|step| step.at));
    let all: Vec<Timestamp> = events.chain(steps).collect();
    (all.iter().min().copied(), all.iter().max().copied())
}

fn milliseconds(from: Timestamp, to: Timestamp) -> f64 {
    let microseconds = to.as_microsecond() - from.as_microsecond();
    (microseconds as f64 / 100.0).round() / 10.0
}

fn timeline(story: &Story) -> Vec<TimelineStep> {
    let (first, _) = ends(story);
    let mut steps: Vec<(Option<Timestamp>, TimelineStep)> = Vec::new();
    // Of an event of the past nobody knows when it was published.
    for event in story.events.iter().filter(|event| event.at.is_some()) {
        steps.push((published_at(event, story), published(event)));
    }
    for task in &story.tasks {
        for step in &task.steps {
            let shown = TimelineStep {
                at: None,
                offset_ms: None,
                step: name_of(step.state),
                id: task.id.clone(),
                name: task.name.clone(),
                role: role_of(task),
                worker: task.worker.clone(),
                queues: None,
                detail: step.detail.clone(),
            };
            steps.push((Some(step.at), shown));
        }
    }
    for event in story.events.iter().filter(|event| event.is_broadcast()) {
        steps.extend(called(event, story));
    }
    steps.sort_by_key(|(at, _)| *at);
    let finished = steps.into_iter().map(|(at, step)| TimelineStep {
        at: at.map(|at| format!("{at:.3}")),
        offset_ms: first.zip(at).map(|(first, at)| milliseconds(first, at)),
        ..step
    });
    finished.collect()
}

/// The handlers that a dispatcher called itself, as tchu-tchu does: they are no tasks of their own,
/// and ended with the dispatcher at the latest.
fn called(event: &Published, story: &Story) -> Vec<(Option<Timestamp>, TimelineStep)> {
    let dispatchers = story.tasks.iter().filter(|task| task.id == event.id);
    let of_task = |task: &TaskRun| {
        let end = end_of(task);
        let step = |outcome: &Outcome| TimelineStep {
            at: None,
            offset_ms: None,
            step: if outcome.error.is_some() { "failed" } else { "succeeded" },
            id: task.id.clone(),
            name: outcome.handler.clone(),
            role: "handler",
            worker: task.worker.clone(),
            queues: None,
            detail: outcome.error.clone(),
        };
        task.outcomes.iter().map(|outcome| (end, step(outcome))).collect::<Vec<_>>()
    };
    dispatchers.flat_map(of_task).collect()
}

fn end_of(task: &TaskRun) -> Option<Timestamp> {
    task.steps.iter().filter(|step| step.state.is_final()).map(|step| step.at).max()
}

fn published(event: &Published) -> TimelineStep {
    let queues = event.queues.as_ref().map(|queues| {
        let reached = |(queue, consumers): &(String, Option<u64>)| QueueReached {
            queue: queue.clone(),
            consumers: *consumers,
        };
        queues.iter().map(reached).collect()
    });
    TimelineStep {
        at: None,
        offset_ms: None,
        step: "published",
        id: event.id.clone(),
        name: Some(event.topic.clone()),
        role: "event",
        worker: event.origin.clone(),
        queues,
        detail: None,
    }
}

fn exchanges(event: &Published, story: &Story) -> Vec<Exchange> {
    if event.is_broadcast() {
        return Vec::new();
    }
    let dispatchers = story.tasks.iter().filter(|task| task.id == event.id);
    let mut pairs: Vec<Exchange> = Vec::new();
    for task in dispatchers {
        let elapsed_ms = published_at(event, story)
            .zip(end_of(task))
            .map(|(from, to)| milliseconds(from, to).max(0.0));
        pairs.extend(task.outcomes.iter().map(|outcome| Exchange {
            topic: event.topic.clone(),
            id: event.id.clone(),
            request: event.payload.clone(),
            handler: outcome.handler.clone(),
            reply: outcome.result.clone(),
            error: outcome.error.clone(),
            elapsed_ms,
        }));
    }
    if pairs.is_empty() && event.is_request {
        pairs.push(Exchange {
            topic: event.topic.clone(),
            id: event.id.clone(),
            request: event.payload.clone(),
            handler: None,
            reply: None,
            error: None,
            elapsed_ms: None,
        });
    }
    pairs
}

impl TaskSummary {
    fn of(task: &TaskRun) -> Self {
        Self {
            id: task.id.clone(),
            event_id: task.event_id.clone(),
            role: role_of(task),
            name: task.name.clone(),
            worker: task.worker.clone(),
            state: name_of(task.state),
            runtime_seconds: task.runtime_seconds,
            retries: task.steps.iter().filter(|step| step.state == State::Retrying).count(),
            exception: task.exception.clone(),
            result: task.result.clone(),
        }
    }
}

fn role_of(task: &TaskRun) -> &'static str {
    let is_dispatcher = || match &task.name {
        Some(name) => name.ends_with(".dispatch_event"),
        None => task.result.is_none(),
    };
    match task.role {
        Role::Dispatcher if is_dispatcher() => "dispatcher",
        Role::Handler => "handler",
        Role::Dispatcher | Role::Other => "task",
    }
}

fn name_of(state: State) -> &'static str {
    match state {
        State::Waiting => "waiting",
        State::Received => "received",
        State::Started => "started",
        State::Retrying => "retrying",
        State::Succeeded => "succeeded",
        State::Failed => "failed",
        State::Rejected => "rejected",
        State::Revoked => "revoked",
    }
}
