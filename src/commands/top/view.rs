//! One frame: JSON for programs, two small tables for people.

use schemars::JsonSchema;
use serde::Serialize;

use super::queues::{QueueRow, QueueRows};
use super::tally::TopicRow;
use crate::ui::{Style, Table, sanitize, size};

/// Columns of a topic or a queue; a longer name is cut in the middle of its view, never in JSON.
const NAME_COLUMNS: usize = 40;

/// What `top -o jsonl` prints for each frame.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TopFrame {
    /// Always `frame`.
    pub kind: &'static str,
    /// RFC 3339.
    pub at: String,
    /// The time since the last frame, which rates are taken over.
    pub interval_seconds: f64,
    /// Events since the start.
    pub events: u64,
    /// Events a second since the last frame.
    pub rate: f64,
    pub topics: Vec<TopicRow>,
    /// Topics beyond `--rows`.
    pub topics_left_out: u64,
    /// Events of more topics than are counted apart.
    pub events_of_other_topics: u64,
    /// `null` where the management API does not answer.
    pub queues: Option<Vec<QueueRow>>,
    pub queues_left_out: u64,
    /// Events that were dropped because they came faster than they were read.
    pub dropped: u64,
    /// Times the connection was lost: events of that time were not seen.
    pub gaps: u64,
    /// Requests whose results were not followed because too many waited.
    pub requests_not_followed: u64,
    /// What keeps parts of the frame empty, in words.
    pub remarks: Vec<String>,
}

impl TopFrame {
    /// Keeps the first `rows` of both tables; all of them for 0.
    pub fn cut(&mut self, rows: usize) {
        if rows == 0 {
            return;
        }
        self.topics_left_out = self.topics.len().saturating_sub(rows) as u64;
        self.topics.truncate(rows);
        if let Some(queues) = &mut self.queues {
            self.queues_left_out = queues.len().saturating_sub(rows) as u64;
            queues.truncate(rows);
        }
    }

    /// Takes the answer of the management API.
    pub fn take_queues(&mut self, rows: QueueRows) {
        match rows {
            Ok(rows) => self.queues = Some(rows),
            Err(reason) => self.remarks.push(format!("no queues: {reason}")),
        }
    }

    /// The lines for a terminal.
    pub fn text(&self, style: &Style) -> String {
        let mut text = format!(
            "{}  {} events, {}/s",
            style.dim.apply_to(self.at.get(11..19).unwrap_or(&self.at)),
            self.events,
            self.rate
        );
        for (count, what) in [
            (self.dropped, "dropped"),
            (self.gaps, "gaps"),
            (self.events_of_other_topics, "of topics not shown apart"),
            (self.requests_not_followed, "requests not followed"),
        ] {
            if count > 0 {
                let warning = style.warning.apply_to(format!("{count} {what}"));
                text.push_str(&format!(", {warning}"));
            }
        }
        text.push('\n');
        for remark in &self.remarks {
            text.push_str(&format!("{}\n", style.warning.apply_to(sanitize(remark))));
        }
        text.push_str(&topics(&self.topics));
        push_left_out(&mut text, self.topics_left_out, "topics");
        if let Some(queues) = &self.queues {
            text.push('\n');
            text.push_str(&queue_table(queues));
            push_left_out(&mut text, self.queues_left_out, "queues");
        }
        text
    }
}

fn push_left_out(text: &mut String, count: u64, what: &str) {
    text.push('\n');
    if count > 0 {
        text.push_str(&format!("… {count} more {what} (--rows)\n"));
    }
}

