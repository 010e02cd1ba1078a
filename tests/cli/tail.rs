//! `tail` without a broker: everything that is checked before connecting.

use insta::assert_snapshot;

use super::sealed::Sealed;

#[test]
fn mistakes_are_found_before_anything_is_connected() {
    let world = Sealed::new().variable("BROKER_URL", "amqp://127.0.0.1:1//");
    let runs = [
        ["tail", "--filter", ".payload.id =="],
        ["tail", "--format", "{tpoic}"],
        ["tail", "--for", "5"],
        ["tail", "--validate", "warn"],
        ["tail", "--queue-limit", "0"],
        ["tail", "--exclude", "a b"],
        ["tail", "--append", "a"],
    ];
    let shown: String = runs.iter().map(|run| format!("{run:?}\n{}\n", world.run(run))).collect();
    assert_snapshot!(shown);
}

#[test]
fn a_filter_error_is_json_on_request() {
    let world = Sealed::new().variable("BROKER_URL", "amqp://127.0.0.1:1//");
    assert_snapshot!(world.line("tail --filter nonsense(1) -o jsonl"));
}
