//! The compatibility engine against schema pairs whose relation is known.
//!
//! The pairs come from the test suites of four public projects; `tests/data/compat` says which. A
//! label is a statement about sets of JSON values: `null` means that nobody proved it.

#![expect(clippy::unwrap_used, reason = "a step that fails should stop its test right there")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use celerysalt::schema::compat::{Formats, Options, Schema, Verdict, Writer, compare};
use serde_json::Value;

const SETS: [&str; 4] = ["containment", "jsoncompat", "jsonsubschema", "sentry"];

/// Right answers and undecided ones, by set, writer and whether Pydantic writes such schemas.
const EXPECTED: &str = "\
containment open, other: 3703 right
containment open, pydantic: 2458 right
containment closed, pydantic: 2467 right
jsoncompat open, other: 84 right, 1 undecided (patternProperties)
jsoncompat open, pydantic: 122 right
jsoncompat closed, pydantic: 122 right
jsonsubschema open, other: 292 right
jsonsubschema open, pydantic: 438 right
jsonsubschema closed, pydantic: 425 right
sentry open, other: 10 right
sentry open, pydantic: 160 right
sentry closed, pydantic: 159 right
";

#[derive(Debug, Default)]
struct Score {
    right: usize,
    undecided: Vec<String>,
}

#[test]
fn no_labelled_pair_is_answered_wrongly_and_hardly_any_is_left_undecided() {
    let mut report = String::new();
    let mut wrong = Vec::new();
    for set in SETS {
        for writer in [Writer::Open, Writer::Closed] {
            for (group, score) in judge(set, writer, &mut wrong) {
                let writer = if writer == Writer::Open { "open" } else { "closed" };
                write!(report, "{set} {writer}, {group}: {} right", score.right).unwrap();
                if !score.undecided.is_empty() {
                    let reasons = score.undecided.join(", ");
                    write!(report, ", {} undecided ({reasons})", score.undecided.len()).unwrap();
                }
                report.push('\n');
            }
        }
    }
    assert!(wrong.is_empty(), "wrong answers:\n{}", wrong.join("\n"));
    assert_eq!(report, EXPECTED);
}

fn judge(set: &str, writer: Writer, wrong: &mut Vec<String>) -> BTreeMap<&'static str, Score> {
    let mut scores: BTreeMap<&'static str, Score> = BTreeMap::new();
    for row in rows(set) {
        let Some((labels, formats)) = labels(&row, writer) else { continue };
        let group = if row["pydantic_subset"] == true { "pydantic" } else { "other" };
        let score = scores.entry(group).or_default();
        let (old, new) = (Schema::parse(&row["old"]), Schema::parse(&row["new"]));
        let result = compare(&old, &new, Options { writer, formats });
        for (direction, verdict) in [("backward", result.backward), ("forward", result.forward)] {
            let Some(is_included) = labels[direction].as_bool() else { continue };
            match (verdict, is_included) {
                (Verdict::Compatible, true) | (Verdict::Breaking { .. }, false) => score.right += 1,
                (Verdict::Undecided { reasons }, _) => {
                    score.undecided.push(reasons[0].keyword.clone());
                }
                (verdict @ (Verdict::Compatible | Verdict::Breaking { .. }), _) => {
                    wrong.push(format!("{} {direction}: {verdict:?}", row["id"]));
                }
            }
        }
    }
    scores
}

/// The labels that fit the writer, and how they take `format`.
fn labels(row: &Value, writer: Writer) -> Option<(&Value, Formats)> {
    let labelled = |name: &str| row.get(name).filter(|labels| labels.is_object());
    match writer {
        Writer::Open => labelled("expected_format_assert")
            .or(labelled("expected"))
            .map(|labels| (labels, Formats::Assert)),
        Writer::Closed | Writer::Dump => {
            labelled("expected_closed_writer").map(|labels| (labels, Formats::Annotate))
        }
    }
}

fn rows(set: &str) -> Vec<Value> {
    let path = format!("{}/tests/data/compat/{set}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
