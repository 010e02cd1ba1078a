//! `schema register`: puts schemas into the registry unless they break somebody.

mod judged;
mod report;

use std::path::PathBuf;

use clap::{Args, ValueHint};
use serde_json::json;

use super::diff::JudgingArgs;
use super::extract::PythonArgs;
use super::problem::Problem;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::extract::{self, Extraction, PythonOptions, Source};
use crate::registry::{self, Access, RegisterMode, RegistryError, RegistryStore};
use crate::schema::{SchemaDocument, VersionSelector};
use crate::ui::Work;

use judged::{Rewording, Ruling, Rulings};
use report::name_of;

pub use report::SchemaRegister;

/// Put schemas into the registry
///
/// Registering again changes nothing. A new version that breaks those who read the registered
/// ones, or may, is refused; another schema under a version that is there is a conflict. Another
/// text of the same meaning is left as it is registered.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  celerysalt schema register schemas\n  \
    celerysalt schema register --from python:shop.events --check-only\n  \
    celerysalt schema register schemas --force 'nobody reads v1 any more, see OPS-17'")]
pub struct RegisterArgs {
    /// JSON files, or directories of JSON files
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    #[arg(required_unless_present = "from", conflicts_with = "from")]
    paths: Vec<PathBuf>,
    /// Read the schemas from python:MODULE[,MODULE…] or a directory
    #[arg(long, value_name = "SOURCE")]
    from: Option<Source>,
    /// Write nothing; say what would happen
    #[arg(long)]
    check_only: bool,
    /// Register also what breaks somebody or is in conflict; the reason is kept in the document
    #[arg(long, value_name = "REASON", value_parser = reason)]
    force: Option<String>,
    #[command(flatten)]
    judge: JudgingArgs,
    #[command(flatten)]
    python: PythonArgs,
}

fn reason(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        "" => Err("say why"),
        reason => Ok(reason.to_owned()),
    }
}

pub(super) async fn run(args: RegisterArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let sources: Vec<Source> =
        args.from.into_iter().chain(args.paths.into_iter().map(Source::Path)).collect();
    let extraction = read(&sources, &args.python.options()).await?;
    let access = if args.check_only { Access::Check } else { Access::Write };
    let store = super::open(context, access).await?;
    let rulings = judged::judge(&extraction, &*store, (&args.judge, context.waivers())).await?;
    let mode = if args.check_only { RegisterMode::CheckOnly } else { RegisterMode::Add };
    let registering = Registering { store: &*store, mode, force: args.force.as_deref() };
    let report = registering.all(extraction, rulings, context).await;
    store.close().await;
    context.ui.report(&report)?;
    report.outcome()
}

async fn read(sources: &[Source], options: &PythonOptions) -> Result<Extraction, CommandError> {
    let mut all = Extraction::default();
    for source in sources {
        let extraction = extract::extract(source, options).await?;
        all.documents.extend(extraction.documents);
        all.subscriptions.extend(extraction.subscriptions);
        all.failures.extend(extraction.failures);
    }
    Ok(all)
}

struct Registering<'a> {
    store: &'a dyn RegistryStore,
    mode: RegisterMode,
    force: Option<&'a str>,
}

impl Registering<'_> {
    async fn all(
        &self,
        extraction: Extraction,
        mut rulings: Rulings,
        context: &Context,
    ) -> SchemaRegister {
        let mut report = SchemaRegister {
            registry: self.store.name().to_owned(),
            check_only: self.mode == RegisterMode::CheckOnly,
            added: Vec::new(),
            unchanged: Vec::new(),
            reworded: Vec::new(),
            refused: Vec::new(),
            forced: Vec::new(),
            conflicts: Vec::new(),
            findings: std::mem::take(&mut rulings.findings),
            failures: extraction.failures,
            problems: std::mem::take(&mut rulings.problems),
        };
        let total = Some(extraction.documents.len() as u64);
        let mut progress =
            context.ui.progress(Work { doing: "registering", unit: "schemas", total });
        for (extracted, done) in extraction.documents.into_iter().zip(1..) {
            let ruling = rulings.of(&extracted.document);
            if let Err(error) = self.one(extracted.document, &ruling, &mut report).await {
                report.problems.push(Problem::from(&error));
            }
            progress.set(done);
        }
        report
    }

    /// | ruling | version is there | with `--force` | what happens |
    /// |---|---|---|---|
    /// | nothing against it | any | any | added, or unchanged |
    /// | reworded | yes | any | left as it is |
    /// | refused | no | no | refused |
    /// | refused | yes, another schema | no | conflict |
    /// | refused | any | yes | written, with the reason |
    async fn one(
        &self,
        document: SchemaDocument,
        ruling: &Ruling,
        report: &mut SchemaRegister,
    ) -> Result<(), RegistryError> {
        let name = name_of(&document);
        if ruling.refused_by.is_empty() {
            if ruling.rewording == Rewording::Harmless {
                report.reworded.push(name);
                return Ok(());
            }
            let outcome = self.store.register(&document, self.mode).await?;
            report.take(document, outcome);
            return Ok(());
        }
        if let Some(reason) = self.force {
            let outcome = self.forced(document, ruling, reason).await?;
            if outcome.is_new {
                report.added.push(name.clone());
            }
            report.forced.push(name);
            return Ok(());
        }
        let version = VersionSelector::Exact(document.version.clone());
        if self.store.get(&document.topic, &version).await?.is_none() {
            report.refused.push(name);
            return Ok(());
        }
        let outcome = self.store.register(&document, RegisterMode::CheckOnly).await?;
        report.take(document, outcome);
        Ok(())
    }

    /// Writes a document with the reason in its annotations.
    async fn forced(
        &self,
        document: SchemaDocument,
        ruling: &Ruling,
        reason: &str,
    ) -> Result<Forced, RegistryError> {
        let version = VersionSelector::Exact(document.version.clone());
        if self.mode == RegisterMode::CheckOnly {
            let existing = self.store.get(&document.topic, &version).await?;
            return Ok(Forced { is_new: existing.is_none() });
        }
        let note = json!({ "reason": reason, "rules": ruling.refused_by });
        let noted = |existing: Option<&SchemaDocument>| {
            let mut document = document.clone();
            existing.into_iter().for_each(|existing| document.keep_edits_of(existing));
            document.annotations.insert("forced".to_owned(), note.clone());
            Some(document)
        };
        let amended = registry::amend(self.store, (&document.topic, &version), noted).await?;
        Ok(Forced { is_new: amended.is_some_and(|amended| amended.before.is_none()) })
    }
}

struct Forced {
    is_new: bool,
}
