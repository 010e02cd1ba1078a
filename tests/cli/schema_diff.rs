//! `schema diff`: revisions of a real git repository, directories and registries.

use std::process::Command;

use insta::assert_snapshot;

use super::sealed::Sealed;

const ORDER_1: &str = r##"{
  "topic": "order.placed",
  "version": "v1",
  "schema": {
    "type": "object",
    "properties": {
      "id": {"type": "integer"},
      "status": {"enum": ["new", "paid"]},
      "items": {"type": "array", "items": {"$ref": "#/$defs/Item"}},
      "coupon": {"type": "string", "default": ""}
    },
    "required": ["id", "status", "items"],
    "$defs": {
      "Item": {
        "type": "object",
        "properties": {"sku": {"type": "string"}, "qty": {"type": "integer", "minimum": 1}},
        "required": ["sku", "qty"]
      }
    }
  }
}
"##;

const PRICE_1: &str = r#"{
  "topic": "price.get", "version": "v1", "mode": "rpc",
  "schema": {"type": "object", "properties": {"sku": {"type": "string"}}, "required": ["sku"]},
  "response_schema": {"type": "object", "properties": {"total": {"type": "integer"}}, "required": ["total"]}
}
"#;

fn order_2() -> String {
    ORDER_1
        .replace("\"v1\"", "\"v2\"")
        .replace("\"minimum\": 1", "\"minimum\": 0")
        .replace("[\"new\", \"paid\"]", "[\"new\", \"paid\", \"refunded\"]")
        .replace(",\n      \"coupon\": {\"type\": \"string\", \"default\": \"\"}", "")
}

/// A repository whose only commit has two topics.
fn repository() -> Sealed {
    let world = Sealed::new()
        .file("project/schemas/order.placed/v1.json", ORDER_1)
        .file("project/schemas/price.get/v1.json", PRICE_1);
    git(&world, &["init", "-q", "-b", "main"]);
    commit(&world);
    world
}

fn commit(world: &Sealed) {
    git(world, &["add", "-A"]);
    git(world, &["commit", "-q", "-m", "schemas"]);
}

fn git(world: &Sealed, arguments: &[&str]) {
    let status = Command::new("git")
        .args(arguments)
        .current_dir(world.path("project"))
        .env("HOME", world.path("home"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "a")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "a@b")))
        .status()
        .unwrap();
    assert!(status.success(), "git {arguments:?}");
}

#[test]
fn without_sides_the_last_commit_is_compared_with_the_files() {
    let world = repository();
    assert_snapshot!(world.line("schema diff"));
    let world = world.file("project/schemas/order.placed/v2.json", &order_2());
    assert_snapshot!("story", world.line("schema diff"));
    assert_snapshot!("json", world.line("schema diff --format json"));
    assert_eq!(world.line("schema diff -o json"), world.line("schema diff --format json"));
}

#[test]
fn the_schemas_are_shown_when_they_are_asked_for() {
    let world = repository().file(
        "project/schemas/price.get/v1.json",
        &PRICE_1.replace("\"required\": [\"sku\"]", "\"required\": []"),
    );
    assert_snapshot!(world.line("schema diff --show-schema-diff"));
}

#[test]
fn another_text_of_the_same_meaning_is_explained_and_not_refused() {
    let reworded = ORDER_1.replace("[\"new\", \"paid\"]", "[\"paid\", \"new\"], \"title\": \"S\"");
    let world = repository().file("project/schemas/order.placed/v1.json", &reworded);
    assert_snapshot!(world.line("schema diff --fail-on warning"));
}

#[test]
fn what_fails_is_for_the_user_to_say() {
    let world = Sealed::new()
        .file("project/old/a.json", &field("v1", "^(a|b)\\\\1$"))
        .file("project/new/a.json", &field("v2", "^(a|b)c\\\\1$"));
    let renamed = Sealed::new()
        .file("project/old/a.json", &field("v1", "^a$"))
        .file("project/new/a.json", &field("v1", "^a$"))
        .file("project/new/b.json", &field("v2", "^a$").replace("\"n\"", "\"an\""));
    let table = [
        (&world, "", "1"),
        (&world, "--fail-on breaking", "0"),
        (&world, "--fail-on undecided", "1"),
        (&world, "--fail-on warning", "1"),
        (&world, "--mode none", "0"),
        (&renamed, "", "0"),
        (&renamed, "--fail-on warning", "1"),
        (&renamed, "--topic other.#", "0"),
    ];
    for (world, options, code) in table {
        let shown = world.line(&format!("schema diff old new {options}"));
        let expected = format!("exit code: {code}\n");
        assert!(shown.starts_with(&expected), "{options}: {shown}");
    }
}

