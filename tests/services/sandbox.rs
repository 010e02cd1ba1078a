//! `celerysalt sandbox`: private, and gone without a trace however it ends.

use std::collections::HashMap;
use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{
    Celerysalt, Management, Running, Space, eventually, own_sandbox, shared_sandbox,
};

/// Runs `celerysalt sandbox` with a temporary directory of its own.
fn sandbox(arguments: &[&str]) -> (Celerysalt, TempDir) {
    let temporary = tempfile::tempdir().unwrap();
    let celerysalt = Celerysalt::sealed(&["sandbox"])
        .args(arguments)
        .env("TMPDIR", temporary.path().to_str().unwrap());
    (celerysalt, temporary)
}

/// Reads `export NAME='value'` lines until stdout closes.
fn exported(running: &mut Running) -> HashMap<String, String> {
    std::iter::from_fn(|| running.line())
        .map(|line| {
            let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
            (name.to_owned(), value.trim_matches('\'').to_owned())
        })
        .collect()
}

/// The processes whose command line or environment names the directory, without the caller's.
fn processes_of(directory: &Path) -> Vec<PathBuf> {
    let name = directory.to_str().unwrap().as_bytes();
    let mentions = |file: PathBuf| {
        fs::read(file).is_ok_and(|text| text.windows(name.len()).any(|window| window == name))
    };
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    processes
        .filter(|path| mentions(path.join("environ")) || mentions(path.join("cmdline")))
        .collect()
}

fn is_empty(directory: &Path) -> bool {
    fs::read_dir(directory).unwrap().next().is_none()
}

fn listens(url: &str) -> bool {
    let authority = url.split('@').nth(1).unwrap();
    TcpStream::connect(authority.split('/').next().unwrap()).is_ok()
}

#[track_caller]
fn assert_gone(temporary: &TempDir, environment: &HashMap<String, String>) {
    eventually("every process of the sandbox is gone", || {
        processes_of(temporary.path()).is_empty().then_some(())
    });
    eventually("the directory is gone", || is_empty(temporary.path()).then_some(()));
    assert!(!listens(&environment["CELERYSALT_BROKER_URL"]));
    assert!(!listens(&environment["CELERYSALT_BACKEND_URL"]));
}

/// A node's name and process; a restart would change the latter.
fn node_of(management: &Management) -> Value {
    eventually("the node reports itself", || {
        let node = management.get("nodes?columns=name,os_pid")[0].take();
        (!node["os_pid"].is_null()).then_some(node)
    })
}

#[test]
fn a_command_runs_with_the_sandbox_in_its_environment_and_its_exit_code_is_ours() {
    let script = r#"echo "$CELERYSALT_BROKER_URL $CELERY_RESULT_BACKEND"; cat; exit 3"#;
    let (celerysalt, temporary) = sandbox(&["--quiet", "--", "sh", "-c", script]);
    let outcome = celerysalt.input("stdin is the command's\n").run();

    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(3), ""));
    let (urls, rest) = outcome.stdout.split_once('\n').unwrap();
    let (broker, backend) = urls.split_once(' ').unwrap();
    assert_eq!(rest, "stdin is the command's\n");
    assert!(broker.starts_with("amqp://sandbox:") && broker.ends_with("/%2F"), "{broker}");
    assert!(backend.starts_with("redis://:") && backend.ends_with("/0"), "{backend}");
    assert!(!listens(broker) && !listens(backend));
    assert!(is_empty(temporary.path()));
}

#[test]
fn ctrl_c_leaves_nothing_behind_and_another_node_undisturbed() {
    let neighbour = Management::of(shared_sandbox().endpoints());
    let before = node_of(&neighbour);
    let (celerysalt, temporary) = sandbox(&["--print-env"]);
    let mut running = celerysalt.spawn();
    let environment = exported(&mut running);
    assert!(listens(&environment["CELERYSALT_BROKER_URL"]));
    assert!(!processes_of(temporary.path()).is_empty());

    running.signal(Signal::SIGINT);
    assert_eq!(running.wait().code, Some(130));
    assert!(is_empty(temporary.path()));
    assert_gone(&temporary, &environment);
    assert_eq!(node_of(&neighbour), before);
}

