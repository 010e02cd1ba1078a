//! The patterns of a queue, against each other and against the service's library.

use std::collections::BTreeSet;

use super::super::model::Binding;
use super::super::pattern::covers;
use super::names::handled_topics;
use super::rules::{MATCHER_DISAGREES, SHADOWED_BINDING};
use super::{Audit, EventQueue, Finding, Level, Repair};
use crate::event::RoutingPattern;
use crate::event::service_matcher::{ServiceLibrary, finds_handler};

pub(super) fn check(audit: &Audit<'_>, found: &mut Vec<Finding>) {
    let libraries = audit.libraries();
    let topics = audit.known_topics();
    for (name, queue) in &audit.event_queues {
        let tasks = audit.tasks_behind(name).unwrap_or_default();
        shadowed(name, queue, &handled_topics(tasks), found);
        let library = libraries.get(name).copied().unwrap_or(ServiceLibrary::CelerySalt);
        let service = Service { queue: name, library, topics: &topics };
        for binding in queue.subscriptions(name) {
            found.extend(service.disagreement(&binding.routing_key));
        }
    }
}

/// A worker with handlers for both makes both bindings; without one, the narrower is left over.
fn shadowed(
    name: &str,
    queue: &EventQueue<'_>,
    handled: &BTreeSet<&str>,
    found: &mut Vec<Finding>,
) {
    let bindings: Vec<&Binding> = queue.subscriptions(name).collect();
    let general: Vec<&Binding> = bindings
        .iter()
        .copied()
        .filter(|binding| binding.routing_key.split('.').any(|word| word == "*" || word == "#"))
        .collect();
    for special in &bindings {
        let is_wider = |other: &&&Binding| {
            other.source == special.source
                && other.routing_key != special.routing_key
                && covers(&other.routing_key, &special.routing_key)
                // Of two that mean the same, the first stays.
                && (!covers(&special.routing_key, &other.routing_key)
                    || other.routing_key < special.routing_key)
        };
        let Some(wider) = general.iter().find(is_wider) else { continue };
        let message = format!(
            "the binding {} of {name} adds nothing to {}",
            special.routing_key, wider.routing_key
        );
        let is_handled = handled.contains(special.routing_key.as_str());
        let level = if is_handled { Level::Info } else { Level::Warning };
        let finding = Finding::new(&SHADOWED_BINDING, level, name, message);
        found.push(finding.about(&special.routing_key).mended_by(Repair::remove(special, name)));
    }
}

/// Who reads a queue, and which topics there are.
struct Service<'a> {
    queue: &'a str,
    library: ServiceLibrary,
    topics: &'a BTreeSet<&'a str>,
}

impl Service<'_> {
    fn disagreement(&self, pattern: &str) -> Option<Finding> {
        let Self { queue, library, topics } = *self;
        let parsed = pattern.parse::<RoutingPattern>().ok()?;
        let name_of = match library {
            ServiceLibrary::CelerySalt => "celery-salt",
            ServiceLibrary::TchuTchu => "tchu-tchu",
        };
        if let Some(word) = pattern.split('.').find(|word| is_half_wild(word)) {
            let message = format!(
                "the broker reads {word} in the pattern {pattern} of {queue} letter by letter, and \
             {name_of} reads a wildcard in it"
            );
            let finding = Finding::new(&MATCHER_DISAGREES, Level::Warning, queue, message);
            return Some(finding.about(pattern));
        }
        let differs =
            |topic: &str| parsed.matches(topic) && !finds_handler(library, pattern, topic);
        let known = topics.iter().copied().find(|topic| differs(topic));
        // What the pattern says at first sight, and then with nothing in place of each `#`.
        let (usual, empty) = (sample(pattern, Some("x")), sample(pattern, None));
        let (level, example) = match known {
            Some(topic) => (Level::Error, topic.to_owned()),
            None if differs(&usual) => (Level::Warning, usual),
            None if differs(&empty) => (Level::Info, empty),
            None => return None,
        };
        let message = format!(
            "{queue} receives {example} by {pattern}, and {name_of} finds no handler for it"
        );
        Some(Finding::new(&MATCHER_DISAGREES, level, queue, message).about(pattern))
    }
}

/// A `*` or `#` among other letters.
fn is_half_wild(word: &str) -> bool {
    word.len() > 1 && word.contains(['*', '#'])
}

/// A topic that the pattern matches: `x` for each `*`, and `hash` for each `#`.
fn sample(pattern: &str, hash: Option<&str>) -> String {
    let word = |word| match word {
        "*" => Some("x"),
        "#" => hash,
        literal => Some(literal),
    };
    pattern.split('.').filter_map(word).collect::<Vec<_>>().join(".")
}
