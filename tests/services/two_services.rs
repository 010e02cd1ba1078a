//! `examples/orders` and `examples/shipping`: two services that share a registry and no code, each
//! in an environment of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::harness::{Celerysalt, Results, Service, Space, Worker, eventually, root};

const SHIPPING: Service = Service {
    folder: "examples/shipping",
    venv: "shipping",
    app: "shipping.app",
    queue: "shipping_queue",
};
/// What the consumer's developer types, in `examples/shipping`.
const GENERATE: [&str; 6] =
    ["generate", "stubs", "order.*", "rpc.shipping.*", "--out", "shipping/events"];

fn project(name: &str) -> PathBuf {
    root().join("examples").join(name)
}

fn tool(venv: &str, name: &str) -> PathBuf {
    let path = root().join("target/venvs").join(venv).join("bin").join(name);
    assert!(path.exists(), "{} is missing: run `make setup`", path.display());
    path
}

/// What a process said, in the form of a snapshot.
fn run(command: &mut Command) -> String {
    let output = command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("LANG", "C.UTF-8")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    format!("exit code: {}\n{stdout}{stderr}", output.status.code().unwrap_or(-1))
}

/// The publisher's own process, in its own environment.
fn orders(space: &Space, arguments: &[&str]) -> String {
    run(Command::new("env")
        .arg(format!("CELERY_BROKER_URL={}", space.broker_url()))
        .arg(format!("CELERY_RESULT_BACKEND={}", space.backend_url()))
        .args(space.mark().iter().map(|(name, value)| format!("{name}={value}")))
        .arg(tool("orders", "python"))
        .args(["-m", "orders"])
        .args(arguments)
        .current_dir(project("orders")))
}

/// The registration of the publisher's classes, by the publisher's interpreter.
fn register(registry: &str) -> Celerysalt {
    let python = tool("orders", "python");
    Celerysalt::sealed(&["schema", "register", "--from", "python:orders.events", "-o", "json"])
        .args(&["--python", python.to_str().unwrap(), "--registry", registry])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .within(&project("orders"))
}

