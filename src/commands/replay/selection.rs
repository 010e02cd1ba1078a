//! Which lines of a recording are published.

use crate::event::RoutingPattern;
use crate::filter::{Filter, FilterError};
use crate::wire::Kind;
use crate::wire::record::{Record, RecordLine};

/// What to publish and what to leave out.
#[derive(Debug, Default)]
pub(super) struct Selection {
    /// Empty for every topic.
    pub topics: Vec<RoutingPattern>,
    pub filter: Option<Filter>,
    pub rpc: RpcRequests,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum RpcRequests {
    #[default]
    Skip,
    Publish,
}

/// What becomes of one line.
#[derive(Debug, PartialEq)]
pub(super) enum Decision {
    Publish(Box<Record>),
    Skip(Reason),
    /// The line is no record; why.
    Broken(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// A note about a gap or about dropped events.
    Incident,
    Undecodable,
    RpcRequest,
    Topic,
    Filter,
    /// Sent again too often already.
    Looping,
    /// A task, or another message that belongs to no topic.
    NoTopic,
}

impl Selection {
    /// Decides about one line. Fails only where the filter is of no more use.
    pub fn decide(&mut self, line: &str) -> Result<Decision, FilterError> {
        match RecordLine::parse(line) {
            Ok(RecordLine::Message(record)) => self.choose(record, line),
            Ok(RecordLine::Gap { .. } | RecordLine::Dropped { .. }) => {
                Ok(Decision::Skip(Reason::Incident))
            }
            Err(error) => Ok(Decision::Broken(error.to_string())),
        }
    }

    /// Decides about the record that `line` holds. Fails only where the filter is of no more use.
    pub fn choose(&mut self, record: Record, line: &str) -> Result<Decision, FilterError> {
        if let Some(reason) = self.reason_to_skip(&record) {
            return Ok(Decision::Skip(reason));
        }
        let Some(filter) = &mut self.filter else { return Ok(Decision::Publish(Box::new(record))) };
        match filter.matches(line.as_bytes()) {
            Ok(true) => Ok(Decision::Publish(Box::new(record))),
            Ok(false) => Ok(Decision::Skip(Reason::Filter)),
            Err(error) if error.is_final() => Err(error),
            // As in tail: what the filter cannot judge is not kept.
            Err(_) => Ok(Decision::Skip(Reason::Filter)),
        }
    }

    fn reason_to_skip(&self, record: &Record) -> Option<Reason> {
        let has_topic = || self.topics.iter().any(|pattern| pattern.matches(&record.topic));
        match (record.kind, self.rpc) {
            (Kind::Undecodable, _) => Some(Reason::Undecodable),
            (Kind::RpcRequest, RpcRequests::Skip) => Some(Reason::RpcRequest),
            (Kind::RpcRequest, RpcRequests::Publish)
            | (Kind::Event | Kind::Task | Kind::Raw, _) => {
                (!self.topics.is_empty() && !has_topic()).then_some(Reason::Topic)
            }
        }
    }
}

/// How many lines or messages were skipped, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Skipped {
    pub incidents: u64,
    pub undecodable: u64,
    pub rpc_requests: u64,
    pub by_topic: u64,
    pub by_filter: u64,
    pub looping: u64,
    pub no_topic: u64,
}

impl Skipped {
    pub fn add(&mut self, reason: Reason) {
        *match reason {
            Reason::Incident => &mut self.incidents,
            Reason::Undecodable => &mut self.undecodable,
            Reason::RpcRequest => &mut self.rpc_requests,
            Reason::Topic => &mut self.by_topic,
            Reason::Filter => &mut self.by_filter,
            Reason::Looping => &mut self.looping,
            Reason::NoTopic => &mut self.no_topic,
        } += 1;
    }

    pub fn total(&self) -> u64 {
        let by_choice = self.rpc_requests + self.by_topic + self.by_filter;
        by_choice + self.incidents + self.undecodable + self.looping + self.no_topic
    }

