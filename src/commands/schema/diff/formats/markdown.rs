//! Markdown for a comment on a pull request.
//!
//! Texts may come from anybody's schema: markup, links, mentions and references in them are shown,
//! never followed. Source: GitHub Flavored Markdown; GitHub and GitLab look for mentions and
//! references in the text that is left after Markdown, which is why these are broken up.

use std::io::{self, Write};

use serde_json::Value;

use super::facts;
use crate::commands::schema::diff::SchemaDiff;
use crate::schema::{Finding, Witness};
use crate::ui::{Style, push_whole, sanitize};

/// GitHub takes 65,536 characters in one comment; a little is left for what a workflow adds.
const MAX_CHARACTERS: usize = 64_000;
/// Room for the line that says what is not shown, and for the sections after the findings.
const RESERVED: usize = 6_000;
/// Characters of one witness.
const MAX_WITNESS: usize = 4_000;
/// Characters of one text of a finding.
const MAX_TEXT: usize = 2_000;
/// Documents, waivers and problems that are named.
const MAX_NAMES: usize = 15;
/// Characters of one such name.
const MAX_NAME: usize = 120;

pub fn write(report: &SchemaDiff, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(render(report).as_bytes())
}

fn render(report: &SchemaDiff) -> String {
    let mut page = Page { text: heading(report), left_out: 0 };
    for (topic, findings) in facts::by_topic(report, |finding| finding.waived.is_none()) {
        page.section(&format!("#### {}", code(topic)), findings.into_iter().map(story));
    }
    let waived = report.changes.iter().filter(|finding| finding.waived.is_some());
    page.section("#### Waived", waived.map(waived_line));
    if page.left_out > 0 {
        page.text += &format!(
            "\n**{} more findings are not shown**: a comment has no room for them. \
             `celerysalt schema diff` prints them all.\n",
            page.left_out
        );
    }
    page.text + &endings(report)
}

/// Text that stays below the limit.
struct Page {
    text: String,
    left_out: usize,
}

impl Page {
    /// Adds the items that fit, and their title before the first.
    fn section(&mut self, title: &str, items: impl Iterator<Item = String>) {
        let mut title = format!("\n{title}\n\n");
        for item in items {
            let used = self.text.chars().count() + title.chars().count();
            if self.left_out > 0 || used + item.chars().count() > MAX_CHARACTERS - RESERVED {
                self.left_out += 1;
                continue;
            }
            self.text += &std::mem::take(&mut title);
            self.text += &item;
        }
    }
}

fn heading(report: &SchemaDiff) -> String {
    format!(
        "### Event schemas: {}\n\n{}, {}: {} → {}\n",
        facts::verdict(report),
        emphasised(&facts::counts(report)),
        facts::topics(report),
        code(&shortened(&report.from, MAX_NAME)),
        code(&shortened(&report.to, MAX_NAME))
    )
}

fn emphasised(text: &str) -> String {
    format!("**{text}**")
}

fn story(finding: &Finding) -> String {
    let mut text = line(finding, "");
    if !finding.affected.is_empty() {
        let names = shortened(&finding.affected.join(", "), MAX_TEXT);
        text += &format!("  - Affected: {}\n", prose(&names));
    }
    if let Some(suggestion) = &finding.suggestion {
        text += &format!("  - Try: {}\n", prose(&shortened(suggestion, MAX_TEXT)));
    }
    if let Some(witness) = &finding.witness {
        text += &proof(witness);
    }
    text + &format!("  - Fingerprint: {}\n", code(&finding.fingerprint))
}

/// The finding in one line; `topic` where the title above does not name it.
fn line(finding: &Finding, topic: &str) -> String {
    let path = match finding.path.as_str() {
        "" => String::new(),
        path => format!(" {}", code(&shortened(path, MAX_NAME))),
    };
    format!(
        "- **{}** {} {}{topic}{path} ({}): {}\n",
        facts::level_name(finding.level),
        finding.rule.code,
        finding.rule.name,
        prose(&facts::subject(finding)),
        prose(&shortened(&finding.message, MAX_TEXT))
    )
}

