//! The tour of the README, run as it stands there: every `console` block, in order, in one folder.
//!
//! A line that begins with `$ celerysalt tail` or `$ celerysalt follow` is started in the background
//! and read when the next block is done, as a second terminal would be. What differs from run to run (ids, times, rates,
//! addresses) is compared by its shape. `CELERYSALT_UPDATE=1` writes the outputs anew.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use regex_lite::Regex;
use serde_json::Value;

use crate::harness::{Library, Results, Space, Worker, eventually, root};
use crate::tail::{is_bound, tail_queues};

/// One `$ command` and the output that the README shows for it.
#[derive(Debug, PartialEq)]
struct Step {
    command: String,
    output: String,
}

fn steps_of(block: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => {
                steps.push(Step { command: command.to_owned(), output: String::new() });
            }
            (None, Some(step)) => step.output += &format!("{line}\n"),
            (None, None) => panic!("a console block begins with a command, not {line:?}"),
        }
    }
    steps
}

/// `text` with everything that differs from run to run replaced by its name.
fn shape(text: &str) -> String {
    let volatile = [
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "<instant>"),
        (r"\d\d:\d\d:\d\d\.\d{3}", "<time>"),
        (r"  [0-9a-f]{8}  ", "  <short>  "),
        (r#""(elapsed_ms|elapsed_seconds|rate_per_second)": ?[0-9.]+"#, "<measured>"),
        (r"[0-9.]+s, [0-9.,]+ events/s", "<rate>"),
        (r"gen\d+@[^\x22]+", "<origin>"),
        (r"amqp://\S+", "<broker>"),
        (r"redis://\S+", "<redis>"),
        (r"file:/\S+/", "<folder>/"),
        (r"http://[^\s']+", "<management>"),
        (r" *\+?[0-9.]+ ms", " <elapsed>"),
        (r"@test-\d+", "@<host>"),
        (r"\t\d+[smh][0-9smh ]*\t", "\t<uptime>\t"),
        (r"(RabbitMQ|Erlang|celerysalt) \d+\.\d+\.\d+", "$1 <release>"),
    ];
    volatile.iter().fold(text.to_owned(), |text, (pattern, name)| {
        Regex::new(pattern).unwrap().replace_all(&text, *name).into_owned()
    })
}

/// A shell in the folder of the tour, with the environment that `celerysalt sandbox` gives.
struct Shell<'s> {
    space: &'s Space,
    folder: &'s Path,
}

impl Shell<'_> {
    fn command(&self, line: &str, output: File) -> Command {
        let binaries = Path::new(env!("CARGO_BIN_EXE_celerysalt")).parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new("sh");
        command
            .args(["-c", line])
            .env_clear()
            .env("PATH", format!("{}:{path}", binaries.display()))
            .env("HOME", self.folder)
            .env("TZ", "UTC")
            .env("COLUMNS", "80")
            .env("VIRTUAL_ENV", root().join("target/venvs/salt"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("CELERYSALT_BROKER_URL", self.space.broker_url())
            .env("CELERYSALT_BACKEND_URL", self.space.backend_url())
            .env("CELERYSALT_MANAGEMENT_URL", self.space.management_url())
            .envs(self.space.mark())
            .current_dir(self.folder)
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output);
        command
    }

    fn run(&self, line: &str) -> String {
        let path = self.folder.join(".output");
        self.command(line, File::create(&path).unwrap()).status().unwrap();
        fs::read_to_string(path).unwrap()
    }

    /// The output, after a while where it is about what the broker counts: it counts every five
    /// seconds.
    fn settled(&self, step: &Step) -> String {
        let counts = ["bindings", "workers", "doctor", "dlq list", "dlq show", "queue peek"];
        let is_late =
            counts.iter().any(|name| step.command.starts_with(&format!("celerysalt {name}")));
        let deadline = Instant::now() + Duration::from_secs(12);
        loop {
            let output = self.run(&step.command);
            let is_as_shown = shape(&output) == shape(&step.output);
            if is_as_shown || !is_late || Instant::now() > deadline {
                return output;
            }
            thread::sleep(Duration::from_millis(500));
        }
    }

    fn start(&self, line: &str) -> Child {
        let before = tail_queues(self.space);
        let output = File::create(self.folder.join(".watch")).unwrap();
        let child = self.command(line, output).spawn().unwrap();
        eventually("its queue is bound", || {
            tail_queues(self.space)
                .iter()
                .any(|queue| !before.contains(queue) && is_bound(self.space, queue))
                .then_some(())
        });
        child
    }

    fn finish(&self, mut watch: Child) -> String {
        eventually("it ends by itself", || watch.try_wait().unwrap());
        fs::read_to_string(self.folder.join(".watch")).unwrap()
    }
}

/// Whether a command watches what the next block does.
fn is_watch(command: &str) -> bool {
    ["celerysalt tail", "celerysalt follow"].iter().any(|watch| command.starts_with(watch))
}

/// The README with the output of every step as it is now.
fn replayed(readme: &str, shell: &Shell<'_>) -> String {
    let mut text = readme.to_owned();
    let mut waiting: Option<(Child, Step)> = None;
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for step in steps_of(block) {
            if is_watch(&step.command) {
                waiting = Some((shell.start(&step.command), step));
                continue;
            }
            let output = shell.settled(&step);
            text = with_output(&text, &step, &output);
        }
        if !steps_of(block).iter().any(|step| is_watch(&step.command))
            && let Some((watch, step)) = waiting.take()
        {
            text = with_output(&text, &step, &shell.finish(watch));
        }
    }
    text
}

/// Keeps what the README shows where only ids and times differ.
fn with_output(text: &str, step: &Step, output: &str) -> String {
    if shape(output) == shape(&step.output) {
        return text.to_owned();
    }
    let shown = format!("$ {}\n{}", step.command, step.output);
    assert!(text.contains(&shown), "the README shows {:?} twice", step.command);
    text.replacen(&shown, &format!("$ {}\n{output}", step.command), 1)
}

/// An example's code, without what the tour makes of it.
fn copy_example(name: &str, folder: &Path) {
    let mut folders = vec![PathBuf::from(name)];
    while let Some(inner) = folders.pop() {
        fs::create_dir(folder.join(&inner)).unwrap();
        for entry in fs::read_dir(root().join("examples").join(&inner)).unwrap() {
            let entry = entry.unwrap();
            let path = inner.join(entry.file_name());
            let is_made = path.ends_with("shipping/events") || path.ends_with("__pycache__");
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), folder.join(path)).unwrap();
            } else if !is_made {
                folders.push(path);
            }
        }
    }
}

#[test]
fn the_tour_of_the_readme_is_what_a_user_sees() {
    let space = Space::new();
    let _worker = Worker::start_with(&space, (Library::CelerySalt, Results::Redis), &["-E"]);
    let down = fs::read(root().join("examples/reports.json")).unwrap();
    let down: Value = serde_json::from_slice(&down).unwrap();
    space.management.post(&format!("definitions/{}", space.vhost), &down);
    let folder = tempfile::tempdir().unwrap();
    for example in ["service", "orders", "shipping"] {
        copy_example(example, folder.path());
    }
    let shell = Shell { space: &space, folder: folder.path() };
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let now = replayed(&readme, &shell);
    if std::env::var_os("CELERYSALT_UPDATE").is_some() {
        fs::write(path, now).unwrap();
    } else {
        assert_eq!(
            now, readme,
            "README.md is not what happens; write it anew with: \
             CELERYSALT_UPDATE=1 cargo test --test services readme"
        );
    }
}
