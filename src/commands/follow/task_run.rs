//! One task of a story on one worker. Pure.

use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::wire::{HandlerOutcome, TaskFailure, TaskResult};

/// Steps of one task at most: one that is retried for ever has no end.
pub const MAX_STEPS: usize = 200;

/// How far a task has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Known by name only.
    Waiting,
    Received,
    Started,
    Retrying,
    Succeeded,
    Failed,
    Rejected,
    Revoked,
}

impl State {
    /// What a state of Celery's is here.
    pub fn of(status: &str) -> Option<Self> {
        match status {
            "SUCCESS" => Some(Self::Succeeded),
            "FAILURE" => Some(Self::Failed),
            "REVOKED" => Some(Self::Revoked),
            "RETRY" => Some(Self::Retrying),
            "STARTED" => Some(Self::Started),
            _ => None,
        }
    }

    pub fn is_final(self) -> bool {
        match self {
            Self::Succeeded | Self::Failed | Self::Rejected | Self::Revoked => true,
            Self::Waiting | Self::Received | Self::Started | Self::Retrying => false,
        }
    }
}

/// What happened to a task, and when by the clock of who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub at: Timestamp,
    pub state: State,
    pub detail: Option<String>,
    pub told_by: Teller,
}

/// Who says that something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Teller {
    Worker,
    /// The result backend, which a worker's own word replaces.
    Backend,
}

/// One task on one worker.
#[derive(Debug, Clone)]
pub struct TaskRun {
    pub id: String,
    /// The event it belongs to.
    pub event_id: String,
    pub role: Role,
    pub name: Option<String>,
    pub worker: Option<String>,
    pub state: State,
    pub steps: Vec<Step>,
    pub runtime_seconds: Option<f64>,
    pub exception: Option<String>,
    /// What a handler or another task returned.
    pub result: Option<Box<RawValue>>,
    /// What a dispatcher reports about the handlers it called itself.
    pub outcomes: Vec<Outcome>,
    /// Whether the result backend has spoken.
    pub is_stored: bool,
    /// The dispatcher found no handler.
    pub has_no_handlers: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Dispatcher,
    Handler,
    Other,
}

/// A handler that the dispatcher called itself, so an RPC handler.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub handler: Option<String>,
    pub error: Option<String>,
    pub result: Option<Box<RawValue>>,
}

impl TaskRun {
    pub fn new(id: &str, event_id: String, role: Role) -> Self {
        Self {
            id: id.to_owned(),
            event_id,
            role,
            name: None,
            worker: None,
            state: State::Waiting,
            steps: Vec::new(),
            runtime_seconds: None,
            exception: None,
            result: None,
            outcomes: Vec::new(),
            is_stored: false,
            has_no_handlers: false,
        }
    }

    /// Adds a step; false where there are too many. Steps may come out of order and twice.
    pub fn step(&mut self, step: Step) -> bool {
        if self.steps.contains(&step) {
            return true;
        }
        self.steps.retain(|known| known.told_by == Teller::Worker || known.state != step.state);
        if matches!(step.state, State::Failed | State::Retrying) {
            self.exception = step.detail.clone().or(self.exception.take());
        }
        // A task that is received again after a retry goes on; one that is done stays so, but a
        // rejection tells what became of the message of a failed task.
        if !self.state.is_final() {
            self.state = step.state;
        }
        if self.steps.len() >= MAX_STEPS {
            return false;
        }
        self.steps.push(step);
        self.steps.sort_by_key(|step| step.at);
        true
    }

    /// Whether a worker has told the end.
    pub fn is_told(&self) -> bool {
        self.steps.iter().any(|step| step.state.is_final() && step.told_by == Teller::Worker)
    }

    pub fn take_result(&mut self, result: &TaskResult, at: Timestamp) {
        let failure = result.failure.as_ref().map(TaskFailure::summary);
        let Some(state) = State::of(&result.status) else { return };
        self.is_stored = result.is_final();
        if let Some(failure) = &failure {
            self.exception = Some(failure.clone());
        }
        // The worker's own word on it is more exact.
        if !self.steps.iter().any(|step| step.state == state) {
            self.step(Step { at, state, detail: failure, told_by: Teller::Backend });
        }
        self.result.clone_from(&result.value);
        if let Some(report) = &result.report {
            self.has_no_handlers = report.handlers.is_empty();
            let called = report.handlers.iter().filter(|handler| handler.status != "dispatched");
            self.outcomes = called.map(Outcome::from).collect();
        }
    }
}

impl From<&HandlerOutcome> for Outcome {
    fn from(handler: &HandlerOutcome) -> Self {
        let error = match (handler.status.as_str(), &handler.error) {
            ("success", _) => None,
            (_, Some(error)) => Some(error.clone()),
            (status, None) => Some(status.to_owned()),
        };
        Self { handler: handler.handler.clone(), error, result: handler.result.clone() }
    }
}
