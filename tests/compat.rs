//! The compatibility engine against the labelled development set.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use celerysalt::schema::compat::{Formats, Options, Schema, Verdict, Writer, compare};
use serde_json::Value;

const SETS: [&str; 4] = ["containment", "jsoncompat", "jsonsubschema", "sentry"];

#[derive(Debug, Default)]
struct Score {
    right: usize,
    wrong: Vec<String>,
    undecided: BTreeMap<String, Vec<String>>,
}

fn rows(set: &str) -> Vec<Value> {
    let path = format!("{}/tests/data/compat/{set}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn judge(set: &str, writer: Writer) -> BTreeMap<&'static str, Score> {
    let mut scores: BTreeMap<&'static str, Score> = BTreeMap::new();
    for row in rows(set) {
        let expected = match writer {
            Writer::Open => {
                row.get("expected_format_assert").filter(|value| value.is_object()).or(row.get("expected"))
            }
            _ => row.get("expected_closed_writer").filter(|value| value.is_object()),
        };
        let Some(expected) = expected else { continue };
        let group = if row["pydantic_subset"] == true { "pydantic" } else { "other" };
        let score = scores.entry(group).or_default();
        let formats = if writer == Writer::Open { Formats::Assert } else { Formats::Annotate };
        let options = Options { writer, formats };
        let clock = std::time::Instant::now();
        let result =
            compare(&Schema::parse(&row["old"]), &Schema::parse(&row["new"]), options);
        if clock.elapsed().as_millis() > 300 { eprintln!("slow {} {:?} {:?}", row["id"], writer, clock.elapsed()); }
        for (direction, verdict) in [("backward", result.backward), ("forward", result.forward)] {
            let Some(expected) = expected[direction].as_bool() else { continue };
            let id = format!("{} {direction}", row["id"].as_str().unwrap());
            match (verdict, expected) {
                (Verdict::Compatible, true) | (Verdict::Breaking { .. }, false) => score.right += 1,
                (Verdict::Undecided { reasons }, _) => {
                    score.undecided.entry(reasons[0].keyword.clone()).or_default().push(id);
                }
                (verdict, _) => score.wrong.push(format!("{id}: {verdict:?}")),
            }
        }
    }
    scores
}

#[test]
fn development_set() {
    let mut report = String::new();
    let mut wrong = Vec::new();
    for set in SETS {
        for writer in [Writer::Open, Writer::Closed] {
            let started = std::time::Instant::now();
            for (group, score) in judge(set, writer) {
                let undecided: usize = score.undecided.values().map(Vec::len).sum();
                writeln!(report, "{set} {writer:?} {group}: right {}, wrong {}, undecided {undecided}", score.right, score.wrong.len()).unwrap();
                for (keyword, ids) in &score.undecided {
                    writeln!(report, "    {keyword}: {}  {:?}", ids.len(), &ids[..ids.len().min(3)]).unwrap();
                }
                wrong.extend(score.wrong);
            }
            eprintln!("{set} {writer:?} {:?}", started.elapsed());
        }
    }
    println!("{report}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
