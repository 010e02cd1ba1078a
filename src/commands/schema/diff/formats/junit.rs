//! JUnit XML, as GitLab, Jenkins and most other CI servers read it: a suite for each topic, a case
//! for each finding.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::facts;
use crate::commands::schema::diff::SchemaDiff;
use crate::schema::{Finding, FindingLevel};
use crate::ui::sanitize;

/// A case fails when the command ends with an error because of its finding, and is skipped when it
/// is waived. Everything else passes.
pub fn write(report: &SchemaDiff, out: &mut dyn Write) -> io::Result<()> {
    let suites: Vec<Suite> = facts::by_topic(report, |_| true)
        .into_iter()
        .map(|(topic, findings)| Suite::of_topic(report, topic, &findings))
        .chain(Suite::of_quiet_topics(report))
        .chain(Suite::of_unread(report))
        .collect();
    let total = |count: fn(&Suite) -> usize| suites.iter().map(count).sum::<usize>();
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuites name="celerysalt schema diff" tests="{}" failures="{}" errors="{}" skipped="{}">"#,
        total(|suite| suite.cases),
        total(|suite| suite.failures),
        total(|suite| suite.errors),
        total(|suite| suite.skipped)
    )?;
    suites.iter().try_for_each(|suite| suite.write(out))?;
    writeln!(out, "</testsuites>")
}

#[derive(Default)]
struct Suite {
    name: String,
    cases: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
    body: String,
}

impl Suite {
    fn of_topic(report: &SchemaDiff, topic: &str, findings: &[&Finding]) -> Self {
        let mut suite = Self { name: topic.to_owned(), ..Self::default() };
        for finding in findings {
            let content = content(report, finding);
            match content {
                Content::Failure(_) => suite.failures += 1,
                Content::Skipped(_) => suite.skipped += 1,
                Content::Passed(_) => {}
            }
            let (file, line) = finding
                .location
                .as_ref()
                .map(|place| (report.in_repository(&place.file), place.line))
                .unzip();
            suite.case((&case_name(finding), file.as_deref(), line), &content.xml());
        }
        suite
    }

    /// The topics that were added or removed and have no finding; where there are none of these
    /// either, one case says that everything was compared.
    fn of_quiet_topics(report: &SchemaDiff) -> Option<Self> {
        let mut suite = Self { name: "schema diff".to_owned(), ..Self::default() };
        let has_finding = |name: &str| {
            report.changes.iter().any(|finding| {
                name.rsplit_once('@').is_some_and(|(topic, _)| topic == finding.topic)
            })
        };
        for (names, what) in [(&report.added, "added"), (&report.removed, "removed")] {
            for name in names.iter().filter(|name| !has_finding(name)) {
                suite.case((&format!("{name} is {what}"), None, None), "");
            }
        }
        if report.changes.is_empty() && suite.cases == 0 {
            suite.case((&facts::topics(report), None, None), "");
        }
        (suite.cases > 0).then_some(suite)
    }

    fn of_unread(report: &SchemaDiff) -> Option<Self> {
        let mut suite = Self { name: "reading schemas".to_owned(), ..Self::default() };
        for unread in facts::unread(report) {
            let place = unread.place.map(|(file, line)| (report.in_repository(file), line));
            let (file, line) = place.unzip();
            let text = attribute(&unread.text);
            suite.errors += 1;
            suite.case(
                (&unread.text, file.as_deref(), line),
                &format!("<error type=\"unreadable\" message=\"{text}\"/>"),
            );
        }
        (suite.errors > 0).then_some(suite)
    }

