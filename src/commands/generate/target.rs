//! From generated files to a folder that holds them.

use std::path::PathBuf;

use super::folder::{FileState, apply, compare};
use super::report::GenerateReport;
use crate::codegen::GeneratedFile;
use crate::commands::error::CommandError;

/// Where files go.
#[derive(Debug)]
pub struct Target {
    pub folder: PathBuf,
    /// What the names of files that may be stale end in.
    pub endings: &'static [&'static str],
    /// Whether the folder is only looked at.
    pub check: bool,
}

/// Writes what differs, or only compares, and tells what became of each file.
pub fn deliver(target: &Target, files: &[GeneratedFile]) -> Result<GenerateReport, CommandError> {
    let comparisons = compare(&target.folder, files, target.endings)?;
    if !target.check {
        apply(&target.folder, &comparisons)?;
    }
    let is_same = comparisons.iter().all(|file| file.state == FileState::Unchanged);
    Ok(GenerateReport {
        out: target.folder.clone(),
        check: target.check,
        up_to_date: is_same || !target.check,
        files: comparisons.into_iter().map(Into::into).collect(),
        ..GenerateReport::default()
    })
}
