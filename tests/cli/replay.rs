//! `replay` without a broker: reading, choosing and rehearsing.

use insta::assert_snapshot;

use super::sealed::Sealed;

const RECORDING: &str = r#"{"kind":"event","topic":"user.created","payload":{"id":1},"delivery":{"received_at":"2026-01-02T03:04:05.000Z"}}
{"kind":"event","topic":"user.created","payload":{"id":2},"delivery":{"received_at":"2026-01-02T03:04:07.500Z"}}

{"kind":"gap","since":"2026-01-02T03:04:07.500Z","until":"2026-01-02T03:04:08.000Z"}
{"kind":"rpc_request","topic":"rpc.add","payload":{}}
broken
{"kind":"undecodable","topic":"user.created","body_base64":"/w=="}
{"kind":"task","topic":"order.created","payload":{"args":[],"kwargs":{}}}
"#;

#[test]
fn a_dry_run_shows_what_and_when() {
    let world = Sealed::new().file("project/events.jsonl", RECORDING);
    let runs = [
        "replay events.jsonl --dry-run",
        "replay events.jsonl --dry-run --speed 2x -o jsonl --topic user.*",
        "replay events.jsonl --dry-run --rate 10/s --to other.topic --include-rpc --skip 1",
        "replay events.jsonl --dry-run -o json -q --filter .payload.id==2",
        "replay events.jsonl --dry-run -n 1 --to queue:service_queue",
    ];
    let shown: String = runs.iter().map(|run| format!("{run}\n{}\n", world.line(run))).collect();
    assert_snapshot!(shown);
}

#[test]
fn what_cannot_be_replayed_says_what_to_do() {
    let world = Sealed::new().file("project/events.jsonl", RECORDING);
    let runs = [
        "replay missing.jsonl",
        "replay service_queue --broker amqp://127.0.0.1:1 --management http://127.0.0.1:1",
        "replay events.jsonl --remove",
        "replay .",
        "replay events.jsonl --speed 0x",
        "replay events.jsonl --speed 2x --rate 5/s",
        "replay events.jsonl --to user.*",
        "replay events.jsonl --to queue:",
    ];
    let shown: String = runs.iter().map(|run| format!("{run}\n{}\n", world.line(run))).collect();
    assert_snapshot!(shown);
}
