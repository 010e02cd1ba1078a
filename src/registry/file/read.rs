use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::event::{RoutingPattern, SchemaVersion, Topic};
use crate::parallel;
use crate::registry::error::RegistryError;
use crate::registry::mark::Mark;
use crate::registry::store::Listing;
use crate::schema::{DocumentError, SchemaDocument};

/// No schema that a person wrote is larger than this many bytes.
const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Reads every document whose topic matches, with all processors.
pub(super) fn list(directory: &Path, pattern: &RoutingPattern) -> Result<Listing, RegistryError> {
    let folders = topic_folders(directory, pattern)?;
    let parts = parallel::map(folders.len(), 1, |place| {
        let mut part = Listing::default();
        read_folder(&folders[place], &mut part);
        part
    });
    let mut listing = Listing::default();
    for part in parts {
        listing.documents.extend(part.documents);
        listing.problems.extend(part.problems);
    }
    listing.sort();
    Ok(listing)
}

/// The files of all documents; what goes away while it is looked at is not there.
pub(super) fn marks(directory: &Path) -> Result<Vec<(PathBuf, Mark)>, RegistryError> {
    let mut marks = Vec::new();
    for folder in topic_folders(directory, &RoutingPattern::everything())? {
        for stem in json_stems(&folder)? {
            let path = folder.join(format!("{stem}.json"));
            let mark = Mark::of_file(&path);
            let mark = mark.map_err(|error| RegistryError::io("read", &path, error))?;
            marks.extend(mark.map(|mark| (path, mark)));
        }
    }
    marks.sort();
    Ok(marks)
}

/// The versions in a topic's folder, the oldest first.
pub(super) fn versions(folder: &Path) -> Result<Vec<SchemaVersion>, RegistryError> {
    let mut versions: Vec<SchemaVersion> =
        json_stems(folder)?.iter().filter_map(|stem| stem.parse().ok()).collect();
    versions.sort_by(|a, b| (a, a.as_str()).cmp(&(b, b.as_str())));
    Ok(versions)
}

/// The document in `path`; `None` when the file went away.
pub(super) fn document(
    path: &Path,
    topic: &Topic,
    version: &SchemaVersion,
) -> Result<Option<SchemaDocument>, RegistryError> {
    let Some(text) = read_text(path)? else { return Ok(None) };
    let document = SchemaDocument::parse(&text)
        .map_err(|source| RegistryError::Broken { place: path.display().to_string(), source })?;
    let place = || path.display().to_string();
    if document.topic != *topic {
        let reason = format!("says that its topic is {}", document.topic);
        return Err(RegistryError::Misplaced { place: place(), reason });
    }
    if document.version.as_str() != version.as_str() {
        let reason = format!("says that its version is {}", document.version);
        return Err(RegistryError::Misplaced { place: place(), reason });
    }
    Ok(Some(document))
}

fn topic_folders(
    directory: &Path,
    pattern: &RoutingPattern,
) -> Result<Vec<PathBuf>, RegistryError> {
    let fail = |source| RegistryError::io("read", directory, source);
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(fail(error)),
    };
    let mut folders = Vec::new();
    for entry in entries {
        let entry = entry.map_err(fail)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !name.starts_with('.') && pattern.matches(&name) && is_folder(&entry).map_err(fail)? {
            folders.push(entry.path());
        }
    }
    Ok(folders)
}

fn is_folder(entry: &fs::DirEntry) -> io::Result<bool> {
    let kind = entry.file_type()?;
    Ok(kind.is_dir() || (kind.is_symlink() && entry.path().is_dir()))
}

fn read_folder(folder: &Path, listing: &mut Listing) {
    let stems = match json_stems(folder) {
        Ok(stems) => stems,
        Err(problem) => return listing.problems.push(problem),
    };
    for stem in stems {
        let path = folder.join(format!("{stem}.json"));
        match read_file(folder, &stem, &path) {
            Ok(Some(document)) => listing.documents.push(document),
            Ok(None) => {}
            Err(problem) => listing.problems.push(problem),
        }
    }
}

fn read_file(
    folder: &Path,
    stem: &str,
    path: &Path,
) -> Result<Option<SchemaDocument>, RegistryError> {
    let misplaced =
        |reason: String| RegistryError::Misplaced { place: path.display().to_string(), reason };
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let topic: Topic =
        name.parse().map_err(|error| misplaced(format!("is out of place: {error}")))?;
    let version: SchemaVersion =
        stem.parse().map_err(|error| misplaced(format!("is out of place: {error}")))?;
    document(path, &topic, &version)
}

/// The names of the JSON files in a folder, without `.json`; hidden files are not ours.
fn json_stems(folder: &Path) -> Result<Vec<String>, RegistryError> {
    let fail = |source| RegistryError::io("read", folder, source);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(fail(error)),
    };
    let mut stems = Vec::new();
    for entry in entries {
        let name = entry.map_err(fail)?.file_name();
        let name = name.to_string_lossy();
        if let Some(stem) = name.strip_suffix(".json").filter(|stem| !stem.starts_with('.')) {
            stems.push(stem.to_owned());
        }
    }
    Ok(stems)
}

/// The file's text; `None` when it is not there.
fn read_text(path: &Path) -> Result<Option<String>, RegistryError> {
    let fail = |source| RegistryError::io("read", path, source);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fail(error)),
    };
    let mut bytes = Vec::with_capacity(4096);
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(fail(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 16 MiB")));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(error) => Err(not_utf8(path, &error)),
    }
}

fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> RegistryError {
    let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
    let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = good.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    let reason = "the text is not UTF-8".to_owned();
    RegistryError::Broken {
        place: path.display().to_string(),
        source: DocumentError { line, column, reason },
    }
}
