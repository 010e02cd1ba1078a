//! What services subscribe to, read out of their code.

use serde_json::Value;

use super::bindings::service;
use super::{Fault, bind, check, findings, has_binding, run_command, tchu_project};
use crate::harness::{Library, Results, Space, Worker, eventually, root};

/// The arguments that read `code`, which is in `folder`, with the packages of `venv`.
fn reading(code: &str, folder: &str, venv: &str) -> Vec<String> {
    let python = root().join("target/venvs").join(venv);
    let path = format!("PYTHONPATH={folder}");
    [&path, "--code", code, "--python", python.to_str().unwrap()].map(str::to_owned).to_vec()
}

fn examples() -> String {
    root().join("examples").to_str().unwrap().to_owned()
}

fn lent(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

/// The worker is down; its bindings stay.
pub(super) fn stale(fault: &Fault) {
    for (library, queue) in
        [(Library::CelerySalt, "service_queue"), (Library::TchuTchu, "tchu_service_queue")]
    {
        let (code, venv) = match library {
            Library::CelerySalt => ("python:service.app", "salt"),
            Library::TchuTchu => ("python:tchu_service.app", "tchu"),
        };
        let space = Space::new();
        drop(Worker::start(&space, library, Results::Redis));
        let code = reading(code, &examples(), venv);
        eventually("the broker knows that the worker is gone, and all bindings are meant", || {
            let report = check(&space, &lent(&code));
            assert_eq!(findings(&report, "CB006"), [Value::Null; 0]);
            assert_eq!(findings(&report, "CB018"), [Value::Null; 0]);
            (report["workers"]["connected"] == 0).then_some(())
        });
        bind(&space, queue, "old.topic");
        let found = fault.found(&space, queue, &lent(&code));
        assert_eq!(found.finding["routing_key"], "old.topic");
        fault.apply(&found);
        fault.gone(&found, 0);
        assert!(!has_binding(&space, queue, "old.topic"));
    }
}

pub(super) fn missing_queue(fault: &Fault) {
    let space = Space::new();
    let code = reading("python:service.app", &examples(), "salt");
    let found = fault.found(&space, "service_queue", &lent(&code));
    assert_eq!(
        found.finding["message"],
        "there is no queue service_queue, with which the code subscribes to 8 topics"
    );
    fault.told(&found, ("start the service's ", "worker"));
    let _worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    fault.gone(&found, 1);
}

/// tchu-tchu 3.0.4 connects the code that binds its queue to signals of Celery by weak references
/// to local functions, which are gone when the setup returns.
pub(super) fn own_name_only_of_tchu_tchu_3(fault: &Fault) {
    let space = Space::new();
    let project = tchu_project(
        "@subscribe('invoice.paid')\ndef book(event): pass\n\
         @subscribe('invoice.*')\ndef watch(event): pass",
    );
    let worker = Worker::launch(&space, &service("tchu3-drf", &project));
    assert_eq!(space.bindings("shop"), ["shop"]);
    let folder = project.path();
    let code = reading("python:shop", folder.to_str().unwrap(), "tchu3-drf");
    let found = fault.found(&space, "shop", &lent(&code));

    assert_eq!(fault.told(&found, ("Celery(include=", "[…])")), "Celery(include=[…])");
    drop(worker);
    let app = std::fs::read_to_string(folder.join("shop.py")).unwrap();
    project
        .write("shop.py", &app.replace("Celery('shop', ", "Celery('shop', include=['handlers'], "));
    let worker = Worker::launch(&space, &service("tchu3-drf", &project));
    assert!(worker.log().contains("tchu_tchu.handler.handlers.book"), "{}", worker.log());
    assert_eq!(space.bindings("shop"), ["shop"]);

    fault.told(&found, ("`celerysalt bindings check --code ", "python:MODULE`"));
    let missing = Fault::of("CB018");
    for topic in ["invoice.paid", "invoice.*"] {
        let finding = missing.found_where(&space, &lent(&code), |one| one["routing_key"] == topic);
        run_command(&space, &finding.finding);
    }
    fault.gone(&found, 1);
    assert_eq!(findings(&check(&space, &lent(&code)), "CB018"), [Value::Null; 0]);
    assert_eq!(space.bindings("shop"), ["invoice.*", "invoice.paid", "shop"]);
}

#[test]
fn code_that_cannot_be_read_is_an_error_and_not_a_stale_binding() {
    let space = Space::new();
    let run = |code: &str| {
        let code = reading(code, &examples(), "salt");
        let arguments = ["bindings", "check", "--listen", "0"];
        let run = space.celerysalt(&arguments).env("PYTHONPATH", examples());
        run.args(&lent(&code)[1..]).run()
    };
    let absent = run("python:nowhere.app");
    assert_eq!(absent.code, Some(3), "{absent}");
    assert!(absent.stderr.contains("hint: run in the project's root"), "{absent}");
    let queueless = run("python:service.subscribers");
    assert_eq!(queueless.code, Some(2), "{queueless}");
    assert!(queueless.stderr.contains("--code QUEUE=python:service.subscribers"), "{queueless}");
}
