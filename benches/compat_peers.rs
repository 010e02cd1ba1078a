//! How long one direction of a schema pair takes, here and in the `jsoncompat` crate.
//!
//! Reads questions from the standard input, one JSON object a line: `id`, `writer` and `reader` (two
//! schemas, as text). Writes answers the same way: for each engine `answer` (true for compatible,
//! null for undecided) and `seconds`, the best of three, from the text to the verdict. Under plain
//! set inclusion, with formats as annotations. `benches/compat_peers.py` asks and makes the table.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark stops at once, and prints"
)]

use std::hint::black_box;
use std::io::BufRead as _;
use std::panic::catch_unwind;
use std::time::Instant;

use celerysalt::schema::compat::{Formats, Options, Schema, Verdict, Writer, reads};
use jsoncompat::{CompatibilityResult, Role, SchemaDocument, analyze_compat};
use serde_json::{Value, json};

const ROUNDS: usize = 3;
/// Peers recurse into deep schemas.
const STACK: usize = 256 << 20;

fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    let answering = std::thread::Builder::new().stack_size(STACK).spawn(|| {
        for line in std::io::stdin().lock().lines() {
            let question: Value = serde_json::from_str(&line.unwrap()).unwrap();
            let text = |name: &str| question[name].as_str().unwrap();
            let (writer, reader) = (text("writer"), text("reader"));
            println!(
                "{}",
                json!({
                    "id": question["id"],
                    "celerysalt": best(|| ours(writer, reader)),
                    "jsoncompat": best(|| jsoncompat(writer, reader)),
                })
            );
        }
    });
    answering.unwrap().join().unwrap();
}

fn best(ask: impl Fn() -> Option<bool> + std::panic::RefUnwindSafe) -> Value {
    let mut seconds = f64::MAX;
    let mut answer = None;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        answer = catch_unwind(|| black_box(ask())).ok().flatten();
        seconds = seconds.min(start.elapsed().as_secs_f64());
    }
    json!({"answer": answer, "seconds": seconds})
}

fn ours(writer: &str, reader: &str) -> Option<bool> {
    let schema = |text: &str| Some(Schema::parse(&serde_json::from_str(text).ok()?));
    let options = Options { writer: Writer::Open, formats: Formats::Annotate };
    match reads(&schema(writer)?, &schema(reader)?, options) {
        Verdict::Compatible => Some(true),
        Verdict::Breaking { .. } => Some(false),
        Verdict::Undecided { .. } => None,
    }
}

fn jsoncompat(writer: &str, reader: &str) -> Option<bool> {
    let schema = |text: &str| SchemaDocument::from_json(&serde_json::from_str(text).ok()?).ok();
    // The reader's schema is the old one for what a new writer sends.
    match analyze_compat(&schema(reader)?, &schema(writer)?, Role::Serializer).ok()? {
        CompatibilityResult::Compatible => Some(true),
        CompatibilityResult::Incompatible { .. } => Some(false),
        CompatibilityResult::Unknown { .. } => None,
    }
}
