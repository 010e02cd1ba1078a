//! `schema extract` and `schema register` with the real libraries in real virtual environments.
//!
//! The Python projects are in `project/`; `make setup` makes the environments, and a missing one is
//! a failure that says so.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use harness::{Run, Venv, files_below, run, run_in};
use tempfile::tempdir;

fn extract(venv: Venv, source: &str) -> Run {
    run(&["schema", "extract", source, "--python", &venv.path()])
}

#[test]
fn event_classes_of_celery_salt_become_documents() {
    let folder = tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let python = Venv::Salt.path();
    let arguments = ["schema", "extract", "python:shop.events", "--python", &python, "--out", out];
    insta::assert_snapshot!("salt", run(&arguments).text());
    insta::assert_snapshot!("salt_documents", files_below(folder.path()));
}

#[test]
fn what_the_library_would_do_wrong_is_said() {
    insta::assert_snapshot!("traps", extract(Venv::Salt, "python:shop.traps").text());
}

#[test]
fn conflicts_and_what_the_library_only_logs_are_failures() {
    insta::assert_snapshot!("conflict", extract(Venv::Salt, "python:shop.conflict").text());
}

#[test]
fn errors_in_modules_are_shown_as_the_user_s_own_frames() {
    for module in ["raises", "syntax", "exits", "dies", "absent"] {
        let run = extract(Venv::Salt, &format!("python:shop.{module}"));
        insta::assert_snapshot!(format!("module_{module}"), run.text());
    }
}

#[test]
fn one_broken_module_does_not_hide_the_others() {
    let run = extract(Venv::Salt, "python:shop.raises,shop.threads");
    assert_eq!(run.exit_code, 8);
    assert!(run.stdout.contains("thread.started"), "{}", run.stdout);
    assert!(run.stdout.contains("module shop.raises"), "{}", run.stdout);
}

#[test]
fn a_module_that_never_ends_is_ended_with_all_it_started() {
    let python = Venv::Salt.path();
    let arguments =
        ["schema", "extract", "python:shop.hangs", "--python", &python, "--timeout", "3s"];
    let run = run(&arguments);
    assert_eq!(run.exit_code, 5, "{}", run.text());
    assert!(run.stderr.contains("did not finish within 3s"), "{}", run.stderr);
    let line = run.stderr.lines().find(|line| line.contains("waiting for the database")).unwrap();
    let child = line.rsplit(' ').next().unwrap();
    let deadline = Instant::now() + Duration::from_secs(5);
    while is_running(child) {
        assert!(Instant::now() < deadline, "process {child} was left behind");
        std::thread::yield_now();
    }
}

