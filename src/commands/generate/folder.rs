//! Generated files on disk: what is new, changed, stale; written only where bytes change.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use crate::codegen::{GeneratedFile, HEADER};
use crate::commands::error::{CommandError, ExitKind};

/// How far into a file the header has to begin.
const HEADER_WITHIN_BYTES: u64 = 200;

/// What a file is, compared with what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    New,
    Changed,
    Unchanged,
    /// Ours, and no longer needed.
    Stale,
}

impl FileState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Stale => "stale",
        }
    }
}

/// One file: what is there, and what should be.
#[derive(Debug)]
pub struct Comparison {
    /// Relative to the folder.
    pub path: String,
    pub state: FileState,
    pub old: String,
    pub new: String,
}

/// Compares the folder with `files`. Files of ours that are not among them are stale, if they end
/// in one of `endings`.
pub fn compare(
    folder: &Path,
    files: &[GeneratedFile],
    endings: &[&str],
) -> Result<Vec<Comparison>, CommandError> {
    let mut all = Vec::new();
    for file in files {
        let path = folder.join(&file.path);
        let old = match fs::read(&path) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(unreadable(&path, &error)),
        };
        let state = match &old {
            None => FileState::New,
            Some(old) if old == file.text.as_bytes() => FileState::Unchanged,
            Some(_) => FileState::Changed,
        };
        let old = String::from_utf8_lossy(&old.unwrap_or_default()).into_owned();
        all.push(Comparison { path: file.path.clone(), state, old, new: file.text.clone() });
    }
    for path in ours(folder, endings)? {
        if !files.iter().any(|file| file.path == path) {
            let old = fs::read_to_string(folder.join(&path)).unwrap_or_default();
            all.push(Comparison { path, state: FileState::Stale, old, new: String::new() });
        }
    }
    all.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(all)
}

/// Makes the folder what it should be. A file is there whole or not at all.
pub fn apply(folder: &Path, comparisons: &[Comparison]) -> Result<(), CommandError> {
    for comparison in comparisons {
        let path = folder.join(&comparison.path);
        let outcome = match comparison.state {
            FileState::New | FileState::Changed => replace(&path, &comparison.new),
            FileState::Stale => fs::remove_file(&path),
            FileState::Unchanged => Ok(()),
        };
        outcome.map_err(|error| unwritable(&path, &error))?;
    }
    Ok(())
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = fs::File::create(&beside)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // The first failure is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// The files directly in the folder that carry our header.
fn ours(folder: &Path, endings: &[&str]) -> Result<Vec<String>, CommandError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(folder, &error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(folder, &error))?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if endings.iter().any(|ending| name.ends_with(ending)) && has_header(&entry.path()) {
            names.push(name);
        }
    }
    Ok(names)
}

fn has_header(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = fs::File::open(path)
        .and_then(|file| file.take(HEADER_WITHIN_BYTES).read_to_end(&mut start));
    read.is_ok() && String::from_utf8_lossy(&start).contains(HEADER)
}

fn unreadable(path: &Path, error: &io::Error) -> CommandError {
    failed(path, ("cannot read", "choose a folder that you may read with --out"), error)
}

fn unwritable(path: &Path, error: &io::Error) -> CommandError {
    failed(path, ("cannot write", "choose a folder that you may write to with --out"), error)
}

fn failed(path: &Path, (what, hint): (&str, &str), error: &io::Error) -> CommandError {
    let message = format!("{what} {}", path.display());
    CommandError {
        causes: vec![error.to_string()],
        ..CommandError::new(ExitKind::Config, message).hint(hint)
    }
}
