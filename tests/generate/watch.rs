//! `--watch`: what a running process does about a registry that changes under it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

use super::harness::{celerysalt, command};

const DEADLINE: Duration = Duration::from_secs(60);

/// A process that watches; it ends with the value.
struct Watching {
    folder: PathBuf,
    child: Child,
}

impl Watching {
    /// Started and done with the first generation.
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let file = |name: &str| File::create(folder.join(name)).unwrap();
        let child = command(folder, &[&["generate"], arguments, &["--watch"]].concat())
            .stdout(file("stdout"))
            .stderr(file("stderr"))
            .spawn()
            .unwrap();
        let watching = Self { folder: folder.to_owned(), child };
        watching.until("it watches", || watching.stderr().contains("; Ctrl-C ends"));
        watching
    }

    fn stdout(&self) -> String {
        fs::read_to_string(self.folder.join("stdout")).unwrap()
    }

    fn stderr(&self) -> String {
        fs::read_to_string(self.folder.join("stderr")).unwrap()
    }

    fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        let end = Instant::now() + DEADLINE;
        while !is_so() {
            let so_far = || format!("{}\n{}", self.stdout(), self.stderr());
            assert!(Instant::now() < end, "never: {what}\n{}", so_far());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits for a line of stdout that contains the words.
    fn line(&self, words: &str) -> String {
        self.until(words, || self.stdout().contains(words));
        self.stdout().lines().find(|line| line.contains(words)).unwrap().to_owned()
    }

    /// The exit code after a signal.
    fn end(mut self, signal: Signal) -> i32 {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn document(topic: &str, field: &str) -> String {
    format!(
        r#"{{"topic": "{topic}", "version": "v1", "schema": {{"properties":
        {{"{field}": {{"title": "X", "type": "integer"}}}}, "title": "Schema", "type": "object"}}}}"#
    )
}

fn register(folder: &Path, registry: &str, document: &str) {
    fs::write(folder.join("document.json"), document).unwrap();
    let arguments =
        ["schema", "register", "document.json", "--force", "a test", "--registry", registry];
    celerysalt(folder, &arguments).succeeded();
}

/// A project whose registry has one event, `a.b`.
fn project(registry: &str) -> TempDir {
    let folder = tempdir().unwrap();
    register(folder.path(), registry, &document("a.b", "x"));
    folder
}

fn module(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join("celerysalt_types").join(name)).unwrap()
}

#[test]
fn every_change_is_generated_and_told_in_one_line() {
    for registry in ["file:schemas", "sqlite:data/events.db"] {
        let project = project(registry);
        let folder = project.path();
        let watching = Watching::start(folder, &["stubs", "--registry", registry]);
        register(folder, registry, &document("c.d", "y"));
        let added = watching.line("added c.d@v1");
        assert_eq!(
            added,
            "added c.d@v1; celerysalt_types: 1 new, 1 changed, 0 removed, 4 unchanged"
        );
        register(folder, registry, &document("c.d", "z"));
        let changed = watching.line("changed c.d@v1");
        assert_eq!(
            changed,
            "changed c.d@v1; celerysalt_types: 0 new, 1 changed, 0 removed, 5 unchanged"
        );
        assert!(module(folder, "c_d_v1.py").contains("    z: "));
        assert_eq!(watching.stdout().matches(';').count(), 2, "{}", watching.stdout());
        assert_eq!(watching.end(Signal::SIGINT), 130);
    }
}

#[test]
fn a_change_is_one_json_object_as_well() {
    let registry = "file:schemas";
    let project = project(registry);
    let watching = Watching::start(project.path(), &["docs", "-o", "jsonl"]);
    register(project.path(), registry, &document("c.d", "y"));
    let line: Value = serde_json::from_str(&watching.line("because")).unwrap();
    assert_eq!(line["because"]["added"], serde_json::json!(["c.d@v1"]));
    assert_eq!(line["up_to_date"], true);
    assert_eq!(watching.end(Signal::SIGTERM), 143);
}

