use std::io::{self, Write};

use serde_json::Value;

use super::super::super::findings::write_failures;
use super::super::report::{SchemaDiff, SchemaDifference};
use crate::quantity::counted;
use crate::schema::{Direction, Finding, FindingLevel, SchemaPart, Witness};
use crate::ui::{Difference, Report, Style, sanitize};

/// How many versions of a list are named.
const NAMED: usize = 10;

impl Report for SchemaDiff {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        write(self, out, style)
    }
}

pub fn write(report: &SchemaDiff, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    write_groups(&report.changes, &report.schema_differences, out, style)?;
    write_failures(out, style, &report.failures)?;
    report.problems.iter().try_for_each(|problem| problem.write(out, style))?;
    for (list, title) in
        [(&report.waivers.expired, "expired waiver:"), (&report.waivers.unused, "unused waiver:")]
    {
        for waiver in list {
            writeln!(out, "{} {}", style.warning.apply_to(title), sanitize(waiver))?;
        }
    }
    write_versions(out, "added", &report.added)?;
    write_versions(out, "removed", &report.removed)?;
    write_summary(report, out, style)
}

/// The findings alone, in groups, as `schema register` shows them.
pub fn write_findings(findings: &[Finding], out: &mut dyn Write, style: &Style) -> io::Result<()> {
    write_groups(findings, &[], out, style)
}

/// What a heading stands for.
type Group<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

fn group(finding: &Finding) -> Group<'_> {
    (&finding.topic, finding.from_version.as_deref(), finding.to_version.as_deref())
}

fn write_groups(
    findings: &[Finding],
    differences: &[SchemaDifference],
    out: &mut dyn Write,
    style: &Style,
) -> io::Result<()> {
    for of_topic in findings.chunk_by(|a, b| a.topic == b.topic) {
        let mut groups: Vec<Group<'_>> = Vec::new();
        for finding in of_topic {
            if !groups.contains(&group(finding)) {
                groups.push(group(finding));
            }
        }
        for heading in groups {
            let members: Vec<&Finding> =
                of_topic.iter().filter(|finding| group(finding) == heading).collect();
            writeln!(out, "{}", style.heading.apply_to(sanitize(&title(heading))))?;
            write_members(&members, out, style)?;
            let difference = differences.iter().find(|difference| {
                let versions = (Some(&*difference.from_version), Some(&*difference.to_version));
                difference.topic == heading.0 && (heading.1, heading.2) == versions
            });
            if let Some(difference) = difference {
                write_difference(difference, out, style)?;
            }
            writeln!(out)?;
        }
    }
    Ok(())
}

fn title((topic, from, to): Group<'_>) -> String {
    match (from, to) {
        (Some(from), Some(to)) if from == to => format!("{topic} {to}, as registered -> new"),
        (Some(from), Some(to)) => format!("{topic} {from} -> {to}"),
        (None, Some(to)) => format!("{topic} {to}"),
        (Some(from), None) => format!("{topic} {from}, removed"),
        (None, None) => topic.to_owned(),
    }
}

/// A sentence says whose events meet whose readers before the first finding about it.
fn write_members(members: &[&Finding], out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let mut said: Option<&str> = None;
    for finding in members {
        let sentence = finding.direction.map(|direction| sentence(finding.part, direction));
        if sentence.is_some() && sentence != said {
            writeln!(out, "  {}", style.dim.apply_to(sentence.unwrap_or_default()))?;
            said = sentence;
        }
        write_finding(finding, out, style)?;
    }
    Ok(())
}

fn sentence(part: SchemaPart, direction: Direction) -> &'static str {
    match (part, direction) {
        (SchemaPart::Request, Direction::Forward) => "forward: old handlers read new events",
        (SchemaPart::Request, Direction::Backward) => "backward: new handlers read old events",
        (SchemaPart::Response, Direction::Forward) => "forward: old callers read new responses",
        (SchemaPart::Response, Direction::Backward) => "backward: new callers read old responses",
        (SchemaPart::Error, Direction::Forward) => "forward: old callers read new errors",
        (SchemaPart::Error, Direction::Backward) => "backward: new callers read old errors",
    }
}

