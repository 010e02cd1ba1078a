//! Schema pairs with the answers that they must get, by subject.

#[cfg(test)]
mod breaks;
#[cfg(test)]
mod events;
#[cfg(test)]
mod keywords;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod writers;

use serde_json::{Value, json};

use super::{Comparison, Formats, Options, Schema, Verdict, Writer, compare as compare_schemas};

fn compare(old: &Value, new: &Value, writer: Writer) -> Comparison {
    let options = Options { writer, formats: Formats::Assert };
    compare_schemas(&Schema::parse(old), &Schema::parse(new), options)
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Compatible => "compatible",
        Verdict::Breaking { .. } => "breaking",
        Verdict::Undecided { .. } => "undecided",
    }
}

/// Writer, reader, and whether everything the writer accepts is accepted by the reader and back.
fn check(rows: &[(Value, Value, &str, &str)]) {
    for (old, new, backward, forward) in rows {
        let result = compare(old, new, Writer::Open);
        assert_eq!(
            (word(&result.backward), word(&result.forward)),
            (*backward, *forward),
            "{old} -> {new}: {result:?}"
        );
    }
}

fn event(properties: &Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required })
}
