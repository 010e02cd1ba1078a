//! `--record`: the stream as JSON Lines in a file, for `replay` and for other tools.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why there is no recording, or not all of it.
#[derive(Debug, Error)]
pub enum RecordingError {
    #[error("the recording {} exists already", path.display())]
    Exists { path: PathBuf },
    #[error("cannot open the recording {}", path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("cannot write to the recording {}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// What to do with a file that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    Refuse,
    Append,
}

/// An open recording. Records are on disk after [`Recording::flush`].
#[derive(Debug)]
pub(super) struct Recording {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Recording {
    pub fn open(path: &Path, existing: Existing) -> Result<Self, RecordingError> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::AlreadyExists => RecordingError::Exists { path: path.to_owned() },
            _ => RecordingError::Open { path: path.to_owned(), source },
        };
        let file = match existing {
            Existing::Refuse => OpenOptions::new().write(true).create_new(true).open(path),
            Existing::Append => open_for_append(path),
        }
        .map_err(failed)?;
        Ok(Self { path: path.to_owned(), file: BufWriter::with_capacity(64 * 1024, file) })
    }

    /// Adds one line, its line break included.
    pub fn write(&mut self, line: &[u8]) -> Result<(), RecordingError> {
        self.file.write_all(line).map_err(|source| failed(&self.path, source))
    }

    pub fn flush(&mut self) -> Result<(), RecordingError> {
        self.file.flush().map_err(|source| failed(&self.path, source))
    }
}

fn failed(path: &Path, source: io::Error) -> RecordingError {
    RecordingError::Write { path: path.to_owned(), source }
}

/// Starts a new line where an earlier recording was cut off in the middle of one.
fn open_for_append(path: &Path) -> io::Result<File> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    if file.metadata()?.len() > 0 {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
        }
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_existing_file_is_never_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.jsonl");
        let mut recording = Recording::open(&path, Existing::Refuse).unwrap();
        recording.write(b"{}\n").unwrap();
        recording.flush().unwrap();
        let error = Recording::open(&path, Existing::Refuse).unwrap_err();
        assert!(matches!(error, RecordingError::Exists { .. }), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"{}\n");
    }

    #[test]
    fn appending_starts_on_a_line_of_its_own() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.jsonl");
        for (before, after) in [("", "1\n"), ("0\n", "0\n1\n"), ("{\"cut", "{\"cut\n1\n")] {
            std::fs::write(&path, before).unwrap();
            let mut recording = Recording::open(&path, Existing::Append).unwrap();
            recording.write(b"1\n").unwrap();
            recording.flush().unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), after);
        }
    }

    #[test]
    fn a_full_disk_is_an_error_and_never_silent() {
        let mut recording = Recording::open(Path::new("/dev/full"), Existing::Append).unwrap();
        recording.write(b"{}\n").unwrap();
        let error = recording.flush().unwrap_err();
        assert_eq!(error.to_string(), "cannot write to the recording /dev/full");
    }
}