fn write_finding(finding: &Finding, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let level = match (&finding.waived, finding.level) {
        (Some(_), _) => style.dim.apply_to("waived"),
        (None, FindingLevel::Breaking) => style.bad.apply_to("breaking"),
        (None, FindingLevel::Undecided) => style.warning.apply_to("undecided"),
        (None, FindingLevel::Warning) => style.warning.apply_to("warning"),
        (None, FindingLevel::Info) => style.dim.apply_to("info"),
    };
    let place = match (finding.part, finding.path.as_str()) {
        (SchemaPart::Request, "") => String::new(),
        (SchemaPart::Request, path) => format!(" {path}"),
        (SchemaPart::Response, "") => " response".to_owned(),
        (SchemaPart::Response, path) => format!(" response {path}"),
        (SchemaPart::Error, "") => " error".to_owned(),
        (SchemaPart::Error, path) => format!(" error {path}"),
    };
    let rule = finding.rule.code;
    writeln!(out, "  {level} {rule}{}: {}", sanitize(&place), sanitize(&finding.message))?;
    let mut line = |title: &str, text: &str| {
        writeln!(out, "      {} {}", style.dim.apply_to(title), sanitize(text))
    };
    if let Some(reason) = &finding.waived {
        line("because:", reason)?;
    }
    if let Some(Witness { instance, reason, .. }) = &finding.witness {
        line("witness:", &instance.to_string())?;
        line("reason: ", reason)?;
    }
    if finding.before.is_some() || finding.after.is_some() {
        let shown = |value: &Option<Value>| {
            value.as_ref().map_or("(nothing)".to_owned(), ToString::to_string)
        };
        line("change: ", &format!("{} -> {}", shown(&finding.before), shown(&finding.after)))?;
    }
    if let Some(suggestion) = &finding.suggestion {
        line("try:    ", suggestion)?;
    }
    if !finding.affected.is_empty() {
        line("affects:", &finding.affected.join(", "))?;
    }
    if let Some(place) = &finding.location {
        line("at:     ", &format!("{}:{} ({})", place.file, place.line, finding.fingerprint))?;
    }
    Ok(())
}

fn write_difference(
    difference: &SchemaDifference,
    out: &mut dyn Write,
    style: &Style,
) -> io::Result<()> {
    let name = |version: &str, side: &str| format!("{}@{version} ({side})", difference.topic);
    Difference {
        old_name: &name(&difference.from_version, "old"),
        old: &difference.old,
        new_name: &name(&difference.to_version, "new"),
        new: &difference.new,
    }
    .write(out, style)
}

fn write_versions(out: &mut dyn Write, title: &str, names: &[String]) -> io::Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    let shown: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    writeln!(out, "{title}: {}{more}", sanitize(&shown.join(", ")))
}

fn write_summary(report: &SchemaDiff, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let sides = format!("{} -> {}", report.from, report.to);
    let topics = counted(report.topics, "topic");
    let is_same = report.changes.is_empty() && report.added.is_empty() && report.removed.is_empty();
    if is_same && report.failures.is_empty() && report.problems.is_empty() {
        let text = format!(
            "{sides}: nothing changed in {topics}, {}",
            counted(report.unchanged, "version")
        );
        return writeln!(out, "{}", sanitize(&text));
    }
    let verdict = if report.compatible {
        style.good.apply_to("compatible")
    } else {
        style.bad.apply_to("not compatible")
    };
    let summary = &report.summary;
    let waived = match summary.waived {
        0 => String::new(),
        count => format!(", {count} waived"),
    };
    let text = format!(
        "{} breaking, {} undecided, {}, {} info{waived} in {topics} ({sides}, {} unchanged)",
        summary.breaking,
        summary.undecided,
        counted(summary.warning, "warning"),
        summary.info,
        counted(report.unchanged, "version"),
    );
    writeln!(out, "{verdict}: {}", sanitize(&text))
}
