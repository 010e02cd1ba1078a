//! `bindings check`: every fault is made on a real broker, found, mended as printed, and gone.

mod bindings;
mod code;
mod dispatchers;
mod queues;
mod topics;
mod workers;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::process::Command;

use celerysalt::topology::audit::rules;
use serde_json::{Value, json};

use crate::harness::{Project, Space, Worker, eventually};

/// The tests that create, find and mend the fault of a rule. A rule without one fails
/// `every_rule_has_a_test_that_mends_its_fault`, and a test that leaves out a step fails itself.
macro_rules! faults {
    ($($code:literal $name:ident $test:path;)*) => {
        const TESTED: &[&str] = &[$($code),*];
        $(
            #[test]
            fn $name() {
                let fault = Fault::of($code);
                $test(&fault);
                fault.assert_mended();
            }
        )*
    };
}

faults! {
    "CB001" cb001_own_name_only bindings::own_name_only;
    "CB001" cb001_own_name_only_of_tchu_tchu_3 code::own_name_only_of_tchu_tchu_3;
    "CB002" cb002_no_consumer queues::no_consumer;
    "CB002" cb002_no_consumer_and_messages queues::no_consumer_and_messages;
    "CB003" cb003_not_bound workers::not_bound;
    "CB004" cb004_unregistered_topic topics::unregistered;
    "CB005" cb005_unheard_topic topics::unheard;
    "CB005" cb005_unheard_topic_that_is_given_up topics::unheard_and_given_up;
    "CB006" cb006_stale_binding bindings::stale;
    "CB006" cb006_stale_binding_of_tchu_tchu bindings::stale_of_tchu_tchu;
    "CB006" cb006_stale_binding_by_code code::stale;
    "CB007" cb007_shadowed_binding bindings::shadowed;
    "CB007" cb007_duplicate_binding bindings::duplicate;
    "CB008" cb008_matcher_disagrees bindings::disagreement;
    "CB008" cb008_matcher_disagrees_and_nobody_handles bindings::disagreement_left_over;
    "CB009" cb009_rpc_fan_out topics::fan_out;
    "CB009" cb009_rpc_fan_out_without_a_handler topics::fan_out_left_over;
    "CB010" cb010_queue_arguments queues::arguments;
    "CB011" cb011_unknown_task_by_registration dispatchers::registered;
    "CB011" cb011_unknown_task_in_flight dispatchers::in_flight;
    "CB012" cb012_no_dead_letter queues::no_dead_letter;
    "CB013" cb013_backlog queues::backlog;
    "CB014" cb014_unbounded_queue queues::unbounded;
    "CB014" cb014_unbounded_queue_of_a_busy_topic queues::unbounded_and_busy;
    "CB015" cb015_exchange_type bindings::exchange_type;
    "CB016" cb016_exchange_durability bindings::exchange_durability;
    "CB017" cb017_duplicate_node workers::duplicate_node;
    "CB018" cb018_missing_binding bindings::missing;
    "CB018" cb018_missing_binding_of_tchu_tchu bindings::missing_of_tchu_tchu;
    "CB018" cb018_missing_queue code::missing_queue;
}

#[test]
fn every_rule_has_a_test_that_mends_its_fault() {
    let tested: BTreeSet<&str> = TESTED.iter().copied().collect();
    let rules: BTreeSet<&str> = rules::all().map(|rule| rule.code).collect();
    assert_eq!(tested, rules);
}

/// The fault of one rule, and how far its test came.
struct Fault {
    rule: &'static str,
    is_found: Cell<bool>,
    is_mended: Cell<bool>,
    is_gone: Cell<bool>,
}

/// One finding of a report, and what made the report.
struct Found<'a> {
    space: &'a Space,
    arguments: Vec<String>,
    finding: Value,
}

impl Fault {
    fn of(rule: &'static str) -> Self {
        let no = || Cell::new(false);
        Self { rule, is_found: no(), is_mended: no(), is_gone: no() }
    }

    #[track_caller]
    fn assert_mended(&self) {
        assert!(self.is_found.get(), "{} was never found", self.rule);
        assert!(self.is_mended.get(), "nothing printed was done about {}", self.rule);
        assert!(self.is_gone.get(), "{} was never seen to go", self.rule);
    }

