use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::findings::{write_failures, write_lints};
use crate::commands::context::Context;
use crate::commands::duration;
use crate::commands::error::{CommandError, ExitKind};
use crate::extract::{
    self, Extracted, Extraction, Failure, FailureKind, Lint, Location, PythonFacts, PythonOptions,
    Source, Subscription,
};
use crate::registry::{Access, Amended, FileStore, RegistryError, amend};
use crate::schema::{SchemaDocument, VersionSelector};
use crate::ui::{Report, Style, Table, Work};

/// Read the event schemas of a code base
///
/// Imports the modules in the project's own interpreter and reads what celery-salt and tchu-tchu
/// know. Nothing is installed and no broker is contacted.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  celerysalt schema extract python:shop.events --out schemas\n  \
    celerysalt schema extract python:shop.events -o json | jq .lints\n  \
    celerysalt schema extract python:legacy.events --django-settings legacy.settings"
)]
pub struct ExtractArgs {
    /// python:MODULE[,MODULE…], or a directory of JSON files
    #[arg(value_name = "SOURCE")]
    source: Source,
    /// Write one file per topic and version below this directory
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,
    #[command(flatten)]
    python: PythonArgs,
}

/// How modules are imported.
#[derive(Debug, Args)]
pub struct PythonArgs {
    /// The service's interpreter or virtual environment [default: the active one, .venv, python3]
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    python: Option<PathBuf>,
    /// Set up Django with this settings module first
    #[arg(long, value_name = "MODULE")]
    django_settings: Option<String>,
    /// How long importing may take
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration::parse)]
    timeout: Duration,
}

/// What a source told.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SchemaExtract {
    source: String,
    python: Option<PythonFacts>,
    /// Where the documents were written.
    out: Option<PathBuf>,
    documents: Vec<ExtractedRow>,
    subscriptions: Vec<Subscription>,
    lints: Vec<Lint>,
    failures: Vec<Failure>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ExtractedRow {
    #[schemars(with = "Value")]
    document: SchemaDocument,
    location: Option<Location>,
    /// What happened to the file; absent without `--out`.
    file: Option<FileState>,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum FileState {
    Added,
    Updated,
    Unchanged,
}

impl PythonArgs {
    pub(super) fn options(self) -> PythonOptions {
        PythonOptions {
            interpreter: self.python,
            django_settings: self.django_settings,
            timeout: self.timeout,
        }
    }
}

pub(super) async fn run(args: ExtractArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let extraction = extract::extract(&args.source, &args.python.options()).await?;
    let report = SchemaExtract::new(args.source.to_string(), args.out, extraction);
    let report = report.write_files(context).await?;
    context.ui.report(&report)?;
    report.outcome()
}

impl SchemaExtract {
    fn new(source: String, out: Option<PathBuf>, extraction: Extraction) -> Self {
        let row =
            |Extracted { document, location }| ExtractedRow { document, location, file: None };
        Self {
            source,
            python: extraction.python,
            out,
            documents: extraction.documents.into_iter().map(row).collect(),
            subscriptions: extraction.subscriptions,
            lints: extraction.lints,
            failures: extraction.failures,
        }
    }

    /// Code is the truth about schemas, people about owners and annotations.
    async fn write_files(mut self, context: &Context) -> Result<Self, CommandError> {
        let Some(out) = &self.out else { return Ok(self) };
        let store = FileStore::open(out, Access::Write)?;
        let total = Some(self.documents.len() as u64);
        let mut progress = context.ui.progress(Work { doing: "writing", unit: "schemas", total });
        for (row, done) in self.documents.iter_mut().zip(1..) {
            let version = VersionSelector::Exact(row.document.version.clone());
            let with_edits = |kept: Option<&SchemaDocument>| {
                let mut document = row.document.clone();
                kept.into_iter().for_each(|kept| document.keep_edits_of(kept));
                Some(document)
            };
            let place = (&row.document.topic, &version);
            match amend(&store, place, with_edits).await {
                Ok(Some(Amended { before, now })) => {
                    row.file = Some(match before {
                        None => FileState::Added,
                        Some(before) if before == now => FileState::Unchanged,
                        Some(_) => FileState::Updated,
                    });
                    row.document = now;
                }
                Ok(None) => {}
                Err(reason @ RegistryError::BadTopic { .. }) => {
                    self.failures.push(Failure::topic(&row.document, &reason));
                }
                Err(error) => return Err(error.into()),
            }
            progress.set(done);
        }
        drop(progress);
        Ok(self)
    }

    fn outcome(&self) -> Result<ExitKind, CommandError> {
        let Some(first) = self.failures.first() else { return Ok(ExitKind::Done) };
        let kind = if self.documents.is_empty() { ExitKind::No } else { ExitKind::Partial };
        let done = if first.kind == FailureKind::Topic { "written" } else { "read" };
        let message = format!("not everything in {} could be {done}", self.source);
        Err(CommandError::new(kind, message).hint(hint(first.kind)))
    }
}

/// What to do about the first failure; the others often follow from it.
pub(in crate::commands) fn hint(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::ModuleNotFound => {
            "run in the project's root, or set PYTHONPATH as for the service"
        }
        FailureKind::Import => {
            "the modules must import as they do in the service; --python names its interpreter, \
             --django-settings sets Django up"
        }
        FailureKind::Django => "name the settings module of the service with --django-settings",
        FailureKind::Schema => "use types that Pydantic can describe in JSON Schema",
        FailureKind::Conflict => "give the changed event class a new version",
        FailureKind::Library => "celery-salt 1.6 and tchu-tchu 2.4 to 3.0 are known to work",
        FailureKind::Document => "mend the file, or restore it from version control",
        FailureKind::Topic => "choose a topic of plain words joined by dots",
    }
}

impl FileState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
        }
    }
}

impl Report for SchemaExtract {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let mut table = Table::new(["topic", "version", "mode", "class", "file"]);
        for row in &self.documents {
            let publisher = row.document.publisher.as_ref();
            let class = publisher.and_then(|publisher| publisher.class.clone());
            let place = |location: &Location| format!("{}:{}", location.file, location.line);
            let file = row.file.map(|state| state.as_str().to_owned());
            table.row([
                row.document.topic.to_string(),
                row.document.version.to_string(),
                row.document.mode.to_string(),
                class.unwrap_or_default(),
                file.or_else(|| row.location.as_ref().map(place)).unwrap_or_default(),
            ]);
        }
        if table.is_empty() {
            writeln!(out, "no event schemas in {}", self.source)?;
        } else {
            table.write(out, style)?;
        }
        write_lints(out, style, &self.lints)?;
        write_failures(out, style, &self.failures)
    }
}
