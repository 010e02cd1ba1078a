//! What the names of a worker's tasks tell about its handlers.

use std::collections::BTreeSet;

use super::super::model::Queue;
use crate::event::service_matcher::ServiceLibrary;

/// The dispatcher tasks of the two libraries.
pub(super) const SALT_TASK: &str = crate::event::DEFAULT_TASK;
pub(super) const TCHU_TASK: &str = "tchu_tchu.dispatch_event";
/// celery-salt names a handler's task `celery_salt.TOPIC.FUNCTION`.
const SALT_HANDLER: &str = "celery_salt.";

/// The topics and patterns that celery-salt handlers subscribe to, out of the names of tasks.
pub fn handled_topics<'a>(tasks: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let handlers = tasks.into_iter().filter(|task| *task != SALT_TASK);
    let names = handlers.filter_map(|task| task.strip_prefix(SALT_HANDLER)?.rsplit_once('.'));
    names.map(|(topic, _function)| topic).collect()
}

pub(super) fn of_tasks(tasks: Option<&BTreeSet<&str>>) -> Option<ServiceLibrary> {
    let registers = |task: &str| tasks.is_some_and(|tasks| tasks.contains(task));
    match (registers(SALT_TASK), registers(TCHU_TASK)) {
        (true, _) => Some(ServiceLibrary::CelerySalt),
        (false, true) => Some(ServiceLibrary::TchuTchu),
        (false, false) => None,
    }
}

/// Only celery-salt declares its queues with a highest priority.
pub(super) fn of_queue(queue: Option<&Queue>) -> Option<ServiceLibrary> {
    queue
        .is_some_and(|queue| queue.arguments.contains_key("x-max-priority"))
        .then_some(ServiceLibrary::CelerySalt)
}

pub(super) fn name_of(library: ServiceLibrary) -> &'static str {
    match library {
        ServiceLibrary::CelerySalt => "celery-salt",
        ServiceLibrary::TchuTchu => "tchu-tchu",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handler_is_known_by_the_name_of_its_task() {
        let tasks = [
            "celery_salt.dispatch_event",
            "celery_salt.user.signup.completed.welcome",
            "celery_salt.audit.#.record",
            "celery_salt.user.write",
            "shop.tasks.send_mail",
        ];
        let topics: Vec<&str> = handled_topics(tasks).into_iter().collect();
        assert_eq!(topics, ["audit.#", "user", "user.signup.completed"]);
    }
}
