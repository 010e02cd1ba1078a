use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueHint};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::extract::PythonArgs;
use super::findings::write_failures;
use super::problem::Problem;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::extract::{self, Extraction, Failure, PythonOptions, Source};
use crate::registry::{Access, RegisterMode, Registration, RegistryStore};
use crate::schema::{ContractPart, SchemaDocument};
use crate::ui::{Difference, Report, Style, Work, sanitize};

/// How many conflicts the error message names; the report has them all.
const NAMED_CONFLICTS: usize = 3;

/// Put schemas into the registry
///
/// Registering again changes nothing. Another schema under a version that is there is a conflict,
/// and is refused.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  celerysalt schema register schemas\n  \
    celerysalt schema register --from python:shop.events --check-only")]
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
    #[command(flatten)]
    python: PythonArgs,
}

/// What became of each schema.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SchemaRegister {
    registry: String,
    /// Whether nothing was written.
    check_only: bool,
    /// `TOPIC@VERSION` of each.
    added: Vec<String>,
    unchanged: Vec<String>,
    conflicts: Vec<Conflict>,
    /// Parts of the source that could not be read.
    failures: Vec<Failure>,
    /// Documents that the registry could not take.
    problems: Vec<Problem>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Conflict {
    topic: String,
    version: String,
    differences: Vec<ContractPart>,
    #[schemars(with = "Value")]
    existing: SchemaDocument,
    #[schemars(with = "Value")]
    new: SchemaDocument,
}

pub(super) async fn run(args: RegisterArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let sources: Vec<Source> =
        args.from.into_iter().chain(args.paths.into_iter().map(Source::Path)).collect();
    let extraction = read(&sources, &args.python.options()).await?;
    let access = if args.check_only { Access::Read } else { Access::Write };
    let store = super::open(context, access).await?;
    let mode = if args.check_only { RegisterMode::CheckOnly } else { RegisterMode::Add };
    let report = register(extraction, &*store, (mode, context)).await;
    store.close().await;
    context.ui.report(&report)?;
    report.outcome()
}

async fn read(sources: &[Source], options: &PythonOptions) -> Result<Extraction, CommandError> {
    let mut all = Extraction::default();
    for source in sources {
        let extraction = extract::extract(source, options).await?;
        all.documents.extend(extraction.documents);
        all.failures.extend(extraction.failures);
    }
    Ok(all)
}

async fn register(
    extraction: Extraction,
    store: &dyn RegistryStore,
    (mode, context): (RegisterMode, &Context),
) -> SchemaRegister {
    let mut report = SchemaRegister {
        registry: store.name().to_owned(),
        check_only: mode == RegisterMode::CheckOnly,
        added: Vec::new(),
        unchanged: Vec::new(),
        conflicts: Vec::new(),
        failures: extraction.failures,
        problems: Vec::new(),
    };
    let total = Some(extraction.documents.len() as u64);
    let mut progress = context.ui.progress(Work { doing: "registering", unit: "schemas", total });
    for (extracted, done) in extraction.documents.into_iter().zip(1..) {
        let outcome = store.register(&extracted.document, mode).await;
        report.take(extracted.document, outcome.map_err(|error| Problem::from(&error)));
        progress.set(done);
    }
    report
}

impl SchemaRegister {
    fn take(&mut self, document: SchemaDocument, outcome: Result<Registration, Problem>) {
        let name = format!("{}@{}", document.topic, document.version);
        match outcome {
            Ok(Registration::Added | Registration::Replaced) => self.added.push(name),
            Ok(Registration::Unchanged) => self.unchanged.push(name),
            Ok(Registration::Conflict { existing, differences }) => self.conflicts.push(Conflict {
                topic: document.topic.to_string(),
                version: document.version.to_string(),
                differences,
                existing: *existing,
                new: document,
            }),
            Err(problem) => self.problems.push(problem),
        }
    }

