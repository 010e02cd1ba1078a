//! The patterns of a queue, against each other and against the service's library.

use std::collections::BTreeSet;

use super::super::model::{Binding, ExchangeKind};
use super::super::pattern::covers;
use super::names::name_of;
use super::rules::{MATCHER_DISAGREES, SHADOWED_BINDING};
use super::subscribed::Subscribed;
use super::{Audit, EventQueue, Finding, Level, Repair};
use crate::event::RoutingPattern;
use crate::event::service_matcher::{ServiceLibrary, finds_handler};

pub(super) fn check(audit: &Audit<'_>, found: &mut Vec<Finding>) {
    let topics = audit.known_topics();
    for (name, queue) in &audit.event_queues {
        let subscribed = audit.subscribed(name);
        shadowed(name, queue, &subscribed, found);
        twice(audit, (name, queue), found);
        let bound = queue.subscriptions(name).map(|binding| binding.routing_key.as_str());
        let patterns = match subscribed.is_known() {
            true => subscribed.all(),
            false => bound.collect(),
        };
        let library = audit.library(name).unwrap_or(ServiceLibrary::CelerySalt);
        let service = Service { queue: name, library, patterns, topics: &topics };
        for binding in queue.subscriptions(name) {
            let is_left_over =
                subscribed.is_known() && !subscribed.has(binding.routing_key.as_str());
            let repair = is_left_over.then(|| Repair::remove(binding, name));
            let finding = service.disagreement(&binding.routing_key);
            found.extend(finding.map(|finding| finding.mended_if(repair)));
        }
    }
}

/// A worker with handlers for both makes both bindings; without one, the narrower is left over.
fn shadowed(
    name: &str,
    queue: &EventQueue<'_>,
    subscribed: &Subscribed<'_>,
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
        let finding = |level| {
            let finding = Finding::new(&SHADOWED_BINDING, level, name, message);
            finding.about(&special.routing_key)
        };
        found.push(match subscribed.has(&special.routing_key) {
            true => finding(Level::Info).fix(
                "leave it: a handler subscribes with it, and the worker would bind it again at its \
                 next start",
            ),
            false => finding(Level::Warning).mended_by(Repair::remove(special, name)),
        });
    }
}

/// The same key with arguments is another binding, and means the same to an exchange that does not
/// read them.
fn twice(audit: &Audit<'_>, (name, queue): (&str, &EventQueue<'_>), found: &mut Vec<Finding>) {
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut bindings: Vec<&Binding> = queue.bindings.clone();
    bindings.sort_by_key(|binding| binding.arguments.len());
    for binding in bindings {
        let (source, key) = (binding.source.as_str(), binding.routing_key.as_str());
        let reads_arguments = match audit.topology.exchange(source).map(|exchange| &exchange.kind) {
            Some(ExchangeKind::Topic | ExchangeKind::Direct | ExchangeKind::Fanout) => false,
            Some(ExchangeKind::Headers | ExchangeKind::Other) | None => true,
        };
        if seen.insert((source, key)) || reads_arguments {
            continue;
        }
        let message = format!("the binding {key} of {name} is there twice, once with arguments");
        let finding = Finding::new(&SHADOWED_BINDING, Level::Warning, name, message);
        found.push(finding.about(key).mended_by(Repair::remove(binding, name)));
    }
}

/// Who reads a queue, and which topics there are.
struct Service<'a> {
    queue: &'a str,
    library: ServiceLibrary,
    /// What its handlers subscribe with.
    patterns: BTreeSet<&'a str>,
    topics: &'a BTreeSet<&'a str>,
}

impl Service<'_> {
    fn disagreement(&self, pattern: &str) -> Option<Finding> {
        let Self { queue, library, topics, .. } = self;
        let parsed = pattern.parse::<RoutingPattern>().ok()?;
        let by = name_of(*library);
        if let Some(word) = pattern.split('.').find(|word| is_half_wild(word)) {
            let message = format!(
                "the broker reads {word} in the pattern {pattern} of {queue} letter by letter, and \
                 {by} reads a wildcard in it"
            );
            let finding = Finding::new(&MATCHER_DISAGREES, Level::Warning, queue, message);
            return Some(finding.about(pattern));
        }
        let differs = |topic: &str| parsed.matches(topic) && !self.finds_handler(pattern, topic);
        let known = topics.iter().copied().find(|topic| differs(topic));
        // What the pattern says at first sight, and then with nothing in place of each `#`.
        let (usual, empty) = (sample(pattern, Some("x")), sample(pattern, None));
        let (level, example) = match known {
            Some(topic) => (Level::Error, topic.to_owned()),
            None if differs(&usual) => (Level::Warning, usual),
            None if differs(&empty) => (Level::Info, empty),
            None => return None,
        };
        let message =
            format!("{queue} receives {example} by {pattern}, and {by} finds no handler for it");
        let finding = Finding::new(&MATCHER_DISAGREES, level, queue, message).about(pattern);
        Some(match level {
            Level::Error | Level::Info => finding.fix(&format!(
                "subscribe a handler to the topic by its name as well, @subscribe(\"{example}\"), \
                 and restart the worker"
            )),
            Level::Warning => finding,
        })
    }

    /// One without a handler (that is another rule's finding) counts as if it had one.
    fn finds_handler(&self, pattern: &str, topic: &str) -> bool {
        let patterns = self.patterns.iter().copied();
        std::iter::once(pattern)
            .chain(patterns)
            .any(|pattern| finds_handler(self.library, pattern, topic))
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
