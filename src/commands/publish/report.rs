//! What publishing came to, for people and for scripts.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::ledger::Ledger;
use crate::commands::batch::BatchReport;
use crate::ui::{Report, Style, sanitize};

/// The answer for one event.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PublishedReport {
    pub id: String,
    pub topic: String,
    /// The broker has taken responsibility.
    pub confirmed: bool,
    /// At least one queue received it.
    pub routed: bool,
}

impl Report for PublishedReport {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        if !(self.confirmed && self.routed) {
            return Ok(());
        }
        let done = style.good.apply_to("published");
        writeln!(out, "{done} {} {}", sanitize(&self.topic), style.dim.apply_to(&self.id))
    }
}

/// The answer for a batch.
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
