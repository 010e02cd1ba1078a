//! Events that carry the dispatcher task of the other library.

use std::process::{Child, Command, Stdio};

use super::bindings::service;
use super::{Fault, salt_project, tchu_project, wait_for_log};
use crate::harness::{Library, Results, Space, Worker, root};

pub(super) fn registered(fault: &Fault) {
    let space = Space::new();
    let _salt = Worker::start(&space, Library::CelerySalt, Results::Redis);
    let project = tchu_project("@subscribe('order.created')\ndef book(event): pass");
    let tchu = Worker::launch(&space, &service("tchu", &project));
    let found = fault.found(&space, "shop", &[]);
    let call = fault.told(&found, ("create_topic_dispatcher(app, task_name=\"celery_salt", ")"));
    drop(tchu);
    project.append("shop.py", &format!("from tchu_tchu import create_topic_dispatcher\n{call}"));
    let _tchu = Worker::launch(&space, &service("tchu", &project));
    fault.gone(&found, 2);
}

/// Publishes with tchu-tchu until it is dropped.
struct Publisher(Child);

impl Publisher {
    fn start(space: &Space) -> Self {
        let program = "
import time
from tchu_service.app import app
from tchu_tchu import TchuClient
client = TchuClient(app)
while True:
    client.publish('audit.login', {'user_id': 1})
    time.sleep(0.1)
";
        let child = Command::new(root().join("target/venvs/tchu/bin/python"))
            .args(["-c", program])
            .current_dir(root().join("examples"))
            .env_clear()
            .env("LANG", "C.UTF-8")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("CELERY_BROKER_URL", space.broker_url())
            .env("CELERY_RESULT_BACKEND", space.backend_url())
            .envs(space.mark())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(super) fn in_flight(fault: &Fault) {
    let space = Space::new();
    let project = salt_project("@subscribe('audit.#')\ndef record(event): pass");
    let worker = Worker::launch(&space, &service("salt", &project));
    let _publisher = Publisher::start(&space);
    let found = fault.found(&space, "shop", &["--listen", "1s"]);
    assert_eq!(found.finding["routing_key"], "audit.login");
    wait_for_log(&worker, "Received unregistered task of type 'tchu_tchu.dispatch_event'");
    let call = fault.told(&found, ("create_topic_dispatcher(app, task_name=\"tchu_tchu", ")"));
    drop(worker);
    project.append("shop.py", &format!("from celery_salt import create_topic_dispatcher\n{call}"));
    let worker = Worker::launch(&space, &service("salt", &project));
    // The events still come, and are handled.
    fault.gone(&found, 1);
    wait_for_log(&worker, "Task tchu_tchu.dispatch_event");
    assert!(!worker.log().contains("Received unregistered task"));
}
