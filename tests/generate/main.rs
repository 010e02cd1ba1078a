//! `generate` from end to end: a corpus of models is extracted, registered, generated, imported and
//! compared with the classes it came from, with the real library and the real checkers.
//!
//! `make setup` makes the virtual environment; a missing one is a failure that says so.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod commands;
mod harness;
mod watch;

use std::fs;

use harness::{celerysalt, corpus, project, run_tool};
use serde_json::Value;

/// Packages of models, and of everything that checkers read.
const MODELS: [&str; 2] = ["pydantic_types", "salt_types"];
const PACKAGES: [&str; 5] =
    ["pydantic_types", "salt_types", "typeddict_types", "dataclass_types", "pyi_types"];

/// Models whose generated classes judge some payloads differently, and why.
const OTHER_VERDICTS: &[(&str, &str)] = &[
    ("various.strict", "strictness is not in a JSON Schema"),
    ("payments.settlement", "keys of a mapping are strings in a JSON Schema, unless they are text"),
    ("mail.defaults", "keys of a mapping are strings in a JSON Schema, unless they are text"),
    (
        "mail.paths",
        "the schema names the last step of an AliasPath, the model wants the whole path",
    ),
    ("mail.quotaholder", "the schema is that of what is sent, with the computed field"),
    ("people.fieldkinds", "that numbers become strings is not in a JSON Schema"),
    ("telemetry.abstracts", "neither OnErrorOmit nor what an Iterable takes is in a JSON Schema"),
    ("tickets.callabledisc", "the function that tells the members apart is not in a JSON Schema"),
    ("tickets.ticket", "a literal of a plain enumeration refuses its own value, which JSON has"),
    ("training.optim", "a literal of a plain enumeration refuses its own value, which JSON has"),
];

#[test]
fn every_generated_model_has_the_registered_schema_and_judges_payloads_like_the_original() {
    for package in MODELS {
        let compare = project().join("compare.py");
        let arguments = [compare.to_str().unwrap(), package, "schemas"];
        let run = run_tool(corpus(), "python", &arguments).succeeded();
        let report: serde_json::Map<String, Value> = serde_json::from_str(&run.stdout).unwrap();
        let models = report.iter().filter(|(_, row)| row.get("payloads").is_some());
        assert!(models.clone().count() >= 215, "only {} models were compared", models.count());
        for (topic, row) in models {
            assert_eq!(row["differs"], false, "{package} {topic}: {row:#}");
            assert!(row["payloads"].as_u64().unwrap() > 100, "{topic}");
            let is_expected = OTHER_VERDICTS.iter().any(|(known, _)| known == topic);
            let verdicts = row["verdicts"].as_array().unwrap();
            assert!(verdicts.is_empty() || is_expected, "{package} {topic}: {verdicts:#?}");
        }
    }
}

#[test]
fn what_hand_written_schemas_say_and_classes_do_not_is_reported() {
    let compare = project().join("compare.py");
    let arguments = [compare.to_str().unwrap(), "pydantic_types", "schemas"];
    let run = run_tool(corpus(), "python", &arguments).succeeded();
    let compared: serde_json::Map<String, Value> = serde_json::from_str(&run.stdout).unwrap();
    let again =
        ["generate", "stubs", "--style", "pydantic", "--out", "pydantic_types", "-o", "json"];
    let report: Value =
        serde_json::from_str(&celerysalt(corpus(), &again).succeeded().stdout).unwrap();
    let losses = report["losses"].as_array().unwrap();
    let (mut equal, mut silent) = (0, Vec::new());
    for (topic, row) in compared.iter().filter(|(topic, _)| topic.starts_with("hand.")) {
        if row["differs"] == false {
            equal += 1;
        } else if !losses.iter().any(|loss| loss["topic"] == topic.as_str()) {
            silent.push(topic);
        }
    }
    assert!(equal >= 36, "only {equal} schemas are the same again");
    // The library knows objects only, so `true` is registered as `{}`.
    assert_eq!(silent, ["hand.boolean_true"]);
}

#[test]
fn generated_packages_pass_mypy_strict() {
    for package in PACKAGES {
        run_tool(corpus(), "mypy", &["--strict", "--no-incremental", package]).succeeded();
    }
}

