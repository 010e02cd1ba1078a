//! The report for monitoring systems.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::report::{DoctorReport, Status};
use crate::commands::bindings::LevelArg;
use crate::commands::error::ExitKind;
use crate::ui::{Report, Style, sanitize};

/// One line, as the Nagios plugin guidelines ask: the state, what is wrong, and numbers after a
/// bar; the rest follows on lines of their own.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Nagios<'a>(pub &'a DoctorReport);

/// The text format of Prometheus.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Prometheus<'a>(pub &'a DoctorReport);

/// 0 for OK, 1 for WARNING, 2 for CRITICAL.
pub(super) fn nagios_exit(report: &DoctorReport) -> ExitKind {
    match report.problems() {
        (0, 0) => ExitKind::Done,
        (0, _) => ExitKind::Foreign(1),
        (_, _) => ExitKind::Foreign(2),
    }
}

impl Report for Nagios<'_> {
    fn write_human(&self, out: &mut dyn Write, _style: &Style) -> io::Result<()> {
        let (errors, warnings) = self.0.problems();
        let state = match (errors, warnings) {
            (0, 0) => "OK",
            (0, _) => "WARNING",
            (_, _) => "CRITICAL",
        };
        // A bar would begin the numbers.
        let clean = |text: &String| sanitize(text).replace('|', "/");
        let messages: Vec<String> = self.0.messages().iter().map(clean).collect();
        let first = messages.first().map_or("everything is fine", String::as_str);
        writeln!(out, "CELERYSALT {state} - {first} | errors={errors} warnings={warnings}")?;
        messages.iter().skip(1).try_for_each(|message| writeln!(out, "{message}"))
    }
}

impl Report for Prometheus<'_> {
    fn write_human(&self, out: &mut dyn Write, _style: &Style) -> io::Result<()> {
        writeln!(out, "# HELP celerysalt_check_ok Whether a check of celerysalt doctor passed.")?;
        writeln!(out, "# TYPE celerysalt_check_ok gauge")?;
        let looked = self.0.checks.iter().filter(|check| check.status != Status::Skipped);
        for check in looked {
            let value = u8::from(check.status == Status::Good);
            writeln!(out, "celerysalt_check_ok{{check=\"{}\"}} {value}", check.name)?;
        }
        let Some(audit) = &self.0.audit else { return Ok(()) };
        writeln!(out, "# HELP celerysalt_findings Findings of celerysalt bindings check.")?;
        writeln!(out, "# TYPE celerysalt_findings gauge")?;
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for finding in &audit.findings {
            let level = match finding.level {
                LevelArg::Error => "error",
                LevelArg::Warning => "warning",
                LevelArg::Info => "info",
            };
            *counts.entry((finding.rule, level)).or_default() += 1;
        }
        counts.iter().try_for_each(|((rule, level), count)| {
            writeln!(out, "celerysalt_findings{{rule=\"{rule}\",level=\"{level}\"}} {count}")
        })
    }
}