#[test]
fn a_killed_sandbox_is_cleared_up_by_its_reaper_and_its_command_asked_to_end() {
    let script = r#"
        trap 'echo asked to end; exit' TERM
        echo "$CELERYSALT_BROKER_URL $CELERYSALT_BACKEND_URL"
        while :; do sleep 0.1; done"#;
    let (celerysalt, temporary) = sandbox(&["--", "sh", "-c", script]);
    let mut running = celerysalt.spawn();
    let urls = running.line().unwrap();
    let (broker, backend) = urls.split_once(' ').unwrap();
    let environment = HashMap::from([
        ("CELERYSALT_BROKER_URL".to_owned(), broker.to_owned()),
        ("CELERYSALT_BACKEND_URL".to_owned(), backend.to_owned()),
    ]);

    running.signal(Signal::SIGKILL);
    assert_eq!(running.line().as_deref(), Some("asked to end"));
    assert_eq!(running.wait().code, None);
    assert_gone(&temporary, &environment);
}

#[test]
fn an_interrupt_during_the_start_ends_it_at_once() {
    let (celerysalt, temporary) = sandbox(&[]);
    let running = celerysalt.spawn();
    eventually("servers are starting", || (processes_of(temporary.path()).len() > 2).then_some(()));
    running.signal(Signal::SIGTERM);
    let outcome = running.wait();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(143), ""));
    assert!(is_empty(temporary.path()));
}

#[test]
fn a_broker_that_crashes_comes_back_with_its_ports_and_data() {
    let mut sandbox = own_sandbox();
    let space = Space::within(&sandbox);
    space.declare_queue("kept", &["user.#"]);
    assert!(space.publish("user.created", &json!({"delivery_mode": 2}), b"{}"));

    sandbox.stop_broker();
    assert!(!listens(&space.broker_url()));
    assert_eq!(sandbox.dead_server().map(|(name, _)| name), None);
    sandbox.start_broker().unwrap();

    let listed = |of: &[&str]| {
        let about_the_space = ["--quiet", "--vhost", &space.vhost];
        sandbox.rabbitmqctl(&[&about_the_space, of].concat()).unwrap()
    };
    let queues = listed(&["list_queues", "name", "messages"]);
    assert_eq!(queues.lines().last(), Some("kept\t1"));
    let bindings = listed(&["list_bindings", "destination_name", "routing_key"]);
    assert!(bindings.contains("kept\tuser.#"), "{bindings}");
    eventually("the management API lists the binding", || {
        (space.bindings("kept") == ["user.#"]).then_some(())
    });
    let directory = sandbox.directory().to_owned();
    drop(space);
    drop(sandbox);
    assert!(!directory.exists());
}

#[test]
fn a_server_that_is_missing_or_fails_is_named_with_what_to_do() {
    let (celerysalt, temporary) = sandbox(&["--rabbitmq-server", "/nonexistent/rabbitmq-server"]);
    let missing = celerysalt.run();
    let (celerysalt, _other) = sandbox(&["--redis-server", "/bin/false"]);
    let failing = celerysalt.run();
    insta::assert_snapshot!(format!("{missing}\n{failing}"), @r"
    exit code: 3
    --- stdout ---
    --- stderr ---
    note: starting the servers
    error: /nonexistent/rabbitmq-server cannot be run
      caused by: No such file or directory (os error 2)

    hint: name programs that can be run in RABBITMQ_SERVER and REDIS_SERVER

    exit code: 4
    --- stdout ---
    --- stderr ---
    note: starting the servers
    error: Redis stopped while it was starting

    hint: start with `celerysalt sandbox --keep` and read the logs in its directory
    ");
    assert!(is_empty(temporary.path()));
}