    /// What a user who did not ask for it should hear about; `None` where nothing was.
    pub fn explanation(&self) -> Option<String> {
        let parts: Vec<String> = [
            ("RPC requests (--include-rpc publishes them)", self.rpc_requests),
            ("undecodable messages", self.undecodable),
            ("notes about gaps or dropped events", self.incidents),
            ("messages sent again too often already (--max-retries)", self.looping),
            (
                "tasks and others that belong to no topic (`celerysalt dlq retry` sends them back \
                 to the queue they died in)",
                self.no_topic,
            ),
        ]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(what, count)| format!("{what}: {count}"))
        .collect();
        (!parts.is_empty()).then(|| format!("skipped {}", parts.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(selection: &mut Selection, line: &str) -> String {
        match selection.decide(line).unwrap() {
            Decision::Publish(record) => format!("publish {}", record.topic),
            Decision::Skip(reason) => format!("skip {reason:?}"),
            Decision::Broken(why) => why,
        }
    }

    #[test]
    fn every_kind_of_line_has_its_fate() {
        let event = r#"{"kind":"event","topic":"user.created","payload":{"id":1}}"#;
        let table = [
            (event, "publish user.created"),
            (r#"{"kind":"raw","topic":"x","payload":"text"}"#, "publish x"),
            (r#"{"kind":"task","topic":"x","payload":{"args":[],"kwargs":{}}}"#, "publish x"),
            (r#"{"kind":"rpc_request","topic":"rpc.a","payload":{}}"#, "skip RpcRequest"),
            (r#"{"kind":"undecodable","topic":"x","body_base64":"/w=="}"#, "skip Undecodable"),
            (r#"{"kind":"gap","since":"2026-01-01","until":"2026-01-02"}"#, "skip Incident"),
            (r#"{"kind":"dropped","count":3}"#, "skip Incident"),
            (r#"{"kind":"party","topic":"x"}"#, r#"the record's kind "party" is unknown"#),
            ("{\"cut", "the line is not JSON"),
        ];
        for (line, fate) in table {
            assert_eq!(decide(&mut Selection::default(), line), fate);
        }
        let rpc = RpcRequests::Publish;
        let mut selection = Selection { rpc, ..Selection::default() };
        assert_eq!(decide(&mut selection, table[3].0), "publish rpc.a");
    }

    #[test]
    fn topics_and_the_filter_choose() {
        let mut selection = Selection {
            topics: vec!["user.*".parse().unwrap(), "order.#".parse().unwrap()],
            filter: Some(Filter::compile(".payload.id > 1").unwrap()),
            rpc: RpcRequests::Skip,
        };
        let event = |topic: &str, id: &str| {
            format!(r#"{{"kind":"event","topic":"{topic}","payload":{{"id":{id}}}}}"#)
        };
        let table = [
            (event("user.created", "2"), "publish user.created"),
            (event("order", "2"), "publish order"),
            (event("user.created", "1"), "skip Filter"),
            (event("user.a.b", "2"), "skip Topic"),
        ];
        for (line, fate) in table {
            assert_eq!(decide(&mut selection, &line), fate);
        }
    }

    #[test]
    fn only_what_nobody_asked_for_is_explained() {
        let mut skipped = Skipped::default();
        skipped.add(Reason::Topic);
        skipped.add(Reason::Filter);
        assert_eq!(skipped.explanation(), None);
        for reason in [Reason::RpcRequest, Reason::RpcRequest, Reason::Incident] {
            skipped.add(reason);
        }
        skipped.add(Reason::Undecodable);
        assert_eq!(skipped.total(), 6);
        assert_eq!(
            skipped.explanation().unwrap(),
            "skipped RPC requests (--include-rpc publishes them): 2, undecodable messages: 1, \
             notes about gaps or dropped events: 1"
        );
    }
}
