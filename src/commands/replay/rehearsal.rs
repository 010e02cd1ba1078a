//! `--dry-run`: what would be published, and when.

use std::io::{BufWriter, StdoutLock, Write};
use std::time::Duration;

use serde::Serialize;

use super::ReplayArgs;
use super::misfits::Misfits;
use super::selection::{Decision, Skipped};
use super::source::Target;
use super::timeline::{Speed, Timeline};
use crate::commands::batch::BatchReport;
use crate::commands::error::{CommandError, ExitKind};
use crate::ui::{OutputFormat, Ui, sanitize};
use crate::wire::record::Record;

/// One event that would be published, as a line of `-o jsonl`.
#[derive(Debug, Serialize)]
struct Planned<'a> {
    /// The line of the recording, or the position in the queue.
    line: u64,
    /// From the start of the replay; absent with `--rate`, where it depends on the broker.
    due_seconds: Option<f64>,
    topic: &'a str,
}

/// A replay that publishes nothing. With `-o json` only the counts are printed, in place of
/// `published` those that would be.
pub(super) struct Rehearsal<'a> {
    args: &'a ReplayArgs,
    ui: &'a Ui,
    out: BufWriter<StdoutLock<'static>>,
    /// What is numbered: `line`, or `message` of a queue.
    pub unit: &'static str,
    speed: Speed,
    timeline: Timeline,
    misfits: Misfits,
    skipped: Skipped,
    report: BatchReport,
}

impl<'a> Rehearsal<'a> {
    pub fn new((args, speed): (&'a ReplayArgs, Speed), misfits: Misfits, ui: &'a Ui) -> Self {
        Self {
            args,
            ui,
            out: ui.stdout(),
            unit: "line",
            speed,
            timeline: Timeline::new(speed),
            misfits,
            skipped: Skipped::default(),
            report: BatchReport::default(),
        }
    }

    /// A line that `--skip` leaves out.
    pub fn pass_over(&mut self) {
        self.report.skipped += 1;
    }

    /// Whether fewer events than asked for would be sent by now.
    pub fn wants_more(&self) -> bool {
        self.args.count.is_none_or(|limit| self.report.published < limit)
    }

    pub async fn perform(&mut self, number: u64, decision: Decision) -> Result<(), CommandError> {
        match decision {
            Decision::Skip(reason) => self.skipped.add(reason),
            Decision::Broken(why) => {
                self.report.invalid += 1;
                self.ui.warn(&format!("{} {number}: {why}", self.unit));
            }
            Decision::Publish(record) => self.plan(number, &record).await?,
        }
        Ok(())
    }

    async fn plan(&mut self, number: u64, record: &Record) -> Result<(), CommandError> {
        let to = self.args.to.as_ref().and_then(Target::topic);
        if let Some(why) = self.misfits.look_at(record, to).await? {
            self.ui.warn(&format!("{} {number}: {why}", self.unit));
        }
        self.report.published += 1;
        let due = self.timeline.due(record.delivery.received_at.as_deref());
        let topic = to.map_or(record.topic.as_str(), |to| to.as_str());
        self.write(&Planned { line: number, due_seconds: self.due_seconds(due), topic })
    }

    pub async fn finish(mut self) -> Result<ExitKind, CommandError> {
        let ui = self.ui;
        self.out.flush()?;
        self.report.skipped += self.skipped.total();
        self.misfits.take_remarks().iter().for_each(|remark| ui.warn(remark));
        self.misfits.close().await;
        self.misfits.summarise("to be sent as they were recorded", ui);
        if let Some(text) = self.skipped.explanation() {
            ui.note(&text);
        }
        match ui.output() {
            OutputFormat::Json => ui.report(&self.report)?,
            OutputFormat::Human => {
                ui.note(&format!("events to publish: {}", self.report.published));
            }
            OutputFormat::Jsonl => {}
        }
        Ok(self.report.outcome())
    }

    fn due_seconds(&self, due: Duration) -> Option<f64> {
        match (self.args.rate, self.speed) {
            (Some(_), _) => None,
            (None, Speed::Max) => Some(0.0),
            (None, Speed::Times(_)) => Some((due.as_secs_f64() * 1000.0).round() / 1000.0),
        }
    }

    fn write(&mut self, planned: &Planned<'_>) -> Result<(), CommandError> {
        let out = &mut self.out;
        let (unit, line, topic) = (self.unit, planned.line, sanitize(planned.topic));
        match (self.ui.output(), planned.due_seconds) {
            (OutputFormat::Json, _) => {}
            (OutputFormat::Jsonl, _) => {
                serde_json::to_writer(&mut *out, planned).map_err(std::io::Error::from)?;
                writeln!(out)?;
            }
            (OutputFormat::Human, Some(due)) => {
                writeln!(out, "{unit} {line:<7} +{due:<10.3} {topic}")?;
            }
            (OutputFormat::Human, None) => writeln!(out, "{unit} {line:<7} {topic}")?,
        }
        Ok(())
    }
}
