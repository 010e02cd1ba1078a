//! Where schemas meet events, as far as it goes without a server.

use std::io::Write;
use std::process::Stdio;

use insta::assert_snapshot;

use super::sealed::Sealed;
use super::terminal::Terminal;

const ORDER_V1: &str = r##"{
  "topic": "order.placed", "version": "v1", "mode": "broadcast", "description": "",
  "schema": {
    "type": "object",
    "properties": {
      "order_id": {"type": "integer", "minimum": 1},
      "email": {"type": "string", "format": "email"},
      "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}, "minItems": 1}
    },
    "required": ["order_id", "email", "lines"],
    "$defs": {
      "Line": {
        "type": "object",
        "properties": {"sku": {"type": "string"}, "qty": {"type": "integer", "minimum": 1}},
        "required": ["sku", "qty"]
      }
    }
  }
}"##;

const ORDER_V2: &str = r#"{
  "topic": "order.placed", "version": "v2", "mode": "rpc", "description": "",
  "schema": {
    "type": "object",
    "properties": {"order_id": {"type": "integer"}, "currency": {"enum": ["EUR", "USD"]}},
    "required": ["order_id", "currency"]
  },
  "response_schema": {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
}"#;

const GOOD: &str =
    r#"{"order_id": 7, "email": "zoe@example.com", "lines": [{"sku": "A", "qty": 2}]}"#;
const BAD: &str =
    r#"{"order_id": 0, "email": "zoe", "lines": [{"sku": "A", "qty": 2}, {"qty": 0}]}"#;

fn world() -> Sealed {
    Sealed::new()
        .file("project/schemas/order.placed/v1.json", ORDER_V1)
        .file("project/schemas/order.placed/v2.json", ORDER_V2)
        .file("project/schemas/user.gone/v1.json", "{\"topic\": \"user.gone\",\n<<<<<<< ours\n")
}

/// Ids and the sender change from run to run.
fn steady(output: &str) -> String {
    let mut text = output.to_owned();
    for (pattern, name) in [
        (r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "ID"),
        (r"gen[0-9]+@[^\\\x22]+", "ORIGIN"),
    ] {
        text = regex_lite::Regex::new(pattern).unwrap().replace_all(&text, name).into_owned();
    }
    text
}

/// The exit code and what was said on stderr: the messages themselves are another test's.
fn answer(output: &str) -> String {
    let (code, rest) = output.split_once('\n').unwrap();
    let stderr = rest.split_once("----- stderr -----\n").map_or("", |(_, stderr)| stderr);
    format!(
        "{code}, {}\n{stderr}",
        if rest.contains("routing_key") { "shown" } else { "not shown" }
    )
}

fn with_input(world: &Sealed, arguments: &[&str], input: &str) -> String {
    let mut child = world
        .command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let code = output.status.code().unwrap();
    format!(
        "exit code: {code}\n{}----- stderr -----\n{}",
        text(&output.stdout),
        text(&output.stderr)
    )
}

