//! Generated files on disk: what is new, changed, stale; written only where bytes change.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use super::target::Folder;
use crate::codegen::{GeneratedFile, HEADER};
use crate::commands::error::{CommandError, ExitKind};
use crate::parallel;

/// How far into a file the header has to begin.
const HEADER_WITHIN_BYTES: usize = 200;
/// Files that a thread takes at once: most are as they should be.
const FILES_AT_ONCE: usize = 16;

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
    /// Relative to the folder; slashes between the parts.
    pub path: String,
    pub state: FileState,
    /// Where it is not what it should be.
    pub old: String,
    pub new: String,
}

/// What becomes of files of ours that are no longer needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stale {
    Remove,
    /// It is not known what is needed.
    Keep,
}

/// Compares the folder with `files`.
pub fn compare(
    folder: &Folder,
    files: Vec<GeneratedFile>,
    stale: Stale,
) -> Result<Vec<Comparison>, CommandError> {
    let wanted: HashSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut all = match stale {
        Stale::Remove => stale_files(folder, &wanted)?,
        Stale::Keep => Vec::new(),
    };
    let states = parallel::map(files.len(), FILES_AT_ONCE, |place| {
        state_of(&folder.path.join(&files[place].path), files[place].text.as_bytes())
    });
    for (file, state) in files.into_iter().zip(states) {
        let (state, old) = state?;
        let new = match state {
            FileState::Unchanged => String::new(),
            FileState::New | FileState::Changed | FileState::Stale => file.text,
        };
        all.push(Comparison { path: file.path, state, old, new });
    }
    all.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(all)
}

/// What a file is, and its text where that is to change.
fn state_of(path: &Path, wanted: &[u8]) -> Result<(FileState, String), CommandError> {
    match fs::read(path) {
        Ok(old) if old == wanted => Ok((FileState::Unchanged, String::new())),
        Ok(old) => Ok((FileState::Changed, String::from_utf8_lossy(&old).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok((FileState::New, String::new()))
        }
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// Makes the folder what it should be. A file is there whole or not at all.
///
/// # Errors
/// A file that somebody else wrote has the name of one of ours; then nothing is written. Files that
/// may not be read or written.
pub fn apply(folder: &Path, comparisons: &[Comparison]) -> Result<(), CommandError> {
    let is_foreign = |known: &&Comparison| {
        known.state == FileState::Changed && !known.old.is_empty() && !is_ours(known.old.as_bytes())
    };
    if let Some(known) = comparisons.iter().find(is_foreign) {
        let path = folder.join(&known.path);
        let message = format!("{} is there and was not generated", path.display());
        return Err(CommandError::new(ExitKind::Config, message)
            .hint("choose another place with --out, or remove the file; nothing was written"));
    }
    let is_written =
        |known: &&Comparison| matches!(known.state, FileState::New | FileState::Changed);
    let path_of = |known: &Comparison| folder.join(&known.path);
    let written = comparisons.iter().filter(is_written);
    let parents: BTreeSet<PathBuf> =
        written.filter_map(|known| path_of(known).parent().map(Path::to_owned)).collect();
    for parent in parents {
        fs::create_dir_all(&parent).map_err(|error| unwritable(&parent, &error))?;
    }
    let outcomes = parallel::map(comparisons.len(), FILES_AT_ONCE, |place| {
        let path = path_of(&comparisons[place]);
        let outcome = match comparisons[place].state {
            FileState::New | FileState::Changed => replace(&path, &comparisons[place].new),
            FileState::Stale => fs::remove_file(&path),
            FileState::Unchanged => Ok(()),
        };
        outcome.map_err(|error| unwritable(&path, &error))
    });
    outcomes.into_iter().collect()
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
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

/// The files that carry our header and are not wanted.
fn stale_files(folder: &Folder, wanted: &HashSet<&str>) -> Result<Vec<Comparison>, CommandError> {
    let mut stale = Vec::new();
    for place in folder.places {
        let within = folder.path.join(place);
        for name in names(&within)? {
            let path = if place.is_empty() { name } else { format!("{place}/{name}") };
            let file = folder.path.join(&path);
            let may_be_ours = folder.endings.iter().any(|ending| path.ends_with(ending));
            if may_be_ours && !wanted.contains(path.as_str()) && has_header(&file) {
                let old = fs::read(&file).map_err(|error| unreadable(&file, &error))?;
                let old = String::from_utf8_lossy(&old).into_owned();
                stale.push(Comparison { path, state: FileState::Stale, old, new: String::new() });
            }
        }
    }
    Ok(stale)
}

/// What is directly in a folder.
fn names(folder: &Path) -> Result<Vec<String>, CommandError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(folder, &error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(|error| unreadable(folder, &error))?.file_name();
        names.extend(name.into_string());
    }
    Ok(names)
}

fn has_header(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = fs::File::open(path)
        .and_then(|file| file.take(HEADER_WITHIN_BYTES as u64).read_to_end(&mut start));
    read.is_ok() && is_ours(&start)
}

/// Whether a text begins with our header.
fn is_ours(text: &[u8]) -> bool {
    String::from_utf8_lossy(&text[..text.len().min(HEADER_WITHIN_BYTES)]).contains(HEADER)
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
