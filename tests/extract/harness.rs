//! The binary in a sealed environment, and the virtual environments.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The virtual environments that `make setup` makes below `target/venvs`.
#[derive(Debug, Clone, Copy)]
pub enum Venv {
    /// celery-salt 1.6.0.
    Salt,
    /// tchu-tchu 2.4.0 with Django REST framework.
    Tchu2,
    /// tchu-tchu 3.0.4 with Django REST framework.
    Tchu3,
}

impl Venv {
    pub fn path(self) -> String {
        let name = match self {
            Self::Salt => "salt",
            Self::Tchu2 => "tchu2-drf",
            Self::Tchu3 => "tchu3-drf",
        };
        let path = root().join("target/venvs").join(name);
        assert!(path.join("installed.txt").exists(), "{} is missing: make setup", path.display());
        path.to_str().unwrap().to_owned()
    }
}

/// What a run of the binary gave.
#[derive(Debug)]
pub struct Run {
    pub exit_code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// All of it, without the places of this machine.
    pub fn text(&self) -> String {
        let text = format!(
            "exit code: {}\n----- stdout -----\n{}----- stderr -----\n{}",
            self.exit_code, self.stdout, self.stderr
        );
        text.replace(root().to_str().unwrap(), "ROOT").replace('\t', " | ")
    }
}

/// Runs the binary in the folder of the Python projects.
pub fn run(arguments: &[&str]) -> Run {
    run_in(&root().join("tests/extract/project"), arguments)
}

pub fn run_in(folder: &Path, arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_celerysalt"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("PATH", "/usr/bin:/bin")
        .env("TZ", "UTC")
        .env("COLUMNS", "80")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Run {
        exit_code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Every file below `folder`, with its text but for the version of this machine's Python.
pub fn files_below(folder: &Path) -> String {
    let mut text = String::new();
    for path in walk(folder) {
        let name = path.strip_prefix(folder).unwrap().display();
        write!(text, "===== {name}\n{}", fs::read_to_string(&path).unwrap()).unwrap();
    }
    let is_python = |line: &str| line.trim_start().starts_with("\"python\": \"3.");
    text.split_inclusive('\n')
        .map(|line| if is_python(line) { "    \"python\": \"3.…\",\n" } else { line })
        .collect()
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .into_iter()
        .flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] })
        .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
