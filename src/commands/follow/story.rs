//! One event and everything that came of it, put together from facts in any order. Pure.
//!
//! | task id | what it is |
//! |---|---|
//! | the id of an event | the dispatcher of one of the services that receive it |
//! | `<event id>:<handler>` | a handler, started by the dispatcher as a task of its own |
//! | any other, with the event as its root or a known task as its parent | a task that a handler started |
//!
//! An event belongs to the story if it is its subject, if it was published by one of its tasks, or
//! if it has the subject's correlation id.

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::task_run::{Role, State, Step, TaskRun, Teller};
use super::worker_event::{Happening, WorkerEvent};
use crate::wire::TaskResult;

/// Events and tasks of one story at most; further ones are counted.
const MAX_PARTS: usize = 500;

/// An event as it was published.
#[derive(Debug, Clone)]
pub struct Published {
    pub id: String,
    pub topic: String,
    pub is_request: bool,
    pub version: Option<String>,
    pub correlation_id: Option<String>,
    pub origin: Option<String>,
    pub root_id: Option<String>,
    pub parent_id: Option<String>,
    /// When it was seen here; `None` for one that was published before.
    pub at: Option<Timestamp>,
    pub size: usize,
    pub payload: Option<Box<RawValue>>,
    /// The queues it went to, with their consumers; `None` where nobody could tell.
    pub queues: Option<Vec<(String, Option<u64>)>>,
}

/// The story of one event.
#[derive(Debug)]
pub struct Story {
    pub subject: String,
    pub correlation_id: Option<String>,
    pub events: Vec<Published>,
    pub tasks: Vec<TaskRun>,
    /// Whether a worker has said anything.
    pub has_worker_events: bool,
    /// Events, tasks and steps beyond what is kept.
    pub left_out: u64,
}

impl Story {
    /// A story about an event or a task of which nothing is known yet.
    pub fn about(id: &str) -> Self {
        Self {
            subject: id.to_owned(),
            correlation_id: None,
            events: Vec::new(),
            tasks: Vec::new(),
            has_worker_events: false,
            left_out: 0,
        }
    }

    /// Takes an event that belongs to the story; says whether it does.
    pub fn published(&mut self, event: &Published) -> bool {
        if self.events.iter().any(|known| known.id == event.id) {
            return false;
        }
        let is_named = |id: &Option<String>| id.as_deref().is_some_and(|id| self.is_part(id));
        let has_correlation =
            self.correlation_id.is_some() && event.correlation_id == self.correlation_id;
        let is_subject = event.id == self.subject
            || event.correlation_id.as_deref() == Some(self.subject.as_str());
        if !(is_subject
            || has_correlation
            || is_named(&event.root_id)
            || is_named(&event.parent_id))
        {
            return false;
        }
        if is_subject && self.correlation_id.is_none() {
            self.correlation_id.clone_from(&event.correlation_id);
        }
        if self.has_room() {
            self.events.push(event.clone());
        }
        true
    }

    /// Whether an id is that of an event or a task of the story.
    fn is_part(&self, id: &str) -> bool {
        self.owner(id).is_some() || self.tasks.iter().any(|task| task.id == id)
    }

    /// The event whose dispatcher or handler a task id names.
    fn owner(&self, task_id: &str) -> Option<(String, Role)> {
        let of = |event: &str| match task_id.strip_prefix(event) {
            Some("") => Some((event.to_owned(), Role::Dispatcher)),
            Some(rest) if rest.starts_with(':') => Some((event.to_owned(), Role::Handler)),
            Some(_) | None => None,
        };
        let known = self.events.iter().find_map(|event| of(&event.id));
        known.or_else(|| of(&self.subject))
    }

    fn has_room(&mut self) -> bool {
        let has_room = self.events.len() + self.tasks.len() < MAX_PARTS;
        self.left_out += u64::from(!has_room);
        has_room
    }

    /// Takes what a worker says, if it is about the story; says whether it is.
    pub fn worker_event(&mut self, event: &WorkerEvent) -> bool {
        let named = |id: &Option<String>| id.clone().filter(|id| self.is_part(id));
        let owner = self.owner(&event.task_id).or_else(|| {
            let relative = named(&event.root_id).or_else(|| named(&event.parent_id))?;
            Some((self.owner(&relative).map_or(relative, |(id, _)| id), Role::Other))
        });
        let is_known = self.tasks.iter().any(|task| task.id == event.task_id);
        let Some(owner) = owner.or_else(|| is_known.then(|| (self.subject.clone(), Role::Other)))
        else {
            return false;
        };
        self.has_worker_events = true;
        // A publisher is no worker of the task.
        let worker = (event.what != Happening::Sent).then_some(event.worker.as_str());
        let Some(run) = self.run(&event.task_id, worker, owner) else { return true };
        // Better than the name in a dispatcher's report, which is that of the library's wrapper.
        run.name = event.name.clone().or_else(|| run.name.take());
        let (state, detail) = match event.what {
            Happening::Sent => return true,
            Happening::Received => (State::Received, None),
            Happening::Started => (State::Started, None),
            Happening::Succeeded => (State::Succeeded, event.result.clone()),
            Happening::Failed => (State::Failed, event.exception.clone()),
            Happening::Retried => (State::Retrying, event.exception.clone()),
            Happening::Rejected => (State::Rejected, None),
            Happening::Revoked => (State::Revoked, None),
        };
        run.runtime_seconds = event.runtime_seconds.or(run.runtime_seconds);
        let is_kept = run.step(Step { at: event.at, state, detail, told_by: Teller::Worker });
        self.left_out += u64::from(!is_kept);
        if event.what == Happening::Succeeded {
            self.announced(&event.task_id, event.result.as_deref().unwrap_or_default());
        }
        true
    }

