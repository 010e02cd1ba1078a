//! A folder of its own, no inherited variables, fixed size, language and time zone.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A temporary world: `home/` and the project folder `project/`, where commands run.
pub struct Sealed {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

impl Sealed {
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir_all(folder.path().join("home")).unwrap();
        fs::create_dir_all(folder.path().join("project")).unwrap();
        Self { folder, variables: Vec::new() }
    }

    /// Adds a file, for example `project/celerysalt.toml`.
    pub fn file(self, path: &str, text: &str) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Adds the user's config file.
    pub fn profiles(self, text: &str) -> Self {
        self.file("home/.config/celerysalt/config.toml", text)
    }

    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn path(&self, path: &str) -> std::path::PathBuf {
        self.folder.path().join(path)
    }

    /// The command, ready to run in `project/`.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_celerysalt"));
        command
            .args(arguments)
            .current_dir(self.path("project"))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path("home"))
            .env("TZ", "UTC")
            .env("LANG", "C.UTF-8")
            .env("COLUMNS", "80")
            .env("NO_COLOR", "1")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// Exit code, stdout and stderr of one run as one text, our folder shown as `[DIR]`.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> String {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes: &[u8]| {
            let text = String::from_utf8(bytes.to_vec()).expect("the output is UTF-8");
            self.without_folder(&text)
        };
        let code = output.status.code().map_or("killed".to_owned(), |code| code.to_string());
        let mut shown = format!("exit code: {code}\n");
        for (name, stream) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            if !stream.is_empty() {
                shown += &format!("----- {name} -----\n{}", text(stream));
            }
        }
        shown
    }

    /// Splits `line` at spaces and runs it.
    pub fn line(&self, line: &str) -> String {
        self.run(&line.split_whitespace().collect::<Vec<_>>())
    }

    fn without_folder(&self, text: &str) -> String {
        let resolved = fs::canonicalize(self.folder.path()).unwrap();
        let mut text = text.to_owned();
        for folder in [resolved.as_path(), self.folder.path() as &Path] {
            text = text.replace(&folder.display().to_string(), "[DIR]");
        }
        text
    }
}
