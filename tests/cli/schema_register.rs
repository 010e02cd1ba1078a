//! `schema register`: what would break somebody is refused unless somebody says why.

use std::fs;

use insta::assert_snapshot;

use super::sealed::Sealed;

fn order(version: &str, minimum: &str) -> String {
    format!(
        r#"{{"topic": "order.placed", "version": "{version}", "schema": {{"type": "object",
            "properties": {{"qty": {{"type": "integer", "minimum": {minimum}}}}},
            "required": ["qty"]}}}}"#
    )
}

fn world() -> Sealed {
    let world = Sealed::new()
        .file("project/first.json", &order("v1", "1"))
        .file("project/second.json", &order("v2", "0"));
    assert!(world.line("schema register first.json").starts_with("exit code: 0\n"));
    world
}

#[test]
fn a_version_that_breaks_old_handlers_is_refused() {
    let world = world();
    assert_snapshot!(world.line("schema register second.json"));
    assert!(!world.path("project/schemas/order.placed/v2.json").exists());
    assert_snapshot!(world.line("schema register second.json --check-only"));
    // New handlers take what old publishers send.
    let relaxed = world.line("schema register second.json --mode backward");
    assert!(relaxed.starts_with("exit code: 0\n"), "{relaxed}");
}

#[test]
fn a_reason_forces_it_and_is_kept() {
    let world = world();
    assert_snapshot!(world.line("schema register second.json --check-only --force why"));
    assert!(!world.path("project/schemas/order.placed/v2.json").exists());
    let force = ["schema", "register", "second.json", "--force", " nobody reads v1: OPS-17 "];
    assert_snapshot!(world.run(&force));
    let kept = fs::read_to_string(world.path("project/schemas/order.placed/v2.json")).unwrap();
    assert_snapshot!(kept);
    assert_snapshot!(world.line("schema register second.json"));
    assert_snapshot!(world.run(&["schema", "register", "second.json", "--force", " "]));
}

#[test]
fn one_version_with_two_meanings_is_a_conflict_in_every_mode() {
    let world = world().file("project/again.json", &order("v1", "0"));
    assert_snapshot!(world.line("schema register again.json"));
    let none = world.line("schema register again.json --mode none");
    assert!(none.starts_with("exit code: 1\n"), "{none}");
    let forced = world.run(&["schema", "register", "again.json", "--force", "v1 was never used"]);
    assert_snapshot!(forced);
    let kept = fs::read_to_string(world.path("project/schemas/order.placed/v1.json")).unwrap();
    assert!(kept.contains("\"minimum\": 0") && kept.contains("v1 was never used"), "{kept}");
}

#[test]
fn another_text_of_the_same_meaning_is_left_as_it_is() {
    let world = world();
    let before = fs::read_to_string(world.path("project/schemas/order.placed/v1.json")).unwrap();
    let reworded = order("v1", "1").replace("\"minimum\"", "\"title\": \"Qty\", \"minimum\"");
    let world = world.file("project/first.json", &reworded);
    assert_snapshot!(world.line("schema register first.json"));
    let after = fs::read_to_string(world.path("project/schemas/order.placed/v1.json")).unwrap();
    assert_eq!(before, after);
}

#[test]
fn checking_needs_no_registry_and_makes_none() {
    for registry in ["file:none", "sqlite:none.db"] {
        let world = Sealed::new().file("project/first.json", &order("v1", "1"));
        let shown =
            world.line(&format!("schema register first.json --check-only --registry {registry}"));
        assert!(shown.starts_with("exit code: 0\n"), "{shown}");
        assert!(shown.contains("would add order.placed@v1\n"), "{shown}");
        let left: Vec<_> = fs::read_dir(world.path("project")).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }
}

#[test]
fn both_stores_refuse_alike() {
    let world = Sealed::new()
        .file("project/first.json", &order("v1", "1"))
        .file("project/second.json", &order("v2", "0"));
    let run = |registry: &str, file: &str| {
        let shown = world.line(&format!("schema register {file} --registry {registry}"));
        shown.replace(registry, "REGISTRY")
    };
    for file in ["first.json", "second.json"] {
        assert_eq!(run("file:kept", file), run("sqlite:kept.db", file));
    }
}

#[test]
fn a_waiver_of_the_project_lets_a_version_in_but_not_a_second_meaning() {
    let waiver =
        "[[waivers]]\nrule = 'CS004'\ntopic = 'order.placed'\npath = 'qty'\nreason = 'agreed'\n";
    let reused = waiver.replace("CS004", "CS101");
    let world = world()
        .file("project/again.json", &order("v1", "0"))
        .file("project/celerysalt.toml", &format!("{waiver}{reused}"));
    let waived = world.line("schema register second.json");
    assert!(waived.starts_with("exit code: 0\n"), "{waived}");
    assert!(waived.contains("  waived CS004 qty: "), "{waived}");
    let conflict = world.line("schema register again.json");
    assert!(conflict.starts_with("exit code: 1\n"), "{conflict}");
}
