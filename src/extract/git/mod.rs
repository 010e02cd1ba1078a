//! Documents out of a revision of a git repository, read where they are: nothing is cloned,
//! fetched or checked out, so a shallow clone is enough.

mod error;
mod fetch;
mod source;

use std::io;
use std::path::{Component, Path, PathBuf};
use std::process::{Output, Stdio};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;

use super::extraction::{Extracted, Extraction, Failure, Location};
use crate::schema::SchemaDocument;

use fetch::{History, fetch_command};

pub use error::GitError;
pub use source::{GitSource, GitSourceError};

/// No schema that a person wrote is larger than this many bytes.
const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Whether the working directory is inside a git working tree.
pub async fn is_in_git_tree() -> bool {
    git(&["rev-parse", "--show-toplevel"]).await.is_ok_and(|output| output.status.success())
}

/// The working directory, seen from the top of the git working tree; empty at the top, and outside
/// of one.
pub async fn folder_in_git_tree() -> PathBuf {
    let output = git(&["rev-parse", "--show-prefix"]).await;
    let found = output.ok().filter(|output| output.status.success());
    found.map(|output| PathBuf::from(first_line(&output.stdout))).unwrap_or_default()
}

/// Reads every JSON file below the directory in the revision; `default` is the directory where
/// the source names none.
pub async fn extract_revision(source: &GitSource, default: &Path) -> Result<Extraction, GitError> {
    let directory = source.directory.as_deref().unwrap_or(default);
    let inside = inside_tree(directory).await?;
    let commit = commit_of(&source.revision).await?;
    let blobs = list(&commit, &inside).await?;
    if blobs.is_empty() && !is_there(&commit, &inside).await? {
        let revision = source.revision.clone();
        return Err(GitError::NotInRevision { revision, directory: directory.to_owned() });
    }
    read(&blobs, source, directory).await
}

/// The directory as git names it, from the top of the working tree; empty for the top itself.
async fn inside_tree(directory: &Path) -> Result<String, GitError> {
    let output = git(&["rev-parse", "--show-toplevel"]).await?;
    if !output.status.success() {
        return Err(GitError::NoRepository { said: first_line(&output.stderr) });
    }
    let top = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end_matches(['\r', '\n']));
    let outside = || GitError::OutsideRepository { directory: directory.to_owned() };
    let working = std::env::current_dir().map_err(|source| GitError::CannotRun { source })?;
    let absolute = flattened(&working.join(directory)).ok_or_else(outside)?;
    // git resolves symbolic links in the name of the top; a folder that is gone has none.
    let real = absolute.canonicalize().unwrap_or_else(|_| {
        working
            .canonicalize()
            .ok()
            .and_then(|real| flattened(&real.join(directory)))
            .unwrap_or_default()
    });
    let found = [real, absolute]
        .iter()
        .find_map(|path| Some(path.strip_prefix(&top).ok()?.to_str()?.to_owned()));
    found.ok_or_else(outside)
}

/// Without `.` and `..`; `None` above the root.
fn flattened(path: &Path) -> Option<PathBuf> {
    let mut flat = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                if !flat.pop() {
                    return None;
                }
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => {
                flat.push(component);
            }
        }
    }
    Some(flat)
}

async fn commit_of(revision: &str) -> Result<String, GitError> {
    let wanted = format!("{revision}^{{commit}}");
    let output = git(&["rev-parse", "--verify", "--quiet", &wanted]).await?;
    if output.status.success() {
        return Ok(first_line(&output.stdout));
    }
    let shallow = git(&["rev-parse", "--is-shallow-repository"]).await?;
    let remotes = git(&["remote"]).await?;
    let remotes = String::from_utf8_lossy(&remotes.stdout).into_owned();
    let history = match first_line(&shallow.stdout).as_str() {
        "true" => History::Shallow,
        _ => History::Whole,
    };
    let remotes: Vec<&str> = remotes.lines().collect();
    Err(GitError::UnknownRevision {
        revision: revision.to_owned(),
        fetch: fetch_command(revision, history, &remotes),
    })
}

/// A file of the revision.
#[derive(Debug, PartialEq, Eq)]
struct Blob {
    hash: String,
    /// Below the directory that was asked for.
    path: String,
}

async fn list(commit: &str, inside: &str) -> Result<Vec<Blob>, GitError> {
    let tree = format!("{commit}:{inside}");
    let output = git(&["ls-tree", "-r", "-z", "--full-tree", &tree]).await?;
    // A folder that is not there; the caller asks.
    if !output.status.success() {
        return Ok(Vec::new());
    }
    let entries = output.stdout.split(|byte| *byte == 0).filter(|entry| !entry.is_empty());
    Ok(entries.filter_map(blob).collect())
}

