//! `--dry-run`: what would be published, and when.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::time::Duration;

use serde::Serialize;

use super::ReplayArgs;
use super::misfits::Misfits;
use super::selection::{Decision, Selection, Skipped};
use super::timeline::{Speed, Timeline};
use crate::commands::batch::BatchReport;
use crate::commands::error::{CommandError, ExitKind};
use crate::ui::{OutputFormat, Ui, sanitize};

/// One event that would be published, as a line of `-o jsonl`.
#[derive(Debug, Serialize)]
struct Planned<'a> {
    line: u64,
    /// From the start of the replay; absent with `--rate`, where it depends on the broker.
    due_seconds: Option<f64>,
    topic: &'a str,
}

/// Reads the whole file and publishes nothing. With `-o json` only the counts are printed, in
/// place of `published` those that would be.
pub(super) async fn rehearse(
    args: &ReplayArgs,
    file: File,
    (selection, mut misfits): (&mut Selection, Misfits),
    ui: &Ui,
) -> Result<ExitKind, CommandError> {
    let mut timeline = Timeline::new(args.speed);
    let mut skipped = Skipped::default();
    let mut report = BatchReport::default();
    let mut out = ui.stdout();
    for (number, line) in (1..).zip(BufReader::new(file).split(b'\n')) {
        let line = line?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        if number <= args.skip {
            report.skipped += 1;
            continue;
        }
        let decision = match str::from_utf8(&line) {
            Ok(text) => selection.decide(text.trim())?,
            Err(_) => Decision::Broken("it is not UTF-8".to_owned()),
        };
        match decision {
            Decision::Skip(reason) => skipped.add(reason),
            Decision::Broken(why) => {
                report.invalid += 1;
                ui.warn(&format!("line {number}: {why}"));
            }
            Decision::Publish(record) => {
                if let Some(why) = misfits.look_at(&record, args.to.as_ref()).await? {
                    ui.warn(&format!("line {number}: {why}"));
                }
                report.published += 1;
                let due = timeline.due(record.delivery.received_at.as_deref());
                let topic = args.to.as_ref().map_or(record.topic.as_str(), |to| to.as_str());
                let due_seconds = due_seconds(args, due);
                let planned = Planned { line: number, due_seconds, topic };
                write_planned(&mut out, &planned, ui.output())?;
            }
        }
    }
    out.flush()?;
    report.skipped += skipped.total();
    misfits.take_remarks().iter().for_each(|remark| ui.warn(remark));
    misfits.close().await;
    misfits.summarise("to be sent as they were recorded", ui);
    if let Some(text) = skipped.explanation() {
        ui.note(&text);
    }
    match ui.output() {
        OutputFormat::Json => ui.report(&report)?,
        OutputFormat::Human => {
            ui.note(&format!("events to publish: {}", report.published));
        }
        OutputFormat::Jsonl => {}
    }
    Ok(report.outcome())
}

fn due_seconds(args: &ReplayArgs, due: Duration) -> Option<f64> {
    match (args.rate, args.speed) {
        (Some(_), _) => None,
        (None, Speed::Max) => Some(0.0),
        (None, Speed::Times(_)) => Some((due.as_secs_f64() * 1000.0).round() / 1000.0),
    }
}

fn write_planned(
    out: &mut dyn Write,
    planned: &Planned<'_>,
    output: OutputFormat,
) -> Result<(), CommandError> {
    match (output, planned.due_seconds) {
        (OutputFormat::Json, _) => {}
        (OutputFormat::Jsonl, _) => {
            serde_json::to_writer(&mut *out, planned).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        (OutputFormat::Human, Some(due)) => {
            writeln!(out, "line {:<7} +{due:<10.3} {}", planned.line, sanitize(planned.topic))?;
        }
        (OutputFormat::Human, None) => {
            writeln!(out, "line {:<7} {}", planned.line, sanitize(planned.topic))?;
        }
    }
    Ok(())
}
