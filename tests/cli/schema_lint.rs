//! `schema lint` and `schema rules`: what is questionable, where it is, and why.

use insta::assert_snapshot;

use super::sealed::Sealed;

const GOOD: &str = r#"{
  "topic": "order.placed",
  "version": "v1",
  "mode": "broadcast",
  "description": "An order is paid for",
  "schema": {
    "type": "object",
    "properties": {
      "order_id": {"type": "integer", "description": "of the shop"},
      "total_cents": {"type": "integer", "description": "with tax"},
      "note": {"type": "string", "description": "by the buyer", "default": ""}
    },
    "required": ["order_id", "total_cents"]
  },
  "owner": "billing"
}
"#;

const BAD: &str = r##"{
  "topic": "order.Placed.v2",
  "version": "v02",
  "deprecated": true,
  "schema": {
    "$defs": {
      "Line": {
        "type": "object",
        "properties": {
          "price": {"type": "number"},
          "sku": {"type": "string", "pattern": "^(?!x)"}
        },
        "required": ["price", "sku"],
        "additionalProperties": false
      }
    },
    "type": "object",
    "properties": {
      "_tchu_meta": {"type": "object"},
      "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
      "at": {"type": "string", "format": "datetime"},
      "kind": {"enum": ["web"]},
      "note": {"type": "string", "default": null}
    },
    "required": ["lines"]
  }
}
"##;

const RPC: &str = r#"{
  "topic": "rpc.sum", "version": "v1", "mode": "rpc", "description": "Adds numbers",
  "schema": {"type": "array"},
  "response_schema": {
    "properties": {
      "error_code": {"type": "text"}
    }
  },
  "owner": "maths"
}
"#;

fn world() -> Sealed {
    Sealed::new()
        .file("project/schemas/order.placed/v1.json", GOOD)
        .file("project/schemas/order.Placed.v2/v02.json", BAD)
        .file("project/schemas/rpc.sum/v1.json", RPC)
}

#[test]
fn a_directory_of_good_and_bad_schemas_is_told_by_topic_and_line() {
    assert_snapshot!(world().line("schema lint schemas"));
}

#[test]
fn the_registry_of_the_settings_is_looked_at_unless_another_source_is_named() {
    let world = world();
    let by_directory = world.line("schema lint --from schemas");
    let by_settings = world.line("schema lint");
    assert_eq!(by_settings.replace("file:schemas: ", "schemas: "), by_directory);
    assert!(by_directory.starts_with("exit code: 1\n"));
    let registered = world.line("--registry sqlite:events.db schema register schemas");
    assert!(registered.starts_with("exit code: 0\n"), "{registered}");
    let found = world.line("schema lint sqlite:events.db");
    assert!(found.starts_with("exit code: 1\n") && found.contains("\n  error CL010 "), "{found}");
}

#[test]
fn findings_in_json_hold_the_same_facts() {
    assert_snapshot!(world().line("schema lint schemas/rpc.sum/v1.json -o json"));
}

#[test]
fn the_exit_code_follows_the_worst_finding() {
    let info = GOOD.replace(r#""description": "An order is paid for","#, "");
    let warning = GOOD.replace("total_cents", "total").replace("integer", "number");
    let world = Sealed::new()
        .file("project/good.json", GOOD)
        .file("project/info.json", &info)
        .file("project/warning.json", &warning)
        .file("project/error.json", RPC)
        .file("project/broken/a.json", GOOD)
        .file("project/broken/b.json", "{");
    let table = [
        ("good.json --fail-on info", 0),
        ("info.json", 0),
        ("info.json --fail-on warning", 0),
        ("info.json --fail-on info", 1),
        ("warning.json", 0),
        ("warning.json --fail-on warning", 1),
        ("error.json", 1),
        ("broken", 8),
        ("none", 3),
    ];
    for (arguments, code) in table {
        let shown = world.line(&format!("schema lint {arguments}"));
        assert!(shown.starts_with(&format!("exit code: {code}\n")), "{arguments}: {shown}");
    }
}

#[test]
fn a_rule_is_explained_with_an_example_and_advice() {
    let world = Sealed::new();
    assert_snapshot!(world.line("schema rules cl006"), @r#"
    exit code: 0
    ----- stdout -----
    CL006 closed-broadcast: a broadcast event refuses fields it does not know

    Handlers of this version meet the events of all later versions. With additionalProperties: false they reject every event that has one field more, so no field can ever be added.

    example: model_config = ConfigDict(extra="forbid") on an event class.

    what to do: drop extra="forbid" (additionalProperties: false) from events that are broadcast
    "#);
    assert_eq!(world.line("schema rules closed-broadcast"), world.line("schema rules CL006"));
    assert_snapshot!(world.line("schema rules CE009 -o json"), @r#"
    exit code: 0
    ----- stdout -----
    {
      "code": "CE009",
      "name": "decimal-as-float",
      "summary": "a Decimal is sent as a float and may lose digits",
      "explanation": "The library's encoder turns Decimal into float. 15 to 17 digits survive, and 0.1 + 0.2 is no longer 0.3 on the other side.",
      "example": "total: Decimal; 12345678901234567.89 arrives as 12345678901234568.0.",
      "advice": "send a string, or an integer of the smallest unit (cents)"
    }
    "#);
}

#[test]
fn a_slip_in_a_rules_code_finds_the_rule() {
    let world = Sealed::new();
    assert_snapshot!(world.line("schema rules CL6"), @r#"
    exit code: 2
    ----- stderr -----
    error: there is no rule "CL6"

    hint: did you mean CL006? `celerysalt schema rules` lists all rules
    "#);
    assert_snapshot!(world.line("schema rules requierd-field"), @r#"
    exit code: 2
    ----- stderr -----
    error: there is no rule "requierd-field"

    hint: did you mean required-field? `celerysalt schema rules` lists all rules
    "#);
    assert_snapshot!(world.line("schema rules zzz"), @r#"
    exit code: 2
    ----- stderr -----
    error: there is no rule "zzz"

    hint: `celerysalt schema rules` lists all rules
    "#);
}

#[test]
fn every_rule_is_in_the_table() {
    let world = Sealed::new();
    let table = world.line("schema rules");
    let rows = table.lines().filter(|line| line.matches('\t').count() == 2).count();
    let output = world.command(&["schema", "rules", "-o", "json"]).output().unwrap();
    let rules: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(rows, rules.len() + 1, "{table}");
    assert!(rules.len() > 30);
    for rule in rules {
        let code = rule["code"].as_str().unwrap();
        assert!(table.contains(&format!("\n{code}\t")), "{code}");
    }
}
