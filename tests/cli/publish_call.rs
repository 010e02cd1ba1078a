//! `publish` and `call` as far as they go without a server.

use std::io::Write;
use std::process::Stdio;

use insta::assert_snapshot;

use super::sealed::Sealed;

/// Ids, instants and the sender change from run to run.
fn steady(output: &str) -> String {
    let mut text = output.to_owned();
    for (pattern, name) in [
        (r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "ID"),
        (r"gen[0-9]+@[^\\\x22]+", "ORIGIN"),
        (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+\+00:00", "INSTANT"),
    ] {
        text = regex_lite::Regex::new(pattern).unwrap().replace_all(&text, name).into_owned();
    }
    text
}

#[test]
fn a_dry_run_shows_the_exact_message() {
    let world = Sealed::new();
    let output = world.run(&[
        "publish",
        "user.created",
        r#"{"n": 1.50}"#,
        "--dry-run",
        "--version",
        "v1",
        "--header",
        "x-tenant=acme",
        "--expires",
        "30s",
        "--countdown",
        "5s",
        "--priority",
        "3",
    ]);
    assert_snapshot!(steady(&output));
    let output = world.run(&[
        "publish",
        "user.created",
        "{}",
        "--dry-run",
        "--protocol",
        "1",
        "-o",
        "jsonl",
    ]);
    assert_snapshot!(steady(&output));
}

#[test]
fn a_dry_run_of_many_lines_names_the_broken_ones() {
    let world = Sealed::new().file("project/events.jsonl", "{\"n\": 1}\noops\n{\"n\": 2}\n");
    let output = world.run(&[
        "publish",
        "numbers",
        "@events.jsonl",
        "--dry-run",
        "-o",
        "jsonl",
        "--skip",
        "1",
    ]);
    assert_snapshot!(steady(&output));
}

#[test]
fn a_payload_that_is_no_event_is_a_wrong_command_line() {
    let world = Sealed::new().file("project/list.json", "[\n1,\n2\n]\n");
    let lines = [
        "publish user.created [1]",
        "publish user.created {a:1}",
        "publish user.created @list.json",
        "publish user.created @missing.json",
        "publish user.created",
        "call rpc.add",
        "call rpc.add 7",
    ];
    let all: Vec<_> = lines.iter().map(|line| format!("$ {line}\n{}", world.line(line))).collect();
    assert_snapshot!(all.join("\n"));
}

#[test]
fn wrong_arguments_say_what_to_write() {
    let world = Sealed::new();
    let lines = [
        "publish user.* {}",
        "publish user.created {} --version latest",
        "publish user.created {} --header x",
        "publish user.created {} --header eta=1",
        "publish user.created {} --protocol 3",
        "publish user.created - --rate fast",
        "publish user.created {} --expires 30",
        "publish --interactive user.created {}",
        "publish",
        "call rpc.add {} --timeout 0",
        "call rpc.add {} --repeat 0",
        "call --serve",
        "call --serve rpc.add",
        "call rpc.add --reply .x",
    ];
    let all: Vec<_> = lines.iter().map(|line| format!("$ {line}\n{}", world.line(line))).collect();
    assert_snapshot!(all.join("\n"));
}

#[test]
fn questions_need_a_terminal() {
    assert_snapshot!(Sealed::new().line("publish --interactive"));
}

#[test]
fn a_call_needs_a_backend_that_it_can_read() {
    let world = Sealed::new();
    let lines = [
        "call rpc.add {}",
        "call rpc.add {} --backend db+sqlite:///results.db",
        "call rpc.add {} --backend redis://:secret@host/zero",
        "call rpc.add {} --backend mongodb://u:secret@host/db",
    ];
    let all: Vec<_> = lines.iter().map(|line| format!("$ {line}\n{}", world.line(line))).collect();
    assert_snapshot!(all.join("\n"));
}

#[test]
fn a_body_that_was_given_leaves_standard_input_alone() {
    let world = Sealed::new();
    let mut command = world.command(&["publish", "user.created", "{}", "--dry-run", "-o", "jsonl"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // It ends although its standard input stays open.
    assert!(child.wait().unwrap().success());
    let _ = stdin.write_all(b"unread");
}
