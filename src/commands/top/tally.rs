//! What passed, by topic, since the start and since the last frame.

use std::collections::HashMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::latency::{Answer, Latencies};

/// Topics that are counted apart; the events of further ones are counted together. Anybody may
/// publish with any routing key.
const MAX_TOPICS: usize = 10_000;

/// An event, as far as counting goes.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    pub topic: &'a str,
    pub bytes: usize,
    pub judgement: Judgement,
    /// An RPC request.
    pub is_request: bool,
    /// RFC 3339.
    pub at: &'a str,
}

/// What is wrong with an event, if anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// Nobody can read it.
    Undecodable,
    Invalid,
    Valid,
    /// No schema, or nobody asked.
    Unknown,
}

/// The counts of one run.
#[derive(Debug, Default)]
pub struct Tally {
    topics: HashMap<String, TopicTally>,
    /// Events of topics that are not counted apart.
    pub other_events: u64,
}

#[derive(Debug, Clone, Default)]
struct TopicTally {
    total: Counts,
    /// Since the last frame.
    recent: Counts,
    invalid: u64,
    checked: u64,
    undecodable: u64,
    requests: u64,
    latencies: Latencies,
    last_seen: String,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    events: u64,
    bytes: u64,
}

/// One topic in a frame.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TopicRow {
    pub topic: String,
    /// Since the start.
    pub events: u64,
    /// Events a second since the last frame.
    pub rate: f64,
    /// Bytes of bodies since the start.
    pub bytes: u64,
    /// Bytes a second since the last frame.
    pub bytes_rate: f64,
    /// Events that do not fit their registered schema; `null` where none could be checked.
    pub invalid: Option<u64>,
    pub undecodable: u64,
    pub rpc: Option<RpcRow>,
    /// RFC 3339.
    pub last_seen: String,
}

/// The requests of a topic in a frame.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RpcRow {
    pub requests: u64,
    /// Those whose result was seen in the result backend.
    pub answered: u64,
    /// Milliseconds between request and result, both as they came here; null where every result came
    /// before its request.
    pub p50_ms: Option<f64>,
    pub p99_ms: Option<f64>,
}

impl Tally {
    pub fn add(&mut self, seen: Seen<'_>) {
        if !self.topics.contains_key(seen.topic) {
            if self.topics.len() >= MAX_TOPICS {
                self.other_events += 1;
                return;
            }
            self.topics.insert(seen.topic.to_owned(), TopicTally::default());
        }
        let Some(topic) = self.topics.get_mut(seen.topic) else { return };
        for counts in [&mut topic.total, &mut topic.recent] {
            counts.events += 1;
            counts.bytes += seen.bytes as u64;
        }
        match seen.judgement {
            Judgement::Undecodable => topic.undecodable += 1,
            Judgement::Invalid => {
                topic.invalid += 1;
                topic.checked += 1;
            }
            Judgement::Valid => topic.checked += 1,
            Judgement::Unknown => {}
        }
        topic.requests += u64::from(seen.is_request);
        seen.at.clone_into(&mut topic.last_seen);
    }

    pub fn add_answer(&mut self, topic: &str, answer: Answer) {
        if let Some(topic) = self.topics.get_mut(topic) {
            topic.latencies.add(answer);
        }
    }

    /// The topics for a frame that comes `elapsed` after the last one, the busiest first.
    pub fn frame(&mut self, elapsed: Duration) -> Vec<TopicRow> {
        let seconds = elapsed.as_secs_f64().max(0.001);
        let rate = |count: u64| (count as f64 / seconds * 10.0).round() / 10.0;
        let mut rows: Vec<TopicRow> = self
            .topics
            .iter_mut()
            .map(|(name, topic)| {
                let recent = std::mem::take(&mut topic.recent);
                TopicRow {
                    topic: name.clone(),
                    events: topic.total.events,
                    rate: rate(recent.events),
                    bytes: topic.total.bytes,
                    bytes_rate: rate(recent.bytes),
                    invalid: (topic.checked > 0).then_some(topic.invalid),
                    undecodable: topic.undecodable,
                    rpc: topic.rpc(),
                    last_seen: topic.last_seen.clone(),
                }
            })
            .collect();
        rows.sort_by(|a, b| {
            let busier = b.rate.total_cmp(&a.rate).then(b.events.cmp(&a.events));
            busier.then_with(|| a.topic.cmp(&b.topic))
        });
        rows
    }
}

impl TopicTally {
    fn rpc(&self) -> Option<RpcRow> {
        let percentiles = self.latencies.percentiles();
        (self.requests > 0).then(|| RpcRow {
            requests: self.requests,
            answered: self.latencies.answered,
            p50_ms: percentiles.map(|(p50, _)| p50),
            p99_ms: percentiles.map(|(_, p99)| p99),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(topic: &str, judgement: Judgement) -> Seen<'_> {
        Seen { topic, bytes: 100, judgement, is_request: topic.starts_with("rpc"), at: "t" }
    }

    #[test]
    fn rates_are_of_the_last_frame_and_counts_of_the_whole_run() {
        let mut tally = Tally::default();
        for judgement in [Judgement::Valid, Judgement::Invalid, Judgement::Undecodable] {
            tally.add(seen("user.created", judgement));
        }
        tally.add(seen("rpc.add", Judgement::Unknown));
        tally.add_answer("rpc.add", Answer { latency: Some(Duration::from_millis(12)) });
        tally.add_answer("not.there", Answer { latency: None });
        let rows = tally.frame(Duration::from_secs(2));
        assert_eq!(
            rows.iter().map(|row| row.topic.as_str()).collect::<Vec<_>>(),
            ["user.created", "rpc.add"]
        );
        let user = &rows[0];
        assert_eq!((user.events, user.rate, user.bytes, user.bytes_rate), (3, 1.5, 300, 150.0));
        assert_eq!((user.invalid, user.undecodable, &user.rpc), (Some(1), 1, &None));
        assert_eq!(rows[1].invalid, None);
        let rpc = rows[1].rpc.as_ref().unwrap();
        assert_eq!(
            (rpc.requests, rpc.answered, rpc.p50_ms, rpc.p99_ms),
            (1, 1, Some(12.0), Some(12.0))
        );
        tally.add(seen("rpc.add", Judgement::Unknown));
        let rows = tally.frame(Duration::from_secs(1));
        assert_eq!((rows[0].topic.as_str(), rows[0].rate, rows[0].events), ("rpc.add", 1.0, 2));
        assert_eq!((rows[1].rate, rows[1].events), (0.0, 3));
    }

    #[test]
    fn made_up_topics_do_not_fill_the_memory() {
        let mut tally = Tally::default();
        for number in 0..MAX_TOPICS + 7 {
            tally.add(seen(&format!("t.{number}"), Judgement::Unknown));
        }
        assert_eq!((tally.frame(Duration::ZERO).len(), tally.other_events), (MAX_TOPICS, 7));
    }
}
