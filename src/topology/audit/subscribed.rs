//! What the services behind a queue subscribe to, as far as their workers or their code tell.
//!
//! | a worker with | tells by |
//! |---|---|
//! | celery-salt | the names of its tasks, and the bindings it declared |
//! | tchu-tchu 2 | the bindings it declared |
//! | tchu-tchu 3 | nothing: it declares its queue without bindings |

use std::collections::BTreeSet;

use super::names::{SALT_TASK, TCHU_TASK, handled_topics};
use super::{Audit, WorkerFacts};

/// Topics and patterns.
#[derive(Debug, Default)]
pub(super) struct Subscribed<'a> {
    /// `None` unless every reader of the queue is a worker that told.
    pub workers: Option<BTreeSet<&'a str>>,
    /// `None` where no code was read for the queue.
    pub code: Option<BTreeSet<&'a str>>,
}

impl<'a> Subscribed<'a> {
    pub(super) fn is_known(&self) -> bool {
        self.workers.is_some() || self.code.is_some()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.workers_have(key) || self.code.as_ref().is_some_and(|code| code.contains(key))
    }

    pub(super) fn workers_have(&self, key: &str) -> bool {
        self.workers.as_ref().is_some_and(|workers| workers.contains(key))
    }

    pub(super) fn all(&self) -> BTreeSet<&'a str> {
        self.workers.iter().chain(&self.code).flatten().copied().collect()
    }
}

impl<'a> Audit<'a> {
    pub(super) fn subscribed(&self, queue: &str) -> Subscribed<'a> {
        let code = self.input.code.iter().filter(|service| service.queue == queue);
        let code: Vec<_> = code.collect();
        let topics = code.iter().flat_map(|service| &service.topics).map(String::as_str);
        Subscribed {
            workers: self.told_by_workers(queue),
            code: (!code.is_empty()).then(|| topics.collect()),
        }
    }

    fn told_by_workers(&self, queue: &str) -> Option<BTreeSet<&'a str>> {
        let facts = self.facts_behind(queue)?;
        let mut told = BTreeSet::new();
        for worker in facts {
            told.extend(self.told_by(worker, queue)?);
        }
        Some(told)
    }

    fn told_by(&self, worker: &'a WorkerFacts, queue: &str) -> Option<BTreeSet<&'a str>> {
        let declared = worker.queues.iter().filter(|declared| declared.name == queue);
        let declared = declared
            .flat_map(|declared| &declared.bindings)
            .filter(|binding| binding.exchange == self.exchange && binding.routing_key != queue);
        let mut told: BTreeSet<&str> =
            declared.map(|binding| binding.routing_key.as_str()).collect();
        let knows = |task: &str| worker.tasks.iter().any(|known| known == task);
        if knows(SALT_TASK) {
            told.extend(handled_topics(worker.tasks.iter().map(String::as_str)));
            return Some(told);
        }
        // One that declared no binding may have handlers nevertheless.
        (knows(TCHU_TASK) && !told.is_empty()).then_some(told)
    }
}
