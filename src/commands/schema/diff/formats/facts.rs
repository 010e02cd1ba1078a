//! What all formats say in the same words.

use crate::commands::schema::diff::SchemaDiff;
use crate::extract::Failure;
use crate::schema::{Finding, FindingLevel, SchemaPart};

pub fn level_name(level: FindingLevel) -> &'static str {
    match level {
        FindingLevel::Breaking => "breaking",
        FindingLevel::Undecided => "undecided",
        FindingLevel::Warning => "warning",
        FindingLevel::Info => "info",
    }
}

/// The worst thing that is so: the headline.
pub fn verdict(report: &SchemaDiff) -> &'static str {
    let summary = report.summary;
    match (summary.breaking, summary.undecided) {
        (0, 0) if report.compatible => "no event schema breaks",
        (0, 0) => "event schemas change in a way that was asked to be refused",
        (0, _) => "no break found, but not everything could be decided",
        (1, _) => "this change breaks an event schema",
        (_, _) => "this change breaks event schemas",
    }
}

/// `2 breaking, 1 undecided, 3 warnings`; levels without findings are left out.
pub fn counts(report: &SchemaDiff) -> String {
    let summary = report.summary;
    let plural = |count, one, many| (count, if count == 1 { one } else { many });
    let counted = [
        (summary.breaking, "breaking"),
        (summary.undecided, "undecided"),
        plural(summary.warning, "warning", "warnings"),
        plural(summary.info, "note", "notes"),
        (summary.waived, "waived"),
    ];
    let shown: Vec<String> = counted
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    if shown.is_empty() { "no findings".to_owned() } else { shown.join(", ") }
}

pub fn topics(report: &SchemaDiff) -> String {
    match report.topics {
        1 => "1 topic compared".to_owned(),
        count => format!("{count} topics compared"),
    }
}

/// `v1 → v2`, or the only one of the two.
pub fn versions(finding: &Finding) -> String {
    match (&finding.from_version, &finding.to_version) {
        (Some(from), Some(to)) if from != to => format!("{from} → {to}"),
        (Some(version), _) | (None, Some(version)) => version.clone(),
        (None, None) => String::new(),
    }
}

pub fn part_name(part: SchemaPart) -> &'static str {
    match part {
        SchemaPart::Request => "request",
        SchemaPart::Response => "response",
        SchemaPart::Error => "error",
    }
}

/// `request v1 → v2`.
pub fn subject(finding: &Finding) -> String {
    format!("{} {}", part_name(finding.part), versions(finding)).trim_end().to_owned()
}

/// Whether a finding is among those for which the command ends with an error.
///
/// The report does not hold what `--fail-on` asked for, but its outcome tells: when it is no
/// without a break, then the worst level that is there was asked for.
pub fn is_refused(report: &SchemaDiff, finding: &Finding) -> bool {
    let summary = report.summary;
    let nothing_worse = match finding.level {
        FindingLevel::Breaking => true,
        FindingLevel::Undecided => summary.breaking == 0,
        FindingLevel::Warning => summary.breaking == 0 && summary.undecided == 0,
        FindingLevel::Info => false,
    };
    finding.waived.is_none() && !report.compatible && nothing_worse
}

/// The findings of each topic together, the topics with the worst findings first; what `is_wanted`
/// refuses is left out.
pub fn by_topic(
    report: &SchemaDiff,
    is_wanted: impl Fn(&Finding) -> bool,
) -> Vec<(&str, Vec<&Finding>)> {
    let mut groups: Vec<(&str, Vec<&Finding>)> = Vec::new();
    let mut findings: Vec<&Finding> =
        report.changes.iter().filter(|finding| is_wanted(finding)).collect();
    findings.sort_by_key(|finding| finding.topic.as_str());
    for finding in findings {
        match groups.last_mut() {
            Some((topic, group)) if *topic == finding.topic => group.push(finding),
            Some(_) | None => groups.push((&finding.topic, vec![finding])),
        }
    }
    for (_, group) in &mut groups {
        group.sort_by_key(|finding| (finding.waived.is_some(), finding.level));
    }
    let worst = |group: &[&Finding]| {
        let counted = group.iter().filter(|finding| finding.waived.is_none());
        counted.map(|finding| finding.level).min().unwrap_or(FindingLevel::Info)
    };
    groups.sort_by_key(|(_, group)| worst(group));
    groups
}

/// What could not be read, with the place where that is known.
pub fn unread(report: &SchemaDiff) -> Vec<Unread<'_>> {
    let failures = report.failures.iter().map(|failure| Unread {
        text: failure_text(failure),
        place: failure.frames.last().map(|frame| (frame.file.as_str(), frame.line)),
    });
    let problems = report
        .problems
        .iter()
        .map(|problem| Unread { text: problem.text().to_owned(), place: None });
    failures.chain(problems).collect()
}

pub struct Unread<'a> {
    pub text: String,
    /// File and line.
    pub place: Option<(&'a str, usize)>,
}

fn failure_text(failure: &Failure) -> String {
    let subject = match (&failure.topic, &failure.version, &failure.module) {
        (Some(topic), Some(version), _) => format!("{topic}@{version}: "),
        (Some(topic), None, _) => format!("{topic}: "),
        (None, _, Some(module)) => format!("module {module}: "),
        (None, _, None) => String::new(),
    };
    subject + &failure.message
}
