//! The outcome of publishing many events, for people and for scripts.

use std::io::{self, Write};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::ledger::Ledger;
use crate::commands::error::ExitKind;
use crate::ui::{Report, Style, Table};

/// What became of the events of a batch.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct BatchReport {
    /// Confirmed by the broker and routed to at least one queue.
    pub published: u64,
    /// Confirmed by the broker, but nobody is bound to the topic.
    pub unroutable: u64,
    /// Never sent: the input is not an event, or does not fit its schema.
    pub invalid: u64,
    /// Refused by the broker.
    pub failed: u64,
    /// Sent, but the connection or the run ended before the broker confirmed.
    pub in_doubt: u64,
    /// Not meant to be published: skipped, filtered out, not an event.
    pub skipped: u64,
    pub elapsed_seconds: f64,
    /// Published events a second.
    pub rate_per_second: f64,
}

impl BatchReport {
    /// Fills in how long it took and the rate that follows.
    #[must_use]
    pub fn after(self, elapsed: Duration) -> Self {
        let seconds = elapsed.as_secs_f64();
        let rate = if seconds > 0.0 { self.published as f64 / seconds } else { 0.0 };
        Self {
            elapsed_seconds: (seconds * 1000.0).round() / 1000.0,
            rate_per_second: (rate * 10.0).round() / 10.0,
            ..self
        }
    }

    /// What the batch as a whole means.
    ///
    /// | invalid, failed or in doubt | unroutable | published | outcome |
    /// |---|---|---|---|
    /// | none | none | any | done |
    /// | none | some | none | unroutable |
    /// | none | some | some | partly done |
    /// | some | any | any | partly done |
    pub fn outcome(&self) -> ExitKind {
        let is_whole = self.invalid == 0 && self.failed == 0 && self.in_doubt == 0;
        match (is_whole, self.unroutable, self.published) {
            (true, 0, _) => ExitKind::Done,
            (true, _, 0) => ExitKind::Unroutable,
            (true, _, _) | (false, _, _) => ExitKind::Partial,
        }
    }
}

impl Report for BatchReport {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let mut table = Table::new(["outcome", "events"]).numeric(1);
        let rows = [
            ("published", self.published),
            ("unroutable", self.unroutable),
            ("invalid", self.invalid),
            ("failed", self.failed),
        ];
        let only_when_there_are = [("in doubt", self.in_doubt), ("skipped", self.skipped)];
        let extra = only_when_there_are.into_iter().filter(|(_, count)| *count > 0);
        for (outcome, count) in rows.into_iter().chain(extra) {
            table.row([outcome.to_owned(), count.to_string()]);
        }
        table.write(out, style)?;
        writeln!(out, "{}s, {} events/s", self.elapsed_seconds, self.rate_per_second)
    }
}

/// The outcome of a batch whose lines are numbered.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BatchPublished {
    #[serde(flatten)]
    pub batch: BatchReport,
    /// First and last of each range of lines that may or may not be published.
    pub in_doubt_lines: Vec<(u64, u64)>,
    /// How many lines from the start are behind us: what `--skip` takes to go on after an
    /// interruption. Lines in doubt among them are not sent again that way.
    pub lines_done: u64,
}

impl BatchPublished {
    pub fn of(ledger: &Ledger, skipped: u64) -> Self {
        let batch = BatchReport {
            published: ledger.published,
            unroutable: ledger.unroutable,
            invalid: ledger.invalid,
            failed: ledger.failed,
            in_doubt: ledger.in_doubt.count(),
            skipped: ledger.remarks + skipped,
            ..BatchReport::default()
        };
        Self {
            batch,
            in_doubt_lines: ledger.in_doubt.iter().collect(),
            lines_done: ledger.resume_after(),
        }
    }
}

impl Report for BatchPublished {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        self.batch.write_human(out, style)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::{Layout, Target};

    #[test]
    fn the_outcome_follows_the_table() {
        let table = [
            ((0, 0, 0), 0, ExitKind::Done),
            ((0, 0, 0), 5, ExitKind::Done),
            ((1, 0, 0), 0, ExitKind::Unroutable),
            ((1, 0, 0), 5, ExitKind::Partial),
            ((0, 1, 0), 5, ExitKind::Partial),
            ((0, 0, 1), 5, ExitKind::Partial),
            ((1, 1, 0), 0, ExitKind::Partial),
        ];
        for ((unroutable, invalid, failed), published, outcome) in table {
            let report =
                BatchReport { published, unroutable, invalid, failed, ..Default::default() };
            assert_eq!(report.outcome(), outcome, "{report:?}");
        }
        let doubtful = BatchReport { published: 5, in_doubt: 1, ..Default::default() };
        assert_eq!(doubtful.outcome(), ExitKind::Partial);
        let skipping = BatchReport { published: 5, skipped: 1, ..Default::default() };
        assert_eq!(skipping.outcome(), ExitKind::Done);
    }

    #[test]
    fn a_batch_is_reported_as_a_table_and_as_json() {
        let report =
            BatchReport { published: 1234, unroutable: 1, skipped: 3, ..Default::default() }
                .after(Duration::from_millis(1500));
        let mut human = Vec::new();
        let layout = Layout { target: Target::Terminal, columns: 80 };
        report.write_human(&mut human, &Style::new(false).with_layout(layout)).unwrap();
        insta::assert_snapshot!(String::from_utf8(human).unwrap(), @"
        ┌────────────┬────────┐
        │ outcome    ┆ events │
        ╞════════════╪════════╡
        │ published  ┆   1234 │
        │ unroutable ┆      1 │
        │ invalid    ┆      0 │
        │ failed     ┆      0 │
        │ skipped    ┆      3 │
        └────────────┴────────┘
        1.5s, 822.7 events/s
        ");
        insta::assert_snapshot!(serde_json::to_string(&report).unwrap(), @r#"{"published":1234,"unroutable":1,"invalid":0,"failed":0,"in_doubt":0,"skipped":3,"elapsed_seconds":1.5,"rate_per_second":822.7}"#);
    }
}
