use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::commands::error::{CommandError, ExitKind};
use crate::schema::compat::{self, Break, Formats, Options, Reason, Schema, Side, Verdict, Writer};
use crate::ui::{OutputFormat, Report, Style, Ui, sanitize};

const EXAMPLES: &str = "\
Examples:
  celerysalt schema compat old.json new.json
  celerysalt schema compat old.json new.json --writer open -o json
  celerysalt schema compat --batch pairs.jsonl -o jsonl > verdicts.jsonl";

/// Compare two JSON Schemas: do old and new events and readers fit together?
///
/// Backward: new readers accept every old event. Forward: old readers accept every new event. An
/// answer is either proved or comes with an event that shows the break.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct CompatArgs {
    /// The schema before the change
    #[arg(value_name = "OLD", value_hint = ValueHint::FilePath)]
    #[arg(required_unless_present = "batch", requires = "new")]
    old: Option<PathBuf>,
    /// The schema after the change
    #[arg(value_name = "NEW", value_hint = ValueHint::FilePath)]
    new: Option<PathBuf>,
    /// Compare many pairs: one {"id", "old", "new"} a line
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = ["old", "new"])]
    batch: Option<PathBuf>,
    /// What publishers are known to send
    #[arg(long, value_name = "WRITER", default_value = "closed")]
    writer: WriterArg,
    /// Whether `format` can make a value invalid
    #[arg(long, value_name = "MEANING", default_value = "assert")]
    formats: FormatsArg,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum WriterArg {
    /// Declared fields only; optional ones may be absent
    Closed,
    /// Anything that the schema accepts
    Open,
    /// Declared fields only, and all of them
    Dump,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatsArg {
    Assert,
    Annotate,
}

/// One line of a batch.
#[derive(Debug, Deserialize)]
struct Pair {
    #[serde(default)]
    id: Value,
    old: Value,
    new: Value,
}

/// Both directions of one pair.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SchemaCompat {
    /// The id of a batch's line; null for two files.
    id: Value,
    /// New readers, old events.
    backward: Direction,
    /// Old readers, new events.
    forward: Direction,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Direction {
    verdict: Word,
    /// An event that one side sends and the other rejects; null unless the verdict is breaking.
    witness: Value,
    /// Every break, each with its own witness.
    breaks: Vec<ShownBreak>,
    /// What stood in the way, when the verdict is undecided.
    undecided: Vec<ShownReason>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Word {
    Compatible,
    Breaking,
    Undecided,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ShownBreak {
    /// The reader's keyword that rejects the witness.
    keyword: String,
    /// Where in the event, as `items[].qty`.
    path: String,
    old_pointer: String,
    new_pointer: String,
    witness: Value,
    reason: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ShownReason {
    keyword: String,
    pointer: String,
    schema: Age,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Age {
    Old,
    New,
}

pub(super) fn run(args: &CompatArgs, ui: &Ui) -> Result<ExitKind, CommandError> {
    let options = Options { writer: args.writer.into(), formats: args.formats.into() };
    match (&args.batch, &args.old, &args.new) {
        (Some(batch), _, _) => run_batch(batch, options, ui),
        (None, Some(old), Some(new)) => {
            let report = compare(Value::Null, (&read(old)?, &read(new)?), options);
            ui.report(&report)?;
            Ok(report.outcome())
        }
        (None, _, _) => Err(CommandError::new(ExitKind::Usage, "two schema files are needed")
            .hint("`celerysalt schema compat OLD.json NEW.json`, or --batch FILE.jsonl")),
    }
}

/// Every line has an answer of its own, so that the exit code only says whether all were read.
fn run_batch(path: &Path, options: Options, ui: &Ui) -> Result<ExitKind, CommandError> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let mut out = ui.stdout();
    for (index, line) in BufReader::new(file).lines().enumerate() {
        let line = line.map_err(|error| unreadable(path, &error))?;
        if line.trim().is_empty() {
            continue;
        }
        let pair: Pair = serde_json::from_str(&line).map_err(|error| {
            let message = format!("line {} of {} is not a pair", index + 1, path.display());
            let mut failure = CommandError::new(ExitKind::Config, message);
            failure.causes.push(error.to_string());
            failure.hint("each line is one JSON object {\"id\", \"old\", \"new\"}")
        })?;
        let report = compare(pair.id, (&pair.old, &pair.new), options);
        match ui.output() {
            OutputFormat::Human => report.write_human(&mut out, ui.style())?,
            OutputFormat::Json | OutputFormat::Jsonl => {
                serde_json::to_writer(&mut out, &report).map_err(io::Error::from)?;
                out.write_all(b"\n")?;
            }
        }
    }
    out.flush()?;
    Ok(ExitKind::Done)
}

fn read(path: &Path) -> Result<Value, CommandError> {
    let text = fs::read(path).map_err(|error| unreadable(path, &error))?;
    serde_json::from_slice(&text).map_err(|error| {
        let message = format!("{} is not JSON", path.display());
        let mut failure = CommandError::new(ExitKind::Config, message);
        failure.causes.push(error.to_string());
        failure.hint("a bare JSON Schema is expected, as `model_json_schema()` gives it")
    })
}

fn unreadable(path: &Path, error: &io::Error) -> CommandError {
    let mut failure =
        CommandError::new(ExitKind::Config, format!("cannot read {}", path.display()));
    failure.causes.push(error.to_string());
    failure.hint("give the path of a file that you may read")
}

fn compare(id: Value, (old, new): (&Value, &Value), options: Options) -> SchemaCompat {
    let result = compat::compare(&Schema::parse(old), &Schema::parse(new), options);
    SchemaCompat {
        id,
        backward: Direction::new(result.backward, Age::Old),
        forward: Direction::new(result.forward, Age::New),
    }
}

impl SchemaCompat {
    fn outcome(&self) -> ExitKind {
        let is_proved = |direction: &Direction| direction.verdict == Word::Compatible;
        if is_proved(&self.backward) && is_proved(&self.forward) {
            ExitKind::Done
        } else {
            ExitKind::No
        }
    }
}

impl Direction {
    /// `writer` says which of the two schemas sends in this direction.
    fn new(verdict: Verdict, writer: Age) -> Self {
        let mut direction = Self {
            verdict: Word::Compatible,
            witness: Value::Null,
            breaks: Vec::new(),
            undecided: Vec::new(),
        };
        match verdict {
            Verdict::Compatible => {}
            Verdict::Breaking { breaks } => {
                direction.verdict = Word::Breaking;
                direction.witness =
                    breaks.first().map_or(Value::Null, |found| found.witness.clone());
                direction.breaks =
                    breaks.into_iter().map(|found| ShownBreak::new(found, writer)).collect();
            }
            Verdict::Undecided { reasons } => {
                direction.verdict = Word::Undecided;
                direction.undecided =
                    reasons.into_iter().map(|reason| ShownReason::new(reason, writer)).collect();
            }
        }
        direction
    }
}

impl ShownBreak {
    fn new(found: Break, writer: Age) -> Self {
        let (old_pointer, new_pointer) = match writer {
            Age::Old => (found.writer_pointer, found.reader_pointer),
            Age::New => (found.reader_pointer, found.writer_pointer),
        };
        Self {
            keyword: found.keyword,
            path: found.path,
            old_pointer,
            new_pointer,
            witness: found.witness,
            reason: found.reason,
        }
    }
}

impl ShownReason {
    fn new(reason: Reason, writer: Age) -> Self {
        let schema = match (reason.side, writer) {
            (Side::Writer, Age::Old) | (Side::Reader, Age::New) => Age::Old,
            (Side::Writer, Age::New) | (Side::Reader, Age::Old) => Age::New,
        };
        Self { keyword: reason.keyword, pointer: reason.pointer, schema }
    }
}

impl From<WriterArg> for Writer {
    fn from(arg: WriterArg) -> Self {
        match arg {
            WriterArg::Closed => Self::Closed,
            WriterArg::Open => Self::Open,
            WriterArg::Dump => Self::Dump,
        }
    }
}

impl From<FormatsArg> for Formats {
    fn from(arg: FormatsArg) -> Self {
        match arg {
            FormatsArg::Assert => Self::Assert,
            FormatsArg::Annotate => Self::Annotate,
        }
    }
}

impl Report for SchemaCompat {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        match &self.id {
            Value::Null => {}
            Value::String(id) => writeln!(out, "{}", style.heading.apply_to(sanitize(id)))?,
            id => writeln!(out, "{}", style.heading.apply_to(sanitize(&id.to_string())))?,
        }
        let sentences = [
            (&self.backward, "backward", "new readers, old events"),
            (&self.forward, "forward", "old readers, new events"),
        ];
        for (direction, name, sentence) in sentences {
            let verdict = match direction.verdict {
                Word::Compatible => style.good.apply_to("compatible"),
                Word::Breaking => style.bad.apply_to("breaking"),
                Word::Undecided => style.warning.apply_to("undecided"),
            };
            writeln!(out, "{name}: {verdict} ({sentence})")?;
            direction.write_details(out, style)?;
        }
        Ok(())
    }
}

impl Direction {
    fn write_details(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        for found in &self.breaks {
            let place = if found.path.is_empty() { "the event" } else { &found.path };
            writeln!(out, "  {}: {}", sanitize(place), sanitize(&found.reason))?;
            let witness = sanitize(&found.witness.to_string()).into_owned();
            writeln!(out, "    {} {witness}", style.dim.apply_to("witness:"))?;
        }
        for reason in &self.undecided {
            let schema = match reason.schema {
                Age::Old => "old",
                Age::New => "new",
            };
            writeln!(
                out,
                "  cannot reason about {} at {:?} of the {schema} schema",
                sanitize(&reason.keyword),
                reason.pointer
            )?;
        }
        Ok(())
    }
}
