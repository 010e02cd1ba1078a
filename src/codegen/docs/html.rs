//! One HTML file that needs nothing else: styles and script inside, allowed by their hashes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::changes::{Changes, Outcome};
use super::fields::Field;
use super::page::{PartPage, Table, TopicPage, VersionPage};
use super::span::{Span, joined, plain};
use crate::codegen::target::{HEADER, Options};
use crate::codegen::text;
use crate::schema::{Mode, sha256_hex};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// `index.html`.
pub(super) fn page(pages: &[TopicPage<'_>], options: &Options) -> String {
    let title = format!("Events on {}", text::one_line(&options.exchange));
    let mut out = head(&title, options);
    out.push_str(&format!("<header>\n<h1>{}</h1>\n</header>\n", escaped(&title)));
    out.push_str(&navigation(pages));
    out.push_str("<main id=\"topics\">\n");
    for page in pages {
        write_topic(page, &mut out);
    }
    out.push_str(&format!("</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"));
    out
}

/// Everything up to the body's first element. Nothing is loaded, and nothing but our own script
/// runs, even if text should find its way out of its place.
fn head(title: &str, options: &Options) -> String {
    let command = text::one_line(&options.update_command).replace('>', "&gt;");
    format!(
        "<!doctype html>\n<!-- {HEADER} -->\n<!-- update: {command} -->\n<html lang=\"en\">\n<head>\n\
         <meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#topics\">Skip to the topics</a>\n",
        policy_hash(STYLE),
        policy_hash(SCRIPT),
        escaped(title),
    )
}

/// The hash of inline text as a content security policy names it.
fn policy_hash(text: &str) -> String {
    let digits = sha256_hex(text);
    let bytes: Vec<u8> = digits
        .as_bytes()
        .chunks(2)
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    format!("sha256-{}", STANDARD.encode(bytes))
}

/// Text for element content and for attributes in double quotes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

fn navigation(pages: &[TopicPage<'_>]) -> String {
    let mut out = format!(
        "<nav aria-label=\"Topics\">\n<p id=\"search\" hidden><label for=\"filter\">Filter</label>\n\
         <input id=\"filter\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\" \
         placeholder=\"topic, field, owner\" aria-describedby=\"count\"></p>\n\
         <p id=\"count\" role=\"status\">{} topics</p>\n<ul>\n",
        pages.len()
    );
    for page in pages {
        let is_rpc = page.versions.first().is_some_and(|it| it.document.mode == Mode::Rpc);
        let badge = if is_rpc { " <span class=\"badge\">rpc</span>" } else { "" };
        out.push_str(&format!(
            "<li data-for=\"{0}\"><a href=\"#{0}\">{1}</a>{badge}</li>\n",
            page.anchor,
            escaped(&text::one_line(page.topic)),
        ));
    }
    out.push_str("</ul>\n</nav>\n");
    out
}

fn write_topic(page: &TopicPage<'_>, out: &mut String) {
    let topic = escaped(&text::one_line(page.topic));
    let words = escaped(&search_words(page));
    out.push_str(&format!(
        "<section id=\"{0}\" data-words=\"{words}\" aria-labelledby=\"{0}-name\">\n\
         <h2 id=\"{0}-name\"><a href=\"#{0}\">{topic}</a></h2>\n",
        page.anchor
    ));
    write_parties(page, out);
    for (index, version) in page.versions.iter().enumerate() {
        write_version(version, if index == 0 { " open" } else { "" }, out);
    }
    out.push_str("</section>\n");
}

fn write_parties(page: &TopicPage<'_>, out: &mut String) {
    out.push_str("<h3>Publishers and subscribers</h3>\n");
    for party in &page.parties {
        if party.rows.is_empty() {
            out.push_str(&format!("<p>{}</p>\n", party.nobody));
            continue;
        }
        let heads: Vec<String> =
            party.columns.iter().map(|name| format!("<th scope=\"col\">{name}</th>")).collect();
        out.push_str(&format!(
            "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{}s of {}\"><table>\n\
             <thead><tr>{}</tr></thead>\n<tbody>\n",
            party.columns[0],
            escaped(&text::one_line(page.topic)),
            heads.concat(),
        ));
        for row in &party.rows {
            let cells: Vec<String> =
                row.iter().map(|cell| format!("<td>{}</td>", spans(cell))).collect();
            out.push_str(&format!("<tr>{}</tr>\n", cells.concat()));
        }
        out.push_str("</tbody>\n</table></div>\n");
    }
}

/// What the filter looks in, in lower case.
fn search_words(page: &TopicPage<'_>) -> String {
    let mut words = vec![page.topic.to_owned()];
    for version in &page.versions {
        words.extend(version.document.owner.clone());
        words.extend(version.description.iter().cloned());
        let tables = version.parts.iter().flat_map(|part| &part.tables);
        words.extend(tables.flat_map(|table| &table.fields).map(|field| field.path.clone()));
    }
    // The last column is about versions, which nobody looks for.
    let rows = page.parties.iter().flat_map(|party| &party.rows);
    let names = rows.filter_map(|row| row.split_last()).flat_map(|(_, names)| names);
    words.extend(names.map(|cell| plain(cell)));
    words.sort_unstable();
    words.dedup();
    text::one_line(&words.join(" ")).to_lowercase()
}

fn write_version(version: &VersionPage<'_>, open: &str, out: &mut String) {
    let document = version.document;
    let mut badges = format!("<span class=\"badge\">{}</span>", document.mode);
    if version.deprecation.is_some() {
        badges.push_str(" <span class=\"badge warning\">deprecated</span>");
    }
    out.push_str(&format!(
        "<details id=\"{}\"{open}>\n<summary><h3>{}</h3> {badges}</summary>\n",
        version.anchor, document.version
    ));
    if let Some(reason) = version.deprecation.as_ref().filter(|reason| !reason.is_empty()) {
        out.push_str(&format!("<p class=\"warning\">Deprecated: {}</p>\n", escaped(reason)));
    }
    out.push_str(&paragraph(&version.description));
    out.push_str("<dl>\n");
    for (name, value) in &version.facts {
        out.push_str(&format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escaped(name), spans(value)));
    }
    out.push_str("</dl>\n");
    for part in &version.parts {
        write_part(part, out);
    }
    if let Some(changes) = &version.changes {
        write_changes(changes, out);
    }
    out.push_str("</details>\n");
}

fn write_part(part: &PartPage, out: &mut String) {
    out.push_str(&format!("<h4>{}</h4>\n", part.title));
    for (index, table) in part.tables.iter().enumerate() {
        if index > 0 {
            let name = escaped(&table.name);
            out.push_str(&format!("<h5 id=\"{}\"><code>{name}</code></h5>\n", table.anchor));
        }
        write_table(table, out);
        if let Some(example) = part.example.as_ref().filter(|_| index == 0) {
            let lines: Vec<String> = example.lines().map(text::shown).collect();
            let example = escaped(&lines.join("\n"));
            out.push_str(&format!(
                "<figure><figcaption>Example</figcaption>\n<pre tabindex=\"0\">{example}</pre>\n</figure>\n"
            ));
        }
    }
}

fn write_table(table: &Table, out: &mut String) {
    out.push_str(&paragraph(&table.description));
    if table.fields.is_empty() {
        let constraints = spans(&joined(table.constraints.clone(), ", "));
        let constraints =
            if constraints.is_empty() { String::new() } else { format!(" ({constraints})") };
        out.push_str(&format!("<p>Type: {}{constraints}</p>\n", spans(&table.ty)));
        return;
    }
    let (names, lines) = table.columns(cells);
    let names: Vec<String> =
        names.into_iter().map(|name| format!("<th scope=\"col\">{name}</th>")).collect();
    out.push_str(&format!(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Fields of {}\"><table>\n\
         <thead><tr>{}</tr></thead>\n<tbody>\n",
        escaped(&table.name),
        names.concat(),
    ));
    for line in lines {
        let (first, rest) = (&line[0], &line[1..]);
        let rest: Vec<String> = rest.iter().map(|cell| format!("<td>{cell}</td>")).collect();
        out.push_str(&format!("<tr><th scope=\"row\">{first}</th>{}</tr>\n", rest.concat()));
    }
    out.push_str("</tbody>\n</table></div>\n");
}

fn cells(field: &Field) -> [String; 5] {
    let described: Vec<String> = field.description.iter().map(|line| escaped(line)).collect();
    [
        format!("<code>{}</code>", escaped(&field.path)),
        spans(&field.ty),
        spans(&field.presence),
        spans(&joined(field.constraints.clone(), ", ")),
        described.join("<br>"),
    ]
}

fn write_changes(changes: &Changes, out: &mut String) {
    out.push_str(&format!("<h4>Changes since {}</h4>\n<ul>\n", escaped(&changes.from)));
    if changes.fields.is_empty() {
        out.push_str("<li>No field changed.</li>\n");
    }
    for line in &changes.fields {
        out.push_str(&format!("<li>{}</li>\n", spans(line)));
    }
    out.push_str("</ul>\n<ul class=\"verdicts\">\n");
    for (outcome, sentence) in &changes.verdicts {
        let word = match outcome {
            Outcome::Compatible => "compatible",
            Outcome::Breaking => "breaking",
            Outcome::Undecided => "undecided",
        };
        let sentence = spans(sentence);
        out.push_str(&format!("<li><span class=\"badge {word}\">{word}</span> {sentence}</li>\n"));
    }
    out.push_str("</ul>\n");
}

fn paragraph(lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = lines.iter().map(|line| escaped(line)).collect();
    format!("<p>{}</p>\n", lines.join("<br>"))
}

fn spans(spans: &[Span]) -> String {
    spans
        .iter()
        .map(|span| match span {
            Span::Text(text) => escaped(text),
            Span::Code(text) => format!("<code>{}</code>", escaped(text)),
            Span::Link { name, anchor } => format!("<a href=\"#{anchor}\">{}</a>", escaped(name)),
        })
        .collect()
}
