//! Workflow commands: annotations at the file and line of a schema.
//!
//! Source: "Workflow commands for GitHub Actions" and `@actions/core`, which escapes `%`, CR and LF
//! in messages, and `:` and `,` too in properties.

use std::io::{self, Write};

use super::facts;
use crate::commands::schema::diff::SchemaDiff;
use crate::schema::{Finding, FindingLevel};
use crate::ui::sanitize;

/// One line a finding, the worst first because GitHub shows ten of a kind only; waived findings are
/// in the count at the end alone.
pub fn write(report: &SchemaDiff, out: &mut dyn Write) -> io::Result<()> {
    for unread in facts::unread(report) {
        let command = Command {
            name: "error",
            place: unread.place.map(|(file, line)| (report.in_repository(file), line)),
            title: "cannot be read".to_owned(),
            lines: vec![unread.text],
        };
        command.write(out)?;
    }
    let mut findings: Vec<&Finding> =
        report.changes.iter().filter(|finding| finding.waived.is_none()).collect();
    findings.sort_by_key(|finding| finding.level);
    findings.into_iter().try_for_each(|finding| Command::of(report, finding).write(out))?;
    for (waivers, state) in
        [(&report.waivers.unused, "unused"), (&report.waivers.expired, "expired")]
    {
        for waiver in waivers {
            let title = format!("{state} waiver");
            let lines = vec![waiver.clone()];
            Command { name: "warning", place: None, title, lines }.write(out)?;
        }
    }
    let summary = format!(
        "celerysalt: {} ({}; {})",
        facts::verdict(report),
        facts::counts(report),
        facts::topics(report)
    );
    writeln!(out, "{summary}")
}

struct Command {
    name: &'static str,
    place: Option<(String, usize)>,
    title: String,
    lines: Vec<String>,
}

impl Command {
    fn of(report: &SchemaDiff, finding: &Finding) -> Self {
        let path = if finding.path.is_empty() { "" } else { " " };
        let title = format!("{} {}{path}{}", finding.rule.code, finding.topic, finding.path);
        let mut lines = vec![format!("{}: {}", facts::subject(finding), finding.message)];
        if let Some(witness) = &finding.witness {
            lines.push(format!("for example {}", witness.instance));
        }
        if !finding.affected.is_empty() {
            lines.push(format!("affected: {}", finding.affected.join(", ")));
        }
        lines.extend(finding.suggestion.iter().map(|text| format!("try: {text}")));
        lines.push(format!("fingerprint: {}", finding.fingerprint));
        Self {
            name: match finding.level {
                FindingLevel::Breaking => "error",
                FindingLevel::Undecided | FindingLevel::Warning => "warning",
                FindingLevel::Info => "notice",
            },
            place: finding
                .location
                .as_ref()
                .map(|place| (report.in_repository(&place.file), place.line)),
            title,
            lines,
        }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let lines: Vec<_> = self.lines.iter().map(|line| sanitize(line)).collect();
        let message = escape(&lines.join("\n"));
        let title = property(&self.title);
        match &self.place {
            Some((file, line)) => {
                let file = property(file);
                writeln!(out, "::{} file={file},line={line},title={title}::{message}", self.name)
            }
            None => writeln!(out, "::{} title={title}::{message}", self.name),
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    escape(&sanitize(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample::{hostile, sample, written};
    use super::*;

    #[test]
    fn each_finding_is_an_annotation_and_the_last_line_counts() {
        insta::assert_snapshot!(written(write, &sample()));
    }

    proptest! {
        #[test]
        fn a_text_never_leaves_its_command(text in "(?s).{0,30}|[:,%\r\n]{0,9}") {
            let report = hostile(&text);
            let shown = written(write, &report);
            let lines: Vec<&str> = shown.lines().collect();
            // A failure, two findings, two waivers and the summary.
            prop_assert_eq!(lines.len(), 6, "{}", shown);
            for line in &lines[..5] {
                prop_assert!(["::error ", "::warning "].iter().any(|name| line.starts_with(name)));
                let properties = line[2..].split_once("::").unwrap().0;
                prop_assert!(properties.matches(',').count() <= 2, "{}", line);
                prop_assert!(!properties.contains(':'));
            }
            prop_assert!(lines[5].starts_with("celerysalt: "));
            prop_assert!(!shown.contains('\r'));
        }
    }
}
