use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::documents::{Selected, Selection};
use super::report::{GenerateReport, SchemaFailure};
use super::target::{Target, deliver};
use crate::codegen::python::{self, Package, Settings};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};

/// Where a package goes unless told otherwise.
const DEFAULT_FOLDER: &str = "celerysalt_types";
const EMAIL: &str = "email addresses are checked by the package email-validator: \
                     pip install 'pydantic[email]'";

/// Generate a Python package with the types of every event
///
/// The package replaces that of the publisher: its event classes register the stored schema when
/// they are imported, so that a service can subscribe to them. One topic without --out is printed
/// as a single module.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  celerysalt generate stubs\n  \
    celerysalt generate stubs 'order.#' --out shop/events\n  \
    celerysalt generate stubs user.signup --style pydantic > signup.py")]
// `--version` is the version of the schema here.
#[command(disable_version_flag = true)]
pub struct StubsArgs {
    #[command(flatten)]
    selection: Selection,
    /// The folder of the package [default: celerysalt_types]
    #[arg(long, value_name = "PATH", value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,
    /// Write nothing; show what differs, and fail if anything does
    #[arg(long)]
    check: bool,
    /// What to generate
    #[arg(long, value_name = "STYLE", default_value = "salt")]
    style: Style,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Style {
    /// Event classes for celery-salt with Pydantic payloads
    Salt,
    /// Pydantic models only
    Pydantic,
    /// The types of `salt` for type checkers alone, as .pyi files
    Pyi,
    /// TypedDict: the shapes of decoded JSON, for plain handlers
    Typeddict,
    /// Frozen dataclasses: the shapes of decoded JSON; nothing is parsed
    Dataclass,
}

impl Style {
    fn words(self) -> &'static str {
        match self {
            Self::Salt => "",
            Self::Pydantic => " --style pydantic",
            Self::Pyi => " --style pyi",
            Self::Typeddict => " --style typeddict",
            Self::Dataclass => " --style dataclass",
        }
    }

    fn writer(self) -> python::Style {
        match self {
            Self::Salt => python::Style::Salt,
            Self::Pydantic => python::Style::Pydantic,
            Self::Pyi => python::Style::Pyi,
            Self::Typeddict => python::Style::TypedDict,
            Self::Dataclass => python::Style::Dataclass,
        }
    }
}

pub(super) async fn run(args: &StubsArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let selected = args.selection.read(context).await?;
    let update =
        format!("celerysalt generate stubs{}{}", args.selection.words(), args.style.words());
    let settings = Settings { style: args.style.writer(), update: &update };
    if let [document] = selected.documents.as_slice()
        && args.out.is_none()
        && !args.check
        && args.selection.is_one_topic()
    {
        return print(&python::single(document, settings), context);
    }
    let package = python::package(&selected.documents, settings);
    write(args, (selected, package), context)
}

/// One module to stdout, what was lost to stderr.
fn print(package: &Package, context: &Context) -> Result<ExitKind, CommandError> {
    if let Some(failure) = package.failures.first() {
        let message =
            format!("nothing can be generated from {}@{}", failure.topic, failure.version);
        return Err(CommandError {
            causes: vec![failure.error.to_string()],
            ..CommandError::new(ExitKind::No, message)
                .hint("`celerysalt schema show` prints the schema; register it again to mend it")
        });
    }
    let mut out = context.ui.stdout();
    for file in &package.files {
        out.write_all(file.text.as_bytes())?;
    }
    out.flush()?;
    for loss in &package.losses {
        context.ui.note(&format!("{}: {}", loss.place, loss.message));
    }
    if package.needs_email {
        context.ui.note(EMAIL);
    }
    Ok(ExitKind::Done)
}

fn write(
    args: &StubsArgs,
    (selected, package): (Selected, Package),
    context: &Context,
) -> Result<ExitKind, CommandError> {
    let folder = args.out.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_FOLDER));
    let target = Target { folder, endings: &[".py", ".pyi"], check: args.check };
    let failure = |failure: python::Failure| SchemaFailure {
        topic: failure.topic,
        version: failure.version,
        message: failure.error.to_string(),
    };
    let report = GenerateReport {
        losses: package.losses,
        failures: package.failures.into_iter().map(failure).collect(),
        problems: selected.problems,
        needs: if package.needs_email { vec![EMAIL] } else { Vec::new() },
        ..deliver(&target, &package.files)?
    };
    context.ui.report(&report)?;
    Ok(report.outcome())
}