#[test]
fn validate_says_what_does_not_fit_and_where() {
    let world = world();
    assert_snapshot!(world.run(&["schema", "validate", "order.placed@v1", BAD]));
    assert_snapshot!(world.run(&["schema", "validate", "order.placed@v1", BAD, "-o", "json"]));
    assert_snapshot!(world.run(&["schema", "validate", "order.placed@v1", GOOD]), @r"
    exit code: 0
    ----- stdout -----
    valid order.placed@v1
    ");
    let response = ["schema", "validate", "order.placed", "{\"ok\": 1}", "--part", "response"];
    assert_snapshot!(world.run(&response), @r#"
    exit code: 1
    ----- stdout -----
    invalid order.placed@v2
      ok: 1 is not of type "boolean"  /properties/ok/type
    "#);
}

#[test]
fn validate_gives_a_result_for_every_line() {
    let world = world();
    let lines = format!("{GOOD}\nnonsense\n\n{BAD}\n");
    let arguments = ["schema", "validate", "order.placed@v1", "-"];
    assert_snapshot!(with_input(&world, &arguments, &lines));
    let arguments = ["schema", "validate", "order.placed@v1", "-", "-o", "jsonl"];
    assert_snapshot!(with_input(&world, &arguments, &lines));
}

#[test]
fn validate_needs_a_schema_and_a_payload() {
    let world = world();
    let outputs = [
        world.run(&["schema", "validate", "order.placed@v3", "{}"]),
        world.run(&["schema", "validate", "order.gone", "{}"]),
        world.run(&["schema", "validate", "order.placed", "{"]),
        world.run(&["schema", "validate", "order.placed"]),
        world.run(&["schema", "validate", "order.placed@v1", "{}", "--part", "error"]),
        world.run(&["schema", "validate", "user.gone", "{}"]),
    ];
    assert_snapshot!(outputs.join("\n"));
}

#[test]
fn what_the_library_adds_for_the_way_is_not_validated() {
    let world = Sealed::new().file(
        "project/schemas/a.b/v1.json",
        r#"{"topic": "a.b", "version": "v1", "schema": {"type": "object", "additionalProperties": false}}"#,
    );
    let payload = r#"{"_tchu_meta": {"version": "v1"}}"#;
    assert_snapshot!(world.run(&["schema", "validate", "a.b", payload]), @r"
    exit code: 0
    ----- stdout -----
    valid a.b@v1
    ");
    let output = world.run(&["publish", "a.b", payload, "--dry-run"]);
    assert!(output.starts_with("exit code: 0"), "{output}");
}

#[test]
fn examples_are_the_same_for_the_same_seed() {
    let world = world();
    assert_snapshot!(world.line("schema example order.placed@v1"));
    assert_snapshot!(world.line("schema example order.placed -n 3 --seed 7"), @r#"
    exit code: 0
    ----- stdout -----
    {"order_id":44750,"currency":"EUR"}
    {"order_id":85992,"currency":"EUR"}
    {"order_id":2796,"currency":"USD"}
    "#);
    assert_snapshot!(world.line("schema example order.placed --part response -o json"), @r#"
    exit code: 0
    ----- stdout -----
    {
      "ok": false
    }
    "#);
    let lines = world.line("schema example order.placed@v1 -n 20 -o jsonl");
    let lines = lines.strip_prefix("exit code: 0\n----- stdout -----\n").unwrap();
    let arguments = ["schema", "validate", "order.placed@v1", "-", "-o", "jsonl"];
    let judged = with_input(&world, &arguments, lines);
    assert_eq!(judged.matches(r#""valid":true"#).count(), 20, "{judged}");
}

#[test]
fn an_example_that_cannot_be_made_says_which_keyword_is_in_the_way() {
    let world = Sealed::new().file(
        "project/schemas/a.b/v1.json",
        r#"{"topic": "a.b", "version": "v1", "schema": {"type": "object", "required": ["code"],
            "properties": {"code": {"type": "string", "pattern": "^(?!x)[a-z]{9}$"}}}}"#,
    );
    assert_snapshot!(world.line("schema example a.b"), @r#"
    exit code: 1
    ----- stderr -----
    error: no sample meets "pattern" of code: no text that matches was found; give the field an example

    hint: `examples` on that field say what to take; another --seed may find something
    "#);
}

#[test]
fn publish_refuses_what_does_not_fit() {
    let world = world();
    let publish = |arguments: &[&str]| {
        let mut all = vec!["publish", "order.placed"];
        all.extend(arguments);
        all.push("--dry-run");
        answer(&world.run(&all))
    };
    assert_snapshot!(publish(&[BAD, "--version", "v1"]));
    let outputs = [
        publish(&[GOOD, "--version", "v1"]),
        publish(&[GOOD]),
        publish(&[BAD, "--version", "v9"]),
        publish(&[BAD, "--version", "v1", "--no-validate"]),
        publish(&["--example"]),
        publish(&["--example", "--version", "v1", "--seed", "3"]),
        publish(&["--example", "--version", "v9"]),
    ];
    assert_snapshot!(outputs.join("\n"));
}

#[test]
fn publish_names_the_lines_that_do_not_fit() {
    let world = world();
    let record = format!(
        r#"{{"kind":"event","topic":"order.placed","id":"x","payload":{BAD},"meta":{{"version":"v1"}},"envelope":{{"protocol":2}},"delivery":{{"routing_key":"order.placed"}}}}"#
    );
    let input = format!("{GOOD}\n{BAD}\n{{\"order_id\": 1, \"currency\": \"EUR\"}}\n{record}\n");
    let arguments = ["publish", "order.placed", "-", "--dry-run", "-o", "jsonl"];
    assert_snapshot!(steady(&with_input(&world, &arguments, &input)));
}

#[test]
fn an_example_claims_to_be_of_its_version() {
    let world = world();
    let output = world.line("publish order.placed --example --dry-run");
    assert!(
        output.contains(r#"\"version\": \"v2\""#) || output.contains(r#""version": "v2""#),
        "{output}"
    );
}

#[test]
fn a_topic_without_a_schema_and_a_project_without_a_registry_are_no_obstacle() {
    let with_registry = answer(&world().run(&["publish", "other.topic", "{}", "--dry-run"]));
    assert_snapshot!(with_registry, @r"
    exit code: 0, shown
    note: no schema of other.topic is registered, so it is not checked
    ");
    let without = Sealed::new().run(&["publish", "other.topic", "{}", "--dry-run"]);
    assert!(!without.contains("stderr"), "{without}");
}

#[test]
fn a_registry_that_cannot_be_used_stops_what_would_be_sent_unchecked() {
    let world = world();
    let outputs = [
        answer(&world.run(&["publish", "user.gone", "{}", "--dry-run"])),
        answer(&world.run(&["publish", "a.b", "{}", "--dry-run", "--registry", "file:nowhere"])),
        answer(&world.run(&[
            "publish",
            "a.b",
            "{}",
            "--dry-run",
            "--registry",
            "file:nowhere",
            "--no-validate",
        ])),
        answer(&world.run(&["call", "a.b", "{}", "--registry", "file:nowhere"])),
        answer(&world.run(&["call", "order.placed", "{}", "--version", "v1"])),
        answer(&Sealed::new().run(&["tail", "--validate", "only-invalid"])),
    ];
    assert_snapshot!(outputs.join("\n"));
}

#[test]
fn replay_names_what_does_not_fit_and_sends_it_all_the_same() {
    let record = |payload: &str| {
        format!(
            r#"{{"kind":"event","topic":"order.placed","id":"x","payload":{payload},"meta":{{"version":"v1"}},"envelope":{{"protocol":2}},"delivery":{{"routing_key":"order.placed"}}}}"#
        )
    };
    let world =
        world().file("project/events.jsonl", &format!("{}\n{}\n", record(GOOD), record(BAD)));
    assert_snapshot!(world.line("replay events.jsonl --dry-run"));
    let quiet = world.line("replay events.jsonl --dry-run --no-validate");
    assert!(!quiet.contains("does not fit"), "{quiet}");
}

#[test]
fn an_event_is_asked_for_field_by_field() {
    let schema = r#"{"topic": "order.placed", "version": "v3", "schema": {
        "type": "object", "required": ["order_id", "currency", "lines"],
        "properties": {
            "order_id": {"type": "integer", "description": "Unique \u001b[31mid"},
            "currency": {"enum": ["EUR", "USD"]},
            "source": {"type": "string", "default": "web"},
            "lines": {"type": "array", "items": {"type": "string", "minLength": 2}}
        }}}"#;
    let world = Sealed::new()
        .file("project/schemas/order.placed/v3.json", schema)
        .variable("TERM", "xterm")
        .variable("BROKER_URL", "amqp://127.0.0.1:1//");
    let mut terminal =
        Terminal::start(world.command(&["publish", "order.placed", "--interactive"]));
    terminal.answer("Topic", "");
    terminal.answer("order_id (whole number): Unique", "x");
    terminal.answer("\"x\" is not a number", "12345678901234567890");
    terminal.answer("currency (one of these)", "\u{1b}[B");
    terminal.answer("source (text, optional)", "");
    terminal.answer("lines[0] (text, at least 2 characters, optional)", "a");
    terminal.answer("shorter than 2 characters", "ab");
    terminal.answer("lines[1]", "");
    terminal.wait_for(r#""currency": "USD""#);
    terminal.wait_for("Publish this as \"order.placed\"");
    terminal.answer("", "n");
    let (code, shown) = terminal.finish();
    assert_eq!((code, shown.contains("nothing was published")), (Some(1), true), "{shown}");
}

#[test]
fn a_database_is_as_good_as_a_directory_and_is_left_tidy() {
    let world = Sealed::new().file("project/schemas/order.placed/v1.json", ORDER_V1);
    let output = world.line("schema register schemas --registry sqlite:events.db");
    assert!(output.starts_with("exit code: 0"), "{output}");
    for (payload, code) in [(GOOD, 0), (BAD, 1)] {
        let output = world.run(&[
            "publish",
            "order.placed",
            payload,
            "--dry-run",
            "--registry",
            "sqlite:events.db",
        ]);
        assert!(output.starts_with(&format!("exit code: {code}")), "{output}");
    }
    let mut files: Vec<String> = std::fs::read_dir(world.path("project"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("events.db") && !name.ends_with(".lock"))
        .collect();
    files.sort();
    assert_eq!(files, ["events.db"]);
}
