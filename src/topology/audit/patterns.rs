//! The patterns of a queue, against each other and against the service's library.

use super::super::model::Binding;
use super::super::pattern::covers;
use super::rules::{MATCHER_DISAGREES, SHADOWED_BINDING};
use super::{Audit, EventQueue, Finding, Level, Repair};
use crate::event::RoutingPattern;
use crate::event::service_matcher::{ServiceLibrary, finds_handler};

pub(super) fn check(audit: &Audit<'_>, found: &mut Vec<Finding>) {
    let libraries = audit.libraries();
    let topics = audit.known_topics();
    for (name, queue) in &audit.event_queues {
        shadowed(name, queue, found);
        let library = libraries.get(name).copied().unwrap_or(ServiceLibrary::CelerySalt);
        for binding in queue.subscriptions(name) {
            disagreement(name, binding, library, &topics, found);
        }
    }
}

fn shadowed(name: &str, queue: &EventQueue<'_>, found: &mut Vec<Finding>) {
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
        let finding = Finding::new(&SHADOWED_BINDING, Level::Info, name, message);
        found.push(finding.about(&special.routing_key).mended_by(Repair::remove(special, name)));
    }
}

fn disagreement(
    name: &str,
    binding: &Binding,
    library: ServiceLibrary,
    topics: &std::collections::BTreeSet<&str>,
    found: &mut Vec<Finding>,
) {
    let pattern = &binding.routing_key;
    let Ok(parsed) = pattern.parse::<RoutingPattern>() else { return };
    let name_of = match library {
        ServiceLibrary::CelerySalt => "celery-salt",
        ServiceLibrary::TchuTchu => "tchu-tchu",
    };
    if let Some(word) = pattern.split('.').find(|word| is_half_wild(word)) {
        let message = format!(
            "the broker reads {word} in the pattern {pattern} of {name} letter by letter, and \
             {name_of} reads a wildcard in it"
        );
        found.push(Finding::new(&MATCHER_DISAGREES, Level::Warning, name, message).about(pattern));
        return;
    }
    let differs = |topic: &str| parsed.matches(topic) && !finds_handler(library, pattern, topic);
    let known = topics.iter().copied().find(|topic| differs(topic));
    // What the pattern says at first sight, and then with nothing in place of each `#`.
    let (usual, empty) = (sample(pattern, Some("x")), sample(pattern, None));
    let (level, example) = match known {
        Some(topic) => (Level::Error, topic.to_owned()),
        None if differs(&usual) => (Level::Warning, usual),
        None if differs(&empty) => (Level::Info, empty),
        None => return,
    };
    let message =
        format!("{name} receives {example} by {pattern}, and {name_of} finds no handler for it");
    found.push(Finding::new(&MATCHER_DISAGREES, level, name, message).about(pattern));
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
