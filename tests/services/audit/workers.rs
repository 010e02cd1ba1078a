//! Workers: their names, and where they read.

use super::bindings::service;
use super::{Fault, SETTINGS};
use crate::harness::{Launch, Library, Project, Space, Worker};

pub(super) fn not_bound(fault: &Fault) {
    let space = Space::new();
    let plain = format!("{SETTINGS}\napp = Celery('shop', include=['handlers'], **urls)\n");
    let handlers =
        "from celery_salt import subscribe\n@subscribe('audit.#')\ndef record(event): pass";
    let project = Project::new(&[("shop.py", &plain), ("handlers.py", handlers)]);
    let mut without = service("salt", &project);
    without.queue = "celery";
    let worker = Worker::launch(&space, &without);
    let found = fault.found(&space, &format!("shop@{}", space.vhost), &[]);

    let call = fault.told(&found, ("call ", "setup_salt_queue"));
    let function = call.trim_start_matches("call ");
    fault.told(&found, ("start the worker without ", "-Q"));
    drop(worker);
    let import = format!("from celery_salt.django.celery import {function}");
    project.append("shop.py", &format!("{import}\n{function}(app, queue_name='shop')"));
    let _worker = Worker::launch(&space, &service("salt", &project));
    fault.gone(&found, 1);
}

/// Celery 5.7 lets a second worker of the same name start only where its mailboxes are not
/// exclusive, as those of older versions are not.
pub(super) fn duplicate_node(fault: &Fault) {
    let space = Space::new();
    let shared = ["--", "control.queue_exclusive=false"];
    let mut example = Launch::example(Library::CelerySalt);
    example.arguments = &shared;
    let _first = Worker::launch(&space, &example);
    let second = Worker::launch(&space, &example);
    let found = fault.found(&space, &format!("salt@{}", space.vhost), &[]);
    assert_eq!(found.finding["message"], format!("2 workers are called salt@{}", space.vhost));
    let told = fault.told(&found, ("--hostname ", "@%h"));
    drop(second);
    example.node = told.trim_start_matches("--hostname ").trim_end_matches("@%h");
    let _second = Worker::launch(&space, &example);
    fault.gone(&found, 2);
}
