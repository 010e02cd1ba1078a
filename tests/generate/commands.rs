//! The command: what it writes, prints, removes and checks.

use std::fs;
use std::path::Path;

use tempfile::{TempDir, tempdir};

use super::harness::{Run, celerysalt, files_below, run_tool};

const SIGNUP: &str = r##"{
  "topic": "user.signup", "version": "v1", "description": "Somebody signed up.",
  "publisher": {"module": "accounts.events", "class": "UserSignup"},
  "schema": {
    "$defs": {"Plan": {"enum": ["free", "paid"], "title": "Plan", "type": "string"}},
    "properties": {
      "user_id": {"title": "User Id", "type": "integer"},
      "plan": {"$ref": "#/$defs/Plan", "default": "free"},
      "referrer": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": null, "title": "Referrer"}
    },
    "required": ["user_id"], "title": "Schema", "type": "object"
  }
}"##;

fn document(topic: &str, version: &str, properties: &str) -> String {
    format!(
        r#"{{"topic": "{topic}", "version": "{version}", "schema": {{"properties": {properties},
        "title": "Schema", "type": "object"}}}}"#
    )
}

/// A project with a registry of these documents.
fn project(documents: &[&str]) -> TempDir {
    let folder = tempdir().unwrap();
    for (number, document) in documents.iter().enumerate() {
        let path = folder.path().join(format!("{number}.json"));
        fs::write(&path, document).unwrap();
        let file = path.to_str().unwrap();
        celerysalt(folder.path(), &["schema", "register", file]).succeeded();
    }
    folder
}

fn stubs(folder: &Path, arguments: &[&str]) -> Run {
    celerysalt(folder, &[&["generate", "stubs"], arguments].concat())
}

#[test]
fn a_package_is_a_module_per_topic_with_a_typed_shim() {
    let folder = project(&[SIGNUP]);
    insta::assert_snapshot!("package_report", stubs(folder.path(), &[]).text());
    insta::assert_snapshot!("package", files_below(&folder.path().join("celerysalt_types")));
}

#[test]
fn one_topic_is_printed_as_a_module_that_stands_alone() {
    let folder = project(&[SIGNUP]);
    insta::assert_snapshot!("alone_salt", stubs(folder.path(), &["user.signup"]).text());
    let pydantic = stubs(folder.path(), &["user.signup", "--style", "pydantic"]);
    insta::assert_snapshot!("alone_pydantic", pydantic.text());
    assert!(!folder.path().join("celerysalt_types").exists());
}

#[test]
fn unchanged_files_are_left_alone_and_stale_ones_removed() {
    let text = document("a.b", "v1", r#"{"x": {"title": "X", "type": "integer"}}"#);
    let folder = project(&[SIGNUP, &text]);
    stubs(folder.path(), &[]).succeeded();
    let types = folder.path().join("celerysalt_types");
    fs::write(types.join("mine.py"), "# My own.\n").unwrap();
    let kept = types.join("user_signup_v1.py");
    let before = fs::metadata(&kept).unwrap().modified().unwrap();
    insta::assert_snapshot!("unchanged", stubs(folder.path(), &[]).text());
    fs::remove_dir_all(folder.path().join("schemas/a.b")).unwrap();
    insta::assert_snapshot!("stale_check", stubs(folder.path(), &["--check"]).text());
    insta::assert_snapshot!("stale", stubs(folder.path(), &[]).text());
    assert_eq!(fs::metadata(&kept).unwrap().modified().unwrap(), before);
    assert!(types.join("mine.py").exists() && !types.join("a_b_v1.py").exists());
}

#[test]
fn a_check_writes_nothing_and_shows_what_differs() {
    let folder = project(&[SIGNUP]);
    stubs(folder.path(), &["--style", "pydantic"]).succeeded();
    assert_eq!(stubs(folder.path(), &["--style", "pydantic", "--check"]).exit_code, 0);
    let file = folder.path().join("celerysalt_types/user_signup_v1.py");
    let edited = fs::read_to_string(&file).unwrap().replace("user_id: int", "user_id: str");
    fs::write(&file, &edited).unwrap();
    insta::assert_snapshot!(
        "check",
        stubs(folder.path(), &["--style", "pydantic", "--check"]).text()
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), edited);
}

