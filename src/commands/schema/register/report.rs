use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::super::diff::write_findings;
use super::super::findings::write_failures;
use super::super::problem::Problem;
use crate::commands::error::{CommandError, ExitKind};
use crate::extract::Failure;
use crate::registry::Registration;
use crate::schema::{ContractPart, Finding, SchemaDocument};
use crate::ui::{Difference, Report, Style, sanitize};

/// How many documents an error message names; the report has them all.
const NAMED: usize = 3;

/// What became of each schema.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SchemaRegister {
    pub registry: String,
    /// Whether nothing was written.
    pub check_only: bool,
    /// `TOPIC@VERSION` of each.
    pub added: Vec<String>,
    pub unchanged: Vec<String>,
    /// The version is there with another text of the same meaning, which was left as it is.
    pub reworded: Vec<String>,
    /// What would break somebody, or may.
    pub refused: Vec<String>,
    /// What was written with `--force` although it would have been refused; also in `added` when
    /// the version is new.
    pub forced: Vec<String>,
    pub conflicts: Vec<Conflict>,
    /// What was found about the changes; the worst first within each topic.
    pub findings: Vec<Finding>,
    /// Parts of the source that could not be read.
    pub failures: Vec<Failure>,
    /// Documents that the registry could not take, or that are in it and cannot be read.
    pub problems: Vec<Problem>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Conflict {
    topic: String,
    version: String,
    differences: Vec<ContractPart>,
    #[schemars(with = "Value")]
    existing: SchemaDocument,
    #[schemars(with = "Value")]
    new: SchemaDocument,
}

impl SchemaRegister {
    pub(super) fn take(&mut self, document: SchemaDocument, outcome: Registration) {
        let name = name_of(&document);
        match outcome {
            Registration::Added => self.added.push(name),
            Registration::Unchanged => self.unchanged.push(name),
            Registration::Conflict { existing, differences } => self.conflicts.push(Conflict {
                topic: document.topic.to_string(),
                version: document.version.to_string(),
                differences,
                existing: *existing,
                new: document,
            }),
        }
    }

    /// | conflicts or refused | failures or problems | anything registered or there | outcome |
    /// |---|---|---|---|
    /// | some | any | any | no |
    /// | none | none | any | done |
    /// | none | some | yes | partly done |
    /// | none | some | nothing | no |
    pub(super) fn outcome(&self) -> Result<ExitKind, CommandError> {
        if !self.conflicts.is_empty() {
            return Err(self.conflict());
        }
        if !self.refused.is_empty() {
            return Err(self.refusal());
        }
        let is_whole = self.failures.is_empty() && self.problems.is_empty();
        let there = [&self.added, &self.unchanged, &self.reworded, &self.forced];
        let kind = match (is_whole, there.iter().all(|names| names.is_empty())) {
            (true, _) => return Ok(ExitKind::Done),
            (false, true) => ExitKind::No,
            (false, false) => ExitKind::Partial,
        };
        Err(CommandError::new(kind, "not every schema could be registered")
            .hint("mend what is listed above and register again; what is there stays as it is"))
    }

    fn conflict(&self) -> CommandError {
        let names: Vec<String> = self
            .conflicts
            .iter()
            .map(|conflict| format!("{}@{}", conflict.topic, conflict.version))
            .collect();
        let message = format!("{} has another schema for {}", self.registry, some_of(&names));
        CommandError::new(ExitKind::No, message)
            .hint("give the changed schema a new version; a version means one schema for good")
    }

    fn refusal(&self) -> CommandError {
        let message = format!(
            "{} would break those who read what is registered, or may",
            some_of(&self.refused)
        );
        CommandError::new(ExitKind::No, message)
            .hint("`celerysalt schema rules CODE` explains a rule that is named above")
            .hint("--force REASON registers it all the same, and keeps the reason in the document")
    }
}

pub(super) fn name_of(document: &SchemaDocument) -> String {
    format!("{}@{}", document.topic, document.version)
}

fn some_of(names: &[String]) -> String {
    let shown = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        count => format!("{shown} and {count} more"),
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
        write_findings(&self.findings, out, style)?;
        let (added, forced, summary) = if self.check_only {
            ("would add", "would force", "would be added")
        } else {
            ("added", "forced", "added")
        };
        let lists = [
            (&style.good, added, &self.added),
            (&style.warning, forced, &self.forced),
            (&style.dim, "reworded, left as it is:", &self.reworded),
            (&style.bad, "refused", &self.refused),
        ];
        for (ansi, title, names) in lists {
            for name in names {
                writeln!(out, "{} {}", ansi.apply_to(title), sanitize(name))?;
            }
        }
        self.conflicts.iter().try_for_each(|conflict| conflict.write(out, style))?;
        write_failures(out, style, &self.failures)?;
        self.problems.iter().try_for_each(|problem| problem.write(out, style))?;
        let some = |count: usize, what: &str| match count {
            0 => String::new(),
            count => format!("{count} {what}, "),
        };
        let counts = format!(
            "{}: {} {summary}, {} unchanged, {}{}{} in conflict, {} unreadable",
            self.registry,
            self.added.len(),
            self.unchanged.len() + self.reworded.len(),
            some(self.refused.len(), "refused"),
            some(self.forced.len(), "forced"),
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
            reworded: Vec::new(),
            refused: Vec::new(),
            forced: Vec::new(),
            conflicts: (0..conflicts).map(|_| conflict()).collect(),
            findings: Vec::new(),
            failures: vec![failure; failures],
            problems: Vec::new(),
        }
    }

    #[test]
    fn the_outcome_is_that_of_the_worst_schema() {
        let refused = SchemaRegister { refused: vec!["a@v2".to_owned()], ..report(0, 0, 5) };
        let table = [
            (report(1, 0, 5), Err(ExitKind::No)),
            (report(1, 1, 5), Err(ExitKind::No)),
            (refused, Err(ExitKind::No)),
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