/// A document with one optional text field.
fn field(version: &str, pattern: &str) -> String {
    format!(
        r#"{{"topic": "a", "version": "{version}", "schema": {{"type": "object",
            "properties": {{"n": {{"type": "string", "pattern": "{pattern}"}}}}}}}}"#
    )
}

#[test]
fn a_directory_of_a_revision_is_meant_as_it_would_be_typed() {
    let world = repository()
        .file("project/schemas/order.placed/v2.json", &order_2())
        .file("project/deep/er/keep", "");
    let from = |folder: &str, side: &str| {
        let mut command = world.command(&["schema", "diff", side, "file:../../schemas"]);
        let output = command.current_dir(world.path(folder)).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let absolute = format!("git:HEAD:{}", world.path("project/schemas").display());
    for side in ["git:HEAD:../../schemas", "git:main:./../.././schemas", absolute.as_str()] {
        assert_eq!(from("project/deep/er", side), (Some(1), String::new()), "{side}");
    }
    let world = repository();
    assert_snapshot!(world.line("schema diff git:HEAD:../.. schemas"));
    assert_snapshot!(world.line("schema diff git:HEAD:gone schemas"));
    let world = world.file("project/fresh/price.get/v1.json", PRICE_1);
    assert_snapshot!(world.line("schema diff git:HEAD:fresh fresh"));
}

#[test]
fn a_revision_that_is_not_there_says_how_to_get_it() {
    let world = repository();
    git(&world, &["remote", "add", "origin", "https://git.example/shop.git"]);
    assert_snapshot!(world.line("schema diff git:origin/main"));
    assert_snapshot!(world.line("schema diff git:--output=x"));
    let nowhere = Sealed::new().file("project/schemas/price.get/v1.json", PRICE_1);
    let ceiling = nowhere.path("");
    let nowhere = nowhere.variable("GIT_CEILING_DIRECTORIES", &ceiling.display().to_string());
    assert_snapshot!(nowhere.line("schema diff"));
    assert_snapshot!(nowhere.line("schema diff git:HEAD"));
}

#[test]
fn a_shallow_clone_is_enough() {
    let world = repository().file("project/schemas/order.placed/v2.json", &order_2());
    commit(&world);
    let origin = format!("file://{}", world.path("project").display());
    git(&world, &["clone", "-q", "--depth=1", &origin, "clone"]);
    let run = |side: &str| {
        let mut command = world.command(&["schema", "diff", side, "schemas"]);
        let output = command.current_dir(world.path("project/clone")).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(run("git:HEAD"), (Some(0), String::new()));
    let (code, said) = run("git:HEAD~1");
    assert_eq!(code, Some(3));
    assert!(said.contains("get it with `git fetch --deepen=50`"), "{said}");
}

#[test]
fn annotations_name_files_from_the_top_of_the_repository() {
    let world = repository();
    git(&world, &["mv", "schemas", "services"]);
    std::fs::create_dir_all(world.path("project/apps/shop")).unwrap();
    git(&world, &["mv", "services", "apps/shop/schemas"]);
    commit(&world);
    let world = world.file("project/apps/shop/schemas/order.placed/v2.json", &order_2());
    for format in ["github", "sarif", "junit"] {
        for (folder, schemas) in [("apps/shop", "schemas"), ("apps", "./shop/../shop/schemas")] {
            let to = format!("file:{schemas}");
            let line = ["schema", "diff", &format!("git:HEAD:{schemas}"), &to, "--format", format];
            let mut command = world.command(&line);
            let output = command.current_dir(world.path("project").join(folder)).output().unwrap();
            let said = String::from_utf8(output.stdout).unwrap();
            assert!(
                said.contains("\"apps/shop/schemas/order.placed/v2.json\"")
                    || said.contains("file=apps/shop/schemas/order.placed/v2.json,"),
                "{format} in {folder}: {said}"
            );
        }
    }
}

#[test]
fn the_project_says_where_its_schemas_are() {
    let world = repository()
        .file("project/build/order.json", &order_2())
        .file("project/celerysalt.toml", "source = 'build'\n");
    assert_snapshot!(world.line("schema diff --mode backward"));
    let world = world.file("project/celerysalt.toml", "source = 'python:shop.events'\n");
    assert_snapshot!(world.line("schema diff"));
    let world = world.variable("CELERYSALT_SOURCE", "python:a/b");
    assert_snapshot!(world.line("--config /dev/null schema diff"));
}

#[test]
fn what_cannot_be_read_is_listed_and_never_hides_the_rest() {
    let world = repository().file("project/schemas/order.placed/v3.json", "{\n \"topic\": ");
    assert_snapshot!(world.line("schema diff"));
    let world = world.file("project/schemas/order.placed/v2.json", &order_2());
    assert!(world.line("schema diff").starts_with("exit code: 1\n"));
    commit(&world);
    assert_snapshot!(world.line("schema diff git:HEAD schemas"));
}