#[test]
fn generated_packages_pass_pyright_strict() {
    let python = harness::tool("python");
    for package in PACKAGES {
        let arguments = ["--pythonpath", python.to_str().unwrap(), package];
        run_tool(corpus(), "pyright", &arguments).succeeded();
    }
}

#[test]
fn a_handler_that_takes_another_event_is_an_error_of_the_checkers() {
    let folder = tempfile::tempdir().unwrap();
    let registry = format!("file:{}", corpus().join("schemas").display());
    let arguments = ["generate", "stubs", "rpc.divide", "--registry", &registry, "--out", "events"];
    celerysalt(folder.path(), &arguments).succeeded();
    let handlers = "from events import Divide, DivideResponse, subscribe\n\n\n\
                    @subscribe(Divide, max_retries=3)\n\
                    def divide(event: Divide) -> DivideResponse:\n    \
                    return DivideResponse(quotient=event.data.a / event.data.b)\n\n\n\
                    @subscribe(Divide)\n\
                    def count(event: DivideResponse) -> None: ...\n";
    fs::write(folder.path().join("handlers.py"), handlers).unwrap();
    let settings = r#"{"typeCheckingMode": "strict"}"#;
    fs::write(folder.path().join("pyrightconfig.json"), settings).unwrap();
    let python = harness::tool("python");
    for (tool, arguments) in [
        ("mypy", &["--strict", "--no-incremental", "handlers.py"][..]),
        ("pyright", &["--pythonpath", python.to_str().unwrap(), "handlers.py"]),
    ] {
        let run = run_tool(folder.path(), tool, arguments);
        let errors: Vec<&str> = run.stdout.lines().filter(|line| line.contains("error:")).collect();
        assert!(run.exit_code == 1 && errors.len() == 1, "{}", run.text());
        assert!(errors[0].contains("handlers.py:9"), "{}", errors[0]);
    }
}

#[test]
fn ruff_would_change_nothing() {
    for package in PACKAGES {
        run_tool(corpus(), "ruff", &["format", "--no-cache", "--diff", package]).succeeded();
        let rules = ["check", "--no-cache", "--select", "I,F,UP", package];
        run_tool(corpus(), "ruff", &rules).succeeded();
    }
}

#[test]
fn shapes_can_be_imported_and_a_module_alone_passes_the_checkers() {
    for package in ["typeddict_types", "dataclass_types"] {
        run_tool(corpus(), "python", &["-c", &format!("import {package}")]).succeeded();
    }
    let folder = tempfile::tempdir().unwrap();
    let registry = format!("file:{}", corpus().join("schemas").display());
    let arguments = ["generate", "stubs", "various.order", "--registry", &registry];
    let module = celerysalt(folder.path(), &arguments).succeeded().stdout;
    fs::write(folder.path().join("order.py"), module).unwrap();
    let settings = r#"{"typeCheckingMode": "strict"}"#;
    fs::write(folder.path().join("pyrightconfig.json"), settings).unwrap();
    let python = harness::tool("python");
    for (tool, arguments) in [
        ("python", &["order.py"][..]),
        ("mypy", &["--strict", "--no-incremental", "order.py"]),
        ("pyright", &["--pythonpath", python.to_str().unwrap(), "order.py"]),
        ("ruff", &["format", "--no-cache", "--diff", "order.py"]),
        ("ruff", &["check", "--no-cache", "--select", "I,F,UP", "order.py"]),
    ] {
        run_tool(folder.path(), tool, arguments).succeeded();
    }
}

#[test]
fn a_service_subscribes_with_generated_code_only_and_receives_typed_data() {
    let script = project().join("subscribe.py");
    let run = run_tool(corpus(), "python", &[script.to_str().unwrap()]).succeeded();
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn generating_again_writes_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let registry = format!("file:{}", corpus().join("schemas").display());
    let arguments = ["generate", "stubs", "--registry", &registry, "--out", "salt_types"];
    celerysalt(folder.path(), &arguments).succeeded();
    for entry in fs::read_dir(corpus().join("salt_types")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let again = folder.path().join("salt_types").join(path.file_name().unwrap());
            assert_eq!(fs::read(&path).unwrap(), fs::read(again).unwrap(), "{}", path.display());
        }
    }
}
