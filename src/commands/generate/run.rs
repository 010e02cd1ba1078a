//! One way for every target: what is selected, what is made of it, what becomes of the files.

use std::io::Write;

use super::arguments::GenerateTargetArgs;
use super::folder::{Comparison, FileState, Stale, apply, compare};
use super::report::GenerateReport;
use super::selection::Selected;
use super::target::Target;
use super::watch;
use crate::codegen::{Failure, Options, Output};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::schema::Problem;
use crate::schema::SchemaDocument;
use crate::secret::Secret;

/// A target with everything that decides what it writes.
#[derive(Debug)]
pub struct Job<'a> {
    pub target: Target,
    pub args: &'a GenerateTargetArgs,
    pub registry: Secret,
    pub options: Options,
}

/// Generates, and generates again with `--watch`.
pub async fn run(
    target: Target,
    args: &GenerateTargetArgs,
    context: &Context,
) -> Result<ExitKind, CommandError> {
    let mut options = Options::new(&target.command(&args.selection.words()));
    context.exchange().clone_into(&mut options.exchange);
    target.check_out(args.out.as_deref())?;
    let job = Job { target, args, registry: context.registry_url()?, options };
    if args.watch {
        return watch::run(&job, context).await;
    }
    let selected = args.selection.read(&job.registry).await?;
    if args.wants_print()
        && let Some(output) = target.write_alone(&selected.documents, &job.options)
    {
        return print(&output, &selected, context);
    }
    let report = job.deliver(job.write(&selected.documents), selected.problems)?;
    context.ui.report(&report)?;
    Ok(report.outcome())
}

impl Job<'_> {
    pub fn write(&self, documents: &[SchemaDocument]) -> Output {
        self.target.write(documents, &self.options)
    }

    /// Writes the files that differ, or only compares, and tells what became of each.
    pub fn deliver(
        &self,
        mut output: Output,
        problems: Vec<Problem>,
    ) -> Result<GenerateReport, CommandError> {
        let folder = self.target.place(self.args.out.as_deref(), &mut output.files);
        let stale = if problems.is_empty() { Stale::Remove } else { Stale::Keep };
        let mut comparisons = compare(&folder, output.files, stale)?;
        comparisons
            .retain(|file| !output.failures.iter().any(|failure| is_module_of(failure, file)));
        if !self.args.check {
            apply(&folder.path, &comparisons)?;
        }
        let is_same = comparisons.iter().all(|file| file.state == FileState::Unchanged);
        Ok(GenerateReport {
            out: folder.path,
            check: self.args.check,
            up_to_date: is_same || !self.args.check,
            files: comparisons.into_iter().map(Into::into).collect(),
            losses: output.losses,
            failures: output.failures.into_iter().map(Into::into).collect(),
            problems,
            needs: output.needs,
            because: None,
        })
    }
}

/// Whether a file would be removed only because nothing can be made of its schema any more.
fn is_module_of(failure: &Failure, file: &Comparison) -> bool {
    let header = format!("topic: {}, version: {},", failure.topic, failure.version);
    file.state == FileState::Stale && file.old.contains(&header)
}

/// The files of one topic to stdout; what was lost, and what could not be read, to stderr.
fn print(
    output: &Output,
    selected: &Selected,
    context: &Context,
) -> Result<ExitKind, CommandError> {
    if let Some(failure) = output.failures.first() {
        let message =
            format!("nothing can be generated from {}@{}", failure.topic, failure.version);
        return Err(CommandError {
            causes: vec![failure.error.to_string()],
            ..CommandError::new(ExitKind::No, message)
                .hint("`celerysalt schema show` prints the schema; register it again to mend it")
        });
    }
    let mut out = context.ui.stdout();
    for file in &output.files {
        out.write_all(file.text.as_bytes())?;
    }
    out.flush()?;
    for loss in &output.losses {
        context.ui.warn(&format!("{}@{}: {}", loss.topic, loss.version, loss.text()));
    }
    for problem in &selected.problems {
        context.ui.warn(problem.text());
    }
    for need in &output.needs {
        context.ui.note(need);
    }
    Ok(ExitKind::Done)
}
