//! `schema annotate` and `schema deprecate`: what people write into a registry.

use insta::assert_snapshot;

use super::sealed::Sealed;

fn world() -> Sealed {
    let document = |version: &str| {
        format!(
            r#"{{"topic": "order.placed", "version": "{version}", "schema": {{"type": "object"}},
            "publisher": {{"module": "shop.events"}}, "x-kept": 1.50}}"#
        )
    };
    Sealed::new()
        .file("work/schemas/order.placed/v1.json", &document("v1"))
        .file("work/schemas/order.placed/v2.json", &document("v2"))
}

fn hash(world: &Sealed) -> String {
    let shown = world.line("schema show order.placed");
    shown.lines().find(|line| line.contains("sha256:")).unwrap().to_owned()
}

#[test]
fn notes_are_written_once_and_the_contract_stays() {
    let world = world();
    let before = hash(&world);
    let line = "schema annotate order.placed pii=true runbook=https://w.example/a?b=c \
                --owner billing --service shop --description Paid";
    assert_snapshot!(world.line(line), @"");
    assert_snapshot!(world.line(line), @"");
    assert_snapshot!(world.line("schema annotate order.placed@v2 --remove pii --owner="), @"");
    assert_eq!(hash(&world), before);
    assert!(std::fs::read_to_string(world.path("work/schemas/order.placed/v1.json"))
        .unwrap()
        .contains("\"x-kept\": 1.50}"));
}

#[test]
fn an_annotation_needs_a_document_and_something_to_write() {
    let world = world();
    assert_snapshot!(world.line("schema annotate order.placed@v3 --owner x"), @"");
    assert_snapshot!(world.line("schema annotate order.placed"), @"");
    assert_snapshot!(world.line("schema annotate order.placed pii"), @"");
    assert_snapshot!(world.line("--registry sqlite:none.db schema annotate a.b --owner x"), @"");
    assert!(!world.path("work/none.db").exists());
}

#[test]
fn versions_are_deprecated_and_taken_back() {
    let world = world();
    assert_snapshot!(world.line("schema deprecate order.placed@v1 --reason use-v2"), @"");
    assert_snapshot!(world.line("schema deprecate order.placed@v1"), @"");
    assert_snapshot!(world.line("schema deprecate order.placed --all-versions"), @"");
    assert_snapshot!(world.line("schema deprecate order.placed@v1 --undo -o json"), @"");
    assert_snapshot!(world.line("schema deprecate order.placed@v1 --all-versions"), @"");
}
