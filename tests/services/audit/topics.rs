//! Topics of the registry against those that are bound, and requests with several receivers.

use std::path::Path;

use serde_json::json;

use super::bindings::service;
use super::{Fault, bind, has_binding, run_command, tchu_project};
use crate::harness::{Library, Results, Space, Worker, root};

fn register(schemas: &Path, topic: &str) {
    let document = json!({"topic": topic, "version": "v1", "mode": "broadcast",
                          "schema": {"type": "object"}});
    std::fs::create_dir_all(schemas.join(topic)).unwrap();
    std::fs::write(schemas.join(topic).join("v1.json"), document.to_string()).unwrap();
}

pub(super) fn unregistered(fault: &Fault) {
    let space = Space::new();
    let _worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    let folder = tempfile::tempdir().unwrap();
    register(folder.path(), "invoice.paid");
    let registry = format!("file:{}", folder.path().display());
    let is_meant = |finding: &serde_json::Value| finding["routing_key"] == "order.created";
    let found = fault.found_where(&space, &["--registry", &registry], is_meant);

    let command = fault.told(&found, ("`celerysalt ", "`"));
    let command = command.trim_matches('`').replace("MODULE", "service.events");
    let arguments: Vec<&str> = command.split(' ').skip(1).collect();
    let python = root().join("target/venvs/salt");
    let run = space
        .celerysalt(&arguments)
        .args(&["--registry", &registry, "--python", python.to_str().unwrap()])
        .env("PYTHONPATH", root().join("examples").to_str().unwrap())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .run();
    assert_eq!(run.code, Some(0), "{run}");
    fault.gone(&found, 1);
}

pub(super) fn unheard(fault: &Fault) {
    let space = Space::new();
    let _salt = Worker::start(&space, Library::CelerySalt, Results::Redis);
    let folder = tempfile::tempdir().unwrap();
    register(folder.path(), "invoice.paid");
    let registry = format!("file:{}", folder.path().display());
    let found = fault.found(&space, "invoice.paid", &["--registry", &registry]);
    fault.told(&found, ("subscribe a ", "handler"));
    let _tchu = Worker::start(&space, Library::TchuTchu, Results::Redis);
    fault.gone(&found, 2);
}

pub(super) fn unheard_and_given_up(fault: &Fault) {
    let space = Space::new();
    let _salt = Worker::start(&space, Library::CelerySalt, Results::Redis);
    let folder = tempfile::tempdir().unwrap();
    register(folder.path(), "invoice.paid");
    let registry = format!("file:{}", folder.path().display());
    let found = fault.found(&space, "invoice.paid", &["--registry", &registry]);
    let command = fault.told(&found, ("`celerysalt ", "`"));
    let arguments: Vec<&str> = command.trim_matches('`').split(' ').skip(1).collect();
    let run = space.celerysalt(&arguments).args(&["--registry", &registry]).run();
    assert_eq!(run.code, Some(0), "{run}");
    fault.gone(&found, 1);
}

pub(super) fn fan_out(fault: &Fault) {
    let space = Space::new();
    let _salt = Worker::start(&space, Library::CelerySalt, Results::Redis);
    let project = tchu_project(
        "@subscribe('invoice.paid')\ndef book(event): pass\n\
         @subscribe('rpc.calculator.add')\ndef add(request): return 0",
    );
    let tchu = Worker::launch(&space, &service("tchu", &project));
    let found = fault.found(&space, "rpc.calculator.add", &[]);
    fault.told(&found, ("take the handler out of the others", "restart their workers"));
    fault.told(&found, ("remove the bindings that are left over ", "(CB006)"));
    drop(tchu);
    let handlers =
        "from tchu_tchu import subscribe\n@subscribe('invoice.paid')\ndef book(event): pass";
    project.write("handlers.py", handlers);
    let _tchu = Worker::launch(&space, &service("tchu", &project));
    let left_over = Fault::of("CB006").found(&space, "shop", &[]);
    assert_eq!(left_over.finding["routing_key"], "rpc.calculator.add");
    run_command(&space, &left_over.finding);
    fault.gone(&found, 2);
}

pub(super) fn fan_out_left_over(fault: &Fault) {
    let space = Space::new();
    let _salt = Worker::start(&space, Library::CelerySalt, Results::Redis);
    let _tchu = Worker::start(&space, Library::TchuTchu, Results::Redis);
    bind(&space, "tchu_service_queue", "rpc.calculator.*");
    let is_meant = |finding: &serde_json::Value| {
        finding["subject"] == "rpc.calculator.add" && !finding["command"].is_null()
    };
    let found = fault.found_where(&space, &[], is_meant);
    fault.apply(&found);
    fault.gone(&found, 2);
    assert!(!has_binding(&space, "tchu_service_queue", "rpc.calculator.*"));
}
