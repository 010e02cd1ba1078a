//! The binary in a sealed environment, and the virtual environment of library and checkers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

/// What a run gave.
#[derive(Debug)]
pub struct Run {
    pub exit_code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// All of it.
    pub fn text(&self) -> String {
        format!(
            "exit code: {}\n----- stdout -----\n{}----- stderr -----\n{}",
            self.exit_code, self.stdout, self.stderr
        )
        .replace('\t', " | ")
    }

    pub fn succeeded(self) -> Self {
        assert_eq!(self.exit_code, 0, "{}", self.text());
        self
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            exit_code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A program of the environment that `make setup` makes.
pub fn tool(name: &str) -> PathBuf {
    let venv = root().join("target/venvs/checkers");
    assert!(venv.join("installed.txt").exists(), "{} is missing: make setup", venv.display());
    venv.join("bin").join(name)
}

/// The binary, ready to run in `folder`.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = sealed(Path::new(env!("CARGO_BIN_EXE_celerysalt")), folder);
    command.args(arguments);
    command
}

/// Runs the binary in `folder`.
pub fn celerysalt(folder: &Path, arguments: &[&str]) -> Run {
    command(folder, arguments).output().unwrap().into()
}

/// Runs a program of the environment in `folder`; Python finds the corpus.
pub fn run_tool(folder: &Path, name: &str, arguments: &[&str]) -> Run {
    let path = format!("{}:/usr/bin:/bin", tool("").display());
    sealed(&tool(name), folder)
        .env("PYTHONPATH", format!("{}:{}", folder.display(), project().display()))
        .env("PATH", path)
        .args(arguments)
        .output()
        .unwrap()
        .into()
}

fn sealed(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("PATH", "/usr/bin:/bin")
        .env("TZ", "UTC")
        .env("COLUMNS", "80")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null());
    command
}

pub fn project() -> PathBuf {
    root().join("tests/generate/project")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Why the corpus is registered although parts of it are refused.
const REASON: &str = "generated code has to fit what the library cannot send as well";

/// The corpus, extracted and registered once, the hand-written schemas beside it, and the packages
/// generated from it, in a folder that all tests read: `extracted`, `schemas`, `pydantic_types`,
/// `salt_types`.
pub fn corpus() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let (python, extracted) = (tool("python"), path.join("extracted"));
        let (python, out) = (python.to_str().unwrap(), extracted.to_str().unwrap());
        let source = "python:corpus.events";
        let extract = ["schema", "extract", source, "--python", python, "--out", out];
        celerysalt(&project(), &extract).succeeded();
        celerysalt(path, &["schema", "register", "extracted", "--force", REASON]).succeeded();
        write_hand_written(&path.join("schemas"));
        for style in ["salt", "pydantic", "pyi", "typeddict", "dataclass"] {
            let out = format!("{style}_types");
            celerysalt(path, &["generate", "stubs", "--style", style, "--out", &out]).succeeded();
        }
        fs::write(path.join("pyrightconfig.json"), r#"{"typeCheckingMode": "strict"}"#).unwrap();
        folder
    });
    folder.path()
}

/// Schemas that no model has, as a registry may hold them, each as a topic of its own.
fn write_hand_written(registry: &Path) {
    let text = fs::read_to_string(root().join("tests/generate/hand_written.jsonl")).unwrap();
    for line in text.lines() {
        let document: Value = serde_json::from_str(line).unwrap();
        let folder = registry.join(document["topic"].as_str().unwrap());
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("v1.json"), line).unwrap();
    }
}

/// Every file below `folder`, with its text.
pub fn files_below(folder: &Path) -> String {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let text = |path: &PathBuf| {
        let name = path.strip_prefix(folder).unwrap().display().to_string();
        format!("===== {name}\n{}", fs::read_to_string(path).unwrap())
    };
    paths.iter().map(text).collect()
}