#[test]
fn the_latest_version_is_generated_unless_told_otherwise() {
    let old = document("a.b", "v2", r#"{"x": {"title": "X", "type": "integer"}}"#);
    let new = document("a.b", "v10", r#"{"y": {"title": "Y", "type": "integer"}}"#);
    let folder = project(&[&old, &new]);
    for (arguments, modules) in [
        (&[][..], &["a_b_v10.py"][..]),
        (&["--version", "v2"], &["a_b_v2.py"]),
        (&["--all-versions"], &["a_b_v10.py", "a_b_v2.py"]),
    ] {
        stubs(folder.path(), arguments).succeeded();
        let mut names: Vec<String> = fs::read_dir(folder.path().join("celerysalt_types"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("a_b"))
            .collect();
        names.sort();
        assert_eq!(names, modules, "{arguments:?}");
    }
}

#[test]
fn a_bad_schema_stops_no_other() {
    let bad = r##"{"topic": "bad.one", "version": "v1", "schema": {"$ref": "#/$defs/Missing"}}"##;
    let folder = project(&[SIGNUP, bad]);
    fs::create_dir_all(folder.path().join("schemas/broken")).unwrap();
    fs::write(folder.path().join("schemas/broken/v1.json"), "{").unwrap();
    insta::assert_snapshot!("bad", stubs(folder.path(), &["--style", "pydantic"]).text());
    assert!(folder.path().join("celerysalt_types/user_signup_v1.py").exists());
}

#[test]
fn what_is_not_there_is_said() {
    let folder = project(&[SIGNUP]);
    insta::assert_snapshot!(
        "nothing",
        stubs(folder.path(), &["order.#", "--version", "v3"]).text()
    );
}

#[test]
fn the_first_five_minutes_are_explained() {
    let empty = tempdir().unwrap();
    let without = stubs(empty.path(), &[]).text();
    fs::create_dir(empty.path().join("schemas")).unwrap();
    let nothing_yet = stubs(empty.path(), &[]).text();
    let folder = project(&[SIGNUP]);
    fs::write(folder.path().join("taken"), "").unwrap();
    fs::create_dir(folder.path().join("docs")).unwrap();
    let runs = [
        without,
        nothing_yet,
        stubs(folder.path(), &["user.signpu"]).text(),
        stubs(folder.path(), &["--version", "v2"]).text(),
        stubs(folder.path(), &["--out", "taken"]).text(),
        celerysalt(folder.path(), &["generate", "asyncapi", "--out", "docs"]).text(),
    ];
    insta::assert_snapshot!("first_minutes", runs.join("\n"));
}

#[test]
fn files_that_somebody_else_wrote_are_not_overwritten() {
    let folder = project(&[SIGNUP]);
    let package = folder.path().join("events");
    fs::create_dir(&package).unwrap();
    fs::write(package.join("user_signup_v1.py"), "print('mine')\n").unwrap();
    fs::write(package.join("__init__.py"), "").unwrap();
    let run = stubs(folder.path(), &["--out", "events"]);
    insta::assert_snapshot!("foreign", run.text());
    assert_eq!(fs::read_dir(&package).unwrap().count(), 2);
    fs::remove_file(package.join("user_signup_v1.py")).unwrap();
    stubs(folder.path(), &["--out", "events"]).succeeded();
}

#[test]
fn the_module_of_a_schema_that_broke_is_not_removed() {
    let text = document("a.b", "v1", r#"{"x": {"title": "X", "type": "integer"}}"#);
    let folder = project(&[SIGNUP, &text]);
    stubs(folder.path(), &[]).succeeded();
    let broken = document("a.b", "v1", r##"{"x": {"$ref": "#/$defs/Nowhere"}}"##);
    fs::write(folder.path().join("schemas/a.b/v1.json"), broken).unwrap();
    insta::assert_snapshot!("stays", stubs(folder.path(), &[]).text());
    assert!(folder.path().join("celerysalt_types/a_b_v1.py").exists());
}

#[test]
fn every_style_says_the_same_in_its_own_way() {
    let folder = project(&[SIGNUP]);
    for style in ["pyi", "typeddict", "dataclass"] {
        let run = stubs(folder.path(), &["user.signup", "--style", style]);
        insta::assert_snapshot!(format!("style_{style}"), run.text());
    }
}

#[test]
fn json_schemas_are_bundled_in_one_file() {
    let text = document("a.b", "v1", r#"{"x": {"title": "X", "type": "integer"}}"#);
    let folder = project(&[SIGNUP, &text]);
    let generate = |arguments: &[&str]| {
        celerysalt(folder.path(), &[&["generate", "jsonschema"], arguments].concat())
    };
    insta::assert_snapshot!("jsonschema_report", generate(&[]).text());
    let file = folder.path().join("celerysalt.schema.json");
    insta::assert_snapshot!("jsonschema", fs::read_to_string(&file).unwrap());
    assert_eq!(generate(&["--check"]).exit_code, 0);
    fs::write(&file, "{}").unwrap();
    assert_eq!(generate(&["--check"]).exit_code, 1);
    insta::assert_snapshot!("jsonschema_one", generate(&["a.b"]).text());
}

/// Properties that the library's own model for subscribers cannot have.
const REFUSED: &[&str] =
    &["_id", "__x", "_tchu_meta", "model_config", "model_dump", "model_validate_json"];
const ACCEPTED: &[&str] =
    &["id_", "model_name", "model_fields", "schema", "class", "self", "1a", "user-id"];

#[test]
fn an_event_that_nobody_can_subscribe_to_is_told_and_no_other() {
    let properties = |name: &str| format!(r#"{{"{name}": {{"title": "X", "type": "string"}}}}"#);
    let all: Vec<&str> = REFUSED.iter().chain(ACCEPTED).copied().collect();
    let documents: Vec<String> = all
        .iter()
        .enumerate()
        .map(|(place, name)| document(&format!("event.n{place}"), "v1", &properties(name)))
        .collect();
    let folder = tempdir().unwrap();
    for (place, document) in documents.iter().enumerate() {
        let topic = folder.path().join(format!("schemas/event.n{place}"));
        fs::create_dir_all(&topic).unwrap();
        fs::write(topic.join("v1.json"), document).unwrap();
    }
    let report = stubs(folder.path(), &[]).succeeded().stdout;
    let script = "import sys, celery, celery_salt, celerysalt_types\n\
                  celery.Celery('x').set_default()\n\
                  for place in range(int(sys.argv[1])):\n    \
                  event = getattr(celerysalt_types, f'EventN{place}')\n    \
                  try:\n        celery_salt.subscribe(event)(lambda event: None)\n        print(place, 'yes')\n    \
                  except Exception: print(place, 'no')\n";
    let count = all.len().to_string();
    let run =
        run_tool(folder.path(), "python", &["-W", "ignore", "-c", script, &count]).succeeded();
    for (place, name) in all.iter().enumerate() {
        let told = report.contains(&format!(
            "loss: event.n{place}@v1: EventN{place}: celery-salt can publish this but not subscribe \
             to it: Pydantic refuses \"{name}\""
        ));
        let works = if told { "no" } else { "yes" };
        assert_eq!(told, place < REFUSED.len(), "{name}: {report}");
        assert!(run.stdout.contains(&format!("{place} {works}\n")), "{name}: {}", run.stdout);
    }
}

#[test]
fn schemas_without_properties_of_their_own_can_be_registered_and_subscribed_to() {
    let tree = r##"{"$defs": {"Node": {"properties": {"name": {"title": "Name", "type": "string"},
        "children": {"default": [], "items": {"$ref": "#/$defs/Node"}, "title": "Children", "type": "array"}},
        "required": ["name"], "title": "Node", "type": "object"}}, "$ref": "#/$defs/Node"}"##;
    let documents: Vec<String> =
        [("any.thing", "true"), ("no.thing", "false"), ("tree.grown", tree)]
            .iter()
            .map(|(topic, schema)| {
                format!(r#"{{"topic": "{topic}", "version": "v1", "schema": {schema}}}"#)
            })
            .collect();
    let folder = project(&documents.iter().map(String::as_str).collect::<Vec<_>>());
    stubs(folder.path(), &[]).succeeded();
    let script = "import celery, celery_salt, json, celerysalt_types as types\n\
                  from celery_salt.core.registry import get_schema_registry\n\
                  celery.Celery('x').set_default()\n\
                  for key, entry in sorted(get_schema_registry()._schemas.items()):\n    \
                  print(key, json.dumps(entry['schema'], sort_keys=True))\n\
                  on_tree = celery_salt.subscribe(types.TreeGrown)(lambda event: print(event.data))\n\
                  celery_salt.subscribe(types.AnyThing)(lambda event: None)\n\
                  on_tree({'name': 'a', 'children': [{'name': 'b'}]})\n";
    let run = run_tool(folder.path(), "python", &["-W", "ignore", "-c", script]).succeeded();
    insta::assert_snapshot!(run.stdout);
}