    /// | conflicts | failures or problems | anything registered or there | outcome |
    /// |---|---|---|---|
    /// | some | any | any | no |
    /// | none | none | any | done |
    /// | none | some | yes | partly done |
    /// | none | some | nothing | no |
    fn outcome(&self) -> Result<ExitKind, CommandError> {
        let is_whole = self.failures.is_empty() && self.problems.is_empty();
        let is_empty = self.added.is_empty() && self.unchanged.is_empty();
        let kind = match (self.conflicts.is_empty(), is_whole, is_empty) {
            (true, true, _) => return Ok(ExitKind::Done),
            (false, _, _) => {
                return Err(CommandError::new(ExitKind::No, self.conflict_message()).hint(
                    "give the changed schema a new version; a version means one schema for good",
                ));
            }
            (true, false, true) => ExitKind::No,
            (true, false, false) => ExitKind::Partial,
        };
        Err(CommandError::new(kind, "not every schema could be registered")
            .hint("mend what is listed above and register again; what is there stays as it is"))
    }
}

impl SchemaRegister {
    fn conflict_message(&self) -> String {
        let names: Vec<String> = self
            .conflicts
            .iter()
            .take(NAMED_CONFLICTS)
            .map(|conflict| format!("{}@{}", conflict.topic, conflict.version))
            .collect();
        let more = match self.conflicts.len() - names.len() {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        format!("{} has another schema for {}{more}", self.registry, names.join(", "))
    }
}

impl Conflict {
    fn write(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let parts: Vec<&str> = self.differences.iter().map(|part| part.as_str()).collect();
        let text = format!(
            "{}@{} is registered with a different {}",
            self.topic,
            self.version,
            parts.join(" and ")
        );
        writeln!(out, "{} {}", style.bad.apply_to("conflict:"), sanitize(&text))?;
        // What people wrote into the registry is no part of the conflict.
        let mut new = self.new.clone();
        new.keep_edits_of(&self.existing);
        new.description.clone_from(&self.existing.description);
        new.publisher.clone_from(&self.existing.publisher);
        new.version.clone_from(&self.existing.version);
        let difference = Difference {
            old_name: "registered",
            old: &self.existing.to_pretty_json(),
            new_name: "new",
            new: &new.to_pretty_json(),
        };
        difference.write(out, style)
    }
}

impl Report for SchemaRegister {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let (added, summary) =
            if self.check_only { ("would add", "would be added") } else { ("added", "added") };
        for name in &self.added {
            writeln!(out, "{} {}", style.good.apply_to(added), sanitize(name))?;
        }
        self.conflicts.iter().try_for_each(|conflict| conflict.write(out, style))?;
        write_failures(out, style, &self.failures)?;
        self.problems.iter().try_for_each(|problem| problem.write(out, style))?;
        let counts = format!(
            "{}: {} {summary}, {} unchanged, {} in conflict, {} unreadable",
            self.registry,
            self.added.len(),
            self.unchanged.len(),
            self.conflicts.len(),
            self.failures.len() + self.problems.len()
        );
        writeln!(out, "{}", sanitize(&counts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::FailureKind;

    fn report(conflicts: usize, failures: usize, added: usize) -> SchemaRegister {
        let text = r#"{"topic": "a", "version": "v1", "schema": {}}"#;
        let document = SchemaDocument::parse(text).unwrap();
        let conflict = || Conflict {
            topic: "a".to_owned(),
            version: "v1".to_owned(),
            differences: vec![ContractPart::Schema],
            existing: document.clone(),
            new: document.clone(),
        };
        let failure = Failure {
            kind: FailureKind::Import,
            module: None,
            topic: None,
            version: None,
            class: None,
            message: String::new(),
            frames: Vec::new(),
        };
        SchemaRegister {
            registry: "file:schemas".to_owned(),
            check_only: false,
            added: vec!["a@v1".to_owned(); added],
            unchanged: Vec::new(),
            conflicts: (0..conflicts).map(|_| conflict()).collect(),
            failures: vec![failure; failures],
            problems: Vec::new(),
        }
    }

    #[test]
    fn the_outcome_is_that_of_the_worst_schema() {
        let table = [
            (report(1, 0, 5), Err(ExitKind::No)),
            (report(1, 1, 5), Err(ExitKind::No)),
            (report(0, 0, 5), Ok(ExitKind::Done)),
            (report(0, 0, 0), Ok(ExitKind::Done)),
            (report(0, 1, 5), Err(ExitKind::Partial)),
            (report(0, 1, 0), Err(ExitKind::No)),
        ];
        for (report, expected) in table {
            assert_eq!(report.outcome().map_err(|error| error.kind), expected, "{report:?}");
        }
        let many = report(5, 0, 0).outcome().unwrap_err().message;
        assert_eq!(many, "file:schemas has another schema for a@v1, a@v1, a@v1 and 2 more");
    }
}