fn files(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn the_committed_schemas_and_code_are_what_the_publishers_classes_give() {
    let folder = tempfile::tempdir().unwrap();
    let fresh = format!("file:{}", folder.path().join("schemas").display());
    let outcome = register(&fresh).run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let outcome =
        Celerysalt::sealed(&GENERATE).args(&["--registry", &fresh]).within(folder.path()).run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let generated = files(&folder.path().join("shipping/events"));
    assert!(generated.len() >= 6, "{generated:?}");
    let committed = files(&project("shipping/shipping/events"));
    assert!(generated == committed, "examples/shipping/shipping/events is stale: make generate");

    let committed = register("file:../registry").args(&["--check-only"]).run();
    insta::assert_snapshot!("committed_schemas", committed);
    let committed =
        Celerysalt::sealed(&GENERATE).args(&["--check"]).within(&project("shipping")).run();
    insta::assert_snapshot!("committed_code", committed);
}

#[test]
fn the_consumer_has_no_module_of_the_publisher() {
    let import = |venv: &str, module: &str| {
        run(Command::new(tool(venv, "python"))
            .args(["-c", &format!("import {module}")])
            .current_dir(project(venv)))
    };
    for (venv, own, other) in
        [("shipping", "shipping.handlers", "orders"), ("orders", "orders.events", "shipping")]
    {
        let (found, missing) = (import(venv, own), import(venv, other));
        assert!(found.starts_with("exit code: 0"), "{found}");
        let expected = format!("ModuleNotFoundError: No module named '{other}'");
        assert!(missing.contains(&expected), "{missing}");
    }
}

#[test]
fn events_arrive_validated_and_typed() {
    let space = Space::new();
    let worker = Worker::start_service(&space, SHIPPING, (Results::Redis, &[]));
    assert_eq!(
        space.bindings(SHIPPING.queue),
        ["order.cancelled", "order.placed", "rpc.shipping.quote"]
    );
    for (count, word) in [(1, "place"), (2, "cancel")] {
        let said = orders(&space, &[word]);
        assert!(said.starts_with("exit code: 0\npublished order."), "{said}");
        worker.wait_for_events(count);
    }
    let received = serde_json::to_string_pretty(&worker.events()).unwrap();
    insta::assert_snapshot!(received);
    assert!(worker.log().contains("order of 23 November by APP"), "{}", worker.log());
}

#[test]
fn answers_and_refusals_come_back_typed() {
    let space = Space::new();
    let worker = Worker::start_service(&space, SHIPPING, (Results::Redis, &[]));
    let calls: [&[&str]; 3] = [
        &["quote", "NL", "2.5", "--speed", "express"],
        &["quote", "NL", "40"],
        &["quote", "US", "1"],
    ];
    let said = calls.map(|call| format!("$ orders {}\n{}", call.join(" "), orders(&space, call)));
    insta::assert_snapshot!(said.join("\n"));
    assert_eq!(worker.events().len(), 1, "{:?}", worker.events());

    let request = json!({"country": "US", "weight_kg": 1, "ships_on": "2026-11-24"}).to_string();
    let registry = format!("file:{}", project("registry").display());
    let call = ["call", "rpc.shipping.quote", &request, "--version", "v1", "--registry", &registry];
    insta::assert_snapshot!("a_refusal_for_scripts", space.celerysalt(&call).run());
}

#[test]
fn an_event_that_does_not_fit_never_reaches_the_handler() {
    let space = Space::new();
    let worker = Worker::start_service(&space, SHIPPING, (Results::Redis, &[]));
    let id = "8d9f0e3a-52c5-4a0e-9d6c-6c1f5b1f7a10";
    let mistyped = json!({"order_id": 7, "cancelled_at": "soon", "reason": "customer"});
    let unknown_reason =
        json!({"order_id": id, "cancelled_at": "2026-11-23T10:15:00Z", "reason": "weather"});
    for payload in [mistyped, unknown_reason] {
        let payload = payload.to_string();
        let arguments = ["publish", "order.cancelled", &payload, "--version", "v1"];
        let outcome = space.celerysalt(&arguments).args(&["--no-validate"]).run();
        assert_eq!(outcome.code, Some(0), "{outcome}");
    }
    let refused = "raised unexpected: CelerySaltError(\"Event validation failed";
    eventually("both events are refused", || {
        (worker.log().matches(refused).count() == 2).then_some(())
    });
    orders(&space, &["cancel"]);
    let received = worker.wait_for_events(1);
    assert_eq!(received.len(), 1);
    assert_eq!(received[0]["line"], format!("order {id} is stopped: OUT_OF_STOCK"));
}

#[test]
fn a_type_checker_reads_the_consumer_by_the_schemas() {
    let folder = tempfile::tempdir().unwrap();
    let service = folder.path().join("shipping");
    let package = project("shipping/shipping");
    fs::create_dir_all(service.join("events")).unwrap();
    for part in ["", "events"] {
        for (name, text) in files(&package.join(part)) {
            fs::write(service.join(part).join(name), text).unwrap();
        }
    }
    let settings = project("shipping/pyproject.toml");
    fs::copy(&settings, folder.path().join("pyproject.toml")).unwrap();
    let check = || {
        run(Command::new(tool("checkers", "mypy"))
            .args(["--cache-dir=/dev/null", "--python-executable"])
            .arg(tool("shipping", "python"))
            .current_dir(folder.path()))
    };
    let said = check();
    assert!(said.starts_with("exit code: 0\nSuccess: no issues found in 8 "), "{said}");

    let handlers = service.join("handlers.py");
    let wrong = fs::read_to_string(&handlers)
        .unwrap()
        .replace("parcel.country not in", "parcel.land not in")
        .replace("speed=parcel.speed,", "speed=parcel.country,");
    fs::write(&handlers, wrong).unwrap();
    insta::assert_snapshot!(check());
}
