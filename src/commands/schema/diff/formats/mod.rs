//! One report, written for whoever reads it.

mod human;
mod json;

use std::io::Write;

use clap::ValueEnum;

use super::report::SchemaDiff;
use crate::commands::error::{CommandError, ExitKind};
use crate::ui::Ui;

pub use human::write_findings;

/// `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A short story per topic
    Human,
    /// One JSON document
    Json,
    /// For a comment on a pull request
    Markdown,
    /// Annotations of GitHub Actions
    Github,
    /// For code scanning
    Sarif,
    /// For test reports
    Junit,
}

/// Writes the report to stdout.
pub fn write_as(format: Format, report: &SchemaDiff, ui: &Ui) -> Result<(), CommandError> {
    let mut out = ui.stdout();
    match format {
        Format::Human => human::write(report, &mut out, ui.style())?,
        Format::Json => json::write(report, &mut out)?,
        Format::Markdown | Format::Github | Format::Sarif | Format::Junit => {
            return Err(CommandError::new(ExitKind::Usage, "the format is not in this build")
                .hint("use --format human or --format json"));
        }
    }
    out.flush()?;
    Ok(())
}