/// A process that has ended but was not waited for yet does not run.
fn is_running(process: &str) -> bool {
    fs::read_to_string(format!("/proc/{process}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or_default().starts_with(" Z"))
}

#[test]
fn event_classes_of_tchu_tchu_become_the_same_documents_with_both_versions() {
    for venv in [Venv::Tchu2, Venv::Tchu3] {
        let folder = tempdir().unwrap();
        let arguments = [
            "schema",
            "extract",
            "python:legacy.events",
            "--django-settings",
            "django_settings",
            "--python",
            &venv.path(),
            "--out",
            folder.path().to_str().unwrap(),
        ];
        insta::assert_snapshot!("tchu", run(&arguments).text());
        insta::assert_snapshot!("tchu_documents", files_below(folder.path()));
    }
}

#[test]
fn django_that_cannot_be_set_up_is_named() {
    let arguments = [
        "schema",
        "extract",
        "python:legacy.events",
        "--django-settings",
        "absent_settings",
        "--python",
        &Venv::Tchu3.path(),
    ];
    insta::assert_snapshot!("django", run(&arguments).text());
}

#[test]
fn subscriptions_versions_and_places_are_in_the_json() {
    let python = Venv::Salt.path();
    let run = run(&["schema", "extract", "python:shop.events", "--python", &python, "-o", "json"]);
    let mut report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    for row in report["documents"].as_array_mut().unwrap() {
        row["document"] = row["document"]["topic"].take();
    }
    report["python"]["version"].take();
    report["python"]["executable"].take();
    insta::assert_snapshot!("json", serde_json::to_string_pretty(&report).unwrap());
}

#[test]
fn extracting_again_keeps_what_people_wrote_into_the_files() {
    let folder = tempdir().unwrap();
    let python = Venv::Salt.path();
    let out = folder.path().to_str().unwrap();
    let arguments = ["schema", "extract", "python:shop.events", "--python", &python, "--out", out];
    run(&arguments);
    let file = folder.path().join("user.signup/v1.json");
    let edited = fs::read_to_string(&file)
        .unwrap()
        .replace("\"owner\": null", "\"owner\": \"growth\"")
        .replace(
            "\"annotations\": {}",
            "\"annotations\": {\n    \"pii\": [\n      \"email\"\n    ]\n  }",
        );
    fs::write(&file, &edited).unwrap();
    let again = run(&arguments);
    assert_eq!(again.exit_code, 0, "{}", again.text());
    assert!(
        !again.stdout.contains("added") && !again.stdout.contains("updated"),
        "{}",
        again.stdout
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), edited);
}

#[test]
fn registering_is_idempotent_and_a_changed_schema_is_a_conflict() {
    let folder = tempdir().unwrap();
    let python = Venv::Salt.path();
    let register = |source: &Path| {
        run_in(source, &["schema", "register", "schemas", "--registry", "sqlite:registry.db"])
    };
    let extract = ["schema", "extract", "python:shop.events", "--python", &python, "--out"];
    let out = folder.path().join("schemas");
    run(&[&extract[..], &[out.to_str().unwrap()]].concat());
    insta::assert_snapshot!("register_first", register(folder.path()).text());
    insta::assert_snapshot!("register_again", register(folder.path()).text());
    let file = out.join("user.signup/v1.json");
    let changed = fs::read_to_string(&file).unwrap().replace("\"integer\"", "\"string\"");
    fs::write(&file, changed).unwrap();
    fs::write(out.join("order.created/v2.json"), "{\n  \"topic\":").unwrap();
    insta::assert_snapshot!("register_conflict", register(folder.path()).text());
    let history = ["schema", "history", "user.signup", "--registry", "sqlite:registry.db"];
    insta::assert_snapshot!("history", run_in(folder.path(), &history).text());
}

#[test]
fn code_is_compared_with_the_registry_and_its_handlers_are_named() {
    let folder = tempdir().unwrap();
    let python = Venv::Salt.path();
    let out = folder.path().join("schemas");
    let source = "python:shop.events";
    run(&["schema", "extract", source, "--python", &python, "--out", out.to_str().unwrap()]);
    let registry = format!("file:{}", out.display());
    let diff = || {
        let text = run(&["schema", "diff", &registry, source, "--python", &python]).text();
        text.replace(folder.path().to_str().unwrap(), "DIR")
    };
    insta::assert_snapshot!("diff_same", diff());
    let file = out.join("user.signup/v1.json");
    let older = fs::read_to_string(&file).unwrap().replace("\"integer\"", "\"string\"");
    fs::write(&file, older).unwrap();
    insta::assert_snapshot!("diff_changed", diff());
}

#[test]
fn twenty_processes_may_register_at_once() {
    for registry in ["file:registry", "sqlite:registry.db"] {
        let folder = tempdir().unwrap();
        for topic in 0..10 {
            let text = format!(r#"{{"topic": "t{topic}", "version": "v1", "schema": {{}}}}"#);
            fs::write(folder.path().join(format!("t{topic}.json")), text).unwrap();
        }
        let files: Vec<String> = (0..10).map(|topic| format!("t{topic}.json")).collect();
        let register: Vec<&str> = ["schema", "register", "--registry", registry]
            .into_iter()
            .chain(files.iter().map(String::as_str))
            .collect();
        let runs: Vec<Run> = std::thread::scope(|scope| {
            let racers: Vec<_> =
                (0..20).map(|_| scope.spawn(|| run_in(folder.path(), &register))).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let added = runs.iter().flat_map(|run| run.stdout.lines());
        assert_eq!(added.filter(|line| line.starts_with("added ")).count(), 10, "{registry}");
        for run in &runs {
            assert_eq!(run.exit_code, 0, "{}", run.text());
        }
    }
}