#[test]
fn a_burst_of_changes_is_told_in_few_lines() {
    const MANY: usize = 200;
    let project = project("file:schemas");
    let folder = project.path();
    let watching = Watching::start(folder, &["stubs", "-o", "jsonl"]);
    for number in 0..MANY {
        let topic = format!("burst.n{number}");
        fs::create_dir_all(folder.join("schemas").join(&topic)).unwrap();
        let path = folder.join("schemas").join(&topic).join("v1.json");
        fs::write(path, document(&topic, "x")).unwrap();
    }
    let added = || -> Vec<usize> {
        let stdout = watching.stdout();
        let whole =
            stdout.lines().skip(1).filter_map(|line| serde_json::from_str::<Value>(line).ok());
        whole.map(|line| line["because"]["added"].as_array().unwrap().len()).collect()
    };
    watching.until("all are generated", || added().iter().sum::<usize>() == MANY);
    assert!(added().len() <= MANY / 10, "{:?}", added());
}

#[test]
fn what_cannot_be_read_or_generated_keeps_its_last_good_output_and_stops_no_other() {
    let registry = "file:schemas";
    let project = project(registry);
    let folder = project.path();
    register(folder, registry, &document("c.d", "y"));
    let watching = Watching::start(folder, &["stubs"]);
    let (file, before) = (folder.join("schemas/a.b/v1.json"), module(folder, "a_b_v1.py"));

    fs::write(&file, &document("a.b", "half written")[..60]).unwrap();
    watching
        .until("it is told", || watching.stderr().contains("a.b/v1.json is not a schema document"));
    fs::remove_dir_all(folder.join("schemas/c.d")).unwrap();
    register(folder, registry, &document("e.f", "z"));
    watching.line("added e.f@v1");
    assert_eq!(module(folder, "a_b_v1.py"), before);
    assert!(module(folder, "__init__.py").contains("from .a_b_v1 import AB"));

    let dangling = r##"{"topic": "a.b", "version": "v1", "schema": {"$ref": "#/$defs/Gone"}}"##;
    fs::write(&file, dangling).unwrap();
    watching.until("it is told", || watching.stderr().contains("a.b@v1: the schema refers to"));
    watching.line("removed c.d@v1");
    assert_eq!(module(folder, "a_b_v1.py"), before);
    assert!(!folder.join("celerysalt_types/c_d_v1.py").exists());

    fs::write(&file, document("a.b", "mended")).unwrap();
    watching.until("it is mended", || module(folder, "a_b_v1.py").contains("    mended: "));
    assert_eq!(watching.stderr().matches("warning:").count(), 2, "{}", watching.stderr());
}

#[test]
fn a_registry_that_goes_away_is_waited_for() {
    let project = project("file:schemas");
    let folder = project.path();
    let watching = Watching::start(folder, &["stubs"]);
    fs::rename(folder.join("schemas"), folder.join("elsewhere")).unwrap();
    watching
        .until("it is told", || watching.stderr().contains("there is no registry at file:schemas"));
    assert!(folder.join("celerysalt_types/a_b_v1.py").exists());
    fs::rename(folder.join("elsewhere"), folder.join("schemas")).unwrap();
    register(folder, "file:schemas", &document("c.d", "y"));
    watching.line("added c.d@v1");
}

#[test]
fn every_target_can_be_watched_and_none_be_checked_at_the_same_time() {
    let project = project("file:schemas");
    for target in ["stubs", "jsonschema", "typescript", "asyncapi", "docs"] {
        let watching = Watching::start(project.path(), &[target, "a.b"]);
        assert!(watching.stdout().contains(" new, 0 changed, 0 removed"), "{}", watching.stdout());
        assert_eq!(watching.end(Signal::SIGINT), 130, "{target}");
        let both = celerysalt(project.path(), &["generate", target, "--watch", "--check"]);
        assert_eq!(both.exit_code, 2, "{}", both.text());
    }
}
