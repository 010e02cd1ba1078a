//! What generating came to.

use std::io::{self, Write};
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use super::folder::{Comparison, FileState};
use crate::codegen::Loss;
use crate::commands::error::ExitKind;
use crate::commands::schema::Problem;
use crate::ui::{Difference, Report, Style, sanitize};

/// What became of each file, and what could not be generated.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct GenerateReport {
    pub out: PathBuf,
    /// Whether nothing was written.
    pub check: bool,
    /// Whether every file is as it should be, now or before.
    pub up_to_date: bool,
    pub files: Vec<FileRow>,
    /// What the schemas say and the generated code cannot.
    pub losses: Vec<Loss>,
    /// Schemas that nothing could be generated from.
    pub failures: Vec<SchemaFailure>,
    /// Documents of the registry that could not be read.
    pub problems: Vec<Problem>,
    /// What generated code needs beside its usual packages.
    pub needs: Vec<&'static str>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct FileRow {
    path: String,
    state: FileState,
    #[serde(skip)]
    old: String,
    #[serde(skip)]
    new: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct SchemaFailure {
    pub topic: String,
    pub version: String,
    pub message: String,
}

impl From<Comparison> for FileRow {
    fn from(comparison: Comparison) -> Self {
        let Comparison { path, state, old, new } = comparison;
        Self { path, state, old, new }
    }
}

impl GenerateReport {
    /// | something could not be generated | checked, and a file differs | outcome |
    /// |---|---|---|
    /// | yes | any | partly done |
    /// | no | yes | no |
    /// | no | no | done |
    pub fn outcome(&self) -> ExitKind {
        if !self.failures.is_empty() || !self.problems.is_empty() {
            ExitKind::Partial
        } else if self.check && !self.up_to_date {
            ExitKind::No
        } else {
            ExitKind::Done
        }
    }

    fn write_files(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let name = |path: &str| self.out.join(path).display().to_string();
        for file in &self.files {
            let (old_name, new_name) = (name(&file.path), name(&file.path));
            match file.state {
                FileState::Unchanged => continue,
                FileState::New | FileState::Changed | FileState::Stale => {}
            }
            writeln!(out, "{}\t{}", file.state.as_str(), sanitize(&new_name))?;
            if self.check {
                let (old_name, new_name) = match file.state {
                    FileState::New => ("/dev/null", new_name.as_str()),
                    FileState::Stale => (old_name.as_str(), "/dev/null"),
                    FileState::Changed | FileState::Unchanged => {
                        (old_name.as_str(), new_name.as_str())
                    }
                };
                let (old, new) = (file.old.as_str(), file.new.as_str());
                Difference { old_name, old, new_name, new }.write(out, style)?;
            }
        }
        Ok(())
    }

    fn summary(&self) -> String {
        let count = |state| self.files.iter().filter(|file| file.state == state).count();
        let stale = if self.check { "stale" } else { "removed" };
        format!(
            "{}: {} new, {} changed, {} {stale}, {} unchanged",
            self.out.display(),
            count(FileState::New),
            count(FileState::Changed),
            count(FileState::Stale),
            count(FileState::Unchanged),
        )
    }
}

impl Report for GenerateReport {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        self.write_files(out, style)?;
        for loss in &self.losses {
            let place = format!("{}@{} {}: {}", loss.topic, loss.version, loss.place, loss.message);
            writeln!(out, "{} {}", style.warning.apply_to("loss:"), sanitize(&place))?;
        }
        for failure in &self.failures {
            let text = format!("{}@{}: {}", failure.topic, failure.version, failure.message);
            writeln!(out, "{} {}", style.bad.apply_to("failed:"), sanitize(&text))?;
        }
        self.problems.iter().try_for_each(|problem| problem.write(out, style))?;
        for need in &self.needs {
            writeln!(out, "{} {need}", style.dim.apply_to("needs:"))?;
        }
        writeln!(out, "{}", sanitize(&self.summary()))
    }
}
