use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::read::{Located, Subjects};
use crate::commands::error::ExitKind;
use crate::commands::schema::findings::write_failures;
use crate::commands::schema::problem::Problem;
use crate::extract::{Failure, Level, Lint, Location};
use crate::schema::lint::{LintFinding, LintLevel, lint};
use crate::schema::{Place, SchemaPart, line_of};
use crate::ui::{Report, Style, sanitize};

/// Rules of this tool and of the script that reads Python classes which say the same.
const SAID_TWICE: [(&str, &str); 2] = [("CL007", "CE009"), ("CL020", "CE006")];

/// Everything that is questionable about the schemas of a source.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SchemaLint {
    source: String,
    /// How many documents were looked at.
    documents: usize,
    summary: LintSummary,
    /// By topic and version, the worst first within each.
    findings: Vec<LintRow>,
    /// Parts of the source that could not be read.
    failures: Vec<Failure>,
    /// Documents of a registry that could not be read.
    problems: Vec<Problem>,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
struct LintSummary {
    error: usize,
    warning: usize,
    info: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct LintRow {
    /// The code, `CL001`.
    rule: String,
    level: LintLevel,
    topic: Option<String>,
    version: Option<String>,
    /// The schema that it is about; null for the document itself.
    part: Option<SchemaPart>,
    /// Where in the event, as in Python: `items[].qty`.
    path: String,
    message: String,
    /// What to do instead.
    suggestion: Option<String>,
    location: Option<Place>,
}

impl SchemaLint {
    pub(super) fn new(subjects: Subjects) -> Self {
        let mut findings = Vec::new();
        let mut lints: BTreeMap<_, Vec<Lint>> = BTreeMap::new();
        for lint in subjects.lints {
            lints.entry((lint.topic.clone(), lint.version.clone())).or_default().push(lint);
        }
        for located in &subjects.documents {
            let document = &located.document;
            let name = (Some(document.topic.to_string()), Some(document.version.to_string()));
            let said = lints.remove(&name).unwrap_or_default();
            findings.extend(rows(located, said));
        }
        let others = lints.into_values().flatten();
        findings.extend(others.map(|lint| LintRow::extracted(lint, None)));
        let count = |level| findings.iter().filter(|row: &&LintRow| row.level == level).count();
        Self {
            source: subjects.name,
            documents: subjects.documents.len(),
            summary: LintSummary {
                error: count(LintLevel::Error),
                warning: count(LintLevel::Warning),
                info: count(LintLevel::Info),
            },
            findings,
            failures: subjects.failures,
            problems: subjects.problems,
        }
    }

    pub(super) fn outcome(&self, least: LintLevel) -> ExitKind {
        if self.findings.iter().any(|row| row.level <= least) {
            ExitKind::No
        } else if self.failures.is_empty() && self.problems.is_empty() {
            ExitKind::Done
        } else {
            ExitKind::Partial
        }
    }
}

fn rows(located: &Located, said: Vec<Lint>) -> Vec<LintRow> {
    let found = lint(&located.document)
        .into_iter()
        .filter(|finding| !said.iter().any(|lint| is_the_same(finding, lint)));
    let found: Vec<LintFinding> = found.collect();
    let text = match &located.location {
        Some(location) if !found.is_empty() && location.file.ends_with(".json") => {
            fs::read_to_string(&location.file).ok()
        }
        Some(_) | None => None,
    };
    let place = |location: &Location, pointer: &str| Place {
        file: location.file.clone(),
        line: text.as_ref().and_then(|text| line_of(text, pointer)).unwrap_or(location.line),
    };
    let document = &located.document;
    let own = found.into_iter().map(|finding| LintRow {
        rule: finding.rule.code.to_owned(),
        level: finding.level,
        topic: Some(document.topic.to_string()),
        version: Some(document.version.to_string()),
        part: finding.part,
        location: located.location.as_ref().map(|location| place(location, &finding.pointer)),
        path: finding.path,
        message: finding.message,
        suggestion: Some(finding.rule.advice.to_owned()),
    });
    let class = located.location.as_ref();
    let mut rows: Vec<LintRow> =
        said.into_iter().map(|lint| LintRow::extracted(lint, class)).chain(own).collect();
    rows.sort_by_key(|row| row.level);
    rows
}

fn is_the_same(finding: &LintFinding, lint: &Lint) -> bool {
    SAID_TWICE.contains(&(finding.rule.code, &lint.rule))
        && finding.path == lint.path.as_deref().unwrap_or_default()
}

impl LintRow {
    fn extracted(lint: Lint, location: Option<&Location>) -> Self {
        Self {
            rule: lint.rule,
            level: match lint.level {
                Level::Error => LintLevel::Error,
                Level::Warning => LintLevel::Warning,
            },
            topic: lint.topic,
            version: lint.version,
            part: lint.part.as_deref().and_then(part),
            path: lint.path.unwrap_or_default(),
            message: lint.message,
            suggestion: lint.suggestion,
            location: location.map(|place| Place { file: place.file.clone(), line: place.line }),
        }
    }

    fn subject(&self) -> String {
        match (&self.topic, &self.version) {
            (Some(topic), Some(version)) => format!("{topic}@{version}"),
            (Some(topic), None) => topic.clone(),
            (None, _) => "(no topic)".to_owned(),
        }
    }

    fn write(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let level = match self.level {
            LintLevel::Error => style.bad.apply_to("error"),
            LintLevel::Warning => style.warning.apply_to("warning"),
            LintLevel::Info => style.dim.apply_to("info"),
        };
        let place = self.location.as_ref().map(|place| format!("{}:{}: ", place.file, place.line));
        let place = place.unwrap_or_default();
        let place = style.dim.apply_to(sanitize(&place));
        writeln!(out, "  {place}{level} {} {}", sanitize(&self.rule), sanitize(&self.message))
    }
}

fn part(member: &str) -> Option<SchemaPart> {
    match member {
        "schema" => Some(SchemaPart::Request),
        "response_schema" => Some(SchemaPart::Response),
        "error_schema" => Some(SchemaPart::Error),
        _ => None,
    }
}

impl Report for SchemaLint {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        // What to do is the same for all findings of a rule.
        let mut advised = BTreeSet::new();
        for topic in self.findings.chunk_by(|a, b| a.subject() == b.subject()) {
            if let Some(first) = topic.first() {
                writeln!(out, "{}", style.heading.apply_to(sanitize(&first.subject())))?;
            }
            for row in topic {
                row.write(out, style)?;
                if let Some(text) = &row.suggestion
                    && row.level != LintLevel::Info
                    && advised.insert((&row.rule, text))
                {
                    writeln!(out, "      {} {}", style.dim.apply_to("try:"), sanitize(text))?;
                }
            }
        }
        write_failures(out, style, &self.failures)?;
        self.problems.iter().try_for_each(|problem| problem.write(out, style))?;
        let plural = |count, one: &str| match count {
            1 => format!("1 {one}"),
            count => format!("{count} {one}s"),
        };
        let LintSummary { error, warning, info } = self.summary;
        writeln!(
            out,
            "{}: {}, {}, {info} info, in {}",
            sanitize(&self.source),
            plural(error, "error"),
            plural(warning, "warning"),
            plural(self.documents, "schema")
        )
    }
}
