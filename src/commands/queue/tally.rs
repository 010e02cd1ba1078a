//! What a transfer did with each message, for its report and its exit code.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::duplicates::PossibleDuplicates;
use super::transfer::{Leave, Route};
use crate::commands::error::ExitKind;
use crate::quantity::counted;
use crate::ui::{Report, Style, Table, sanitize};

/// What `dlq retry` and `queue move` print.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct TransferReport {
    pub queue: String,
    /// Nothing was sent or removed.
    pub dry_run: bool,
    /// Messages that waited in the queue at the beginning.
    pub ready: u64,
    /// Messages that were looked at.
    pub read: u64,
    /// Those of them that were to be sent.
    pub selected: u64,
    /// Sent, confirmed by the broker and removed from the queue.
    pub sent: u64,
    /// How many were sent where; with `dry_run`, would be. `queue NAME` or `topic NAME`.
    pub destinations: BTreeMap<String, u64>,
    pub left: Left,
    #[serde(flatten)]
    pub duplicates: PossibleDuplicates,
    pub elapsed_seconds: f64,
}

/// Messages that stay in the queue, by the reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Left {
    /// The filter did not choose them.
    pub filtered: u64,
    /// The filter failed on them.
    pub filter_failed: u64,
    /// Retried or died too often already.
    pub looping: u64,
    /// Nothing says which queue they died in.
    pub no_origin: u64,
    /// The queue that their headers name does not dead-letter to this one.
    pub foreign_origin: u64,
    /// Tasks or unreadable messages, which belong to no topic.
    pub no_topic: u64,
    /// RPC requests, whose callers have gone.
    pub rpc_requests: u64,
    /// Their properties, header names or routing key are not UTF-8, or their headers are nested too
    /// deep, so that they cannot be sent on as they are.
    pub not_utf8: u64,
    /// Their destination does not exist, or nobody is bound to it.
    pub unroutable: u64,
    /// The broker refused them.
    pub refused: u64,
}

impl TransferReport {
    pub(super) fn leave(&mut self, reason: Leave) {
        let left = &mut self.left;
        *match reason {
            Leave::Looping => &mut left.looping,
            Leave::NoOrigin => &mut left.no_origin,
            Leave::ForeignOrigin => &mut left.foreign_origin,
            Leave::NoTopic => &mut left.no_topic,
            Leave::Unroutable => &mut left.unroutable,
            Leave::RpcRequest => &mut left.rpc_requests,
            Leave::Unfaithful => &mut left.not_utf8,
        } += 1;
    }

    pub(super) fn count_destination(&mut self, route: &Route) {
        let name = match route {
            Route::Queue(queue) => format!("queue {queue}"),
            Route::Topic(topic) => format!("topic {topic}"),
        };
        *self.destinations.entry(name).or_default() += 1;
    }

    pub(super) fn after(&mut self, elapsed: Duration) {
        self.elapsed_seconds = (elapsed.as_secs_f64() * 1000.0).round() / 1000.0;
    }

    /// What the transfer as a whole means. Messages left by choice (the filter, RPC requests) are no
    /// failure.
    ///
    /// | left against the will, or in doubt | sent | outcome |
    /// |---|---|---|
    /// | none | any | done |
    /// | only unroutable ones | none | unroutable |
    /// | any others | any | partly done |
    pub fn outcome(&self) -> ExitKind {
        let Left { looping, no_origin, foreign_origin, no_topic, unroutable, refused, .. } =
            self.left;
        let refused = refused + self.left.not_utf8;
        let origin = no_origin + foreign_origin;
        let others = looping + origin + no_topic + refused + self.duplicates.count;
        match (others, unroutable, self.sent) {
            (0, 0, _) => ExitKind::Done,
            (0, _, 0) => ExitKind::Unroutable,
            (_, _, _) => ExitKind::Partial,
        }
    }

    fn reasons(&self) -> [(&'static str, u64); 10] {
        let left = &self.left;
        [
            ("not chosen by the filter", left.filtered),
            ("the filter failed", left.filter_failed),
            ("retried or died too often (--max-retries, --max-deaths)", left.looping),
            ("no original queue known (`queue move` sends them anywhere)", left.no_origin),
            ("the original queue does not dead-letter here (--trust-headers)", left.foreign_origin),
            ("no topic known (leave out --to-topic)", left.no_topic),
            ("RPC request, nobody waits for the answer (--include-rpc)", left.rpc_requests),
            ("properties that are not UTF-8 and cannot be sent on unchanged", left.not_utf8),
            ("the destination does not exist or nobody is bound to it", left.unroutable),
            ("refused by the broker, as a full queue refuses (x-overflow)", left.refused),
        ]
    }
}

impl Report for TransferReport {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let verb = if self.dry_run { "would be sent" } else { "sent" };
        if !self.destinations.is_empty() {
            let mut table = Table::new([verb, "messages"]).numeric(1);
            for (destination, count) in &self.destinations {
                table.row([destination.clone(), count.to_string()]);
            }
            table.write(out, style)?;
        }
        let queue = sanitize(&self.queue);
        let count = if self.dry_run { self.selected } else { self.sent };
        writeln!(out, "{count} of {} in {queue} {verb}", counted(self.ready, "message"))?;
        for (reason, count) in self.reasons().into_iter().filter(|(_, count)| *count > 0) {
            writeln!(out, "{count} left: {reason}")?;
        }
        self.duplicates.write(out, style, &format!("in {queue} and at their destination"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outcome_follows_the_table() {
        let table = [
            (Left::default(), 0, 0, ExitKind::Done),
            (Left { filtered: 3, rpc_requests: 1, ..Left::default() }, 0, 0, ExitKind::Done),
            (Left { unroutable: 1, ..Left::default() }, 0, 0, ExitKind::Unroutable),
            (Left { unroutable: 1, ..Left::default() }, 1, 0, ExitKind::Partial),
            (Left { unroutable: 1, looping: 1, ..Left::default() }, 0, 0, ExitKind::Partial),
            (Left { no_origin: 1, ..Left::default() }, 5, 0, ExitKind::Partial),
            (Left::default(), 5, 1, ExitKind::Partial),
        ];
        for (left, sent, in_doubt, outcome) in table {
            let report = TransferReport {
                left,
                sent,
                duplicates: PossibleDuplicates { count: in_doubt, ..Default::default() },
                ..TransferReport::default()
            };
            assert_eq!(report.outcome(), outcome, "{report:?}");
        }
    }

    #[test]
    fn the_report_says_what_went_where_and_what_stayed_and_why() {
        let mut report = TransferReport {
            queue: "orders.dead".to_owned(),
            ready: 12,
            read: 12,
            selected: 9,
            sent: 8,
            left: Left { filtered: 1, looping: 2, unroutable: 1, ..Left::default() },
            ..TransferReport::default()
        };
        report.count_destination(&Route::Queue("orders".to_owned()));
        report.count_destination(&Route::Topic("user.created".to_owned()));
        report.duplicates.add("14d4\u{1b}[31m".to_owned());
        let mut out = Vec::new();
        report.write_human(&mut out, &Style::new(false)).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
        report.after(Duration::from_millis(1234));
        insta::assert_snapshot!(serde_json::to_string_pretty(&report).unwrap());
    }
}
