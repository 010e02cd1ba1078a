use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use super::documents::Selection;
use super::report::GenerateReport;
use super::target::{Target, deliver};
use crate::codegen::{GeneratedFile, jsonschema};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};

/// Where the file goes unless told otherwise.
const DEFAULT_FILE: &str = "celerysalt.schema.json";

/// Generate one JSON Schema file with the schemas of every event
///
/// Each schema stands under $defs as it was registered, with an $id of its own:
/// urn:celerysalt:TOPIC:VERSION. One topic without --out is printed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  celerysalt generate jsonschema --out events.schema.json\n  \
    celerysalt generate jsonschema user.signup")]
#[command(disable_version_flag = true)]
pub struct JsonSchemaArgs {
    #[command(flatten)]
    selection: Selection,
    /// The file [default: celerysalt.schema.json]
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,
    /// Write nothing; show what differs, and fail if anything does
    #[arg(long)]
    check: bool,
}

pub(super) async fn run(
    args: &JsonSchemaArgs,
    context: &Context,
) -> Result<ExitKind, CommandError> {
    let selected = args.selection.read(context).await?;
    let update = format!("celerysalt generate jsonschema{}", args.selection.words());
    if let [document] = selected.documents.as_slice()
        && args.out.is_none()
        && !args.check
        && args.selection.is_one_topic()
    {
        let mut out = context.ui.stdout();
        out.write_all(jsonschema::single(document, &update).as_bytes())?;
        out.flush()?;
        return Ok(ExitKind::Done);
    }
    let path = args.out.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_FILE));
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let file = GeneratedFile { path: name, text: jsonschema::bundle(&selected.documents, &update) };
    let target = Target { folder, endings: &[], check: args.check };
    let report = GenerateReport { problems: selected.problems, ..deliver(&target, &[file])? };
    context.ui.report(&report)?;
    Ok(report.outcome())
}
