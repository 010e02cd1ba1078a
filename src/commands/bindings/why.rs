//! Why queues do not receive a topic, in words.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use crate::topology::{
    Difference, Explainer, Nearest, NotReceived, Router, Topology, is_plumbing_queue,
};
use crate::ui::{Style, sanitize};

/// A queue that does not receive the topic.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Missed {
    queue: String,
    reason: Reason,
    /// The binding that comes nearest; null where none could.
    nearest: Option<NearestBinding>,
    /// The reason in words.
    explanation: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Reason {
    /// A binding looks at the topic, and it differs.
    Differs,
    /// It is bound under its own name only.
    OwnNameOnly,
    /// Its bindings are at exchanges that no event comes to.
    OtherExchanges,
    NoBinding,
}

#[derive(Debug, Serialize, JsonSchema)]
struct NearestBinding {
    exchange: String,
    routing_key: String,
    /// The exchange it leads to, where that is between it and the queue.
    leads_to: Option<String>,
    differences: Vec<String>,
}

/// The queues that do not receive `topic`, the nearest first.
pub(super) fn missed(router: &Router<'_>, exchange: &str, topic: &str, all: bool) -> Vec<Missed> {
    let explainer = Explainer::new(router, exchange, topic);
    let names = router.topology().queues.iter().map(|queue| queue.name.as_str());
    let names = names.filter(|name| all || !is_plumbing_queue(name));
    let mut found: Vec<((Reason, u32), Missed)> = names
        .filter_map(|name| {
            let why = explainer.queue(name)?;
            Some((rank(&why), Missed::new(name, why, topic)))
        })
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, missed)| missed).collect()
}

/// The binding that nearly takes a topic which nobody receives: it differs by one word.
pub fn nearest(topology: &Topology, exchange: &str, topic: &str) -> Option<String> {
    let router = Router::new(topology);
    let explainer = Explainer::new(&router, exchange, topic);
    let names = topology.queues.iter().map(|queue| queue.name.as_str());
    let near = names.filter(|name| !is_plumbing_queue(name)).filter_map(|name| {
        match explainer.queue(name)? {
            NotReceived::Nearest(nearest) if nearest.is_close() => Some((name, nearest)),
            NotReceived::Nearest(_)
            | NotReceived::NoBinding
            | NotReceived::OwnNameOnly
            | NotReceived::OtherExchanges(_) => None,
        }
    });
    let (queue, nearest) = near.min_by_key(|(_, nearest)| nearest.cost)?;
    Some(format!("{queue} comes nearest with {}", in_words(&nearest, topic)))
}

fn rank(why: &NotReceived) -> (Reason, u32) {
    let cost = match why {
        NotReceived::Nearest(nearest) => nearest.cost,
        NotReceived::NoBinding | NotReceived::OwnNameOnly | NotReceived::OtherExchanges(_) => 0,
    };
    (Reason::of(why), cost)
}

impl Reason {
    fn of(why: &NotReceived) -> Self {
        match why {
            NotReceived::NoBinding => Self::NoBinding,
            NotReceived::OwnNameOnly => Self::OwnNameOnly,
            NotReceived::OtherExchanges(_) => Self::OtherExchanges,
            NotReceived::Nearest(_) => Self::Differs,
        }
    }
}

impl Missed {
    fn new(queue: &str, why: NotReceived, topic: &str) -> Self {
        Self {
            queue: queue.to_owned(),
            reason: Reason::of(&why),
            explanation: explanation(&why, topic),
            nearest: match why {
                NotReceived::Nearest(nearest) => Some(NearestBinding::new(nearest)),
                NotReceived::NoBinding
                | NotReceived::OwnNameOnly
                | NotReceived::OtherExchanges(_) => None,
            },
        }
    }

    pub(super) fn write(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let queue = style.key.apply_to(sanitize(&self.queue));
        writeln!(out, "  {queue}: {}", sanitize(&self.explanation))
    }
}

impl NearestBinding {
    fn new(nearest: Nearest) -> Self {
        Self {
            differences: nearest.differences.iter().map(difference).collect(),
            exchange: nearest.exchange,
            routing_key: nearest.routing_key,
            leads_to: nearest.leads_to,
        }
    }
}

fn explanation(why: &NotReceived, topic: &str) -> String {
    match why {
        NotReceived::NoBinding => "no binding leads to it".to_owned(),
        NotReceived::OwnNameOnly => {
            "it is bound under its own name only; its service has declared no subscription"
                .to_owned()
        }
        NotReceived::OtherExchanges(names) => {
            format!("it is bound to {} only, where this topic does not come", names.join(", "))
        }
        NotReceived::Nearest(nearest) => format!("nearest is {}", in_words(nearest, topic)),
    }
}

fn in_words(nearest: &Nearest, topic: &str) -> String {
    let to = nearest.leads_to.as_ref().map(|to| format!(" to the exchange {to}"));
    let differences: Vec<String> = nearest.differences.iter().map(difference).collect();
    format!(
        "`{}`{}: {}{}",
        nearest.routing_key,
        to.unwrap_or_default(),
        differences.join(", "),
        advice(nearest, topic)
    )
}

fn difference(difference: &Difference) -> String {
    match difference {
        Difference::Word { position, binding, topic } => {
            let case = match binding.to_lowercase() == topic.to_lowercase() {
                true => " (upper and lower case differ)",
                false => "",
            };
            format!("word {position} is `{binding}` there and `{topic}` in the topic{case}")
        }
        Difference::Missing { position, binding } if binding == "*" => {
            format!("the topic has no word {position}, which `*` stands for")
        }
        Difference::Missing { position, binding } => {
            format!("the topic has no word {position}, `{binding}` there")
        }
        Difference::Extra { position, topic } => {
            format!("word {position} of the topic, `{topic}`, has no place there")
        }
        Difference::Headers => "it compares headers, not the topic".to_owned(),
    }
}

/// A pattern that ends one word too early is nearly always a `*` that should be a `#`.
fn advice(nearest: &Nearest, topic: &str) -> String {
    let Some(stem) = nearest.routing_key.strip_suffix(".*") else { return String::new() };
    let is_length = nearest.differences.iter().all(|difference| match difference {
        Difference::Extra { .. } | Difference::Missing { .. } => true,
        Difference::Word { .. } | Difference::Headers => false,
    });
    let reaches =
        topic == stem || topic.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.'));
    match is_length && reaches {
        true => format!("; `{stem}.#` would take it"),
        false => String::new(),
    }
}
