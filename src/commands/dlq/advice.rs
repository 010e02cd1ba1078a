//! Why there are no dead letters, and what to set to get them.
//!
//! Source: `celery/worker/request.py` 5.7 (`on_failure`, `on_accepted`): a message is acknowledged
//! before its task runs, unless `task_acks_late`; and after a failed task, unless
//! `task_acks_on_failure_or_timeout` is off, when it is rejected and so dead-lettered.

use crate::shell::quoted;

/// The two settings without which no failing task dead-letters.
const SETTINGS: [&str; 2] =
    ["app.conf.task_acks_late = True", "app.conf.task_acks_on_failure_or_timeout = False"];

/// Nothing dead-letters on the virtual host, or all of it is lost.
pub fn no_dead_letter_queue(vhost: &str, losing: usize) -> Vec<String> {
    let vhost = quoted(vhost);
    let mut lines = match losing {
        0 => vec![
            "No queue of this virtual host dead-letters: what a worker rejects, what expires and what"
                .to_owned(),
            "exceeds a limit is gone. celery-salt and tchu-tchu set up no dead-letter exchange."
                .to_owned(),
        ],
        _ => vec!["No dead letter of this virtual host reaches a queue.".to_owned()],
    };
    lines.extend([
        String::new(),
        "To keep the dead letters of a queue, here service_queue, without declaring it anew:"
            .to_owned(),
        format!(
            "  rabbitmqadmin --vhost={vhost} declare queue name=service_queue.dead durable=true"
        ),
        format!(
            "  rabbitmqctl set_policy -p {vhost} --apply-to queues dead-letters '^service_queue$' \
             '{{\"dead-letter-exchange\":\"\",\"dead-letter-routing-key\":\"service_queue.dead\"}}'"
        ),
        "Only one policy applies to a queue: `celerysalt bindings check` (CB012) prints for each queue"
            .to_owned(),
        "the commands that keep what its policy says already.".to_owned(),
        String::new(),
    ]);
    lines.extend(acknowledge_late());
    lines
}

/// Why a dead-letter queue stays empty although handlers fail.
pub fn acknowledge_late() -> Vec<String> {
    let mut lines = vec![
        "Celery acknowledges a message before it runs the task, and a failed task as well, so that"
            .to_owned(),
        "a handler that raises leaves no dead letter. In the service:".to_owned(),
    ];
    lines.extend(SETTINGS.iter().map(|setting| format!("  {setting}")));
    lines.push(
        "A handler then runs again if its worker dies half way, so it must bear running twice."
            .to_owned(),
    );
    lines
}

/// [`acknowledge_late`] in one sentence.
pub fn why_empty() -> String {
    format!(
        "a handler that raises leaves no dead letter unless the service sets {}: Celery \
         acknowledges a message before it runs the task, and a failed task as well",
        SETTINGS.join(" and ")
    )
}