    /// Waits for the finding about a queue, topic, exchange or worker.
    #[track_caller]
    fn found<'a>(&self, space: &'a Space, subject: &str, arguments: &[&str]) -> Found<'a> {
        self.found_where(space, arguments, |finding| finding["subject"] == subject)
    }

    #[track_caller]
    fn found_where<'a>(
        &self,
        space: &'a Space,
        arguments: &[&str],
        is_meant: impl Fn(&Value) -> bool,
    ) -> Found<'a> {
        let finding = eventually(&format!("{} is found", self.rule), || {
            let mut all = findings(&check(space, arguments), self.rule).into_iter();
            all.find(|finding| is_meant(finding))
        });
        self.is_found.set(true);
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Found { space, arguments, finding }
    }

    /// Runs the command that the finding prints.
    #[track_caller]
    fn apply(&self, found: &Found<'_>) {
        run_command(found.space, &found.finding);
        self.is_mended.set(true);
    }

    /// What the words of the fix name between `start` and `end`, which the test then does.
    #[track_caller]
    fn told(&self, found: &Found<'_>, (start, end): (&str, &str)) -> String {
        let fix = found.finding["fix"].as_str().unwrap();
        let at = fix.find(start).unwrap_or_else(|| panic!("no {start:?} in {fix:?}"));
        let length = fix[at + start.len()..].find(end).unwrap_or_else(|| panic!("{fix:?}"));
        self.is_mended.set(true);
        fix[at..at + start.len() + length + end.len()].to_owned()
    }

    /// Waits until the finding is gone, with so many workers connected and every one answering.
    #[track_caller]
    fn gone(&self, found: &Found<'_>, workers: usize) {
        let arguments: Vec<&str> = found.arguments.iter().map(String::as_str).collect();
        let is_same = |finding: &Value| {
            ["subject", "routing_key", "level"]
                .iter()
                .all(|key| finding[*key] == found.finding[*key])
        };
        eventually(&format!("{} is gone", found.finding), || {
            let report = check(found.space, &arguments);
            let asked = !arguments.contains(&"--worker-timeout");
            let told = json!({"connected": workers, "answered": if asked { workers } else { 0 }});
            let is_gone = !findings(&report, self.rule).iter().any(is_same);
            (is_gone && report["workers"] == told).then_some(())
        });
        self.is_gone.set(true);
    }

    /// Found, mended by the printed command, gone.
    #[track_caller]
    fn mended(&self, space: &Space, subject: &str, workers: usize) {
        let found = self.found(space, subject, &[]);
        self.apply(&found);
        self.gone(&found, workers);
    }
}

/// The report. Nothing is listened to unless the arguments say so. A first argument `PYTHONPATH=…`
/// is a variable, as before a command in a shell.
#[track_caller]
fn check(space: &Space, arguments: &[&str]) -> Value {
    let quick: &[&str] = if arguments.contains(&"--listen") { &[] } else { &["--listen", "0"] };
    let mut command = space.celerysalt(&["bindings", "check", "-o", "json"]).args(quick);
    let mut arguments = arguments;
    if let [first, rest @ ..] = arguments
        && let Some(path) = first.strip_prefix("PYTHONPATH=")
    {
        command = command.env("PYTHONPATH", path);
        arguments = rest;
    }
    let run = command.args(arguments).run();
    assert!(matches!(run.code, Some(0 | 1)), "{run}");
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["ok"], run.code == Some(0), "{run}");
    report
}

fn findings(report: &Value, rule: &str) -> Vec<Value> {
    let all = report["findings"].as_array().unwrap().iter();
    all.filter(|finding| finding["rule"] == rule).cloned().collect()
}

#[track_caller]
fn run_command(space: &Space, finding: &Value) {
    let command = finding["command"].as_str().unwrap_or_else(|| panic!("no command: {finding}"));
    let url = space.management_url();
    let login = url.split("//").nth(1).unwrap().rsplit_once('@').unwrap().0;
    let output =
        Command::new("sh").args(["-c", command]).env("RABBITMQ_LOGIN", login).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}\n{errors}");
}

fn remove_binding(space: &Space, queue: &str, key: &str) {
    let path = format!("bindings/{}/e/tchu_events/q/{queue}", space.vhost);
    let bindings = space.management.get(&path);
    let meant = bindings.as_array().unwrap().iter().find(|one| one["routing_key"] == key);
    let name = meant.unwrap()["properties_key"].as_str().unwrap().replace('%', "%25");
    space.management.try_delete(&format!("{path}/{name}"));
}

fn bind(space: &Space, queue: &str, key: &str) {
    let path = format!("bindings/{}/e/tchu_events/q/{queue}", space.vhost);
    space.management.post(&path, &json!({"routing_key": key}));
}

fn has_binding(space: &Space, queue: &str, key: &str) -> bool {
    space.bindings(queue).iter().any(|bound| bound == key)
}

/// The settings that every app of a test shares.
const SETTINGS: &str = r#"
import os
from celery import Celery
urls = dict(
    broker=os.environ.get("CELERY_BROKER_URL", "amqp://"),
    backend=os.environ.get("CELERY_RESULT_BACKEND", "rpc://"),
)
queue = os.environ.get("SERVICE_QUEUE", "shop")
"#;

/// A service on celery-salt with these handlers.
fn salt_project(handlers: &str) -> Project {
    let app = format!(
        "{SETTINGS}
from celery_salt.django.celery import setup_salt_queue
app = Celery('shop', include=['handlers'], **urls)
setup_salt_queue(app, queue_name=queue)
"
    );
    let handlers = format!("from celery_salt import event, subscribe\n{handlers}");
    Project::new(&[("shop.py", &app), ("handlers.py", &handlers)])
}

/// A service on tchu-tchu with these handlers.
fn tchu_project(handlers: &str) -> Project {
    let app = format!(
        "{SETTINGS}
from tchu_tchu.django.celery import setup_celery_queue
app = Celery('shop', **urls)
setup_celery_queue(app, queue_name=queue, subscriber_modules=['handlers'])
"
    );
    let handlers = format!("from tchu_tchu import subscribe\n{handlers}");
    Project::new(&[("shop.py", &app), ("handlers.py", &handlers)])
}

/// Says what went wrong inside a worker that must not start.
#[track_caller]
fn wait_for_log(worker: &Worker, text: &str) {
    eventually(&format!("the worker's log says {text:?}"), || {
        worker.log().contains(text).then_some(())
    });
}