fn topics(rows: &[TopicRow]) -> String {
    let header = [
        "topic", "events", "/s", "size", "B/s", "invalid", "bad", "rpc", "p50 ms", "p99 ms", "last",
    ];
    let mut table = (1..10).fold(Table::new(header), Table::numeric);
    for row in rows {
        let rpc = row.rpc.as_ref();
        let milliseconds = |value: Option<f64>| value.map_or(String::new(), |ms| ms.to_string());
        table.row([
            name(&row.topic),
            row.events.to_string(),
            row.rate.to_string(),
            size(row.bytes.try_into().unwrap_or(usize::MAX)),
            // A rate is never negative, and far below what an integer holds.
            size(row.bytes_rate as usize),
            row.invalid.map_or_else(|| "-".to_owned(), |count| count.to_string()),
            row.undecodable.to_string(),
            rpc.map_or(String::new(), |rpc| format!("{}/{}", rpc.answered, rpc.requests)),
            milliseconds(rpc.and_then(|rpc| rpc.p50_ms)),
            milliseconds(rpc.and_then(|rpc| rpc.p99_ms)),
            row.last_seen.get(11..19).unwrap_or_default().to_owned(),
        ]);
    }
    table.aligned()
}

fn queue_table(rows: &[QueueRow]) -> String {
    let header = ["queue", "ready", "unacked", "consumers", "in/s", "out/s"];
    let mut table = (1..6).fold(Table::new(header), Table::numeric);
    let count = |count: Option<u64>| count.map_or_else(|| "-".to_owned(), |n| n.to_string());
    for row in rows {
        table.row([
            name(&row.queue),
            count(row.ready),
            count(row.unacknowledged),
            count(row.consumers),
            row.rate_in.to_string(),
            row.rate_out.to_string(),
        ]);
    }
    table.aligned()
}

fn name(text: &str) -> String {
    match text.char_indices().nth(NAME_COLUMNS) {
        None => text.to_owned(),
        Some(_) => text.chars().take(NAME_COLUMNS - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tally::RpcRow;
    use super::*;

    fn topic(topic: &str, events: u64, rpc: Option<RpcRow>) -> TopicRow {
        TopicRow {
            topic: topic.to_owned(),
            events,
            rate: 1.5,
            bytes: events * 1_000,
            bytes_rate: 1_500.0,
            invalid: rpc.is_none().then_some(2),
            undecodable: 0,
            rpc,
            last_seen: "2026-01-02T03:04:05.678Z".to_owned(),
        }
    }

    fn frame() -> TopFrame {
        let rpc = RpcRow { requests: 12, answered: 11, p50_ms: Some(7.5), p99_ms: Some(1_200.0) };
        let queue = QueueRow {
            queue: "service_queue".to_owned(),
            ready: Some(3),
            unacknowledged: None,
            consumers: Some(1),
            rate_in: 1.5,
            rate_out: 0.0,
        };
        TopFrame {
            kind: "frame",
            at: "2026-01-02T03:04:06.000Z".to_owned(),
            interval_seconds: 2.0,
            events: 134,
            rate: 3.0,
            topics: vec![
                topic("user.\u{1b}[2Jcreated", 122, None),
                topic(&"very.long.".repeat(9), 12, Some(rpc)),
            ],
            topics_left_out: 0,
            events_of_other_topics: 0,
            queues: Some(vec![queue]),
            queues_left_out: 0,
            dropped: 4,
            gaps: 1,
            requests_not_followed: 0,
            remarks: vec!["no RPC latency: rpc://".to_owned()],
        }
    }

    #[test]
    fn a_frame_for_people() {
        insta::assert_snapshot!(frame().text(&Style::new(false)));
    }

    #[test]
    fn rows_that_are_cut_are_counted() {
        let mut frame = frame();
        frame.cut(1);
        assert_eq!((frame.topics.len(), frame.topics_left_out, frame.queues_left_out), (1, 1, 0));
        assert!(frame.text(&Style::new(false)).contains("… 1 more topics (--rows)\n"));
        frame.cut(0);
        assert_eq!(frame.topics.len(), 1);
    }

    #[test]
    fn a_management_api_that_does_not_answer_is_a_remark() {
        let mut frame = TopFrame { queues: None, ..frame() };
        frame.take_queues(Err("connection refused".to_owned()));
        assert_eq!(frame.remarks[1], "no queues: connection refused");
        assert_eq!(frame.queues, None);
    }
}