    fn case(&mut self, (name, file, line): (&str, Option<&str>, Option<usize>), content: &str) {
        self.cases += 1;
        let class = attribute(&self.name);
        // Writing to a String cannot fail.
        let _ = write!(
            self.body,
            "    <testcase classname=\"{class}\" name=\"{}\" time=\"0\"",
            attribute(name)
        );
        if let (Some(file), Some(line)) = (file, line) {
            let _ = write!(self.body, " file=\"{}\" line=\"{line}\"", attribute(file));
        }
        self.body += &match content {
            "" => "/>\n".to_owned(),
            content => format!(">\n      {content}\n    </testcase>\n"),
        };
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            r#"  <testsuite name="{}" tests="{}" failures="{}" errors="{}" skipped="{}" time="0">"#,
            attribute(&self.name),
            self.cases,
            self.failures,
            self.errors,
            self.skipped
        )?;
        writeln!(out, "{}  </testsuite>", self.body)
    }
}

/// What stands in a case.
enum Content {
    Failure(String),
    Skipped(String),
    Passed(String),
}

impl Content {
    fn xml(self) -> String {
        match self {
            Self::Failure(xml) | Self::Skipped(xml) | Self::Passed(xml) => xml,
        }
    }
}

fn content(report: &SchemaDiff, finding: &Finding) -> Content {
    let message = attribute(&finding.message);
    let story = text(&story(finding));
    if let Some(reason) = &finding.waived {
        let reason = attribute(reason);
        return Content::Skipped(format!("<skipped message=\"waived: {reason}\"/>"));
    }
    if facts::is_refused(report, finding) {
        let code = finding.rule.code;
        return Content::Failure(format!(
            "<failure type=\"{code}\" message=\"{message}\">{story}</failure>"
        ));
    }
    Content::Passed(format!("<system-out>{story}</system-out>"))
}

fn case_name(finding: &Finding) -> String {
    let rule = finding.rule;
    let words = [rule.code, rule.name, &finding.path, &facts::subject(finding)].map(str::to_owned);
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn story(finding: &Finding) -> String {
    let level = match finding.level {
        FindingLevel::Breaking
        | FindingLevel::Undecided
        | FindingLevel::Warning
        | FindingLevel::Info => facts::level_name(finding.level),
    };
    let mut lines = vec![format!("{level}: {}", sanitize(&finding.message))];
    if let Some(witness) = &finding.witness {
        lines.push(format!("witness: {}", sanitize(&witness.instance.to_string())));
        lines.push(format!("reason: {}", sanitize(&witness.reason)));
    }
    if !finding.affected.is_empty() {
        lines.push(format!("affected: {}", sanitize(&finding.affected.join(", "))));
    }
    lines.extend(finding.suggestion.iter().map(|text| format!("try: {}", sanitize(text))));
    lines.push(format!("fingerprint: {}", finding.fingerprint));
    lines.join("\n")
}

fn attribute(value: &str) -> String {
    text(&sanitize(value))
}

/// Text that XML 1.0 allows, with its markup escaped. Lines stay lines.
fn text(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample::{empty, hostile, sample, written};
    use super::*;

    #[test]
    fn topics_are_suites_and_findings_are_cases() {
        insta::assert_snapshot!(written(write, &sample()));
    }

    #[test]
    fn a_comparison_without_findings_is_one_passed_case() {
        insta::assert_snapshot!(written(write, &empty()), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="celerysalt schema diff" tests="1" failures="0" errors="0" skipped="0">
          <testsuite name="schema diff" tests="1" failures="0" errors="0" skipped="0" time="0">
            <testcase classname="schema diff" name="12 topics compared" time="0"/>
          </testsuite>
        </testsuites>
        "#);
    }

    proptest! {
        #[test]
        fn any_text_gives_xml_with_the_same_elements(text in "(?s).{0,30}|[<>&'\"\\]\u{0}-\u{1f}]{0,9}") {
            let xml = written(write, &hostile(&text));
            let document = roxmltree::Document::parse(&xml).unwrap();
            let count = |name: &str| {
                document.descendants().filter(|node| node.has_tag_name(name)).count()
            };
            prop_assert_eq!(count("testcase"), 4);
            prop_assert_eq!(count("failure"), 1);
            prop_assert_eq!(count("error"), 1);
            let root = document.root_element();
            prop_assert_eq!(root.attribute("tests"), Some("4"));
        }
    }
}