fn waived_line(finding: &Finding) -> String {
    let reason = finding.waived.as_deref().unwrap_or_default();
    let reason = prose(&shortened(reason, MAX_TEXT));
    let topic = format!(" {}", code(&finding.topic));
    format!("{}  - Waived: {reason}\n", line(finding, &topic))
}

/// The event that shows it, folded away.
fn proof(witness: &Witness) -> String {
    let json = pretty(&witness.instance);
    let shown = shortened(json.trim_end(), MAX_WITNESS);
    let fence = "`".repeat(longest_run(&shown).max(2) + 1);
    let kind = if shown.len() < json.trim_end().len() { "" } else { "json" };
    let mut text = format!(
        "  - <details><summary>An event that shows it</summary>\n\n    {}\n\n    {fence}{kind}\n",
        prose(&shortened(&witness.reason, MAX_TEXT))
    );
    for line in shown.lines() {
        text += &format!("    {line}\n");
    }
    text + &format!("    {fence}\n\n    </details>\n")
}

fn pretty(value: &Value) -> String {
    let mut text = String::new();
    push_whole(&mut text, &value.to_string(), &Style::new(false));
    text
}

/// What is not about one finding: documents that came and went, waivers, what could not be read.
fn endings(report: &SchemaDiff) -> String {
    let unread: Vec<String> = facts::unread(report)
        .into_iter()
        .map(|unread| match unread.place {
            Some((file, line)) => format!("{file}:{line}: {}", unread.text),
            None => unread.text,
        })
        .collect();
    [
        ("Added", &report.added),
        ("Removed", &report.removed),
        ("Waivers that match nothing", &report.waivers.unused),
        ("Waivers that have expired", &report.waivers.expired),
        ("Could not be read", &unread),
    ]
    .into_iter()
    .filter(|(_, names)| !names.is_empty())
    .map(|(title, names)| format!("\n{title}: {}\n", listed(names)))
    .collect()
}