/// `100644 blob HASH<TAB>PATH`; only JSON files that are not hidden, and no links.
fn blob(entry: &[u8]) -> Option<Blob> {
    let entry = String::from_utf8_lossy(entry);
    let (about, path) = entry.split_once('\t')?;
    let mut about = about.split_whitespace();
    let (mode, kind, hash) = (about.next()?, about.next()?, about.next()?);
    let is_file = kind == "blob" && mode.starts_with("100");
    let is_hidden = path.split('/').any(|part| part.starts_with('.'));
    let is_wanted = is_file && !is_hidden && path.ends_with(".json");
    is_wanted.then(|| Blob { hash: hash.to_owned(), path: path.to_owned() })
}

async fn is_there(commit: &str, inside: &str) -> Result<bool, GitError> {
    let tree = format!("{commit}:{inside}");
    Ok(git(&["cat-file", "-e", &tree]).await?.status.success())
}

/// All files through one process.
async fn read(
    blobs: &[Blob],
    source: &GitSource,
    directory: &Path,
) -> Result<Extraction, GitError> {
    let fail = |source| GitError::CannotRun { source };
    let mut child = command(&["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(fail)?;
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(fail(io::Error::from(io::ErrorKind::BrokenPipe)));
    };
    let wanted: String = blobs.iter().map(|blob| format!("{}\n", blob.hash)).collect();
    let ask = async {
        stdin.write_all(wanted.as_bytes()).await?;
        stdin.shutdown().await?;
        drop(stdin);
        Ok::<_, io::Error>(())
    };
    let answer = async {
        let mut out = BufReader::with_capacity(256 * 1024, stdout);
        let mut extraction = Extraction::default();
        for blob in blobs {
            let text = one(&mut out).await?;
            let file = directory.join(&blob.path).display().to_string();
            take(&mut extraction, (&source.revision, file), text);
        }
        Ok(extraction)
    };
    let (asked, answered) = tokio::join!(ask, answer);
    let mut extraction = answered.and_then(|found| asked.map(|()| found)).map_err(fail)?;
    extraction.sort();
    Ok(extraction)
}

/// Failures name the revision: the file of today may be another one.
fn take(
    extraction: &mut Extraction,
    (revision, file): (&str, String),
    text: Result<String, String>,
) {
    let place = format!("{revision}:{file}");
    let text = match text {
        Ok(text) => text,
        Err(reason) => return extraction.failures.push(Failure::document(&place, 1, &reason)),
    };
    match SchemaDocument::parse(&text) {
        Ok(document) => {
            let location = Some(Location { file, line: 1 });
            extraction.documents.push(Extracted { document, location });
        }
        Err(error) => extraction.failures.push(Failure::document(&place, error.line, &error)),
    }
}

/// One answer of `git cat-file --batch`: `HASH blob SIZE`, the content, a line feed.
async fn one(out: &mut (impl AsyncBufReadExt + Unpin)) -> io::Result<Result<String, String>> {
    let mut head = String::new();
    if out.read_line(&mut head).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mut words = head.split_whitespace().skip(1);
    let (kind, size) = (words.next().unwrap_or_default(), words.next());
    let Some(size) = size.and_then(|size| size.parse::<u64>().ok()).filter(|_| kind == "blob")
    else {
        return Ok(Err("git does not have the file's content".to_owned()));
    };
    if size > MAX_FILE_BYTES {
        tokio::io::copy(&mut out.take(size + 1), &mut tokio::io::sink()).await?;
        return Ok(Err("larger than 16 MiB".to_owned()));
    }
    let mut bytes = Vec::new();
    out.take(size + 1).read_to_end(&mut bytes).await?;
    bytes.pop();
    Ok(String::from_utf8(bytes).map_err(|_| "the text is not UTF-8".to_owned()))
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .args(arguments)
        // Messages that are shown are in one language, and nothing ever asks for a password.
        .env("LC_ALL", "C")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null());
    command
}

async fn git(arguments: &[&str]) -> Result<Output, GitError> {
    command(arguments).output().await.map_err(|source| GitError::CannotRun { source })
}

fn first_line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_plain_json_files_are_taken() {
        let hash = "aaaa";
        let table = [
            ("100644 blob aaaa\ta.b/v1.json", Some("a.b/v1.json")),
            ("100755 blob aaaa\tv1.json", Some("v1.json")),
            ("120000 blob aaaa\tlink.json", None),
            ("160000 commit aaaa\tsub.json", None),
            ("100644 blob aaaa\t.x/v1.json", None),
            ("100644 blob aaaa\tREADME.md", None),
            ("nonsense", None),
        ];
        for (entry, path) in table {
            let expected = path.map(|path| Blob { hash: hash.to_owned(), path: path.to_owned() });
            assert_eq!(blob(entry.as_bytes()), expected, "{entry}");
        }
    }

    #[test]
    fn a_path_is_flattened_without_the_file_system() {
        for (path, flat) in [("/a/./b/../c", Some("/a/c")), ("/a/..", Some("/")), ("/..", None)] {
            assert_eq!(flattened(Path::new(path)).as_deref(), flat.map(Path::new), "{path}");
        }
    }

    proptest! {
        #[test]
        fn any_entry_is_a_blob_or_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = blob(&bytes);
        }
    }
}
