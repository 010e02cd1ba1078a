//! What generating came to.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use super::folder::{Comparison, FileState};
use crate::codegen::{Failure, Loss};
use crate::commands::error::ExitKind;
use crate::commands::schema::Problem;
use crate::schema::SchemaDocument;
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
    /// With `--watch`, what led to generating again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<Changes>,
}

/// `TOPIC@VERSION` of the documents that are not what they were.
#[derive(Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Changes {
    pub added: Vec<String>,
    pub changed: Vec<String>,
    pub removed: Vec<String>,
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

impl From<Failure> for SchemaFailure {
    fn from(failure: Failure) -> Self {
        let Failure { topic, version, error } = failure;
        Self { topic, version, message: error.to_string() }
    }
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

    /// What became of the files, and of what they were made from where that is told.
    fn summary(&self) -> String {
        let count = |state| self.files.iter().filter(|file| file.state == state).count();
        let stale = if self.check { "stale" } else { "removed" };
        let because = self.because.as_ref().map(|changes| format!("{}; ", changes.text()));
        format!(
            "{}{}: {} new, {} changed, {} {stale}, {} unchanged",
            because.unwrap_or_default(),
            if self.out.as_os_str().is_empty() { Path::new(".") } else { &self.out }.display(),
            count(FileState::New),
            count(FileState::Changed),
            count(FileState::Stale),
            count(FileState::Unchanged),
        )
    }
}

impl Report for GenerateReport {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        if self.because.is_some() {
            return writeln!(out, "{}", sanitize(&self.summary()));
        }
        self.write_files(out, style)?;
        for loss in &self.losses {
            let text = format!("{}@{}: {}", loss.topic, loss.version, loss.text());
            writeln!(out, "{} {}", style.warning.apply_to("loss:"), sanitize(&text))?;
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

/// How many documents a line names; the JSON has them all.
const NAMED: usize = 3;

impl Changes {
    /// Both in the order of their topics.
    pub fn between(old: &[SchemaDocument], new: &[SchemaDocument]) -> Self {
        let name = |document: &SchemaDocument| format!("{}@{}", document.topic, document.version);
        let known: HashMap<String, &SchemaDocument> =
            old.iter().map(|document| (name(document), document)).collect();
        let mut changes = Self::default();
        let mut kept = HashSet::new();
        for document in new {
            let name = name(document);
            match known.get(&name) {
                None => changes.added.push(name.clone()),
                Some(old) if *old != document => changes.changed.push(name.clone()),
                Some(_) => {}
            }
            kept.insert(name);
        }
        changes.removed = old.iter().map(name).filter(|name| !kept.contains(name)).collect();
        changes
    }

    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }

    /// `changed a@v1, b@v1 and 2 more; added c@v1`.
    fn text(&self) -> String {
        let parts =
            [("added", &self.added), ("changed", &self.changed), ("removed", &self.removed)];
        let shown = |(what, names): (&str, &Vec<String>)| {
            let named = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
            match names.len().saturating_sub(NAMED) {
                0 => format!("{what} {named}"),
                more => format!("{what} {named} and {more} more"),
            }
        };
        let parts: Vec<String> =
            parts.into_iter().filter(|(_, names)| !names.is_empty()).map(shown).collect();
        parts.join("; ")
    }
}
