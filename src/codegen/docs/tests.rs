use proptest::prelude::*;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use serde_json::json;

use super::*;
use crate::codegen::corpus::{self, document};
use crate::schema::{Deprecation, Publisher};

fn options() -> Options {
    Options::new("celerysalt generate docs --out docs/events")
}

fn text_of(output: &Output, path: &str) -> String {
    let file = output.files.iter().find(|file| file.path == path);
    file.unwrap_or_else(|| panic!("no {path}")).text.clone()
}

/// Which of many events stands as an example is the compatibility engine's business.
fn without_witnesses(text: &str) -> String {
    let line = |line: &str| match line.split_once(", for example ") {
        Some((sentence, _)) => format!("{sentence}, for example …"),
        None => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_index_and_a_page_are_written_like_this() {
    let output = files(&corpus::events(), &options());
    let chosen = ["README.md", "topics/order.created.md", "topics/rpc.price.quote.md"];
    let shown: Vec<String> =
        chosen.iter().map(|path| format!("=== {path}\n{}", text_of(&output, path))).collect();
    insta::assert_snapshot!(without_witnesses(&shown.join("\n")));
}

#[test]
fn the_html_page_is_written_like_this() {
    let wanted = ["order.created", "awkward.names"];
    let chosen: Vec<SchemaDocument> = corpus::events()
        .into_iter()
        .filter(|document| wanted.contains(&document.topic.as_str()))
        .collect();
    let page = text_of(&files(&chosen, &options()), "index.html");
    let body = &page[page.find("<body>").unwrap()..page.find("<script>").unwrap()];
    insta::assert_snapshot!(without_witnesses(body));
}

#[test]
fn a_break_is_shown_with_an_event() {
    let text = text_of(&files(&corpus::events(), &options()), "topics/order.created.md");
    let breaks: Vec<&str> =
        text.lines().filter(|line| line.starts_with("- **breaking**")).collect();
    assert_eq!(breaks.len(), 2, "{text}");
    assert!(breaks[0].contains(", for example `{\"order_id\":"), "{}", breaks[0]);
}

#[test]
fn the_order_of_the_documents_does_not_matter() {
    let mut documents = corpus::events();
    let forward = files(&documents, &options());
    documents.reverse();
    assert_eq!(files(&documents, &options()), forward);
}

/// Two versions with `text` wherever people can write something.
fn written_by(text: &str) -> Vec<SchemaDocument> {
    let text = format!("{text}.");
    let schema = json!({
        "description": text,
        "type": "object",
        "properties": {
            "a": {"type": "string", "description": text, "pattern": text, "default": text},
            "b": {"$ref": "#/$defs/B"},
            "c": {"enum": [text, "other"], "format": text},
        },
        "$defs": {"B": {"type": "object", "description": text, "properties": {"x": {"const": text}}}},
    });
    let mut old = document("a", &json!({"type": "object"}));
    old.description = "old".to_owned();
    let mut new = document("a", &schema);
    new.version = "v2".parse().unwrap();
    new.description = format!("d{text}");
    new.owner = Some(format!("o{text}"));
    new.deprecated = Some(Deprecation { reason: Some(format!("r{text}")) });
    new.annotations.insert(format!("n{text}"), json!({"k": &text}));
    new.annotations.insert("subscribers".to_owned(), json!([format!("{text}@latest")]));
    let (service, class) = (Some(text.clone()), Some(text));
    new.publisher = Some(Publisher { service, class, ..Publisher::default() });
    vec![old, new]
}

/// The markup of a Markdown text without its words and line breaks.
fn markdown_markup(text: &str) -> Vec<String> {
    let parser = Parser::new_ext(text, pulldown_cmark::Options::all());
    let shown = parser.filter_map(|event| match event {
        Event::Text(_) | Event::SoftBreak | Event::HardBreak => None,
        Event::Code(_) => Some("code".to_owned()),
        Event::InlineHtml(html) if matches!(&*html, "<code>" | "<br>") => Some("code".to_owned()),
        Event::InlineHtml(html) if &*html == "</code>" => None,
        Event::Start(Tag::Paragraph | Tag::CodeBlock(_)) => None,
        Event::End(TagEnd::Paragraph | TagEnd::CodeBlock) => None,
        other => Some(format!("{other:?}")),
    });
    shown.filter(|event| event != "code").collect()
}

/// The tags of an HTML text without what attributes say; quotes are never left open.
fn html_markup(text: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let mut tag = String::new();
        let mut is_quoted = false;
        let mut length = 0;
        for c in rest[start..].chars() {
            length += c.len_utf8();
            match c {
                '"' => is_quoted = !is_quoted,
                '>' if !is_quoted => break,
                c if !is_quoted => tag.push(c),
                _ => {}
            }
        }
        tags.push(tag);
        rest = &rest[start + length..];
    }
    tags.retain(|tag| tag != "<br");
    tags
}

fn words() -> impl Strategy<Value = String> {
    let markup = prop::sample::select(vec![
        "<script>alert(1)</script>",
        "</pre></details>",
        "<!--",
        "-->",
        "\"",
        "'",
        "&lt;",
        "|",
        "\\",
        "\\|",
        "`",
        "```",
        "\n",
        "\n\n",
        "\r",
        "# ",
        "- ",
        "1. ",
        "> ",
        "    ",
        "\t",
        "---",
        "===",
        "[a](b)",
        "![a](b)",
        "<http://x>",
        "http://x",
        "*a*",
        "__a__",
        "~~a~~",
        "$a$",
        "{#id}",
        "[^1]",
        "[ ] ",
        "\u{202e}",
        "\u{2028}",
        ":",
        "a",
        "|---|",
        "\n|a|\n|---|\n",
        "&",
        ";",
        "@",
        "^",
        "]:",
    ]);
    prop_oneof![
        any::<String>(),
        prop::collection::vec(markup, 1..8).prop_map(|parts| parts.concat()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_word_becomes_markup(text in words()) {
        let (hostile, harmless) =
            (files(&written_by(&text), &options()), files(&written_by("w"), &options()));
        for path in ["README.md", "topics/a.md"] {
            prop_assert_eq!(
                markdown_markup(&text_of(&hostile, path)),
                markdown_markup(&text_of(&harmless, path)),
                "{}", text_of(&hostile, path)
            );
        }
        let page = text_of(&hostile, "index.html");
        let (found, expected) = (html_markup(&page), html_markup(&text_of(&harmless, "index.html")));
        let is_example = |tag: &String| tag.contains("figure") || tag.contains("figcaption") || tag.contains("pre");
        let without = |tags: Vec<String>| -> Vec<String> { tags.into_iter().filter(|tag| !is_example(tag)).collect() };
        prop_assert_eq!(without(found), without(expected));
    }

    #[test]
    fn no_schema_breaks_the_pages(schema in corpus::any_schema()) {
        let mut new = document("a", &schema);
        new.version = "v2".parse().unwrap();
        let output = files(&[document("a", &json!({"type": "object"})), new], &options());
        prop_assert_eq!(output.files.len(), 3);
    }
}

#[test]
fn only_our_own_script_and_style_may_run() {
    let page = text_of(&files(&[], &options()), "index.html");
    let policy = page.lines().find(|line| line.contains("Content-Security-Policy")).unwrap();
    assert!(policy.contains("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(policy.contains("script-src 'sha256-"), "{policy}");
    assert!(!page.contains("src=") && !page.contains("href=\"http"), "nothing is loaded");
}
