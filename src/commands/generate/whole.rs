//! `generate typescript|asyncapi|docs`: targets that are written from the documents as they stand.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use super::documents::Selection;
use super::report::GenerateReport;
use super::target::{Target, deliver};
use crate::codegen::{GeneratedFile, Loss, Note, Options, Output, asyncapi, docs, typescript};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::schema::SchemaDocument;

#[derive(Debug, Args)]
pub struct WholeArgs {
    #[command(flatten)]
    selection: Selection,
    /// Where the files go [default: events-ts, asyncapi.json or event-docs]
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    out: Option<PathBuf>,
    /// Write nothing; show what differs, and fail if anything does
    #[arg(long)]
    check: bool,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    TypeScript,
    AsyncApi,
    Docs,
}

impl Language {
    fn name(self) -> &'static str {
        match self {
            Self::TypeScript => "typescript",
            Self::AsyncApi => "asyncapi",
            Self::Docs => "docs",
        }
    }

    fn write(self, documents: &[SchemaDocument], options: &Options) -> Output {
        match self {
            Self::TypeScript => typescript::files(documents, options),
            Self::AsyncApi => asyncapi::files(documents, options),
            Self::Docs => docs::files(documents, options),
        }
    }

    /// Whether a file is about a topic, and not about all of them.
    fn is_of_a_topic(self, path: &str) -> bool {
        match self {
            Self::TypeScript => path != "index.ts",
            Self::AsyncApi => true,
            Self::Docs => path.starts_with("topics/"),
        }
    }

    fn target(self, args: &WholeArgs, output: &mut Output) -> Target {
        let out = |usual: &str| args.out.clone().unwrap_or_else(|| PathBuf::from(usual));
        let (folder, endings): (PathBuf, &'static [&'static str]) = match self {
            Self::TypeScript => (out("events-ts"), &[".ts"]),
            Self::Docs => (out("event-docs"), &[".md", ".html"]),
            Self::AsyncApi => {
                let path = out("asyncapi.json");
                for file in &mut output.files {
                    file.path = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                }
                (path.parent().unwrap_or(Path::new("")).to_owned(), &[])
            }
        };
        Target { folder, endings, check: args.check }
    }
}

pub async fn run(
    args: &WholeArgs,
    language: Language,
    context: &Context,
) -> Result<ExitKind, CommandError> {
    let selected = args.selection.read(context).await?;
    let update = format!("celerysalt generate {}{}", language.name(), args.selection.words());
    let mut options = Options::new(&update);
    context.exchange().clone_into(&mut options.exchange);
    let mut output = language.write(&selected.documents, &options);
    if args.selection.is_one_topic() && args.out.is_none() && !args.check {
        return print(&output, language, context);
    }
    let target = language.target(args, &mut output);
    let report = GenerateReport {
        problems: selected.problems,
        losses: output.notes.into_iter().map(loss).collect(),
        ..deliver(&target, &output.files)?
    };
    context.ui.report(&report)?;
    Ok(report.outcome())
}

/// The files of the topic to stdout, what was lost to stderr.
fn print(output: &Output, language: Language, context: &Context) -> Result<ExitKind, CommandError> {
    let mut out = context.ui.stdout();
    let is_shown = |file: &&GeneratedFile| language.is_of_a_topic(&file.path);
    for file in output.files.iter().filter(is_shown) {
        out.write_all(file.text.as_bytes())?;
    }
    out.flush()?;
    for note in &output.notes {
        context.ui.warn(&format!("{}@{}: {}", note.topic, note.version, note.message));
    }
    Ok(ExitKind::Done)
}

fn loss(note: Note) -> Loss {
    let Note { topic, version, message } = note;
    Loss { topic, version, place: String::new(), message }
}
