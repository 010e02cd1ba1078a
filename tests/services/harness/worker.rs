//! Real Python workers: the services in `examples/`, from packages on PyPI.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

use super::{Space, eventually};

/// Which example service runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Library {
    CelerySalt,
    TchuTchu,
}

/// Where the worker puts results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Results {
    Redis,
    Rpc,
}

/// A service with a worker.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// Where it is started, below the project's root.
    pub folder: &'static str,
    /// Its virtual environment in `target/venvs`.
    pub venv: &'static str,
    pub app: &'static str,
    pub queue: &'static str,
}

impl Library {
    fn service(self) -> Service {
        match self {
            Self::CelerySalt => Service {
                folder: "examples",
                venv: "salt",
                app: "service.app",
                queue: "service_queue",
            },
            Self::TchuTchu => Service {
                folder: "examples",
                venv: "tchu",
                app: "tchu_service.app",
                queue: "tchu_service_queue",
            },
        }
    }
}

/// How to start a worker.
#[derive(Debug, Clone)]
pub struct Launch<'a> {
    pub folder: PathBuf,
    /// Below `target/venvs`.
    pub venv: &'a str,
    pub app: &'a str,
    pub queue: &'a str,
    pub results: Results,
    /// The worker's name, without its host, which is the virtual host.
    pub node: &'a str,
    /// Further arguments of `celery worker`.
    pub arguments: &'a [&'a str],
}

impl Launch<'_> {
    fn of(service: Service) -> Self {
        Self {
            folder: root().join(service.folder),
            venv: service.venv,
            app: service.app,
            queue: service.queue,
            results: Results::Redis,
            node: service.venv,
            arguments: &[],
        }
    }

    pub fn example(library: Library) -> Self {
        Self::of(library.service())
    }
}

/// A Python project of a test: files in a folder of its own.
pub struct Project {
    folder: TempDir,
}

impl Project {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        for (name, text) in files {
            project.write(name, text);
        }
        project
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    pub fn append(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        let before = fs::read_to_string(&path).unwrap();
        fs::write(path, format!("{before}\n{text}\n")).unwrap();
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().to_owned()
    }
}

/// A worker that consumes from its queue. Killed when dropped.
pub struct Worker {
    child: Child,
    files: TempDir,
}

impl Worker {
    /// Returns when the broker has a consumer on the service's queue and the worker is ready.
    pub fn start(space: &Space, library: Library, results: Results) -> Self {
        Self::start_with(space, (library, results), &[])
    }

    /// [`Self::start`] with further arguments of `celery worker`: `-E`, or `--` and settings such as
    /// `task.acks_late=1`.
    pub fn start_with(
        space: &Space,
        (library, results): (Library, Results),
        arguments: &[&str],
    ) -> Self {
        Self::start_service(space, library.service(), (results, arguments))
    }

    /// [`Self::start_with`] for a service that [`Library`] does not name.
    pub fn start_service(
        space: &Space,
        service: Service,
        (results, arguments): (Results, &[&str]),
    ) -> Self {
        let mut launch = Launch::of(service);
        (launch.results, launch.arguments) = (results, arguments);
        Self::launch(space, &launch)
    }

    /// Returns when the broker has a consumer on the queue and the worker is ready.
    pub fn launch(space: &Space, launch: &Launch<'_>) -> Self {
        let mut worker = Self::spawn(space, launch);
        worker.wait_until_ready(space, launch.queue);
        worker
    }

    /// A worker that may not manage to start.
    pub fn spawn(space: &Space, launch: &Launch<'_>) -> Self {
        let celery = root().join(format!("target/venvs/{}/bin/celery", launch.venv));
        assert!(celery.exists(), "{} is missing: run `make setup`", celery.display());
        let files = tempfile::tempdir().unwrap();
        let log = File::create(files.path().join("log")).unwrap();
        let backend = match launch.results {
            Results::Redis => space.backend_url(),
            Results::Rpc => "rpc://".to_owned(),
        };
        let child = Command::new(celery)
            .args(["-A", launch.app, "worker", "--loglevel", "info", "--pool", "solo"])
            .args(["--without-gossip", "--without-mingle", "--hostname"])
            .arg(format!("{}@{}", launch.node, space.vhost))
            .args(launch.arguments)
            .current_dir(&launch.folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", files.path())
            .env("LANG", "C.UTF-8")
            .env("PYTHONUNBUFFERED", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("CELERY_BROKER_URL", space.broker_url())
            .env("CELERY_RESULT_BACKEND", backend)
            .env("EVENT_LOG", files.path().join("events"))
            .env("SERVICE_QUEUE", launch.queue)
            .envs(space.mark())
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Self { child, files }
    }

    fn wait_until_ready(&mut self, space: &Space, queue: &str) {
        eventually("the worker consumes from its queue", || {
            let ended = self.child.try_wait().unwrap();
            assert_eq!(ended, None, "the worker ended:\n{}", self.log());
            let queue = space.queue(queue)?;
            (queue["consumers"].as_u64() >= Some(1) && self.log().contains(" ready.")).then_some(())
        });
    }

    /// Sends a signal to the worker and its children.
    pub fn signal(&self, signal: Signal) {
        killpg(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
    }

    /// Everything the worker wrote so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.files.path().join("log")).unwrap_or_default()
    }

    /// What the service's handlers received so far: `{"topic", "payload"}`.
    pub fn events(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.files.path().join("events")).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Waits until the handlers received `count` events.
    #[track_caller]
    pub fn wait_for_events(&self, count: usize) -> Vec<Value> {
        eventually("the service receives the events", || {
            Some(self.events()).filter(|events| events.len() >= count)
        })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = killpg(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

/// The project's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

impl Library {
    /// Runs a Python program against the space, with the library and the example service at hand.
    #[track_caller]
    pub fn python(self, space: &Space, program: &str) {
        let python = root().join(format!("target/venvs/{}/bin/python", self.service().venv));
        assert!(python.exists(), "{} is missing: run `make setup`", python.display());
        let output = Command::new(python)
            .args(["-c", program])
            .current_dir(root().join("examples"))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LANG", "C.UTF-8")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("CELERY_BROKER_URL", space.broker_url())
            .env("CELERY_RESULT_BACKEND", space.backend_url())
            .envs(space.mark())
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
    }
}
