//! Other engines' opinions, and the pairs of `tests/data/compat` to ask them about. They are not the truth: where one of them says the opposite, values
//! decide, and only a value that speaks against this engine's verdict fails the test.

use celerysalt::schema::compat::Verdict;
use jsoncompat::{
    AnalysisOptions, CompatibilityResult, Role, SchemaDocument, SchemaOptions,
    analyze_compat_with_options,
};
use jsonschema::canonical::{self, Containment};
use serde_json::Value;

use crate::validator;

/// What another engine says to "everything that the writer accepts is accepted by the reader".
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Opinion {
    Included,
    /// With the value that is said to show it, if one is named.
    NotIncluded(Option<Value>),
    None,
}

/// The `jsonschema` crate's own way to compare schemas.
pub(super) fn canonical(writer: &Value, reader: &Value) -> Opinion {
    let canonical = |schema: &Value| {
        canonical::options().offline().should_validate_formats(true).canonicalize(schema).ok()
    };
    let answer = canonical(writer).zip(canonical(reader)).map(|(sent, read)| read.covers(&sent));
    match answer {
        Some(Ok(Containment::Yes)) => Opinion::Included,
        Some(Ok(Containment::No)) => Opinion::NotIncluded(None),
        Some(Ok(_) | Err(_)) | None => Opinion::None,
    }
}

/// jsoncompat in its role for serializers: plain inclusion of the new schema in the old one.
pub(super) fn jsoncompat(writer: &Value, reader: &Value) -> Opinion {
    let options = SchemaOptions { assert_formats: Some(true), ..SchemaOptions::default() };
    let read = |schema: &Value| SchemaDocument::from_json_with_options(schema, &options).ok();
    let Some((sent, read)) = read(writer).zip(read(reader)) else { return Opinion::None };
    let search = AnalysisOptions::default();
    match analyze_compat_with_options(&read, &sent, Role::Serializer, search) {
        Ok(CompatibilityResult::Compatible) => Opinion::Included,
        Ok(CompatibilityResult::Incompatible { counterexample, .. }) => {
            Opinion::NotIncluded(Some(counterexample))
        }
        Ok(CompatibilityResult::Unknown { .. }) | Err(_) => Opinion::None,
    }
}

/// How many of the opinions a verdict contradicts; `Err` tells of a value that proves the verdict
/// wrong.
pub(super) fn hear(
    verdict: &Verdict,
    (writer, reader): (&Value, &Value),
    (opinions, values): (&[Opinion], &[Value]),
) -> Result<usize, String> {
    let (mut dissent, mut named) = (0, Vec::new());
    for opinion in opinions {
        match (verdict, opinion) {
            (Verdict::Compatible, Opinion::NotIncluded(value)) => {
                dissent += 1;
                named.extend(value.clone());
            }
            (Verdict::Breaking { .. }, Opinion::Included) => dissent += 1,
            (Verdict::Compatible, Opinion::Included | Opinion::None)
            | (Verdict::Breaking { .. }, Opinion::NotIncluded(_) | Opinion::None)
            | (Verdict::Undecided { .. }, _) => {}
        }
    }
    let (Some(sent), Some(read)) = (validator(writer), validator(reader)) else {
        return Ok(dissent);
    };
    let is_witness = |value: &Value| sent.is_valid(value) && !read.is_valid(value);
    let against = match verdict {
        _ if dissent == 0 => None,
        Verdict::Compatible => named.iter().chain(values).find(|value| is_witness(value)),
        Verdict::Breaking { breaks } => {
            breaks.iter().map(|found| &found.witness).find(|witness| !is_witness(witness))
        }
        Verdict::Undecided { .. } => None,
    };
    match against {
        Some(value) => Err(format!("{value} shows {verdict:?} wrong\n {writer}\n {reader}")),
        None => Ok(dissent),
    }
}

/// Directed questions of the labelled pairs: id, writer, reader, and whether Pydantic writes such
/// schemas.
pub(super) fn labelled(set: &str) -> Vec<(String, Value, Value, bool)> {
    let path = format!("{}/tests/data/compat/{set}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.flat_map(|row| {
        let is_pydantic = row["pydantic_subset"] == true;
        [("backward", "old", "new"), ("forward", "new", "old")]
            .into_iter()
            .filter(|(direction, _, _)| row["expected"][direction].is_boolean())
            .map(|(direction, writer, reader)| {
                let id = format!("{} {direction}", row["id"].as_str().unwrap());
                (id, row[writer].clone(), row[reader].clone(), is_pydantic)
            })
            .collect::<Vec<_>>()
    })
    .collect()
}