fn listed(names: &[String]) -> String {
    let shown: Vec<String> =
        names.iter().take(MAX_NAMES).map(|name| code(&shortened(name, MAX_NAME))).collect();
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A code span: nothing in it is markup, and nobody is mentioned.
fn code(text: &str) -> String {
    let text = sanitize(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    // Spaces keep backticks off the fence; without them an empty span would be none.
    if text.is_empty() || text.starts_with('`') || text.ends_with('`') {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

/// A sentence of ours that may hold other people's words. What it has between backticks is code;
/// with an odd backtick none of them means anything.
fn prose(text: &str) -> String {
    let text = sanitize(text);
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return plain(&text);
    }
    let is_code = |index: usize| index % 2 == 1;
    let shown = parts.iter().enumerate().map(|(index, part)| match part.trim() {
        "" if is_code(index) => plain(&format!("`{part}`")),
        _ if is_code(index) => code(part),
        _ => plain(part),
    });
    shown.collect()
}

fn plain(text: &str) -> String {
    const BREAK: &str = "&#8203;";
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let joins = rest.peek().is_some_and(|next| !next.is_whitespace());
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '#' | '$' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
        let starts_reference = matches!(c, '@' | '#' | '!' | '~' | '%' | '$' | ':');
        if joins && (starts_reference || escaped.ends_with("www")) {
            escaped.push_str(BREAK);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample::{empty, finding, hostile, sample, written};
    use super::*;

    #[test]
    fn a_comment_tells_the_verdict_and_each_finding_with_its_proof() {
        insta::assert_snapshot!(written(write, &sample()));
    }

    #[test]
    fn a_comment_on_a_harmless_change_is_short() {
        insta::assert_snapshot!(written(write, &empty()), @r"
        ### Event schemas: no event schema breaks

        **no findings**, 12 topics compared: `file:schemas` → `python:shop.events`
        ");
    }

    #[test]
    fn other_peoples_words_are_shown_and_not_obeyed() {
        let table = [
            ("old handlers reject `qty: 0`", "old handlers reject `qty: 0`"),
            ("an odd ` *one*", r"an odd \` \*one\*"),
            ("<img src=x> & @team", "&lt;img src=x&gt; &amp; @&#8203;team"),
            ("fixes #12, see https://x.y", r"fixes \#&#8203;12, see https:&#8203;//x.y"),
            ("| a | [b](c) ![d](e)\n# f", r"\| a \| \[b\](c) \!&#8203;\[d\](e)\\n\# f"),
            ("``", r"\`\`"),
        ];
        for (text, expected) in table {
            assert_eq!(prose(text), expected, "{text}");
        }
        assert_eq!(code("a``b`"), "``` a``b` ```");
        assert_eq!(code("a\nb"), r"`a\nb`");
    }

    #[test]
    fn a_long_comment_is_cut_and_says_so() {
        let mut report = sample();
        report.changes = (0..2_000).map(|index| finding(&format!("topic.n{index:04}"))).collect();
        let text = written(write, &report);
        assert!(text.chars().count() <= 65_536, "{}", text.chars().count());
        let shown = text.matches("- **breaking**").count();
        assert!(shown > 100);
        assert!(text.contains(&format!("**{} more findings are not shown**", 2_000 - shown)));
        let mut report = hostile(&"é`@<x>\u{1b}".repeat(40_000));
        report.added = vec!["a".repeat(9_000); 9_000];
        report.waivers.unused = report.added.clone();
        report.waivers.expired = report.added.clone();
        assert!(written(write, &report).chars().count() <= 65_536);
    }

    proptest! {
        #[test]
        fn no_text_adds_a_line_or_a_tag(text in "(?s).{0,30}|[`<>|#@\\[\\]()\n\r*_-]{0,9}") {
            let page = written(write, &hostile(&text));
            let reference = written(write, &hostile("x"));
            let outside: Vec<&str> = page.lines().filter(|line| !line.starts_with("    ")).collect();
            prop_assert_eq!(outside.len(), reference.lines().filter(|line| !line.starts_with("    ")).count());
            prop_assert_eq!(page.matches("</details>").count() >= 1, true);
            for line in outside {
                // Outside of code spans there is no tag but ours, and nobody is mentioned.
                let bare = without_code(line).replace("<details><summary>", "").replace("</summary>", "");
                prop_assert!(!bare.contains('<'), "{}", line);
                let mentions = bare.match_indices('@').filter(|(at, _)| {
                    bare[at + 1..].starts_with(|c: char| c.is_alphanumeric())
                });
                prop_assert_eq!(mentions.count(), 0, "{}", line);
            }
        }
    }

    /// A line of Markdown without its code spans, as CommonMark finds them.
    fn without_code(line: &str) -> String {
        let mut left = String::new();
        let mut rest = line;
        while let Some(at) = rest.find(['`', '\\']) {
            left += &rest[..at];
            if rest[at..].starts_with('\\') {
                left.push('\\');
                let skipped = rest[at + 1..].chars().next().map_or(0, char::len_utf8);
                rest = &rest[at + 1 + skipped..];
                continue;
            }
            let run = rest[at..].len() - rest[at..].trim_start_matches('`').len();
            let after = &rest[at + run..];
            let mut closing = None;
            let mut from = 0;
            while let Some(next) = after[from..].find('`') {
                let start = from + next;
                let length = after[start..].len() - after[start..].trim_start_matches('`').len();
                if length == run {
                    closing = Some(start + length);
                    break;
                }
                from = start + length;
            }
            match closing {
                Some(end) => rest = &after[end..],
                None => rest = after,
            }
        }
        left + rest
    }
}
