//! What `schema diff` says; every format is written from this.

use std::path::{Component, Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::error::ExitKind;
use crate::extract::Failure;
use crate::schema::{Finding, FindingLevel};

use super::super::problem::Problem;

/// What a change of the schemas does to those who publish and read the events.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SchemaDiff {
    /// Whether nothing was found that `--fail-on` asks for.
    pub compatible: bool,
    pub summary: Summary,
    /// The worst first within each topic; waived ones last.
    pub changes: Vec<Finding>,
    /// The old side, as it was named.
    pub from: String,
    /// The new side.
    pub to: String,
    /// What was asked for with `--mode`.
    pub mode: String,
    /// How many topics were compared.
    pub topics: usize,
    /// How many versions are the same contract on both sides.
    pub unchanged: usize,
    /// `TOPIC@VERSION` that only the new side has.
    pub added: Vec<String>,
    /// `TOPIC@VERSION` that only the old side has.
    pub removed: Vec<String>,
    pub waivers: WaiverReport,
    /// Parts of the two sides that could not be read.
    pub failures: Vec<Failure>,
    /// Documents of a registry that could not be read.
    pub problems: Vec<Problem>,
    /// The working directory, seen from the top of the git working tree; empty at the top, and
    /// outside of one.
    #[serde(skip)]
    #[schemars(skip)]
    pub folder: PathBuf,
    /// The texts of the compared documents, for people.
    #[serde(skip)]
    #[schemars(skip)]
    pub schema_differences: Vec<SchemaDifference>,
}

/// Two documents that something was found about.
#[derive(Debug)]
pub struct SchemaDifference {
    pub topic: String,
    pub from_version: String,
    pub to_version: String,
    pub old: String,
    pub new: String,
}

/// How many changes there are of each level; waived ones are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summary {
    pub breaking: usize,
    pub undecided: usize,
    pub warning: usize,
    pub info: usize,
    /// Changes that somebody accepted.
    pub waived: usize,
}

/// Waivers that did nothing.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct WaiverReport {
    /// They match no change of this comparison.
    pub unused: Vec<String>,
    /// Their day is over, and what they waived counts again.
    pub expired: Vec<String>,
}

impl SchemaDiff {
    /// A file as the repository's pages know it: annotations name files from the top, wherever in
    /// a monorepo the command ran.
    pub fn in_repository(&self, file: &str) -> String {
        if self.folder.as_os_str().is_empty() || Path::new(file).is_absolute() {
            return file.to_owned();
        }
        let mut path = PathBuf::new();
        for component in self.folder.join(file).components() {
            match component {
                Component::CurDir => {}
                Component::ParentDir if path.pop() => {}
                Component::ParentDir => return file.to_owned(),
                Component::Prefix(_) | Component::RootDir | Component::Normal(_) => {
                    path.push(component);
                }
            }
        }
        path.to_string_lossy().into_owned()
    }

    /// | compatible | everything could be read | exit code |
    /// |---|---|---|
    /// | no | any | 1, the answer is no |
    /// | yes | no | 8, partly done |
    /// | yes | yes | 0 |
    pub fn outcome(&self) -> ExitKind {
        let is_whole = self.failures.is_empty() && self.problems.is_empty();
        match (self.compatible, is_whole) {
            (false, _) => ExitKind::No,
            (true, false) => ExitKind::Partial,
            (true, true) => ExitKind::Done,
        }
    }
}

impl Summary {
    pub fn of(changes: &[Finding]) -> Self {
        let mut summary = Self::default();
        for change in changes {
            *match (&change.waived, change.level) {
                (Some(_), _) => &mut summary.waived,
                (None, FindingLevel::Breaking) => &mut summary.breaking,
                (None, FindingLevel::Undecided) => &mut summary.undecided,
                (None, FindingLevel::Warning) => &mut summary.warning,
                (None, FindingLevel::Info) => &mut summary.info,
            } += 1;
        }
        summary
    }
}
