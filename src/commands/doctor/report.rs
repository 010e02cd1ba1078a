use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::bindings::{BindingsCheck, LevelArg};
use crate::commands::error::CommandError;
use crate::ui::{Report, Style, sanitize};

/// What was examined.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DoctorReport {
    /// Whether nothing is wrong.
    pub ok: bool,
    pub checks: Vec<Check>,
    /// What `bindings check` finds; null where it could not look.
    pub audit: Option<BindingsCheck>,
}

/// One line of the checklist.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Check {
    /// `broker`, `exchange` and so on.
    pub name: &'static str,
    pub status: Status,
    pub message: String,
    pub causes: Vec<String>,
    /// How to mend it.
    pub fixes: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Good,
    Warning,
    Bad,
    /// It could not be looked at, or is not configured.
    Skipped,
}

impl Check {
    pub fn new(name: &'static str, status: Status, message: impl Into<String>) -> Self {
        Self { name, status, message: message.into(), causes: Vec::new(), fixes: Vec::new() }
    }

    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fixes.push(fix.into());
        self
    }

    pub fn failed(name: &'static str, status: Status, error: impl Into<CommandError>) -> Self {
        let error: CommandError = error.into();
        let mut check = Self::new(name, status, error.message);
        (check.causes, check.fixes) = (error.causes, error.hints);
        check
    }
}

impl DoctorReport {
    pub fn new(checks: Vec<Check>, audit: Option<BindingsCheck>) -> Self {
        let is_fine = |check: &Check| matches!(check.status, Status::Good | Status::Skipped);
        let ok = checks.iter().all(is_fine) && audit.as_ref().is_none_or(|audit| audit.ok);
        Self { ok, checks, audit }
    }

    /// How many errors and warnings there are, checks and findings together.
    pub fn problems(&self) -> (usize, usize) {
        let count = |status| self.checks.iter().filter(|check| check.status == status).count();
        let summary = self.audit.as_ref().map(|audit| audit.summary).unwrap_or_default();
        (count(Status::Bad) + summary.error, count(Status::Warning) + summary.warning)
    }

    /// The messages of everything that is wrong, the errors first.
    pub fn messages(&self) -> Vec<String> {
        let checks = |status: Status| {
            let checks = self.checks.iter().filter(move |check| check.status == status);
            checks.map(|check| format!("{}: {}", check.name, check.message))
        };
        let findings = |level: LevelArg| {
            let audit = self.audit.iter().flat_map(|audit| &audit.findings);
            audit
                .filter(move |finding| finding.level == level)
                .map(|finding| format!("{} {}", finding.rule, finding.message))
        };
        checks(Status::Bad)
            .chain(findings(LevelArg::Error))
            .chain(checks(Status::Warning))
            .chain(findings(LevelArg::Warning))
            .collect()
    }
}

impl Report for DoctorReport {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        for check in &self.checks {
            let status = match check.status {
                Status::Good => style.good.apply_to("good   "),
                Status::Warning => style.warning.apply_to("warning"),
                Status::Bad => style.bad.apply_to("bad    "),
                Status::Skipped => style.dim.apply_to("skipped"),
            };
            writeln!(out, "{status} {:<12} {}", check.name, sanitize(&check.message))?;
            for cause in &check.causes {
                writeln!(out, "        caused by: {}", sanitize(cause))?;
            }
            for fix in &check.fixes {
                writeln!(out, "        {} {}", style.good.apply_to("fix:"), sanitize(fix))?;
            }
        }
        let Some(audit) = &self.audit else { return Ok(()) };
        writeln!(out)?;
        audit.write_human(out, style)
    }
}
