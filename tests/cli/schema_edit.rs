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
        .file("project/schemas/order.placed/v1.json", &document("v1"))
        .file("project/schemas/order.placed/v2.json", &document("v2"))
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
    assert_snapshot!(world.line(line), @r#"
    exit code: 0
    ----- stdout -----
    changed order.placed@v2
    --- before
    +++ now
    @@ -2,7 +2,7 @@
       "topic": "order.placed",
       "version": "v2",
       "mode": "broadcast",
    -  "description": "",
    +  "description": "Paid",
       "schema": {
         "type": "object"
       },
    @@ -11,10 +11,13 @@
       "publisher": {
         "module": "shop.events",
         "class": null,
    -    "service": null
    +    "service": "shop"
       },
    -  "owner": null,
    +  "owner": "billing",
       "deprecated": false,
    -  "annotations": {},
    +  "annotations": {
    +    "pii": true,
    +    "runbook": "https://w.example/a?b=c"
    +  },
       "x-kept": 1.50
     }
    "#);
    assert_snapshot!(world.line(line), @r"
    exit code: 0
    ----- stdout -----
    unchanged order.placed@v2 is so already
    ");
    assert_eq!(hash(&world), before);
    assert!(
        std::fs::read_to_string(world.path("project/schemas/order.placed/v1.json"))
            .unwrap()
            .contains("\"x-kept\": 1.50}")
    );
}

#[test]
fn notes_and_owners_are_taken_away_again() {
    let world = world();
    world.line("schema annotate order.placed pii=true runbook=x --owner billing --service shop");
    assert_snapshot!(world.line("schema annotate order.placed@v2 --remove pii --owner="), @r#"
    exit code: 0
    ----- stdout -----
    changed order.placed@v2
    --- before
    +++ now
    @@ -13,10 +13,9 @@
         "class": null,
         "service": "shop"
       },
    -  "owner": "billing",
    +  "owner": null,
       "deprecated": false,
       "annotations": {
    -    "pii": true,
         "runbook": "x"
       },
       "x-kept": 1.50
    "#);
}

#[test]
fn an_annotation_needs_a_document_and_something_to_write() {
    let world = world();
    assert_snapshot!(world.line("schema annotate order.placed@v3 --owner x"), @r"
    exit code: 1
    ----- stderr -----
    error: order.placed@v3 is not in file:schemas

    hint: the versions that are there: v1 v2
    ");
    assert_snapshot!(world.line("schema annotate order.placed"), @r"
    exit code: 2
    ----- stderr -----
    error: the following required arguments were not provided:
      <KEY=VALUE|--owner <TEAM>|--service <NAME>|--description <TEXT>|--remove <KEY>>

    Usage: celerysalt schema annotate [OPTIONS] <TOPIC[@VERSION]> [KEY=VALUE]...

    For more information, try '--help'.
    ");
    assert_snapshot!(world.line("schema annotate order.placed pii"), @r"
    exit code: 2
    ----- stderr -----
    error: invalid value 'pii' for '[KEY=VALUE]...': write KEY=VALUE

    For more information, try '--help'.
    ");
    assert_snapshot!(world.line("--registry sqlite:none.db schema annotate a.b --owner x"), @r"
    exit code: 3
    ----- stderr -----
    error: there is no registry at sqlite:none.db

    hint: `celerysalt schema extract` and `celerysalt schema register` make it from a publisher's code; --registry names another; `celerysalt config show --origin` says where the setting comes from
    ");
    assert!(!world.path("project/none.db").exists());
}

#[test]
fn versions_are_deprecated_once() {
    let world = world();
    assert_snapshot!(world.line("schema deprecate order.placed@v1 --reason use-v2"), @r#"
    exit code: 0
    ----- stdout -----
    changed order.placed@v1
    --- before
    +++ now
    @@ -14,7 +14,7 @@
         "service": null
       },
       "owner": null,
    -  "deprecated": false,
    +  "deprecated": "use-v2",
       "annotations": {},
       "x-kept": 1.50
     }
    "#);
    assert_snapshot!(world.line("schema deprecate order.placed@v1"), @r"
    exit code: 0
    ----- stdout -----
    unchanged order.placed@v1 is so already
    ");
    assert_snapshot!(world.line("schema deprecate order.placed --all-versions"), @r#"
    exit code: 0
    ----- stdout -----
    unchanged order.placed@v1 is so already
    changed order.placed@v2
    --- before
    +++ now
    @@ -14,7 +14,7 @@
         "service": null
       },
       "owner": null,
    -  "deprecated": false,
    +  "deprecated": true,
       "annotations": {},
       "x-kept": 1.50
     }
    "#);
}

#[test]
fn a_deprecation_is_taken_back() {
    let world = world();
    world.line("schema deprecate order.placed@v1 --reason use-v2");
    assert_snapshot!(world.line("schema deprecate order.placed@v1 --undo -o json"), @r#"
    exit code: 0
    ----- stdout -----
    {
      "registry": "file:schemas",
      "documents": [
        {
          "topic": "order.placed",
          "version": "v1",
          "changed": true,
          "document": {
            "topic": "order.placed",
            "version": "v1",
            "mode": "broadcast",
            "description": "",
            "schema": {
              "type": "object"
            },
            "response_schema": null,
            "error_schema": null,
            "publisher": {
              "module": "shop.events",
              "class": null,
              "service": null
            },
            "owner": null,
            "deprecated": false,
            "annotations": {},
            "x-kept": 1.50
          }
        }
      ]
    }
    "#);
    assert_snapshot!(world.line("schema deprecate order.placed@v1 --all-versions"), @r"
    exit code: 2
    ----- stderr -----
    error: --all-versions means more than v1

    hint: write order.placed without a version
    ");
}

#[test]
fn a_topic_that_cannot_be_kept_does_not_keep_the_others_from_being_written() {
    let document =
        |topic: &str| format!(r#"{{"topic": "{topic}", "version": "v1", "schema": {{}}}}"#);
    let world = Sealed::new()
        .file("project/found/a.json", &document("a:b"))
        .file("project/found/b.json", &document("order.placed"));
    assert_snapshot!(world.line("schema extract found --out kept"), @r#"
    exit code: 8
    ----- stdout -----
    topic	version	mode	class	file
    a:b	v1	broadcast		found/a.json:1
    order.placed	v1	broadcast		added
    failed: the topic "a:b" cannot be kept in a registry: it contains a character that file names cannot have everywhere
    ----- stderr -----
    error: not everything in found could be written

    hint: choose a topic of plain words joined by dots
    "#);
    assert!(world.line("schema list --registry file:kept").contains("order.placed"));
}
