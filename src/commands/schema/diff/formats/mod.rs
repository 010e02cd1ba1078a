//! One report, written for whoever reads it: people, machines and pages.
//!
//! Every text in a report may come from a schema that somebody else wrote: each format makes it
//! harmless by its own rules.

mod facts;
mod github;
mod human;
mod json;
mod junit;
mod markdown;
mod sarif;

#[cfg(test)]
pub mod sample;

use std::io::Write;

use clap::ValueEnum;

use super::report::SchemaDiff;
use crate::commands::error::CommandError;
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

impl Format {
    /// Whether the answer is shown beside the files of a repository.
    pub fn names_files(self) -> bool {
        match self {
            Self::Github | Self::Sarif | Self::Junit => true,
            Self::Human | Self::Json | Self::Markdown => false,
        }
    }
}

/// Writes the report to stdout.
pub fn write_as(format: Format, report: &SchemaDiff, ui: &Ui) -> Result<(), CommandError> {
    let mut out = ui.stdout();
    match format {
        Format::Human => human::write(report, &mut out, ui.style())?,
        Format::Json => json::write(report, &mut out)?,
        Format::Markdown => markdown::write(report, &mut out)?,
        Format::Github => github::write(report, &mut out)?,
        Format::Sarif => sarif::write(report, &mut out)?,
        Format::Junit => junit::write(report, &mut out)?,
    }
    out.flush()?;
    Ok(())
}
