//! Reports for the tests of the formats.

use std::io::{self, Write};
use std::path::PathBuf;

use serde_json::json;

use crate::commands::schema::diff::SchemaDiff;
use crate::commands::schema::diff::report::{Summary, WaiverReport};
use crate::extract::{Failure, FailureKind, Frame};
use crate::schema::rules::{self, REQUIRED_FIELD};
use crate::schema::{Age, Direction, Finding, FindingLevel, Place, SchemaPart, Witness};

pub fn written(
    write: impl Fn(&SchemaDiff, &mut dyn Write) -> io::Result<()>,
    report: &SchemaDiff,
) -> String {
    let mut out = Vec::new();
    write(report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A break of a required field with a witness.
pub fn finding(topic: &str) -> Finding {
    let mut finding = Finding {
        rule: &REQUIRED_FIELD,
        level: FindingLevel::Breaking,
        topic: topic.to_owned(),
        from_version: Some("v1".to_owned()),
        to_version: Some("v2".to_owned()),
        part: SchemaPart::Request,
        direction: Some(Direction::Backward),
        path: "items[].qty".to_owned(),
        old_pointer: Some("/schema/$defs/Item".to_owned()),
        new_pointer: Some("/schema/$defs/Item/required/1".to_owned()),
        before: None,
        after: Some(json!("qty")),
        message: "new handlers reading old events reject one without `items[].qty`".to_owned(),
        witness: Some(Witness {
            instance: json!({"items": [{"sku": "a"}]}),
            accepted_by: Age::Old,
            rejected_by: Age::New,
            reason: "\"qty\" is a required property".to_owned(),
        }),
        suggestion: Some("give `qty` a default".to_owned()),
        affected: vec!["billing (v1)".to_owned(), "mail (latest)".to_owned()],
        location: Some(Place { file: "schemas/order.placed/v2.json".to_owned(), line: 12 }),
        fingerprint: String::new(),
        waived: None,
    };
    finding.fingerprint = finding.compute_fingerprint();
    finding
}

fn report(changes: Vec<Finding>) -> SchemaDiff {
    SchemaDiff {
        compatible: false,
        summary: Summary::of(&changes),
        changes,
        from: "file:schemas".to_owned(),
        to: "python:shop.events".to_owned(),
        mode: "auto".to_owned(),
        topics: 12,
        unchanged: 10,
        added: Vec::new(),
        removed: Vec::new(),
        waivers: WaiverReport::default(),
        failures: Vec::new(),
        problems: Vec::new(),
        folder: PathBuf::new(),
        schema_differences: Vec::new(),
    }
}

/// One finding of each level and a waived one, in two topics.
pub fn sample() -> SchemaDiff {
    let other = rules::find("CL013").unwrap();
    let undecided = Finding {
        level: FindingLevel::Undecided,
        part: SchemaPart::Response,
        direction: Some(Direction::Forward),
        path: String::new(),
        message: "the pattern at /properties/code uses look-around".to_owned(),
        witness: None,
        suggestion: None,
        affected: Vec::new(),
        location: None,
        ..finding("rpc.report.build")
    };
    let waived = Finding {
        path: "note".to_owned(),
        waived: Some("every handler ignores the note".to_owned()),
        ..finding("order.placed")
    };
    let (plain, mut changes) = (undecided.clone(), vec![undecided]);
    for (level, message) in [
        (FindingLevel::Warning, "`source` lost its default"),
        (FindingLevel::Info, "`source` is new and optional"),
    ] {
        let message = message.to_owned();
        let topic = "order.placed".to_owned();
        let part = SchemaPart::Request;
        changes.push(Finding { rule: other, level, message, topic, part, ..plain.clone() });
    }
    changes.extend([finding("order.placed"), waived]);
    for change in &mut changes {
        change.fingerprint = change.compute_fingerprint();
    }
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    SchemaDiff {
        added: names(&["order.placed@v2", "user.renamed@v1"]),
        removed: names(&["user.removed@v1"]),
        waivers: WaiverReport {
            unused: names(&["CS001 order.# total (agreed with billing)"]),
            expired: names(&["0123456789ab until 2026-01-31 (one release)"]),
        },
        failures: vec![failure("schemas/broken/v1.json", "line 7, column 1: expected value")],
        ..report(changes)
    }
}

/// Nothing was found.
pub fn empty() -> SchemaDiff {
    SchemaDiff { compatible: true, ..report(Vec::new()) }
}

/// `text` wherever a report may hold somebody else's words: a failure, a break with a witness, a
/// warning and a waived finding.
pub fn hostile(text: &str) -> SchemaDiff {
    let own = |_: &str| text.to_owned();
    let witness = Witness {
        instance: json!({text: [text]}),
        accepted_by: Age::Old,
        rejected_by: Age::New,
        reason: own("reason"),
    };
    let breaking = Finding {
        topic: "a.b".to_owned(),
        path: format!("p{text}"),
        message: own("message"),
        suggestion: Some(own("suggestion")),
        affected: vec![own("affected")],
        location: Some(Place { file: own("file"), line: 3 }),
        witness: Some(witness),
        ..finding("a.b")
    };
    let waived = Finding { waived: Some(own("reason")), ..breaking.clone() };
    SchemaDiff {
        from: own("from"),
        to: own("to"),
        waivers: WaiverReport { unused: vec![own("waiver")], expired: vec![own("waiver")] },
        failures: vec![failure(text, text)],
        ..report(vec![
            Finding { level: FindingLevel::Warning, topic: "c.d".to_owned(), ..breaking.clone() },
            breaking,
            waived,
        ])
    }
}

fn failure(file: &str, message: &str) -> Failure {
    let frame = Frame { file: file.to_owned(), line: 7, function: None, text: String::new() };
    Failure {
        kind: FailureKind::Document,
        module: None,
        topic: None,
        version: None,
        class: None,
        message: message.to_owned(),
        frames: vec![frame],
    }
}
