//! Documents out of a revision of a git repository, read where they are: nothing is cloned,
//! fetched or checked out, so a shallow clone is enough.

use std::fmt;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::process::{Output, Stdio};
use std::str::FromStr;

use thiserror::Error;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;

use super::error::ExtractError;
use super::extraction::{Extracted, Extraction, Failure, Location};
use crate::schema::SchemaDocument;

/// No schema that a person wrote is larger than this many bytes.
const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// `git:REV[:DIR]`: a directory as it is in a revision. The directory is a path as on any command
/// line: relative to the working directory, or absolute and inside the working tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitSource {
    pub revision: String,
    pub directory: Option<PathBuf>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GitSourceError {
    #[error("it begins with git: and names no revision")]
    NoRevision,
    #[error("{0:?} cannot be a revision")]
    BadRevision(String),
}

impl FromStr for GitSource {
    type Err = GitSourceError;

    fn from_str(text: &str) -> Result<Self, GitSourceError> {
        let text = text.strip_prefix("git:").unwrap_or(text);
        let (revision, directory) = match text.split_once(':') {
            Some((revision, directory)) => (revision, Some(directory)),
            None => (text, None),
        };
        if revision.is_empty() {
            return Err(GitSourceError::NoRevision);
        }
        // What begins with a dash would be an option to git.
        if revision.starts_with('-') || revision.chars().any(char::is_control) {
            return Err(GitSourceError::BadRevision(revision.to_owned()));
        }
        let directory = directory.filter(|directory| !directory.is_empty()).map(PathBuf::from);
        Ok(Self { revision: revision.to_owned(), directory })
    }
}

impl fmt::Display for GitSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.directory {
            Some(directory) => write!(f, "git:{}:{}", self.revision, directory.display()),
            None => write!(f, "git:{}", self.revision),
        }
    }
}

/// Whether the working directory is inside a git working tree.
pub async fn is_in_git_tree() -> bool {
    git(&["rev-parse", "--show-toplevel"]).await.is_ok_and(|output| output.status.success())
}

/// Reads every JSON file below the directory in the revision; `default` is the directory where
/// the source names none.
pub async fn extract_revision(
    source: &GitSource,
    default: &Path,
) -> Result<Extraction, ExtractError> {
    let directory = source.directory.as_deref().unwrap_or(default);
    let inside = inside_tree(directory).await?;
    let commit = commit_of(&source.revision).await?;
    let blobs = list(&commit, &inside).await?;
    if blobs.is_empty() && !is_there(&commit, &inside).await? {
        let revision = source.revision.clone();
        return Err(ExtractError::NotInRevision { revision, directory: directory.to_owned() });
    }
    read(&blobs, directory).await
}

/// The directory as git names it, from the top of the working tree; empty for the top itself.
async fn inside_tree(directory: &Path) -> Result<String, ExtractError> {
    let output = git(&["rev-parse", "--show-toplevel"]).await?;
    if !output.status.success() {
        return Err(ExtractError::NoRepository { said: first_line(&output.stderr) });
    }
    let top = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end_matches(['\r', '\n']));
    let outside = || ExtractError::OutsideRepository { directory: directory.to_owned() };
    let working = std::env::current_dir().map_err(|source| ExtractError::Git { source })?;
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

