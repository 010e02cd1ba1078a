//! The catalogue of rules: what each code means, why it matters and how to mend it.
//!
//! A code never changes its meaning and is never used again.

/// One rule of the audit.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// `CB001`; what scripts and reports name.
    pub code: &'static str,
    /// A few words with dashes, `own-name-only`.
    pub name: &'static str,
    /// One sentence: what is found.
    pub summary: &'static str,
    /// Why it matters, in a paragraph.
    pub explanation: &'static str,
    /// What to do.
    pub advice: &'static str,
}

macro_rules! rules {
    ($($constant:ident $code:literal $name:literal
        $summary:literal $explanation:literal $advice:literal)*) => {
        $(pub(super) static $constant: Rule = Rule {
            code: $code,
            name: $name,
            summary: $summary,
            explanation: $explanation,
            advice: $advice,
        };)*
        static RULES: &[&Rule] = &[$(&$constant),*];
    };
}

rules! {
    OWN_NAME_ONLY "CB001" "own-name-only"
        "a queue is bound to the event exchange under its own name only"
        "celery-salt declares a service's queue under its own name first and binds it once for each \
         subscription when the worker starts. Where no handler was found, the first binding is all \
         there is: the service runs, and no event reaches it. tchu-tchu 3.0 always ends there: it \
         connects the code that makes the bindings to Celery's signals in a way that Python forgets \
         at once."
        "list the modules with the handlers in setup_salt_queue(subscriber_modules=[…]) or \
         Celery(include=[…]), and restart the worker"
    NO_CONSUMER "CB002" "no-consumer"
        "a queue receives events and nobody reads them"
        "The queue is durable and bound, so its events are kept until a worker comes back. Left over \
         from a service that is gone, it fills up the broker's disk."
        "start the service's worker, or delete the queue if the service is gone"
    NOT_BOUND "CB003" "not-bound"
        "somebody reads a queue that no event reaches, and no other"
        "The reader is alive, but no binding leads from the event exchange to any queue it reads. \
         That is right for a worker that only runs plain Celery tasks, and wrong for a service \
         with event handlers."
        "if the service has event handlers, call setup_salt_queue and start the worker without -Q, \
         or with -Q and the queue's name"
    UNREGISTERED_TOPIC "CB004" "unregistered-topic"
        "a binding names a topic that has no registered schema"
        "Nobody publishes this topic with a schema: it is misspelt, its publisher never registered \
         it, or it is gone."
        "register the event's schema, `celerysalt schema register --from python:MODULE`, or remove \
         the subscription"
    UNHEARD_TOPIC "CB005" "unheard-topic"
        "a registered topic reaches no queue"
        "Events of this topic are dropped by the broker, and a request waits for its whole timeout."
        "subscribe a handler to it, or deprecate the topic"
    STALE_BINDING "CB006" "stale-binding"
        "a queue is bound for a topic that no handler subscribes to"
        "Bindings are added when a worker starts and never removed. An event that still comes over a \
         binding of an old version is taken from the queue, finds no handler and is lost. What \
         handlers subscribe to is known from the workers, and from the code with --code: a worker of \
         tchu-tchu 3 does not tell."
        "remove the binding"
    SHADOWED_BINDING "CB007" "shadowed-binding"
        "a binding of a queue adds nothing to another one"
        "The broker delivers an event once, however many bindings of a queue apply to it. The \
         narrower binding changes nothing until the wider one goes."
        "remove the narrower binding where no handler subscribes with it; with one, it is harmless"
    MATCHER_DISAGREES "CB008" "matcher-disagrees"
        "the broker and the service's library read a pattern differently"
        "The libraries match patterns with regular expressions of their own. In celery-salt `user.#` \
         does not match `user`, and a `*` or `#` inside a word is a wildcard; in tchu-tchu `#` is no \
         wildcard at all. The broker delivers such an event, and the service answers that it has no \
         handlers."
        "subscribe to the topic by its name, or with a pattern that both read the same way"
    RPC_FAN_OUT "CB009" "rpc-fan-out"
        "a request reaches more than one queue"
        "Each service that receives the request runs it and writes its answer under the same id. The \
         first success counts, even if it only says that there are no handlers."
        "let one service subscribe to the topic: take the handler out of the others, or narrow its \
         pattern, restart their workers, and remove the bindings that are left over (CB006)"
    QUEUE_ARGUMENTS "CB010" "queue-arguments"
        "a queue's arguments differ from those the library declares it with"
        "celery-salt declares its queues with x-max-priority=10. RabbitMQ refuses to declare a queue \
         that exists with other arguments, so a worker stops at its start with PRECONDITION_FAILED. \
         tchu-tchu declares none: its queue cannot be taken over as it is."
        "delete the queue while no worker reads it, or pass max_priority=None (or the value it has) \
         to setup_salt_queue"
    UNKNOWN_TASK "CB011" "unknown-task"
        "the workers of a queue do not know the dispatcher task that its events are sent with"
        "celery-salt sends events to the task celery_salt.dispatch_event, tchu-tchu to \
         tchu_tchu.dispatch_event. A worker that does not register the task of an event rejects the \
         event: it is dropped. Found in what the workers register, and in the events that come \
         while the check listens."
        "let publishers and subscribers of a topic use the same library, or register a dispatcher \
         under the other name too: create_topic_dispatcher(app, task_name=…)"
    NO_DEAD_LETTER "CB012" "no-dead-letter"
        "a queue has no dead-letter exchange"
        "A message that a worker rejects, that expires or that the queue has no room for is dropped. \
         Neither library configures a dead-letter exchange."
        "give the queue a dead-letter exchange by a policy, and a queue behind it"
    BACKLOG "CB013" "backlog"
        "many messages wait in a queue"
        "The workers of the service do not keep up, or wait for something themselves. Requests in \
         the queue time out before they are read."
        "start more workers, or give them more concurrency; see what waits with `celerysalt queue \
         peek`"
    UNBOUNDED "CB014" "unbounded-queue"
        "a queue has no limit on its length"
        "When its service is down, a queue without a limit grows until the broker runs out of memory \
         or disk, and then every publisher of the broker is blocked."
        "limit it by a policy: max-length or max-length-bytes, with a dead-letter exchange for what \
         falls out"
    EXCHANGE_TYPE "CB015" "exchange-type"
        "the event exchange is not a topic exchange"
        "Services bind with patterns, which only a topic exchange reads, and declare it as a topic \
         exchange, which RabbitMQ refuses for one of another type."
        "stop the services, delete the exchange, and start them again: they declare it"
    EXCHANGE_DURABILITY "CB016" "exchange-durability"
        "the event exchange is not durable, or deletes itself"
        "It is gone after a restart of the broker, with every binding. Services declare it durable, \
         which RabbitMQ refuses for one that is not."
        "stop the services, delete the exchange, and start them again: they declare it"
    DUPLICATE_NODE "CB017" "duplicate-node"
        "two workers have the same node name"
        "They share one mailbox: a command of `celery control` reaches only one of them, and \
         `celery inspect` shows only one answer. Recent versions of Celery do not let the second one \
         start (RESOURCE_LOCKED); older ones do."
        "give each worker a name of its own: celery worker --hostname worker1@%h"
    MISSING_BINDING "CB018" "missing-binding"
        "a handler subscribes to a topic that its queue is not bound for"
        "The broker does not send the events to the queue. celery-salt and tchu-tchu 2 bind when a \
         worker starts; somebody removed the binding since, the worker reads another queue than its \
         handlers were bound to, or it has not been started with this code yet. tchu-tchu 3.0 does \
         not bind at all. Handlers are known from the workers, and from the code with --code."
        "restart the worker, or add the binding"
}

/// Every rule, by code.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied()
}

/// The rule with this code or name; upper and lower case are the same.
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    all().find(|rule| {
        rule.code.eq_ignore_ascii_case(code_or_name) || rule.name.eq_ignore_ascii_case(code_or_name)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_and_names_are_unique_and_in_order() {
        let codes: Vec<&str> = all().map(|rule| rule.code).collect();
        assert!(codes.is_sorted());
        let names: BTreeSet<&str> = all().flat_map(|rule| [rule.code, rule.name]).collect();
        assert_eq!(names.len(), codes.len() * 2);
        assert_eq!(find("cb001").map(|rule| rule.name), Some("own-name-only"));
        assert_eq!(find("backlog").map(|rule| rule.code), Some("CB013"));
    }
}
