//! Completions, manual pages and JSON Schemas.

use insta::assert_snapshot;

use super::sealed::Sealed;

#[test]
fn every_shell_gets_a_script() {
    let world = Sealed::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let shown = world.line(&format!("completions {shell}"));
        assert!(shown.starts_with("exit code: 0\n----- stdout -----\n"), "{shell}");
        assert!(shown.contains("schema-of") && !shown.contains("----- stderr"), "{shell}");
        assert!(!shown.contains("reaper"), "{shell} offers a hidden command");
    }
}

#[test]
fn a_manual_page_is_what_is_committed() {
    let world = Sealed::new();
    for (line, file) in [("man", "celerysalt.1"), ("man config show", "celerysalt-config-show.1")] {
        let committed = format!("{}/man/{file}", env!("CARGO_MANIFEST_DIR"));
        let output = world.command(&line.split(' ').collect::<Vec<_>>()).output().unwrap();
        assert_eq!(output.stdout, std::fs::read(committed).unwrap(), "{line}");
    }
}

#[test]
fn every_report_has_a_stable_schema() {
    let world = Sealed::new();
    assert_snapshot!(world.line("schema-of"), @r"
    exit code: 0
    ----- stdout -----
    publish
    call
    config show
    config list
    config use
    config check
    replay
    follow
    top
    dlq list
    dlq retry
    dlq purge
    queue move
    queue purge
    sandbox
    schema list
    schema show
    schema history
    schema register
    schema extract
    schema compat
    schema diff
    schema lint
    schema rules
    schema annotate
    schema deprecate
    schema validate
    bindings list
    bindings route
    bindings graph
    bindings plan
    bindings check
    doctor
    workers
    generate stubs
    generate jsonschema
    generate typescript
    generate asyncapi
    generate docs
    schema-of
    ");
    let output = world.command(&["schema-of", "-o", "json"]).output().unwrap();
    let commands: Vec<String> = serde_json::from_slice(&output.stdout).unwrap();
    for command in commands {
        let schema = world.line(&format!("schema-of {command}"));
        assert_snapshot!(format!("schema_of_{}", command.replace(' ', "_")), schema);
    }
}