async fn commit_of(revision: &str) -> Result<String, ExtractError> {
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
    Err(ExtractError::UnknownRevision {
        revision: revision.to_owned(),
        fetch: fetch_command(revision, history, &remotes),
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum History {
    Whole,
    Shallow,
}

/// The command that gets a revision; `None` where there is nothing to get it from.
///
/// | revision | command |
/// |---|---|
/// | `origin/main`, where `origin` is a remote | fetches that branch into its place |
/// | `HEAD~3`, `main^2` | deepens a shallow clone |
/// | a hash | fetches that commit |
/// | anything else | fetches the tag or branch of that name |
fn fetch_command(revision: &str, history: History, remotes: &[&str]) -> Option<String> {
    let depth = match history {
        History::Whole => "",
        History::Shallow => "--depth=1 ",
    };
    if revision.contains(['~', '^', '@']) {
        return match history {
            History::Whole => None,
            History::Shallow => Some("git fetch --deepen=50".to_owned()),
        };
    }
    let of_remote = remotes
        .iter()
        .find_map(|remote| Some((*remote, revision.strip_prefix(remote)?.strip_prefix('/')?)));
    if let Some((remote, branch)) = of_remote {
        return Some(format!(
            "git fetch {depth}{remote} +refs/heads/{branch}:refs/remotes/{remote}/{branch}"
        ));
    }
    let remote = remotes.iter().find(|remote| **remote == "origin").or(remotes.first())?;
    let is_hash = revision.len() >= 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some(if is_hash {
        format!("git fetch {depth}{remote} {revision}")
    } else {
        format!("git fetch {depth}{remote} {revision}:{revision}")
    })
}

/// A file of the revision.
#[derive(Debug, PartialEq, Eq)]
struct Blob {
    hash: String,
    /// Below the directory that was asked for.
    path: String,
}

async fn list(commit: &str, inside: &str) -> Result<Vec<Blob>, ExtractError> {
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

async fn is_there(commit: &str, inside: &str) -> Result<bool, ExtractError> {
    let tree = format!("{commit}:{inside}");
    Ok(git(&["cat-file", "-e", &tree]).await?.status.success())
}

/// All files through one process.
async fn read(blobs: &[Blob], directory: &Path) -> Result<Extraction, ExtractError> {
    let fail = |source| ExtractError::Git { source };
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
            take(&mut extraction, file, text);
        }
        Ok(extraction)
    };
    let (asked, answered) = tokio::join!(ask, answer);
    let mut extraction = answered.and_then(|found| asked.map(|()| found)).map_err(fail)?;
    extraction.sort();
    Ok(extraction)
}

fn take(extraction: &mut Extraction, file: String, text: Result<String, String>) {
    let text = match text {
        Ok(text) => text,
        Err(reason) => return extraction.failures.push(Failure::document(&file, 1, &reason)),
    };
    match SchemaDocument::parse(&text) {
        Ok(document) => {
            let location = Some(Location { file, line: 1 });
            extraction.documents.push(Extracted { document, location });
        }
        Err(error) => extraction.failures.push(Failure::document(&file, error.line, &error)),
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

async fn git(arguments: &[&str]) -> Result<Output, ExtractError> {
    command(arguments).output().await.map_err(|source| ExtractError::Git { source })
}

fn first_line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_git_source_is_a_revision_and_maybe_a_directory() {
        for (text, revision, directory) in [
            ("git:HEAD", "HEAD", None),
            ("git:origin/main", "origin/main", None),
            ("git:v1.2:", "v1.2", None),
            ("git:HEAD~2:api/schemas", "HEAD~2", Some("api/schemas")),
        ] {
            let source: GitSource = text.parse().unwrap();
            assert_eq!(source.revision, revision, "{text}");
            assert_eq!(source.directory.as_deref(), directory.map(Path::new), "{text}");
        }
        assert_eq!("git:".parse::<GitSource>(), Err(GitSourceError::NoRevision));
        assert_eq!("git::schemas".parse::<GitSource>(), Err(GitSourceError::NoRevision));
        for bad in ["git:--output=x", "git:a\nb"] {
            assert!(matches!(bad.parse::<GitSource>(), Err(GitSourceError::BadRevision(_))));
        }
    }

    #[test]
    fn the_command_that_gets_a_revision_fits_the_clone() {
        let hash = "0123456789abcdef0123456789abcdef01234567";
        let table = [
            (
                "origin/main",
                History::Whole,
                "origin",
                Some("git fetch origin +refs/heads/main:refs/remotes/origin/main"),
            ),
            (
                "origin/a/b",
                History::Shallow,
                "origin",
                Some("git fetch --depth=1 origin +refs/heads/a/b:refs/remotes/origin/a/b"),
            ),
            ("HEAD~3", History::Shallow, "origin", Some("git fetch --deepen=50")),
            ("HEAD~3", History::Whole, "origin", None),
            (
                hash,
                History::Shallow,
                "up",
                Some("git fetch --depth=1 up 0123456789abcdef0123456789abcdef01234567"),
            ),
            ("v1.2", History::Whole, "origin", Some("git fetch origin v1.2:v1.2")),
            ("v1.2", History::Whole, "", None),
        ];
        for (revision, history, remotes, expected) in table {
            let remotes: Vec<&str> = remotes.split_whitespace().collect();
            let found = fetch_command(revision, history, &remotes);
            assert_eq!(found.as_deref(), expected, "{revision} {history:?}");
        }
    }

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
        fn any_text_is_a_git_source_or_an_error(text in ".*") {
            if let Ok(source) = text.parse::<GitSource>() {
                prop_assert!(!source.revision.starts_with('-'));
            }
        }

        #[test]
        fn any_entry_is_a_blob_or_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = blob(&bytes);
        }
    }
}
