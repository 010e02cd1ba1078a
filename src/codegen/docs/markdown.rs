//! Markdown: a list of the topics, and a page for each.

use super::changes::{Changes, Outcome};
use super::fields::Field;
use super::markdown_text::{code, escaped, paragraphs, spans};
use super::page::{PartPage, Table, TopicPage, VersionPage};
use super::parties::Parties;
use super::span::{Span, joined};
use crate::codegen::target::{HEADER, Options};
use crate::codegen::text;

/// `README.md`: every topic with its latest version.
pub(super) fn index(pages: &[TopicPage<'_>], options: &Options) -> String {
    let mut out = header(options);
    out.push_str(&format!("# Events on {}\n\n", code(&text::one_line(&options.exchange))));
    out.push_str(&format!("{} topics.\n", pages.len()));
    if !pages.is_empty() {
        out.push_str(
            "\n| Topic | Mode | Versions | Owner | Description |\n|---|---|---|---|---|\n",
        );
    }
    for page in pages {
        let Some(latest) = page.versions.first() else { continue };
        let names: Vec<String> = page
            .versions
            .iter()
            .map(|version| escaped(version.document.version.as_str()))
            .collect();
        let deprecated = if latest.deprecation.is_some() { " (deprecated)" } else { "" };
        out.push_str(&format!(
            "| [{}](topics/{}.md){deprecated} | {} | {} | {} | {} |\n",
            code(&text::one_line(page.topic)),
            page.stem,
            latest.document.mode,
            names.join(", "),
            escaped(&text::one_line(latest.document.owner.as_deref().unwrap_or_default())),
            escaped(latest.description.first().map(String::as_str).unwrap_or_default()),
        ));
    }
    out
}

/// Two comments that nothing inside can end.
fn header(options: &Options) -> String {
    let command = text::one_line(&options.update_command).replace('>', "&gt;");
    format!("<!-- {HEADER} -->\n<!-- update: {command} -->\n\n")
}

/// The page of one topic.
pub(super) fn topic(page: &TopicPage<'_>, options: &Options) -> String {
    let mut out = header(options);
    out.push_str(&format!(
        "# {}\n\n[All topics](../README.md)\n",
        code(&text::one_line(page.topic))
    ));
    write_parties(&page.parties, &mut out);
    for version in &page.versions {
        write_version(version, &mut out);
    }
    out
}

fn write_parties(parties: &[Parties], out: &mut String) {
    out.push_str("\n## Publishers and subscribers\n");
    for party in parties {
        if party.rows.is_empty() {
            out.push_str(&format!("\n{}\n", party.nobody));
            continue;
        }
        let columns = party.columns.len();
        out.push_str(&format!(
            "\n| {} |\n|{}\n",
            party.columns.join(" | "),
            "---|".repeat(columns)
        ));
        for row in &party.rows {
            let cells: Vec<String> = row.iter().map(|cell| spans(cell)).collect();
            out.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
    }
}

fn write_version(version: &VersionPage<'_>, out: &mut String) {
    out.push_str(&format!(
        "\n<a id=\"{}\"></a>\n\n## {}\n",
        version.anchor, version.document.version
    ));
    if let Some(reason) = &version.deprecation {
        let reason =
            if reason.is_empty() { String::new() } else { format!(": {}", escaped(reason)) };
        out.push_str(&format!("\n**Deprecated**{reason}\n"));
    }
    if !version.description.is_empty() {
        out.push_str(&format!("\n{}", paragraphs(&version.description)));
    }
    out.push_str(&format!("\n| | |\n|---|---|\n| Mode | {} |\n", version.document.mode));
    for (name, value) in &version.facts {
        out.push_str(&format!("| {} | {} |\n", escaped(name), spans(value)));
    }
    for part in &version.parts {
        write_part(part, out);
    }
    if let Some(changes) = &version.changes {
        write_changes(changes, out);
    }
}

fn write_part(part: &PartPage, out: &mut String) {
    out.push_str(&format!("\n### {}\n", part.title));
    for (index, table) in part.tables.iter().enumerate() {
        if index > 0 {
            let name = code(&table.name);
            out.push_str(&format!("\n<a id=\"{}\"></a>\n\n#### {name}\n", table.anchor));
        }
        write_table(table, out);
        if let Some(example) = part.example.as_ref().filter(|_| index == 0) {
            out.push_str(&format!("\nExample:\n\n{}", block(example)));
        }
    }
}

fn write_table(table: &Table, out: &mut String) {
    if !table.description.is_empty() {
        out.push_str(&format!("\n{}", paragraphs(&table.description)));
    }
    if table.fields.is_empty() {
        out.push_str(&format!("\nType: {}", spans(&table.ty)));
        if !table.constraints.is_empty() {
            out.push_str(&format!(" ({})", spans(&joined(table.constraints.clone(), ", "))));
        }
        out.push('\n');
        return;
    }
    let (names, lines) = table.columns(cells);
    out.push_str(&format!("\n| {} |\n|{}\n", names.join(" | "), "---|".repeat(names.len())));
    for line in lines {
        out.push_str(&format!("| {} |\n", line.join(" | ")));
    }
}

fn cells(field: &Field) -> [String; 5] {
    let described: Vec<String> = field.description.iter().map(|line| escaped(line)).collect();
    [
        code(&field.path),
        spans(&field.ty),
        spans(&field.presence),
        spans(&joined(field.constraints.clone(), ", ")),
        described.join("<br>"),
    ]
}

fn write_changes(changes: &Changes, out: &mut String) {
    out.push_str(&format!("\n### Changes since {}\n\n", escaped(&changes.from)));
    if changes.fields.is_empty() {
        out.push_str("- No field changed.\n");
    }
    for line in &changes.fields {
        out.push_str(&format!("- {}\n", item(line)));
    }
    out.push('\n');
    for (outcome, sentence) in &changes.verdicts {
        out.push_str(&format!("- **{}**: {}\n", word(*outcome), spans(sentence)));
    }
}

/// An item of a list must not begin with text that starts something else.
fn item(line: &[Span]) -> String {
    let line: Vec<Span> = line
        .iter()
        .filter(|span| !matches!(span, Span::Text(text) if text.is_empty()))
        .cloned()
        .collect();
    spans(&line)
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Compatible => "compatible",
        Outcome::Breaking => "breaking",
        Outcome::Undecided => "undecided",
    }
}

/// A block of code whose fence is longer than any inside.
fn block(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let shown: Vec<String> = text.lines().map(text::shown).collect();
    format!("{fence}json\n{}\n{fence}\n", shown.join("\n"))
}