    /// The handlers that a dispatcher has started, by what `repr()` made of its report: they are
    /// under way from now on, whoever runs them.
    fn announced(&mut self, event_id: &str, report: &str) {
        let begin = format!("'{event_id}:");
        for (start, _) in report.match_indices(&begin) {
            let Some((id, _)) = report[start + 1..].split_once('\'') else { continue };
            self.run(id, None, (event_id.to_owned(), Role::Handler));
        }
    }

    /// The run of a task on a worker, made where it is not known yet.
    fn run(
        &mut self,
        id: &str,
        worker: Option<&str>,
        (event_id, role): (String, Role),
    ) -> Option<&mut TaskRun> {
        let fits = |run: &TaskRun| {
            let same = run.worker.is_none() || worker.is_none() || run.worker.as_deref() == worker;
            run.id == id && same
        };
        let position = match self.tasks.iter().position(fits) {
            Some(position) => position,
            None if self.has_room() => {
                self.tasks.push(TaskRun::new(id, event_id, role));
                self.tasks.len() - 1
            }
            None => return None,
        };
        let run = self.tasks.get_mut(position)?;
        if run.worker.is_none() {
            run.worker = worker.map(str::to_owned);
        }
        Some(run)
    }

    /// Takes what the result backend has about a task.
    pub fn stored(&mut self, task_id: &str, result: &TaskResult, now: Timestamp) {
        let owner = self.owner(task_id).unwrap_or((self.subject.clone(), Role::Other));
        let event_id = owner.0.clone();
        let at = result.date_done.as_deref().and_then(instant).unwrap_or(now);
        if self.run(task_id, None, owner).is_none() {
            return;
        }
        // Of several services that ran it one has stored this: one that ended so, or has not ended.
        let unlikely = |run: &&mut TaskRun| match State::of(&result.status) {
            Some(state) if run.state == state => 0,
            Some(_) | None => 1 + u8::from(run.state.is_final()),
        };
        let runs = self.tasks.iter_mut().filter(|run| run.id == task_id);
        let Some(run) = runs.min_by_key(unlikely) else { return };
        run.take_result(result, at);
        let Some(report) = &result.report else { return };
        let handlers = report.handlers.iter().filter(|handler| handler.task_id.is_some());
        for handler in handlers {
            let id = handler.task_id.clone().unwrap_or_default();
            if let Some(run) = self.run(&id, None, (event_id.clone(), Role::Handler)) {
                run.name = run.name.take().or_else(|| handler.handler.clone());
            }
        }
        if !self.events.iter().any(|event| event.id == event_id) && self.has_room() {
            self.events.push(Published::known_from_report(event_id, &report.topic));
        }
    }

    /// The tasks whose results are worth asking for.
    pub fn unstored(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.events.iter().map(|event| event.id.clone()).collect();
        ids.push(self.subject.clone());
        ids.extend(self.tasks.iter().map(|task| task.id.clone()));
        ids.sort();
        ids.dedup();
        let is_done = |id: &str| self.tasks.iter().any(|task| task.id == id && task.is_stored);
        ids.retain(|id| !is_done(id));
        ids
    }

    /// Whether nothing was seen and nothing is stored.
    pub fn is_unknown(&self) -> bool {
        self.events.is_empty() && self.tasks.is_empty()
    }

    /// Whether any of it was seen as it happened; otherwise only results are left of it.
    pub fn is_live(&self) -> bool {
        self.has_worker_events || self.events.iter().any(|event| event.at.is_some())
    }

    /// Whether workers have told the end of every task, on each queue that somebody reads.
    pub fn is_told(&self) -> bool {
        let is_complete = |event: &Published| {
            let queues = event.queues.as_deref().unwrap_or_default().iter();
            let expected = queues.filter(|(_, consumers)| *consumers != Some(0)).count();
            let is_of = |task: &&TaskRun| task.id == event.id && task.role == Role::Dispatcher;
            self.tasks.iter().filter(is_of).count() >= expected.max(1)
        };
        let is_by_nobody = |event: &Published| event.queues.as_ref().is_some_and(Vec::is_empty);
        self.is_settled()
            && self.events.iter().all(|event| is_by_nobody(event) || is_complete(event))
            && self.tasks.iter().all(TaskRun::is_told)
    }

    /// Whether nothing is under way that is known of. More may come: another service, a task that
    /// has not been announced yet.
    pub fn is_settled(&self) -> bool {
        let is_received = |event: &Published| {
            let by_nobody = event.queues.as_ref().is_some_and(Vec::is_empty);
            let is_of = |task: &TaskRun| {
                task.id == event.id && task.role == Role::Dispatcher && task.state.is_final()
            };
            by_nobody || self.tasks.iter().any(is_of)
        };
        !self.is_unknown()
            && self.events.iter().all(is_received)
            && self.tasks.iter().all(|task| task.state.is_final())
    }
}

impl Published {
    /// Whether it is known to be an event, for which nobody waits. Of one of the past it is not
    /// known.
    pub fn is_broadcast(&self) -> bool {
        self.at.is_some() && !self.is_request
    }

    /// An event that was published before anybody looked.
    fn known_from_report(id: String, topic: &str) -> Self {
        Self {
            id,
            topic: topic.to_owned(),
            is_request: false,
            version: None,
            correlation_id: None,
            origin: None,
            root_id: None,
            parent_id: None,
            at: None,
            size: 0,
            payload: None,
            queues: None,
        }
    }
}

/// ISO 8601; without a zone it is UTC, as Celery means it.
fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| format!("{text}Z").parse().ok())
}

#[cfg(test)]
mod tests;
