//! `dlq`, `queue`, `top` and `follow` without a broker: what they refuse, and what they say when
//! nobody answers.

use insta::assert_snapshot;

use super::sealed::Sealed;

#[test]
fn wrong_command_lines_are_refused_before_anything_is_connected() {
    let world = Sealed::new();
    let runs = [
        "queue move a a",
        "queue peek a --filter .a|",
        "dlq show a -n many",
        "dlq retry a --rate fast",
        "dlq retry a --filter .a|",
        "top --interval 10ms",
        "follow user.created -n 0",
    ];
    let shown: String = runs.iter().map(|run| format!("{run}\n{}\n", world.line(run))).collect();
    assert_snapshot!(shown);
    assert_snapshot!(world.run(&["follow", "two words"]));
}

#[test]
fn a_broker_that_is_not_there_is_an_error_of_one_kind() {
    let world = Sealed::new()
        .variable("CELERYSALT_BROKER_URL", "amqp://guest:secret@127.0.0.1:1//")
        .variable("CELERYSALT_MANAGEMENT_URL", "http://guest:secret@127.0.0.1:1");
    for run in [
        "dlq list",
        "dlq show a",
        "dlq retry a",
        "dlq purge a --yes",
        "queue peek a",
        "queue move a b",
        "queue purge a --yes",
        "top -n 1",
        "follow user.created",
    ] {
        let shown = world.line(run);
        assert!(shown.starts_with("exit code: 4\n"), "{run}: {shown}");
        assert!(shown.contains("error: cannot reach "), "{run}: {shown}");
        assert!(!shown.contains("secret"), "{run}: {shown}");
    }
}

#[test]
fn their_reports_have_schemas() {
    let world = Sealed::new();
    for command in
        ["dlq list", "dlq retry", "dlq purge", "queue move", "queue purge", "top", "follow"]
    {
        let shown = world.line(&format!("schema-of {command}"));
        assert!(shown.starts_with("exit code: 0\n"), "{command}: {shown}");
    }
}
