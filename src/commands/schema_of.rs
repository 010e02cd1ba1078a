//! `schema-of`: the JSON Schema of what a command prints with `-o json`.

use std::io::{self, Write};

use clap::Args;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use super::bindings::{BindingsCheck, BindingsGraph, BindingsList, BindingsPlan, BindingsRoute};
use super::call::CallOutput;
use super::config::{ConfigCheck, ConfigList, ConfigShow, ConfigUse};
use super::dlq::{DlqList, DlqRetry};
use super::doctor::DoctorReport;
use super::error::{CommandError, ExitKind};
use super::follow::FollowReport;
use super::generate::GenerateReport;
use super::publish::PublishOutput;
use super::queue::{Purged, QueueMove};
use super::replay::Replayed;
use super::sandbox::SandboxReport;
use super::schema::{
    SchemaAnnotate, SchemaCompat, SchemaDeprecate, SchemaDiff, SchemaExtract, SchemaHistory,
    SchemaLint, SchemaList, SchemaRegister, SchemaRules, SchemaShow, SchemaValidate,
};
use super::top::TopFrame;
use super::workers::WorkersReport;
use crate::ui::{Report, Style, Ui};

/// A command and the schema of its report.
type Entry = (&'static str, fn() -> Schema);

/// Every command whose JSON has a schema: one line each.
const REPORTS: &[Entry] = &[
    ("publish", schema::<PublishOutput>),
    ("call", schema::<CallOutput>),
    ("config show", schema::<ConfigShow>),
    ("config list", schema::<ConfigList>),
    ("config use", schema::<ConfigUse>),
    ("config check", schema::<ConfigCheck>),
    ("replay", schema::<Replayed>),
    ("follow", schema::<FollowReport>),
    ("top", schema::<TopFrame>),
    ("dlq list", schema::<DlqList>),
    ("dlq retry", schema::<DlqRetry>),
    ("dlq purge", schema::<Purged>),
    ("queue move", schema::<QueueMove>),
    ("queue purge", schema::<Purged>),
    ("sandbox", schema::<SandboxReport>),
    ("schema list", schema::<SchemaList>),
    ("schema show", schema::<SchemaShow>),
    ("schema history", schema::<SchemaHistory>),
    ("schema register", schema::<SchemaRegister>),
    ("schema extract", schema::<SchemaExtract>),
    ("schema compat", schema::<SchemaCompat>),
    ("schema diff", schema::<SchemaDiff>),
    ("schema lint", schema::<SchemaLint>),
    ("schema rules", schema::<SchemaRules>),
    ("schema annotate", schema::<SchemaAnnotate>),
    ("schema deprecate", schema::<SchemaDeprecate>),
    ("schema validate", schema::<SchemaValidate>),
    ("bindings list", schema::<BindingsList>),
    ("bindings route", schema::<BindingsRoute>),
    ("bindings graph", schema::<BindingsGraph>),
    ("bindings plan", schema::<BindingsPlan>),
    ("bindings check", schema::<BindingsCheck>),
    ("doctor", schema::<DoctorReport>),
    ("workers", schema::<WorkersReport>),
    ("generate stubs", schema::<GenerateReport>),
    ("generate jsonschema", schema::<GenerateReport>),
    ("generate typescript", schema::<GenerateReport>),
    ("generate asyncapi", schema::<GenerateReport>),
    ("generate docs", schema::<GenerateReport>),
    ("schema-of", schema::<Commands>),
];

const EXAMPLES: &str = "\
Examples:
  celerysalt schema-of                 which commands have one
  celerysalt schema-of config show";

/// Print the JSON Schema of a command's JSON output
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct SchemaOfArgs {
    /// A command with its subcommands, for example `config show`; without one, list them
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

/// The commands that have a schema.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(transparent)]
struct Commands(Vec<&'static str>);

#[derive(Debug, Serialize)]
#[serde(transparent)]
struct SchemaOf(Schema);

pub fn run(args: &SchemaOfArgs, ui: &Ui) -> Result<ExitKind, CommandError> {
    let asked = args.command.join(" ");
    if asked.is_empty() {
        ui.report(&Commands(REPORTS.iter().map(|(name, _)| *name).collect()))?;
        return Ok(ExitKind::Done);
    }
    let Some((_, schema)) = REPORTS.iter().find(|(name, _)| *name == asked) else {
        let message = format!("the command {asked:?} has no JSON output with a schema");
        return Err(CommandError::new(ExitKind::Usage, message)
            .hint("`celerysalt schema-of` lists the commands that have"));
    };
    ui.report(&SchemaOf(schema()))?;
    Ok(ExitKind::Done)
}

/// The schema of what is written, not of what could be read.
fn schema<T: JsonSchema>() -> Schema {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    SchemaGenerator::new(settings).into_root_schema_for::<T>()
}

impl Report for Commands {
    fn write_human(&self, out: &mut dyn Write, _style: &Style) -> io::Result<()> {
        self.0.iter().try_for_each(|name| writeln!(out, "{name}"))
    }
}

impl Report for SchemaOf {
    fn write_human(&self, out: &mut dyn Write, _style: &Style) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }
}
